/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's life and its turns: parts made and freed, the one timer, signals, the log. What the
 * parts say to each other is in the other files.
 */
#include "daemon.h"

#include <errno.h>
#include <haops/state.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <util/cleanup.h>

#define LOCK_NAME "haopsd.lock"
#define HEART_MAX_MS 250 /* heart_clock() takes 1 s without a call for a pause */
#define SLOW_MS 5000
#define LEAVE_MS 1200

void daemon_tell(struct daemon *daemon, enum haops_log_level level, const char *fmt, ...)
{
	static const enum heart_level heart_levels[] = {
		[HAOPS_LOG_ERROR] = HEART_ERROR,
		[HAOPS_LOG_WARNING] = HEART_WARNING,
		[HAOPS_LOG_INFO] = HEART_INFO,
	};
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_write(&daemon->log, level, text);
	if (level < HAOPS_LOG_DEBUG)
		events_add(&daemon->events, heart_levels[level], host_walltime_ms(), text);
}

static void on_log(void *userdata, enum haops_log_level level, const char *message)
{
	struct daemon *daemon = userdata;

	/* What libhaops says on its own is detail; failures come back as results, too. */
	log_write(&daemon->log, level, message);
}

void daemon_tell_heart(struct daemon *daemon, enum heart_level level, const char *text)
{
	static const enum haops_log_level log_levels[] = {
		[HEART_INFO] = HAOPS_LOG_INFO,
		[HEART_WARNING] = HAOPS_LOG_WARNING,
		[HEART_ERROR] = HAOPS_LOG_ERROR,
	};

	daemon_tell(daemon, log_levels[level], "%s", text);
}

static void on_heart(void *userdata, enum heart_level level, uint32_t nodeid, const char *text)
{
	(void)nodeid;
	daemon_tell_heart(userdata, level, text);
}

/* Turns --------------------------------------------------------------------------------------- */

static void on_timer(void *data);

static void arm_timer(struct daemon *daemon, int64_t now_ms)
{
	int64_t next = agenda_next_ms(&daemon->agenda);
	int64_t wait_ms = next > now_ms ? next - now_ms : 0;

	if (daemon->timer_ms <= next)
		return;
	daemon->timer_ms = next;
	(void)bell_set(&daemon->timer, wait_ms);
}

int64_t daemon_enter(struct daemon *daemon)
{
	int64_t now_ms = host_boottime_ms();

	if (daemon->depth++ > 0)
		return now_ms;
	if (heart_clock(daemon->heart, now_ms))
		agenda_set(&daemon->agenda, JOB_BEAT, now_ms);
	return now_ms;
}

/* What changed by the heart's verdicts on ourselves. */
static void follow_own(struct daemon *daemon, int64_t now_ms)
{
	unsigned int flags = heart_own_flags(daemon->heart);
	unsigned int ended = daemon->own_flags & ~flags;

	daemon->own_flags = flags;
	if (!(ended & HEART_OWN_PAUSED))
		return;
	/* What was lost meanwhile is looked at once more before it is reported. */
	losses_doubt(daemon->losses, now_ms);
	agenda_hurry(&daemon->agenda, JOB_LOSSES, now_ms);
}

void daemon_leave(struct daemon *daemon)
{
	int64_t now_ms = host_boottime_ms();
	int64_t next_ms;

	if (--daemon->depth > 0 || daemon->is_stopping)
		return;
	next_ms = heart_tick(daemon->heart, now_ms);
	if (heart_wants_beat(daemon->heart))
		agenda_hurry(&daemon->agenda, JOB_BEAT, now_ms);
	if (next_ms > now_ms + HEART_MAX_MS)
		next_ms = now_ms + HEART_MAX_MS;
	agenda_set(&daemon->agenda, JOB_HEART, next_ms > now_ms ? next_ms : now_ms + 1);
	follow_own(daemon, now_ms);
	judge_prove(daemon);
	arm_timer(daemon, now_ms);
}

static void send_watchdog(struct daemon *daemon, int64_t now_ms)
{
	(void)notify_send(&daemon->notify, "WATCHDOG=1");
	agenda_set(&daemon->agenda, JOB_WATCHDOG, now_ms + daemon->notify.watchdog_ms / 3 + 1);
}

/* A run directory that could not be written to when we started: whoever else runs has it. */
static void retry_lock(struct daemon *daemon)
{
	int r;

	if (daemon->lock_fd >= 0)
		return;
	r = haops_state_lock(daemon->ctx, LOCK_NAME, &daemon->lock_fd);
	if (r == 0)
		daemon_tell(daemon, HAOPS_LOG_INFO, "the run directory can be written to again");
	if (r != -EBUSY)
		return;
	daemon_tell(daemon, HAOPS_LOG_ERROR, "another haopsd runs with this run directory: ending");
	qb_loop_stop(daemon->loop);
}

static void run_slow(struct daemon *daemon, int64_t now_ms)
{
	char line[sizeof(daemon->status_line)];
	char assignment[sizeof(line) + 8];

	agenda_set(&daemon->agenda, JOB_SLOW, now_ms + SLOW_MS);
	retry_lock(daemon);
	judge_ping_pacemaker(daemon);
	own_put_attribute(daemon);
	fill_line(daemon, line, sizeof(line));
	if (!notify_is_wanted(&daemon->notify) || strcmp(line, daemon->status_line) == 0)
		return;
	(void)snprintf(assignment, sizeof(assignment), "STATUS=%s", line);
	if (notify_send(&daemon->notify, assignment) == 0)
		memcpy(daemon->status_line, line, sizeof(line));
}

static void run_job(struct daemon *daemon, enum agenda_job job, int64_t now_ms)
{
	switch (job) {
	case JOB_BEAT:
		members_beat(daemon, now_ms);
		break;
	case JOB_LOSSES:
		report_run(daemon, now_ms);
		break;
	case JOB_LINKS:
		own_ask_links(daemon, now_ms);
		break;
	case JOB_CARRIER:
		own_carrier(daemon, now_ms);
		break;
	case JOB_WATCHDOG:
		send_watchdog(daemon, now_ms);
		break;
	case JOB_FENCE:
		judge_fence(daemon, now_ms);
		break;
	case JOB_SLOW:
		run_slow(daemon, now_ms);
		break;
	case JOB_HEART: /* each turn ends with it */
	case JOB_COUNT:
		break;
	}
}

static void on_timer(void *data)
{
	struct daemon *daemon = data;
	int64_t now_ms;
	enum agenda_job job;

	daemon->timer_ms = AGENDA_NEVER;
	now_ms = daemon_enter(daemon);
	while ((job = agenda_take(&daemon->agenda, now_ms)) != JOB_COUNT)
		run_job(daemon, job, now_ms);
	daemon_leave(daemon);
}

/* Signals ------------------------------------------------------------------------------------- */

static int32_t on_end(int32_t number, void *data)
{
	struct daemon *daemon = data;

	daemon_tell(daemon, HAOPS_LOG_INFO, "signal %d: ending", number);
	qb_loop_stop(daemon->loop);
	return 0;
}

static int32_t on_hangup(int32_t number, void *data)
{
	struct daemon *daemon = data;
	char error[CONFIG_ERROR_MAX] = "";

	(void)number;
	(void)daemon_enter(daemon);
	(void)settings_reload(daemon, error);
	daemon_leave(daemon);
	return 0;
}

static int add_signals(struct daemon *daemon)
{
	if (qb_loop_signal_add(daemon->loop, QB_LOOP_HIGH, SIGTERM, daemon, on_end, NULL) < 0 ||
	    qb_loop_signal_add(daemon->loop, QB_LOOP_HIGH, SIGINT, daemon, on_end, NULL) < 0 ||
	    qb_loop_signal_add(daemon->loop, QB_LOOP_HIGH, SIGHUP, daemon, on_hangup, NULL) < 0)
		return -EIO;
	return 0;
}

/* Life ---------------------------------------------------------------------------------------- */

static int take_lock(struct daemon *daemon)
{
	pid_t holder = 0;
	int r = haops_state_lock(daemon->ctx, LOCK_NAME, &daemon->lock_fd);

	if (r == -EBUSY) {
		if (haops_state_lock_holder(daemon->ctx, LOCK_NAME, &holder) < 0)
			holder = 0;
		daemon_tell(daemon, HAOPS_LOG_ERROR,
			    "haopsd runs already, as process %d: end that one first", (int)holder);
		return r;
	}
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_WARNING,
			    "%s; going on without the lock, tried again each %d s",
			    haops_ctx_error(daemon->ctx), SLOW_MS / 1000);
	return r == -ENOMEM || r == -EPERM ? r : 0;
}

static int open_base(struct daemon *daemon)
{
	char error[CONFIG_ERROR_MAX] = "";
	int r = haops_ctx_new(&daemon->ctx);

	if (r < 0)
		return r;
	haops_ctx_set_log(daemon->ctx, HAOPS_LOG_INFO, on_log, daemon);
	if (daemon->options.run_dir)
		r = haops_ctx_set_run_dir(daemon->ctx, daemon->options.run_dir);
	if (r < 0) {
		daemon_tell(daemon, HAOPS_LOG_ERROR, "%s", haops_ctx_error(daemon->ctx));
		return r;
	}
	r = settings_read(&daemon->options, &daemon->config, error);
	if (r < 0 || error[0])
		daemon_tell(daemon, r < 0 ? HAOPS_LOG_ERROR : HAOPS_LOG_INFO, "%s", error);
	if (r < 0)
		return r;
	return take_lock(daemon);
}

static int open_core(struct daemon *daemon)
{
	int r;

	daemon->started_ms = host_boottime_ms();
	daemon->heart = heart_new(&daemon->config, daemon->started_ms, on_heart, daemon);
	daemon->loop = qb_loop_create();
	daemon->links = calloc(STATUS_LINKS_MAX, sizeof(*daemon->links));
	if (!daemon->heart || !daemon->loop || !daemon->links)
		return -ENOMEM;
	daemon->timer.loop = daemon->loop;
	r = bell_open(&daemon->timer, QB_LOOP_HIGH);
	return r < 0 ? r : add_signals(daemon);
}

static int open_parts(struct daemon *daemon)
{
	static int (*const opens[])(struct daemon *) = {
		open_core,    report_open,	     judge_open,    own_open,
		members_open, requests_open_outdate, requests_open,
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(opens) && r == 0; i++)
		r = opens[i](daemon);
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_ERROR, "haopsd cannot start: %s; %s", strerror(-r),
			    haops_ctx_error(daemon->ctx));
	return r;
}

int daemon_open(struct daemon *daemon, const struct options *options)
{
	int r;

	*daemon = (struct daemon){.options = *options,
				  .lock_fd = -1,
				  .timer_ms = AGENDA_NEVER,
				  .timer = {.fd = -1, .ring = on_timer, .data = daemon},
				  .notify = {.fd = -1}};
	agenda_clear(&daemon->agenda);
	log_open(&daemon->log, options->log_socket, options->is_foreground);
	host_raise_descriptors();
	r = notify_open(&daemon->notify);
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_WARNING,
			    "NOTIFY_SOCKET or WATCHDOG_USEC: %s; the service manager is not told",
			    strerror(-r));
	r = open_base(daemon);
	if (r < 0)
		return r;
	r = host_lock_memory();
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_WARNING,
			    "memory cannot be locked (%s): swapping may delay heartbeats",
			    strerror(-r));
	return open_parts(daemon);
}

void daemon_run(struct daemon *daemon)
{
	int64_t now_ms;

	daemon_tell(daemon, HAOPS_LOG_INFO, "haopsd %s started, process %d", haops_version(),
		    (int)getpid());
	settings_apply_realtime(daemon);
	now_ms = daemon_enter(daemon);
	agenda_set(&daemon->agenda, JOB_BEAT, now_ms);
	agenda_set(&daemon->agenda, JOB_SLOW, now_ms);
	agenda_set(&daemon->agenda, JOB_LINKS, now_ms);
	if (daemon->notify.watchdog_ms > 0)
		agenda_set(&daemon->agenda, JOB_WATCHDOG, now_ms);
	daemon_leave(daemon);
	(void)notify_send(&daemon->notify, "READY=1");
	qb_loop_run(daemon->loop);
	daemon->is_stopping = true;
	(void)notify_send(&daemon->notify, "STOPPING=1");
}

/* The others hear first; what may take a moment comes behind it. */
void daemon_close(struct daemon *daemon)
{
	bool is_stuck = members_close(daemon, LEAVE_MS) == -ETIMEDOUT;

	ipc_server_free(daemon->ipc);
	outdate_free(daemon->outdate);
	own_close(daemon);
	report_close(daemon);
	guard_stop(daemon->guard);
	heart_free(daemon->heart);
	free(daemon->links);
	bell_close(&daemon->timer);
	if (daemon->loop)
		qb_loop_destroy(daemon->loop);
	cleanup_fd(&daemon->lock_fd);
	haops_ctx_free(daemon->ctx);
	log_write(&daemon->log, HAOPS_LOG_INFO, "haopsd ended");
	log_close(&daemon->log);
	notify_close(&daemon->notify);
	/* exit() would run destructors under the feet of a thread that is stuck in Corosync's
	 * libraries. */
	if (is_stuck)
		_exit(0);
}
