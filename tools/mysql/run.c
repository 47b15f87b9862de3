/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the cluster for the commands; see run.h. */

#include "run.h"

#include "pacemaker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int exit_status_of(int r)
{
	switch (r) {
	case -EACCES:
		return EXIT_NOT_ALLOWED;
	case -ENOENT:
	case -ENOTUNIQ:
		return EXIT_NO_SUCH;
	default:
		return LEVEL_UNKNOWN;
	}
}

static int look(struct run *run)
{
	struct facts_question question = {.resource = run->options.resource, .own = run->own};
	int r = cib_look(run->cib, &question, &run->fresh, &run->access);

	if (r < 0) {
		(void)snprintf(run->text, sizeof(run->text), "%s", question.text);
		return exit_status_of(r);
	}
	snapshot_move_servers(&run->snapshot, &run->fresh);
	survey_forget_all(&run->snapshot);
	memcpy(&run->snapshot, &run->fresh, sizeof(run->snapshot));
	memset(&run->fresh, 0, sizeof(run->fresh));
	return 0;
}

static bool knows_own(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (snapshot->nodes[i].is_own)
			return true;
	}
	return false;
}

/* A node's name is mostly that of its host; Pacemaker is asked where it is not. */
static int look_first(struct run *run)
{
	int r = cib_open(&run->cib, run->text);

	if (r < 0)
		return exit_status_of(r == -ENOENT ? -EIO : r);
	if (gethostname(run->own, sizeof(run->own) - 1) < 0)
		run->own[0] = '\0';
	r = look(run);
	if (r == 0 && !knows_own(&run->snapshot) && pacemaker_own_name(run->ctx, run->own) == 0)
		r = look(run);
	return r;
}

int run_look(struct run *run)
{
	return run->cib ? look(run) : look_first(run);
}

int run_look_all(struct run *run)
{
	int r = run_look(run);

	if (r != 0)
		return r;
	r = survey_ask_all(run->survey, &run->access, &run->snapshot, RUN_ASK_MS);
	if (r == 0)
		return 0;
	(void)snprintf(run->text, sizeof(run->text), "%s", haops_ctx_error(run->ctx));
	return LEVEL_UNKNOWN;
}

int run_failed(struct run *run, struct writer *writer, int exit_status)
{
	view_failed(writer, LEVEL_UNKNOWN, run->text);
	run->exit_status = exit_status;
	return exit_status;
}
