/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_GTID_H
#define HAOPS_MYSQL_GTID_H

/**
 * @file mysql-gtid.h
 * @brief Sets of transactions as MariaDB and MySQL write them, and which of two has more.
 *
 * Two dialects:
 *  - MariaDB: DOMAIN-SERVER-SEQ, separated by commas. A position (@@gtid_slave_pos,
 *    Gtid_IO_Pos) has one entry per domain; a state (@@gtid_binlog_state) the last one of each
 *    (domain, server) pair. An entry stands for all transactions of its pair, or of its domain,
 *    up to SEQ; one with SEQ 0 for none.
 *    Source: https://mariadb.com/kb/en/gtid/
 *  - MySQL: UUID:FIRST-LAST[:FIRST-LAST...], separated by commas (@@gtid_executed,
 *    Retrieved_Gtid_Set). Tags of 8.3 and later (UUID:TAG:...) are part of the source's name.
 *    Source: https://dev.mysql.com/doc/refman/8.4/en/replication-gtids-concepts.html
 *
 * All functions are pure: nothing is read but the arguments. NULL is not the empty set: those
 * that take a context refuse it (-EINVAL), to the others it is a set of which nothing is known,
 * neither empty nor equal to any.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest text of a set that is read, in bytes. */
#define HAOPS_MYSQL_GTID_TEXT_MAX 65536
/** Most entries (MariaDB) or intervals (MySQL) of a set that is read; a union may have more. */
#define HAOPS_MYSQL_GTID_ENTRIES_MAX 8192

/** Who wrote a set. */
enum haops_mysql_flavor {
	HAOPS_MYSQL_MARIADB, /**< MariaDB Server */
	HAOPS_MYSQL_MYSQL    /**< MySQL, Percona Server */
};

/** A set of transactions. */
struct haops_mysql_gtid;

/** How two sets compare. */
enum haops_mysql_relation {
	HAOPS_MYSQL_EQUAL,   /**< the same transactions */
	HAOPS_MYSQL_BEHIND,  /**< the first lacks some of the second */
	HAOPS_MYSQL_AHEAD,   /**< the first has all of the second and more */
	HAOPS_MYSQL_DIVERGED /**< each has some that the other lacks */
};

/**
 * @brief Reads a set, strictly as servers write them: no zeros before a number, no empty entry,
 * no interval that ends before it begins. Order, overlaps and the case of letters do not matter.
 *
 * @param ctx the context
 * @param flavor which dialect
 * @param text the set; "" and NULL are the empty set; blanks and line ends around entries are
 * skipped
 * @param ret_set the set; free it with haops_mysql_gtid_free()
 * @return 0
 * @return -EINVAL it is not a set of that dialect, or overlong: the sentence quotes where
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_gtid_parse(struct haops_ctx *ctx,
							 enum haops_mysql_flavor flavor,
							 const char *text,
							 struct haops_mysql_gtid **ret_set);

/**
 * @brief Frees a set. NULL is allowed.
 *
 * @param set the set or NULL
 * @return NULL always
 */
HAOPS_PUBLIC struct haops_mysql_gtid *haops_mysql_gtid_free(struct haops_mysql_gtid *set);

/**
 * @brief The set as its server would write it, but on one line: sorted, intervals joined, MySQL's
 * UUIDs and tags in lower case, the tags of a UUID in one entry.
 *
 * @param ctx the context
 * @param set the set
 * @param ret_text the text; free it with free()
 * @return 0
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int
haops_mysql_gtid_format(struct haops_ctx *ctx, const struct haops_mysql_gtid *set, char **ret_text);

/**
 * @brief Whether it holds no transaction.
 *
 * @param set the set
 * @return true when it is empty
 */
HAOPS_PUBLIC bool haops_mysql_gtid_is_empty(const struct haops_mysql_gtid *set);

/**
 * @brief How many domains (MariaDB) or sources (MySQL) it names.
 *
 * @param set the set
 * @return the number, 0 for an empty set
 */
HAOPS_PUBLIC size_t haops_mysql_gtid_count_domains(const struct haops_mysql_gtid *set);

/**
 * @brief Compares two positions.
 *
 * MariaDB: per domain by sequence number, whatever the server; of a state its highest entry counts.
 * That is the order in which one history was written, and it cannot tell two histories apart: ask
 * haops_mysql_gtid_errant() for that. MySQL: as sets.
 *
 * @param first a set
 * @param second a set of the same dialect; of another one, the sets count as diverged
 * @return how the first compares with the second
 */
HAOPS_PUBLIC enum haops_mysql_relation
haops_mysql_gtid_compare(const struct haops_mysql_gtid *first,
			 const struct haops_mysql_gtid *second);

/**
 * @brief Whether the first has everything that the second has: compare is EQUAL or AHEAD.
 *
 * @param first a set
 * @param second a set of the same dialect
 * @return true when nothing of second is missing
 */
HAOPS_PUBLIC bool haops_mysql_gtid_covers(const struct haops_mysql_gtid *first,
					  const struct haops_mysql_gtid *second);

/**
 * @brief What the first has and the second lacks.
 *
 * MariaDB: entries of first whose (domain, server) pair the second does not have up to that
 * number. Give the @@gtid_binlog_state of both, the second's united with its @@gtid_slave_pos: that
 * finds transactions that only the first has (errant ones) although its domain's number is smaller.
 * MySQL: the difference of the sets, as GTID_SUBTRACT() does.
 *
 * @param ctx the context
 * @param first whose transactions are looked at
 * @param second who should have them, of the same dialect
 * @param ret_set what is missing there, empty when nothing is; free it with haops_mysql_gtid_free()
 * @return 0
 * @return -EINVAL the dialects differ
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_gtid_errant(struct haops_ctx *ctx,
							  const struct haops_mysql_gtid *first,
							  const struct haops_mysql_gtid *second,
							  struct haops_mysql_gtid **ret_set);

/**
 * @brief Everything that one of two has.
 *
 * MariaDB: the higher entry of each (domain, server) pair.
 *
 * @param ctx the context
 * @param first a set
 * @param second a set of the same dialect
 * @param ret_set the union; free it with haops_mysql_gtid_free()
 * @return 0
 * @return -EINVAL the dialects differ
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_gtid_unite(struct haops_ctx *ctx,
							 const struct haops_mysql_gtid *first,
							 const struct haops_mysql_gtid *second,
							 struct haops_mysql_gtid **ret_set);

/**
 * @brief How many transactions the first has beyond the second, to tell people.
 *
 * MariaDB: per domain the difference of the highest sequence numbers; numbers are not used twice in
 * one domain, but some may be left out, so it is an upper bound.
 *
 * @param first a set
 * @param second a set of the same dialect
 * @return the number, 0 when second has all
 */
HAOPS_PUBLIC uint64_t haops_mysql_gtid_count_beyond(const struct haops_mysql_gtid *first,
						    const struct haops_mysql_gtid *second);

#ifdef __cplusplus
}
#endif
#endif
