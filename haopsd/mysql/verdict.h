/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MYSQL_VERDICT_H
#define HAOPSD_MYSQL_VERDICT_H

/* What a database server's status, or its silence, means for its role. Pure. */

#include "looker/protocol.h"

#include <haops/mysql.h>
#include <haops/watch.h>
#include <stdbool.h>
#include <stdint.h>

/* A thread of a replica that is stopped, or a server that refuses connections, is a fault when it
 * was seen so for SEEN_MS, and LASTS_MS after it was last seen well: threads are stopped for an
 * instant to repoint a replica. With looks each second that is the second one, at two seconds. */
#define DATABASE_SEEN_MS 900
#define DATABASE_LASTS_MS 1800

/* Since when something is wrong. Zeros: never seen. */
struct verdict_since {
	int64_t well_ms; /* last seen well */
	int64_t bad_ms;	 /* first seen wrong after that, 0: it is not */
};

/* What was seen of one server before; begin with zeros. */
struct verdict_memory {
	struct verdict_since answer;
	struct verdict_since receiver;
	struct verdict_since applier;
	int64_t waiting_ms; /* commits wait, and none was acknowledged, since then; 0: none wait */
	uint64_t acked;
};

/* What a look found. */
struct verdict_look {
	int64_t at_ms;	      /* of any clock that is not set */
	int code;	      /* 0, or that of haops_mysql_connect() or haops_mysql_get_status() */
	const char *sentence; /* with a code */
	const struct haops_mysql_status *status; /* without one; zeros do for HAOPS_WATCH_PLAIN */
};

/* The object is one of HAOPS_WATCH_DATABASE. */
enum look_verdict database_judge(struct verdict_memory *memory,
				 const struct haops_watch_object *object,
				 const struct verdict_look *look, char text[LOOK_TEXT_MAX]);

#endif
