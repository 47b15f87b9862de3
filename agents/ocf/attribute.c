/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes node attributes through Pacemaker's own program, see attribute.h. Decides no value. */

#include "ocf/attribute.h"

#include "ocf/run.h"

#include "util/cleanup.h"

#include <haops/process.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTRD_UPDATER "/usr/sbin/attrd_updater"
#define DELETED "-"
#define NAME_MAX_BYTES 320
#define TEXT_MAX 256
#define WRITE_MS 5000
/* Told again after this, whatever became of it meanwhile. */
#define AGAIN_MS (5 * 60 * 1000)

/* "PARENT TICKS WRITTEN_MS VALUE"; VALUE "-" for a deleted one. */
struct written {
	int parent;
	uint64_t ticks;
	int64_t at_ms;
	char value[ATTRIBUTE_VALUE_MAX];
};

static bool read_written(struct ocf_run *run, const char *what, struct written *written)
{
	CLEANUP_FREE char *text = NULL;

	return ocf_note_read(run, what, &text) == 0 &&
	       sscanf(text, "%d %" SCNu64 " %" SCNd64 " %31s", &written->parent, &written->ticks,
		      &written->at_ms, written->value) == 4;
}

/* The executor; by hand it is a shell, and everything is written. */
static void look_at_parent(struct ocf_run *run, struct written *now)
{
	struct haops_process parent;

	now->parent = (int)getppid();
	now->ticks = 0;
	if (haops_process_get(ocf_ctx(run), getppid(), &parent) == 0)
		now->ticks = parent.start_ticks;
	now->at_ms = haops_deadline_after(ocf_ctx(run), 0);
}

static bool is_known(struct ocf_run *run, const char *what, const struct written *now)
{
	struct written last;

	return read_written(run, what, &last) && last.parent == now->parent &&
	       last.ticks == now->ticks && strcmp(last.value, now->value) == 0 &&
	       now->at_ms >= last.at_ms && now->at_ms - last.at_ms < AGAIN_MS;
}

static void keep_written(struct ocf_run *run, const char *what, const struct written *now)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%d %" PRIu64 " %" PRId64 " %s\n", now->parent,
		       now->ticks, now->at_ms, now->value);
	ocf_note_write(run, what, text);
}

/* False: Pacemaker does not have it. */
static bool update(struct ocf_run *run, const char *attribute, const char *value)
{
	char name[NAME_MAX_BYTES + 16];
	char option[ATTRIBUTE_VALUE_MAX + 16];
	const char *argv[] = {ATTRD_UPDATER, name, option, NULL};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = 4096};
	struct haops_process_result result;
	int64_t limit = ocf_deadline_within(run, WRITE_MS);
	bool is_done;

	(void)snprintf(name, sizeof(name), "--name=%s", attribute);
	if (strcmp(value, DELETED) == 0)
		(void)snprintf(option, sizeof(option), "--delete");
	else
		(void)snprintf(option, sizeof(option), "--update=%s", value);
	if (ocf_program(run, &spec, limit, &result) < 0) {
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
		return false;
	}
	is_done = result.end == HAOPS_PROCESS_EXITED && result.status == 0;
	if (!is_done)
		ocf_log(run, HAOPS_LOG_WARNING, "attribute %s could not be set: %.*s", attribute,
			(int)strcspn(result.output, "\n"), result.output);
	haops_process_result_done(&result);
	return is_done;
}

void attribute_set(struct ocf_run *run, const char *what, const char *attribute, const char *value)
{
	struct written now;

	(void)snprintf(now.value, sizeof(now.value), "%s", value ? value : DELETED);
	look_at_parent(run, &now);
	if (is_known(run, what, &now) || !update(run, attribute, now.value))
		return;
	keep_written(run, what, &now);
	ocf_log(run, HAOPS_LOG_DEBUG, "attribute %s is %s now", attribute, now.value);
}

void attribute_set_score(struct ocf_run *run, const char *value)
{
	char name[NAME_MAX_BYTES];
	const char *instance = ocf_instance(run);

	(void)snprintf(name, sizeof(name), "master-%.*s", (int)strcspn(instance, ":"), instance);
	attribute_set(run, ATTRIBUTE_SCORE, name, value);
}

bool attribute_last(struct ocf_run *run, const char *what, char value[ATTRIBUTE_VALUE_MAX])
{
	struct written last;

	if (!read_written(run, what, &last) || strcmp(last.value, DELETED) == 0)
		return false;
	memcpy(value, last.value, ATTRIBUTE_VALUE_MAX);
	return true;
}
