/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_H
#define HAOPSD_PCMK_H

/*
 * haopsd's end of its helper haopsd-pacemaker, a process of its own that has Pacemaker's libraries:
 * it may hang or die with Pacemaker, and is then ended and started anew. Descriptors and timers are
 * in the caller's qb_loop; no call blocks.
 */

#include <haops/haops.h>
#include <haops/watch.h>
#include <qb/qbloop.h>
#include <stdint.h>

enum pcmk_result {
	PCMK_REPORTED,	 /* the controller has taken it */
	PCMK_UNMANAGED,	 /* unmanaged or in maintenance: Pacemaker must not be told */
	PCMK_NOT_HERE,	 /* stopped, being stopped, or unknown to Pacemaker here: void */
	PCMK_UNAVAILABLE /* Pacemaker does not run or does not answer: ask again later */
};

/* What Pacemaker is to do about a loss. */
enum pcmk_wish {
	PCMK_RECOVER, /* as after a monitor that failed */
	PCMK_LOOK     /* run the monitor now: it can mend it, and nothing is stopped for it */
};

struct pcmk_handlers {
	void (*reported)(void *userdata, uint64_t id, enum pcmk_result result, const char *text);
	/* Pacemaker answers: its controller and pacemakerd both answered what they were asked at
	 * asked_ms (CLOCK_BOOTTIME) or later. */
	void (*alive)(void *userdata, int64_t asked_ms);
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

struct pcmk;

/* The helper is started when first needed. */
int pcmk_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct pcmk_handlers *handlers,
	     void *userdata, struct pcmk **ret_pcmk);
/* For tests, before anything else: another program than the installed one. 0 or -ENOMEM. */
int pcmk_set_program(struct pcmk *pcmk, const char *path);
void pcmk_free(struct pcmk *pcmk);
/* Starts the helper now, so that the first report does not wait for it. */
void pcmk_warm(struct pcmk *pcmk);
/* Asks for the loss of a resource on this node to be reported; reported() answers with id, once,
 * never from within this call. -EINVAL, -EAGAIN when too many wait, -ENOMEM. */
int pcmk_report(struct pcmk *pcmk, const struct haops_watch *watch, enum pcmk_wish wish,
		const char *reason, uint64_t *ret_id);
/* What was reported is whole again, or stopped: Pacemaker is not told any more, if it was not yet.
 * reported() may answer or not. */
void pcmk_withdraw(struct pcmk *pcmk, uint64_t id);
/* From now on ask Pacemaker each interval_ms whether it answers; 0 stops it. */
void pcmk_set_ping(struct pcmk *pcmk, int64_t interval_ms);
/* Sets a transient node attribute of this node (as attrd_updater does), and again whenever
 * Pacemaker, which forgets it when it ends, is back. Attributes are few: 64 names. */
int pcmk_set_attribute(struct pcmk *pcmk, const char *name, const char *value, int64_t dampen_ms);
/* Asks for a node to be fenced (as stonith_admin --fence does); reported() answers. */
int pcmk_fence(struct pcmk *pcmk, const char *node, uint64_t *ret_id);
pid_t pcmk_pid(const struct pcmk *pcmk);	/* 0: not running */
int64_t pcmk_alive_ms(const struct pcmk *pcmk); /* asked_ms of the last answer, 0 never */

#endif
