/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stops, sets the source, starts, and waits for both threads or for an error. What was received
 * from the former source is fetched again from the new one, so this one must have it: that is
 * decided elsewhere.
 */
#include "plan-repoint.h"
#include "change.h"
#include "internal.h"
#include "plan-durability.h"
#include "replication-error.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_PAUSE_MS 5
#define LONGEST_PAUSE_MS 100
#define HAS_DEMOTE_TO_SLAVE 101000 /* MariaDB 10.10 */

void plan_repoint_done(struct repoint *repoint)
{
	free(repoint->shown);
	repoint->shown = NULL;
}

static bool is_stopped(const struct haops_mysql_status *status)
{
	return status->receiver == HAOPS_MYSQL_STOPPED && status->applier == HAOPS_MYSQL_STOPPED;
}

static bool is_its_source(const struct repoint *repoint, const struct haops_mysql_status *status)
{
	unsigned int port = repoint->source->port ? repoint->source->port : 3306;

	return status->is_replica && status->source_port == port && status->uses_gtid &&
	       !strcmp(status->source_host, repoint->source->host);
}

/* Replicates as safely as is wanted now. */
static bool is_its_tls(const struct repoint *repoint, const struct facts *facts)
{
	const struct haops_mysql_source *source = repoint->source;
	bool wants_tls = source->needs_tls || source->ca || source->cert;

	return !facts->tells_tls || (facts->has_tls == wants_tls &&
				     !strcmp(facts->source_ca, source->ca ? source->ca : ""));
}

/* Both threads say that they run also before the source has looked at our position. */
static bool is_replicating(const struct facts *facts)
{
	return facts->status.receiver == HAOPS_MYSQL_RUNNING &&
	       facts->status.applier == HAOPS_MYSQL_RUNNING && facts->is_fed;
}

/* Transactions of its own, which no source has sent it. */
static bool has_own(const struct facts *facts)
{
	return !haops_mysql_gtid_covers(facts->status.applied, facts->status.logged);
}

/* MASTER_DEMOTE_TO_SLAVE takes what bears the server's own number, which may have been changed. */
static bool is_own_position(const struct facts *facts)
{
	char part[24];

	(void)snprintf(part, sizeof(part), "-%" PRIu32 "-", facts->status.server_id);
	return strstr(facts->position, part) != NULL;
}

/* What MASTER_DEMOTE_TO_SLAVE does, for those who do not know it. */
static int take_own(struct repoint *repoint, const struct view *view, struct step *step)
{
	const struct facts *facts = view->facts;
	CLEANUP_FREE char *merged = NULL;
	int r = change_merge_positions(facts->applied_text, facts->position, &merged);

	repoint->has_taken_own = true;
	if (r == -EPROTO)
		return step_refuse(step, EIO, "its position %.60s is not understood",
				   facts->position);
	if (r < 0)
		return r;
	return step_set(step, text_format(view->dialect->words[WORD_SET_APPLIED], merged));
}

static int change(struct repoint *repoint, const struct view *view, struct step *step)
{
	bool can_take_own = view->dialect->words[WORD_SET_APPLIED] != NULL;
	bool takes_own = can_take_own && !repoint->has_taken_own && has_own(view->facts);

	if (takes_own && (view->facts->status.server.version < HAS_DEMOTE_TO_SLAVE ||
			  !is_own_position(view->facts)))
		return take_own(repoint, view, step);
	repoint->is_changed = true;
	repoint->shown = change_shown(view->dialect, repoint->source);
	if (!repoint->shown)
		return -ENOMEM;
	step->shown = repoint->shown;
	return step_set(step, change_text(view->dialect, repoint->source, takes_own));
}

static int refuse_receiver(const struct haops_mysql_status *status, struct step *step)
{
	int err = replication_error_of_receiver(status->receiver_errno, status->receiver_error);
	const char *advice = "";

	if (err == ESTALE)
		advice = "; this server has to be repaired or made anew";
	if (err == ECONNREFUSED)
		advice = "; it goes on trying";
	return step_refuse(step, err, "replicating from %s: %s (%u)%s", status->source_host,
			   status->receiver_error, status->receiver_errno, advice);
}

static int refuse_applier(const struct haops_mysql_status *status, struct step *step)
{
	return step_refuse(step, replication_error_of_applier(status->applier_errno),
			   "applying what comes from %s: %s (%u)", status->source_host,
			   status->applier_error, status->applier_errno);
}

/* The server tells by nothing but its status: it is looked at, less and less often. */
static int await(struct repoint *repoint, const struct view *view, struct step *step)
{
	const struct haops_mysql_status *status = &view->facts->status;
	int64_t pause_ms = FIRST_PAUSE_MS * (int64_t)(1 + repoint->looks++);

	if (status->receiver_errno)
		return refuse_receiver(status, step);
	if (status->applier_errno)
		return refuse_applier(status, step);
	if (is_replicating(view->facts))
		return step_done(step);
	if (pause_ms > LONGEST_PAUSE_MS)
		pause_ms = LONGEST_PAUSE_MS;
	(void)step_pause(step, pause_ms, "replicating from %s did not begin in time",
			 status->source_host);
	if (status->receiver == HAOPS_MYSQL_CONNECTING)
		step->err = ECONNREFUSED;
	return 0;
}

static int refuse_at_first(const struct facts *facts, struct step *step)
{
	const struct haops_mysql_status *status = &facts->status;

	if (status->is_writable)
		return step_refuse(step, EPERM, "it is writable: demote it first");
	if (status->source_count > 1)
		return step_refuse(step, EIO,
				   "it replicates from %u sources: leave it one, the others are "
				   "not "
				   "managed",
				   status->source_count);
	if (facts->is_waiting_on && facts->waiting_count && !status->is_replica)
		return step_refuse(step, EPERM,
				   "%" PRIu64 " sessions wait for an acknowledgement: demote it "
				   "first",
				   facts->waiting_count);
	return 0;
}

int plan_repoint(void *memory, const struct view *view, struct step *step)
{
	struct repoint *repoint = memory;
	const struct facts *facts = view->facts;

	(void)refuse_at_first(facts, step);
	if (step->kind == STEP_REFUSE)
		return 0;
	/* Its applier's commits would wait for an acknowledgement for ever, and STOP for them. */
	if (facts->is_waiting_on)
		return plan_stop_waiting(facts, step);
	if (repoint->is_started)
		return await(repoint, view, step);
	if (is_its_source(repoint, &facts->status) && is_its_tls(repoint, facts) &&
	    is_replicating(facts))
		return step_done(step);
	if (!repoint->is_changed && !is_stopped(&facts->status))
		return step_word(step, view, WORD_STOP);
	if (view->dialect->words[WORD_STRICT] && !facts->is_strict && !repoint->is_strict) {
		repoint->is_strict = true;
		return step_set(step, strdup(view->dialect->words[WORD_STRICT]));
	}
	if (!repoint->is_changed)
		return change(repoint, view, step);
	repoint->is_started = true;
	return step_word(step, view, WORD_START);
}
