/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace of one action (OCF_TRACE_RA): parameters, every message, times, to a file of its own.
 * A trace that cannot be written is left out with a warning; it never changes the result.
 */
#include "ocf/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VAR_LIB "/var/lib/heartbeat"

void ocf_trace_path(const char *dir, const struct ocf_run *run, const char *date, char *out,
		    size_t size)
{
	char name[256];

	(void)snprintf(name, sizeof(name), "%.120s.%.30s.%.60s", ocf_instance(run),
		       run->action_name, date);
	for (char *c = name; *c; c++) {
		if (*c == '/')
			*c = '_';
	}
	(void)snprintf(out, size, "%s/%s/%s", dir, run->agent->name, name);
}

/* dir + "/trace_ra" or the parameter trace_dir; a path that is not absolute is no place. */
static void default_path(struct ocf_run *run, char *path, size_t size)
{
	const struct ocf_env *env = &run->env;
	char dir[1024];
	char date[64];

	if (env->trace_dir)
		(void)snprintf(dir, sizeof(dir), "%s", env->trace_dir);
	else
		(void)snprintf(dir, sizeof(dir), "%s/trace_ra",
			       env->var_lib ? env->var_lib : VAR_LIB);
	ocf_log_date(run, "%F.%T", date, sizeof(date));
	ocf_trace_path(dir, run, date, path, size);
}

static int open_file(const char *path)
{
	struct stat status;
	int r = ocf_sink_make_parents(path);
	int fd;

	if (r < 0)
		return r;
	fd = ocf_sink_open(path, O_NOFOLLOW, 0600);
	if (fd < 0)
		return fd;
	/* An older file may be open to others; values of parameters go into it. */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && fchmod(fd, 0600) == 0)
		return fd;
	(void)close(fd);
	return -EINVAL;
}

static int open_target(struct ocf_run *run, char *path, size_t size)
{
	const char *file = run->env.trace_file;

	if (file && file[0] >= '3' && file[0] <= '9' && !file[1]) {
		(void)snprintf(path, size, "descriptor %s", file);
		return ocf_sink_borrow(file[0] - '0');
	}
	if (file)
		(void)snprintf(path, size, "%s", file);
	else if (ocf_sink_is_terminal())
		return ocf_sink_borrow(STDERR_FILENO);
	else
		default_path(run, path, size);
	return path[0] == '/' ? open_file(path) : -EINVAL;
}

void ocf_trace_open(struct ocf_run *run)
{
	const struct ocf_env *env = &run->env;
	char path[2048] = "";
	int fd;

	if (!ocf_env_is_true(env->trace ? env->trace : env->op_trace))
		return;
	fd = open_target(run, path, sizeof(path));
	if (fd > 0)
		run->trace_fd = fd;
	else
		ocf_log(run, HAOPS_LOG_WARNING,
			"no trace: %.200s: %s; OCF_TRACE_FILE takes an absolute path of a "
			"regular file, or a descriptor from 3 to 9",
			path, strerror(-fd));
}

void ocf_trace_line(struct ocf_run *run, const char *text)
{
	char line[OCF_LINE_MAX];
	struct timespec now;
	char date[32];
	int len;

	if (run->trace_fd <= 0)
		return;
	ocf_log_date(run, "%T", date, sizeof(date));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	len = snprintf(line, sizeof(line), "%s.%03ld %s\n", date, now.tv_nsec / 1000000, text);
	if (len >= (int)sizeof(line))
		len = (int)sizeof(line) - 1;
	if (ocf_sink_write(run->trace_fd, line, (size_t)len) == 0)
		return;
	/* Full disk, reader gone: do not try (and wait) again for each line. */
	(void)close(run->trace_fd);
	run->trace_fd = 0;
}

static void trace_param(struct ocf_run *run, const struct ocf_param *param,
			const struct ocf_value *value)
{
	const char *origin = value->given ? "" : " (default)";
	char quoted[64] = "***";
	char redacted[OCF_LINE_MAX];
	char line[256];

	/* The value of another parameter may hold a secret, too. */
	ocf_log_redact(run, value->text, redacted);
	if (!param->is_secret || !value->text[0])
		ocf_text_quote(redacted, quoted, sizeof(quoted));
	if (!value->is_valid)
		origin = value->given ? " (default, the given one is wrong)" : " (missing)";
	(void)snprintf(line, sizeof(line), "parameter %.100s = %s%s", param->name, quoted, origin);
	ocf_trace_line(run, line);
}

void ocf_trace_begin(struct ocf_run *run)
{
	char line[512];

	if (run->trace_fd <= 0)
		return;
	(void)snprintf(line, sizeof(line),
		       "begin %.40s of %.40s(%.160s), level %d, %s, %lld ms left", run->action_name,
		       run->agent->name, ocf_instance(run), run->check_level,
		       ocf_is_probe(run) ? "probe" : "no probe",
		       (long long)haops_deadline_left_ms(run->ctx, run->deadline_ms));
	ocf_trace_line(run, line);
	for (size_t i = 0; i < run->agent->param_count; i++)
		trace_param(run, &run->agent->params[i], &run->values[i]);
}

void ocf_trace_end(struct ocf_run *run, int code, int64_t took_ms)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "end %.40s: code %d after %lld ms", run->action_name,
		       code, (long long)took_ms);
	ocf_trace_line(run, line);
}
