/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_COROSYNC_H
#define HAOPS_CLUSTER_COROSYNC_H

/*
 * The boundary to Corosync: every contact with its libraries goes through this table, and nothing
 * but corosync-real.c implements it for real. A test has a table of its own.
 *
 * Any member may block without limit when Corosync is stopped. Results are 0 or above, or -errno:
 * -EAGAIN later (busy, or nothing there), -ENOTCONN the connection is gone or there is none,
 * -EACCES refused, -EPERM who answers there is no Corosync of the administrator's, -EEXIST this
 * process is in the group already, -EMFILE no descriptor is left here, -ENOSPC no shared memory is
 * left on the node, -ENOMEM, -EIO something else.
 */

#include "group.h"

#include <poll.h>
#include <sys/uio.h>

#define COROSYNC_FDS_MAX 4
#define COROSYNC_LINKS_MAX (HAOPS_CLUSTER_MEMBERS_MAX * HAOPS_CLUSTER_LINKS_MAX)

/* Called from within dispatch(). */
struct corosync_listener {
	void (*message)(void *userdata, struct group_address from, const void *data, size_t len);
	void (*changed)(void *userdata, const struct group_change *change);
	void (*ring)(void *userdata, struct haops_cluster_ring ring, const uint32_t *nodes,
		     size_t count);
	void (*quorum)(void *userdata, struct haops_cluster_ring ring, bool is_quorate);
	void (*config)(void *userdata); /* something that read_config() reads may have changed */
	void *userdata;
};

struct corosync_config {
	uint32_t token_ms;
	uint32_t consensus_ms;
	uint32_t expected_votes;
	uint32_t total_votes;
	uint32_t quorum;
	bool is_two_node;
	bool has_qdevice;
	bool waits_for_all;
	struct group_names names;
};

struct corosync_links {
	struct haops_cluster_link links[COROSYNC_LINKS_MAX];
	size_t count;
};

struct corosync_session;

struct corosync_ops {
	/* Connects to all services, and joins nothing. */
	int (*open)(const struct corosync_listener *listener, uint32_t *ret_nodeid,
		    struct corosync_session **ret_session);
	int (*join)(struct corosync_session *session, const char *group);
	int (*send)(struct corosync_session *session, const struct iovec *parts,
		    unsigned int count);
	int (*leave)(struct corosync_session *session, const char *group);
	/* Sets what to poll, in the order in which to dispatch; that of CPG is the last. How many.
	 */
	size_t (*fds)(const struct corosync_session *session,
		      struct pollfd ret_fds[COROSYNC_FDS_MAX]);
	/* Calls the listener for one event of the index-th descriptor. 0, -EAGAIN there was none.
	 */
	int (*dispatch)(struct corosync_session *session, size_t index);
	int (*read_config)(struct corosync_session *session, struct corosync_config *ret_config);
	int (*read_links)(struct corosync_session *session, struct corosync_links *ret_links);
	void (*close)(struct corosync_session *session);
};

extern const struct corosync_ops corosync_real;

#endif
