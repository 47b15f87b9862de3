/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_SHARED_H
#define HAOPS_CLUSTER_SHARED_H

/*
 * What the caller's thread and the thread that calls Corosync have in common: two queues, a few
 * wishes, and the descriptors that wake either. No lock is held over a call that can wait.
 */

#include "corosync.h"
#include "events.h"
#include "outbox.h"

#include <pthread.h>
#include <stdatomic.h>

/* Events that wait for a caller who does not dispatch. Above that CPG is not read any more, and
 * Corosync keeps what comes. */
#define SHARED_EVENTS_MAX 4096
#define SHARED_BYTES_MAX ((size_t)8 << 20)
#define SHARED_GROUP_MAX 128

struct shared {
	/* Never change. */
	const struct corosync_ops *ops;
	char group[SHARED_GROUP_MAX];
	uint64_t incarnation;
	int64_t silent_ms;
	int wake_fd;  /* wakes the thread */
	int event_fd; /* wakes the caller: events wait */
	int timer_fd; /* wakes the caller: a call of the thread may be overdue */
	int poll_fd;  /* both of these */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t ended;
	unsigned int owners;
	struct events events;
	struct outbox outbox;
	enum haops_cluster_state state;
	bool wants_links;
	bool wants_leave;
	int64_t leave_by_ms;
	bool is_held; /* CPG is not read because too many events wait */
	bool has_ended;
	int leave_result;

	/* Begin of the call that the thread is in, 0 for none; whether the timer runs; whether the
	 * caller was told that the call is overdue. */
	_Atomic int64_t call_since_ms;
	atomic_bool timer_runs;
	atomic_bool was_told_stuck;
};

/* CLOCK_BOOTTIME in ms. */
int64_t shared_now_ms(void);

/* NULL: no memory or no descriptor. */
struct shared *shared_new(const struct corosync_ops *ops,
			  const struct haops_cluster_options *options);
/* One owner less; the last one frees it. */
void shared_release(struct shared *shared);

void shared_wake(struct shared *shared);

/* Queues an event for the caller; NULL counts as failed. After the wish to leave, only what became
 * of messages and log lines are kept. False: it could not be queued. */
bool shared_push(struct shared *shared, struct event *event);
/* The next event, NULL for none. */
struct event *shared_pop(struct shared *shared);

/* Around each call of Corosync's libraries. shared_end_call() returns true when the caller was told
 * that it is overdue: he has to be told that it is over. */
void shared_begin_call(struct shared *shared);
bool shared_end_call(struct shared *shared);
/* Age of the call that the thread is in, 0 for none. */
int64_t shared_stuck_ms(const struct shared *shared);
/* For the caller, whenever he was woken: true once for a call that is overdue. */
bool shared_check_stuck(struct shared *shared);

#endif
