/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_ACCESS_H
#define HAOPS_MYSQL_ACCESS_H

/* How the servers of a resource are reached, out of its parameters. The password is shown nowhere
 * and handed to nobody but libhaops-mysql. */

#include "snapshot.h"

struct access {
	char user[SNAPSHOT_NAME_MAX];
	char password[SNAPSHOT_NAME_MAX];
	unsigned int port;
	char socket[SNAPSHOT_NAME_MAX];
	char datadir[SNAPSHOT_NAME_MAX];
	char config[SNAPSHOT_NAME_MAX];
	bool needs_tls;
	char ca[SNAPSHOT_NAME_MAX];
	char cert[SNAPSHOT_NAME_MAX];
	char key[SNAPSHOT_NAME_MAX];
};

#endif
