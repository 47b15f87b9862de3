/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public calls: the caller's side of the two queues. Never calls Corosync, never waits but in
 * haops_cluster_leave(). */
#include "cluster.h"

#include "internal.h"
#include "worker.h"

#include <time.h>

#define QUEUE_MAX 65536
#define UNECHOED_MAX 128
#define STUCK_TEXT                                                                                 \
	"a call into Corosync does not return: Corosync is stopped, or starved of CPU or memory"

struct haops_cluster {
	struct haops_ctx *ctx;
	struct haops_cluster_handlers handlers;
	void *userdata;
	struct shared *shared;
	pthread_t thread;
	struct event *event; /* holds what the view points to */
	struct haops_cluster_view view;
};

static int check_options(struct haops_ctx *ctx, const struct haops_cluster_options *options)
{
	if (!options->group || !options->group[0] || strlen(options->group) >= SHARED_GROUP_MAX)
		return haops_fail(ctx, EINVAL, "group: its name must have 1 to %d bytes",
				  SHARED_GROUP_MAX - 1);
	if (options->queue_max > QUEUE_MAX)
		return haops_fail(ctx, EINVAL, "queue_max %u: give 1 to %d", options->queue_max,
				  QUEUE_MAX);
	if (options->unechoed_max > UNECHOED_MAX)
		return haops_fail(ctx, EINVAL, "unechoed_max %u: give 1 to %d",
				  options->unechoed_max, UNECHOED_MAX);
	return 0;
}

int cluster_join(struct haops_ctx *ctx, const struct cluster_join *join,
		 struct haops_cluster **ret_cluster)
{
	CLEANUP_FREE struct haops_cluster *cluster = NULL;
	int r = check_options(ctx, join->options);

	if (r < 0)
		return r;
	cluster = calloc(1, sizeof(*cluster));
	if (!cluster)
		return haops_fail(ctx, ENOMEM, "group %s: memory is short", join->options->group);
	cluster->ctx = ctx;
	cluster->userdata = join->userdata;
	if (join->handlers)
		cluster->handlers = *join->handlers;
	cluster->shared = shared_new(join->ops, join->options);
	if (!cluster->shared)
		return haops_fail(ctx, EIO, "group %s: no memory or no descriptor is left",
				  join->options->group);
	cluster->view = (struct haops_cluster_view){.state = HAOPS_CLUSTER_DOWN,
						    .incarnation = cluster->shared->incarnation,
						    .trouble = "Corosync was not asked yet"};
	r = worker_start(cluster->shared, &cluster->thread);
	if (r < 0) {
		shared_release(cluster->shared);
		return haops_fail(ctx, -r, "group %s: no thread could be started",
				  join->options->group);
	}
	*ret_cluster = TAKE_PTR(cluster);
	return 0;
}

int haops_cluster_join(struct haops_ctx *ctx, const struct haops_cluster_options *options,
		       const struct haops_cluster_handlers *handlers, void *userdata,
		       struct haops_cluster **ret_cluster)
{
	const struct cluster_join join = {.ops = &corosync_real,
					  .options = options,
					  .handlers = handlers,
					  .userdata = userdata};

	if (!ctx)
		return -EINVAL;
	if (!options || !ret_cluster)
		return haops_fail(ctx, EINVAL, "group: options and ret_cluster must be given");
	return cluster_join(ctx, &join, ret_cluster);
}

int haops_cluster_fd(const struct haops_cluster *cluster)
{
	return cluster->shared->poll_fd;
}

const struct haops_cluster_view *haops_cluster_get_view(const struct haops_cluster *cluster)
{
	return &cluster->view;
}

int64_t haops_cluster_stuck_ms(const struct haops_cluster *cluster)
{
	return shared_stuck_ms(cluster->shared);
}

static void call_view(struct haops_cluster *cluster)
{
	if (cluster->handlers.view)
		cluster->handlers.view(cluster->userdata, &cluster->view);
}

/* Calls the handler. The caller of this frees the event, unless it became the view's. */
static void handle(struct haops_cluster *cluster, struct event *event)
{
	const struct haops_cluster_handlers *to = &cluster->handlers;
	void *userdata = cluster->userdata;

	if (event->kind == EVENT_JOINED && to->joined)
		to->joined(userdata, &event->member);
	else if (event->kind == EVENT_LEFT && to->left)
		to->left(userdata, &event->member, event->reason);
	else if (event->kind == EVENT_MESSAGE && to->message)
		to->message(userdata, &event->message);
	else if (event->kind == EVENT_SENT && to->sent)
		to->sent(userdata, event->seq, event->result);
	else if (event->kind == EVENT_LINKS && to->links)
		to->links(userdata, event->links, event->link_count);
	else if (event->kind == EVENT_LOG)
		haops_logf(cluster->ctx, event->level, "%s", event->text);
}

static void take_event(struct haops_cluster *cluster, struct event *event)
{
	if (event->kind != EVENT_VIEW) {
		handle(cluster, event);
		free(event);
		return;
	}
	free(cluster->event);
	cluster->event = event;
	cluster->view = event->view;
	call_view(cluster);
}

int haops_cluster_dispatch(struct haops_cluster *cluster, unsigned int max)
{
	struct event *event;
	int count = 0;

	if (!max)
		return haops_fail(cluster->ctx, EINVAL, "dispatch: max must be 1 or above");
	/* The thread cannot tell this itself, and tells how things are when it can again. */
	if (shared_check_stuck(cluster->shared) && cluster->view.state != HAOPS_CLUSTER_SILENT) {
		cluster->view.state = HAOPS_CLUSTER_SILENT;
		cluster->view.trouble = STUCK_TEXT;
		call_view(cluster);
		count++;
	}
	while ((unsigned int)count < max && (event = shared_pop(cluster->shared))) {
		take_event(cluster, event);
		count++;
	}
	return count;
}

static int enqueue(struct haops_cluster *cluster, struct outbox_message *message, uint64_t *ret_seq)
{
	struct shared *shared = cluster->shared;
	int r = -ENOTCONN;

	(void)pthread_mutex_lock(&shared->lock);
	if (!shared->wants_leave && !(message->is_volatile && shared->state < HAOPS_CLUSTER_UP &&
				      shared->state != HAOPS_CLUSTER_SILENT))
		r = outbox_add(&shared->outbox, message);
	if (r == 0 && ret_seq)
		*ret_seq = message->seq;
	(void)pthread_mutex_unlock(&shared->lock);
	return r;
}

int haops_cluster_send(struct haops_cluster *cluster, const void *data, size_t len,
		       unsigned int flags, uint64_t *ret_seq)
{
	struct outbox_message *message;
	int r;

	if ((!data && len) || len > HAOPS_CLUSTER_MESSAGE_MAX || (flags & ~HAOPS_CLUSTER_VOLATILE))
		return haops_fail(cluster->ctx, EINVAL,
				  "group %s: a message has 0 to %d bytes, and no flag but VOLATILE",
				  cluster->shared->group, HAOPS_CLUSTER_MESSAGE_MAX);
	message = outbox_message_new(data, len, flags, shared_now_ms());
	if (!message)
		return haops_fail(cluster->ctx, ENOMEM, "group %s: no memory for a message",
				  cluster->shared->group);
	r = enqueue(cluster, message, ret_seq);
	if (r == 0) {
		shared_wake(cluster->shared);
		return 0;
	}
	free(message);
	if (r == -EAGAIN)
		return haops_fail(cluster->ctx, EAGAIN,
				  "group %s: %u messages wait for Corosync: send less, or wait for "
				  "handler sent",
				  cluster->shared->group, cluster->shared->outbox.count_max);
	return haops_fail(cluster->ctx, ENOTCONN, "group %s: we are no member at the moment: %s",
			  cluster->shared->group, cluster->view.trouble);
}

int haops_cluster_ask_links(struct haops_cluster *cluster)
{
	struct shared *shared = cluster->shared;
	bool is_down;

	(void)pthread_mutex_lock(&shared->lock);
	is_down = shared->state == HAOPS_CLUSTER_DOWN;
	shared->wants_links |= !is_down;
	(void)pthread_mutex_unlock(&shared->lock);
	if (is_down)
		return haops_fail(cluster->ctx, ENOTCONN, "links: %s", cluster->view.trouble);
	shared_wake(shared);
	return 0;
}

static struct timespec monotonic_after(int64_t ms)
{
	struct timespec at = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

/* A little more than the thread has: it knows better what was missing. */
#define LEAVE_GRACE_MS 50

static int wait_for_end(struct shared *shared, int64_t left_ms)
{
	struct timespec until = monotonic_after(left_ms + LEAVE_GRACE_MS);
	int result = -ETIMEDOUT;

	(void)pthread_mutex_lock(&shared->lock);
	shared->wants_leave = true;
	shared->leave_by_ms = shared_now_ms() + left_ms;
	shared_wake(shared);
	while (!shared->has_ended)
		if (pthread_cond_timedwait(&shared->ended, &shared->lock, &until))
			break;
	if (shared->has_ended)
		result = shared->leave_result;
	(void)pthread_mutex_unlock(&shared->lock);
	return result;
}

/* Tells what became of all that was sent, and nothing else any more. */
static void tell_rest(struct haops_cluster *cluster, bool has_ended)
{
	const struct outbox_message *message = has_ended ? NULL : cluster->shared->outbox.head;
	struct event *event;

	while ((event = shared_pop(cluster->shared))) {
		if (event->kind == EVENT_SENT || event->kind == EVENT_LOG)
			handle(cluster, event);
		free(event);
	}
	/* A thread that hangs still reads its message: they are freed when it comes back. */
	for (; message; message = message->next)
		if (cluster->handlers.sent)
			cluster->handlers.sent(cluster->userdata, message->seq, -ECANCELED);
}

static bool join_or_abandon(struct haops_cluster *cluster)
{
	bool has_ended;

	(void)pthread_mutex_lock(&cluster->shared->lock);
	has_ended = cluster->shared->has_ended;
	(void)pthread_mutex_unlock(&cluster->shared->lock);
	if (has_ended)
		(void)pthread_join(cluster->thread, NULL);
	else
		(void)pthread_detach(cluster->thread);
	return has_ended;
}

int haops_cluster_leave(struct haops_cluster *cluster, int64_t deadline_ms)
{
	struct haops_ctx *ctx;
	int r;

	if (!cluster)
		return 0;
	ctx = cluster->ctx;
	r = wait_for_end(cluster->shared, haops_deadline_left_ms(ctx, deadline_ms));
	tell_rest(cluster, join_or_abandon(cluster));
	if (r < 0)
		(void)haops_fail(ctx, -r,
				 r == -ENOTCONN
					 ? "group %s: we were no member, there was nothing to leave"
					 : "group %s: Corosync did not answer: the others see a "
					   "process that is gone",
				 cluster->shared->group);
	shared_release(cluster->shared);
	free(cluster->event);
	free(cluster);
	return r;
}
