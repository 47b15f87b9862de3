/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded list of what is wrong, and how it is written. */

#include "problems.h"

#include <stdarg.h>

void verdict_add(struct verdict *verdict, enum writer_level level, const char *format, ...)
{
	struct problem *problem = &verdict->problems[verdict->count];
	va_list args;

	if (level > verdict->level)
		verdict->level = level;
	if (verdict->count == PROBLEMS_MAX) {
		verdict->more++;
		return;
	}
	problem->level = level;
	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	verdict->count++;
}

const char *verdict_level_name(enum writer_level level)
{
	static const char *const names[] = {"ok", "warning", "critical", "unknown"};

	return names[level];
}

void view_problems(struct writer *writer, const struct verdict *verdict)
{
	out_list(writer, "problems", "problem", "What is wrong");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct problem *problem = &verdict->problems[i];

		out_item(writer);
		out_level(writer, problem->level);
		out_text(writer, "level", "LEVEL", verdict_level_name(problem->level));
		out_keep(writer);
		out_text(writer, "text", "WHAT", problem->text);
		out_item_end(writer);
	}
	out_list_end(writer);
	if (verdict->more > 0)
		out_say(writer, "", "%zu more are not listed", verdict->more);
}

void view_failed(struct writer *writer, enum writer_level level, const char *text)
{
	out_text(writer, "health", NULL, verdict_level_name(level));
	out_list(writer, "problems", "problem", NULL);
	out_item(writer);
	out_text(writer, "level", NULL, verdict_level_name(level));
	out_text(writer, "text", NULL, text);
	out_item_end(writer);
	out_list_end(writer);
}
