/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_RTNL_H
#define HAOPS_RTNL_H

/*
 * A netlink(7) socket and the three ways to ask: one object, a dump, a batch of changes. A dump
 * that the kernel says was interrupted is asked for again and its parts are dropped. Nothing here
 * waits beyond the deadline, except inside the kernel's own handling of a request.
 *
 * Failures: -ETIMEDOUT, -ENOMEM, -EIO, with the sentence set. Where the kernel itself refused,
 * rtnl.refused is its -errno, for those that know what it means.
 */

#include "internal.h"

#include <linux/netlink.h>

/* No dump message is longer: the kernel gives dumps buffers of at most 32 kB. */
#define RTNL_BUF_SIZE 32768

struct rtnl {
	struct haops_ctx *ctx;
	int fd;
	int64_t deadline_ms;
	uint32_t seq;	  /* of the last request */
	const char *what; /* what is being done, for the sentence: "cannot <what>" */
	int refused;	  /* -errno by which the kernel refused, 0 when it did not */
};

/* Receives one message. Below 0 ends the exchange with that code; it has set the sentence then. */
typedef int (*rtnl_msg_fn)(void *arg, const struct nlmsghdr *nlh);

/* Receives a dump. begin forgets what came before: the dump starts, perhaps again. */
struct rtnl_reader {
	void (*begin)(void *arg);
	rtnl_msg_fn message;
	void *arg;
};

/* Changes to be made: build writes number index into buf (RTNL_MSG_MAX bytes), ack hears what the
 * kernel did with it (0 or -errno, and its explanation or ""). An ack below 0 ends the batch, after
 * the messages that were sent together have all been acknowledged. */
struct rtnl_batch {
	size_t count;
	struct nlmsghdr *(*build)(void *arg, size_t index, void *buf);
	int (*ack)(void *arg, size_t index, int code, const char *text);
	void *arg;
};

/* protocol is NETLINK_ROUTE or NETLINK_SOCK_DIAG; groups is a mask of RTMGRP_ or 0. */
int rtnl_open(struct haops_ctx *ctx, int protocol, uint32_t groups, int64_t deadline_ms,
	      struct rtnl *ret);
struct rtnl *rtnl_close(struct rtnl *rtnl);

/* Asks the kernel to explain refusals and to take filters of dumps seriously. Not needed for a
 * plain dump, so that a monitor is spared these calls. */
void rtnl_be_strict(struct rtnl *rtnl);

int rtnl_get(struct rtnl *rtnl, struct nlmsghdr *request, rtnl_msg_fn message, void *arg);
int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *request, const struct rtnl_reader *reader);
int rtnl_run(struct rtnl *rtnl, const struct rtnl_batch *batch);

/* Receives one datagram from the kernel into buf (RTNL_BUF_SIZE): its length, or -ENOBUFS when the
 * kernel lost some, or a failure with its sentence. For listeners. */
ssize_t rtnl_receive(struct rtnl *rtnl, void *buf);

/* Sets the sentence "cannot <what>: <words of code>: <text>" and returns what the caller returns.
 */
int rtnl_fail(struct rtnl *rtnl, int code, const char *text);

static inline void cleanup_rtnl(struct rtnl *rtnl)
{
	(void)rtnl_close(rtnl);
}

#define CLEANUP_RTNL __attribute__((cleanup(cleanup_rtnl)))
#define RTNL_INIT                                                                                  \
	{                                                                                          \
		.fd = -1                                                                           \
	}

#endif
