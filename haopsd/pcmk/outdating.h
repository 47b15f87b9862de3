/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_OUTDATING_H
#define HAOPSD_OUTDATING_H

/*
 * One disk of this node that a peer wants outdated: drbdadm is run, DRBD is asked what came of it,
 * and again, as long as DRBD takes the connection for whole and so keeps the disk as it is.
 */

#include <haops/haops.h>
#include <qb/qbloop.h>

struct outdating;

struct outdating_spec {
	const char *drbdadm;  /* absolute path */
	const char *resource; /* a name of one, see drbdname.h */
	/* Once: an exit code for DRBD's handler, see outdate.h. */
	void (*answered)(void *userdata, int result, const char *text);
	/* Once, after that: no process is left, and the outdating is freed. */
	void (*gone)(void *userdata);
	void *userdata;
};

/* 0, or -errno when drbdadm cannot be started; then nobody is told. The strings are copied. */
int outdating_start(struct haops_ctx *ctx, qb_loop_t *loop, const struct outdating_spec *spec,
		    struct outdating **ret_outdating);
/* Ends what runs; nobody is told. */
void outdating_forget(struct outdating *outdating);

#endif
