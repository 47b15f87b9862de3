/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_CHANGE_H
#define HAOPS_MYSQL_CHANGE_H

/* The statement that gives a replica its source. Pure. */

#include "dialect.h"

/* As CHANGE MASTER TO ... or its newer name. takes_own: what it wrote itself counts as replicated
 * from now on (MariaDB 10.10). NULL: memory is short. Free it with text_free_secret(). */
char *change_text(const struct dialect *dialect, const struct haops_mysql_source *source,
		  bool takes_own);

/* The same for people: without what is behind the host. */
char *change_shown(const struct dialect *dialect, const struct haops_mysql_source *source);

/* A position of MariaDB with the higher entry of each domain. 0, -EPROTO or -ENOMEM. */
int change_merge_positions(const char *first, const char *second, char **ret_merged);

#endif
