/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_STEPS_H
#define HAOPS_MYSQL_STEPS_H

/* What was done, one line each, with the time since it began: on the screen as it happens, and in
 * the document for programs. */

#include "snapshot.h"
#include "writer.h"

#define STEPS_MAX 32

struct step {
	int64_t after_ms;
	char text[SNAPSHOT_TEXT_MAX];
};

struct steps {
	bool is_shown; /* as they come */
	int64_t began_ms;
	size_t count;
	struct step list[STEPS_MAX];
};

void steps_add(struct steps *steps, int64_t now_ms, const char *format, ...) HAOPS_PRINTF(3, 4);
/* The list, for programs. */
void steps_write(const struct steps *steps, struct writer *writer);

#endif
