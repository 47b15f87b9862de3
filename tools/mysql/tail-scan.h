/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_TAIL_SCAN_H
#define HAOPS_MYSQL_TAIL_SCAN_H

/* What the end of a binary log does, out of mariadb-binlog's text with decoded rows: how much, to
 * which tables, and whether all of it are whole rows, which alone can be taken back. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAIL_TABLES_MAX 64
#define TAIL_PAIRS_MAX 32
#define TAIL_NAME_MAX 264 /* `DATABASE`.`TABLE` */
#define TAIL_TEXT_MAX 128

struct tail_table {
	char name[TAIL_NAME_MAX];
	uint64_t rows;
	unsigned int least_columns; /* of all images of rows */
	unsigned int most_columns;
};

/* Transactions of one domain and server. */
struct tail_pair {
	uint32_t domain;
	uint32_t server;
	uint64_t first;
	uint64_t last;
};

struct tail {
	uint64_t transactions;
	uint64_t others; /* events that are no rows: statements, and what is not known here */
	char other[TAIL_TEXT_MAX]; /* the first of them */
	struct tail_table tables[TAIL_TABLES_MAX];
	size_t table_count;
	struct tail_pair pairs[TAIL_PAIRS_MAX];
	size_t pair_count;
	bool is_cut;   /* more tables or pairs than fit */
	bool is_whole; /* its end was seen */

	/* Of the scan. */
	struct tail_table *table;
	bool is_in_image;
	unsigned int columns;
};

/* One line after the other, without its end; begin with zeros. */
void tail_scan(struct tail *tail, const char *line);
/* After the last line. */
void tail_scan_end(struct tail *tail);

#endif
