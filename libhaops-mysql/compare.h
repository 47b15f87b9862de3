/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_COMPARE_H
#define HAOPS_MYSQL_COMPARE_H

/* Which of two servers has more, for those who elect. Pure. */

#include <haops/mysql.h>

/** Whether all its sets are known. */
bool compare_is_known(const struct haops_mysql_status *status);

/**
 * How many transactions of first the second lacks; 0: it has all.
 *
 * Other than haops_mysql_gtid_compare() it notices when MariaDB gave the same numbers to different
 * transactions, as far as the second's log tells. If that leaves it open, they are taken for the
 * same, unless they are needed: then for different ones. What a replica received and did not apply
 * yet is taken for what its number says. Of two that each lack something of the other, the
 * histories differ.
 */
uint64_t compare_count_missing(const struct haops_mysql_status *first,
			       const struct haops_mysql_status *second, bool is_needed);

#endif
