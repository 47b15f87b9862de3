/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_READER_H
#define MYSQL_READER_H

/* Whether clients may read from a server: the value of the node attribute. Pure. */

#include <haops/mysql.h>

struct reader_limits {
	int64_t out_s; /* lag above this: not any more; 0: never for its lag */
	int64_t in_s;  /* lag up to this: again */
};

/* was_readable: what it was told last. The primary always is, so that at least one is. */
bool reader_decide(const struct haops_mysql_status *status, const struct reader_limits *limits,
		   bool follows_primary, bool was_readable);

#endif
