/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_VIP_H
#define HAOPS_VIP_H

/**
 * @file vip.h
 * @brief Virtual addresses: find their place, add, remove and query them, by rtnetlink(7).
 *
 * Each call handles any number of addresses at once; one thousand cost one batch of messages, not
 * one thousand waits. Additions and removals are idempotent and confirmed by the kernel.
 */

#include <haops/addr.h>
#include <haops/haops.h>
#include <haops/link.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Addresses that one call takes at most. */
#define HAOPS_VIP_MAX 4096
/** preferred_lft_s of an address that is preferred for ever. */
#define HAOPS_VIP_FOREVER UINT32_MAX

/** A virtual address and how it is to be on an interface. Zero what is not needed. */
struct haops_vip {
	struct haops_addr addr;		 /**< the address */
	int ifindex;			 /**< interface, 1 and above */
	uint8_t prefix_len;		 /**< bits, 0 to 32 or 0 to 128 */
	bool has_broadcast;		 /**< broadcast is set (IPv4 only) */
	struct in_addr broadcast;	 /**< broadcast address */
	char label[HAOPS_LINK_NAME_MAX]; /**< IPv4 label (IFA_LABEL) or "" for the interface's name
					  */
	bool nodad;			 /**< IPv6: no duplicate address detection (IFA_F_NODAD) */
	bool noprefixroute;		 /**< no route for the prefix (IFA_F_NOPREFIXROUTE) */
	uint32_t preferred_lft_s; /**< seconds that it is preferred as source; HAOPS_VIP_FOREVER, or
				     0: never a source address (IFA_CACHEINFO) */
	uint32_t valid_lft_s; /**< seconds after which the kernel removes it by itself; 0: never.
				 What it is preferred for is cut to this */
	uint32_t metric; /**< metric of the prefix route (IFA_RT_PRIORITY), 0 for the kernel's */
	uint8_t proto;	 /**< protocol tag of the address (IFA_PROTO), 0 for none */
};

/** What the kernel shows of an address. */
enum haops_vip_state {
	HAOPS_VIP_UNKNOWN,   /**< could not be found out */
	HAOPS_VIP_ABSENT,    /**< on no interface */
	HAOPS_VIP_PRESENT,   /**< there, and usable */
	HAOPS_VIP_TENTATIVE, /**< IPv6: there, duplicate address detection still runs */
	HAOPS_VIP_DUPLICATE  /**< IPv6: there, but another host has it (IFA_F_DADFAILED) */
};

/** Where an address was found. */
struct haops_vip_found {
	enum haops_vip_state state; /**< its state; the members below are 0 when it is absent */
	int ifindex;		    /**< the interface; the wanted one if it is there, too */
	uint8_t prefix_len;	    /**< its prefix length there */
	char label[HAOPS_LINK_NAME_MAX]; /**< its label there, or "" */
	unsigned int copies; /**< on how many interfaces or with how many prefix lengths it is */
};

/** What haops_vip_locate() has to go on. */
struct haops_vip_want {
	const char *nic; /**< interface name, or NULL to find it */
	int prefix_len;	 /**< bits, or -1 to find it */
};

/**
 * @brief Finds interface, prefix length and broadcast address for an address.
 *
 * The rule of the stock agent: the most specific directly connected route (main table, scope link
 * for IPv4; no gateway) that contains the address, on want->nic if it is given. Where there is no
 * such route, the prefixes of the addresses present are searched in the same way (a connected route
 * is missing while a link is down or when it was flushed). With both nic and prefix_len given, only
 * the interface must exist.
 *
 * @param ctx the context
 * @param want what is known
 * @param deadline_ms from haops_deadline_after()
 * @param vip addr is read; ifindex, prefix_len, has_broadcast and broadcast are set on success
 * @return 0
 * @return -EINVAL want or vip->addr is outside its range, or a link-local address has no nic
 * @return -ENODEV want->nic does not exist here
 * @return -ENOENT nothing on this host contains the address: give nic and prefix length
 * @return -ETIMEDOUT the kernel did not answer: unknown
 * @return -EIO another failure: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_locate(struct haops_ctx *ctx,
						   const struct haops_vip_want *want,
						   int64_t deadline_ms, struct haops_vip *vip);

/**
 * @brief Adds addresses; one that is there already with the same prefix is success.
 *
 * Returns when the kernel has confirmed each one. If one fails, those that this call added are
 * removed again. IPv6 addresses without nodad may still be tentative, see haops_vip_wait_dad().
 * Where IPv4 addresses have a lifetime, promote_secondaries of the interface is set to 1 (and a
 * warning logged), so that no other address goes with them.
 *
 * @param ctx the context
 * @param vips the addresses
 * @param count 1 to HAOPS_VIP_MAX
 * @param deadline_ms from haops_deadline_after()
 * @return 0 all are there
 * @return -EINVAL an argument or address is outside its range
 * @return -ENODEV the interface is gone
 * @return -EADDRINUSE the interface has one of them, but with another prefix length: remove it
 * first
 * @return -EPERM not allowed: run as root
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT unknown which of them are there: remove them
 * @return -EIO another failure; haops_ctx_error() names address and reason
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_add(struct haops_ctx *ctx, const struct haops_vip *vips,
						size_t count, int64_t deadline_ms);

/**
 * @brief Gives addresses that are there, and that have a lifetime, a new one.
 *
 * Never adds an address, even if it goes in the middle of the call or if the caller is stopped
 * there: the kernel does it in one step or not at all. An address without a lifetime is left as it
 * is. What is deprecated (preferred_lft_s 0) stays so; the others are preferred as long as they are
 * valid.
 *
 * The kernel counts in whole seconds, and removes an address late, never early by more than 20 ms:
 * see HAOPS_LEASE_KERNEL_LATE_MS in lease.h. While an IPv6 address is renewed in this way, ip(8)
 * shows it as "autojoin", which means nothing there.
 *
 * @param ctx the context
 * @param vips addr, ifindex (0 for any interface) and valid_lft_s (1 and above) count, the rest
 *        does not
 * @param count 1 to HAOPS_VIP_MAX
 * @param deadline_ms from haops_deadline_after()
 * @return 0 all were renewed
 * @return -ENOENT one of them is not there, or has no lifetime; the others were renewed;
 *         haops_ctx_error() names it
 * @return -EINVAL an argument or address is outside its range
 * @return -EPERM not allowed: run as root
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT unknown which of them were renewed
 * @return -EIO another failure; haops_ctx_error() names address and reason
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_renew(struct haops_ctx *ctx,
						  const struct haops_vip *vips, size_t count,
						  int64_t deadline_ms);

/**
 * @brief Waits until duplicate address detection of these IPv6 addresses has ended, by the kernel's
 *        own notice (RTM_NEWADDR), without polling.
 *
 * A duplicate is left in place: remove it with haops_vip_remove().
 *
 * @param ctx the context
 * @param vips the addresses; IPv4 ones are passed over
 * @param count 1 to HAOPS_VIP_MAX
 * @param deadline_ms from haops_deadline_after()
 * @return 0 all are usable
 * @return -EADDRINUSE another host has one of them; haops_ctx_error() names it, and the
 * hardware address of the host if that answers within 0.3 s
 * @return -ENOENT one of them is gone
 * @return -ETIMEDOUT one is still tentative (is there carrier?); haops_ctx_error() names it
 * @return -EIO another failure: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_wait_dad(struct haops_ctx *ctx,
						     const struct haops_vip *vips, size_t count,
						     int64_t deadline_ms);

/**
 * @brief Removes addresses from every interface and with every prefix length, and looks again.
 *
 * Where an IPv4 address that goes is the first of a subnet of which others stay, the interface's
 * promote_secondaries is set to 1 before (and a warning logged): the kernel would remove them, too.
 *
 * @param ctx the context
 * @param addrs the addresses
 * @param count 1 to HAOPS_VIP_MAX
 * @param deadline_ms from haops_deadline_after()
 * @param ret_removed how many entries were removed, 0 when none was there; may be NULL
 * @return 0 the kernel lists none of them any more
 * @return -EINVAL count is outside its range
 * @return -EPERM not allowed: run as root
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT unknown: look again
 * @return -EIO unknown or still there; haops_ctx_error() names address and interface
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_remove(struct haops_ctx *ctx,
						   const struct haops_addr *addrs, size_t count,
						   int64_t deadline_ms, size_t *ret_removed);

/**
 * @brief Asks the kernel where addresses are, all interfaces searched, in one dump.
 *
 * A dump that was interrupted by a change is asked for again; its parts are never taken as an
 * answer.
 *
 * @param ctx the context
 * @param addrs the addresses
 * @param count 1 to HAOPS_VIP_MAX
 * @param prefer_ifindex which entry to report for an address that is on several, 0 for any
 * @param deadline_ms from haops_deadline_after()
 * @param ret_found array of count entries in the order of addrs
 * @return 0 each state is known
 * @return -EINVAL count is outside its range
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT unknown
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_query(struct haops_ctx *ctx,
						  const struct haops_addr *addrs, size_t count,
						  int prefer_ifindex, int64_t deadline_ms,
						  struct haops_vip_found *ret_found);

/**
 * @brief Flushes the cached routes of the host, as "ip route flush cache" does (stock's
 * flush_routes).
 *
 * @param ctx the context
 * @return 0
 * @return -EIO could not be written
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_flush_routes(struct haops_ctx *ctx);

/**
 * @brief Ends the TCP connections whose local address is one of these, by sock_diag(7)
 *        (SOCK_DESTROY): the programs see ECONNABORTED at once, and nothing is sent to the peers
 *        after the address is gone.
 *
 * @param ctx the context
 * @param addrs the addresses
 * @param count 1 to HAOPS_VIP_MAX
 * @param deadline_ms from haops_deadline_after()
 * @param ret_ended how many connections were ended; may be NULL
 * @return 0
 * @return -EOPNOTSUPP the kernel was built without CONFIG_INET_DIAG_DESTROY: do without
 * @return -EPERM not allowed: run as root
 * @return -ETIMEDOUT unknown how many were ended
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_vip_kill_connections(struct haops_ctx *ctx,
							     const struct haops_addr *addrs,
							     size_t count, int64_t deadline_ms,
							     size_t *ret_ended);

#ifdef __cplusplus
}
#endif
#endif
