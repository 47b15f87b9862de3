/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks pacemakerd whether it runs: one question under way at most, its answers have no number. What
 * follows when it does not answer is not decided here.
 */
#include "launcher.h"

#include <crm/common/ipc_pacemakerd.h>
#include <crm/crm.h>
#include <errno.h>
#include <glib-unix.h>
#include <qb/qbipcc.h>
#include <stdlib.h>
#include <unistd.h>

/* Trying is cheap, and a pacemakerd that is started anew at once shall cost no lease. */
#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 500
/* An answer that is not there after so long is lost, and only a new connection helps. */
#define LOST_US (30 * G_USEC_PER_SEC)
#define PROBE_BYTES 4096

struct launcher {
	struct program *program;
	pcmk_ipc_api_t *api;
	bool is_connected;
	bool is_missed; /* haopsd's log says that it is not there */
	qb_ipcc_connection_t *probe;
	int probe_fd;
	guint probe_source;
	guint retry_timer;
	guint retry_ms;
	int64_t asked_ms;  /* the question under way, 0: none */
	int64_t wanted_ms; /* the newest question */
	gint64 sent_us;
};

static gboolean on_retry(gpointer data);

static void retry_later(struct launcher *launcher)
{
	if (launcher->retry_timer)
		return;
	launcher->retry_timer = g_timeout_add(launcher->retry_ms, on_retry, launcher);
	launcher->retry_ms = MIN(launcher->retry_ms * 2, RETRY_MAX_MS);
}

/* Safe within the connection's callback: it is freed later. */
static void lose(struct launcher *launcher, const char *why)
{
	launcher->is_connected = false;
	if (!launcher->is_missed)
		program_log(launcher->program, HAOPS_LOG_WARNING,
			    "Pacemaker: %s; until it answers no lease is renewed", why);
	launcher->is_missed = true;
	program_not_alive(launcher->program, why);
	retry_later(launcher);
}

static void send_ping(struct launcher *launcher)
{
	launcher->asked_ms = launcher->wanted_ms;
	launcher->sent_us = g_get_monotonic_time();
	if (pcmk_pacemakerd_api_ping(launcher->api, PROGRAM_NAME) != pcmk_rc_ok)
		lose(launcher, "pacemakerd cannot be asked");
}

static void on_answer(struct launcher *launcher, enum pcmk_pacemakerd_state state)
{
	int64_t asked_ms = launcher->asked_ms;

	if (asked_ms == 0)
		return;
	launcher->asked_ms = 0;
	/* As long as it shuts down in order, resources are stopped in theirs. */
	if (state != pcmk_pacemakerd_state_running &&
	    state != pcmk_pacemakerd_state_shutting_down) {
		program_not_alive(launcher->program, "pacemakerd is not running yet");
		return;
	}
	launcher->retry_ms = RETRY_MIN_MS;
	if (launcher->is_missed)
		program_log(launcher->program, HAOPS_LOG_INFO, "Pacemaker: pacemakerd answers");
	launcher->is_missed = false;
	program_alive(launcher->program, ALIVE_PACEMAKERD, asked_ms);
	if (launcher->wanted_ms > asked_ms)
		send_ping(launcher);
}

static void on_event(pcmk_ipc_api_t *api, enum pcmk_ipc_event event, crm_exit_t status,
		     void *event_data, void *user_data)
{
	const pcmk_pacemakerd_api_reply_t *reply = event_data;
	struct launcher *launcher = user_data;

	(void)api;
	if (!launcher->is_connected)
		return;
	if (event == pcmk_ipc_event_disconnect)
		lose(launcher, "pacemakerd ended");
	else if (event != pcmk_ipc_event_reply)
		return;
	else if (status != CRM_EX_OK || !reply)
		lose(launcher, "pacemakerd said something that is not understood");
	else if (reply->reply_type == pcmk_pacemakerd_reply_ping)
		on_answer(launcher, reply->data.ping.state);
}

/* Connections --------------------------------------------------------------------------------- */

static void disconnect(struct launcher *launcher)
{
	launcher->is_connected = false;
	launcher->asked_ms = 0;
	if (!launcher->api)
		return;
	pcmk_register_ipc_callback(launcher->api, NULL, NULL);
	pcmk_free_ipc_api(launcher->api);
	launcher->api = NULL;
}

static void connect_now(struct launcher *launcher)
{
	if (pcmk_new_ipc_api(&launcher->api, pcmk_ipc_pacemakerd) == pcmk_rc_ok) {
		pcmk_register_ipc_callback(launcher->api, on_event, launcher);
		launcher->is_connected =
			pcmk_connect_ipc(launcher->api, pcmk_ipc_dispatch_main) == pcmk_rc_ok;
	}
	if (!launcher->is_connected) {
		disconnect(launcher);
		retry_later(launcher);
	}
}

/* It has accepted us, or ended. */
static gboolean on_probe(gint fd, GIOCondition condition, gpointer data)
{
	struct launcher *launcher = data;
	qb_ipcc_connection_t *probe = launcher->probe;

	(void)fd;
	(void)condition;
	launcher->probe = NULL;
	launcher->probe_source = 0;
	/* That frees it when it fails. */
	if (qb_ipcc_connect_continue(probe) != 0) {
		retry_later(launcher);
		return G_SOURCE_REMOVE;
	}
	qb_ipcc_disconnect(probe);
	connect_now(launcher);
	return G_SOURCE_REMOVE;
}

/* Pacemaker's call waits for a pacemakerd that is stopped, and reports would wait, too. So another
 * connection is tried first, from the loop and for as long as it takes. */
static gboolean on_retry(gpointer data)
{
	struct launcher *launcher = data;

	launcher->retry_timer = 0;
	disconnect(launcher);
	launcher->probe = qb_ipcc_connect_async(CRM_SYSTEM_MCP, PROBE_BYTES, &launcher->probe_fd);
	if (!launcher->probe) {
		retry_later(launcher);
		return G_SOURCE_REMOVE;
	}
	launcher->probe_source = g_unix_fd_add(launcher->probe_fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
					       on_probe, launcher);
	return G_SOURCE_REMOVE;
}

bool launcher_ping(struct launcher *launcher, int64_t asked_ms)
{
	if (!launcher->is_connected)
		return false;
	launcher->wanted_ms = asked_ms;
	if (launcher->asked_ms == 0)
		send_ping(launcher);
	else if (g_get_monotonic_time() - launcher->sent_us > LOST_US)
		lose(launcher, "pacemakerd does not answer");
	return launcher->is_connected;
}

int launcher_open(struct program *program, struct launcher **ret_launcher)
{
	struct launcher *launcher = calloc(1, sizeof(*launcher));

	if (!launcher)
		return -ENOMEM;
	launcher->program = program;
	launcher->retry_ms = RETRY_MIN_MS;
	*ret_launcher = launcher;
	(void)on_retry(launcher);
	return 0;
}

void launcher_close(struct launcher *launcher)
{
	if (!launcher)
		return;
	disconnect(launcher);
	if (launcher->retry_timer)
		g_source_remove(launcher->retry_timer);
	if (launcher->probe_source)
		g_source_remove(launcher->probe_source);
	if (launcher->probe) {
		(void)close(launcher->probe_fd);
		qb_ipcc_disconnect(launcher->probe);
	}
	free(launcher);
}
