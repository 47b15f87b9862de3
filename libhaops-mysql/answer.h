/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_ANSWER_H
#define HAOPS_MYSQL_ANSWER_H

/* What a server answered to a statement: an error, or rows with named columns. Bounded; pure. */

#include <haops/mysql.h>

#define ANSWER_ROWS_MAX 131072 /* sessions: max_connections ends at 100000 */
#define ANSWER_COLUMNS_MAX 256
#define ANSWER_CELL_MAX 262144	  /* bytes of one value */
#define ANSWER_BYTES_MAX 33554432 /* of all values */

struct answer {
	unsigned int code; /* number of the error, 0 for none */
	char text[HAOPS_MYSQL_ERROR_MAX];
	size_t column_count;
	size_t row_count;
	char **names; /* column_count */
	char **cells; /* row after row; NULL is SQL's NULL */
	size_t cell_room;
	size_t bytes;
};

/* For those who fill one. 0, -ENOMEM or -EMSGSIZE; a name or value is copied. */
int answer_set_columns(struct answer *answer, size_t count);
int answer_set_name(struct answer *answer, size_t column, const char *name);
int answer_add_row(struct answer *answer);
int answer_set_cell(struct answer *answer, size_t column, const char *value, size_t len);
void answer_set_error(struct answer *answer, unsigned int code, const char *text);

/* Whether it is an error, and says that the account may not. */
bool answer_is_denied(const struct answer *answer);

/* Frees what it holds; it is empty then. */
void answer_done(struct answer *answer);

/* Index of a column, whatever the case of its letters, or SIZE_MAX. */
size_t answer_find(const struct answer *answer, const char *name);

/* The value at a row and a column by either name; NULL: there is none, or SQL's NULL. */
const char *answer_get(const struct answer *answer, size_t row, const char *name,
		       const char *other_name);

/* The second value of the row whose first one is name, as SHOW VARIABLES answers; or NULL. */
const char *answer_variable(const struct answer *answer, const char *name);

#endif
