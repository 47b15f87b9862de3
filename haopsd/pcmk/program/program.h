/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_PROGRAM_H
#define HAOPSD_PCMK_PROGRAM_H

/*
 * What the files of haopsd-pacemaker share: its state, and the talk with haopsd. All of it runs in
 * one GMainLoop; a call of Pacemaker's libraries may block or abort, which is why this is a process
 * of its own.
 */

#include "alive.h"
#include "packet.h"
#include "pcmk.h"

#include <glib.h>
#include <stdbool.h>

#define PROGRAM_NAME "haopsd-pacemaker"

struct cib;
struct controller;
struct launcher;
struct tools;

struct program {
	struct haops_ctx *ctx;
	GMainLoop *loop;
	struct cib *cib;
	struct controller *controller;
	struct launcher *launcher;
	struct tools *tools;
	bool is_ready; /* haopsd was told so */
	guint retry_timer;
	guint retry_ms;
	guint handshake_timer;
	struct alive alive;
	guint alive_timer;
	GQueue questions; /* struct packet, to be answered in order */
};

void program_answer(struct program *program, uint64_t id, enum pcmk_result result,
		    const char *text);
/* One of both answered what it was asked at asked_ms; haopsd is told once both did. */
void program_alive(struct program *program, enum alive_party party, int64_t asked_ms);
/* The question that waits, if any, is answered UNAVAILABLE. */
void program_not_alive(struct program *program, const char *text);
void program_log(struct program *program, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

/* Of the connections: one that is there now, or lost. Both are safe within their callbacks. */
void program_connected(struct program *program);
void program_lost(struct program *program, const char *what);

#endif
