/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives leased addresses a new lifetime. Adds nothing, and gives no lifetime to an address that has
 * none; whether a renewal is due is decided elsewhere. */
#include "internal.h"
#include "vip-list.h"

#include <haops/vip.h>
#include <linux/if_addr.h>
#include <stdalign.h>
#include <stdio.h>

#define LIFETIME_MAX (UINT32_MAX / 2)

struct renewal {
	const struct haops_vip *vips;
	struct rtnl_addr *items; /* the entries to be renewed, with their new lifetimes */
	size_t *at;		 /* for each of them its place in vips */
	size_t count;
	bool *done; /* for each of vips */
	int failed; /* -errno of the first refusal, 0 for none */
	size_t failed_at;
	char text[RTNL_MSG_TEXT_MAX];
};

static bool is_wanted(const struct haops_vip *vip, const struct rtnl_addr *entry)
{
	return entry->valid_s != UINT32_MAX &&
	       (vip->ifindex == 0 || vip->ifindex == entry->ifindex);
}

/*
 * The kernel takes a change of an address that is not there for an addition, in both families. A
 * program that was stopped between its look and its change would so bring an address back that
 * another node has taken meanwhile. IFA_F_MCAUTOJOIN prevents it: when an address is added, and
 * only then, the kernel joins the multicast group of that name first, and fails, because a unicast
 * address is none. A change passes that by, so it is one step: renewed if there, nothing if not.
 */
static struct nlmsghdr *build_renewal(void *arg, size_t index, void *buf)
{
	const struct renewal *renewal = arg;
	struct rtnl_addr addr = renewal->items[index];

	/* What IPv6 would take for changed where it is not told again. */
	addr.flags &= IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
	addr.flags |= IFA_F_MCAUTOJOIN;
	return rtnl_msg_put_addr(buf, RTM_NEWADDR, NLM_F_REPLACE, &addr);
}

static int ack_renewal(void *arg, size_t index, int code, const char *text)
{
	struct renewal *renewal = arg;

	if (code == 0) {
		renewal->done[renewal->at[index]] = true;
	} else if (code != -EINVAL && code != -ENODEV && !renewal->failed) {
		/* EINVAL is how the kernel says that it would have had to be added. */
		renewal->failed = code;
		renewal->failed_at = renewal->at[index];
		(void)snprintf(renewal->text, sizeof(renewal->text), "%s", text);
	}
	return 0;
}

/* Moves what is to be renewed to the front of the list, with its new lifetimes. */
static void pick(const struct vip_keys *keys, struct vip_list *list, struct renewal *renewal)
{
	renewal->items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		struct rtnl_addr entry = list->items[i];
		size_t same = 0;
		const struct vip_key *key = vip_plan_find(keys, &entry.local, &same);

		for (size_t k = 0; key && k < same; k++) {
			const struct haops_vip *vip = &renewal->vips[key[k].at];

			if (!is_wanted(vip, &entry))
				continue;
			entry.valid_s = vip->valid_lft_s;
			/* Deprecated on purpose, never a source address: stays so. */
			if (entry.preferred_s > 0)
				entry.preferred_s = vip->valid_lft_s;
			renewal->at[renewal->count] = key[k].at;
			list->items[renewal->count++] = entry;
			break;
		}
	}
}

static int fail_renewal(struct rtnl *rtnl, const struct renewal *renewal)
{
	char text[HAOPS_ADDR_TEXT_MAX];

	(void)haops_addr_format(&renewal->vips[renewal->failed_at].addr, text);
	if (renewal->failed == -EPERM)
		return haops_fail(rtnl->ctx, EPERM, "cannot renew the lifetime of %s: run as root",
				  text);
	return haops_fail(rtnl->ctx, renewal->failed == -ENOMEM ? ENOMEM : EIO,
			  "cannot renew the lifetime of %s: %s%s%s", text,
			  strerror(-renewal->failed), renewal->text[0] ? ": " : "", renewal->text);
}

static int renew_all(struct rtnl *rtnl, const struct vip_keys *keys, struct vip_list *list,
		     struct renewal *renewal)
{
	struct rtnl_batch batch = {.build = build_renewal, .ack = ack_renewal, .arg = renewal};
	char text[HAOPS_ADDR_TEXT_MAX];
	int code;

	renewal->at = calloc(list->count + 1, sizeof(renewal->at[0]));
	if (!renewal->at)
		return haops_fail(rtnl->ctx, ENOMEM, "no memory for %zu addresses", list->count);
	pick(keys, list, renewal);
	batch.count = renewal->count;
	rtnl->what = "renew the lifetime of addresses";
	code = renewal->count ? rtnl_run(rtnl, &batch) : 0;
	if (code < 0)
		return code;
	if (renewal->failed)
		return fail_renewal(rtnl, renewal);
	for (size_t i = 0; i < keys->count; i++) {
		if (!renewal->done[i])
			return haops_fail(rtnl->ctx, ENOENT,
					  "%s is not there with a lifetime that could be renewed",
					  haops_addr_format(&renewal->vips[i].addr, text));
	}
	return 0;
}

static int check(struct haops_ctx *ctx, const struct haops_vip *vip)
{
	char text[HAOPS_ADDR_TEXT_MAX];

	(void)haops_addr_format(&vip->addr, text);
	if (vip->ifindex < 0)
		return haops_fail(ctx, EINVAL, "%d cannot be the interface of %s", vip->ifindex,
				  text);
	/* A group that could be joined would make the kernel add it. */
	if (!haops_addr_is_unicast(&vip->addr))
		return haops_fail(ctx, EINVAL, "%s cannot be an address of a host", text);
	if (vip->valid_lft_s < 1 || vip->valid_lft_s > LIFETIME_MAX)
		return haops_fail(ctx, EINVAL, "%s cannot get a lifetime of %u s", text,
				  vip->valid_lft_s);
	return 0;
}

int haops_vip_renew(struct haops_ctx *ctx, const struct haops_vip *vips, size_t count,
		    int64_t deadline_ms)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_KEYS struct vip_keys keys = {0};
	CLEANUP_LIST struct vip_list list = {0};
	CLEANUP_FREE bool *done = NULL;
	struct renewal renewal = {.vips = vips};
	int code;

	if (!ctx)
		return -EINVAL;
	code = vip_keys_make(ctx, vips ? &vips->addr : NULL, sizeof(vips[0]), count, &keys);
	for (size_t i = 0; code == 0 && i < count; i++)
		code = check(ctx, &vips[i]);
	if (code < 0)
		return code;
	done = calloc(count, sizeof(done[0]));
	if (!done)
		return haops_fail(ctx, ENOMEM, "no memory for %zu addresses", count);
	renewal.done = done;
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code == 0)
		code = vip_list_read(&rtnl, &keys, &list);
	if (code == 0)
		code = renew_all(&rtnl, &keys, &list, &renewal);
	free(renewal.at);
	return code;
}
