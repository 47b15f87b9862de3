/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_LINK_H
#define HAOPS_LINK_H

/**
 * @file link.h
 * @brief Network interfaces as the kernel shows them now (rtnetlink(7)), and network namespaces.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of an interface's name with the NUL (IFNAMSIZ of linux/if.h). */
#define HAOPS_LINK_NAME_MAX 16
/** Longest hardware address in bytes (InfiniBand has 20). */
#define HAOPS_LINK_MAC_MAX 20

/** An interface. */
struct haops_link {
	int ifindex; /**< number of the interface in its namespace, 1 and above */
	char name[HAOPS_LINK_NAME_MAX]; /**< its name now */
	uint16_t type;	  /**< ARPHRD_ value of linux/if_arp.h, ARPHRD_ETHER for Ethernet */
	bool is_up;	  /**< an administrator has set it up (IFF_UP) */
	bool has_carrier; /**< the wire is alive (IFF_LOWER_UP) */
	bool is_loopback; /**< IFF_LOOPBACK */
	bool has_no_arp;  /**< IFF_NOARP: neighbours are not asked for addresses there */
	uint8_t mac[HAOPS_LINK_MAC_MAX]; /**< hardware address, mac_len bytes of it */
	uint8_t mac_len;		 /**< 0 when it has none */
	uint32_t
		carrier_up_count; /**< how often the carrier came up since the interface was made */
};

/**
 * @brief Looks an interface up by name (alternative names too).
 *
 * @param ctx the context
 * @param name name, 1 to 127 bytes
 * @param deadline_ms from haops_deadline_after()
 * @param ret_link the interface
 * @return 0
 * @return -EINVAL name cannot be one of an interface
 * @return -ENODEV there is none of this name: it may have been renamed or removed
 * @return -ETIMEDOUT the kernel did not answer: unknown
 * @return -EIO another failure: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_link_get(struct haops_ctx *ctx, const char *name,
						 int64_t deadline_ms, struct haops_link *ret_link);

/**
 * @brief Looks an interface up by number.
 *
 * @param ctx the context
 * @param ifindex number, 1 and above
 * @param deadline_ms from haops_deadline_after()
 * @param ret_link the interface
 * @return 0
 * @return -EINVAL ifindex is outside its range
 * @return -ENODEV there is none of this number
 * @return -ETIMEDOUT the kernel did not answer: unknown
 * @return -EIO another failure: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_link_get_by_index(struct haops_ctx *ctx, int ifindex,
							  int64_t deadline_ms,
							  struct haops_link *ret_link);

/**
 * @brief Sets an interface up (IFF_UP), as "ip link set dev NAME up" does. One that is up stays so.
 *
 * @param ctx the context
 * @param ifindex number, 1 and above
 * @param deadline_ms from haops_deadline_after()
 * @return 0 the kernel has confirmed it; carrier may come later
 * @return -EINVAL ifindex is outside its range
 * @return -ENODEV there is none of this number
 * @return -EPERM not allowed: run as root
 * @return -ETIMEDOUT the kernel did not answer: look again
 * @return -EIO another failure; haops_ctx_error() has the kernel's reason
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_link_set_up(struct haops_ctx *ctx, int ifindex,
						    int64_t deadline_ms);

/**
 * @brief Moves the calling thread into a named network namespace (see ip-netns(8)).
 *
 * What the context does from then on, it does there. There is no way back.
 *
 * @param ctx the context
 * @param name file name below /run/netns, 1 to 200 bytes, without a slash
 * @return 0
 * @return -EINVAL name cannot be one
 * @return -ENOENT there is no such namespace: make it first, or correct the name
 * @return -EPERM not allowed: run as root
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_netns_enter(struct haops_ctx *ctx, const char *name);

#ifdef __cplusplus
}
#endif
#endif
