/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree as JSON: objects, arrays, numbers as they are, times in UTC. */

#include "format.h"
#include "writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct json {
	unsigned int depth;
	bool has_value[2 * WRITER_DEPTH]; /* at this depth: a comma is due */
};

static void start(struct writer *writer, const char *name)
{
	struct json *json = writer->own;

	if (json->has_value[json->depth])
		fputc(',', writer->out);
	json->has_value[json->depth] = true;
	if (json->depth > 0 && !writer->options->is_compact)
		fprintf(writer->out, "\n%*s", (int)(2 * json->depth), "");
	if (name) {
		format_json(writer->out, name);
		fputs(writer->options->is_compact ? ":" : ": ", writer->out);
	}
}

static void open_bracket(struct writer *writer, const char *name, char bracket)
{
	struct json *json = writer->own;

	start(writer, name);
	fputc(bracket, writer->out);
	json->depth++;
	json->has_value[json->depth] = false;
}

static void close_bracket(struct writer *writer, char bracket)
{
	struct json *json = writer->own;
	bool has_value = json->has_value[json->depth];

	json->depth--;
	if (has_value && !writer->options->is_compact)
		fprintf(writer->out, "\n%*s", (int)(2 * json->depth), "");
	fputc(bracket, writer->out);
}

static void json_begin(struct writer *writer, const char *name, const char *title)
{
	(void)title;
	if (name)
		open_bracket(writer, name, '{');
}

static void json_end(struct writer *writer)
{
	close_bracket(writer, '}');
}

static void json_list(struct writer *writer, const char *name, const char *item, const char *title)
{
	(void)item;
	(void)title;
	open_bracket(writer, name, '[');
}

static void json_list_end(struct writer *writer)
{
	close_bracket(writer, ']');
}

static void json_item(struct writer *writer)
{
	open_bracket(writer, NULL, '{');
}

static void json_value(struct writer *writer, const struct writer_value *value)
{
	char when[64];

	if (!value->name)
		return;
	start(writer, value->name);
	switch (value->kind) {
	case VALUE_TEXT:
		format_json(writer->out, value->text);
		break;
	case VALUE_NUMBER:
		fprintf(writer->out, "%" PRIu64, value->number);
		break;
	case VALUE_BOOL:
		fputs(value->is_true ? "true" : "false", writer->out);
		break;
	case VALUE_REAL:
		/* JSON has no word for what is no number. */
		if (isfinite(value->real))
			fprintf(writer->out, "%.3f", value->real);
		else
			fputs("null", writer->out);
		break;
	case VALUE_MS:
		if (value->ms < 0)
			fputs("null", writer->out);
		else
			fprintf(writer->out, "%" PRId64, value->ms);
		break;
	case VALUE_TIME:
		format_utc(value->ms, when, sizeof(when));
		format_json(writer->out, when);
		break;
	}
}

static void json_close(struct writer *writer)
{
	close_bracket(writer, '}');
	fputc('\n', writer->out);
	free(writer->own);
}

int writer_open_json(struct writer *writer, const char *command)
{
	static const struct writer_ops ops = {.begin = json_begin,
					      .end = json_end,
					      .list = json_list,
					      .list_end = json_list_end,
					      .group = json_list,
					      .group_end = json_list_end,
					      .item = json_item,
					      .item_end = json_end,
					      .value = json_value,
					      .close = json_close};

	writer->own = calloc(1, sizeof(struct json));
	if (!writer->own)
		return -ENOMEM;
	writer->ops = &ops;
	open_bracket(writer, NULL, '{');
	out_number(writer, "api", NULL, WRITER_API);
	out_text(writer, "command", NULL, command);
	return 0;
}
