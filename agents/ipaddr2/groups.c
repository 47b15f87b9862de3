/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorts addresses by the interface that they are on: announcements go out per interface. Pure. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <stdlib.h>

static bool has_group(const struct ipaddr2_groups *groups, int ifindex)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->list[i].ifindex == ifindex)
			return true;
	}
	return false;
}

/* Appends the group of ifindex; used is how many addresses the groups before it have. */
static size_t add_group(struct ipaddr2_groups *groups, const struct haops_vip *vips, size_t count,
			int ifindex, size_t used)
{
	struct ipaddr2_group *group = &groups->list[groups->count++];

	group->ifindex = ifindex;
	group->addrs = groups->addrs + used;
	for (size_t i = 0; i < count; i++) {
		if (vips[i].ifindex == ifindex)
			groups->addrs[used + group->count++] = vips[i].addr;
	}
	return used + group->count;
}

int ipaddr2_groups_make(const struct haops_vip *vips, size_t count,
			struct ipaddr2_groups *ret_groups)
{
	struct ipaddr2_groups groups = {.addrs = calloc(count, sizeof(*groups.addrs))};
	size_t used = 0;

	if (!groups.addrs && count > 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (has_group(&groups, vips[i].ifindex))
			continue;
		if (groups.count == IPADDR2_GROUPS_MAX) {
			free(groups.addrs);
			return -E2BIG;
		}
		used = add_group(&groups, vips, count, vips[i].ifindex, used);
	}
	*ret_groups = groups;
	return 0;
}

void ipaddr2_groups_done(struct ipaddr2_groups *groups)
{
	free(groups->addrs);
	groups->addrs = NULL;
	groups->count = 0;
}
