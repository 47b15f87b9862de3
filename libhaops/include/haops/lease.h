/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_LEASE_H
#define HAOPS_LEASE_H

/**
 * @file lease.h
 * @brief What haopsd(8) last proved, for whoever may hold an address by lease only.
 *
 * haopsd keeps one small page in the run directory and writes it in place, so that a full or slow
 * file system does not matter. A reader takes it without asking anybody.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How late the kernel removes an address whose lifetime is over. It looks for such addresses at
 * most once a second, and an idle processor need not wake up for it (Linux 6.14 and above, IPv4).
 * Measured on Linux 6.18, leases of 1 to 5 s: mostly below 400 ms; up to 1.2 s when another address
 * was added shortly before; up to 1.9 s on an idle machine.
 */
#define HAOPS_LEASE_KERNEL_LATE_MS 2000
/** How old a proof can be at least when an address is renewed on it. */
#define HAOPS_LEASE_RENEW_AGE_MS 500
/** No lease is longer. */
#define HAOPS_LEASE_MAX_MS 600000

/** Why no lease can be given now, most lasting first. */
enum haops_lease_verdict {
	HAOPS_LEASE_OK,		  /**< proof is fresh */
	HAOPS_LEASE_NO_DAEMON,	  /**< haopsd does not run, or has not written for too long */
	HAOPS_LEASE_TWO_NODE,	  /**< two_node without qdevice: there is no majority */
	HAOPS_LEASE_NO_QUORUM,	  /**< this part of the cluster has no majority */
	HAOPS_LEASE_NO_ECHO,	  /**< own messages do not come back through Corosync */
	HAOPS_LEASE_NO_PACEMAKER, /**< Pacemaker (its controller, or pacemakerd) does not answer */
	HAOPS_LEASE_PAUSED, /**< this machine or haopsd stood still, and has not recovered yet */
	HAOPS_LEASE_HELD    /**< a node that is not in the ring may still have one: wait for token +
			       consensus. Leases that are renewed here go on */
};

/** The page, as it was at one moment. */
struct haops_lease_status {
	enum haops_lease_verdict verdict; /**< the first reason that holds */
	int64_t proof_age_ms;  /**< age of the oldest part of the proof; -1: there never was one */
	uint32_t token_ms;     /**< totem.token at run time; 0: not known */
	uint32_t consensus_ms; /**< totem.consensus at run time; 0: not known */
	pid_t pid;	       /**< haopsd; 0: none */
};

/**
 * @brief Reads what haopsd last proved.
 *
 * @param ctx the context
 * @param ret_status the page; verdict NO_DAEMON when there is none
 * @return 0
 * @return -EPERM the page belongs to somebody else
 * @return -EIO it could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_lease_query(struct haops_ctx *ctx,
						    struct haops_lease_status *ret_status);

/**
 * @brief The longest lease that is over before another node can take the address.
 *
 * A renewal is made on a proof that is up to HAOPS_LEASE_RENEW_AGE_MS old, and the kernel removes
 * the address HAOPS_LEASE_KERNEL_LATE_MS after the lease at the latest. When a node is cut off, the
 * others notice the token's absence after token, agree after consensus, and may have seen the token
 * for the last time one hold of an idle ring (below token / 5) before the proof. So
 *
 *     lease + 500 + 2000 < token - token / 5 + consensus
 *
 * in milliseconds, and a whole number of seconds, as the kernel counts: 3 s for token 3000 and
 * consensus 3600 (Corosync's defaults), none for token 1000 and consensus 1200. A shorter lease
 * leaves more room for proofs that come late.
 *
 * When another node joins or leaves in an orderly way before token is over, the others form a ring
 * after consensus alone. Then the verdict is HAOPS_LEASE_HELD until that time has passed.
 *
 * @param token_ms totem.token at run time
 * @param consensus_ms totem.consensus at run time
 * @return milliseconds, a whole number of seconds; 0: these times leave no room for a lease
 */
HAOPS_PUBLIC uint32_t haops_lease_longest_ms(uint32_t token_ms, uint32_t consensus_ms);

/**
 * @brief The oldest proof on which an address may be given that lease.
 *
 * Look at the page, give the lease, and look again: if the proof is too old then, because the
 * caller was stopped in between, take the address away at once.
 *
 * @param lease_ms the lease
 * @param token_ms totem.token at run time
 * @param consensus_ms totem.consensus at run time
 * @return milliseconds, to be compared with proof_age_ms; -1: such a lease is never possible
 */
HAOPS_PUBLIC int64_t haops_lease_proof_max_ms(uint32_t lease_ms, uint32_t token_ms,
					      uint32_t consensus_ms);

#ifdef __cplusplus
}
#endif
#endif
