/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's thread, and what it shares with the deciding thread: a few numbers and sentences,
 * behind a lock that is held for a copy only. What to do with leases is the matter of leases.c. */
#include "guard/guard.h"

#include "guard/leases.h"
#include "guard/page.h"
#include "guard/system.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 50
#define SCAN_MS 10000	  /* in case that a notice was lost */
#define SCAN_RETRY_MS 500 /* no directory yet, or it cannot be read */
#define STACK_BYTES 262144
#define EVENTS_MAX 64
#define EVENT_MAX 256

struct guard_event {
	bool is_error;
	char text[EVENT_MAX];
};

struct guard_events {
	struct guard_event list[EVENTS_MAX];
	size_t first;
	size_t count;
	uint64_t lost;
};

/* What both threads touch, under lock. */
struct shared {
	pthread_mutex_t lock;
	struct guard_proof proof;
	struct guard_report report;
	struct guard_events events;
};

struct guard {
	struct shared shared;
	struct guard_config config;
	int event_fd;
	int stop_fd;
	pthread_t thread;
	/* From here on the guard's thread's own. */
	struct haops_ctx *ctx;
	struct leases *leases;
	struct page page;
	int tick_fd;
	int watch_fd;
	struct guard_proof proof; /* the last copy */
	struct guard_report report;
	struct guard_events events; /* that were not handed over yet */
	int64_t last_ms;	    /* of the turn before */
	int64_t resumed_ms;	    /* end of the last pause */
	int64_t scan_ms;	    /* next look at all records */
	bool is_told_page;
};

/* Events ---------------------------------------------------------------------------------------*/

static void push(struct guard_events *events, bool is_error, const char *text)
{
	struct guard_event *event;

	if (events->count == EVENTS_MAX) {
		events->lost++;
		return;
	}
	event = &events->list[(events->first + events->count++) % EVENTS_MAX];
	event->is_error = is_error;
	(void)snprintf(event->text, sizeof(event->text), "%s", text);
}

static bool pop(struct guard_events *events, struct guard_event *ret_event)
{
	if (events->count == 0)
		return false;
	*ret_event = events->list[events->first];
	events->first = (events->first + 1) % EVENTS_MAX;
	events->count--;
	return true;
}

static void on_event(void *userdata, bool is_error, const char *text)
{
	struct guard *guard = userdata;

	push(&guard->events, is_error, text);
}

bool guard_next_event(struct guard *guard, bool *ret_is_error, char *buf, size_t size)
{
	struct guard_event event;
	uint64_t lost = 0;
	bool is_there;

	(void)pthread_mutex_lock(&guard->shared.lock);
	is_there = pop(&guard->shared.events, &event);
	if (!is_there) {
		lost = guard->shared.events.lost;
		guard->shared.events.lost = 0;
		guard_drain(guard->event_fd);
	}
	(void)pthread_mutex_unlock(&guard->shared.lock);
	if (is_there) {
		*ret_is_error = event.is_error;
		(void)snprintf(buf, size, "%s", event.text);
	} else if (lost > 0) {
		*ret_is_error = true;
		(void)snprintf(buf, size, "leases: %" PRIu64 " messages were too many to be told",
			       lost);
	}
	return is_there || lost > 0;
}

/* One turn -------------------------------------------------------------------------------------*/

static void notice_pause(struct guard *guard, int64_t now_ms)
{
	int64_t gap_ms = now_ms - guard->last_ms;

	guard->last_ms = now_ms;
	if (!lease_is_pause(gap_ms, guard->proof.token_ms))
		return;
	guard->resumed_ms = now_ms;
	guard->report.pauses++;
	guard->report.last_pause_ms = gap_ms;
	guard->report.last_pause_at_ms = now_ms;
}

/* Sentences about it come after what had to be done. */
static void tell_pause(struct guard *guard, uint64_t pauses_before)
{
	char text[EVENT_MAX];

	if (guard->report.pauses == pauses_before)
		return;
	(void)snprintf(text, sizeof(text),
		       "this machine or haopsd stood still for %" PRId64
		       " ms: leases wait for a new proof",
		       guard->report.last_pause_ms);
	push(&guard->events, true, text);
}

/* The deciding thread holds the lock for a copy; when it does so just now, it is tried again in the
 * next turn, and what is known stays in force: older, so never wrong to rely on. */
static void exchange(struct guard *guard)
{
	struct shared *shared = &guard->shared;
	struct guard_event event;
	bool has_events = guard->events.count > 0 || guard->events.lost > 0;

	if (pthread_mutex_trylock(&shared->lock) != 0)
		return;
	guard->proof = shared->proof;
	shared->report = guard->report;
	while (pop(&guard->events, &event))
		push(&shared->events, event.is_error, event.text);
	shared->events.lost += guard->events.lost;
	guard->events.lost = 0;
	(void)pthread_mutex_unlock(&shared->lock);
	if (has_events)
		guard_wake(guard->event_fd);
}

static void write_page(struct guard *guard, int64_t now_ms)
{
	const struct guard_proof *proof = &guard->proof;
	struct lease_page page = {
		.written_ms = now_ms,
		.echo_ms = proof->echo_ms,
		.pacemaker_ms = proof->pacemaker_ms,
		.token_ms = proof->token_ms,
		.consensus_ms = proof->consensus_ms,
		.pid = guard_pid(),
	};
	char text[EVENT_MAX];
	int r;

	guard->report.verdict = lease_verdict(proof, now_ms, guard->resumed_ms);
	if (guard->report.verdict == HAOPS_LEASE_OK && now_ms < proof->held_until_ms)
		guard->report.verdict = HAOPS_LEASE_HELD;
	page.flags |= proof->is_quorate ? LEASE_PAGE_QUORATE : 0;
	page.flags |= proof->is_two_node ? LEASE_PAGE_TWO_NODE : 0;
	page.flags |= guard->report.verdict == HAOPS_LEASE_PAUSED ? LEASE_PAGE_PAUSED : 0;
	page.flags |= now_ms < proof->held_until_ms ? LEASE_PAGE_HELD : 0;
	r = page_write(&guard->page, guard->ctx, &page);
	if (r < 0 && r != -EAGAIN && !guard->is_told_page) {
		(void)snprintf(text, sizeof(text), "leases cannot be given: %s",
			       haops_ctx_error(guard->ctx));
		push(&guard->events, true, text);
	}
	if (r != -EAGAIN)
		guard->is_told_page = r < 0;
}

static void on_file(void *userdata, const char *file)
{
	leases_file(((struct guard *)userdata)->leases, file);
}

static void read_records(struct guard *guard, int64_t now_ms)
{
	bool is_lost = false;
	int r;

	guard_watch_read(guard->watch_fd, on_file, guard, &is_lost);
	if (!is_lost && now_ms < guard->scan_ms)
		return;
	page_check(&guard->page);
	/* The same watch again is no harm, and the directory may be another one by now. */
	r = guard_watch_dir(guard->watch_fd, haops_watch_dir(guard->ctx));
	if (r == 0)
		r = leases_scan(guard->leases);
	guard->scan_ms = now_ms + (r < 0 ? SCAN_RETRY_MS : SCAN_MS);
}

/*
 * The order matters. The clock first: what is too old is taken away before anything else is done or
 * believed, and so is the first thing after a pause. What the deciding thread has to say is fetched
 * after that; news that it read while we stood still carry the time of their sending.
 */
static void turn(struct guard *guard)
{
	uint64_t pauses = guard->report.pauses;
	int64_t now_ms = guard_boottime_ms();
	struct leases_count count;

	notice_pause(guard, now_ms);
	leases_drop(guard->leases, &guard->proof, guard->resumed_ms);
	tell_pause(guard, pauses);
	exchange(guard);
	leases_drop(guard->leases, &guard->proof, guard->resumed_ms);
	read_records(guard, now_ms);
	leases_renew(guard->leases, &guard->proof, guard->resumed_ms);
	write_page(guard, guard_boottime_ms());
	leases_get_count(guard->leases, &count);
	guard->report.leased = count.leased;
	guard->report.renewals = count.renewals;
	guard->report.dropped = count.dropped;
}

static void be_realtime(struct guard *guard)
{
	char text[EVENT_MAX];
	int r;

	if (!guard->config.is_realtime)
		return;
	r = guard_be_realtime(guard->config.rtprio);
	guard->report.is_realtime = r == 0;
	if (r == 0)
		return;
	(void)snprintf(text, sizeof(text),
		       "leases are renewed without a real-time priority (%s): a busy machine may "
		       "lose them",
		       strerror(-r));
	push(&guard->events, false, text);
}

static void *run(void *userdata)
{
	struct guard *guard = userdata;
	struct pollfd fds[] = {{.fd = guard->stop_fd, .events = POLLIN},
			       {.fd = guard->tick_fd, .events = POLLIN},
			       {.fd = guard->watch_fd, .events = POLLIN}};

	be_realtime(guard);
	guard->last_ms = guard_boottime_ms();
	while (!fds[0].revents) {
		turn(guard);
		guard_wait(fds, sizeof(fds) / sizeof(fds[0]));
		guard_drain(guard->tick_fd);
	}
	return NULL;
}

/* Beginning and end --------------------------------------------------------------------------- */

static int make_context(struct guard *guard)
{
	static const struct leases_handlers handlers = {.event = on_event,
							.now_ms = guard_boottime_ms};
	int r = haops_ctx_new(&guard->ctx);

	if (r == 0 && guard->config.run_dir)
		r = haops_ctx_set_run_dir(guard->ctx, guard->config.run_dir);
	if (r < 0)
		return r;
	guard->leases = leases_new(guard->ctx, &handlers, guard);
	return guard->leases ? 0 : -ENOMEM;
}

static int make_descriptors(struct guard *guard)
{
	guard->event_fd = guard_wake_new();
	guard->stop_fd = guard_wake_new();
	guard->tick_fd = guard_tick_new(TICK_MS);
	guard->watch_fd = guard_watch_new();
	if (guard->event_fd < 0)
		return guard->event_fd;
	if (guard->stop_fd < 0)
		return guard->stop_fd;
	return guard->tick_fd < 0 ? guard->tick_fd : guard->watch_fd < 0 ? guard->watch_fd : 0;
}

static void close_if(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static void free_guard(struct guard *guard)
{
	leases_free(guard->leases);
	page_done(&guard->page);
	(void)haops_ctx_free(guard->ctx);
	close_if(guard->event_fd);
	close_if(guard->stop_fd);
	close_if(guard->tick_fd);
	close_if(guard->watch_fd);
	(void)pthread_mutex_destroy(&guard->shared.lock);
	free(guard);
}

/* The deciding thread, when it holds the lock, runs with the guard's priority. */
static int make_lock(struct guard *guard)
{
	pthread_mutexattr_t attr;
	int r = -pthread_mutexattr_init(&attr);

	if (r < 0)
		return r;
	(void)pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	r = -pthread_mutex_init(&guard->shared.lock, &attr);
	(void)pthread_mutexattr_destroy(&attr);
	return r;
}

/* Signals are the deciding thread's. */
static int make_thread(struct guard *guard)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r = -pthread_attr_init(&attr);

	if (r < 0)
		return r;
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&guard->thread, &attr, run, guard);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return r;
}

int guard_start(struct haops_ctx *ctx, const struct guard_config *config, struct guard **ret_guard)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	int r;

	(void)ctx;
	if (!guard)
		return -ENOMEM;
	guard->config = *config;
	guard->event_fd = guard->stop_fd = guard->tick_fd = guard->watch_fd = -1;
	page_init(&guard->page);
	r = make_lock(guard);
	if (r < 0) {
		free(guard);
		return r;
	}
	r = make_context(guard);
	if (r == 0)
		r = make_descriptors(guard);
	if (r == 0)
		r = make_thread(guard);
	if (r < 0) {
		free_guard(guard);
		return r;
	}
	*ret_guard = guard;
	return 0;
}

void guard_stop(struct guard *guard)
{
	if (!guard)
		return;
	guard_wake(guard->stop_fd);
	(void)pthread_join(guard->thread, NULL);
	free_guard(guard);
}

/* What is asked and told -----------------------------------------------------------------------*/

int guard_fd(const struct guard *guard)
{
	return guard->event_fd;
}

void guard_prove(struct guard *guard, const struct guard_proof *proof)
{
	(void)pthread_mutex_lock(&guard->shared.lock);
	guard->shared.proof = *proof;
	(void)pthread_mutex_unlock(&guard->shared.lock);
}

void guard_get_report(struct guard *guard, struct guard_report *ret_report)
{
	(void)pthread_mutex_lock(&guard->shared.lock);
	*ret_report = guard->shared.report;
	(void)pthread_mutex_unlock(&guard->shared.lock);
}
