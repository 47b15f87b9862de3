/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_TCP_H
#define HAOPS_TCP_H

/**
 * @file tcp.h
 * @brief TCP connections of an address that moves.
 *
 * When an address goes to another host, a peer that waits for an answer knows nothing of it: it
 * sends again after 0.2, 0.4, 0.8, ... seconds, so that it notices the new host up to twice as late
 * as that one was there. Who knows the old host's connections can shorten that: an ACK that fits no
 * sequence (a "tickle") makes the peer say where it is, the new host knows no such connection and
 * answers with RST, and the peer connects anew (RFC 9293, 3.10.7.4 and 3.10.7.1).
 */

#include <haops/addr.h>
#include <haops/haops.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most connections that are listed. */
#define HAOPS_TCP_MAX 4096

/** One connection. */
struct haops_tcp_connection {
	struct haops_addr local; /**< own address */
	uint16_t local_port;	 /**< own port, host order */
	struct haops_addr peer;	 /**< the peer's address */
	uint16_t peer_port;	 /**< its port, host order */
};

/**
 * @brief Lists the established TCP connections to one port of these addresses, by sock_diag(7).
 *
 * @param ctx the context
 * @param addrs the addresses
 * @param count 1 to HAOPS_VIP_MAX (vip.h)
 * @param port own port, 1 to 65535
 * @param deadline_ms from haops_deadline_after()
 * @param ret_list array, ordered; free it with free()
 * @param ret_count how many, HAOPS_TCP_MAX at most: of more, any
 * @return 0
 * @return -EINVAL count or port is outside its range
 * @return -EOPNOTSUPP the kernel was built without CONFIG_INET_TCP_DIAG: do without
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT unknown
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int
haops_tcp_list(struct haops_ctx *ctx, const struct haops_addr *addrs, size_t count, uint16_t port,
	       int64_t deadline_ms, struct haops_tcp_connection **ret_list, size_t *ret_count);

/**
 * @brief Sends a tickle to the peer of each connection, from its local address, which has to be on
 *        this host by now. Not to be done on the host that still has these connections.
 *
 * Sends once, waits for nothing: packets get lost, and a peer's neighbour table may still have the
 * old host. Send it again after a moment.
 *
 * @param ctx the context
 * @param list connections of another host
 * @param count how many
 * @param ret_sent how many were sent, or NULL
 * @return 0 also where some could not be sent
 * @return -EPERM not allowed: run as root
 * @return -EIO no raw socket, or none could be sent
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_tcp_tickle(struct haops_ctx *ctx,
						   const struct haops_tcp_connection *list,
						   size_t count, size_t *ret_sent);

#ifdef __cplusplus
}
#endif
#endif
