/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops mysql allow-stale: shows what is known to be lost, and accepts it for the present epoch
 * when it is told so twice. */

#include "loss.h"
#include "pacemaker.h"
#include "run.h"

#include <inttypes.h>
#include <string.h>

static void finish(struct run *run, struct writer *writer, int exit_status, const char *result)
{
	run->exit_status = exit_status;
	out_number(writer, "code", NULL, (uint64_t)exit_status);
	out_text(writer, "result", NULL, result);
}

/* The same cluster with the acceptance in force; the servers' words are lent. */
static int imagine(struct run *run)
{
	memcpy(&run->fresh, &run->snapshot, sizeof(run->fresh));
	run->fresh.memory.is_stale_allowed = true;
	return snapshot_elect(&run->fresh);
}

static void accept_loss(struct run *run, struct writer *writer)
{
	const uint64_t epoch = run->snapshot.memory.epoch;
	char text[SNAPSHOT_TEXT_MAX];
	char value[24];

	(void)snprintf(value, sizeof(value), "%" PRIu64, epoch);
	if (pacemaker_remember(run->ctx, run->snapshot.resource, "allow-stale", value, run->text) <
		    0 ||
	    run_look(run) != 0) {
		finish(run, writer, LEVEL_CRITICAL, "failed");
		return;
	}
	if (!run->snapshot.memory.is_stale_allowed || run->snapshot.memory.epoch != epoch) {
		(void)snprintf(run->text, sizeof(run->text),
			       "it was written, but the CIB does not have it: look again");
		finish(run, writer, LEVEL_CRITICAL, "failed");
		return;
	}
	run->text[0] = '\0';
	for (size_t i = 0; i < run->snapshot.node_count; i++) {
		if (run->snapshot.nodes[i].failure[0])
			(void)pacemaker_cleanup(run->ctx, run->snapshot.resource,
						run->snapshot.nodes[i].name, text);
	}
	finish(run, writer, 0, "accepted");
	out_say(writer, "",
		"accepted for epoch %" PRIu64 ": the agent promotes at its next monitor", epoch);
}

void stale_run(struct run *run, struct writer *writer)
{
	int r = run_look_all(run);

	if (r != 0) {
		(void)run_failed(run, writer, r);
		return;
	}
	if (imagine(run) < 0) {
		(void)snprintf(run->text, sizeof(run->text), "memory is short");
		(void)run_failed(run, writer, LEVEL_UNKNOWN);
		return;
	}
	if (!loss_is_open(&run->snapshot, &run->fresh, run->text)) {
		finish(run, writer, EXIT_REFUSED, "refused");
	} else if (!run->options.has_yes) {
		finish(run, writer, EXIT_REFUSED, "shown");
		loss_view(writer, &run->fresh);
		(void)snprintf(run->text, sizeof(run->text),
			       "nothing was changed: --yes accepts this loss");
	} else {
		accept_loss(run, writer);
	}
	memset(&run->fresh, 0, sizeof(run->fresh));
}
