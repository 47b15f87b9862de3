/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leased resources: their records, renewal, removal. When to do what is decided by lease-policy.c.
 *
 * What keeps an address that another node has taken meanwhile from coming back or staying:
 * - haops_vip_renew() is one step of the kernel that never adds an address. A stop that was before
 *   it, or a lifetime that ran out, wins; no lock is shared with the agents, so that a guard that
 * is stopped cannot hold up an agent's stop, and none has to be killed for it.
 * - The guard may be stopped (SIGSTOP, a starved processor) between the decision and the renewal,
 *   and so lengthen, late, an address that is still there. So the clock is looked at again right
 *   after each renewal, and what was late is dropped before anything else is done.
 * - What is due to be dropped is dropped at the beginning of each turn, before records are read and
 *   before anything is renewed: the first thing after a pause.
 * - Ages are counted from the time at which a message was sent, so that what arrives late, or was
 *   waiting while we stood still, proves nothing new.
 */
#include "guard/leases.h"

#include <errno.h>
#include <haops/vip.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_WAIT_MS 500
#define EVENT_MAX 256
#define RETRY_MS 1000

enum lease_state {
	LEASE_NEW, /* never renewed by us */
	LEASE_HELD,
	LEASE_LOST /* dropped, or seen gone: told already */
};

struct lease {
	char resource[HAOPS_WATCH_NAME_MAX];
	char name[HAOPS_ADDR_TEXT_MAX]; /* of its first address */
	uint32_t lease_ms;
	struct haops_vip *vips;
	struct haops_addr *addrs;
	size_t count;
	enum lease_state state;
	int64_t renewed_ms;
	int64_t tried_ms;   /* last removal, or renewal that failed; 0 none */
	bool must_go;	    /* renewed too late, and could not be taken away yet */
	bool is_told_long;  /* told that it is too long */
	bool is_told_error; /* told that the kernel refused */
};

struct leases {
	struct haops_ctx *ctx;
	struct leases_handlers handlers;
	void *userdata;
	int64_t begun_ms;
	struct lease *list[LEASES_MAX];
	struct lease *due[LEASES_MAX]; /* of this turn, to be renewed together */
	size_t due_count;
	size_t due_vips;
	struct leases_count count;
	bool is_told_full;
};

static void __attribute__((format(printf, 3, 4)))
tell(struct leases *leases, bool is_error, const char *fmt, ...)
{
	char text[EVENT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	leases->handlers.event(leases->userdata, is_error, text);
}

static void free_lease(struct lease *lease)
{
	if (!lease)
		return;
	free(lease->vips);
	free(lease->addrs);
	free(lease);
}

struct leases *leases_new(struct haops_ctx *ctx, const struct leases_handlers *handlers,
			  void *userdata)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	if (!leases)
		return NULL;
	leases->ctx = ctx;
	leases->handlers = *handlers;
	leases->begun_ms = handlers->now_ms();
	leases->userdata = userdata;
	return leases;
}

void leases_free(struct leases *leases)
{
	if (!leases)
		return;
	for (size_t i = 0; i < leases->count.leased; i++)
		free_lease(leases->list[i]);
	free(leases);
}

/* Records --------------------------------------------------------------------------------------*/

static size_t find(const struct leases *leases, const char *resource)
{
	size_t i = 0;

	while (i < leases->count.leased && strcmp(leases->list[i]->resource, resource) != 0)
		i++;
	return i;
}

static void forget(struct leases *leases, size_t at)
{
	free_lease(leases->list[at]);
	leases->list[at] = leases->list[--leases->count.leased];
}

static struct lease *make_lease(const struct haops_watch *watch)
{
	struct lease *lease = calloc(1, sizeof(*lease));

	if (!lease)
		return NULL;
	lease->vips = calloc(watch->object_count + 1, sizeof(*lease->vips));
	lease->addrs = calloc(watch->object_count + 1, sizeof(*lease->addrs));
	if (!lease->vips || !lease->addrs) {
		free_lease(lease);
		return NULL;
	}
	(void)snprintf(lease->resource, sizeof(lease->resource), "%s", watch->resource);
	lease->lease_ms = watch->lease_ms;
	for (size_t i = 0; i < watch->object_count; i++) {
		const struct haops_watch_object *object = &watch->objects[i];

		if (object->kind != HAOPS_WATCH_ADDRESS)
			continue;
		lease->addrs[lease->count] = object->address.addr;
		lease->vips[lease->count++] =
			(struct haops_vip){.addr = object->address.addr,
					   .valid_lft_s = watch->lease_ms / 1000};
	}
	(void)haops_addr_format(&lease->addrs[0], lease->name);
	return lease;
}

/* Whether a record asks for a lease that can be given. */
static bool is_leasable(struct leases *leases, const struct haops_watch *watch)
{
	size_t addrs = 0;

	for (size_t i = 0; i < watch->object_count; i++)
		addrs += watch->objects[i].kind == HAOPS_WATCH_ADDRESS;
	if (watch->lease_ms == 0 || addrs == 0)
		return false;
	if (watch->netns[0]) {
		tell(leases, true,
		     "lease of %s: not renewed, because its addresses are in network namespace %s: "
		     "leases are for the host's own",
		     watch->resource, watch->netns);
		return false;
	}
	if (watch->lease_ms < 1000 || watch->lease_ms > HAOPS_LEASE_MAX_MS) {
		tell(leases, true, "lease of %s: not renewed: %" PRIu32 " ms is no lease",
		     watch->resource, watch->lease_ms);
		return false;
	}
	return true;
}

static void take_record(struct leases *leases, const struct haops_watch *watch)
{
	size_t at = find(leases, watch->resource);
	bool is_known = at < leases->count.leased;
	struct lease *lease;

	if (!is_leasable(leases, watch)) {
		if (is_known)
			forget(leases, at);
		return;
	}
	if (!is_known && leases->count.leased == LEASES_MAX) {
		if (!leases->is_told_full)
			tell(leases, true, "lease of %s and others: not renewed: more than %d",
			     watch->resource, LEASES_MAX);
		leases->is_told_full = true;
		return;
	}
	lease = make_lease(watch);
	if (!lease) {
		tell(leases, true, "lease of %s: memory is short", watch->resource);
		return;
	}
	if (!is_known) {
		leases->list[leases->count.leased++] = lease;
		return;
	}
	/* The same resource again, perhaps with other addresses: what was told stays told. */
	if (leases->list[at]->state == LEASE_HELD) {
		lease->state = LEASE_HELD;
		lease->renewed_ms = leases->list[at]->renewed_ms;
	}
	free_lease(leases->list[at]);
	leases->list[at] = lease;
}

static void forget_gone(struct leases *leases)
{
	size_t i = 0;

	while (i < leases->count.leased) {
		bool is_put = true;

		if (haops_watch_is_put(leases->ctx, leases->list[i]->resource, &is_put) == 0 &&
		    !is_put)
			forget(leases, i);
		else
			i++;
	}
}

void leases_file(struct leases *leases, const char *file)
{
	struct haops_watch watch;
	int r;

	if (!haops_watch_is_file(file))
		return;
	r = haops_watch_get_file(leases->ctx, file, &watch);
	if (r == 0) {
		take_record(leases, &watch);
		haops_watch_done(&watch);
	} else {
		forget_gone(leases);
	}
}

int leases_scan(struct leases *leases)
{
	char **names = NULL;
	size_t count = 0;
	int r = haops_watch_list(leases->ctx, &names, &count);

	if (r < 0)
		return r;
	forget_gone(leases);
	for (size_t i = 0; i < count; i++) {
		struct haops_watch watch;

		if (haops_watch_get(leases->ctx, names[i], &watch) == 0) {
			take_record(leases, &watch);
			haops_watch_done(&watch);
		}
		free(names[i]);
	}
	free(names);
	return 0;
}

/* Renewal and removal -------------------------------------------------------------------------*/

static struct lease_facts facts_of(const struct leases *leases, const struct lease *lease,
				   const struct guard_proof *proof, int64_t resumed_ms)
{
	return (struct lease_facts){.now_ms = leases->handlers.now_ms(),
				    .proof = *proof,
				    .resumed_ms = resumed_ms,
				    .lease_ms = lease->lease_ms,
				    .renewed_ms = lease->renewed_ms,
				    .begun_ms = leases->begun_ms};
}

static bool is_to_wait(const struct lease *lease, int64_t now_ms)
{
	return lease->tried_ms > 0 && now_ms - lease->tried_ms < RETRY_MS;
}

static void fail(struct leases *leases, struct lease *lease, const char *what)
{
	lease->tried_ms = leases->handlers.now_ms();
	if (!lease->is_told_error)
		tell(leases, true, "lease of %s: %s%s", lease->resource,
		     haops_ctx_error(leases->ctx), what);
	lease->is_told_error = true;
}

/* Looks again each second while it goes on: somebody may have added it meanwhile. */
static void drop(struct leases *leases, struct lease *lease, const char *reason, int64_t age_ms)
{
	struct haops_ctx *ctx = leases->ctx;
	size_t removed = 0;
	int r = haops_vip_remove(ctx, lease->addrs, lease->count,
				 haops_deadline_after(ctx, KERNEL_WAIT_MS), &removed);

	if (r < 0) {
		fail(leases, lease, "; the addresses end with their lifetime");
		return;
	}
	lease->must_go = false;
	lease->is_told_error = false;
	lease->tried_ms = leases->handlers.now_ms();
	lease->renewed_ms = 0;
	leases->count.dropped += removed;
	if (removed > 0 || lease->state == LEASE_HELD)
		tell(leases, true,
		     "lease of %s is lost: %s (proof %" PRId64 " ms old, lease %" PRIu32
		     " ms): took %s%s away",
		     lease->resource, reason, age_ms, lease->lease_ms, lease->name,
		     lease->count > 1 ? " and the others" : "");
	lease->state = LEASE_LOST;
}

void leases_drop(struct leases *leases, const struct guard_proof *proof, int64_t resumed_ms)
{
	for (size_t i = 0; i < leases->count.leased; i++) {
		struct lease *lease = leases->list[i];
		const struct lease_facts facts = facts_of(leases, lease, proof, resumed_ms);
		const struct lease_decision decision = lease_decide(&facts);

		if (lease->must_go ||
		    (decision.action == LEASE_DROP &&
		     (lease->state == LEASE_HELD || !is_to_wait(lease, facts.now_ms))))
			drop(leases, lease, lease_reason(decision.verdict), decision.age_ms);
	}
}

static void note_renewed(struct leases *leases, struct lease *lease, int64_t now_ms)
{
	if (lease->state != LEASE_HELD)
		tell(leases, false, "lease of %s: %s%s is renewed%s, %" PRIu32 " s at a time",
		     lease->resource, lease->name, lease->count > 1 ? " and the others" : "",
		     lease->state == LEASE_LOST ? " again" : "", lease->lease_ms / 1000);
	lease->state = LEASE_HELD;
	lease->renewed_ms = now_ms;
	lease->tried_ms = 0;
	lease->is_told_error = false;
	leases->count.renewals++;
}

/* Not there: not yet, or not any more. Never brought back from here. */
static void note_gone(struct leases *leases, struct lease *lease)
{
	if (lease->state == LEASE_HELD)
		tell(leases, true, "lease of %s is lost: %s", lease->resource,
		     haops_ctx_error(leases->ctx));
	if (lease->state == LEASE_HELD)
		lease->state = LEASE_LOST;
}

/* What follows from a renewal. facts->now_ms is the time after it. */
static void conclude(struct leases *leases, struct lease *lease, const struct lease_facts *facts,
		     int r)
{
	/* Whatever the outcome was: part of them may have been renewed. */
	if (lease_was_late(facts)) {
		lease->must_go = true;
		drop(leases, lease, "stopped in the middle of a renewal",
		     facts->now_ms - facts->proof.echo_ms);
		return;
	}
	lease->renewed_ms = facts->now_ms;
	if (r == 0)
		note_renewed(leases, lease, facts->now_ms);
	else if (r == -ENOENT)
		note_gone(leases, lease);
	else
		fail(leases, lease, "");
}

static void renew(struct leases *leases, struct lease *lease, struct lease_facts *facts)
{
	struct haops_ctx *ctx = leases->ctx;
	int r = haops_vip_renew(ctx, lease->vips, lease->count,
				haops_deadline_after(ctx, KERNEL_WAIT_MS));

	facts->now_ms = leases->handlers.now_ms();
	conclude(leases, lease, facts, r);
}

/* 0, or -errno: it is not known which of them was renewed. */
static int renew_at_once(const struct leases *leases)
{
	struct haops_vip *vips = calloc(leases->due_vips, sizeof(*vips));
	size_t count = 0;
	int r;

	if (!vips)
		return -ENOMEM;
	for (size_t i = 0; i < leases->due_count; i++) {
		const struct lease *lease = leases->due[i];

		memcpy(&vips[count], lease->vips, lease->count * sizeof(*vips));
		count += lease->count;
	}
	r = haops_vip_renew(leases->ctx, vips, count,
			    haops_deadline_after(leases->ctx, KERNEL_WAIT_MS));
	free(vips);
	return r;
}

/* The kernel lists all of a host's addresses for each renewal: a thousand resources one by one
 * would take this thread all of its time. Which one is in the way shows one by one. */
static void renew_due(struct leases *leases, const struct guard_proof *proof, int64_t resumed_ms)
{
	int r = leases->due_count > 1 ? renew_at_once(leases) : -EAGAIN;

	for (size_t i = 0; i < leases->due_count; i++) {
		struct lease *lease = leases->due[i];
		struct lease_facts facts = facts_of(leases, lease, proof, resumed_ms);

		if (r == 0 || lease_was_late(&facts))
			conclude(leases, lease, &facts, r);
		else
			renew(leases, lease, &facts);
	}
}

static void tell_long(struct leases *leases, const struct lease *lease,
		      const struct guard_proof *proof)
{
	tell(leases, true,
	     "lease of %s: not renewed: %" PRIu32 " s is too long for token %" PRIu32
	     " ms and consensus %" PRIu32 " ms: at most %" PRIu32 " s",
	     lease->resource, lease->lease_ms / 1000, proof->token_ms, proof->consensus_ms,
	     haops_lease_longest_ms(proof->token_ms, proof->consensus_ms) / 1000);
}

/* Those that were renewed before are together: one that is not there would fail all. */
static bool is_with_others(struct leases *leases, struct lease *lease)
{
	if (lease->state != LEASE_HELD || leases->due_vips + lease->count > HAOPS_VIP_MAX)
		return false;
	leases->due[leases->due_count++] = lease;
	leases->due_vips += lease->count;
	return true;
}

void leases_renew(struct leases *leases, const struct guard_proof *proof, int64_t resumed_ms)
{
	leases->due_count = leases->due_vips = 0;
	for (size_t i = 0; i < leases->count.leased; i++) {
		struct lease *lease = leases->list[i];
		struct lease_facts facts = facts_of(leases, lease, proof, resumed_ms);
		const struct lease_decision decision = lease_decide(&facts);

		if (decision.is_too_long && !lease->is_told_long)
			tell_long(leases, lease, proof);
		lease->is_told_long = decision.is_too_long;
		if (decision.action == LEASE_RENEW && !lease->must_go &&
		    !is_to_wait(lease, facts.now_ms) && !is_with_others(leases, lease))
			renew(leases, lease, &facts);
	}
	renew_due(leases, proof, resumed_ms);
}

void leases_get_count(const struct leases *leases, struct leases_count *ret_count)
{
	*ret_count = leases->count;
}
