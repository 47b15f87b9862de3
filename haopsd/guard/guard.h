/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_GUARD_H
#define HAOPSD_GUARD_H

/*
 * The guard: a thread that renews leased addresses on fresh proof, takes them away without, and
 * notices pauses. It depends on nothing that can hang: no Corosync, no Pacemaker, no lock that is
 * held over a wait. Whatever happens to it, the kernel ends the addresses' lifetime.
 * It also writes the page that libhaops reads (haops/lease.h).
 */

#include <haops/haops.h>
#include <haops/lease.h>
#include <haops/watch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guard;

struct guard_config {
	const char *run_dir; /* NULL for the built-in one */
	bool is_realtime;
	int rtprio;
};

/* What the deciding thread knows. Times are CLOCK_BOOTTIME in ms, 0 for never. */
struct guard_proof {
	int64_t echo_ms;      /* heart_proof_ms() */
	int64_t pacemaker_ms; /* when Pacemaker was asked what it answered last */
	bool is_quorate;
	bool is_two_node; /* votequorum's two_node is in force */
	bool is_paused;
	int64_t broken_ms;     /* when we were last out of the process group: Corosync ended */
	int64_t held_until_ms; /* no new lease before; INT64_MAX: not known yet */
	uint32_t token_ms;
	uint32_t consensus_ms;
};

struct guard_report {
	uint64_t pauses;
	int64_t last_pause_ms;	  /* how long */
	int64_t last_pause_at_ms; /* when it was noticed; 0 never */
	uint64_t renewals;
	uint64_t dropped; /* addresses taken away for want of proof */
	size_t leased;	  /* resources with a lease now */
	enum haops_lease_verdict verdict;
	bool is_realtime; /* it really runs with a real-time priority */
};

/* Starts the thread; it notices watch records with a lease by itself (inotify). */
int guard_start(struct haops_ctx *ctx, const struct guard_config *config, struct guard **ret_guard);
/* Ends the thread. Leased addresses stay until their lifetime ends, renewed by a successor. */
void guard_stop(struct guard *guard);
/* Readable when an event waits. */
int guard_fd(const struct guard *guard);
/* Next sentence for people; false when there is none. */
bool guard_next_event(struct guard *guard, bool *ret_is_error, char *buf, size_t size);
/* From the deciding thread, each time that something of it changed. Never blocks. */
void guard_prove(struct guard *guard, const struct guard_proof *proof);
void guard_get_report(struct guard *guard, struct guard_report *ret_report);

#endif
