/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ANNOUNCER_NAME_H
#define HAOPS_ANNOUNCER_NAME_H

/*
 * The name of a background sender, held by it and by nobody else: an abstract unix(7) socket, which
 * lives in the network namespace as the addresses do, needs no file, and ends with its last holder.
 * It is bound before the sender is forked, so a sender without its name does not exist.
 * docs/decisions/0001-announcer-identity.md says why.
 */

#include "internal.h"

#include <sys/un.h>

/* What prctl(2) calls a sender's process. */
#define ANNOUNCER_COMM "haops-announce"
#define ANNOUNCER_NAME_MAX 150

enum announcer_holder_kind {
	ANNOUNCER_NOBODY,
	ANNOUNCER_OURS,	   /* of the same user */
	ANNOUNCER_STRANGER /* of another user: no sender of ours can have the name then */
};

struct announcer_holder {
	enum announcer_holder_kind kind;
	pid_t pid; /* 0 when it cannot be seen from this process namespace */
	uid_t uid;
};

/* The socket address of a name, and its length. Pure. */
socklen_t announcer_name_address(const char *name, struct sockaddr_un *ret_addr);

/* Takes the name for this process: the socket in *ret_fd, or -EBUSY, -EIO with the sentence. */
int announcer_name_take(struct haops_ctx *ctx, const char *name, int *ret_fd);
/* From now on announcer_name_holder() tells the calling process for the inherited socket. */
int announcer_name_adopt(struct haops_ctx *ctx, int fd);
/* Drops the connections that announcer_name_holder() left, which is all that they are for. */
void announcer_name_clear(struct haops_ctx *ctx, int fd);

/* Who holds the name. -ETIMEDOUT or -EIO with the sentence: unknown. */
int announcer_name_holder(struct haops_ctx *ctx, const char *name, int64_t deadline_ms,
			  struct announcer_holder *ret_holder);

#endif
