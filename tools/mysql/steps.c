/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps and shows steps. Does none. */

#include "steps.h"

#include "format.h"

#include <inttypes.h>
#include <stdarg.h>

static void show(const struct step *step)
{
	printf("  +%" PRId64 ".%03" PRId64 " s  ", step->after_ms / 1000, step->after_ms % 1000);
	(void)format_plain(stdout, step->text);
	putchar('\n');
	(void)fflush(stdout);
}

void steps_add(struct steps *steps, int64_t now_ms, const char *format, ...)
{
	struct step *step = &steps->list[steps->count < STEPS_MAX ? steps->count : STEPS_MAX - 1];
	va_list args;

	step->after_ms = now_ms - steps->began_ms;
	va_start(args, format);
	(void)vsnprintf(step->text, sizeof(step->text), format, args);
	va_end(args);
	if (steps->count < STEPS_MAX)
		steps->count++;
	if (steps->is_shown)
		show(step);
}

void steps_write(const struct steps *steps, struct writer *writer)
{
	if (writer->options->form == WRITER_TEXT)
		return;
	out_list(writer, "steps", "step", NULL);
	for (size_t i = 0; i < steps->count; i++) {
		out_item(writer);
		out_ms(writer, "after_ms", NULL, steps->list[i].after_ms);
		out_text(writer, "text", NULL, steps->list[i].text);
		out_item_end(writer);
	}
	out_list_end(writer);
}
