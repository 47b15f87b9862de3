/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PROBER_H
#define HAOPSD_PROBER_H

/*
 * A helper process that asks for us what may hang: started, asked, heard, ended. Its descriptors 0
 * and 1 are a stream socket: a byte is a question, answered by a struct of a fixed size, one at a
 * time; both are of one build. The end of the stream ends it. Nothing here waits, or knows what is
 * asked.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <sys/types.h>

struct prober {
	struct haops_ctx *ctx;
	pid_t pid; /* 0: none */
	int fd;	   /* to it, -1: none */
	int pidfd; /* -1: none */
};

int64_t prober_now_ms(void); /* CLOCK_BOOTTIME */

/* argv[0]: absolute path. 0 or -errno. */
int prober_start(struct prober *prober, struct haops_ctx *ctx, const char *const argv[]);
/* 0, or -errno: it takes nothing, end it. */
int prober_ask(struct prober *prober, char question);
/* 0, -EAGAIN when nothing waits, -EPIPE when it has ended, or another -errno. */
int prober_hear(struct prober *prober, void *answer, size_t size);
/* Closes the stream: it ends by itself, in its own time. */
void prober_hang_up(struct prober *prober);
/* SIGKILL. It is still to be reaped; the pidfd tells when. */
void prober_kill(struct prober *prober);
/* True when it is gone, and forgotten here. Never waits. */
bool prober_reap(struct prober *prober);
/* Closes what is ours. The process, if it still is, is init's. */
void prober_forget(struct prober *prober);

#endif
