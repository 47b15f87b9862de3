/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all forms have in common: values are handed to the form, each with the level set for it.
 * Writes nothing itself. */

#include "writer.h"

#include <stdarg.h>

int writer_open(struct writer *writer, FILE *out, const struct writer_options *options,
		const char *command)
{
	*writer = (struct writer){.out = out, .options = options};
	if (options->form == WRITER_JSON)
		return writer_open_json(writer, command);
	if (options->form == WRITER_XML)
		return writer_open_xml(writer, command);
	return writer_open_text(writer);
}

void writer_close(struct writer *writer)
{
	writer->ops->close(writer);
}

static void put(struct writer *writer, struct writer_value *value)
{
	value->level = writer->level;
	value->is_kept = writer->is_kept;
	writer->level = LEVEL_OK;
	writer->is_kept = false;
	writer->ops->value(writer, value);
}

void out_text(struct writer *writer, const char *name, const char *label, const char *text)
{
	put(writer,
	    &(struct writer_value){.name = name, .label = label, .kind = VALUE_TEXT, .text = text});
}

void out_number(struct writer *writer, const char *name, const char *label, uint64_t number)
{
	put(writer, &(struct writer_value){.name = name,
					   .label = label,
					   .kind = VALUE_NUMBER,
					   .number = number});
}

void out_bool(struct writer *writer, const char *name, const char *label, bool is_true)
{
	put(writer, &(struct writer_value){.name = name,
					   .label = label,
					   .kind = VALUE_BOOL,
					   .is_true = is_true});
}

void out_real(struct writer *writer, const char *name, const char *label, double real)
{
	put(writer,
	    &(struct writer_value){.name = name, .label = label, .kind = VALUE_REAL, .real = real});
}

void out_ms(struct writer *writer, const char *name, const char *label, int64_t ms)
{
	put(writer,
	    &(struct writer_value){.name = name, .label = label, .kind = VALUE_MS, .ms = ms});
}

void out_time(struct writer *writer, const char *name, const char *label, int64_t wall_ms)
{
	put(writer, &(struct writer_value){.name = name,
					   .label = label,
					   .kind = VALUE_TIME,
					   .ms = wall_ms});
}

void out_say(struct writer *writer, const char *label, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out_text(writer, NULL, label, text);
}
