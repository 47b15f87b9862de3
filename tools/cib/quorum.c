/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks Corosync for membership and quorum, once. See quorum.h. */
#include "quorum.h"

#include <corosync/quorum.h>
#include <poll.h>

/* libquorum's callbacks have no argument of the caller's. */
static struct quorum_view the_view;
static bool is_seen;

static void on_quorum(quorum_handle_t handle, uint32_t quorate, uint64_t ring_seq, uint32_t count,
		      uint32_t *members)
{
	(void)handle;
	the_view = (struct quorum_view){.is_quorate = quorate != 0, .ring_seq = ring_seq};
	for (uint32_t i = 0; i < count && i < QUORUM_MEMBERS_MAX; i++)
		the_view.members[the_view.member_count++] = members[i];
	is_seen = true;
}

bool quorum_look(struct quorum_view *ret_view)
{
	quorum_callbacks_t callbacks = {.quorum_notify_fn = on_quorum};
	quorum_handle_t handle;
	uint32_t type;
	struct pollfd ready = {.events = POLLIN};

	is_seen = false;
	if (quorum_initialize(&handle, &callbacks, &type) != CS_OK)
		return false;
	if (quorum_trackstart(handle, CS_TRACK_CURRENT) == CS_OK &&
	    quorum_fd_get(handle, &ready.fd) == CS_OK)
		/* Bounded by the alarm of main.c. */
		while (!is_seen && poll(&ready, 1, -1) >= 0 &&
		       quorum_dispatch(handle, CS_DISPATCH_ALL) == CS_OK)
			;
	(void)quorum_finalize(handle);
	if (is_seen)
		*ret_view = the_view;
	return is_seen;
}
