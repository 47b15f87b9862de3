/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Switches the waiting of a primary, and the acknowledging of a replica. Knows no roles: who may
 * acknowledge, and when the waiting may end, is decided elsewhere (docs/decisions/0008). */
#include "plan-durability.h"
#include "internal.h"
#include "text.h"

#define PAUSE_MS 20

static int set_waiting(const struct facts *facts, const char *value, struct step *step)
{
	return step_set(step, text_format("SET GLOBAL %s_enabled=%s", facts->semi_waits, value));
}

int plan_stop_waiting(const struct facts *facts, struct step *step)
{
	int r = set_waiting(facts, "OFF", step);

	step->looks = true;
	return r;
}

/* It never falls back: before anybody sees a commit, without a limit, also with nobody there. */
static int set_how(const struct view *view, struct step *step)
{
	const char *name = view->facts->semi_waits;
	bool is_new = !strcmp(name, "rpl_semi_sync_source");

	return step_set(step, text_format("SET GLOBAL %s_wait_point='AFTER_SYNC', "
					  "GLOBAL %s_timeout=%s, GLOBAL %s_wait_no_%s=ON",
					  name, name, view->dialect->semi_sync_timeout, name,
					  is_new ? "replica" : "slave"));
}

static bool is_set_well(const struct facts *facts)
{
	return facts->waits_after_sync && facts->waits_for_ever && facts->waits_without;
}

bool plan_durability_step(struct durability *durability, const struct view *view, struct step *step)
{
	const struct facts *facts = view->facts;
	bool has_fallen_back = facts->is_waiting_on && !facts->status.waits_for_ack;

	if (durability->wanted == HAOPS_MYSQL_ASYNC) {
		if (!facts->is_waiting_on || durability->is_switched)
			return false;
		durability->is_switched = true;
		(void)set_waiting(facts, "OFF", step);
		return true;
	}
	if (!durability->is_set && !is_set_well(facts)) {
		durability->is_set = true;
		(void)set_how(view, step);
		return true;
	}
	if (has_fallen_back && !durability->is_reset) {
		durability->is_reset = true;
		(void)set_waiting(facts, "OFF", step);
		return true;
	}
	if ((!facts->is_waiting_on || has_fallen_back) && !durability->is_switched) {
		durability->is_switched = true;
		(void)set_waiting(facts, "ON", step);
		return true;
	}
	return false;
}

int plan_durability(void *memory, const struct view *view, struct step *step)
{
	struct durability *durability = memory;
	const struct facts *facts = view->facts;
	bool is_safe = durability->wanted == HAOPS_MYSQL_SAFE;

	if (!facts->semi_waits)
		return is_safe ? step_refuse(step, ENOTSUP,
					     "it has no semi-synchronous replication: "
					     "install its plug-in")
			       : step_done(step);
	if (plan_durability_step(durability, view, step)) {
		step->looks = durability->is_switched;
		return step->statement ? 0 : -ENOMEM;
	}
	if (is_safe ? facts->status.waits_for_ack && is_set_well(facts) : !facts->is_waiting_on)
		return step_done(step);
	return step_refuse(step, EIO, "it took the settings, and does not wait as it should");
}

int plan_set_acking(const struct facts *facts, bool acks, struct step *step)
{
	return step_set(step, text_format("SET GLOBAL %s_enabled=%s", facts->semi_acks,
					  acks ? "ON" : "OFF"));
}

/*
 * The receiver asks for it when it begins, so it is started again. A receiver that is stopped while
 * the applier runs is started, too: an interrupted call leaves it like that.
 */
static int restart(struct acks *acks, const struct view *view, struct step *step)
{
	const struct haops_mysql_status *status = &view->facts->status;

	if (status->receiver != HAOPS_MYSQL_STOPPED)
		return step_word(step, view, WORD_STOP_RECEIVER);
	acks->is_restarted = true;
	return step_word(step, view, WORD_START_RECEIVER);
}

static bool has_errors(const struct haops_mysql_status *status)
{
	return status->receiver != HAOPS_MYSQL_RUNNING && status->receiver_errno;
}

static int await_receiver(const struct acks *acks, const struct view *view, struct step *step)
{
	const struct haops_mysql_status *status = &view->facts->status;

	/* With no source that answers, it asks for it as soon as there is one. */
	if (status->receiver == HAOPS_MYSQL_STOPPED || has_errors(status))
		return status->receiver == HAOPS_MYSQL_CONNECTING
			       ? step_done(step)
			       : step_refuse(step, EIO, "the receiver stopped: %s (%u)",
					     status->receiver_error, status->receiver_errno);
	if (status->receiver == HAOPS_MYSQL_RUNNING && status->acks == acks->wanted)
		return step_done(step);
	return step_pause(step, PAUSE_MS, "the receiver does not connect");
}

int plan_acks(void *memory, const struct view *view, struct step *step)
{
	struct acks *acks = memory;
	const struct facts *facts = view->facts;
	const struct haops_mysql_status *status = &facts->status;
	bool are_stopped =
		status->receiver == HAOPS_MYSQL_STOPPED && status->applier == HAOPS_MYSQL_STOPPED;

	if (!facts->semi_acks)
		return acks->wanted ? step_refuse(step, ENOTSUP,
						  "it has no semi-synchronous replication: "
						  "install its plug-in")
				    : step_done(step);
	if (acks->is_restarted)
		return await_receiver(acks, view, step);
	/* MySQL would lose nothing; but an interrupted call would leave both threads stopped. */
	if (status->applier == HAOPS_MYSQL_STOPPED && !are_stopped && status->acks != acks->wanted)
		return step_refuse(step, EBUSY,
				   "the applier is stopped: the receiver cannot be started again "
				   "without a loss; start the applier, or drain");
	if (facts->is_acking_on != acks->wanted && !acks->is_set) {
		acks->is_set = true;
		(void)plan_set_acking(facts, acks->wanted, step);
		step->looks = true;
		return step->statement ? 0 : -ENOMEM;
	}
	if (!status->is_replica || are_stopped)
		return step_done(step);
	if (status->receiver != HAOPS_MYSQL_STOPPED && status->acks == acks->wanted)
		return step_done(step);
	return restart(acks, view, step);
}
