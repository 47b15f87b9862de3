/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_H
#define HAOPS_ARP_H

/**
 * @file arp.h
 * @brief Tells neighbours where an address is (gratuitous ARP, unsolicited neighbour
 * advertisement), and asks whether somebody else has it.
 *
 * Sources: RFC 826, RFC 5227 (IPv4 address conflict detection), RFC 4861 section 7.2.6, packet(7).
 */

#include <haops/addr.h>
#include <haops/haops.h>
#include <haops/link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Entries that a schedule holds at most. */
#define HAOPS_ARP_SCHEDULE_MAX 32
/** Targets that an announcement is aimed at at most. */
#define HAOPS_ARP_TARGETS_MAX 16

/** Which ARP messages announce an IPv4 address. */
enum haops_arp_form {
	HAOPS_ARP_BOTH, /**< a request and a reply each time: some switches heed only one of them */
	HAOPS_ARP_REQUEST, /**< requests (RFC 5227 section 2.3) */
	HAOPS_ARP_REPLY	   /**< replies */
};

/** What to announce. */
struct haops_announcement {
	int ifindex;			/**< Ethernet or InfiniBand interface */
	const struct haops_addr *addrs; /**< the addresses, IPv4 and IPv6 */
	size_t count;			/**< 1 to 4096 */
	enum haops_arp_form form;	/**< for the IPv4 ones */
	/** Hosts told directly in addition, for routers that ignore announcements by broadcast;
	 * NULL for none. One is told of the addresses of its own family. */
	const struct haops_addr *targets;
	size_t target_count; /**< 0 to HAOPS_ARP_TARGETS_MAX */
};

/** When to announce: the first burst, then later times, then after each return of the carrier. */
struct haops_arp_schedule {
	uint32_t burst_count;	    /**< rounds of the first burst, 1 to 1000 */
	uint32_t burst_interval_ms; /**< between them, 0 to 60000 */
	/** Further rounds, seconds after the first one, 1 to 86400, rising. */
	uint32_t later_s[HAOPS_ARP_SCHEDULE_MAX];
	size_t later_count; /**< 0 to HAOPS_ARP_SCHEDULE_MAX */
};

/**
 * @brief Sends one round: each address once (or as request and reply), in as few system calls as
 *        the kernel allows.
 *
 * IPv6: an unsolicited neighbour advertisement with the override flag to ff02::1. Do not announce a
 * tentative address, see haops_vip_wait_dad(). A target is asked for its own address in the name of
 * the announced one (ARP request, neighbour solicitation), which each host must take note of: to
 * its hardware address if the kernel's neighbour table has it, else to all.
 *
 * @param ctx the context
 * @param what what to announce
 * @param deadline_ms from haops_deadline_after()
 * @return 0 handed to the interface
 * @return -EINVAL an argument is outside its range
 * @return -ENODEV the interface is gone
 * @return -ENETDOWN it is down or has no carrier: announce again when it has
 * @return -EOPNOTSUPP it has no hardware addresses or no ARP (loopback, tunnel): nothing to tell
 * @return -EPERM not allowed: run as root (CAP_NET_RAW)
 * @return -ETIMEDOUT not all were sent
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_arp_announce(struct haops_ctx *ctx,
						     const struct haops_announcement *what,
						     int64_t deadline_ms);

/** What to ask for duplicates of, and how. RFC 5227: 3 probes, 1 to 2 seconds apart, 2 seconds of
 *  waiting. */
struct haops_arp_probe_spec {
	int ifindex;			/**< an Ethernet interface */
	const struct haops_addr *addrs; /**< the addresses; all are asked for at the same time */
	size_t addr_count;		/**< 1 to 4096 */
	uint32_t count;			/**< probes per address, 1 to 10 */
	uint32_t interval_ms;		/**< between them, 10 to 10000 */
	uint32_t wait_ms;		/**< after the last one, 10 to 10000 */
};

/** Who answered for an address. */
struct haops_arp_conflict {
	struct haops_addr addr; /**< the address */
	uint8_t mac[6];		/**< the hardware address that claims it */
};

/**
 * @brief Asks on the wire whether another host has one of these IPv4 addresses (RFC 5227 section
 *        2.1.1), before they are added here. IPv6 ones are passed over (the kernel does it).
 *
 * Ends at the first answer. A probe of another host for the same address counts as an answer. What
 * comes from the interface's own hardware address is passed over.
 *
 * @param ctx the context
 * @param probe what to ask for, and how
 * @param deadline_ms from haops_deadline_after()
 * @param ret_has_conflict whether somebody answered
 * @param ret_conflict who, when somebody did
 * @return 0 the whole time was listened, or somebody answered
 * @return -EINVAL an argument is outside its range
 * @return -ENODEV the interface is gone
 * @return -ENETDOWN it is down or has no carrier, or lost it meanwhile: unknown
 * @return -EOPNOTSUPP it has no ARP: nobody to ask
 * @return -EPERM not allowed: run as root (CAP_NET_RAW)
 * @return -ETIMEDOUT the deadline is too short for count, interval and wait: unknown
 * @return -EIO another failure: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_arp_probe(struct haops_ctx *ctx,
						  const struct haops_arp_probe_spec *probe,
						  int64_t deadline_ms, bool *ret_has_conflict,
						  struct haops_arp_conflict *ret_conflict);

/**
 * @brief Reads the times of later rounds from text: whole seconds after the first round, rising,
 *        with commas between ("1,2,5,15,35,60"). "none" or "" is no later round.
 *
 * @param ctx the context
 * @param text the text; white space around the numbers is allowed
 * @param schedule later_s and later_count are set on success, the rest is left as it is
 * @return 0
 * @return -EINVAL it is no such list, has more than HAOPS_ARP_SCHEDULE_MAX numbers, or one is not
 *         within 1 to 86400; haops_ctx_error() says which
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_arp_schedule_parse(struct haops_ctx *ctx, const char *text,
							   struct haops_arp_schedule *schedule);

/**
 * @brief Starts a background process that announces by a schedule and again after each return of
 *        the carrier, as long as the addresses are on the interface.
 *
 * It ends by itself as soon as the kernel reports that the interface or the last of the addresses
 * is gone; a single address that is gone is left out from then on, and one that is tentative (IPv6)
 * is announced when it no longer is. Renaming the interface does not disturb it. It has a session
 * of its own and no descriptor of the caller's but its packet socket, and is no child of the
 * caller's.
 *
 * At most one of a name exists in a network namespace: the name is a unix(7) socket that it holds
 * from before its first instruction to its end, so that haops_announcer_stop() finds it whatever
 * became of the run directory or of its maker. haops_ctx_set_run_dir() has no influence on it.
 *
 * @param ctx the context
 * @param name name of the sender, 1 to 150 bytes
 * @param what what to announce; copied
 * @param schedule when; its times count from now
 * @param skip_rounds how many rounds of the first burst the caller has already sent
 * @return 0 it runs, holds its name and listens to the kernel
 * @return -EBUSY one of this name runs already: stop it first
 * @return -EINVAL an argument is outside its range
 * @return -ENOMEM memory is short
 * @return -EIO it could not be started: none of the addresses is there, or a process of another
 * user has taken its name, see haops_ctx_error(); none of this name runs
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_announcer_start(struct haops_ctx *ctx, const char *name,
							const struct haops_announcement *what,
							const struct haops_arp_schedule *schedule,
							uint32_t skip_rounds);

/**
 * @brief Ends a sender for certain: when this returns 0, none of this name exists.
 *
 * @param ctx the context
 * @param name as in haops_announcer_start()
 * @param deadline_ms from haops_deadline_after()
 * @return 0 none runs (or none did)
 * @return -EINVAL name is outside its range
 * @return -ETIMEDOUT it is still there after SIGKILL, or it could not be found out who it is
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_announcer_stop(struct haops_ctx *ctx, const char *name,
						       int64_t deadline_ms);

/**
 * @brief Tells whether a sender of this name runs: what the kernel says, also of one that is
 * stopped.
 *
 * @param ctx the context
 * @param name as in haops_announcer_start()
 * @param ret_is_running the answer
 * @return 0
 * @return -EINVAL name is outside its range
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_announcer_query(struct haops_ctx *ctx, const char *name,
							bool *ret_is_running);

#ifdef __cplusplus
}
#endif
#endif
