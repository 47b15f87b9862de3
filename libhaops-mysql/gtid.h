/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_GTID_SET_H
#define HAOPS_MYSQL_GTID_SET_H

/* What the files of sets of transactions share: spans of numbers, sorted, and what a dialect is.
 * Pure: nothing here touches the system. */

#include <haops/mysql-gtid.h>
#include <stdio.h>

/** Bytes of a tag, with the NUL. */
#define GTID_TAG_MAX 33

/** Who numbered a transaction. What is not used is zero, so that memcmp() is the order. */
struct gtid_source {
	uint8_t id[16]; /**< the UUID; MariaDB: domain, then server, most important byte first */
	char tag[GTID_TAG_MAX]; /**< MySQL 8.3 and later, in lower case; "" for none */
};

/** All transactions of a source from first to last, 1 or above. MariaDB: first is always 1. */
struct gtid_span {
	struct gtid_source source;
	uint64_t first;
	uint64_t last;
};

struct gtid_dialect;

/** Sorted by source, then number; no two spans of a source overlap or touch. */
struct haops_mysql_gtid {
	const struct gtid_dialect *dialect;
	size_t count;
	struct gtid_span spans[];
};

/** A text on its way into a set. */
struct gtid_reader {
	struct haops_ctx *ctx;
	const struct gtid_dialect *dialect;
	const char *text;
	const char *at;		      /**< what is read next */
	size_t room;		      /**< spans that set has room for */
	struct haops_mysql_gtid *set; /**< in the order of the text until all is read */
};

/** In what MariaDB and MySQL differ. */
struct gtid_dialect {
	const char *name;
	/** Reads one entry, up to a blank, a comma or the end. */
	int (*read_entry)(struct gtid_reader *reader);
	/** Writes a span; before is the one that was written last, or NULL. */
	void (*write)(FILE *out, const struct gtid_span *span, const struct gtid_span *before);
	size_t (*count_domains)(const struct haops_mysql_gtid *set);
	uint64_t (*count_beyond)(const struct haops_mysql_gtid *first,
				 const struct haops_mysql_gtid *second);
};

extern const struct gtid_dialect gtid_mariadb;
extern const struct gtid_dialect gtid_mysql;

/* gtid.c */

/** An empty set with room for that many spans, or NULL. */
struct haops_mysql_gtid *gtid_new(const struct gtid_dialect *dialect, size_t room);

/** Brings spans of any order into that of a set. */
void gtid_sort(struct haops_mysql_gtid *set);

/** Goes over what one set has and another lacks; a and b first, zero the rest. */
struct gtid_minus {
	const struct haops_mysql_gtid *a;
	const struct haops_mysql_gtid *b;
	size_t at_a;
	size_t at_b;
	uint64_t from; /**< first number of the span of a that is not looked at yet; 0: all of it */
};

/** The next span of a without b; false when there is none. */
bool gtid_minus_next(struct gtid_minus *minus, struct gtid_span *ret_span);

/** The sum, or the largest number when it is larger. */
uint64_t gtid_add(uint64_t a, uint64_t b);

/* gtid-parse.c */

/** Fails with a sentence that quotes where. */
int gtid_parse_fail(const struct gtid_reader *reader, const char *expected);

/** Reads a number as servers write it: digits, no zero before others, up to max. */
int gtid_parse_number(struct gtid_reader *reader, uint64_t max, const char *expected,
		      uint64_t *ret_number);

/** Takes one character that has to be there. */
int gtid_parse_char(struct gtid_reader *reader, char wanted, const char *expected);

/** Keeps a span. */
int gtid_parse_keep(struct gtid_reader *reader, const struct gtid_span *span);

/* gtid-mariadb.c */

/**
 * How many of the transactions that a history ends with a server lacks though its own numbers are
 * not lower: another history took those numbers. 0 when it has them; also when that cannot be told,
 * unless it is_doubted.
 *
 * history is all that somebody has; logged and applied are the server's @@gtid_binlog_state and
 * @@gtid_slave_pos, where log_slave_updates is on.
 */
uint64_t gtid_mariadb_count_overtaken(const struct haops_mysql_gtid *history,
				      const struct haops_mysql_gtid *logged,
				      const struct haops_mysql_gtid *applied, bool is_doubted);

#endif
