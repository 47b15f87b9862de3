/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message to where the cluster's users expect it: ha_logger, or syslog and log files, or
 * standard error, by the variables that stock agents obey. Nothing is opened before there is one.
 */
#include "ocf/run.h"

#include <errno.h>
#include <fcntl.h>
#include <haops/process.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LOGGER_TIMEOUT_MS 1000
#define SYSLOG_PATH "/dev/log"
#define DATE_FORMAT "%b %d %T "
/* Shorter secrets would take letters out of every word. */
#define SECRET_MIN 3

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[HAOPS_LOG_ERROR] = {"ERROR", LOG_ERR},
	[HAOPS_LOG_WARNING] = {"WARNING", LOG_WARNING},
	[HAOPS_LOG_INFO] = {"INFO", LOG_INFO},
	[HAOPS_LOG_DEBUG] = {"DEBUG", LOG_DEBUG},
};

bool ocf_log_is_debug(const struct ocf_run *run)
{
	return run->env.debug && strcmp(run->env.debug, "0") != 0;
}

void ocf_log_redact(const struct ocf_run *run, const char *text, char out[OCF_LINE_MAX])
{
	char redacted[OCF_LINE_MAX];

	(void)snprintf(out, OCF_LINE_MAX, "%s", text);
	for (size_t i = 0; run->values && i < run->agent->param_count; i++) {
		const char *secret = run->values[i].given;

		if (!run->agent->params[i].is_secret || !secret || strlen(secret) < SECRET_MIN)
			continue;
		ocf_text_redact(out, secret, redacted, sizeof(redacted));
		memcpy(out, redacted, strlen(redacted) + 1);
	}
}

/* As it may be shown: no secrets, no control characters. */
static void clean_text(const struct ocf_run *run, const char *text, char *out, size_t size)
{
	char redacted[OCF_LINE_MAX];

	ocf_log_redact(run, text, redacted);
	ocf_text_escape(redacted, out, size);
}

void ocf_log_date(struct ocf_run *run, const char *format, char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm parts;

	if (!run->log.is_tzset)
		tzset();
	run->log.is_tzset = true;
	/* The format is the administrator's (HA_DATEFMT). */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (!localtime_r(&now, &parts) || strftime(out, size, format, &parts) == 0)
		out[0] = '\0';
#pragma GCC diagnostic pop
}

static int find_facility(const struct ocf_env *env)
{
	const char *name = env->log_facility ? env->log_facility : env->pcmk_log_facility;
	int facility;

	if (!name || strcmp(name, "none") == 0)
		return 0;
	facility = ocf_syslog_facility(name);
	return facility > 0 ? facility : LOG_DAEMON;
}

static void prepare(struct ocf_run *run)
{
	struct ocf_log_state *log = &run->log;
	char tag[sizeof(log->tag)];

	if (log->is_ready)
		return;
	if (run->env.log_tag)
		(void)snprintf(tag, sizeof(tag), "%s", run->env.log_tag);
	else
		(void)snprintf(tag, sizeof(tag), "%.60s(%.160s)[%d]", run->agent->name,
			       ocf_instance(run), (int)getpid());
	ocf_text_escape(tag, log->tag, sizeof(log->tag));
	log->facility = find_facility(&run->env);
	log->is_terminal = ocf_sink_is_terminal();
	log->is_ready = true;
}

static bool wants_logd(const struct ocf_run *run)
{
	const struct ocf_env *env = &run->env;

	if (run->log.has_no_logd)
		return false;
	return env->logd ? strcmp(env->logd, "yes") == 0 : ocf_env_is_true(env->use_logd);
}

static bool to_logd(struct ocf_run *run, enum haops_log_level level, const char *text)
{
	char path[256];
	const char *normal[] = {path, "-t", run->log.tag, text, NULL};
	const char *debug[] = {path, "-t", run->log.tag, "-D", "ha-debug", text, NULL};
	struct haops_process_spec spec = {.argv = level == HAOPS_LOG_DEBUG ? debug : normal};
	struct haops_process_result result;
	struct haops_ctx *ctx = NULL;
	const char *dir = run->env.sbin_dir;
	bool is_done = false;

	(void)snprintf(path, sizeof(path), "%s/ha_logger", dir && *dir == '/' ? dir : "/usr/sbin");
	/* A context of its own: the message may come out of the middle of a call with run->ctx. */
	if (haops_ctx_new(&ctx) == 0 &&
	    haops_process_run(ctx, &spec, haops_deadline_after(ctx, LOGGER_TIMEOUT_MS), &result) ==
		    0) {
		is_done = result.end == HAOPS_PROCESS_EXITED && result.status == 0;
		haops_process_result_done(&result);
	}
	haops_ctx_free(ctx);
	run->log.has_no_logd = !is_done;
	return is_done;
}

static bool to_syslog(struct ocf_run *run, enum haops_log_level level, const char *text)
{
	struct ocf_log_state *log = &run->log;
	char line[OCF_LINE_MAX];
	char date[64];
	size_t len;

	if (!log->has_no_syslog && log->syslog_fd == 0)
		log->syslog_fd = ocf_sink_syslog(SYSLOG_PATH);
	if (log->has_no_syslog || log->syslog_fd < 0)
		return false;
	ocf_log_date(run, "%b %e %T", date, sizeof(date));
	len = ocf_syslog_encode(log->facility | levels[level].priority, date, log->tag, text, line);
	log->has_no_syslog = ocf_sink_write(log->syslog_fd, line, len) < 0;
	return !log->has_no_syslog;
}

static bool to_file(const char *path, const char *line)
{
	int fd = ocf_sink_open(path, 0, 0640);
	bool is_done;

	if (fd < 0)
		return false;
	is_done = ocf_sink_write(fd, line, strlen(line)) == 0;
	(void)close(fd);
	return is_done;
}

static void to_stderr(const char *before, const char *text)
{
	char line[OCF_LINE_MAX + 512];

	(void)snprintf(line, sizeof(line), "%s%s\n", before, text);
	(void)ocf_sink_write(STDERR_FILENO, line, strlen(line));
}

/* To the files that are named; false when none is, or none could be written. */
static bool to_files(struct ocf_run *run, enum haops_log_level level, const char *date,
		     const char *text)
{
	const struct ocf_env *env = &run->env;
	char line[OCF_LINE_MAX + 512];
	bool is_done = false;

	if (env->log_file && level != HAOPS_LOG_DEBUG) {
		(void)snprintf(line, sizeof(line), "%s %s:    %s\n", date, run->log.tag, text);
		is_done = to_file(env->log_file, line);
	}
	if (!env->debug_log ||
	    (level != HAOPS_LOG_DEBUG && env->log_file && !strcmp(env->debug_log, env->log_file)))
		return is_done;
	(void)snprintf(line, sizeof(line), "%s:\t%s%s\n", run->log.tag, date, text);
	/* The debug log is a copy, except for debug messages. */
	return (to_file(env->debug_log, line) && level == HAOPS_LOG_DEBUG) || is_done;
}

static void to_cluster(struct ocf_run *run, enum haops_log_level level, bool is_on_stderr,
		       const char *text)
{
	char date[128];
	bool is_done = false;

	if (wants_logd(run) && to_logd(run, level, text))
		return;
	if (run->log.facility > 0)
		is_done = to_syslog(run, level, text);
	ocf_log_date(run, run->env.date_format ? run->env.date_format : DATE_FORMAT, date,
		     sizeof(date));
	is_done = to_files(run, level, date, text) || is_done;
	if (!is_done && !is_on_stderr)
		to_stderr(date, text);
}

void ocf_log_write(struct ocf_run *run, enum haops_log_level level, bool is_on_stderr,
		   const char *message)
{
	char clean[OCF_LINE_MAX - 300];
	char text[OCF_LINE_MAX - 256];
	char tag[sizeof(run->log.tag) + 2];

	clean_text(run, message, clean, sizeof(clean));
	(void)snprintf(text, sizeof(text), "%s: %s", levels[level].name, clean);
	ocf_trace_line(run, text);
	if (level == HAOPS_LOG_DEBUG && !ocf_log_is_debug(run))
		return;
	prepare(run);
	if (!run->log.is_terminal) {
		to_cluster(run, level, is_on_stderr, text);
		return;
	}
	(void)snprintf(tag, sizeof(tag), "%s: ", run->log.tag);
	if (!is_on_stderr)
		to_stderr(tag, text);
}

void ocf_log_reason(struct ocf_run *run, const char *reason)
{
	const char *prefix = run->env.reason_prefix ? run->env.reason_prefix : "ocf-exit-reason:";
	char clean[OCF_LINE_MAX - 300];

	clean_text(run, reason, clean, sizeof(clean));
	ocf_text_cut(clean, OCF_REASON_MAX);
	to_stderr(prefix, clean);
}

void ocf_log_done(struct ocf_run *run)
{
	if (run->log.syslog_fd > 0)
		(void)close(run->log.syslog_fd);
	if (run->trace_fd > 0)
		(void)close(run->trace_fd);
}

void ocf_log_forked(struct ocf_run *run)
{
	run->log.syslog_fd = 0;
	run->trace_fd = 0;
}

void ocf_log(struct ocf_run *run, enum haops_log_level level, const char *fmt, ...)
{
	char message[OCF_LINE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	ocf_log_write(run, level, false, message);
}
