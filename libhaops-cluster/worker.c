/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread: its loop, what it waits for, its start and its end. */
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Each dispatch of Corosync's libraries puts a buffer of 1 MiB there. */
#define STACK_BYTES ((size_t)4 << 20)
#define THREAD_NAME "haops-cluster"
/* Events of one descriptor in a turn: sending and telling must not wait for a flood to end. */
#define TURN_MAX 64
#define POLL_MAX_MS 60000

static void read_wishes(struct worker *worker)
{
	struct shared *shared = worker->shared;
	uint64_t count;

	if (read(shared->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	(void)pthread_mutex_lock(&shared->lock);
	worker->is_leaving = shared->wants_leave;
	(void)pthread_mutex_unlock(&shared->lock);
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return b_ms < a_ms ? b_ms : a_ms;
}

/* Until when there is nothing to do, if nothing happens. */
static int64_t next_turn_ms(struct worker *worker, int64_t now_ms)
{
	const struct shared *shared = worker->shared;
	int64_t since_ms = worker_waits_since_ms(worker);
	int64_t next_ms = now_ms + POLL_MAX_MS;

	if (!worker->has_joined)
		next_ms = earlier(next_ms, worker->open_at_ms);
	if (worker->config_is_due)
		next_ms = earlier(next_ms, worker->config_at_ms);
	if (worker->is_member && worker->send_at_ms > now_ms)
		next_ms = earlier(next_ms, worker->send_at_ms);
	if (worker->is_leaving)
		next_ms = earlier(next_ms, shared->leave_by_ms);
	if (worker->hold_until_ms)
		next_ms = earlier(next_ms, worker->hold_until_ms);
	if (since_ms && worker->told_state != HAOPS_CLUSTER_SILENT)
		next_ms = earlier(next_ms, since_ms + shared->silent_ms);
	if (since_ms || !worker->is_member)
		next_ms = earlier(next_ms, now_ms + shared->silent_ms);
	else
		next_ms = earlier(next_ms, worker->last_echo_ms + shared->silent_ms);
	return next_ms;
}

/* Full queues towards the caller stop CPG only: the rest is small, and he must know it. */
static bool holds_cpg(struct shared *shared)
{
	bool is_held;

	(void)pthread_mutex_lock(&shared->lock);
	if (shared->events.count >= SHARED_EVENTS_MAX || shared->events.bytes >= SHARED_BYTES_MAX)
		shared->is_held = true;
	is_held = shared->is_held;
	(void)pthread_mutex_unlock(&shared->lock);
	return is_held;
}

static void dispatch(struct worker *worker, size_t index)
{
	int r = 0;

	for (unsigned int i = 0; i < TURN_MAX && r == 0; i++) {
		worker_begin(worker);
		r = worker->shared->ops->dispatch(worker->session, index);
		worker_end(worker);
	}
	if (r < 0 && r != -EAGAIN)
		worker->is_lost = true;
}

static void wait_and_dispatch(struct worker *worker, int64_t now_ms)
{
	struct pollfd fds[COROSYNC_FDS_MAX + 1];
	size_t count = 0;
	int64_t left_ms = next_turn_ms(worker, now_ms) - now_ms;

	if (worker->session)
		count = worker->shared->ops->fds(worker->session, fds);
	if (count && holds_cpg(worker->shared))
		fds[count - 1].events = 0;
	fds[count] = (struct pollfd){.fd = worker->shared->wake_fd, .events = POLLIN};
	if (worker->is_lost || left_ms < 0)
		left_ms = 0;
	if (poll(fds, count + 1, (int)left_ms) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (fds[i].revents & POLLIN)
			dispatch(worker, i);
		/* What came before the end was taken above. */
		if (fds[i].revents & (POLLHUP | POLLERR | POLLNVAL))
			worker->is_lost = true;
	}
}

/* The end of a leave: the goodbye came back, there is nothing to leave, or it takes too long. */
static int judge_leave(const struct worker *worker, int64_t now_ms)
{
	if (worker->is_done)
		return 0;
	if (!worker->is_member && !worker->has_joined)
		return -ENOTCONN;
	return now_ms >= worker->shared->leave_by_ms ? -ETIMEDOUT : -EINPROGRESS;
}

static void turn(struct worker *worker)
{
	int64_t now_ms = shared_now_ms();

	read_wishes(worker);
	if (worker->is_lost)
		worker_disconnect(worker, now_ms);
	if (!worker->is_leaving)
		worker_connect(worker, now_ms);
	worker_refresh(worker, now_ms);
	worker_answer_links(worker);
	worker_tell(worker);
	worker_send(worker, now_ms);
	worker_publish(worker, shared_now_ms());
	wait_and_dispatch(worker, shared_now_ms());
}

static void end_session(struct worker *worker, int result)
{
	const struct corosync_ops *ops = worker->shared->ops;

	if (!worker->session)
		return;
	worker_begin(worker);
	if (result == 0)
		(void)ops->leave(worker->session, worker->shared->group);
	ops->close(worker->session);
	worker_end(worker);
	worker->session = NULL;
}

static void tell_end(struct shared *shared, int result)
{
	(void)pthread_mutex_lock(&shared->lock);
	outbox_clear(&shared->outbox);
	shared->leave_result = result;
	shared->has_ended = true;
	(void)pthread_cond_broadcast(&shared->ended);
	(void)pthread_mutex_unlock(&shared->lock);
}

static void *run(void *userdata)
{
	struct worker *worker = userdata;
	struct shared *shared = worker->shared;
	int result = -EINPROGRESS;

	(void)pthread_setname_np(pthread_self(), THREAD_NAME);
	worker->view_is_due = true;
	while (result == -EINPROGRESS) {
		turn(worker);
		if (worker->is_leaving)
			result = judge_leave(worker, shared_now_ms());
	}
	end_session(worker, result);
	tell_end(shared, result);
	free(worker->told);
	free(worker);
	shared_release(shared);
	return NULL;
}

/* All but those that a fault of this thread itself raises. */
static void block_signals(sigset_t *ret_before)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSEGV);
	(void)sigdelset(&all, SIGBUS);
	(void)sigdelset(&all, SIGFPE);
	(void)sigdelset(&all, SIGILL);
	(void)pthread_sigmask(SIG_SETMASK, &all, ret_before);
}

static int start_thread(struct worker *worker, pthread_t *ret_thread)
{
	pthread_attr_t attr;
	sigset_t before;
	int r = pthread_attr_init(&attr);

	if (r)
		return -ENOMEM;
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	block_signals(&before);
	r = pthread_create(ret_thread, &attr, run, worker);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return r ? -EIO : 0;
}

int worker_start(struct shared *shared, pthread_t *ret_thread)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int r;

	if (!worker)
		return -ENOMEM;
	worker->shared = shared;
	worker->pid = (uint32_t)getpid();
	worker->told_state = HAOPS_CLUSTER_DOWN;
	worker_set_trouble(worker, "Corosync was not asked yet");
	shared->owners++;
	r = start_thread(worker, ret_thread);
	if (r < 0) {
		shared->owners--;
		free(worker);
	}
	return r;
}
