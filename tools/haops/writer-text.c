/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree for people: objects are lines with a label, lists are tables. On a narrow terminal a
 * table leaves out columns from the right, down to the first three. */

#include "format.h"
#include "writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 16
#define LABEL_WIDTH 12
#define KEPT_COLUMNS 3

struct cell {
	char *text; /* as it is printed, without colour */
	size_t width;
	enum writer_level level;
	bool is_number;
};

struct text {
	bool is_first; /* nothing was printed yet */
	bool is_in_list;
	const char *title;
	const char *labels[COLUMNS_MAX];
	bool is_kept[COLUMNS_MAX];
	size_t column_count;
	struct cell *cells; /* rows of COLUMNS_MAX */
	size_t row_count;
	size_t row_room;
	size_t column; /* of the next value in this row */
	bool is_short; /* memory was */
};

static const char *colour_of(const struct writer *writer, enum writer_level level)
{
	static const char *const colours[] = {"", "\033[33m", "\033[1;31m", "\033[35m"};

	return writer->options->has_colour ? colours[level] : "";
}

static const char *colour_end(const struct writer *writer, enum writer_level level)
{
	return writer->options->has_colour && level != LEVEL_OK ? "\033[0m" : "";
}

static void print_title(struct writer *writer, const char *title)
{
	struct text *text = writer->own;

	if (!title)
		return;
	fprintf(writer->out, "%s%s%s%s\n", text->is_first ? "" : "\n",
		writer->options->has_colour ? "\033[1m" : "", title,
		writer->options->has_colour ? "\033[0m" : "");
	text->is_first = false;
}

/* A value as people read it. */
static void print_value(FILE *out, const struct writer_value *value)
{
	char buf[64];

	switch (value->kind) {
	case VALUE_TEXT:
		(void)format_plain(out, value->text[0] ? value->text : "-");
		break;
	case VALUE_NUMBER:
		fprintf(out, "%" PRIu64, value->number);
		break;
	case VALUE_BOOL:
		fputs(value->is_true ? "yes" : "no", out);
		break;
	case VALUE_REAL:
		fprintf(out, isfinite(value->real) ? "%.1f" : "-", value->real);
		break;
	case VALUE_MS:
		format_duration(value->ms, buf, sizeof(buf));
		fputs(value->ms < 0 ? "-" : buf, out);
		break;
	case VALUE_TIME:
		format_local_time(value->ms, buf, sizeof(buf));
		fputs(buf, out);
		break;
	}
}

static void text_begin(struct writer *writer, const char *name, const char *title)
{
	(void)name;
	print_title(writer, title);
}

static void text_end(struct writer *writer)
{
	(void)writer;
}

static void text_list(struct writer *writer, const char *name, const char *item, const char *title)
{
	struct text *text = writer->own;

	(void)name;
	(void)item;
	text->title = title;
	text->is_in_list = true;
	text->row_count = 0;
	text->column_count = 0;
}

static void text_group(struct writer *writer, const char *name, const char *item, const char *title)
{
	(void)name;
	(void)item;
	print_title(writer, title);
}

static void add_row(struct text *text)
{
	size_t room = text->row_room ? 2 * text->row_room : 16;
	struct cell *cells = text->cells;

	text->column = 0;
	if (text->row_count == text->row_room) {
		cells = realloc(text->cells, room * COLUMNS_MAX * sizeof(*cells));
		if (!cells) {
			text->is_short = true;
			return;
		}
		text->cells = cells;
		text->row_room = room;
	}
	memset(cells + text->row_count * COLUMNS_MAX, 0, COLUMNS_MAX * sizeof(*cells));
	text->row_count++;
}

static void text_item(struct writer *writer)
{
	struct text *text = writer->own;

	if (text->is_in_list)
		add_row(text);
	else if (!text->is_first)
		fputc('\n', writer->out);
}

static size_t width_of(const char *utf8)
{
	size_t width = 0;

	for (; *utf8; utf8++)
		width += (*utf8 & 0xc0) != 0x80;
	return width;
}

static void add_cell(struct text *text, const struct writer_value *value)
{
	struct cell *cell;
	size_t size;
	FILE *out;

	if (text->is_short || text->column == COLUMNS_MAX)
		return;
	cell = &text->cells[(text->row_count - 1) * COLUMNS_MAX + text->column];
	out = open_memstream(&cell->text, &size);
	if (!out) {
		text->is_short = true;
		return;
	}
	print_value(out, value);
	(void)fclose(out);
	cell->width = cell->text ? width_of(cell->text) : 0;
	cell->level = value->level;
	cell->is_number =
		value->kind != VALUE_TEXT && value->kind != VALUE_BOOL && value->kind != VALUE_TIME;
	text->is_kept[text->column] = value->is_kept;
	text->labels[text->column++] = value->label;
	if (text->column > text->column_count)
		text->column_count = text->column;
}

static void text_value(struct writer *writer, const struct writer_value *value)
{
	struct text *text = writer->own;

	if (!value->label)
		return;
	if (text->is_in_list) {
		add_cell(text, value);
		return;
	}
	text->is_first = false;
	if (value->label[0])
		fprintf(writer->out, "%-*s ", LABEL_WIDTH, value->label);
	fputs(colour_of(writer, value->level), writer->out);
	print_value(writer->out, value);
	fprintf(writer->out, "%s\n", colour_end(writer, value->level));
}

static void measure(const struct text *text, size_t *widths)
{
	for (size_t c = 0; c < text->column_count; c++)
		widths[c] = width_of(text->labels[c]);
	for (size_t r = 0; r < text->row_count; r++) {
		for (size_t c = 0; c < text->column_count; c++) {
			size_t width = text->cells[r * COLUMNS_MAX + c].width;

			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
}

static size_t table_width(const size_t *widths, size_t count)
{
	size_t width = 0;

	for (size_t c = 0; c < count; c++)
		width += widths[c] > 0 ? widths[c] + 2 : 0;
	return width;
}

/* Columns in which nobody has anything to say go too, and those that do not fit. */
static void choose_columns(const struct writer *writer, const struct text *text, size_t *widths)
{
	size_t columns = writer->options->columns;

	for (size_t c = 0; c < text->column_count; c++) {
		bool is_empty = true;

		for (size_t r = 0; r < text->row_count && is_empty; r++) {
			const char *cell = text->cells[r * COLUMNS_MAX + c].text;

			is_empty = !cell || strcmp(cell, "-") == 0;
		}
		if (is_empty && c > 0)
			widths[c] = 0;
	}
	for (size_t c = text->column_count; columns > 0 && c > KEPT_COLUMNS; c--) {
		if (table_width(widths, text->column_count) > columns && !text->is_kept[c - 1])
			widths[c - 1] = 0;
	}
}

static void print_cell(struct writer *writer, const struct cell *cell, size_t width, bool is_last)
{
	const char *content = cell->text ? cell->text : "";
	int pad = (int)(width > cell->width ? width - cell->width : 0);

	if (cell->is_number)
		fprintf(writer->out, "%*s", pad, "");
	fprintf(writer->out, "%s%s%s", colour_of(writer, cell->level), content,
		colour_end(writer, cell->level));
	if (!cell->is_number && !is_last)
		fprintf(writer->out, "%*s", pad, "");
}

static size_t last_column(const struct text *text, const size_t *widths)
{
	size_t last = text->column_count;

	while (last > 0 && widths[last - 1] == 0)
		last--;
	return last;
}

static void print_row(struct writer *writer, const struct cell *cells, const size_t *widths,
		      size_t last)
{
	for (size_t c = 0; c < last; c++) {
		if (widths[c] == 0)
			continue;
		fputs(c == 0 ? " " : "  ", writer->out);
		print_cell(writer, &cells[c], widths[c], c + 1 == last);
	}
	fputc('\n', writer->out);
}

static void print_table(struct writer *writer)
{
	const struct text *text = writer->own;
	size_t widths[COLUMNS_MAX] = {0};
	struct cell head[COLUMNS_MAX] = {0};
	size_t last;

	measure(text, widths);
	choose_columns(writer, text, widths);
	last = last_column(text, widths);
	for (size_t c = 0; c < text->column_count; c++) {
		head[c].text = (char *)(uintptr_t)text->labels[c];
		head[c].width = width_of(text->labels[c]);
		head[c].is_number = text->cells[c].is_number;
	}
	print_row(writer, head, widths, last);
	for (size_t r = 0; r < text->row_count; r++)
		print_row(writer, text->cells + r * COLUMNS_MAX, widths, last);
}

static void text_list_end(struct writer *writer)
{
	struct text *text = writer->own;

	text->is_in_list = false;
	if (text->row_count > 0 && text->column_count > 0) {
		print_title(writer, text->title);
		print_table(writer);
		text->is_first = false;
	}
	for (size_t i = 0; i < text->row_count * COLUMNS_MAX; i++)
		free(text->cells[i].text);
	text->row_count = 0;
}

static void text_close(struct writer *writer)
{
	struct text *text = writer->own;

	if (text->is_short)
		fputs("memory is short: some lines are missing\n", writer->out);
	free(text->cells);
	free(text);
}

int writer_open_text(struct writer *writer)
{
	static const struct writer_ops ops = {.begin = text_begin,
					      .end = text_end,
					      .list = text_list,
					      .list_end = text_list_end,
					      .group = text_group,
					      .group_end = text_end,
					      .item = text_item,
					      .item_end = text_end,
					      .value = text_value,
					      .close = text_close};
	struct text *text = calloc(1, sizeof(*text));

	if (!text)
		return -ENOMEM;
	text->is_first = true;
	writer->own = text;
	writer->ops = &ops;
	return 0;
}
