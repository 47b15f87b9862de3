/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Membership: CPG's list, totem's ring and the members' own words made into one truth. Talks to
 * nobody: what is new comes out of group_tell(). */
#include "group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_at(const struct group_entry *entry, struct group_address address)
{
	return entry->member.nodeid == address.nodeid && entry->member.pid == address.pid;
}

/* The one that CPG lists now; without is_present also one that we know from before. */
static struct group_entry *find(const struct group *group, struct group_address address,
				bool is_present)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct group_entry *entry = &group->entries[i];

		if (is_at(entry, address) && !entry->is_replaced &&
		    (entry->is_present || !is_present))
			return (struct group_entry *)(uintptr_t)entry;
	}
	return NULL;
}

static bool is_in_ring(const struct group *group, uint32_t nodeid)
{
	if (!group->has_ring)
		return true;
	for (size_t i = 0; i < group->ring_count; i++)
		if (group->ring_nodes[i] == nodeid)
			return true;
	return false;
}

/* Drops what neither CPG lists nor anybody has to be told of. */
static void sweep(struct group *group)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct group_entry *entry = &group->entries[i];

		if (!entry->is_present && !entry->is_told)
			continue;
		if (kept != i)
			group->entries[kept] = *entry;
		kept++;
	}
	group->count = kept;
}

static struct group_entry *add(struct group *group, struct group_address address)
{
	struct group_entry *entry;

	if (group->count == sizeof(group->entries) / sizeof(group->entries[0]))
		return NULL;
	entry = &group->entries[group->count++];
	*entry = (struct group_entry){
		.member = {.nodeid = address.nodeid,
			   .pid = address.pid,
			   .is_in_ring = is_in_ring(group, address.nodeid)},
		.is_present = true,
	};
	return entry;
}

void group_restart(struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		group->entries[i].is_present = false;
		group->entries[i].is_heard = false;
		group->entries[i].cause = GROUP_PROCESS_DOWN;
	}
	group->has_members = false;
	group->has_ring = false;
	sweep(group);
}

static void mark_left(struct group *group, const struct group_change *change)
{
	for (size_t i = 0; i < change->left_count; i++) {
		struct group_entry *entry = find(group, change->left[i], true);

		if (!entry)
			continue;
		entry->is_present = false;
		entry->is_heard = false;
		/* Found again under the same numbers, it is somebody else, or has lost all. */
		entry->is_replaced = true;
		entry->cause = change->causes[i];
	}
}

static bool is_listed(const struct group_change *change, const struct group_entry *entry)
{
	for (size_t i = 0; i < change->member_count; i++)
		if (is_at(entry, change->members[i]))
			return true;
	return false;
}

void group_changed(struct group *group, const struct group_change *change)
{
	mark_left(group, change);
	for (size_t i = 0; i < group->count; i++) {
		struct group_entry *entry = &group->entries[i];

		/* The list is whole: who is not in it is gone, whether we were told or not. */
		if (entry->is_present && !is_listed(change, entry)) {
			entry->is_present = false;
			entry->cause = GROUP_PROCESS_DOWN;
		}
	}
	sweep(group);
	for (size_t i = 0; i < change->member_count; i++) {
		struct group_entry *entry = find(group, change->members[i], false);

		if (entry)
			entry->is_present = true;
		else
			(void)add(group, change->members[i]);
	}
	group->has_members = true;
}

static int compare_nodes(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void group_ring_changed(struct group *group, struct haops_cluster_ring ring, const uint32_t *nodes,
			size_t count)
{
	group->ring = ring;
	group->ring_count = count < GROUP_NODES_MAX ? count : GROUP_NODES_MAX;
	if (group->ring_count)
		memcpy(group->ring_nodes, nodes, group->ring_count * sizeof(nodes[0]));
	qsort(group->ring_nodes, group->ring_count, sizeof(nodes[0]), compare_nodes);
	group->has_ring = true;
	for (size_t i = 0; i < group->count; i++) {
		struct haops_cluster_member *member = &group->entries[i].member;

		member->is_in_ring = is_in_ring(group, member->nodeid);
	}
}

static void take_name(struct group_entry *entry, const char *name)
{
	if (name)
		(void)snprintf(entry->hello_name, sizeof(entry->hello_name), "%s", name);
}

bool group_heard(struct group *group, struct group_address from, uint64_t incarnation,
		 const char *name)
{
	struct group_entry *entry = find(group, from, true);

	if (!entry)
		return false;
	if (entry->is_told && entry->member.incarnation != incarnation) {
		/* A new process has the numbers of the old one, and CPG did not say so. */
		entry->is_present = false;
		entry->is_replaced = true;
		entry->cause = GROUP_PROCESS_DOWN;
		entry = add(group, from);
		if (!entry)
			return false;
	}
	if (entry->member.incarnation != incarnation)
		entry->is_leaving = false;
	entry->member.incarnation = incarnation;
	entry->is_heard = true;
	take_name(entry, name);
	return true;
}

void group_goodbye(struct group *group, struct group_address from, uint64_t incarnation)
{
	struct group_entry *entry = find(group, from, true);

	if (entry && entry->is_heard && entry->member.incarnation == incarnation)
		entry->is_leaving = true;
}

static bool is_member(const struct group_entry *entry)
{
	return entry->is_present && entry->is_heard && !entry->is_leaving &&
	       entry->member.is_in_ring;
}

/* Whether one that was told as joined is not there any more, for certain. */
static bool is_gone(const struct group *group, const struct group_entry *entry)
{
	if (entry->is_replaced || entry->is_leaving)
		return true;
	/* After a new connection: not before the list, and the ring that tells the reason. */
	if (!entry->is_present)
		return group->has_members && group->has_ring;
	return group->has_ring && !entry->member.is_in_ring;
}

static enum haops_cluster_reason reason_of(const struct group_entry *entry)
{
	if (entry->is_leaving)
		return HAOPS_CLUSTER_LEFT;
	if (entry->is_present)
		return HAOPS_CLUSTER_GHOST;
	switch (entry->cause) {
	case GROUP_LEAVE:
		return HAOPS_CLUSTER_LEFT;
	case GROUP_NODE_DOWN:
		return HAOPS_CLUSTER_NODE_GONE;
	case GROUP_PROCESS_DOWN:
		break;
	}
	return entry->member.is_in_ring ? HAOPS_CLUSTER_PROCESS_GONE : HAOPS_CLUSTER_NODE_GONE;
}

const char *group_find_name(const struct group_names *names, uint32_t nodeid)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i].nodeid == nodeid)
			return names->names[i].name;
	return NULL;
}

static void set_name(const struct group_entry *entry, const struct group_names *names,
		     struct haops_cluster_member *member)
{
	const char *name = group_find_name(names, member->nodeid);

	(void)snprintf(member->name, sizeof(member->name), "%s", name ? name : entry->hello_name);
}

static bool tell_left(struct group *group, const struct group_listener *listener)
{
	bool was_told = false;

	for (size_t i = 0; i < group->count; i++) {
		struct group_entry *entry = &group->entries[i];

		if (!entry->is_told || !is_gone(group, entry) ||
		    !listener->left(listener->userdata, &entry->member, reason_of(entry)))
			continue;
		entry->is_told = false;
		was_told = true;
	}
	return was_told;
}

bool group_tell(struct group *group, const struct group_names *names,
		const struct group_listener *listener)
{
	bool was_told = tell_left(group, listener);

	for (size_t i = 0; i < group->count; i++) {
		struct group_entry *entry = &group->entries[i];

		if (entry->is_told || !is_member(entry))
			continue;
		set_name(entry, names, &entry->member);
		if (!listener->joined(listener->userdata, &entry->member))
			continue;
		entry->is_told = true;
		was_told = true;
	}
	sweep(group);
	return was_told;
}

bool group_has(const struct group *group, struct group_address address)
{
	return find(group, address, true) != NULL;
}

bool group_is_whole(const struct group *group)
{
	if (!group->has_ring || !group->has_members)
		return false;
	for (size_t i = 0; i < group->count; i++)
		if (group->entries[i].is_present && !group->entries[i].member.is_in_ring)
			return false;
	return true;
}

static int compare_members(const void *a, const void *b)
{
	const struct haops_cluster_member *left = a, *right = b;

	if (left->nodeid != right->nodeid)
		return left->nodeid > right->nodeid ? 1 : -1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

size_t group_list(const struct group *group, const struct group_names *names,
		  struct haops_cluster_member ret_members[HAOPS_CLUSTER_MEMBERS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < group->count && count < HAOPS_CLUSTER_MEMBERS_MAX; i++) {
		const struct group_entry *entry = &group->entries[i];

		if (entry->is_leaving || entry->is_replaced ||
		    (!entry->is_present && group->has_members))
			continue;
		ret_members[count] = entry->member;
		set_name(entry, names, &ret_members[count++]);
	}
	qsort(ret_members, count, sizeof(ret_members[0]), compare_members);
	return count;
}
