/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks DRBD; see ask-drbd.h. Reads nothing of the answer itself. */

#include "ask-drbd.h"

#include "util/cleanup.h"

#include <errno.h>
#include <haops/process.h>
#include <string.h>

#define PROC_FILE "/proc/drbd"
#define MODULE_FOLDER "/sys/module/drbd"
#define PROC_MAX 1048576
#define OUTPUT_MAX 1048576
/* libhaops takes one more second for giving up a program that the kernel does not let go, */
#define ANSWER_MS 1200
/* which stays. With --watch there would soon be many. */
#define REST_MS 60000

static void tell(struct drbd_report *report, const char *what, const char *why)
{
	(void)snprintf(report->trouble, sizeof(report->trouble), "%s%.*s", what,
		       (int)strcspn(why, "\n"), why);
}

static const char *find_drbdsetup(void)
{
	static const char *const paths[] = {"/usr/sbin/drbdsetup", "/usr/local/sbin/drbdsetup",
					    "/sbin/drbdsetup"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

/* NULL: it is not there, or memory is short; then there are no figures of DRBD 8.4. */
static char *read_proc(void)
{
	CLEANUP_FILE FILE *file = fopen(PROC_FILE, "re");
	CLEANUP_FREE char *text = malloc(PROC_MAX + 1);
	size_t len;

	if (!file || !text)
		return NULL;
	len = fread(text, 1, PROC_MAX, file);
	text[len] = '\0';
	return TAKE_PTR(text);
}

static void read_answer(const char *text, struct drbd_report *report)
{
	CLEANUP_FREE char *proc = read_proc();
	int r = drbd_report_fill(report, text, proc);

	if (r == -EAGAIN)
		tell(report, "what drbdsetup tells is not complete", "");
	else if (r == -E2BIG)
		tell(report, "there are more resources, volumes and peers than can be shown", "");
	else if (r == -ENOMEM)
		tell(report, "memory is short", "");
	else if (r < 0)
		tell(report, "what drbdsetup tells is not understood; is drbd-utils up to date?",
		     "");
}

static void tell_silence(struct drbd_report *report)
{
	report->is_silent = true;
	tell(report, "it did not answer: drbdsetup may hang in the kernel", "");
}

static void run(struct ask_drbd *ask, const char *program, struct drbd_report *report)
{
	static const char *const env[] =
		{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		 "DRBD_DONT_WARN_ON_VERSION_MISMATCH=1", NULL};
	const char *argv[] = {program, "events2", "--now", "--statistics", NULL};
	const struct haops_process_spec spec = {.argv = argv,
						.env = env,
						.output_max_bytes = OUTPUT_MAX};
	int64_t deadline_ms = haops_deadline_after(ask->ctx, ANSWER_MS);
	struct haops_process_result result;

	if (haops_process_run(ask->ctx, &spec, deadline_ms, &result) < 0) {
		tell(report, "", haops_ctx_error(ask->ctx));
		return;
	}
	if (result.end == HAOPS_PROCESS_TIMED_OUT) {
		ask->rest_ms = haops_deadline_after(ask->ctx, REST_MS);
		tell_silence(report);
	} else if (result.end == HAOPS_PROCESS_EXITED && result.status == 0) {
		read_answer(result.output, report);
	} else {
		tell(report, "drbdsetup events2 failed: ", result.output);
	}
	haops_process_result_done(&result);
}

void ask_drbd(struct ask_drbd *ask, struct drbd_report *report)
{
	const char *program = find_drbdsetup();

	drbd_report_done(report);
	/* Without the module there is no resource, and drbdsetup would load it. */
	report->is_there = access(PROC_FILE, F_OK) == 0 || access(MODULE_FOLDER, F_OK) == 0;
	if (!report->is_there)
		return;
	if (!program)
		tell(report, "drbdsetup is not on this node: install drbd-utils", "");
	else if (!ask->ctx && haops_ctx_new(&ask->ctx) < 0)
		tell(report, "memory is short", "");
	else if (ask->rest_ms > 0 && haops_deadline_left_ms(ask->ctx, ask->rest_ms) > 0)
		tell_silence(report);
	else
		run(ask, program, report);
}

void ask_drbd_end(struct ask_drbd *ask)
{
	haops_ctx_free(ask->ctx);
	ask->ctx = NULL;
}
