/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_SOCK_DIAG_H
#define HAOPS_SOCK_DIAG_H

/* What is asked of sock_diag(7), and how its answers are read. */

#include <haops/addr.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>

/* A request of that type for TCP sockets in these states (a bit for each); id: for one socket. */
struct nlmsghdr *sock_diag_put(void *buf, uint16_t type, uint8_t family, uint32_t states,
			       const struct inet_diag_sockid *id);
/* The socket in a message, or NULL: it is another message, or a socket of no program any more. */
const struct inet_diag_msg *sock_diag_get(const struct nlmsghdr *nlh);
/* An address of a socket. One of AF_INET6 may have an IPv4 address in its IPv6 form. */
struct haops_addr sock_diag_address(uint8_t family, const uint32_t words[4]);

#endif
