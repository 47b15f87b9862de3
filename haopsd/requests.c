/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools ask for over the local conversation, handed to whom it concerns; and the outdate
 * questions of DRBD's handler. */
#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int on_reload(void *userdata, char text[IPC_TEXT_MAX])
{
	struct daemon *daemon = userdata;
	char error[CONFIG_ERROR_MAX] = "";
	int r;

	(void)daemon_enter(daemon);
	r = settings_reload(daemon, error);
	daemon_leave(daemon);
	(void)snprintf(text, IPC_TEXT_MAX, "%s", error);
	return r;
}

static int on_set(void *userdata, const char *assignment, char text[IPC_TEXT_MAX])
{
	struct daemon *daemon = userdata;
	char error[CONFIG_ERROR_MAX] = "";
	int r;

	(void)daemon_enter(daemon);
	r = settings_assign(daemon, assignment, error);
	daemon_leave(daemon);
	(void)snprintf(text, IPC_TEXT_MAX, "%s", error);
	return r;
}

static int on_outdate(void *userdata, const struct ipc_outdate *ask, uint64_t *ret_id,
		      char text[IPC_TEXT_MAX])
{
	struct daemon *daemon = userdata;
	uint32_t nodeid;
	int r = -ENOENT;

	(void)daemon_enter(daemon);
	nodeid = members_find(daemon, ask->node);
	if (nodeid > 0)
		r = outdate_ask(daemon->outdate, nodeid, ask->resource, ask->timeout_ms, ret_id);
	if (nodeid == 0)
		(void)snprintf(text, IPC_TEXT_MAX, "%.100s: no such node was ever a member",
			       ask->node);
	else if (r < 0)
		(void)snprintf(text, IPC_TEXT_MAX, "node %.100s cannot be asked: %s", ask->node,
			       strerror(-r));
	daemon_leave(daemon);
	return r;
}

/* The outdate part ---------------------------------------------------------------------------- */

static int on_send(void *userdata, const struct message *message)
{
	return members_send(userdata, message, HAOPS_CLUSTER_VOLATILE);
}

/* With two_node each half of a cut cluster calls itself quorate, a quorum device or not (see
 * judge_prove()), and without a provider each part does: there, nobody is certainly gone. */
static bool on_is_gone(void *userdata, uint32_t nodeid)
{
	static const unsigned int doubts =
		HEART_OWN_PAUSED | HEART_OWN_NO_ECHO | HEART_OWN_NO_CLUSTER;
	struct daemon *daemon = userdata;
	const struct haops_cluster_view *view = haops_cluster_get_view(daemon->cluster);
	bool is_gone = view->state == HAOPS_CLUSTER_UP && view->is_quorate && view->is_settled &&
		       view->quorum > 0 && !view->is_two_node;

	(void)daemon_enter(daemon);
	if (heart_own_flags(daemon->heart) & doubts)
		is_gone = false;
	for (size_t i = 0; i < view->ring_count; i++)
		is_gone = is_gone && view->ring_nodes[i] != nodeid;
	daemon_leave(daemon);
	return is_gone;
}

static void on_answered(void *userdata, uint64_t id, int exit_code, const char *text)
{
	struct daemon *daemon = userdata;

	(void)daemon_enter(daemon);
	if (daemon->ipc)
		ipc_server_answer(daemon->ipc, id, exit_code, text);
	daemon_leave(daemon);
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	daemon_tell(userdata, level, "%s", text);
}

/* Life ---------------------------------------------------------------------------------------- */

int requests_open_outdate(struct daemon *daemon)
{
	static const struct outdate_handlers handlers = {.send = on_send,
							 .answered = on_answered,
							 .event = on_event,
							 .is_gone = on_is_gone};

	int r = outdate_new(daemon->ctx, daemon->loop, &handlers, daemon, &daemon->outdate);

	return r < 0 ? r : outdate_set_drbdadm(daemon->outdate, daemon->config.outdate_command);
}

static void on_ipc_event(void *userdata, enum heart_level level, const char *text)
{
	daemon_tell_heart(userdata, level, text);
}

int requests_open(struct daemon *daemon)
{
	static const struct ipc_handlers handlers = {.status = fill_status,
						     .reload = on_reload,
						     .set = on_set,
						     .outdate = on_outdate,
						     .event = on_ipc_event};

	return ipc_server_new(daemon->loop, &handlers, daemon, &daemon->ipc);
}
