/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs drbdadm, drbdsetup and their kind with the action's deadline. What they say is judged by who
 * asks. */

#include "drbd/drbd.h"
#include "ocf/host.h"

#include "util/num.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX 524288
#define WORDS_MAX 32
#define ENV_MAX 8
/* Kept of the operation's time, this part of it or less: for a last look at the kernel's state, */
#define LOOK_PART 6
#define LOOK_MAX_MS 5000
/* and for giving up a tool that the kernel does not let go, which takes libhaops a second. */
#define REAP_PART 12
#define REAP_MAX_MS 1200

static const char *const own_env[] =
	{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
	 "DRBD_DONT_WARN_ON_VERSION_MISMATCH=1"};

static const char *find(const char *const *paths)
{
	for (; paths[1]; paths++)
		if (host_is_program(*paths))
			return *paths;
	return *paths;
}

static const char *drbdadm_path(void)
{
	static const char *const paths[] = {"/usr/sbin/drbdadm", "/usr/local/sbin/drbdadm",
					    "/sbin/drbdadm", NULL};

	return find(paths);
}

static const char *drbdsetup_path(void)
{
	static const char *const paths[] = {"/usr/sbin/drbdsetup", "/usr/local/sbin/drbdsetup",
					    "/sbin/drbdsetup", NULL};

	return find(paths);
}

int drbd_require_tools(struct ocf_run *run)
{
	if (host_is_program(drbdadm_path()) && host_is_program(drbdsetup_path()))
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_INSTALLED,
			"drbdadm or drbdsetup is not on this node: install drbd-utils");
}

/* A part of the time that Pacemaker gives the operation, or max_ms if that is less or not known. */
static int64_t share_of(const struct ocf_run *run, int64_t part, int64_t max_ms)
{
	const char *timeout = ocf_meta(run, "timeout");
	int64_t timeout_ms;

	if (!timeout || num_parse(timeout, 0, INT32_MAX, &timeout_ms) < 0 ||
	    timeout_ms / part > max_ms)
		return max_ms;
	return timeout_ms / part;
}

int64_t drbd_change_deadline(const struct ocf_run *run)
{
	return ocf_deadline(run) - share_of(run, LOOK_PART, LOOK_MAX_MS);
}

bool drbd_is_late(const struct ocf_run *run)
{
	return haops_deadline_left_ms(ocf_ctx(run), drbd_change_deadline(run)) == 0;
}

void drbd_pause(struct ocf_run *run, int64_t ms)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), drbd_change_deadline(run));

	(void)poll(NULL, 0, (int)(left < ms ? left : ms));
}

/* The first line that is more than "Command '...' terminated": DRBD's own words. */
static void pick_line(const char *output, char line[DRBD_LINE_MAX])
{
	size_t kept = 0;

	while (*output) {
		size_t len = strcspn(output, "\n");
		bool is_empty = strspn(output, " \t.") >= len;
		bool is_frame = strncmp(output, "Command '", 9) == 0;

		if (!is_empty && (!is_frame || kept == 0)) {
			kept = len < DRBD_LINE_MAX ? len : DRBD_LINE_MAX - 1;
			memcpy(line, output, kept);
			if (!is_frame)
				break;
		}
		output += len + (output[len] == '\n');
	}
	line[kept] = '\0';
	for (size_t i = 0; i < kept; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
}

static void name_end(const struct haops_process_result *result, struct drbd_answer *answer)
{
	answer->is_timed_out = result->end == HAOPS_PROCESS_TIMED_OUT;
	answer->is_done = result->end == HAOPS_PROCESS_EXITED && result->status == 0;
	answer->status = result->end == HAOPS_PROCESS_EXITED ? result->status : -1;
	if (answer->is_timed_out)
		(void)snprintf(answer->line, sizeof(answer->line),
			       "it did not end in time: see whether it hangs in the kernel");
	else
		pick_line(result->output, answer->line);
	if (!answer->is_done && !answer->line[0])
		(void)snprintf(answer->line, sizeof(answer->line), "exit status %d",
			       result->status);
}

static bool run_with(struct ocf_run *run, const struct haops_process_spec *spec,
		     int64_t deadline_ms, struct drbd_answer *answer)
{
	int64_t last_ms = ocf_deadline(run) - share_of(run, REAP_PART, REAP_MAX_MS);
	struct haops_process_result result;

	memset(answer, 0, sizeof(*answer));
	if (deadline_ms > last_ms)
		deadline_ms = last_ms;
	if (haops_process_run(ocf_ctx(run), spec, deadline_ms, &result) < 0) {
		(void)snprintf(answer->line, sizeof(answer->line), "%s",
			       haops_ctx_error(ocf_ctx(run)));
		return false;
	}
	name_end(&result, answer);
	answer->output = result.output;
	return true;
}

bool drbd_program(struct ocf_run *run, const char *const *argv, int64_t deadline_ms,
		  struct drbd_answer *answer)
{
	const char *env[] = {own_env[0], own_env[1], own_env[2], NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.env = env,
						.output_max_bytes = OUTPUT_MAX};

	return run_with(run, &spec, deadline_ms, answer);
}

bool drbd_setup(struct ocf_run *run, const char *const *words, int64_t deadline_ms,
		struct drbd_answer *answer)
{
	const char *argv[WORDS_MAX] = {drbdsetup_path()};

	for (size_t i = 0; words[i] && i < WORDS_MAX - 2; i++)
		argv[1 + i] = words[i];
	return drbd_program(run, argv, deadline_ms, answer);
}

void drbd_setup_change(struct ocf_run *run, const char *verb, const char *object,
		       char problem[DRBD_LINE_MAX])
{
	const char *words[] = {verb, object, NULL};
	struct drbd_answer answer;

	(void)drbd_setup(run, words, drbd_change_deadline(run), &answer);
	/* What an earlier try was told says more than that this one ran out of time. */
	if (!answer.is_timed_out || !problem[0])
		memcpy(problem, answer.line, DRBD_LINE_MAX);
	if (answer.is_done)
		problem[0] = '\0';
	drbd_answer_done(&answer);
}

struct adm {
	const char *verb;
	const char *const *more;
	const char *const *env;
	bool is_stacked;
};

static bool run_adm(struct ocf_run *run, const struct adm *adm, struct drbd_answer *answer)
{
	const char *argv[WORDS_MAX] = {drbdadm_path(), "-c", ocf_str(run, DRBD_DRBDCONF)};
	const char *env[ENV_MAX] = {own_env[0], own_env[1], own_env[2]};
	const struct haops_process_spec spec = {.argv = argv,
						.env = env,
						.output_max_bytes = OUTPUT_MAX};
	size_t count = 3;

	if (adm->is_stacked)
		argv[count++] = "--stacked";
	for (size_t i = 0; adm->more && adm->more[i] && count < WORDS_MAX - 3; i++)
		argv[count++] = adm->more[i];
	argv[count++] = adm->verb;
	/* It says on standard error that it ignores one, and that would be read as options. */
	if (strcmp(adm->verb, "sh-mod-parms") != 0)
		argv[count] = ocf_str(run, DRBD_RESOURCE);
	for (size_t i = 0; adm->env && adm->env[i] && i < ENV_MAX - 4; i++)
		env[3 + i] = adm->env[i];
	return run_with(run, &spec, drbd_change_deadline(run), answer);
}

/* Options of drbdadm belong before its verb; a resource of the upper layer needs one. */
static bool is_stacked(struct ocf_run *run)
{
	const struct adm plain = {.verb = "sh-dev"};
	const struct adm stacked = {.verb = "sh-dev", .is_stacked = true};
	struct drbd_answer answer;
	bool is_done = run_adm(run, &plain, &answer) && answer.is_done;

	drbd_answer_done(&answer);
	if (is_done)
		return false;
	is_done = run_adm(run, &stacked, &answer) && answer.is_done;
	drbd_answer_done(&answer);
	return is_done;
}

static bool adm(struct ocf_run *run, struct adm *what, struct drbd_answer *answer)
{
	bool was_started = run_adm(run, what, answer);

	/* Stacked resources are rare: it is asked for when plain drbdadm does not know it. */
	if (!was_started || answer->is_done || answer->is_timed_out || !is_stacked(run))
		return was_started;
	drbd_answer_done(answer);
	what->is_stacked = true;
	return run_adm(run, what, answer);
}

bool drbd_adm(struct ocf_run *run, const char *verb, const char *const *more,
	      struct drbd_answer *answer)
{
	struct adm what = {.verb = verb, .more = more};

	return adm(run, &what, answer);
}

bool drbd_adm_with(struct ocf_run *run, const char *verb, const char *const *env,
		   struct drbd_answer *answer)
{
	struct adm what = {.verb = verb, .env = env};

	return adm(run, &what, answer);
}

void drbd_answer_done(struct drbd_answer *answer)
{
	free(answer->output);
	memset(answer, 0, sizeof(*answer));
}
