/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_INTERNAL_H
#define HAOPS_INTERNAL_H

/* What the files of libhaops share: the context, the one way to report an error and to log. */

#include "sys.h"
#include "util/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <haops/haops.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HAOPS_ERROR_MAX 512
#define HAOPS_RUN_DIR_MAX 200
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/*
 * The packet(7) socket for announcements, and the network namespace that it is in. It is kept
 * because closing the last descriptor of one costs an RCU grace period (10 ms and more): the next
 * round uses it, too, and a background sender inherits it, so that the caller's exit does not pay.
 */
struct haops_packet_socket {
	int fd; /* -1: none */
	dev_t netns_dev;
	ino_t netns_ino;
};

struct haops_ctx {
	const struct haops_sys *sys;
	enum haops_log_level log_level;
	haops_log_fn log_fn;
	void *log_userdata;
	struct haops_packet_socket packet;
	char run_dir[HAOPS_RUN_DIR_MAX + 1];
	char error[HAOPS_ERROR_MAX];
};

/* process.c: the environment of a child for which none is given. */
extern const char *const haops_default_env[];

/* CLOCK_MONOTONIC in milliseconds, the unit of every deadline. */
int64_t haops_now_ms(const struct haops_ctx *ctx);

/*
 * The three below are exported in a node of their own (HAOPS_PRIVATE in libhaops.map), for
 * libhaops-cluster of the same release and nobody else.
 *
 * Reports a failure: keeps the sentence in the context, logs it at debug level, returns -err.
 * "return haops_fail(ctx, ENODEV, ...);" is the one way to fail. err is a positive errno value of
 * the documented set of the public call; the sentence says operation, object, reason.
 */
HAOPS_PUBLIC int haops_fail(struct haops_ctx *ctx, int err, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

/* The same for a failed system call: code is its -errno; appends ": " and the system's own words.
 * Returns code if it is in the set EINVAL ENOMEM EPERM ENOENT ENODEV ENOSPC ETIMEDOUT, else -EIO.
 */
HAOPS_PUBLIC int haops_fail_sys(struct haops_ctx *ctx, int code, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

HAOPS_PUBLIC void haops_logf(struct haops_ctx *ctx, enum haops_log_level level, const char *fmt,
			     ...) HAOPS_PRINTF(3, 4);

#endif
