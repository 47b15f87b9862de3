/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads mariadb-binlog's text line by line, see tail-scan.h. What is not known for certain to be
 * harmless counts as an event that cannot be taken back. */

#include "tail-scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void end_image(struct tail *tail)
{
	struct tail_table *table = tail->table;

	if (!tail->is_in_image || !table)
		return;
	tail->is_in_image = false;
	if (table->least_columns == 0 || tail->columns < table->least_columns)
		table->least_columns = tail->columns;
	if (tail->columns > table->most_columns)
		table->most_columns = tail->columns;
}

static struct tail_table *find_table(struct tail *tail, const char *name)
{
	struct tail_table *table;

	for (size_t i = 0; i < tail->table_count; i++) {
		if (strcmp(tail->tables[i].name, name) == 0)
			return &tail->tables[i];
	}
	if (tail->table_count == TAIL_TABLES_MAX || strlen(name) >= TAIL_NAME_MAX) {
		tail->is_cut = true;
		return NULL;
	}
	table = &tail->tables[tail->table_count++];
	(void)snprintf(table->name, sizeof(table->name), "%s", name);
	return table;
}

/* "### INSERT INTO `d`.`t`" and its kind; then "### SET", "### WHERE", "###   @1=...". */
static void scan_row(struct tail *tail, const char *line)
{
	static const char *const heads[] = {"### INSERT INTO ", "### UPDATE ", "### DELETE FROM "};

	if (has_prefix(line, "###   @")) {
		tail->columns++;
		return;
	}
	end_image(tail);
	if (strcmp(line, "### SET") == 0 || strcmp(line, "### WHERE") == 0) {
		tail->is_in_image = true;
		tail->columns = 0;
		return;
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (!has_prefix(line, heads[i]))
			continue;
		tail->table = find_table(tail, line + strlen(heads[i]));
		if (tail->table)
			tail->table->rows++;
	}
}

static void other_event(struct tail *tail, const char *event)
{
	if (tail->others++ == 0)
		(void)snprintf(tail->other, sizeof(tail->other), "%.100s", event);
}

static struct tail_pair *find_pair(struct tail *tail, uint32_t domain, uint32_t server)
{
	for (size_t i = 0; i < tail->pair_count; i++) {
		if (tail->pairs[i].domain == domain && tail->pairs[i].server == server)
			return &tail->pairs[i];
	}
	if (tail->pair_count == TAIL_PAIRS_MAX) {
		tail->is_cut = true;
		return NULL;
	}
	tail->pairs[tail->pair_count] = (struct tail_pair){.domain = domain, .server = server};
	return &tail->pairs[tail->pair_count++];
}

/* The number before a dash or the end of a word. */
static bool take_number(const char **text, uint64_t max, uint64_t *ret_number)
{
	const char *digits = *text;
	size_t len = strspn(digits, "0123456789");
	unsigned long long number;

	if (len == 0 || len > 20)
		return false;
	number = strtoull(digits, NULL, 10);
	if (number > max)
		return false;
	*ret_number = number;
	*text += len;
	return true;
}

static bool take_dash(const char **text)
{
	if (**text != '-')
		return false;
	(*text)++;
	return true;
}

/* "GTID 0-2-6 trans", with "ddl" for what is no rows. */
static void scan_gtid(struct tail *tail, const char *event)
{
	const char *text = event + strlen("GTID ");
	struct tail_pair *pair;
	uint64_t domain;
	uint64_t server;
	uint64_t number;

	tail->transactions++;
	if (!take_number(&text, UINT32_MAX, &domain) || !take_dash(&text) ||
	    !take_number(&text, UINT32_MAX, &server) || !take_dash(&text) ||
	    !take_number(&text, UINT64_MAX, &number)) {
		other_event(tail, event);
		return;
	}
	if (strstr(text, "ddl"))
		other_event(tail, event);
	pair = find_pair(tail, (uint32_t)domain, (uint32_t)server);
	if (!pair)
		return;
	if (pair->first == 0 || number < pair->first)
		pair->first = number;
	if (number > pair->last)
		pair->last = number;
}

static void scan_event(struct tail *tail, const char *event)
{
	static const char *const harmless[] =
		{"Start: binlog v ", "Gtid list [",  "Binlog checkpoint ",
		 "Annotate_rows:",   "Table_map: ",  "Write_rows:",
		 "Update_rows:",     "Delete_rows:", "Xid = ",
		 "Rotate to ",	     "Stop"};

	end_image(tail);
	if (has_prefix(event, "GTID ")) {
		scan_gtid(tail, event);
		return;
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (has_prefix(event, harmless[i]))
			return;
	}
	other_event(tail, event);
}

/* "#261127  6:46:28 server id 2  end_log_pos 1243 ... \tGTID 0-2-6 trans". */
void tail_scan(struct tail *tail, const char *line)
{
	const char *tab;

	if (has_prefix(line, "###")) {
		scan_row(tail, line);
		return;
	}
	if (has_prefix(line, "# End of log file"))
		tail->is_whole = true;
	if (line[0] != '#' || line[1] < '0' || line[1] > '9' || !strstr(line, " server id "))
		return;
	tab = strchr(line, '\t');
	if (tab)
		scan_event(tail, tab + 1);
	else
		other_event(tail, line);
}

void tail_scan_end(struct tail *tail)
{
	end_image(tail);
	tail->table = NULL;
}
