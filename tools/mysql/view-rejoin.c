/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only a diverged node has, and its ways back, as a tree for a writer. */

#include "view-rejoin.h"

#include <inttypes.h>
#include <string.h>

static void show_tables(struct writer *writer, const struct tail *tail)
{
	out_list(writer, "tables", "table", "Rows that only it has changed");
	for (size_t i = 0; i < tail->table_count; i++) {
		out_item(writer);
		out_text(writer, "name", "TABLE", tail->tables[i].name);
		out_number(writer, "rows", "ROWS", tail->tables[i].rows);
		out_item_end(writer);
	}
	out_list_end(writer);
}

static void show_ways(struct writer *writer, const struct way ways[WAY_COUNT])
{
	bool is_for_people = writer->options->form == WRITER_TEXT;

	out_list(writer, "ways", "way", "Ways back");
	for (size_t i = 0; i < WAY_COUNT; i++) {
		out_item(writer);
		out_text(writer, "name", "WAY", ways[i].name);
		out_bool(writer, "possible", "POSSIBLE", ways[i].is_possible);
		out_keep(writer);
		out_text(writer, "why", "WHY", ways[i].why);
		if (!is_for_people)
			out_text(writer, "commands", NULL, ways[i].commands);
		out_item_end(writer);
	}
	out_list_end(writer);
}

/* One line each, to be copied. */
static void show_commands(struct writer *writer, const struct divergence *d, const struct way *way)
{
	const char *line = way->commands;
	char title[SNAPSHOT_TEXT_MAX];

	if (!way->is_possible || !line[0])
		return;
	(void)snprintf(title, sizeof(title), "%s by hand, as root on %s", way->name, d->node->name);
	out_begin(writer, NULL, title);
	while (*line) {
		size_t len = strcspn(line, "\n");

		out_say(writer, "", "  %.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	out_end(writer);
}

void view_divergence(struct writer *writer, const struct divergence *divergence,
		     const struct way ways[WAY_COUNT])
{
	const struct divergence *d = divergence;
	const char *errant = d->node->server.errant;

	out_text(writer, "primary", "Primary", d->primary->name);
	out_text(writer, "mark", "Mark", d->node->is_bad ? d->node->bad : "not marked");
	out_level(writer, LEVEL_CRITICAL);
	out_text(writer, "errant", "Only there", errant ? errant : "");
	out_number(writer, "behind", "Behind", d->node->server.behind);
	out_text(writer, "position", "They part", d->position);
	out_text(writer, "file", "Kept in", d->file);
	if (d->trouble[0]) {
		out_level(writer, LEVEL_WARNING);
		out_text(writer, "trouble", "Not kept", d->trouble);
	}
	if (d->file[0])
		out_number(writer, "transactions", "Transactions", d->tail.transactions);
	show_tables(writer, &d->tail);
	show_ways(writer, ways);
	for (size_t i = 0; i < WAY_COUNT && writer->options->form == WRITER_TEXT; i++)
		show_commands(writer, d, &ways[i]);
}
