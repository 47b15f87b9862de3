/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forgets the source, sets how commits wait, opens for writing: in this order, so that nothing is
 * written that waits for nobody. Whether it should be the primary is decided elsewhere. */
#include "plan-promote.h"
#include "internal.h"
#include "plan-drain.h"

/* With both threads stopped the relay log is whole still: here is the last look at it. */
static int forget(const struct view *view, struct step *step)
{
	const struct haops_mysql_status *status = &view->facts->status;

	if (!status->uses_gtid)
		return step_refuse(step, EBUSY,
				   "it does not replicate by GTID: what is left to apply is "
				   "unknown");
	if (!plan_is_drained(view->facts, step))
		return 0;
	if (status->applier != HAOPS_MYSQL_STOPPED)
		return step_word(step, view, WORD_STOP);
	return step_word(step, view, WORD_FORGET);
}

static int refuse_at_first(const struct promote *promote, const struct facts *facts,
			   struct step *step)
{
	if (facts->status.source_count > 1)
		return step_refuse(step, ENOTSUP,
				   "it replicates from %u sources: leave it one, the others are "
				   "not "
				   "managed",
				   facts->status.source_count);
	if (promote->durability.wanted == HAOPS_MYSQL_SAFE && !facts->semi_waits)
		return step_refuse(step, ENOTSUP,
				   "it has no semi-synchronous replication: install its plug-in");
	return 0;
}

/* A setting that goes before the server is opened. */
static bool prepare(struct promote *promote, const struct view *view, struct step *step)
{
	const struct facts *facts = view->facts;

	if (facts->semi_acks && facts->is_acking_on && !promote->is_silent) {
		promote->is_silent = true;
		(void)plan_set_acking(facts, false, step);
		return true;
	}
	if (view->dialect->words[WORD_STRICT] && !facts->is_strict && !promote->is_strict) {
		promote->is_strict = true;
		(void)step_set(step, strdup(view->dialect->words[WORD_STRICT]));
		return true;
	}
	return facts->semi_waits && plan_durability_step(&promote->durability, view, step);
}

static int judge(const struct promote *promote, const struct facts *facts, struct step *step)
{
	bool waits = facts->status.waits_for_ack;

	if (!facts->status.is_writable)
		return step_refuse(step, EIO, "it was opened for writing, and is read-only again");
	if (promote->durability.wanted == HAOPS_MYSQL_SAFE && !waits)
		return step_refuse(step, EIO,
				   "it is writable, and its commits do not wait as they should");
	return step_done(step);
}

int plan_promote(void *memory, const struct view *view, struct step *step)
{
	struct promote *promote = memory;
	const struct facts *facts = view->facts;

	(void)refuse_at_first(promote, facts, step);
	if (step->kind == STEP_REFUSE)
		return 0;
	if (facts->status.is_replica)
		return forget(view, step);
	if (prepare(promote, view, step))
		return step->statement ? 0 : -ENOMEM;
	if (!facts->status.is_writable && !promote->is_opened) {
		promote->is_opened = true;
		return step_word(step, view, WORD_OPEN);
	}
	return judge(promote, facts, step);
}
