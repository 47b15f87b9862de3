/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real Corosync: one session with all its services. What each service says is in
 * corosync-cpg.c, corosync-quorum.c and corosync-cmap.c. */
#include "corosync-real.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* For the connections to four services, while the last is made. */
#define DESCRIPTORS_NEEDED 8

int corosync_code(cs_error_t error)
{
	switch (error) {
	case CS_OK:
		return 0;
	case CS_ERR_TRY_AGAIN:
	case CS_ERR_BUSY:
	case CS_ERR_QUEUE_FULL:
	case CS_ERR_INTERRUPT:
		return -EAGAIN;
	case CS_ERR_ACCESS:
	case CS_ERR_SECURITY:
		return -EACCES;
	case CS_ERR_EXIST:
		return -EEXIST;
	case CS_ERR_LIBRARY:
	case CS_ERR_BAD_HANDLE:
	case CS_ERR_NOT_EXIST:
		return -ENOTCONN;
	case CS_ERR_NO_SPACE:
		return -ENOSPC;
	case CS_ERR_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

/* libqb's sockets are abstract: any user can listen on their names while Corosync does not run. */
static int check_peer(int fd)
{
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -EIO;
	return peer.uid == 0 || peer.uid == geteuid() ? 0 : -EPERM;
}

int corosync_add_fd(struct corosync_session *session, int fd,
		    cs_error_t (*dispatch)(struct corosync_session *session))
{
	int r = check_peer(fd);

	if (r < 0)
		return r;
	session->fds[session->fd_count] = (struct pollfd){.fd = fd, .events = POLLIN};
	session->dispatchers[session->fd_count++] = dispatch;
	return 0;
}

static void real_close(struct corosync_session *session)
{
	if (session->has_cpg)
		(void)cpg_finalize(session->cpg);
	if (session->has_quorum)
		(void)quorum_finalize(session->quorum);
	if (session->has_votequorum)
		(void)votequorum_finalize(session->votequorum);
	if (session->has_cmap)
		(void)cmap_finalize(session->cmap);
	free(session);
}

/* CPG last: its messages are judged by what quorum said before. */
static int open_services(struct corosync_session *session)
{
	int r = corosync_open_quorum(session);

	if (r == 0)
		r = corosync_open_cmap(session);
	if (r == 0)
		r = corosync_open_cpg(session);
	return r;
}

/* libqb takes a lack of descriptors for a Corosync that is not there. */
static bool has_descriptors(void)
{
	int fds[DESCRIPTORS_NEEDED];
	size_t count = 0;

	while (count < DESCRIPTORS_NEEDED && (fds[count] = eventfd(0, EFD_CLOEXEC)) >= 0)
		count++;
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	return count == DESCRIPTORS_NEEDED;
}

static int real_open(const struct corosync_listener *listener, uint32_t *ret_nodeid,
		     struct corosync_session **ret_session)
{
	struct corosync_session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	session->listener = *listener;
	r = open_services(session);
	if (r < 0) {
		real_close(session);
		return has_descriptors() ? r : -EMFILE;
	}
	*ret_nodeid = session->nodeid;
	*ret_session = session;
	return 0;
}

static size_t real_fds(const struct corosync_session *session,
		       struct pollfd ret_fds[COROSYNC_FDS_MAX])
{
	for (size_t i = 0; i < session->fd_count; i++)
		ret_fds[i] = session->fds[i];
	return session->fd_count;
}

static int real_dispatch(struct corosync_session *session, size_t index)
{
	return corosync_code(session->dispatchers[index](session));
}

static int real_read_config(struct corosync_session *session, struct corosync_config *ret_config)
{
	int r = corosync_read_cmap(session, ret_config);

	return r < 0 ? r : corosync_read_votes(session, ret_config);
}

const struct corosync_ops corosync_real = {
	.open = real_open,
	.join = corosync_join,
	.send = corosync_send,
	.leave = corosync_leave,
	.fds = real_fds,
	.dispatch = real_dispatch,
	.read_config = real_read_config,
	.read_links = corosync_read_links,
	.close = real_close,
};
