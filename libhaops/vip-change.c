/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adds and removes virtual addresses, in batches, and looks afterwards. Announces nothing and does
 * not wait for duplicate address detection. */
#include "internal.h"
#include "vip-list.h"

#include <fcntl.h>
#include <haops/vip.h>
#include <stdalign.h>
#include <stdio.h>

#define PROMOTE_ALL "/proc/sys/net/ipv4/conf/all/promote_secondaries"
/* Removals before what comes back each time is called an error. */
#define REMOVE_ROUNDS 2

/* The first failure of a batch, kept for the sentence. */
struct failure {
	int code;
	size_t at;
	char text[RTNL_MSG_TEXT_MAX];
};

static void keep_failure(struct failure *failure, size_t at, int code, const char *text)
{
	if (failure->code)
		return;
	failure->code = code;
	failure->at = at;
	(void)snprintf(failure->text, sizeof(failure->text), "%s", text);
}

struct setting {
	int ifindex;
	struct rtnl_link link;
	struct failure failure;
};

static int take_setting(void *arg, const struct nlmsghdr *nlh)
{
	struct setting *setting = arg;

	(void)rtnl_msg_parse_link(nlh, &setting->link);
	return 0;
}

static struct nlmsghdr *build_promote(void *arg, size_t index, void *buf)
{
	const struct setting *setting = arg;

	(void)index;
	return rtnl_msg_put_link_promote(buf, setting->ifindex);
}

static int ack_promote(void *arg, size_t index, int code, const char *text)
{
	struct setting *setting = arg;

	if (code < 0)
		keep_failure(&setting->failure, index, code, text);
	return 0;
}

static bool is_promoted_everywhere(struct haops_ctx *ctx)
{
	char value = '0';
	int fd = ctx->sys->openat(AT_FDCWD, PROMOTE_ALL, O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if (ctx->sys->read(fd, &value, 1) != 1)
		value = '0';
	(void)ctx->sys->close(fd);
	return value != '0';
}

/*
 * Without promote_secondaries the kernel removes, with the first address of a subnet, every other
 * one of it. Adding the others again afterwards is no way out: one of them may have been stopped in
 * between, and would come back while another node already has it. example is one of those others,
 * or NULL for those of a later time, when a lifetime is over.
 */
static void promote(struct rtnl *rtnl, int ifindex, const struct haops_addr *example)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct setting setting = {.ifindex = ifindex};
	const struct rtnl_batch batch = {.count = 1,
					 .build = build_promote,
					 .ack = ack_promote,
					 .arg = &setting};
	char text[HAOPS_ADDR_TEXT_MAX] = "others";
	char name[VIP_IFNAME_MAX];
	int code;

	rtnl->what = "read the settings of an interface";
	code = rtnl_get(rtnl, rtnl_msg_put_link_get(buf, ifindex, NULL), take_setting, &setting);
	if (code == 0 && setting.link.has_promote && setting.link.promote)
		return;
	if (is_promoted_everywhere(rtnl->ctx))
		return;
	(void)vip_ifname(rtnl, ifindex, name);
	if (example)
		(void)haops_addr_format(example, text);
	rtnl->what = "set promote_secondaries";
	code = rtnl_run(rtnl, &batch);
	if (code == 0 && setting.failure.code == 0)
		haops_logf(rtnl->ctx, HAOPS_LOG_WARNING,
			   "set net.ipv4.conf.%s.promote_secondaries to 1: otherwise %s would %s "
			   "removed, too (set it at boot)",
			   name, text, example ? "have been" : "be");
	else
		haops_logf(rtnl->ctx, HAOPS_LOG_WARNING,
			   "%s and other addresses on %s may go together with the one that is "
			   "removed: promote_secondaries is 0 and could not be set (%s)",
			   example ? text : "one", name,
			   strerror(-(code ? code : setting.failure.code)));
}

struct removal {
	const struct vip_list *list;
	size_t removed;
	struct failure failure;
};

static struct nlmsghdr *build_removal(void *arg, size_t index, void *buf)
{
	const struct removal *removal = arg;

	return rtnl_msg_put_addr(buf, RTM_DELADDR, 0, &removal->list->items[index]);
}

static int ack_removal(void *arg, size_t index, int code, const char *text)
{
	struct removal *removal = arg;

	if (code == 0)
		removal->removed++;
	/* Somebody was quicker, or the interface has gone. */
	else if (code != -EADDRNOTAVAIL && code != -ENODEV)
		keep_failure(&removal->failure, index, code, text);
	return 0;
}

/* Removes the first victims of the list, the kernel's refusals go to the failure. */
static int remove_victims(struct rtnl *rtnl, size_t victims, struct removal *removal)
{
	const struct rtnl_batch batch = {.count = victims,
					 .build = build_removal,
					 .ack = ack_removal,
					 .arg = removal};
	const struct rtnl_addr *example = NULL;
	int ifindex = 0;

	while ((ifindex = vip_plan_next_promote(removal->list, victims, ifindex, &example)) > 0)
		promote(rtnl, ifindex, &example->local);
	rtnl->what = "remove addresses";
	return rtnl_run(rtnl, &batch);
}

static int fail_still_there(struct rtnl *rtnl, const struct rtnl_addr *entry,
			    const struct failure *failure)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];

	(void)haops_addr_format(&entry->local, text);
	(void)vip_ifname(rtnl, entry->ifindex, name);
	if (failure->code == -EPERM)
		return haops_fail(rtnl->ctx, EPERM, "cannot remove %s from %s: run as root", text,
				  name);
	if (failure->code)
		return haops_fail(rtnl->ctx, EIO, "cannot remove %s from %s: %s%s%s", text, name,
				  strerror(-failure->code), failure->text[0] ? ": " : "",
				  failure->text);
	return haops_fail(rtnl->ctx, EIO,
			  "%s is on %s again each time it is removed: find out who adds it", text,
			  name);
}

static int remove_all(struct rtnl *rtnl, const struct vip_keys *keys, struct vip_list *list,
		      size_t *ret_removed)
{
	struct removal removal = {.list = list};

	for (int round = 0;; round++) {
		int code = vip_list_read(rtnl, keys, list);
		size_t victims = code < 0 ? 0 : vip_plan_victims(keys, list);

		if (code < 0)
			return code;
		if (victims == 0)
			break;
		if (round == REMOVE_ROUNDS || removal.failure.code)
			return fail_still_there(rtnl, &list->items[0], &removal.failure);
		code = remove_victims(rtnl, victims, &removal);
		if (code < 0)
			return code;
	}
	if (ret_removed)
		*ret_removed = removal.removed;
	return 0;
}

int haops_vip_remove(struct haops_ctx *ctx, const struct haops_addr *addrs, size_t count,
		     int64_t deadline_ms, size_t *ret_removed)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_KEYS struct vip_keys keys = {0};
	CLEANUP_LIST struct vip_list list = {0};
	int code;

	if (!ctx)
		return -EINVAL;
	code = vip_keys_make(ctx, addrs, sizeof(addrs[0]), count, &keys);
	if (code < 0)
		return code;
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	return remove_all(&rtnl, &keys, &list, ret_removed);
}

struct addition {
	const struct haops_vip *vips;
	bool *added;
	bool *there;	  /* with the same prefix length, before */
	bool is_doubtful; /* one came between look and addition: look again */
	struct failure failure;
};

static struct nlmsghdr *build_addition(void *arg, size_t index, void *buf)
{
	const struct addition *addition = arg;
	const struct rtnl_addr addr = vip_plan_to_addr(&addition->vips[index]);

	return rtnl_msg_put_addr(buf, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &addr);
}

static int ack_addition(void *arg, size_t index, int code, const char *text)
{
	struct addition *addition = arg;

	if (code == 0) {
		addition->added[index] = true;
	} else if (code == -EEXIST) {
		if (!addition->there[index])
			addition->is_doubtful = true;
	} else {
		keep_failure(&addition->failure, index, code, text);
		return code;
	}
	return 0;
}

static int fail_addition(struct rtnl *rtnl, const struct haops_vip *vip,
			 const struct failure *failure)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];
	int err = EIO;

	(void)haops_addr_format(&vip->addr, text);
	(void)vip_ifname(rtnl, vip->ifindex, name);
	if (failure->code == -ENODEV)
		return haops_fail(rtnl->ctx, ENODEV, "cannot add %s: %s is gone", text, name);
	if (failure->code == -EPERM)
		return haops_fail(rtnl->ctx, EPERM, "cannot add %s to %s: run as root", text, name);
	if (failure->code == -EACCES && vip->addr.family == AF_INET6)
		return haops_fail(rtnl->ctx, EIO,
				  "cannot add %s: IPv6 is disabled on %s (see sysctl "
				  "net.ipv6.conf.%s.disable_ipv6)",
				  text, name, name);
	if (failure->code == -ENOMEM || failure->code == -ENOBUFS)
		err = ENOMEM;
	return haops_fail(rtnl->ctx, err, "cannot add %s to %s: %s%s%s", text, name,
			  strerror(-failure->code), failure->text[0] ? ": " : "", failure->text);
}

static int fail_conflict(struct rtnl *rtnl, const struct haops_vip *vip,
			 const struct rtnl_addr *in_way)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char name[VIP_IFNAME_MAX];

	(void)haops_addr_format(&vip->addr, text);
	return haops_fail(rtnl->ctx, EADDRINUSE,
			  "%s has %s already, but with prefix length %d, not %d: remove it first",
			  vip_ifname(rtnl, vip->ifindex, name), text, in_way->prefix_len,
			  vip->prefix_len);
}

/* Looks what is there; one in the way is the failure. */
static int look(struct rtnl *rtnl, const struct vip_keys *keys, struct addition *addition,
		struct vip_list *list)
{
	const struct rtnl_addr *in_way;
	size_t at = 0;
	int code = vip_list_read(rtnl, keys, list);

	if (code < 0)
		return code;
	memset(addition->there, 0, keys->count * sizeof(addition->there[0]));
	in_way = vip_plan_compare(keys, addition->vips, list, addition->there, &at);
	return in_way ? fail_conflict(rtnl, &addition->vips[at], in_way) : 0;
}

static int look_again(struct rtnl *rtnl, const struct vip_keys *keys, struct addition *addition,
		      struct vip_list *list)
{
	int code = look(rtnl, keys, addition, list);
	char text[HAOPS_ADDR_TEXT_MAX];

	for (size_t i = 0; code == 0 && i < keys->count; i++) {
		if (!addition->there[i])
			code = haops_fail(rtnl->ctx, EIO,
					  "%s was added and removed by another program meanwhile",
					  haops_addr_format(&addition->vips[i].addr, text));
	}
	return code;
}

/* Leaves those of the list at its front that this call added: exactly those entries. */
static size_t pick_added(const struct vip_keys *keys, const struct addition *addition,
			 struct vip_list *list)
{
	size_t picked = 0, same;

	for (size_t i = 0; i < list->count; i++) {
		const struct rtnl_addr held = list->items[i];
		const struct vip_key *key = vip_plan_find(keys, &held.local, &same);
		bool is_ours = false;

		for (size_t k = 0; key && k < same; k++)
			is_ours |= addition->added[key[k].at] &&
				   addition->vips[key[k].at].ifindex == held.ifindex;
		if (is_ours) {
			list->items[i] = list->items[picked];
			list->items[picked++] = held;
		}
	}
	return picked;
}

static void undo(struct rtnl *rtnl, const struct vip_keys *keys, const struct addition *addition,
		 struct vip_list *list)
{
	struct haops_ctx *ctx = rtnl->ctx;
	struct removal removal = {.list = list};
	char sentence[HAOPS_ERROR_MAX];
	size_t victims;
	int code;

	/* The reason of the failure is what the caller must see, not what undoing had to say. */
	memcpy(sentence, ctx->error, sizeof(sentence));
	code = vip_list_read(rtnl, keys, list);
	if (code == 0) {
		victims = pick_added(keys, addition, list);
		code = victims ? remove_victims(rtnl, victims, &removal) : 0;
	}
	if (code < 0 || removal.failure.code)
		haops_logf(ctx, HAOPS_LOG_WARNING,
			   "addresses that were just added could not be removed again");
	memcpy(ctx->error, sentence, sizeof(sentence));
}

/* The kernel removes the addresses by itself one day: others are not to go with them. */
static void protect_others(struct rtnl *rtnl, const struct haops_vip *vips, size_t count)
{
	int last = 0;

	for (size_t i = 0; i < count; i++) {
		if (vips[i].valid_lft_s == 0 || vips[i].addr.family != AF_INET ||
		    vips[i].ifindex == last)
			continue;
		last = vips[i].ifindex;
		promote(rtnl, last, NULL);
	}
}

static int add_all(struct rtnl *rtnl, const struct vip_keys *keys, struct addition *addition,
		   struct vip_list *list)
{
	const struct rtnl_batch batch = {.count = keys->count,
					 .build = build_addition,
					 .ack = ack_addition,
					 .arg = addition};
	int code = look(rtnl, keys, addition, list);

	if (code < 0)
		return code;
	protect_others(rtnl, addition->vips, keys->count);
	rtnl->what = "add addresses";
	code = rtnl_run(rtnl, &batch);
	if (addition->failure.code)
		code = fail_addition(rtnl, &addition->vips[addition->failure.at],
				     &addition->failure);
	else if (code == 0 && addition->is_doubtful)
		code = look_again(rtnl, keys, addition, list);
	/* After a timeout nothing is known; the caller is told to remove them all. */
	if (code < 0 && code != -ETIMEDOUT)
		undo(rtnl, keys, addition, list);
	return code;
}

static int check_vip(struct haops_ctx *ctx, const struct haops_vip *vip)
{
	int max = vip->addr.family == AF_INET ? 32 : 128;
	char text[HAOPS_ADDR_TEXT_MAX];

	(void)haops_addr_format(&vip->addr, text);
	if (!haops_addr_is_unicast(&vip->addr))
		return haops_fail(ctx, EINVAL, "%s cannot be an address of a host", text);
	if (vip->ifindex < 1)
		return haops_fail(ctx, EINVAL, "%s was given no interface", text);
	if (vip->prefix_len > max)
		return haops_fail(ctx, EINVAL, "prefix length %d is outside 0 to %d of %s",
				  vip->prefix_len, max, text);
	if (vip->addr.family == AF_INET6 && (vip->has_broadcast || vip->label[0]))
		return haops_fail(ctx, EINVAL, "%s: IPv6 has neither broadcast address nor label",
				  text);
	if (strnlen(vip->label, sizeof(vip->label)) == sizeof(vip->label))
		return haops_fail(ctx, EINVAL, "the label of %s is longer than %d bytes", text,
				  HAOPS_LINK_NAME_MAX - 1);
	return 0;
}

int haops_vip_add(struct haops_ctx *ctx, const struct haops_vip *vips, size_t count,
		  int64_t deadline_ms)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_KEYS struct vip_keys keys = {0};
	CLEANUP_LIST struct vip_list list = {0};
	CLEANUP_FREE bool *flags = NULL;
	struct addition addition = {.vips = vips};
	int code;

	if (!ctx)
		return -EINVAL;
	code = vip_keys_make(ctx, vips ? &vips->addr : NULL, sizeof(vips[0]), count, &keys);
	for (size_t i = 0; code == 0 && i < count; i++)
		code = check_vip(ctx, &vips[i]);
	if (code < 0)
		return code;
	flags = calloc(count * 2, sizeof(flags[0]));
	if (!flags)
		return haops_fail(ctx, ENOMEM, "no memory for %zu addresses", count);
	addition.added = flags;
	addition.there = flags + count;
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	rtnl_be_strict(&rtnl);
	return add_all(&rtnl, &keys, &addition, &list);
}
