/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the thread tells its caller: the view, when something of it changed, and log lines. */
#include "worker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void worker_log(struct worker *worker, enum haops_log_level level, const char *fmt, ...)
{
	char text[EVENT_LOG_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)shared_push(worker->shared, event_new_log(level, text));
}

void worker_set_trouble(struct worker *worker, const char *fmt, ...)
{
	char text[WORKER_TROUBLE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!strcmp(text, worker->trouble))
		return;
	memcpy(worker->trouble, text, sizeof(text));
	worker->view_is_due = true;
}

static bool is_same_ring(struct haops_cluster_ring a, struct haops_cluster_ring b)
{
	return a.nodeid == b.nodeid && a.seq == b.seq;
}

static bool rings_agree(const struct worker *worker)
{
	return worker->has_quorum && worker->group.has_ring &&
	       is_same_ring(worker->quorum_ring, worker->group.ring);
}

bool worker_is_quorate(const struct worker *worker)
{
	return worker->is_quorate && rings_agree(worker);
}

static bool is_held(struct worker *worker)
{
	bool is_held;

	(void)pthread_mutex_lock(&worker->shared->lock);
	is_held = worker->shared->is_held;
	(void)pthread_mutex_unlock(&worker->shared->lock);
	return is_held;
}

/* Silence that our own caller causes, by not dispatching, is not Corosync's. */
static enum haops_cluster_state judge(struct worker *worker, int64_t now_ms)
{
	int64_t since_ms = worker_waits_since_ms(worker);

	if (!worker->session)
		return HAOPS_CLUSTER_DOWN;
	if (!worker->is_member)
		return HAOPS_CLUSTER_JOINING;
	if (!since_ms || now_ms - since_ms < worker->shared->silent_ms || is_held(worker))
		return HAOPS_CLUSTER_UP;
	return HAOPS_CLUSTER_SILENT;
}

static void set_trouble_of_state(struct worker *worker)
{
	switch (worker->told_state) {
	case HAOPS_CLUSTER_UP:
		worker_set_trouble(worker, "%s", "");
		break;
	case HAOPS_CLUSTER_SILENT:
		worker_set_trouble(
			worker,
			"Corosync runs, but our own messages have not come back for %lld "
			"ms and more: it is stopped, starved of CPU, or forms a new ring",
			(long long)worker->shared->silent_ms);
		break;
	case HAOPS_CLUSTER_DOWN:
	case HAOPS_CLUSTER_JOINING:
		break;
	}
}

static void set_state(struct worker *worker, int64_t now_ms)
{
	enum haops_cluster_state state = judge(worker, now_ms);

	if (state == worker->told_state)
		return;
	worker->told_state = state;
	worker->view_is_due = true;
	set_trouble_of_state(worker);
	(void)pthread_mutex_lock(&worker->shared->lock);
	worker->shared->state = state;
	(void)pthread_mutex_unlock(&worker->shared->lock);
}

static struct haops_cluster_view make_view(struct worker *worker)
{
	const struct corosync_config *config = &worker->config;
	const struct group *group = &worker->group;

	return (struct haops_cluster_view){
		.state = worker->told_state,
		.nodeid = worker->nodeid,
		.incarnation = worker->shared->incarnation,
		.ring = group->ring,
		.quorum_ring = worker->quorum_ring,
		.is_quorate = worker->is_quorate,
		.is_settled = rings_agree(worker) && group_is_whole(group),
		.is_two_node = config->is_two_node,
		.has_qdevice = config->has_qdevice,
		.waits_for_all = config->waits_for_all,
		.expected_votes = config->expected_votes,
		.total_votes = config->total_votes,
		.quorum = config->quorum,
		.token_ms = config->token_ms,
		.consensus_ms = config->consensus_ms,
		.ring_nodes = group->ring_nodes,
		.ring_count = group->ring_count,
		.members = worker->members,
		.member_count = group_list(group, &config->names, worker->members),
		.trouble = worker->trouble,
	};
}

void worker_publish(struct worker *worker, int64_t now_ms)
{
	struct haops_cluster_view view;
	struct event *event;

	set_state(worker, now_ms);
	if (!worker->view_is_due)
		return;
	view = make_view(worker);
	if (worker->told && event_views_equal(&view, &worker->told->view)) {
		worker->view_is_due = false;
		return;
	}
	event = event_new_view(&view);
	/* Short of memory: still due. */
	if (!event || !shared_push(worker->shared, event_new_view(&view))) {
		free(event);
		return;
	}
	free(worker->told);
	worker->told = event;
	worker->view_is_due = false;
}
