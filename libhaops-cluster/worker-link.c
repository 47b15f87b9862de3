/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connection to Corosync: made, made again, given up; and what is read from it beside CPG. */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define OPEN_PAUSE_MIN_MS 20
#define OPEN_PAUSE_MAX_MS 500
#define CONFIG_PAUSE_MS 50

void worker_begin(struct worker *worker)
{
	shared_begin_call(worker->shared);
}

/* Told that the call hangs, the caller now has to be told how things are. */
void worker_end(struct worker *worker)
{
	if (!shared_end_call(worker->shared))
		return;
	free(worker->told);
	worker->told = NULL;
	worker->view_is_due = true;
}

static void explain(struct worker *worker, int error)
{
	switch (error) {
	case -ENOTCONN:
		worker_set_trouble(worker, "Corosync does not run on this node: start it, or find "
					   "out in its log why it ended");
		break;
	case -EAGAIN:
		worker_set_trouble(worker, "Corosync is not ready yet: it starts, or is busy with "
					   "a change of its membership");
		break;
	case -EACCES:
		worker_set_trouble(worker, "Corosync refuses this user: be root, or allow the user "
					   "in a file of /etc/corosync/uidgid.d");
		break;
	case -EPERM:
		worker_set_trouble(worker, "another user's process answers in the place of "
					   "Corosync: find it by its socket (ss -xlp)");
		break;
	case -EMFILE:
		worker_set_trouble(worker, "this process has no descriptors left to connect to "
					   "Corosync: raise its limit (LimitNOFILE), or find what "
					   "leaks them");
		break;
	case -ENOSPC:
		worker_set_trouble(worker, "no room is left in /dev/shm for a connection to "
					   "Corosync: free some");
		break;
	case -EEXIST:
		worker_set_trouble(worker,
				   "this process is in group %s already, or Corosync has "
				   "not noticed yet that it left",
				   worker->shared->group);
		break;
	default:
		worker_set_trouble(worker, "Corosync cannot be reached: %s", strerror(-error));
		break;
	}
}

static void pause_open(struct worker *worker, int error)
{
	explain(worker, error);
	worker->open_pause_ms =
		worker->open_pause_ms ? 2 * worker->open_pause_ms : OPEN_PAUSE_MIN_MS;
	if (worker->open_pause_ms > OPEN_PAUSE_MAX_MS)
		worker->open_pause_ms = OPEN_PAUSE_MAX_MS;
	worker->open_at_ms = shared_now_ms() + worker->open_pause_ms;
}

static int open_session(struct worker *worker)
{
	struct corosync_listener listener = worker_listener(worker);
	uint32_t nodeid = 0;
	int r;

	worker_begin(worker);
	r = worker->shared->ops->open(&listener, &nodeid, &worker->session);
	worker_end(worker);
	if (r < 0) {
		worker->session = NULL;
		return r;
	}
	worker->nodeid = nodeid;
	worker->config_is_due = true;
	worker->view_is_due = true;
	return 0;
}

static int join_group(struct worker *worker)
{
	int r;

	worker_begin(worker);
	r = worker->shared->ops->join(worker->session, worker->shared->group);
	worker_end(worker);
	if (r < 0)
		return r;
	worker->has_joined = true;
	worker->open_pause_ms = 0;
	worker_set_trouble(worker, "Corosync has not confirmed yet that we joined group %s",
			   worker->shared->group);
	return 0;
}

void worker_connect(struct worker *worker, int64_t now_ms)
{
	int r = 0;

	if (worker->has_joined || worker->is_lost || now_ms < worker->open_at_ms)
		return;
	if (!worker->session)
		r = open_session(worker);
	if (r == 0)
		r = join_group(worker);
	if (r < 0)
		pause_open(worker, r);
	/* Later on the same connection, or on a new one. */
	if (r < 0 && r != -EAGAIN && r != -EEXIST && worker->session)
		worker->is_lost = true;
}

void worker_disconnect(struct worker *worker, int64_t now_ms)
{
	struct shared *shared = worker->shared;

	if (!worker->session)
		return;
	worker_begin(worker);
	shared->ops->close(worker->session);
	worker_end(worker);
	worker->session = NULL;
	worker->has_joined = false;
	worker->is_member = false;
	worker->is_lost = false;
	worker->has_quorum = false;
	worker->order = 0;
	worker->send_at_ms = 0;
	worker->send_pause_ms = 0;
	worker->control = (struct worker_control){0};
	worker->view_is_due = true;
	group_restart(&worker->group);
	(void)pthread_mutex_lock(&shared->lock);
	outbox_reset(&shared->outbox);
	(void)pthread_mutex_unlock(&shared->lock);
	if (worker->open_at_ms <= now_ms)
		pause_open(worker, -ENOTCONN);
}

void worker_refresh(struct worker *worker, int64_t now_ms)
{
	int r;

	if (!worker->session || worker->is_lost || !worker->config_is_due ||
	    now_ms < worker->config_at_ms)
		return;
	worker_begin(worker);
	r = worker->shared->ops->read_config(worker->session, &worker->fresh);
	worker_end(worker);
	if (r == -ENOTCONN) {
		worker->is_lost = true;
		return;
	}
	if (r < 0) {
		worker->config_at_ms = shared_now_ms() + CONFIG_PAUSE_MS;
		return;
	}
	worker->config = worker->fresh;
	worker->config_is_due = false;
	worker->view_is_due = true;
}

void worker_answer_links(struct worker *worker)
{
	struct shared *shared = worker->shared;
	struct corosync_links *links = &worker->links;
	bool is_wanted;

	(void)pthread_mutex_lock(&shared->lock);
	is_wanted = shared->wants_links;
	shared->wants_links = false;
	(void)pthread_mutex_unlock(&shared->lock);
	if (!is_wanted)
		return;
	links->count = 0;
	if (worker->session) {
		worker_begin(worker);
		if (shared->ops->read_links(worker->session, links) < 0)
			links->count = 0;
		worker_end(worker);
	}
	(void)shared_push(shared, event_new_links(links->links, links->count));
}
