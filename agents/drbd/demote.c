/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the resource Secondary. Who holds its device may let it go at any time, without a notice of
 * the kernel: it is tried until the deadline, and told who that is. */

#include "drbd/drbd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 300
#define HOLDER_MAX 200

struct attempt {
	struct state state;
	struct facts facts;
	char problem[DRBD_LINE_MAX];
	char holder[HOLDER_MAX];
};

/* DRBD 9 changes the resource, 8.4 each of its volumes. */
static void try_secondary(struct ocf_run *run, struct attempt *attempt)
{
	char minor[24];

	if (drbd_module_is_9()) {
		drbd_setup_change(run, "secondary", ocf_str(run, DRBD_RESOURCE), attempt->problem);
		return;
	}
	for (size_t i = 0; i < attempt->state.volume_count; i++) {
		(void)snprintf(minor, sizeof(minor), "%" PRId64, attempt->state.volumes[i].minor);
		drbd_setup_change(run, "secondary", minor, attempt->problem);
		if (attempt->problem[0])
			break;
	}
}

/* Each holder is told once. */
static void name_holder(struct ocf_run *run, struct attempt *attempt)
{
	char holder[HOLDER_MAX] = "";

	if (!drbd_holder_find(run, &attempt->state, holder, sizeof(holder)) ||
	    strcmp(holder, attempt->holder) == 0)
		return;
	memcpy(attempt->holder, holder, HOLDER_MAX);
	ocf_log(run, HAOPS_LOG_WARNING, "%s cannot be demoted yet: %s", ocf_str(run, DRBD_RESOURCE),
		holder);
}

static int give_up(struct ocf_run *run, const struct attempt *attempt)
{
	return ocf_fail(run, OCF_ERR_GENERIC, "%s is still Primary: %s",
			ocf_str(run, DRBD_RESOURCE),
			attempt->holder[0] ? attempt->holder : attempt->problem);
}

/* -1: not yet. */
static int step(struct ocf_run *run, struct attempt *attempt)
{
	int r;

	/* What was refused a moment ago needs no look. */
	if (drbd_is_late(run) && attempt->problem[0])
		return give_up(run, attempt);
	r = drbd_look(run, &attempt->state, &attempt->facts);
	if (r != OCF_SUCCESS)
		return r;
	if (!attempt->facts.is_configured)
		return OCF_NOT_RUNNING;
	if (!attempt->facts.is_primary)
		return OCF_SUCCESS;
	if (drbd_is_late(run))
		return give_up(run, attempt);
	try_secondary(run, attempt);
	return -1;
}

int drbd_make_secondary(struct ocf_run *run)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	int r = -1;

	if (!attempt)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	while (r < 0) {
		r = step(run, attempt);
		if (r >= 0 || !attempt->problem[0])
			continue;
		name_holder(run, attempt);
		drbd_pause(run, AGAIN_MS);
	}
	free(attempt);
	return r;
}

int drbd_demote(struct ocf_run *run)
{
	int r = ocf_require(run, DRBD_RESOURCE);

	if (r != OCF_SUCCESS)
		return r;
	r = drbd_make_secondary(run);
	if (r == OCF_NOT_RUNNING)
		return ocf_fail(run, OCF_NOT_RUNNING, "%s is not started",
				ocf_str(run, DRBD_RESOURCE));
	if (r == OCF_SUCCESS)
		drbd_forget_hint(run);
	return r;
}
