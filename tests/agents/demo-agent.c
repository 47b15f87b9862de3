/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small agent for the tests of the framework: its resource is a state file (OCF_RESKEY_state). It
 * does on command what an agent must be able to do, and what it must not.
 */
#include <errno.h>
#include <fcntl.h>
#include <haops/process.h>
#include <haops/state.h>
#include <ocf/ocf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { P_STATE, P_PASSWORD, P_MODE, P_LEVEL, P_TIME, P_ACTIVE, P_RESULT, P_TEXT, P_OLD };

static const char *const modes[] = {"plain", "loud", NULL};

static const char *check_state(const char *value)
{
	return value[0] == '/' ? NULL : "is no absolute path";
}

static const struct ocf_param params[] = {
	[P_STATE] = {.name = "state",
		     .shortdesc = "State file",
		     .type = OCF_STRING,
		     .longdesc = "The file that exists while the resource runs.\nDrop-in: same.",
		     .is_required = true,
		     .unique_group = "state",
		     .check = check_state},
	[P_PASSWORD] = {.name = "password",
			.shortdesc = "Password",
			.type = OCF_STRING,
			.longdesc = "A secret.",
			.is_secret = true},
	[P_MODE] = {.name = "mode",
		    .shortdesc = "Mode",
		    .longdesc = "How it is <done> & \"said\".",
		    .type = OCF_SELECT,
		    .default_value = "plain",
		    .options = modes},
	[P_LEVEL] = {.name = "level",
		     .shortdesc = "Level",
		     .longdesc = "A whole number.",
		     .type = OCF_INTEGER,
		     .default_value = "5",
		     .is_reloadable = true,
		     .min = -3,
		     .max = 10},
	[P_TIME] = {.name = "time",
		    .shortdesc = "Time",
		    .longdesc = "How long an action takes.",
		    .type = OCF_TIME,
		    .default_value = "0",
		    .max = 60000,
		    .min = 0},
	[P_ACTIVE] = {.name = "active",
		      .shortdesc = "Active",
		      .longdesc = "Yes or no.",
		      .type = OCF_BOOLEAN,
		      .default_value = "true"},
	[P_RESULT] = {.name = "result",
		      .shortdesc = "Result",
		      .longdesc = "Exit code of monitor.",
		      .type = OCF_INTEGER,
		      .default_value = "-1"},
	[P_TEXT] = {.name = "text",
		    .shortdesc = "Text",
		    .longdesc = "Is told as a reason.",
		    .type = OCF_STRING,
		    .max_len = 4096},
	[P_OLD] = {.name = "old",
		   .shortdesc = "Old",
		   .longdesc = "Has no effect.",
		   .type = OCF_STRING,
		   .deprecated = "text does it",
		   .replaced_with = "text"},
};

static bool exists(const struct ocf_run *run)
{
	return access(ocf_str(run, P_STATE), F_OK) == 0;
}

/* What the state file holds: 'P' when it is promoted. */
static char role(const struct ocf_run *run)
{
	char c = 0;
	int fd = open(ocf_str(run, P_STATE), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) < 0)
		c = 0;
	(void)close(fd);
	return c;
}

static int set_role(struct ocf_run *run, char c)
{
	int fd = open(ocf_str(run, P_STATE), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int code = OCF_SUCCESS;

	if (fd < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s: %s", ocf_str(run, P_STATE),
				strerror(errno));
	if (write(fd, &c, 1) != 1)
		code = ocf_fail(run, OCF_ERR_GENERIC, "%s is not written", ocf_str(run, P_STATE));
	(void)close(fd);
	return code;
}

/* Takes the time asked for, or fails at the deadline. */
static int take_time(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int64_t want = ocf_int(run, P_TIME);

	(void)poll(NULL, 0, (int)(want < left ? want : left));
	if (want < left)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_GENERIC, "not done after %lld ms", (long long)left);
}

static int demo_start(struct ocf_run *run)
{
	int code = take_time(run);

	if (code == OCF_SUCCESS && !exists(run)) {
		ocf_log(run, HAOPS_LOG_INFO, "started %s with %s", ocf_str(run, P_STATE),
			ocf_str(run, P_PASSWORD));
		code = set_role(run, 'U');
	}
	return code;
}

static int demo_stop(struct ocf_run *run)
{
	int code = ocf_require(run, P_STATE);

	if (code != OCF_SUCCESS)
		return code;
	code = take_time(run);
	if (code == OCF_SUCCESS && unlink(ocf_str(run, P_STATE)) < 0 && errno != ENOENT)
		code = ocf_fail(run, OCF_ERR_GENERIC, "stop: %s", strerror(errno));
	return code;
}

/* Whether a child finds signals as a fresh process has them. */
static int check_child(struct ocf_run *run)
{
	const char *argv[] = {"/bin/grep", "SigIgn", "/proc/self/status", NULL};
	struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 256};
	struct haops_process_result result;
	int r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);

	if (r < 0)
		return ocf_fail_haops(run, r, "grep");
	ocf_log(run, HAOPS_LOG_INFO, "child: %s", result.output);
	haops_process_result_done(&result);
	return OCF_SUCCESS;
}

/* Failures of the library, as a real agent meets them. */
static int fail_in_library(struct ocf_run *run)
{
	char *data = NULL;
	size_t len = 0;
	int r = haops_state_read(ocf_ctx(run), "", &data, &len);

	free(data);
	return r < 0 ? ocf_fail_haops(run, r, "demo") : OCF_SUCCESS;
}

static int demo_monitor(struct ocf_run *run)
{
	int64_t result = ocf_int(run, P_RESULT);
	const char *text = ocf_str(run, P_TEXT);

	if (strcmp(text, "child") == 0)
		return check_child(run);
	if (strcmp(text, "library") == 0)
		return fail_in_library(run);
	if (strcmp(text, "level") == 0)
		ocf_log(run, HAOPS_LOG_INFO, "level %d, probe %d, clone %d, notify %s, active %d",
			ocf_check_level(run), ocf_is_probe(run), ocf_is_clone(run),
			ocf_meta(run, "notify") ? ocf_meta(run, "notify") : "-",
			ocf_bool(run, P_ACTIVE));
	if (result >= 0)
		return *text ? ocf_fail(run, (enum ocf_code)result, "%s", text) : (int)result;
	if (!exists(run))
		return OCF_NOT_RUNNING;
	return role(run) == 'P' ? OCF_RUNNING_PROMOTED : OCF_SUCCESS;
}

static int demo_promote(struct ocf_run *run)
{
	return exists(run) ? set_role(run, 'P') : OCF_NOT_RUNNING;
}

static int demo_demote(struct ocf_run *run)
{
	return exists(run) ? set_role(run, 'U') : OCF_NOT_RUNNING;
}

static int demo_reload(struct ocf_run *run)
{
	if (!exists(run))
		return OCF_NOT_RUNNING;
	ocf_log(run, HAOPS_LOG_INFO, "level is now %lld", (long long)ocf_int(run, P_LEVEL));
	return OCF_SUCCESS;
}

static int demo_notify(struct ocf_run *run)
{
	(void)run;
	return OCF_SUCCESS;
}

/* Two rules between parameters, and one look at the host. */
static int demo_validate(struct ocf_run *run, int level)
{
	char dir[4096];
	char *slash;

	if (level == 0 && strcmp(ocf_str(run, P_MODE), "loud") == 0 && ocf_int(run, P_LEVEL) < 0)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"parameter level: mode loud wants 0 to 10");
	if (level == 0)
		return OCF_SUCCESS;
	(void)snprintf(dir, sizeof(dir), "%s", ocf_str(run, P_STATE));
	slash = strrchr(dir, '/');
	*slash = '\0';
	if (access(*dir ? dir : "/", W_OK) == 0)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_ARGS, "directory %s: %s", dir, strerror(errno));
}

static const struct ocf_action actions[] = {
	{.name = "start", .run = demo_start, .timeout_s = 20, .depth = -1},
	{.name = "stop", .run = demo_stop, .timeout_s = 20, .depth = -1},
	{.name = "monitor", .run = demo_monitor, .timeout_s = 20, .interval_s = 10},
	{.name = "monitor",
	 .run = demo_monitor,
	 .timeout_s = 20,
	 .interval_s = 9,
	 .role = "Promoted"},
	{.name = "monitor", .run = demo_monitor, .timeout_s = 30, .interval_s = 60, .depth = 20},
	{.name = "promote", .run = demo_promote, .timeout_s = 20, .depth = -1},
	{.name = "demote", .run = demo_demote, .timeout_s = 20, .depth = -1},
	{.name = "notify", .run = demo_notify, .timeout_s = 20, .depth = -1},
	{.name = "reload-agent", .run = demo_reload, .timeout_s = 20, .depth = -1},
};

static const struct ocf_agent demo = {
	.name = "demo",
	.provider = "haops",
	.shortdesc = "An agent for tests",
	.longdesc = "Keeps a state file.\nNothing else.",
	.params = params,
	.param_count = sizeof(params) / sizeof(params[0]),
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = demo_validate,
};

int main(int argc, char **argv)
{
	return ocf_main(&demo, argc, argv);
}
