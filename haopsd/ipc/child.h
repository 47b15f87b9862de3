/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_IPC_CHILD_H
#define HAOPSD_IPC_CHILD_H

/*
 * The process haopsd-ipc as haopsd sees it: started with one end of a socket of packets, ended,
 * reaped. Decides nothing.
 */

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;    /* 0: none */
	pid_t before; /* the one before, which may have left things behind; 0: none */
	int fd;	      /* our end, not blocking; -1: none */
};

int ipc_child_start(const char *path, struct child *child);
/* Closes our end: the process cleans up, and ends by itself. */
void ipc_child_release(struct child *child);
/* Closes our end and ends the process; it is reaped by ipc_child_reap(). */
void ipc_child_end(struct child *child);
/* True when there is no process any more. Does not wait. */
bool ipc_child_reap(struct child *child);

#endif
