/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The decisions about addresses: place, state, conflict, order of removal. Pure; asks nobody and
 * changes nothing. */
#include "vip-plan.h"

#include "internal.h"

#include <linux/if_addr.h>

static unsigned int bits_of(const struct haops_addr *addr)
{
	return addr->family == AF_INET ? 32 : 128;
}

void vip_plan_sort(struct vip_keys *keys)
{
	if (keys->count > 1)
		qsort(keys->keys, keys->count, sizeof(keys->keys[0]), haops_addr_cmp);
}

const struct vip_key *vip_plan_find(const struct vip_keys *keys, const struct haops_addr *addr,
				    size_t *ret_count)
{
	const struct vip_key *end = keys->keys + keys->count;
	const struct vip_key *first =
		bsearch(addr, keys->keys, keys->count, sizeof(keys->keys[0]), haops_addr_cmp);
	const struct vip_key *last = first;

	if (!first)
		return NULL;
	/* The same address may have been named more than once. */
	while (first > keys->keys && haops_addr_cmp(first - 1, addr) == 0)
		first--;
	while (last + 1 < end && haops_addr_cmp(last + 1, addr) == 0)
		last++;
	*ret_count = (size_t)(last - first) + 1;
	return first;
}

bool vip_plan_in_prefix(const struct haops_addr *addr, const struct haops_addr *net,
			uint8_t prefix_len)
{
	size_t whole = prefix_len / 8;
	uint8_t mask = (uint8_t)(0xff00 >> (prefix_len % 8));

	if (addr->family != net->family || prefix_len > bits_of(addr) ||
	    memcmp(addr->bytes, net->bytes, whole) != 0)
		return false;
	return prefix_len % 8 == 0 || ((addr->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

/*
 * Default routes and routes to single hosts name no network. The stock agent passes them over, too:
 * "ip route" prints neither with a prefix length. Of equals the one listed last wins, as there.
 */
static bool is_better(const struct vip_limits *limits, const struct vip_place *best, int ifindex,
		      uint8_t prefix_len)
{
	return ifindex > 0 && prefix_len > 0 && prefix_len < bits_of(&limits->addr) &&
	       (limits->ifindex == 0 || limits->ifindex == ifindex) &&
	       (limits->prefix_len < 0 || prefix_len <= limits->prefix_len) &&
	       prefix_len >= best->prefix_len;
}

void vip_plan_take_route(const struct vip_limits *limits, const struct rtnl_route *route,
			 struct vip_place *place)
{
	if (route->table != RT_TABLE_MAIN || route->type != RTN_UNICAST || route->has_gateway ||
	    route->is_cloned)
		return;
	/* IPv6 routes have no scope. */
	if (route->dst.family == AF_INET && route->scope != RT_SCOPE_LINK)
		return;
	if (!is_better(limits, place, route->oif, route->prefix_len) ||
	    !vip_plan_in_prefix(&limits->addr, &route->dst, route->prefix_len))
		return;
	*place = (struct vip_place){.ifindex = route->oif,
				    .prefix_len = route->prefix_len,
				    .has_src = route->has_src,
				    .src = route->src};
}

void vip_plan_take_addrs(const struct vip_limits *limits, const struct vip_list *list,
			 struct vip_place *place)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rtnl_addr *own = &list->items[i];

		if (!is_better(limits, place, own->ifindex, own->prefix_len) ||
		    !vip_plan_in_prefix(&limits->addr, &own->address, own->prefix_len))
			continue;
		*place = (struct vip_place){.ifindex = own->ifindex,
					    .prefix_len = own->prefix_len,
					    .has_src = true,
					    .src = own->local};
	}
}

void vip_plan_broadcast(const struct vip_place *place, const struct vip_list *list,
			struct haops_vip *vip)
{
	if (!place->has_src || place->src.family != AF_INET)
		return;
	for (size_t i = 0; i < list->count; i++) {
		const struct rtnl_addr *own = &list->items[i];

		if (own->ifindex == place->ifindex && own->has_broadcast &&
		    haops_addr_cmp(&own->local, &place->src) == 0) {
			vip->has_broadcast = true;
			vip->broadcast = own->broadcast;
			return;
		}
	}
}

enum haops_vip_state vip_plan_state(const struct rtnl_addr *addr)
{
	if (addr->local.family == AF_INET6) {
		if (addr->flags & IFA_F_DADFAILED)
			return HAOPS_VIP_DUPLICATE;
		/* An optimistic address is in use while detection still runs (RFC 4429). */
		if ((addr->flags & IFA_F_TENTATIVE) && !(addr->flags & IFA_F_OPTIMISTIC))
			return HAOPS_VIP_TENTATIVE;
	}
	return HAOPS_VIP_PRESENT;
}

static void note_entry(const struct rtnl_addr *entry, int prefer_ifindex,
		       struct haops_vip_found *found)
{
	bool is_first = found->copies == 0;
	bool is_preferred = entry->ifindex == prefer_ifindex && found->ifindex != prefer_ifindex;

	found->copies++;
	if (!is_first && !is_preferred)
		return;
	found->state = vip_plan_state(entry);
	found->ifindex = entry->ifindex;
	found->prefix_len = entry->prefix_len;
	memcpy(found->label, entry->label, sizeof(found->label));
}

void vip_plan_query(const struct vip_keys *keys, const struct vip_list *list, int prefer_ifindex,
		    struct haops_vip_found *found)
{
	for (size_t i = 0; i < keys->count; i++)
		found[keys->keys[i].at] = (struct haops_vip_found){.state = HAOPS_VIP_ABSENT};
	for (size_t i = 0; i < list->count; i++) {
		size_t same;
		const struct vip_key *key = vip_plan_find(keys, &list->items[i].local, &same);

		for (size_t k = 0; key && k < same; k++)
			note_entry(&list->items[i], prefer_ifindex, &found[key[k].at]);
	}
}

struct rtnl_addr vip_plan_to_addr(const struct haops_vip *vip)
{
	struct rtnl_addr addr = {
		.local = vip->addr,
		.address = vip->addr,
		.ifindex = vip->ifindex,
		.prefix_len = vip->prefix_len,
		.proto = vip->proto,
		.preferred_s = vip->preferred_lft_s,
		.valid_s = vip->valid_lft_s ? vip->valid_lft_s : UINT32_MAX,
		.metric = vip->metric,
		.has_broadcast = vip->has_broadcast,
		.broadcast = vip->broadcast,
	};

	/* The kernel refuses an address that is preferred for longer than it is valid. */
	if (addr.preferred_s > addr.valid_s)
		addr.preferred_s = addr.valid_s;
	/* IFA_F_NODAD has another meaning in no family, but only IPv6 looks at it. */
	if (vip->nodad && vip->addr.family == AF_INET6)
		addr.flags |= IFA_F_NODAD;
	if (vip->noprefixroute)
		addr.flags |= IFA_F_NOPREFIXROUTE;
	/* What ip(8) does: 127.0.0.0/8 is for this host only. IPv6 finds its scope itself. */
	if (vip->addr.family == AF_INET && vip->addr.bytes[0] == 127)
		addr.scope = RT_SCOPE_HOST;
	memcpy(addr.label, vip->label, sizeof(addr.label));
	return addr;
}

static bool is_in_way(const struct haops_vip *vip, const struct rtnl_addr *entry, bool *there)
{
	if (entry->ifindex != vip->ifindex)
		return false;
	if (entry->prefix_len == vip->prefix_len)
		*there = true;
	return entry->prefix_len != vip->prefix_len;
}

const struct rtnl_addr *vip_plan_compare(const struct vip_keys *keys, const struct haops_vip *vips,
					 const struct vip_list *list, bool *there, size_t *ret_at)
{
	const struct rtnl_addr *in_way = NULL;

	for (size_t i = 0; i < list->count; i++) {
		size_t same;
		const struct vip_key *key = vip_plan_find(keys, &list->items[i].local, &same);

		for (size_t k = 0; key && k < same; k++) {
			size_t at = key[k].at;

			if (is_in_way(&vips[at], &list->items[i], &there[at])) {
				in_way = &list->items[i];
				*ret_at = at;
			}
		}
	}
	return in_way;
}

/* The bit means "secondary" for IPv4 and "temporary" for IPv6. */
static bool is_secondary(const struct rtnl_addr *addr)
{
	return addr->local.family == AF_INET && (addr->flags & IFA_F_SECONDARY);
}

/* Secondaries first: a primary takes them along (or has them promoted one by one, which costs the
 * kernel a new route for each) when it goes before them. */
static int compare_victims(const void *a, const void *b)
{
	return (int)is_secondary(b) - (int)is_secondary(a);
}

static void swap_items(struct rtnl_addr *a, struct rtnl_addr *b)
{
	struct rtnl_addr held = *a;

	*a = *b;
	*b = held;
}

size_t vip_plan_victims(const struct vip_keys *keys, struct vip_list *list)
{
	size_t victims = 0, same;

	for (size_t i = 0; i < list->count; i++) {
		if (vip_plan_find(keys, &list->items[i].local, &same))
			swap_items(&list->items[victims++], &list->items[i]);
	}
	if (victims > 1)
		qsort(list->items, victims, sizeof(list->items[0]), compare_victims);
	return victims;
}

/* Whether the kernel removes other together with primary, unless it promotes: __inet_del_ifa() */
static bool goes_with(const struct rtnl_addr *other, const struct rtnl_addr *primary)
{
	return is_secondary(other) && other->ifindex == primary->ifindex &&
	       other->prefix_len == primary->prefix_len &&
	       vip_plan_in_prefix(&other->address, &primary->address, primary->prefix_len);
}

int vip_plan_next_promote(const struct vip_list *list, size_t victims, int after,
			  const struct rtnl_addr **ret_example)
{
	int next = 0;

	for (size_t i = 0; i < victims; i++) {
		const struct rtnl_addr *victim = &list->items[i];

		if (victim->local.family != AF_INET || is_secondary(victim) ||
		    victim->ifindex <= after || (next && victim->ifindex >= next))
			continue;
		for (size_t k = victims; k < list->count; k++) {
			if (!goes_with(&list->items[k], victim))
				continue;
			next = victim->ifindex;
			*ret_example = &list->items[k];
			break;
		}
	}
	return next;
}
