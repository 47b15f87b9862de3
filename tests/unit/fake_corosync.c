/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stand-in for Corosync. Its one descriptor is readable while something is to be dispatched. */
#include "fake_corosync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct fake fake;

struct fake *fake_begin(void)
{
	memset(&fake, 0, sizeof(fake));
	(void)pthread_mutex_init(&fake.lock, NULL);
	(void)pthread_cond_init(&fake.changed, NULL);
	fake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	return &fake;
}

/* Lock held. */
static void clear(void)
{
	uint64_t one;

	while (fake.head) {
		struct fake_item *next = fake.head->next;

		free(fake.head);
		fake.head = next;
	}
	fake.tail = NULL;
	while (read(fake.fd, &one, sizeof(one)) > 0)
		;
}

void fake_end(void)
{
	clear();
	(void)close(fake.fd);
	(void)pthread_mutex_destroy(&fake.lock);
	(void)pthread_cond_destroy(&fake.changed);
}

static void wait_unblocked(void)
{
	(void)pthread_mutex_lock(&fake.lock);
	while (fake.blocks)
		(void)pthread_cond_wait(&fake.changed, &fake.lock);
	(void)pthread_mutex_unlock(&fake.lock);
}

void fake_unblock(void)
{
	(void)pthread_mutex_lock(&fake.lock);
	fake.blocks = false;
	(void)pthread_cond_broadcast(&fake.changed);
	(void)pthread_mutex_unlock(&fake.lock);
}

static void signal_item(void)
{
	uint64_t one = 1;

	if (write(fake.fd, &one, sizeof(one)) < 0)
		abort();
}

static void push(struct fake_item *item)
{
	(void)pthread_mutex_lock(&fake.lock);
	if (fake.tail)
		fake.tail->next = item;
	else
		fake.head = item;
	fake.tail = item;
	if (item->kind != FAKE_MESSAGE || !fake.holds)
		signal_item();
	(void)pthread_mutex_unlock(&fake.lock);
}

static struct fake_item *new_item(size_t len)
{
	struct fake_item *item = calloc(1, sizeof(*item) + len);

	if (!item)
		abort();
	item->len = len;
	return item;
}

void fake_release(void)
{
	(void)pthread_mutex_lock(&fake.lock);
	fake.holds = false;
	for (const struct fake_item *item = fake.head; item; item = item->next)
		signal_item();
	(void)pthread_mutex_unlock(&fake.lock);
}

void fake_die(void)
{
	(void)pthread_mutex_lock(&fake.lock);
	clear();
	fake.is_gone = true;
	signal_item();
	(void)pthread_mutex_unlock(&fake.lock);
}

void fake_message(struct group_address from, const void *data, size_t len)
{
	struct fake_item *item = new_item(len);

	item->kind = FAKE_MESSAGE;
	item->from = from;
	if (len)
		memcpy(item->data, data, len);
	push(item);
}

void fake_peer(struct group_address peer, bool is_join, enum group_cause cause)
{
	struct fake_item *item = new_item(0);

	item->kind = FAKE_CHANGE;
	item->from = peer;
	item->is_join = is_join;
	item->cause = cause;
	push(item);
}

void fake_ring(uint64_t seq, size_t node_count, bool is_quorate)
{
	const struct haops_cluster_ring ring = {.nodeid = FAKE_NODEID, .seq = seq};
	struct fake_item *item = new_item(0);

	item->kind = FAKE_RING;
	item->ring = ring;
	item->nodes[0] = FAKE_NODEID;
	item->nodes[1] = 2;
	item->node_count = node_count;
	push(item);
	item = new_item(0);
	item->kind = FAKE_QUORUM;
	item->ring = ring;
	item->is_quorate = is_quorate;
	push(item);
}

static int fake_open(const struct corosync_listener *listener, uint32_t *ret_nodeid,
		     struct corosync_session **ret_session)
{
	fake.opens++;
	wait_unblocked();
	if (fake.open_result)
		return fake.open_result;
	(void)pthread_mutex_lock(&fake.lock);
	clear();
	fake.listener = *listener;
	fake.is_open = true;
	fake.is_gone = false;
	fake.under_way = 0;
	(void)pthread_mutex_unlock(&fake.lock);
	*ret_nodeid = FAKE_NODEID;
	*ret_session = (struct corosync_session *)&fake;
	return 0;
}

static int fake_join(struct corosync_session *session, const char *group)
{
	(void)session;
	(void)group;
	fake.joins++;
	if (fake.join_result)
		return fake.join_result;
	fake_peer((struct group_address){0}, true, GROUP_LEAVE);
	fake_ring(4, 1, !fake.is_inquorate);
	return 0;
}

static int fake_send(struct corosync_session *session, const struct iovec *parts,
		     unsigned int count)
{
	uint8_t data[65536];
	size_t len = 0;

	(void)session;
	wait_unblocked();
	if (fake.is_gone)
		return -ENOTCONN;
	if (fake.send_again > 0) {
		fake.send_again--;
		return -EAGAIN;
	}
	fake.sends++;
	if (fake.send_losses > 0) {
		fake.send_losses--;
		return 0;
	}
	for (unsigned int i = 0; i < count; i++) {
		memcpy(data + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	if (++fake.under_way > fake.under_way_max)
		fake.under_way_max = fake.under_way;
	fake_message((struct group_address){.nodeid = FAKE_NODEID, .pid = (uint32_t)getpid()}, data,
		     len);
	return 0;
}

static int fake_leave(struct corosync_session *session, const char *group)
{
	(void)session;
	(void)group;
	fake.leaves++;
	return 0;
}

static size_t fake_fds(const struct corosync_session *session,
		       struct pollfd ret_fds[COROSYNC_FDS_MAX])
{
	(void)session;
	ret_fds[0] = (struct pollfd){.fd = fake.fd, .events = POLLIN};
	return 1;
}

static void deliver_change(const struct fake_item *item)
{
	static const struct group_address nobody = {0};
	struct group_address members[2] = {{.nodeid = FAKE_NODEID, .pid = (uint32_t)getpid()},
					   item->from};
	struct group_change change = {.members = members, .member_count = 1};

	if (memcmp(&item->from, &nobody, sizeof(nobody)) && item->is_join) {
		change.member_count = 2;
		change.joined = &members[1];
		change.joined_count = 1;
	} else if (!item->is_join) {
		change.left = &members[1];
		change.causes = &item->cause;
		change.left_count = 1;
	}
	fake.listener.changed(fake.listener.userdata, &change);
}

static void deliver(struct fake_item *item)
{
	void *userdata = fake.listener.userdata;

	switch (item->kind) {
	case FAKE_MESSAGE:
		if (item->from.nodeid == FAKE_NODEID)
			fake.under_way--;
		fake.listener.message(userdata, item->from, item->data, item->len);
		break;
	case FAKE_CHANGE:
		deliver_change(item);
		break;
	case FAKE_RING:
		fake.listener.ring(userdata, item->ring, item->nodes, item->node_count);
		break;
	case FAKE_QUORUM:
		fake.listener.quorum(userdata, item->ring, item->is_quorate);
		break;
	}
}

/* The next that is not held back. */
static struct fake_item *take(void)
{
	struct fake_item **link = &fake.head;
	struct fake_item *item, *previous = NULL;

	while (*link && fake.holds && (*link)->kind == FAKE_MESSAGE &&
	       (*link)->from.nodeid == FAKE_NODEID) {
		previous = *link;
		link = &previous->next;
	}
	item = *link;
	if (!item)
		return NULL;
	*link = item->next;
	if (fake.tail == item)
		fake.tail = previous;
	return item;
}

static int fake_dispatch(struct corosync_session *session, size_t index)
{
	struct fake_item *item;
	uint64_t one;

	(void)session;
	(void)index;
	(void)pthread_mutex_lock(&fake.lock);
	if (read(fake.fd, &one, sizeof(one)) < 0)
		one = 0;
	item = fake.is_gone ? NULL : take();
	(void)pthread_mutex_unlock(&fake.lock);
	if (fake.is_gone)
		return -ENOTCONN;
	if (!item)
		return -EAGAIN;
	deliver(item);
	free(item);
	return 0;
}

static int fake_read_config(struct corosync_session *session, struct corosync_config *ret_config)
{
	(void)session;
	memset(ret_config, 0, sizeof(*ret_config));
	ret_config->token_ms = 100;
	ret_config->consensus_ms = 120;
	ret_config->names.count = 1;
	ret_config->names.names[0] = (struct group_name){.nodeid = FAKE_NODEID, .name = "one"};
	return 0;
}

static int fake_read_links(struct corosync_session *session, struct corosync_links *ret_links)
{
	(void)session;
	ret_links->count = 1;
	ret_links->links[0] = (struct haops_cluster_link){.nodeid = 2, .is_connected = true};
	return 0;
}

static void fake_close(struct corosync_session *session)
{
	(void)session;
	wait_unblocked();
	(void)pthread_mutex_lock(&fake.lock);
	clear();
	fake.is_open = false;
	(void)pthread_mutex_unlock(&fake.lock);
	fake.closes++;
}

const struct corosync_ops fake_ops = {
	.open = fake_open,
	.join = fake_join,
	.send = fake_send,
	.leave = fake_leave,
	.fds = fake_fds,
	.dispatch = fake_dispatch,
	.read_config = fake_read_config,
	.read_links = fake_read_links,
	.close = fake_close,
};
