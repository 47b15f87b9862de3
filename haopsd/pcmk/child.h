/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_CHILD_H
#define HAOPSD_PCMK_CHILD_H

/*
 * One child process in a qb_loop: started, noticed when it ends, ended at its deadline. Nothing
 * here waits. What it writes is kept up to a bound, for the log.
 */

#include <haops/haops.h>
#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_OUTPUT_MAX 4096

struct child;

struct child_end {
	bool is_timed_out; /* it had to be ended at its deadline: what it did is not known */
	int exit_code;	   /* -1: a signal ended it */
	int signal;
	const char *output; /* the beginning of what it wrote; not with child_spec.fd_in */
};

struct child_spec {
	const char *const *argv; /* argv[0]: absolute path */
	int fd_in;		 /* becomes its descriptor 0; -1: /dev/null, and output is kept */
	int64_t timeout_ms;	 /* 0: none */
	/* From the loop, at the deadline: it was sent SIGKILL. May be NULL. ended() follows, in
	 * time: a process that waits for a disk may stay for long. */
	void (*late)(void *userdata);
	/* Called once, from the loop. The child is gone afterwards. */
	void (*ended)(void *userdata, const struct child_end *end);
	void *userdata;
};

/* 0, or -errno when it could not be started (-ENOENT: no such program). */
int child_start(struct haops_ctx *ctx, qb_loop_t *loop, const struct child_spec *spec,
		struct child **ret_child);
/* SIGKILL; ended() follows when it is gone. */
void child_kill(struct child *child);
/* SIGKILL, and forgets it: ended() is not called. */
void child_forget(struct child *child);
pid_t child_pid(const struct child *child);

#endif
