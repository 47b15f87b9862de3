/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_HELPER_H
#define HAOPSD_PCMK_HELPER_H

/*
 * The life of the helper process: started when wanted, its packets received, started anew with a
 * growing pause when it ends. What the packets mean is the matter of pcmk.c.
 */

#include "packet.h"

#include <haops/haops.h>
#include <qb/qbloop.h>
#include <stdbool.h>
#include <sys/types.h>

struct helper;

struct helper_handlers {
	void (*packet)(void *userdata, const struct packet *packet);
	/* The process is there and can be sent to, or is not any more. */
	void (*changed)(void *userdata, bool is_up);
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

int helper_new(struct haops_ctx *ctx, qb_loop_t *loop, const char *path,
	       struct helper **ret_helper);
void helper_set_handlers(struct helper *helper, const struct helper_handlers *handlers,
			 void *userdata);
void helper_free(struct helper *helper);
int helper_set_path(struct helper *helper, const char *path); /* 0 or -ENOMEM */
/* From now on the process shall be there. */
void helper_want(struct helper *helper);
bool helper_is_up(const struct helper *helper);
/* 0, -ENOTCONN, or -EAGAIN when it does not read. */
int helper_send(struct helper *helper, const struct packet *packet);
/* Ends the process with SIGKILL; it is started anew. why: half a sentence for the log. */
void helper_kill(struct helper *helper, const char *why);
pid_t helper_pid(const struct helper *helper);

#endif
