/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of a background sender as an abstract unix(7) socket: taken, handed on, and asked for.
 * Ends no process. */
#include "announcer-name.h"

#include <inttypes.h>
#include <stdio.h>

#define PREFIX "haops-announce/"
/* A longer name does not fit into the address: its beginning and a hash of the whole do. */
#define PLAIN_MAX 90
#define CUT_LEN 70
/* Connections that nobody cleared yet; more than the limit of the host is cut to it. */
#define BACKLOG 4096
#define CLEAR_MAX 4096
#define PAUSE_MS 1
#define TAKE_MS 200

static uint64_t hash(const char *text)
{
	uint64_t value = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return value;
}

socklen_t announcer_name_address(const char *name, struct sockaddr_un *ret_addr)
{
	char *path;
	int len;

	*ret_addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	path = ret_addr->sun_path + 1; /* the NUL in front makes it abstract */
	if (strlen(name) <= PLAIN_MAX)
		len = snprintf(path, sizeof(ret_addr->sun_path) - 1, PREFIX "%s", name);
	else
		len = snprintf(path, sizeof(ret_addr->sun_path) - 1, PREFIX "%.*s#%016" PRIx64,
			       CUT_LEN, name, hash(name));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static int pause_until(struct haops_ctx *ctx, int64_t deadline_ms)
{
	int64_t next_ms = haops_now_ms(ctx) + PAUSE_MS + 1;

	if (haops_deadline_left_ms(ctx, deadline_ms) == 0)
		return -ETIMEDOUT;
	return ctx->sys->poll(NULL, 0, next_ms < deadline_ms ? next_ms : deadline_ms);
}

/* Connects to the name. A descriptor, -ECONNREFUSED when nobody listens there, -EAGAIN when too
 * many have asked. */
static int call(struct haops_ctx *ctx, const char *name)
{
	CLEANUP_FD int fd = ctx->sys->socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;
	socklen_t len = announcer_name_address(name, &addr);
	int r;

	if (fd < 0)
		return fd;
	r = ctx->sys->connect(fd, (const struct sockaddr *)&addr, len);
	return r < 0 ? r : take_fd(&fd);
}

/* The kernel keeps for a listening socket who made it listen. */
static int identify(struct haops_ctx *ctx, const char *name, int fd,
		    struct announcer_holder *ret_holder)
{
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);
	int r = ctx->sys->getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);

	if (r < 0)
		return haops_fail(ctx, EIO, "sender %s: unknown which process it is: %s", name,
				  strerror(-r));
	ret_holder->kind = peer.uid == ctx->sys->geteuid() ? ANNOUNCER_OURS : ANNOUNCER_STRANGER;
	ret_holder->pid = peer.pid;
	ret_holder->uid = peer.uid;
	return 0;
}

int announcer_name_holder(struct haops_ctx *ctx, const char *name, int64_t deadline_ms,
			  struct announcer_holder *ret_holder)
{
	for (;;) {
		CLEANUP_FD int fd = call(ctx, name);

		if (fd >= 0)
			return identify(ctx, name, fd, ret_holder);
		if (fd == -ECONNREFUSED) {
			*ret_holder = (struct announcer_holder){.kind = ANNOUNCER_NOBODY};
			return 0;
		}
		if (fd != -EAGAIN)
			return haops_fail(ctx, EIO, "sender %s: unknown whether it runs: %s", name,
					  strerror(-fd));
		if (pause_until(ctx, deadline_ms) < 0)
			return haops_fail(ctx, ETIMEDOUT,
					  "sender %s: its socket does not take connections, "
					  "unknown "
					  "which process it is",
					  name);
	}
}

/* The name could not be bound: because of whom? 0 when there is nobody any more. */
static int refuse(struct haops_ctx *ctx, const char *name, int64_t deadline_ms)
{
	struct announcer_holder holder;
	int r = announcer_name_holder(ctx, name, deadline_ms, &holder);

	if (r < 0)
		return r == -ETIMEDOUT ? -EIO : r;
	if (holder.kind == ANNOUNCER_OURS)
		return haops_fail(ctx, EBUSY, "a sender %s runs already (process %d)", name,
				  (int)holder.pid);
	if (holder.kind == ANNOUNCER_STRANGER)
		return haops_fail(ctx, EIO,
				  "the name of sender %s is taken by process %d of user %u, which "
				  "is "
				  "no sender: end it",
				  name, (int)holder.pid, (unsigned int)holder.uid);
	return 0;
}

static int bind_name(struct haops_ctx *ctx, const char *name, int fd)
{
	struct sockaddr_un addr;
	socklen_t len = announcer_name_address(name, &addr);
	int64_t deadline_ms = haops_deadline_after(ctx, TAKE_MS);

	for (;;) {
		int r = ctx->sys->bind(fd, (const struct sockaddr *)&addr, len);

		if (r == 0)
			return 0;
		if (r != -EADDRINUSE)
			return haops_fail(ctx, EIO, "sender %s: its name cannot be taken: %s", name,
					  strerror(-r));
		r = refuse(ctx, name, deadline_ms);
		if (r < 0)
			return r;
		if (pause_until(ctx, deadline_ms) < 0)
			return haops_fail(ctx, EIO,
					  "the name of sender %s is taken by a socket that does "
					  "not "
					  "listen, which is no sender: see ss -xap",
					  name);
	}
}

int announcer_name_take(struct haops_ctx *ctx, const char *name, int *ret_fd)
{
	CLEANUP_FD int fd = ctx->sys->socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return haops_fail(ctx, EIO, "sender %s: no socket: %s", name, strerror(-fd));
	r = bind_name(ctx, name, fd);
	if (r == 0)
		r = announcer_name_adopt(ctx, fd);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

int announcer_name_adopt(struct haops_ctx *ctx, int fd)
{
	int r = ctx->sys->listen(fd, BACKLOG);

	return r < 0 ? haops_fail(ctx, EIO, "its name cannot be held: %s", strerror(-r)) : 0;
}

void announcer_name_clear(struct haops_ctx *ctx, int fd)
{
	for (int i = 0; i < CLEAR_MAX; i++) {
		int caller = ctx->sys->accept(fd);

		if (caller < 0)
			return;
		(void)ctx->sys->close(caller);
	}
}
