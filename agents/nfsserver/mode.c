/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs programs, and whoever starts the server's here: the agent, systemd, or a script. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OUTPUT_MAX 4096
#define UNITS_MAX 8
#define REASON_MAX 256
#define TERM_BEFORE_MS 500

static const char *const systemctl_paths[] = {"/usr/bin/systemctl", "/bin/systemctl", NULL};

const char *nfsserver_program(const char *const *paths)
{
	for (; *paths; paths++)
		if (host_is_program(*paths))
			return *paths;
	return NULL;
}

enum nfsserver_mode nfsserver_mode(const struct ocf_run *run)
{
	const char *script = ocf_str(run, P_INIT_SCRIPT);

	/* The stock agent's default is that text. */
	if (script[0] && strcmp(script, "auto detected") != 0)
		return NFSSERVER_SCRIPT;
	/* As sd_booted(3). */
	if (host_is_folder("/run/systemd/system") && nfsserver_program(systemctl_paths))
		return NFSSERVER_SYSTEMD;
	return NFSSERVER_DIRECT;
}

/* Kept for giving up a program that the kernel does not let go, and for saying so. */
#define REPORT_PART 8

static void explain(const char *program, const struct haops_process_result *result, char *text)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		(void)snprintf(text, REASON_MAX, "%s did not end in time", name);
	else if (result->end == HAOPS_PROCESS_SIGNALED)
		(void)snprintf(text, REASON_MAX, "%s was ended by signal %d", name, result->status);
	else
		(void)snprintf(text, REASON_MAX, "%s says status %d: %.*s", name, result->status,
			       (int)strcspn(result->output, "\n"), result->output);
}

/* 0, or another number with the reason in text. */
static int run_program(struct ocf_run *run, const char *const *argv, bool is_daemon,
		       char text[REASON_MAX])
{
	const struct haops_process_spec spec = {.argv = argv,
						.output_max_bytes = OUTPUT_MAX,
						.term_before_ms = TERM_BEFORE_MS,
						.is_daemon = is_daemon};
	struct haops_process_result result;
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int r = haops_process_run(ocf_ctx(run), &spec,
				  haops_deadline_after(ocf_ctx(run), left - left / REPORT_PART),
				  &result);

	if (r < 0) {
		(void)snprintf(text, REASON_MAX, "%s", haops_ctx_error(ocf_ctx(run)));
		return r;
	}
	if (result.end != HAOPS_PROCESS_EXITED || result.status != 0) {
		explain(argv[0], &result, text);
		r = -EIO;
	}
	haops_process_result_done(&result);
	return r;
}

int nfsserver_run(struct ocf_run *run, const char *const *argv, bool is_daemon)
{
	char text[REASON_MAX];

	if (run_program(run, argv, is_daemon, text) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", text);
	return OCF_SUCCESS;
}

bool nfsserver_try(struct ocf_run *run, const char *const *argv, bool is_daemon)
{
	char text[REASON_MAX];

	if (run_program(run, argv, is_daemon, text) == 0)
		return true;
	ocf_log(run, HAOPS_LOG_WARNING, "%s", text);
	return false;
}

static void systemctl_argv(const char *verb, const char *const *units, const char **argv)
{
	size_t count = 0;

	argv[count++] = nfsserver_program(systemctl_paths);
	argv[count++] = "--no-ask-password";
	argv[count++] = verb;
	for (size_t i = 0; units[i] && i < UNITS_MAX; i++)
		argv[count++] = units[i];
	argv[count] = NULL;
}

int nfsserver_systemctl(struct ocf_run *run, const char *verb, const char *const *units)
{
	const char *argv[4 + UNITS_MAX];

	systemctl_argv(verb, units, argv);
	return nfsserver_run(run, argv, false);
}

void nfsserver_systemctl_try(struct ocf_run *run, const char *verb, const char *const *units)
{
	const char *argv[4 + UNITS_MAX];

	systemctl_argv(verb, units, argv);
	(void)nfsserver_try(run, argv, false);
}
