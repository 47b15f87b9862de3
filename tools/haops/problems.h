/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_PROBLEMS_H
#define HAOPS_TOOL_PROBLEMS_H

/* How well something is, and what is wrong with it, in sentences. Judges nothing itself. */

#include "writer.h"

#define PROBLEMS_MAX 64
#define PROBLEM_TEXT_MAX 640

struct problem {
	enum writer_level level;
	char text[PROBLEM_TEXT_MAX];
};

struct verdict {
	enum writer_level level;
	size_t count;
	size_t more; /* that are not in problems */
	struct problem problems[PROBLEMS_MAX];
};

/* One more; the verdict is as bad as the worst. */
void verdict_add(struct verdict *verdict, enum writer_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

const char *verdict_level_name(enum writer_level level);

/* The list of problems. */
void view_problems(struct writer *writer, const struct verdict *verdict);
/* Whatever could not be found out. */
void view_failed(struct writer *writer, enum writer_level level, const char *text);

#endif
