/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree as XML in the manner of crm_mon: objects are elements, their values attributes. */

#include "format.h"
#include "writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct xml {
	unsigned int depth;
	const char *names[2 * WRITER_DEPTH]; /* of the elements that are open */
	const char *items[2 * WRITER_DEPTH]; /* of the lists that are open: what they hold */
	bool is_in_tag;			     /* attributes may still come */
};

static void end_tag(struct writer *writer)
{
	struct xml *xml = writer->own;

	if (xml->is_in_tag)
		fputs(">\n", writer->out);
	xml->is_in_tag = false;
}

static void open_element(struct writer *writer, const char *name)
{
	struct xml *xml = writer->own;

	end_tag(writer);
	fprintf(writer->out, "%*s<%s", (int)(2 * xml->depth), "", name);
	xml->names[xml->depth++] = name;
	xml->is_in_tag = true;
}

static void close_element(struct writer *writer)
{
	struct xml *xml = writer->own;

	xml->depth--;
	if (xml->is_in_tag)
		fputs("/>\n", writer->out);
	else
		fprintf(writer->out, "%*s</%s>\n", (int)(2 * xml->depth), "",
			xml->names[xml->depth]);
	xml->is_in_tag = false;
}

static void xml_begin(struct writer *writer, const char *name, const char *title)
{
	(void)title;
	open_element(writer, name);
}

static void xml_list(struct writer *writer, const char *name, const char *item, const char *title)
{
	struct xml *xml = writer->own;

	(void)title;
	open_element(writer, name);
	xml->items[xml->depth] = item;
}

static void xml_item(struct writer *writer)
{
	const struct xml *xml = writer->own;

	open_element(writer, xml->items[xml->depth]);
}

static void write_scalar(FILE *out, const struct writer_value *value)
{
	char when[64];

	switch (value->kind) {
	case VALUE_TEXT:
		format_xml(out, value->text);
		break;
	case VALUE_NUMBER:
		fprintf(out, "%" PRIu64, value->number);
		break;
	case VALUE_BOOL:
		fputs(value->is_true ? "true" : "false", out);
		break;
	case VALUE_REAL:
		fprintf(out, "%.3f", value->real);
		break;
	case VALUE_MS:
		fprintf(out, "%" PRId64, value->ms);
		break;
	case VALUE_TIME:
		format_utc(value->ms, when, sizeof(when));
		format_xml(out, when);
		break;
	}
}

/* What is not known has no attribute. */
static bool is_known(const struct writer_value *value)
{
	return (value->kind != VALUE_REAL || isfinite(value->real)) &&
	       (value->kind != VALUE_MS || value->ms >= 0);
}

static void xml_value(struct writer *writer, const struct writer_value *value)
{
	const struct xml *xml = writer->own;

	if (!value->name || !is_known(value) || !xml->is_in_tag)
		return;
	fprintf(writer->out, " %s=\"", value->name);
	write_scalar(writer->out, value);
	fputc('"', writer->out);
}

static void xml_close(struct writer *writer)
{
	close_element(writer);
	free(writer->own);
}

int writer_open_xml(struct writer *writer, const char *command)
{
	static const struct writer_ops ops = {.begin = xml_begin,
					      .end = close_element,
					      .list = xml_list,
					      .list_end = close_element,
					      .group = xml_list,
					      .group_end = close_element,
					      .item = xml_item,
					      .item_end = close_element,
					      .value = xml_value,
					      .close = xml_close};

	writer->own = calloc(1, sizeof(struct xml));
	if (!writer->own)
		return -ENOMEM;
	writer->ops = &ops;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", writer->out);
	open_element(writer, "haops-result");
	out_number(writer, "api", NULL, WRITER_API);
	out_text(writer, "command", NULL, command);
	return 0;
}
