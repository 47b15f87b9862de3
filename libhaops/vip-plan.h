/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_VIP_PLAN_H
#define HAOPS_VIP_PLAN_H

/*
 * The decisions about addresses, from what the kernel listed: where one belongs, what state it is
 * in, which entries are to go and in which order. Pure: lists in, lists out.
 */

#include "rtnl-msg.h"

#include <haops/vip.h>

/* Wanted addresses, sorted for lookup; at is the place in the caller's array. */
struct vip_key {
	struct haops_addr addr; /* first, for haops_addr_cmp() */
	size_t at;
};

struct vip_keys {
	struct vip_key *keys;
	size_t count;
};

/* What a dump listed. */
struct vip_list {
	struct rtnl_addr *items;
	size_t count;
	size_t size;
};

/* Where an address belongs. prefix_len 0: nothing was found yet. */
struct vip_place {
	int ifindex;
	uint8_t prefix_len;
	bool has_src;
	struct haops_addr src; /* the host's own address in that network */
};

/* What a place must fulfil; ifindex 0 and prefix_len -1: whatever they are. */
struct vip_limits {
	struct haops_addr addr;
	int ifindex;
	int prefix_len;
};

void vip_plan_sort(struct vip_keys *keys);
/* The first key with this address, and in ret_count how many there are; NULL when there is none. */
const struct vip_key *vip_plan_find(const struct vip_keys *keys, const struct haops_addr *addr,
				    size_t *ret_count);

bool vip_plan_in_prefix(const struct haops_addr *addr, const struct haops_addr *net,
			uint8_t prefix_len);
void vip_plan_take_route(const struct vip_limits *limits, const struct rtnl_route *route,
			 struct vip_place *place);
void vip_plan_take_addrs(const struct vip_limits *limits, const struct vip_list *list,
			 struct vip_place *place);
void vip_plan_broadcast(const struct vip_place *place, const struct vip_list *list,
			struct haops_vip *vip);

/* found has one entry for each place that a key names; they are ABSENT where nothing is listed. */
void vip_plan_query(const struct vip_keys *keys, const struct vip_list *list, int prefer_ifindex,
		    struct haops_vip_found *found);
enum haops_vip_state vip_plan_state(const struct rtnl_addr *addr);

struct rtnl_addr vip_plan_to_addr(const struct haops_vip *vip);
/* Marks in there (one for each of vips) what the list has already with the same prefix length. The
 * result is an entry in the way, on the same interface but with another prefix length, or NULL;
 * ret_at is the place of the address in vips that it is in the way of. */
const struct rtnl_addr *vip_plan_compare(const struct vip_keys *keys, const struct haops_vip *vips,
					 const struct vip_list *list, bool *there, size_t *ret_at);

/* Moves the entries that the keys name to the front of the list, in the order in which they are to
 * be removed, and returns how many they are. */
size_t vip_plan_victims(const struct vip_keys *keys, struct vip_list *list);
/* The next interface on which removing the first victims would take other addresses along, above
 * after; 0 when there is none. ret_example is one of those others. */
int vip_plan_next_promote(const struct vip_list *list, size_t victims, int after,
			  const struct rtnl_addr **ret_example);

#endif
