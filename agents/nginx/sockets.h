/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_SOCKETS_H
#define NGINX_SOCKETS_H

/* Addresses as nginx writes them, and the kernel's tables of sockets in /proc/net. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum listen_kind { LISTEN_NONE, LISTEN_ANY, LISTEN_V4, LISTEN_V6, LISTEN_NAME, LISTEN_UNIX };

/* What a "listen" says: 80, *:80, 10.0.0.1, 10.0.0.1:80, [::]:80, localhost:80, unix:/path. */
struct listen_addr {
	enum listen_kind kind;
	char host[256]; /* without brackets; the path of a unix socket; "" for any */
	uint16_t port;	/* 80 if it says none */
	bool is_exact;	/* sockets_find(): on this very address; false: any one with this port */
};

bool listen_parse(const char *text, struct listen_addr *ret_addr);

/* Whether this is 0.0.0.0, ::, or no address at all. */
bool listen_is_any(const struct listen_addr *addr);

/* Collects the inodes of sockets that listen on addr, out of the text of /proc/net/tcp or tcp6
 * (LISTEN_UNIX: /proc/net/unix), up to max. */
size_t sockets_find(const char *table, const struct listen_addr *addr, unsigned long *inodes,
		    size_t max);

#endif
