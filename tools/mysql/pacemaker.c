/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs crm_resource(8), crm_attribute(8) and crm_node(8). Decides nothing. */

#include "pacemaker.h"

#include <errno.h>
#include <haops/process.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_MS 15000
#define OUTPUT_MAX 4096
#define PATH_SIZE 64
#define ARGUMENTS_MAX 12

static int find_program(const char *name, char path[PATH_SIZE])
{
	static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, PATH_SIZE, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

/* What it said last: the reason comes at the end. */
static void last_line(char *output, char *text)
{
	size_t len = strlen(output);
	const char *line;

	while (len > 0 && strchr(" \n", output[len - 1]))
		output[--len] = '\0';
	line = strrchr(output, '\n');
	(void)snprintf(text, SNAPSHOT_TEXT_MAX, "%.480s", line ? line + 1 : output);
}

/* A child gets no environment of ours but this: what is asked in place of Pacemaker. */
static const char *cib_file(char *buf, size_t size)
{
	const char *file = getenv("CIB_file");

	if (!file)
		return NULL;
	(void)snprintf(buf, size, "CIB_file=%s", file);
	return buf;
}

/* arguments[0] is the program's name; ret_text: its last line in any case. */
static int run(struct haops_ctx *ctx, const char *const *arguments, int64_t timeout_ms,
	       char ret_text[SNAPSHOT_TEXT_MAX])
{
	const char *argv[ARGUMENTS_MAX + 1] = {NULL};
	char file[SNAPSHOT_TEXT_MAX];
	const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				   cib_file(file, sizeof(file)), NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.env = env,
						.output_max_bytes = OUTPUT_MAX,
						.term_before_ms = 1000};
	struct haops_process_result result = {0};
	char path[PATH_SIZE];
	int r;

	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
		argv[i] = arguments[i];
	if (find_program(arguments[0], path) < 0) {
		(void)snprintf(ret_text, SNAPSHOT_TEXT_MAX,
			       "%s is not there: install Pacemaker's command line tools",
			       arguments[0]);
		return -ENOENT;
	}
	argv[0] = path;
	r = haops_process_run(ctx, &spec, haops_deadline_after(ctx, timeout_ms), &result);
	if (r < 0) {
		(void)snprintf(ret_text, SNAPSHOT_TEXT_MAX, "%.500s", haops_ctx_error(ctx));
		return r;
	}
	last_line(result.output, ret_text);
	if (result.end == HAOPS_PROCESS_TIMED_OUT) {
		(void)snprintf(ret_text, SNAPSHOT_TEXT_MAX, "%s did not end in time", arguments[0]);
		r = -ETIMEDOUT;
	} else if (result.end != HAOPS_PROCESS_EXITED || result.status != 0) {
		r = -EIO;
	}
	haops_process_result_done(&result);
	return r;
}

int pacemaker_move(struct haops_ctx *ctx, const char *top, const char *node, int64_t lifetime_s,
		   char text[SNAPSHOT_TEXT_MAX])
{
	char lifetime[32];
	const char *const arguments[] = {"crm_resource", "--move", "--resource", top,
					 "--node",	 node,	   "--promoted", "--lifetime",
					 lifetime,	 NULL};

	(void)snprintf(lifetime, sizeof(lifetime), "PT%" PRId64 "S", lifetime_s);
	return run(ctx, arguments, RUN_MS, text);
}

int pacemaker_clear(struct haops_ctx *ctx, const char *top, char text[SNAPSHOT_TEXT_MAX])
{
	const char *const arguments[] = {"crm_resource", "--clear", "--resource", top, NULL};

	return run(ctx, arguments, RUN_MS, text);
}

int pacemaker_settle(struct haops_ctx *ctx, int64_t timeout_ms, char text[SNAPSHOT_TEXT_MAX])
{
	const char *const arguments[] = {"crm_resource", "--wait", NULL};

	return run(ctx, arguments, timeout_ms, text);
}

int pacemaker_cleanup(struct haops_ctx *ctx, const char *resource, const char *node,
		      char text[SNAPSHOT_TEXT_MAX])
{
	const char *const arguments[] = {"crm_resource", "--cleanup", "--resource", resource,
					 "--node",	 node,	      NULL};

	return run(ctx, arguments, RUN_MS, text);
}

int pacemaker_remember(struct haops_ctx *ctx, const char *resource, const char *name,
		       const char *value, char text[SNAPSHOT_TEXT_MAX])
{
	char set[SNAPSHOT_NAME_MAX + 16];
	const char *const arguments[] =
		{"crm_attribute", "--type", "crm_config", "--set-name", set,
		 "--name",	  name,	    "--update",	  value,	NULL};

	(void)snprintf(set, sizeof(set), "haops-mysql-%s", resource);
	return run(ctx, arguments, RUN_MS, text);
}

int pacemaker_forget(struct haops_ctx *ctx, const char *resource, const char *name,
		     char text[SNAPSHOT_TEXT_MAX])
{
	char set[SNAPSHOT_NAME_MAX + 16];
	const char *const arguments[] = {"crm_attribute", "--type", "crm_config", "--set-name", set,
					 "--name",	  name,	    "--delete",	  NULL};

	(void)snprintf(set, sizeof(set), "haops-mysql-%s", resource);
	return run(ctx, arguments, RUN_MS, text);
}

int pacemaker_own_name(struct haops_ctx *ctx, char name[SNAPSHOT_NAME_MAX])
{
	const char *const arguments[] = {"crm_node", "--name", NULL};
	char text[SNAPSHOT_TEXT_MAX];
	int r = run(ctx, arguments, RUN_MS, text);

	if (r == 0)
		(void)snprintf(name, SNAPSHOT_NAME_MAX, "%.255s", text);
	return r;
}
