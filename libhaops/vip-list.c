/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the host's addresses into a list, and sorts the caller's for lookup. Decides nothing. */
#include "vip-list.h"

#include <stdalign.h>
#include <stdio.h>

#define LIST_FIRST 64
/* A host with more addresses than this is broken; memory stays bounded. */
#define LIST_MAX (1U << 20)

int vip_keys_make(struct haops_ctx *ctx, const struct haops_addr *first, size_t stride,
		  size_t count, struct vip_keys *keys)
{
	if (!first || count < 1 || count > HAOPS_VIP_MAX)
		return haops_fail(ctx, EINVAL, "%zu addresses were given, 1 to %d are allowed",
				  first ? count : 0, HAOPS_VIP_MAX);
	keys->keys = calloc(count, sizeof(keys->keys[0]));
	if (!keys->keys)
		return haops_fail(ctx, ENOMEM, "no memory for %zu addresses", count);
	keys->count = count;
	for (size_t i = 0; i < count; i++) {
		const void *at = (const char *)first + i * stride;
		const struct haops_addr *addr = at;

		if (addr->family != AF_INET && addr->family != AF_INET6)
			return haops_fail(ctx, EINVAL,
					  "address number %zu is neither IPv4 nor IPv6", i + 1);
		keys->keys[i] = (struct vip_key){.addr = *addr, .at = i};
	}
	vip_plan_sort(keys);
	return 0;
}

struct reading {
	struct rtnl *rtnl;
	struct vip_list *list;
	size_t before; /* entries of the family read before */
	uint8_t family;
};

static void begin_reading(void *arg)
{
	struct reading *reading = arg;

	reading->list->count = reading->before;
}

static int grow(struct reading *reading)
{
	struct vip_list *list = reading->list;
	size_t size = list->size ? list->size * 2 : LIST_FIRST;
	struct rtnl_addr *items;

	if (size > LIST_MAX)
		return rtnl_fail(reading->rtnl, -ENOMEM, "more addresses than a host can have");
	items = realloc(list->items, size * sizeof(items[0]));
	if (!items)
		return rtnl_fail(reading->rtnl, -ENOMEM, NULL);
	list->items = items;
	list->size = size;
	return 0;
}

static int take_addr(void *arg, const struct nlmsghdr *nlh)
{
	struct reading *reading = arg;
	struct vip_list *list = reading->list;
	struct rtnl_addr addr;

	if (nlh->nlmsg_type != RTM_NEWADDR)
		return 0;
	/* An entry that cannot be read could be the one that is looked for. */
	if (rtnl_msg_parse_addr(nlh, &addr) < 0)
		return rtnl_fail(reading->rtnl, -EIO, "the kernel's answer makes no sense");
	/* A kernel without IPv6 answers with what it has. */
	if (addr.local.family != reading->family)
		return 0;
	if (list->count == list->size) {
		int code = grow(reading);

		if (code < 0)
			return code;
	}
	list->items[list->count++] = addr;
	return 0;
}

static int read_family(struct rtnl *rtnl, uint8_t family, struct vip_list *list)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct reading reading = {.rtnl = rtnl,
				  .list = list,
				  .before = list->count,
				  .family = family};
	const struct rtnl_reader reader = {.begin = begin_reading,
					   .message = take_addr,
					   .arg = &reading};

	rtnl->what = family == AF_INET ? "read the IPv4 addresses of this host"
				       : "read the IPv6 addresses of this host";
	return rtnl_dump(rtnl, rtnl_msg_put_addr_dump(buf, family), &reader);
}

/* Behind what the list has. */
static int read_all(struct rtnl *rtnl, const struct vip_keys *keys, struct vip_list *list)
{
	/* The keys are sorted by family. */
	uint8_t first = keys->keys[0].addr.family;
	uint8_t last = keys->keys[keys->count - 1].addr.family;
	int code = read_family(rtnl, first, list);

	if (code == 0 && last != first)
		code = read_family(rtnl, last, list);
	return code;
}

static bool has_all(const struct vip_keys *keys, const struct vip_list *list)
{
	CLEANUP_FREE bool *is_there = calloc(keys->count, sizeof(is_there[0]));
	size_t left = keys->count;

	for (size_t i = 0; is_there && i < list->count; i++) {
		size_t same = 0;
		const struct vip_key *key = vip_plan_find(keys, &list->items[i].local, &same);

		for (size_t k = 0; k < same; k++) {
			bool *mark = &is_there[key - keys->keys + (ptrdiff_t)k];

			left -= !*mark;
			*mark = true;
		}
	}
	return left == 0;
}

/*
 * The kernel walks its list while others change it, and notices that only where one part of its
 * answer ends (Linux 6.9 and later take no lock for it): an entry can be missed, when another one
 * is moved at that moment. So what is not there is looked for once more. What both walks found is
 * in the list twice.
 */
int vip_list_read(struct rtnl *rtnl, const struct vip_keys *keys, struct vip_list *list)
{
	int code;

	list->count = 0;
	code = read_all(rtnl, keys, list);
	if (code < 0 || has_all(keys, list))
		return code;
	return read_all(rtnl, keys, list);
}

static int take_name(void *arg, const struct nlmsghdr *nlh)
{
	struct rtnl_link *link = arg;

	return rtnl_msg_parse_link(nlh, link) < 0 ? -EIO : 0;
}

const char *vip_ifname(struct rtnl *rtnl, int ifindex, char buf[VIP_IFNAME_MAX])
{
	alignas(struct nlmsghdr) char request[RTNL_MSG_MAX];
	struct rtnl_link link = {0};
	const char *what = rtnl->what;
	int code;

	rtnl->what = "look an interface up";
	code = rtnl_get(rtnl, rtnl_msg_put_link_get(request, ifindex, NULL), take_name, &link);
	rtnl->what = what;
	if (code < 0)
		(void)snprintf(buf, VIP_IFNAME_MAX, "interface number %d", ifindex);
	else
		(void)snprintf(buf, VIP_IFNAME_MAX, "%s", link.link.name);
	return buf;
}
