/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_JUDGE_H
#define HAOPSD_PCMK_JUDGE_H

/*
 * Whether Pacemaker shall be told that a resource on a node is lost, by what its own status code
 * makes of configuration and status. Pure.
 */

#include "packet.h"
#include "pcmk.h"

#include <crm/pengine/status.h>

struct judge_question {
	const char *node;     /* own node's name */
	const char *resource; /* as the agent knows it: "vip", "web" or "web:0" */
	const char *agent;    /* "provider:type" */
	enum pcmk_wish wish;
};

/* Strings belong to the working set. */
struct judge_verdict {
	enum pcmk_result result; /* PCMK_REPORTED: it is to be told */
	enum pcmk_wish wish;	 /* and as this */
	char text[PACKET_TEXT_MAX];
	const char *id;	     /* as the controller's API wants it */
	const char *long_id; /* or NULL */
	const char *standard;
	const char *provider; /* or NULL */
	const char *type;
};

/* cluster: after cluster_status(). */
void judge_loss(const pe_working_set_t *cluster, const struct judge_question *question,
		struct judge_verdict *ret_verdict);

#endif
