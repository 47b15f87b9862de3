/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_CLIENTS_H
#define NFSSERVER_CLIENTS_H

/* The list of TCP connections that is kept where the state moves, as text: LOCAL PORT PEER PORT, a
 * line each. Pure. */

#include <haops/tcp.h>

#define CLIENTS_TEXT_MAX 524288

/* 0 or -ENOMEM; *ret_text is to be freed. */
int clients_format(const struct haops_tcp_connection *list, size_t count, char **ret_text);
/* Lines that are none are left out. 0 or -ENOMEM; *ret_list is to be freed. HAOPS_TCP_MAX at most.
 */
int clients_parse(const char *text, struct haops_tcp_connection **ret_list, size_t *ret_count);

#endif
