/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcpg: joins, sends, leaves, and hands on what it delivers. Decides nothing. */
#include "corosync-real.h"

#include <errno.h>
#include <string.h>

static struct corosync_session *session_of(cpg_handle_t handle)
{
	void *context = NULL;

	return cpg_context_get(handle, &context) == CS_OK ? context : NULL;
}

static void on_deliver(cpg_handle_t handle, const struct cpg_name *group, uint32_t nodeid,
		       uint32_t pid, void *data, size_t len)
{
	struct corosync_session *session = session_of(handle);

	(void)group;
	if (session && data)
		session->listener.message(session->listener.userdata,
					  (struct group_address){.nodeid = nodeid, .pid = pid},
					  data, len);
}

static size_t copy_addresses(const struct cpg_address *from, size_t count,
			     struct group_address to[HAOPS_CLUSTER_MEMBERS_MAX])
{
	if (count > HAOPS_CLUSTER_MEMBERS_MAX)
		count = HAOPS_CLUSTER_MEMBERS_MAX;
	for (size_t i = 0; i < count; i++)
		to[i] = (struct group_address){.nodeid = from[i].nodeid, .pid = from[i].pid};
	return count;
}

static enum group_cause cause_of(uint32_t reason)
{
	switch (reason) {
	case CPG_REASON_LEAVE:
		return GROUP_LEAVE;
	case CPG_REASON_NODEDOWN:
		return GROUP_NODE_DOWN;
	default:
		return GROUP_PROCESS_DOWN;
	}
}

static void on_change(cpg_handle_t handle, const struct cpg_name *group,
		      const struct cpg_address *members, size_t member_count,
		      const struct cpg_address *left, size_t left_count,
		      const struct cpg_address *joined, size_t joined_count)
{
	struct corosync_session *session = session_of(handle);
	struct group_address lists[3][HAOPS_CLUSTER_MEMBERS_MAX];
	enum group_cause causes[HAOPS_CLUSTER_MEMBERS_MAX];
	struct group_change change = {.members = lists[0],
				      .left = lists[1],
				      .causes = causes,
				      .joined = lists[2]};

	(void)group;
	if (!session)
		return;
	change.member_count = copy_addresses(members, member_count, lists[0]);
	change.left_count = copy_addresses(left, left_count, lists[1]);
	change.joined_count = copy_addresses(joined, joined_count, lists[2]);
	for (size_t i = 0; i < change.left_count; i++)
		causes[i] = cause_of(left[i].reason);
	session->listener.changed(session->listener.userdata, &change);
}

static void on_ring(cpg_handle_t handle, struct cpg_ring_id ring, uint32_t count,
		    const uint32_t *nodes)
{
	struct corosync_session *session = session_of(handle);

	if (session)
		session->listener.ring(session->listener.userdata,
				       (struct haops_cluster_ring){.nodeid = ring.nodeid,
								   .seq = ring.seq},
				       nodes, count);
}

static cs_error_t dispatch(struct corosync_session *session)
{
	return cpg_dispatch(session->cpg, CS_DISPATCH_ONE_NONBLOCKING);
}

int corosync_open_cpg(struct corosync_session *session)
{
	cpg_model_v1_data_t model = {
		.model = CPG_MODEL_V1,
		.cpg_deliver_fn = on_deliver,
		.cpg_confchg_fn = on_change,
		.cpg_totem_confchg_fn = on_ring,
		.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF,
	};
	int fd = -1;
	int r = corosync_code(cpg_model_initialize(&session->cpg, CPG_MODEL_V1,
						   (cpg_model_data_t *)&model, session));

	if (r < 0)
		return r;
	session->has_cpg = true;
	r = corosync_code(cpg_local_get(session->cpg, &session->nodeid));
	if (r == 0)
		r = corosync_code(cpg_fd_get(session->cpg, &fd));
	return r < 0 ? r : corosync_add_fd(session, fd, dispatch);
}

/* The length is part of a group's identity; others count the NUL in, too. */
static struct cpg_name make_name(const char *group)
{
	struct cpg_name name = {.length = (uint32_t)strlen(group) + 1};

	memcpy(name.value, group, name.length);
	return name;
}

int corosync_join(struct corosync_session *session, const char *group)
{
	struct cpg_name name = make_name(group);

	return corosync_code(cpg_join(session->cpg, &name));
}

int corosync_send(struct corosync_session *session, const struct iovec *parts, unsigned int count)
{
	return corosync_code(cpg_mcast_joined(session->cpg, CPG_TYPE_AGREED, parts, count));
}

int corosync_leave(struct corosync_session *session, const char *group)
{
	struct cpg_name name = make_name(group);

	return corosync_code(cpg_leave(session->cpg, &name));
}
