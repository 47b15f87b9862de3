/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libquorum and libvotequorum: who has the majority, and by which rules. Decides nothing. */
#include "corosync-real.h"

#include <errno.h>

static struct corosync_session *session_of(quorum_handle_t handle)
{
	const void *context = NULL;

	if (quorum_context_get(handle, &context) != CS_OK)
		return NULL;
	return (struct corosync_session *)(uintptr_t)context;
}

static void on_quorum(quorum_handle_t handle, uint32_t quorate, struct quorum_ring_id ring,
		      uint32_t count, const uint32_t *nodes)
{
	struct corosync_session *session = session_of(handle);

	(void)count;
	(void)nodes;
	if (!session)
		return;
	session->listener.quorum(session->listener.userdata,
				 (struct haops_cluster_ring){.nodeid = ring.nodeid,
							     .seq = ring.seq},
				 quorate != 0);
	session->listener.config(session->listener.userdata);
}

/* libquorum calls it without asking whether it is there. */
static void on_nodes(quorum_handle_t handle, struct quorum_ring_id ring, uint32_t count,
		     const uint32_t *nodes, uint32_t joined_count, const uint32_t *joined,
		     uint32_t left_count, const uint32_t *left)
{
	(void)handle;
	(void)ring;
	(void)count;
	(void)nodes;
	(void)joined_count;
	(void)joined;
	(void)left_count;
	(void)left;
}

static void on_votes(votequorum_handle_t handle, uint64_t context, uint32_t expected)
{
	const struct corosync_session *session =
		(const struct corosync_session *)(uintptr_t)context;

	(void)handle;
	(void)expected;
	session->listener.config(session->listener.userdata);
}

static cs_error_t dispatch_quorum(struct corosync_session *session)
{
	return quorum_dispatch(session->quorum, CS_DISPATCH_ONE_NONBLOCKING);
}

static cs_error_t dispatch_votes(struct corosync_session *session)
{
	return votequorum_dispatch(session->votequorum, CS_DISPATCH_ONE_NONBLOCKING);
}

static int open_votequorum(struct corosync_session *session)
{
	votequorum_callbacks_t callbacks = {.votequorum_expectedvotes_notify_fn = on_votes};
	int fd = -1;
	int r = corosync_code(votequorum_initialize(&session->votequorum, &callbacks));

	if (r < 0)
		return r;
	session->has_votequorum = true;
	r = corosync_code(votequorum_fd_get(session->votequorum, &fd));
	if (r == 0)
		r = corosync_add_fd(session, fd, dispatch_votes);
	if (r == 0)
		r = corosync_code(votequorum_trackstart(session->votequorum,
							(uint64_t)(uintptr_t)session,
							CS_TRACK_CHANGES));
	return r;
}

int corosync_open_quorum(struct corosync_session *session)
{
	quorum_model_v1_data_t model = {.model = QUORUM_MODEL_V1,
					.quorum_notify_fn = on_quorum,
					.nodelist_notify_fn = on_nodes};
	uint32_t type = QUORUM_FREE;
	int fd = -1;
	int r = corosync_code(quorum_model_initialize(&session->quorum, QUORUM_MODEL_V1,
						      (quorum_model_data_t *)&model, &type,
						      session));

	if (r < 0)
		return r;
	session->has_quorum = true;
	r = corosync_code(quorum_fd_get(session->quorum, &fd));
	if (r == 0)
		r = corosync_add_fd(session, fd, dispatch_quorum);
	if (r == 0)
		r = corosync_code(
			quorum_trackstart(session->quorum, CS_TRACK_CURRENT | CS_TRACK_CHANGES));
	/* Without a provider there is nobody who counts votes. */
	return r < 0 || type == QUORUM_FREE ? r : open_votequorum(session);
}

int corosync_read_votes(struct corosync_session *session, struct corosync_config *config)
{
	struct votequorum_info info = {0};
	int r;

	if (!session->has_votequorum)
		return 0;
	r = corosync_code(votequorum_getinfo(session->votequorum, session->nodeid, &info));
	if (r < 0)
		return r;
	config->expected_votes = info.highest_expected;
	config->total_votes = info.total_votes;
	config->quorum = info.quorum;
	config->is_two_node = (info.flags & VOTEQUORUM_INFO_TWONODE) != 0;
	config->waits_for_all = (info.flags & VOTEQUORUM_INFO_WAIT_FOR_ALL) != 0;
	if (info.flags & VOTEQUORUM_INFO_QDEVICE_REGISTERED)
		config->has_qdevice = true;
	return 0;
}
