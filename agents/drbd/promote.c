/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the resource Primary, if its data may be the newest. DRBD has the last word; what it lets
 * pass and the cluster knows better, is refused before. */

#include "drbd/drbd.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 500
/* drbdadm: DRBD refuses for the sake of the data. */
#define STATUS_NO_GOOD_DATA 17

struct attempt {
	struct conf conf;
	struct facts facts;
	struct memory memory;
	enum verdict verdict;
	char problem[DRBD_LINE_MAX]; /* DRBD's own words */
	unsigned int tries;
};

static int refuse(struct ocf_run *run, const struct attempt *attempt)
{
	char reason[512];

	verdict_reason(attempt->verdict, ocf_str(run, DRBD_RESOURCE), attempt->memory.primary,
		       reason, sizeof(reason));
	/* Not chosen again before its state is another one. */
	if (verdict_is_refusal(attempt->verdict))
		drbd_score_remove(run);
	return ocf_fail(run,
			attempt->verdict == VERDICT_NOT_CONFIGURED ? OCF_NOT_RUNNING
								   : OCF_ERR_GENERIC,
			"%s", reason);
}

static int refused_by_drbd(struct ocf_run *run, const struct attempt *attempt)
{
	drbd_score_remove(run);
	return ocf_fail(run, OCF_ERR_GENERIC, "%s: DRBD refuses: %s", ocf_str(run, DRBD_RESOURCE),
			attempt->problem);
}

/* Whether to stop asking DRBD while a peer is Primary. */
static bool is_early_enough(struct ocf_run *run, const struct attempt *attempt)
{
	return attempt->verdict == VERDICT_PEER_PRIMARY && attempt->tries > 0 &&
	       ocf_bool(run, DRBD_FAIL_PROMOTE_EARLY) &&
	       drbd_promoted_elsewhere(run) == DRBD_NOBODY;
}

/* -1: look again; else the code to end with. DRBD's handler fence-peer runs meanwhile. */
static int try_primary(struct ocf_run *run, struct attempt *attempt)
{
	struct drbd_answer answer;
	int r = -1;

	attempt->tries++;
	(void)drbd_adm(run, "primary", NULL, &answer);
	memcpy(attempt->problem, answer.line, DRBD_LINE_MAX);
	if (answer.is_done)
		attempt->problem[0] = '\0';
	if (!answer.is_done && answer.status == STATUS_NO_GOOD_DATA)
		r = refused_by_drbd(run, attempt);
	drbd_answer_done(&answer);
	return r;
}

static int give_up(struct ocf_run *run, const struct attempt *attempt)
{
	if (attempt->verdict == VERDICT_MAY)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s cannot be promoted: %s",
				ocf_str(run, DRBD_RESOURCE), attempt->problem);
	return refuse(run, attempt);
}

/* -1: look again. */
static int step(struct ocf_run *run, struct attempt *attempt)
{
	int r = drbd_look(run, NULL, &attempt->facts);

	if (r != OCF_SUCCESS)
		return r;
	attempt->verdict = drbd_judge(run, &attempt->facts, &attempt->conf, &attempt->memory);
	if (attempt->verdict == VERDICT_IS_PRIMARY)
		return OCF_SUCCESS;
	if (verdict_is_refusal(attempt->verdict))
		return refuse(run, attempt);
	if (is_early_enough(run, attempt)) {
		drbd_score_remove(run);
		return refuse(run, attempt);
	}
	if (drbd_is_late(run))
		return give_up(run, attempt);
	if (attempt->verdict == VERDICT_MAY || attempt->verdict == VERDICT_PEER_PRIMARY) {
		r = try_primary(run, attempt);
		if (r >= 0 || !attempt->problem[0])
			return r;
	}
	drbd_pause(run, AGAIN_MS);
	return -1;
}

/* The cluster has to know it before anybody writes: with a peer that gets each write it can wait
 * for the monitor, alone it cannot. */
static int note(struct ocf_run *run, const struct attempt *attempt)
{
	if (drbd_remember(run) == 0 || attempt->facts.are_peers_uptodate ||
	    attempt->conf.has_quorum)
		return OCF_SUCCESS;
	(void)drbd_make_secondary(run);
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%s: the CIB cannot keep that this node is Primary alone: see the log, or "
			"set remember_primary=false",
			ocf_str(run, DRBD_RESOURCE));
}

static int promote(struct ocf_run *run, struct attempt *attempt)
{
	int r = -1;

	while (r < 0)
		r = step(run, attempt);
	if (r != OCF_SUCCESS)
		return r;
	if (attempt->tries > 0) {
		(void)drbd_fencing_is_fatal(run, &attempt->conf);
		ocf_log(run, HAOPS_LOG_INFO, "%s is Primary", ocf_str(run, DRBD_RESOURCE));
	}
	r = note(run, attempt);
	if (r == OCF_SUCCESS && ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE))
		(void)drbd_adjust(run);
	if (r == OCF_SUCCESS)
		drbd_score_update(run, &attempt->facts);
	return r;
}

int drbd_promote(struct ocf_run *run)
{
	struct attempt *attempt;
	int r = drbd_check_clone(run);

	if (r != OCF_SUCCESS)
		return r;
	attempt = calloc(1, sizeof(*attempt));
	if (!attempt)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	r = drbd_conf_load(run, &attempt->conf);
	if (r == OCF_SUCCESS)
		r = promote(run, attempt);
	free(attempt);
	return r;
}
