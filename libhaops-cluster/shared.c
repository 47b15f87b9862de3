/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The common ground of both threads: queues, descriptors, and the clock of a call. Decides nothing.
 */
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_DEFAULT 256
#define UNECHOED_DEFAULT 16
#define SILENT_DEFAULT_MS 2000

int64_t shared_now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void signal_fd(int fd)
{
	uint64_t one = 1;

	/* Full means that it is readable already. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void clear_fd(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

/* Called by the outbox with the lock held. */
static void on_done(void *userdata, uint64_t seq, int result)
{
	struct shared *shared = userdata;
	struct event *event = event_new_sent(seq, result);

	if (!event)
		return;
	events_push(&shared->events, event);
	signal_fd(shared->event_fd);
}

static uint64_t draw_incarnation(void)
{
	uint64_t drawn = 0;

	while (!drawn)
		if (getrandom(&drawn, sizeof(drawn), 0) < 0)
			return 0;
	return drawn;
}

static bool watch(int poll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool make_fds(struct shared *shared)
{
	shared->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	shared->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	return shared->wake_fd >= 0 && shared->event_fd >= 0 && shared->timer_fd >= 0 &&
	       shared->poll_fd >= 0 && watch(shared->poll_fd, shared->event_fd) &&
	       watch(shared->poll_fd, shared->timer_fd);
}

static void close_fds(const struct shared *shared)
{
	const int fds[] = {shared->wake_fd, shared->event_fd, shared->timer_fd, shared->poll_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static void init_locks(struct shared *shared)
{
	pthread_condattr_t attr;

	(void)pthread_mutex_init(&shared->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&shared->ended, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static uint32_t or_default(uint32_t value, uint32_t standard)
{
	return value ? value : standard;
}

struct shared *shared_new(const struct corosync_ops *ops,
			  const struct haops_cluster_options *options)
{
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return NULL;
	shared->ops = ops;
	(void)snprintf(shared->group, sizeof(shared->group), "%s", options->group);
	shared->silent_ms = or_default(options->silent_ms, SILENT_DEFAULT_MS);
	shared->outbox = (struct outbox){
		.count_max = or_default(options->queue_max, QUEUE_DEFAULT),
		.unechoed_max = or_default(options->unechoed_max, UNECHOED_DEFAULT),
		.done = on_done,
		.userdata = shared,
	};
	shared->owners = 1;
	shared->incarnation = draw_incarnation();
	init_locks(shared);
	if (!make_fds(shared) || !shared->incarnation) {
		shared_release(shared);
		return NULL;
	}
	return shared;
}

void shared_release(struct shared *shared)
{
	unsigned int owners;

	(void)pthread_mutex_lock(&shared->lock);
	owners = --shared->owners;
	(void)pthread_mutex_unlock(&shared->lock);
	if (owners)
		return;
	outbox_clear(&shared->outbox);
	events_clear(&shared->events);
	close_fds(shared);
	(void)pthread_cond_destroy(&shared->ended);
	(void)pthread_mutex_destroy(&shared->lock);
	free(shared);
}

void shared_wake(struct shared *shared)
{
	signal_fd(shared->wake_fd);
}

bool shared_push(struct shared *shared, struct event *event)
{
	bool is_wanted;

	if (!event)
		return false;
	(void)pthread_mutex_lock(&shared->lock);
	is_wanted = !shared->wants_leave || event->kind == EVENT_SENT || event->kind == EVENT_LOG;
	if (is_wanted) {
		events_push(&shared->events, event);
		signal_fd(shared->event_fd);
	}
	(void)pthread_mutex_unlock(&shared->lock);
	if (!is_wanted)
		free(event);
	return true;
}

struct event *shared_pop(struct shared *shared)
{
	struct event *event;
	bool is_free_again = false;

	(void)pthread_mutex_lock(&shared->lock);
	event = events_pop(&shared->events);
	if (!shared->events.head)
		clear_fd(shared->event_fd);
	if (shared->is_held && shared->events.count < SHARED_EVENTS_MAX / 2 &&
	    shared->events.bytes < SHARED_BYTES_MAX / 2) {
		shared->is_held = false;
		is_free_again = true;
	}
	(void)pthread_mutex_unlock(&shared->lock);
	if (is_free_again)
		shared_wake(shared);
	return event;
}

static void start_timer(struct shared *shared, int64_t ms)
{
	struct itimerspec timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 + 1}};

	atomic_store(&shared->timer_runs, true);
	(void)timerfd_settime(shared->timer_fd, 0, &timer, NULL);
}

/* The timer is started seldom: it runs on when the call ends, and shared_check_stuck() finds out
 * what it meets. The order of the two variables in both makes that none is missed. */
void shared_begin_call(struct shared *shared)
{
	atomic_store(&shared->call_since_ms, shared_now_ms());
	if (!atomic_load(&shared->timer_runs))
		start_timer(shared, shared->silent_ms);
}

bool shared_end_call(struct shared *shared)
{
	atomic_store(&shared->call_since_ms, 0);
	return atomic_exchange(&shared->was_told_stuck, false);
}

int64_t shared_stuck_ms(const struct shared *shared)
{
	int64_t since_ms = atomic_load(&shared->call_since_ms);
	int64_t age_ms = since_ms ? shared_now_ms() - since_ms : 0;

	return age_ms > 0 ? age_ms : 0;
}

bool shared_check_stuck(struct shared *shared)
{
	uint64_t count;
	int64_t since_ms, left_ms;

	if (read(shared->timer_fd, &count, sizeof(count)) < 0)
		return false;
	atomic_store(&shared->timer_runs, false);
	since_ms = atomic_load(&shared->call_since_ms);
	if (!since_ms)
		return false;
	left_ms = since_ms + shared->silent_ms - shared_now_ms();
	if (left_ms > 0) {
		start_timer(shared, left_ms);
		return false;
	}
	/* A call that ends from now on finds that this has to be taken back; one that ended just
	 * before did not. */
	atomic_store(&shared->was_told_stuck, true);
	return atomic_load(&shared->call_since_ms) == since_ms ||
	       !atomic_exchange(&shared->was_told_stuck, false);
}
