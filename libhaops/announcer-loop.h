/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ANNOUNCER_LOOP_H
#define HAOPS_ANNOUNCER_LOOP_H

/* The life of a background sender, from the process that was forked for it to its end. */

#include "internal.h"

#include <haops/arp.h>

/* What a sender tells its maker once, when it runs or cannot run. */
struct announcer_report {
	int code; /* 0, or -errno */
	char sentence[HAOPS_ERROR_MAX];
};

struct announcer_loop {
	struct haops_ctx *ctx;
	const char *name;
	const struct haops_announcement *what;
	const struct haops_arp_schedule *schedule;
	uint32_t skip_rounds;
	int name_fd;   /* from announcer_name_take() */
	int report_fd; /* where the report goes */
};

/* Never returns: exits when the addresses or the interface are gone. */
void announcer_loop_run(struct announcer_loop *loop) __attribute__((noreturn));

#endif
