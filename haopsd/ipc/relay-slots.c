/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every descriptor that libqb puts into the loop passes here: they are counted, told apart by the
 * kernel's word on who connected, and ended when they never say anything. Serves nothing. */

#include "ipc/relay.h"
#include "util/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

#define PAUSE_NS (100ull * 1000 * 1000)
#define QUIET_TICKS 10
#define GROUPS_BYTES_MAX (65536 * sizeof(gid_t))

/* libqb's poll handlers come without an argument of ours, so this one cannot be passed. */
static struct relay *the_relay;

static bool has_group(int fd, gid_t wanted)
{
	CLEANUP_FREE gid_t *groups = NULL;
	socklen_t len = 0;

	/* Says how many bytes it takes. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE ||
	    len > GROUPS_BYTES_MAX)
		return false;
	groups = malloc(len);
	if (!groups || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(gid_t); i++) {
		if (groups[i] == wanted)
			return true;
	}
	return false;
}

static void learn_peer(const struct relay *relay, struct relay_slot *slot)
{
	struct ucred peer = {.uid = (uid_t)-1, .gid = (gid_t)-1};
	socklen_t len = sizeof(peer);

	slot->access = RELAY_STRANGER;
	slot->uid = (uid_t)-1;
	if (getsockopt(slot->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return;
	slot->uid = peer.uid;
	slot->pid = peer.pid;
	if (peer.uid == 0)
		slot->access = RELAY_ROOT;
	else if (relay->has_cluster &&
		 (peer.uid == relay->cluster_uid || peer.gid == relay->cluster_gid ||
		  has_group(slot->fd, relay->cluster_gid)))
		slot->access = RELAY_MEMBER;
}

static size_t half_open_count(const struct relay *relay, bool is_stranger)
{
	size_t count = 0;

	for (size_t i = 0; i < RELAY_SLOTS; i++) {
		const struct relay_slot *slot = &relay->slots[i];

		if (slot->is_used && slot->is_half_open &&
		    (slot->access == RELAY_STRANGER) == is_stranger)
			count++;
	}
	return count;
}

static bool has_room(const struct relay *relay, const struct relay_slot *slot)
{
	bool is_stranger = slot->access == RELAY_STRANGER;

	return !slot->is_half_open ||
	       half_open_count(relay, is_stranger) <
		       (is_stranger ? RELAY_STRANGERS_MAX : RELAY_HALF_OPEN_MAX);
}

static struct relay_slot *slot_of(struct relay *relay, int fd)
{
	for (size_t i = 0; i < RELAY_SLOTS; i++) {
		if (relay->slots[i].is_used && relay->slots[i].fd == fd)
			return &relay->slots[i];
	}
	return NULL;
}

static struct relay_slot *free_slot(struct relay *relay)
{
	for (size_t i = 0; i < RELAY_SLOTS; i++) {
		if (!relay->slots[i].is_used)
			return &relay->slots[i];
	}
	return NULL;
}

static int32_t on_ready(int32_t fd, int32_t revents, void *data);

static void resume_listener(void *data)
{
	struct relay_slot *listener = data;

	if (listener->is_used)
		(void)qb_loop_poll_mod(the_relay->loop, QB_LOOP_MED, listener->fd, POLLIN, listener,
				       on_ready);
}

/* A connection that cannot be accepted (no descriptor is left) stays ready: without a pause the
 * loop would spin. */
static void pause_listener(struct relay *relay, struct relay_slot *listener)
{
	qb_loop_timer_handle timer;

	if (qb_loop_timer_add(relay->loop, QB_LOOP_MED, PAUSE_NS, listener, resume_listener,
			      &timer) == 0)
		(void)qb_loop_poll_mod(relay->loop, QB_LOOP_MED, listener->fd, 0, listener,
				       on_ready);
}

static int32_t on_ready(int32_t fd, int32_t revents, void *data)
{
	struct relay *relay = the_relay;
	struct relay_slot *slot = data;
	bool is_listener = slot == &relay->slots[0];
	int32_t r;

	relay->current = slot;
	relay->has_accepted = false;
	r = slot->dispatch(fd, revents, slot->data);
	relay->current = NULL;
	if (is_listener && r == 0 && !relay->has_accepted)
		pause_listener(relay, slot);
	/* What libqb has ended it has taken out of the loop by itself. */
	return is_listener ? r : 0;
}

static int32_t poll_add(enum qb_loop_priority priority, int32_t fd, int32_t events, void *data,
			qb_ipcs_dispatch_fn_t dispatch)
{
	struct relay *relay = the_relay;
	struct relay_slot *slot = free_slot(relay);
	struct relay_slot made = {.is_used = true, .fd = fd, .dispatch = dispatch, .data = data};
	int32_t r;

	relay->has_accepted = true;
	if (!slot)
		return -ENFILE;
	/* Accepted just now by the listener; otherwise it is one that libqb knows already. */
	made.is_half_open = relay->current == &relay->slots[0];
	if (slot != &relay->slots[0])
		learn_peer(relay, &made);
	if (!has_room(relay, &made))
		return -ENFILE;
	*slot = made;
	r = qb_loop_poll_add(relay->loop, priority, fd, events, slot, on_ready);
	if (r < 0)
		slot->is_used = false;
	return r;
}

static int32_t poll_mod(enum qb_loop_priority priority, int32_t fd, int32_t events, void *data,
			qb_ipcs_dispatch_fn_t dispatch)
{
	struct relay_slot *slot = slot_of(the_relay, fd);

	if (!slot)
		return -ENOENT;
	slot->data = data;
	slot->dispatch = dispatch;
	return qb_loop_poll_mod(the_relay->loop, priority, fd, events, slot, on_ready);
}

static int32_t poll_del(int32_t fd)
{
	struct relay_slot *slot = slot_of(the_relay, fd);

	if (!slot)
		return -ENOENT;
	slot->is_used = false;
	return qb_loop_poll_del(the_relay->loop, fd);
}

static int32_t job_add(enum qb_loop_priority priority, void *data, qb_loop_job_dispatch_fn dispatch)
{
	return qb_loop_job_add(the_relay->loop, priority, data, dispatch);
}

void relay_slots_begin(struct relay *relay)
{
	struct qb_ipcs_poll_handlers handlers = {.job_add = job_add,
						 .dispatch_add = poll_add,
						 .dispatch_mod = poll_mod,
						 .dispatch_del = poll_del};

	the_relay = relay;
	relay->quiet_ticks = QUIET_TICKS;
	qb_ipcs_poll_handlers_set(relay->service, &handlers);
}

void relay_slots_tick(struct relay *relay)
{
	for (size_t i = 1; i < RELAY_SLOTS; i++) {
		struct relay_slot *slot = &relay->slots[i];

		if (slot->is_used && slot->is_half_open && ++slot->ticks > RELAY_HALF_OPEN_TICKS)
			relay_hang_up(slot->fd);
	}
	if (relay->quiet_ticks < QUIET_TICKS)
		relay->quiet_ticks++;
}

void relay_hang_up(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
}
