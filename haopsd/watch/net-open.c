/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the sockets of network namespaces, and notices when a name is taken away or given to
 * another one. Without that, our own sockets would keep a namespace alive that was deleted. */
#include "watch/part.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHILD_MS 2000

static struct watch_net *make(struct watcher *watcher, const char *name)
{
	struct watch_net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->watcher = watcher;
	net->sockets = (struct kernel_net){-1, -1};
	net->child_fd = -1;
	net->must_list_links = true;
	memcpy(net->name, name, strlen(name) + 1);
	TAILQ_INIT(&net->objects);
	TAILQ_INIT(&net->marked);
	TAILQ_INSERT_TAIL(&watcher->nets, net, nets);
	return net;
}

static int listen_to(struct watch_net *net)
{
	int r = qb_loop_poll_add(net->watcher->loop, QB_LOOP_HIGH, net->sockets.listener, POLLIN,
				 net, net_on_notice);

	if (r < 0) {
		kernel_net_close(&net->sockets);
		return r;
	}
	net->state = NET_OPEN;
	net->is_told = false;
	net->must_list_links = true;
	net_mark_all(net);
	watcher_arm(net->watcher);
	return 0;
}

int net_open_host(struct watcher *watcher)
{
	struct watch_net *net = make(watcher, "");
	int r;

	if (!net)
		return -ENOMEM;
	watcher->host = net;
	r = kernel_net_open(&net->sockets);
	return r == 0 ? listen_to(net) : r;
}

static void end_child(struct watch_net *net)
{
	if (net->child_fd >= 0)
		(void)qb_loop_poll_del(net->watcher->loop, net->child_fd);
	kernel_close(&net->child_fd);
}

static void close_sockets(struct watch_net *net)
{
	end_child(net);
	if (net->sockets.listener >= 0)
		(void)qb_loop_poll_del(net->watcher->loop, net->sockets.listener);
	kernel_net_close(&net->sockets);
}

/* Tried again by and by: nothing in it can be told lost as long as nobody can look. */
static void fail(struct watch_net *net, int code)
{
	close_sockets(net);
	net->state = NET_CLOSED;
	net->try_ms = kernel_boot_ms() + WATCH_PERIOD_MS;
	watcher_again(net->watcher, WATCH_PERIOD_MS);
	if (!net->is_told)
		watcher_tell(net->watcher, HAOPS_LOG_WARNING,
			     "network namespace %s cannot be watched: %s; tried again every %d s",
			     net->name, strerror(-code), WATCH_PERIOD_MS / 1000);
	net->is_told = true;
}

static void be_gone(struct watch_net *net)
{
	bool is_news = net->state != NET_GONE;

	close_sockets(net);
	net->state = NET_GONE;
	net->try_ms = kernel_boot_ms() + WATCH_PERIOD_MS;
	watcher_again(net->watcher, WATCH_PERIOD_MS);
	if (!is_news)
		return;
	net_mark_all(net);
	watcher_arm(net->watcher);
}

static int32_t on_answer(int32_t fd, int32_t events, void *data)
{
	struct watch_net *net = data;
	struct kernel_net sockets;
	int r = kernel_net_take(fd, &sockets);

	(void)events;
	if (r == -EAGAIN)
		return 0;
	end_child(net);
	if (r == 0) {
		net->sockets = sockets;
		r = listen_to(net);
	}
	/* What has the name is no namespace: "ip netns delete" leaves that for a moment. */
	if (r == -EINVAL)
		be_gone(net);
	else if (r < 0)
		fail(net, r);
	return 0;
}

static void open_named(struct watch_net *net)
{
	int r = kernel_net_child(net->name, &net->child, net->id);

	if (r == -ENOENT) {
		be_gone(net);
		return;
	}
	net->child_fd = r < 0 ? -1 : r;
	if (r >= 0) {
		net->state = NET_OPENING;
		net->child_since_ms = kernel_boot_ms();
		r = qb_loop_poll_add(net->watcher->loop, QB_LOOP_HIGH, net->child_fd, POLLIN, net,
				     on_answer);
		watcher_again(net->watcher, CHILD_MS);
	}
	if (r < 0)
		fail(net, r);
}

/* The child does five system calls: one that is still there after so long hangs. */
static void check_child(struct watch_net *net)
{
	bool is_late =
		net->state == NET_OPENING && kernel_boot_ms() - net->child_since_ms >= CHILD_MS;

	if (net->child > 0 && (net->state != NET_OPENING || is_late) &&
	    kernel_reap(net->child, is_late))
		net->child = 0;
	if (is_late)
		fail(net, -ETIMEDOUT);
}

static void check_id(struct watch_net *net)
{
	uint64_t id[2];
	int r = kernel_net_id(net->name, id);

	if (r == -ENOENT) {
		be_gone(net);
	} else if (r == 0 && (id[0] != net->id[0] || id[1] != net->id[1])) {
		close_sockets(net);
		net->state = NET_CLOSED;
		open_named(net);
	}
}

/* Asked for at each look, for as long as there is something to wait for. */
static void wait_for(struct watch_net *net)
{
	int64_t now_ms = kernel_boot_ms();

	if (net->child > 0)
		watcher_again(net->watcher, WATCH_RETRY_MS);
	else if (net->state != NET_OPEN)
		watcher_again(net->watcher, net->try_ms > now_ms ? net->try_ms - now_ms : 1);
}

static void check(struct watch_net *net, bool has_mounts_changed)
{
	check_child(net);
	if (net->state == NET_OPEN && has_mounts_changed)
		check_id(net);
	else if ((net->state == NET_CLOSED || net->state == NET_GONE) && net->child == 0 &&
		 (has_mounts_changed || kernel_boot_ms() >= net->try_ms))
		open_named(net);
	wait_for(net);
}

void net_check_names(struct watcher *watcher, bool has_mounts_changed)
{
	struct watch_net *net;

	for (size_t i = 0; i < WATCH_ORPHANS_MAX; i++) {
		if (watcher->orphans[i] > 0 && kernel_reap(watcher->orphans[i], false))
			watcher->orphans[i] = 0;
	}
	TAILQ_FOREACH(net, &watcher->nets, nets)
	{
		if (net != watcher->host)
			check(net, has_mounts_changed);
	}
}

struct watch_net *net_get(struct watcher *watcher, const char *name)
{
	struct watch_net *net;

	TAILQ_FOREACH(net, &watcher->nets, nets)
	{
		if (strcmp(net->name, name) == 0)
			return net;
	}
	net = make(watcher, name);
	if (net)
		open_named(net);
	return net;
}

/* A child that has not ended yet is waited for later. */
static void leave_child(struct watch_net *net)
{
	pid_t *place = net->watcher->orphans;

	if (net->child == 0 || kernel_reap(net->child, true))
		return;
	for (size_t i = 0; i < WATCH_ORPHANS_MAX - 1 && *place > 0; i++)
		place++;
	*place = net->child;
}

static void end(struct watch_net *net)
{
	close_sockets(net);
	leave_child(net);
	links_done(&net->links);
	TAILQ_REMOVE(&net->watcher->nets, net, nets);
	free(net);
}

void net_leave(struct watcher *watcher, struct watch_entry *entry)
{
	struct watch_net *net = entry->net;

	for (size_t i = 0; i < entry->watch.object_count; i++) {
		struct watch_object *object = &entry->objects[i];

		set_unmark(&watcher->set, object);
		if (object->is_indexed && object->spec->kind == HAOPS_WATCH_ADDRESS)
			TAILQ_REMOVE(&net->objects, object, neighbour);
	}
	if (--net->entries == 0 && net != watcher->host)
		end(net);
}

void net_close_all(struct watcher *watcher)
{
	while (!TAILQ_EMPTY(&watcher->nets))
		end(TAILQ_FIRST(&watcher->nets));
	watcher->host = NULL;
}
