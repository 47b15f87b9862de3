/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order that loses nothing. MariaDB throws the relay log away when a thread is started while
 * none runs, and says afterwards that all of it was read: so the applier is started while the
 * receiver still runs, what was received is noted before anything is stopped, and both threads are
 * never stopped before it is applied. See docs/decisions/0008 and MDEV-4698.
 */
#include "plan-drain.h"
#include "internal.h"
#include "plan-durability.h"
#include "text.h"

#include <inttypes.h>

#define WAIT_S 1	  /* a statement that waits on the server */
#define WAIT_ROOM_MS 1500 /* that it needs, as the connection must survive it */
#define PAUSE_MS 20
#define TELL_MS 1000

void plan_drain_done(struct drain *drain)
{
	drain->target = haops_mysql_gtid_free(drain->target);
}

static bool is_stopped(enum haops_mysql_thread thread)
{
	return thread == HAOPS_MYSQL_STOPPED;
}

/* Errors of the applier's are reported as the server says them. */
static int refuse_stopped(const struct facts *facts, uint64_t left, struct step *step)
{
	const struct haops_mysql_status *status = &facts->status;

	if (status->applier_errno)
		return step_refuse(step, EBADMSG, "the applier stopped: %s (%u)",
				   status->applier_error, status->applier_errno);
	if (facts->is_relay_unknown)
		return step_refuse(step, EBUSY,
				   "both threads are stopped, and the relay log from %s:%s on "
				   "could "
				   "not be read whole: something may be left to apply",
				   facts->relay_file, facts->relay_pos);
	return step_refuse(step, EBUSY,
			   "both threads are stopped and %" PRIu64 " transactions up to %.100s are "
			   "not applied: starting a thread would throw them away",
			   left, facts->received_text);
}

bool plan_is_drained(const struct facts *facts, struct step *step)
{
	const struct haops_mysql_status *status = &facts->status;
	uint64_t left = haops_mysql_gtid_count_beyond(status->received, status->applied);

	if (!is_stopped(status->receiver))
		(void)step_refuse(step, EBUSY, "it still receives: drain first");
	else if (facts->is_relay_unknown)
		(void)step_refuse(step, EBUSY, "what its relay log holds is unknown: drain first");
	else if (!haops_mysql_gtid_covers(status->applied, status->received))
		(void)step_refuse(step, EBUSY,
				  "%" PRIu64 " transactions up to %.100s are received and not "
				  "applied: drain first",
				  left, facts->received_text);
	else
		return true;
	return false;
}

static int refuse_at_first(const struct haops_mysql_status *status, struct step *step)
{
	if (!status->is_replica)
		return step_refuse(step, ENODATA, "it is no replica: there is nothing to apply");
	if (status->source_count > 1)
		return step_refuse(step, EBUSY,
				   "it replicates from %u sources: leave it one, the others are "
				   "not "
				   "managed",
				   status->source_count);
	return step_refuse(step, EBUSY,
			   "it does not replicate by GTID: what is left to apply is unknown");
}

/* Notes what is to be applied: what was received once, even when the server forgets it. */
static int note(struct drain *drain, const struct view *view)
{
	const struct haops_mysql_status *status = &view->facts->status;
	struct haops_mysql_gtid *target = NULL;
	uint64_t left;
	int r = haops_mysql_gtid_unite(drain->ctx, status->received,
				       drain->target ? drain->target : status->received, &target);

	if (r < 0)
		return -ENOMEM;
	haops_mysql_gtid_free(drain->target);
	drain->target = target;
	left = haops_mysql_gtid_count_beyond(target, status->applied);
	if (!drain->has_begun) {
		drain->has_begun = true;
		drain->left_at_first = left;
		drain->told_ms = view->now_ms;
	}
	if (left != drain->left || view->facts->changed_rows != drain->changed_rows ||
	    !drain->moved_ms)
		drain->moved_ms = view->now_ms;
	drain->left = left;
	drain->changed_rows = view->facts->changed_rows;
	return 0;
}

static void tell(struct drain *drain, const struct view *view)
{
	uint64_t first = drain->left_at_first;

	if (!drain->progress || view->now_ms - drain->told_ms < TELL_MS)
		return;
	drain->told_ms = view->now_ms;
	drain->progress(drain->userdata, first > drain->left ? first - drain->left : 0,
			drain->left);
}

static int wait_for_applier(struct drain *drain, const struct view *view, struct step *step)
{
	const char *word = view->dialect->words[WORD_WAIT];
	int64_t still_ms = view->now_ms - drain->moved_ms;
	CLEANUP_FREE char *set = NULL;

	tell(drain, view);
	if (drain->stall_ms && still_ms >= drain->stall_ms)
		return step_refuse(step, ETIMEDOUT,
				   "the applier has not moved on for %" PRId64 " ms, %" PRIu64
				   " transactions are left; it still runs",
				   still_ms, drain->left);
	if (view->deadline_ms - view->now_ms < WAIT_ROOM_MS)
		return step_pause(step, PAUSE_MS,
				  "%" PRIu64 " transactions up to %.100s are still to be applied "
				  "(a delay of %u s is configured); the applier still runs",
				  drain->left, view->facts->received_text,
				  view->facts->status.delay_s);
	set = text_quote(view->facts->received_text);
	if (!set)
		return -ENOMEM;
	(void)step_change(step, text_format(word, set, WAIT_S));
	step->changes = false;
	return step->statement ? 0 : -ENOMEM;
}

static int start_applier(struct drain *drain, const struct view *view, struct step *step)
{
	drain->is_started = true;
	return step_word(step, view, WORD_START_APPLIER);
}

/* Nothing more comes in: what is left is applied or not. */
static int finish(struct drain *drain, const struct view *view, struct step *step)
{
	const struct facts *facts = view->facts;
	const struct haops_mysql_status *status = &facts->status;
	bool is_applied =
		haops_mysql_gtid_covers(status->applied, drain->target) && !facts->is_relay_unknown;

	if (is_applied && drain->stops && !is_stopped(status->applier))
		return step_word(step, view, WORD_STOP);
	if (is_applied)
		return step_done(step);
	if (!haops_mysql_gtid_covers(status->received, drain->target))
		return step_refuse(step, EIO,
				   "what it had received was thrown away meanwhile: %" PRIu64
				   " transactions are missing",
				   drain->left);
	if (!is_stopped(status->applier))
		return wait_for_applier(drain, view, step);
	if (!view->dialect->purges_relay_log && !drain->is_started)
		return start_applier(drain, view, step);
	return refuse_stopped(facts, drain->left, step);
}

int plan_drain(void *memory, const struct view *view, struct step *step)
{
	struct drain *drain = memory;
	const struct facts *facts = view->facts;
	const struct haops_mysql_status *status = &facts->status;
	int r;

	if (!status->is_replica || status->source_count > 1 || !status->uses_gtid)
		return refuse_at_first(status, step);
	r = note(drain, view);
	if (r < 0)
		return r;
	/* A replica whose own commits wait for an acknowledgement never applies anything. */
	if (facts->is_waiting_on && !status->is_writable)
		return plan_stop_waiting(facts, step);
	if (is_stopped(status->receiver))
		return finish(drain, view, step);
	if (!is_stopped(status->applier))
		return step_word(step, view, WORD_STOP_RECEIVER);
	if (!drain->is_started)
		return start_applier(drain, view, step);
	if (!status->applier_errno)
		return step_refuse(step, EBUSY, "the applier was started, and somebody stopped it");
	return refuse_stopped(facts, drain->left, step);
}
