/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MYSQL_PROTOCOL_H
#define HAOPSD_MYSQL_PROTOCOL_H

/* What haopsd-mysql is started with: socket, role, and stuck_ms of one database. */

/* By enum haops_watch_role. */
#define MYSQL_ROLE_WORDS                                                                           \
	{                                                                                          \
		"plain", "primary", "replica"                                                      \
	}

#endif
