/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_VIP_LIST_H
#define HAOPS_VIP_LIST_H

/* What vip.c, vip-change.c and vip-dad.c share: reading the addresses of the host into a list, the
 * caller's addresses as sorted keys, names of interfaces for sentences. */

#include "rtnl.h"
#include "vip-plan.h"

/* Keys of count addresses that are stride bytes apart (the first member of each). Checks count and
 * families. Free keys->keys. */
int vip_keys_make(struct haops_ctx *ctx, const struct haops_addr *first, size_t stride,
		  size_t count, struct vip_keys *keys);

/* Replaces the list by the host's addresses of each family that the keys have, so that it is what
 * the kernel listed and nothing else. list is zeroed before the first use. Free list->items. */
int vip_list_read(struct rtnl *rtnl, const struct vip_keys *keys, struct vip_list *list);

/* The name of an interface for a sentence; "interface number N" when it cannot be found out. */
#define VIP_IFNAME_MAX 32
const char *vip_ifname(struct rtnl *rtnl, int ifindex, char buf[VIP_IFNAME_MAX]);

static inline void cleanup_vip_keys(struct vip_keys *keys)
{
	free(keys->keys);
}

static inline void cleanup_vip_list(struct vip_list *list)
{
	free(list->items);
}

#define CLEANUP_KEYS __attribute__((cleanup(cleanup_vip_keys)))
#define CLEANUP_LIST __attribute__((cleanup(cleanup_vip_list)))

#endif
