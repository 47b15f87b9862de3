/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MYSQL_PROTOCOL_H
#define HAOPSD_MYSQL_PROTOCOL_H

/*
 * Between haopsd and a helper haopsd-mysql, by prober/prober.h: started with socket, role and
 * stuck_ms of one database, asked by a byte, answered by this struct.
 */

#include "mysql/verdict.h"

#include <stdint.h>

/* How it is, within MYSQL_LOOK_MS. */
#define MYSQL_ASK 'q'
/* Once more, to confirm a fault: within MYSQL_AGAIN_MS. */
#define MYSQL_AGAIN 'a'

#define MYSQL_LOOK_MS 3000
#define MYSQL_AGAIN_MS 1500

/* By enum haops_watch_role. */
#define MYSQL_ROLE_WORDS                                                                           \
	{                                                                                          \
		"plain", "primary", "replica"                                                      \
	}

struct mysql_answer {
	int32_t verdict; /* enum database_verdict */
	char text[DATABASE_TEXT_MAX];
};

#endif
