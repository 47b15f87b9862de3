/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_REPLICATION_ERROR_H
#define HAOPS_MYSQL_REPLICATION_ERROR_H

/* What an error of a replica's threads means to haops_mysql_repoint(). Pure. */

/* ECONNREFUSED, EACCES, ESTALE or EIO. */
int replication_error_of_receiver(unsigned int code, const char *text);

/* ESTALE or EBADMSG. */
int replication_error_of_applier(unsigned int code);

#endif
