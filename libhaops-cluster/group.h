/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_GROUP_H
#define HAOPS_CLUSTER_GROUP_H

/*
 * Who is in the group: what CPG lists, what ring of totem says, and what the members said of
 * themselves, merged. Pure: news go in, joined and left come out of group_tell().
 *
 * A member is told as joined when it was heard: number and process alone are no identity, as a
 * restarted node may have both again. It is told as left when CPG says so, when it says goodbye,
 * or when its node is not in the ring although CPG still lists it (a ghost).
 */

#include <haops/cluster.h>

#define GROUP_NODES_MAX HAOPS_CLUSTER_MEMBERS_MAX

struct group_address {
	uint32_t nodeid;
	uint32_t pid;
};

/* What CPG gives as reason. */
enum group_cause { GROUP_LEAVE, GROUP_NODE_DOWN, GROUP_PROCESS_DOWN };

struct group_change {
	const struct group_address *members;
	size_t member_count;
	const struct group_address *left;
	const enum group_cause *causes; /* of each that left */
	size_t left_count;
	const struct group_address *joined;
	size_t joined_count;
};

/* Names by node number, from Corosync's nodelist. */
struct group_name {
	uint32_t nodeid;
	char name[HAOPS_CLUSTER_NAME_MAX];
};

struct group_names {
	struct group_name names[GROUP_NODES_MAX];
	size_t count;
};

struct group_entry {
	struct haops_cluster_member member; /* its name is filled in when it is told */
	char hello_name[HAOPS_CLUSTER_NAME_MAX];
	bool is_present;  /* CPG lists it */
	bool is_heard;	  /* since it is present in the connection that we have now */
	bool is_leaving;  /* it said goodbye */
	bool is_told;	  /* as joined */
	bool is_replaced; /* another incarnation has its place: to be told as left */
	enum group_cause cause;
};

struct group {
	struct group_entry entries[2 * HAOPS_CLUSTER_MEMBERS_MAX];
	size_t count;
	struct haops_cluster_ring ring;
	uint32_t ring_nodes[GROUP_NODES_MAX];
	size_t ring_count;
	bool has_members; /* CPG listed them in this connection */
	bool has_ring;	  /* the ring was told in this connection */
};

/* A new connection: nothing of CPG is known, but what was told stays told. */
void group_restart(struct group *group);

/* CPG's list changed. */
void group_changed(struct group *group, const struct group_change *change);

/* Totem's ring changed: comes behind the changes of CPG's list that belong to it. */
void group_ring_changed(struct group *group, struct haops_cluster_ring ring, const uint32_t *nodes,
			size_t count);

/* A member gave a sign of life. name: that of its hello, NULL when it was something else. False
 * when CPG does not list it: whoever sent it is gone. */
bool group_heard(struct group *group, struct group_address from, uint64_t incarnation,
		 const char *name);

/* A member said goodbye. */
void group_goodbye(struct group *group, struct group_address from, uint64_t incarnation);

/* Who hears the news. Each returns false when it could not be kept: it is told again next time. */
struct group_listener {
	bool (*joined)(void *userdata, const struct haops_cluster_member *member);
	bool (*left)(void *userdata, const struct haops_cluster_member *member,
		     enum haops_cluster_reason reason);
	void *userdata;
};

/* Tells what is not told yet, those who left first. True when something was. */
bool group_tell(struct group *group, const struct group_names *names,
		const struct group_listener *listener);

/* Whether CPG lists this member. */
bool group_has(const struct group *group, struct group_address address);

/* All that CPG lists are in the ring, and the ring is known. */
bool group_is_whole(const struct group *group);

/* The members that are present and do not leave, by node number, then process; how many. */
size_t group_list(const struct group *group, const struct group_names *names,
		  struct haops_cluster_member ret_members[HAOPS_CLUSTER_MEMBERS_MAX]);

/* The node's name in the nodelist, NULL when it has none. */
const char *group_find_name(const struct group_names *names, uint32_t nodeid);

#endif
