/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_CHILD_H
#define HAOPS_OCF_CHILD_H

/*
 * Children of this program that do what may never return: look at a path, unmount, read a device.
 * Who waits for one waits until a deadline. A child that the kernel does not let go (state D) is
 * left behind.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int pidfd;
	int out; /* what it writes */
};

/* Starts fn in a child that has nothing but its output. 0 or -errno. */
int child_start(struct child *ret_child, void (*fn)(void *arg, int out), void *arg);
/* 1 there is output or its end, 0 the deadline has passed. */
int child_wait(const struct haops_ctx *ctx, const struct child *child, int64_t deadline_ms);
/* Ends it and takes its leftovers away. False: it did not end, and is left behind. */
bool child_end(const struct haops_ctx *ctx, struct child *child);

#define CHILD_TEXT_MAX 1024
struct child_answer {
	int code;
	char text[CHILD_TEXT_MAX];
};
struct child_question {
	/* Fills in the answer: a code of its own or -errno, and a text. */
	void (*fn)(const void *arg, struct child_answer *answer);
	const void *arg;
};
/* Asks, and waits. 0, -ETIMEDOUT (no answer; *ret_left is the child if it could not be ended, else
 * 0), or -errno: no child. */
int child_ask(const struct haops_ctx *ctx, const struct child_question *question,
	      int64_t deadline_ms, struct child_answer *ret_answer, pid_t *ret_left);

#endif
