/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_RUN_H
#define HAOPS_MYSQL_RUN_H

/* What the commands share: where they ask, what they know, how they end. */

#include "cib.h"
#include "problems.h"
#include "survey.h"
#include "tool-options.h"

/* How long one server may take to answer a question. */
#define RUN_ASK_MS 3000

struct run {
	struct mysql_options options;
	struct haops_ctx *ctx;
	struct cib *cib; /* NULL: not asked yet */
	struct survey *survey;
	struct snapshot snapshot;
	struct snapshot fresh; /* too large for a stack */
	struct access access;
	char own[SNAPSHOT_NAME_MAX];
	char text[SNAPSHOT_TEXT_MAX]; /* why it failed */
	int exit_status;
};

/* Asks Pacemaker; what the servers said is kept. 0 or an exit status with text. */
int run_look(struct run *run);
/* Asks Pacemaker and all servers. 0 or an exit status with text. */
int run_look_all(struct run *run);
/* Could not: for the document and for people. Returns the exit status. */
int run_failed(struct run *run, struct writer *writer, int exit_status);

/* The commands: each writes its document and sets the exit status. */
void status_run(struct run *run, struct writer *writer);
void switchover_run(struct run *run, struct writer *writer);
void rejoin_run(struct run *run, struct writer *writer);
void stale_run(struct run *run, struct writer *writer);

#endif
