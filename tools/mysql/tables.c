/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row can be taken back when all of its columns are logged, its engine has transactions, and no
 * foreign key has changed other rows with it: those changes are in no log. */

#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 4
#define FIELD_MAX TAIL_NAME_MAX

static void put_literal(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

int tables_question(const struct tail *tail, char *buf, size_t size)
{
	FILE *out = fmemopen(buf, size, "w");

	if (!out)
		return -ENOSPC;
	fputs("SELECT CONCAT('`', t.TABLE_SCHEMA, '`.`', t.TABLE_NAME, '`') AS name, "
	      "(SELECT COUNT(*) FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = "
	      "t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME), t.ENGINE, "
	      "(SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS r WHERE "
	      "r.UNIQUE_CONSTRAINT_SCHEMA = t.TABLE_SCHEMA AND r.REFERENCED_TABLE_NAME = "
	      "t.TABLE_NAME AND (r.DELETE_RULE IN ('CASCADE', 'SET NULL') OR r.UPDATE_RULE IN "
	      "('CASCADE', 'SET NULL'))) FROM information_schema.TABLES t HAVING name IN (",
	      out);
	for (size_t i = 0; i < tail->table_count; i++) {
		if (i > 0)
			fputs(", ", out);
		put_literal(out, tail->tables[i].name);
	}
	fputs(")", out);
	return fclose(out) == 0 ? 0 : -ENOSPC;
}

struct row {
	char fields[FIELDS][FIELD_MAX];
};

/* The line of a table; names hold no tab. */
static bool find_row(const char *rows, const char *name, struct row *row)
{
	size_t len = strlen(name);

	for (const char *line = rows; *line; line += *line == '\n') {
		const char *field = line;
		size_t end = strcspn(line, "\n");

		if (strncmp(line, name, len) == 0 && line[len] == '\t') {
			for (int i = 0; i < FIELDS; i++) {
				size_t field_len = strcspn(field, "\t\n");

				(void)snprintf(row->fields[i], FIELD_MAX, "%.*s", (int)field_len,
					       field);
				field += field_len + (field[field_len] == '\t');
			}
			return true;
		}
		line += end;
	}
	return false;
}

static bool allow(const struct tail_table *table, const struct row *row, char *why, size_t size)
{
	unsigned long columns = strtoul(row->fields[1], NULL, 10);

	if (strcmp(row->fields[2], "InnoDB") != 0)
		(void)snprintf(why, size, "%s has engine %.32s, without transactions", table->name,
			       row->fields[2]);
	else if (strcmp(row->fields[3], "0") != 0)
		(void)snprintf(why, size,
			       "foreign keys to %s change other rows (CASCADE, SET NULL), which no "
			       "log has",
			       table->name);
	else if (table->least_columns != columns || table->most_columns != columns)
		(void)snprintf(why, size, "not all columns of %s are in the log", table->name);
	else
		return true;
	return false;
}

bool tables_allow(const struct tail *tail, const char *rows, char *ret_why, size_t size)
{
	for (size_t i = 0; i < tail->table_count; i++) {
		struct row row = {0};

		if (!find_row(rows, tail->tables[i].name, &row)) {
			(void)snprintf(ret_why, size, "%s is not there any more",
				       tail->tables[i].name);
			return false;
		}
		if (!allow(&tail->tables[i], &row, ret_why, size))
			return false;
	}
	return true;
}
