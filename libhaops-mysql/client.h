/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_CLIENT_H
#define HAOPS_MYSQL_CLIENT_H

/*
 * libmariadb, loaded with the first connection: it and OpenSSL take longer to load than all that a
 * monitor does which needs none. Its declarations are from the header that we are built with, so a
 * call that is not in CLIENT_CALLS does not link.
 */

#include <mysql.h>

#define CLIENT_LIBRARY "libmariadb.so.3"
#define CLIENT_WHY_MAX 256

#define CLIENT_CALLS(X)                                                                            \
	X(mysql_close)                                                                             \
	X(mysql_errno)                                                                             \
	X(mysql_error)                                                                             \
	X(mysql_fetch_fields)                                                                      \
	X(mysql_fetch_lengths)                                                                     \
	X(mysql_fetch_row_cont)                                                                    \
	X(mysql_fetch_row_start)                                                                   \
	X(mysql_free_result_cont)                                                                  \
	X(mysql_free_result_start)                                                                 \
	X(mysql_get_server_info)                                                                   \
	X(mysql_get_socket)                                                                        \
	X(mysql_get_ssl_cipher)                                                                    \
	X(mysql_init)                                                                              \
	X(mysql_num_fields)                                                                        \
	X(mysql_optionsv)                                                                          \
	X(mysql_real_connect_cont)                                                                 \
	X(mysql_real_connect_start)                                                                \
	X(mysql_real_query_cont)                                                                   \
	X(mysql_real_query_start)                                                                  \
	X(mysql_server_init)                                                                       \
	X(mysql_ssl_set)                                                                           \
	X(mysql_use_result)

#define CLIENT_MEMBER(name) __typeof__(name) *name;
struct client {
	CLIENT_CALLS(CLIENT_MEMBER)
};
#undef CLIENT_MEMBER

/* The same for all threads, until the process ends. NULL: why tells why it cannot be loaded; the
 * next call tries again. */
const struct client *client_get(char why[CLIENT_WHY_MAX]);

#endif
