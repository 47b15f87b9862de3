/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_COROSYNC_REAL_H
#define HAOPS_CLUSTER_COROSYNC_REAL_H

/* What the files that call Corosync's libraries share. */

#include "corosync.h"

#include <corosync/cmap.h>
#include <corosync/corotypes.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>

struct corosync_session {
	struct corosync_listener listener;
	uint32_t nodeid;
	cpg_handle_t cpg;
	quorum_handle_t quorum;
	votequorum_handle_t votequorum;
	cmap_handle_t cmap;
	bool has_cpg;
	bool has_quorum;
	bool has_votequorum;
	bool has_cmap;
	struct pollfd fds[COROSYNC_FDS_MAX];
	cs_error_t (*dispatchers[COROSYNC_FDS_MAX])(struct corosync_session *session);
	size_t fd_count;
};

/* The code of struct corosync_ops for one of theirs. */
int corosync_code(cs_error_t error);

/* A service was connected: its descriptor is polled from now on. -EPERM when the process at the
 * other end is not root's. */
int corosync_add_fd(struct corosync_session *session, int fd,
		    cs_error_t (*dispatch)(struct corosync_session *session));

int corosync_open_cpg(struct corosync_session *session);
int corosync_join(struct corosync_session *session, const char *group);
int corosync_send(struct corosync_session *session, const struct iovec *parts, unsigned int count);
int corosync_leave(struct corosync_session *session, const char *group);

int corosync_open_quorum(struct corosync_session *session);
int corosync_read_votes(struct corosync_session *session, struct corosync_config *config);

int corosync_open_cmap(struct corosync_session *session);
int corosync_read_cmap(struct corosync_session *session, struct corosync_config *config);
int corosync_read_links(struct corosync_session *session, struct corosync_links *ret_links);
/* Fills local_address of each link. */
void corosync_read_addresses(const struct corosync_session *session, struct corosync_links *links);

#endif
