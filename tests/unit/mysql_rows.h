/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_ROWS_H
#define HAOPS_TESTS_MYSQL_ROWS_H

/* Answers out of text, as mariadb(1) prints them: tabs between columns, names in the first line. */

#include "unit.h"

#include "answer.h"

static inline size_t count_columns(const char *line)
{
	size_t count = 1;

	for (; *line && *line != '\n'; line++)
		count += *line == '\t';
	return count;
}

static inline void rows_fill(struct answer *answer, const char *text)
{
	bool is_first = true;

	while (*text) {
		const char *line = text;
		size_t column = 0;

		if (is_first)
			assert_int_equal(answer_set_columns(answer, count_columns(line)), 0);
		else
			assert_int_equal(answer_add_row(answer), 0);
		while (column < answer->column_count) {
			size_t len = strcspn(text, "\t\n");
			char name[256];

			if (is_first) {
				(void)snprintf(name, sizeof(name), "%.*s", (int)len, text);
				assert_int_equal(answer_set_name(answer, column, name), 0);
			} else if (len != 4 || strncmp(text, "NULL", 4) != 0) {
				assert_int_equal(answer_set_cell(answer, column, text, len), 0);
			}
			text += len + 1;
			column++;
		}
		is_first = false;
	}
}

#endif
