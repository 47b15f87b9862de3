/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings the resource up: made, attached, connected, Secondary. What is there already stays. */

#include "drbd/drbd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* udev(7) reads a new block device, and holds the disk below it for that moment. */
#define ATTACH_AGAIN_MS 5000
#define PAUSE_MS 100

/* One step by drbdadm. */
static int step(struct ocf_run *run, const char *verb, const char *const *more)
{
	struct drbd_answer answer;
	int r = OCF_SUCCESS;

	if (!drbd_adm(run, verb, more, &answer) || !answer.is_done)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s: drbdadm %s: %s",
			     ocf_str(run, DRBD_RESOURCE), verb, answer.line);
	drbd_answer_done(&answer);
	return r;
}

/* Internal meta-data is at the end: after the disk grew while all was down, it is to be moved. A
 * disk that did not needs none of it, and attach tells what is wrong. */
static void check_resize(struct ocf_run *run)
{
	struct drbd_answer answer;

	(void)drbd_adm(run, "check-resize", NULL, &answer);
	if (!answer.is_done)
		ocf_log(run, HAOPS_LOG_DEBUG, "%s: drbdadm check-resize: %s",
			ocf_str(run, DRBD_RESOURCE), answer.line);
	drbd_answer_done(&answer);
}

static bool are_nodes_there(const struct state *state)
{
	for (size_t i = 0; i < state->volume_count; i++) {
		char path[40];
		struct stat st;

		(void)snprintf(path, sizeof(path), "/dev/drbd%" PRId64, state->volumes[i].minor);
		if (stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
			return false;
	}
	return state->volume_count > 0;
}

/* udev(7) makes them. */
static int wait_for_nodes(struct ocf_run *run, struct state *state)
{
	struct facts facts;
	int r = drbd_look(run, state, &facts);

	while (r == OCF_SUCCESS && !are_nodes_there(state)) {
		if (drbd_is_late(run))
			return ocf_fail(run, OCF_ERR_GENERIC,
					"%s: its devices below /dev did not appear in time",
					ocf_str(run, DRBD_RESOURCE));
		drbd_pause(run, PAUSE_MS);
	}
	return r;
}

static bool is_unattached(const struct facts *facts)
{
	return !facts->is_client &&
	       (facts->worst == STATE_DISKLESS || facts->worst == STATE_DISK_UNKNOWN);
}

static bool try_attach(struct ocf_run *run, struct drbd_answer *answer)
{
	static const char *const skip_net[] = {"--skip-net", NULL};

	if (drbd_module_is_9())
		(void)drbd_adm(run, "adjust", skip_net, answer);
	else
		(void)drbd_adm(run, "attach", NULL, answer);
	return answer->is_done;
}

static int attach(struct ocf_run *run)
{
	int64_t limit = haops_deadline_after(ocf_ctx(run), ATTACH_AGAIN_MS);
	struct drbd_answer answer;
	int r = OCF_SUCCESS;

	while (!try_attach(run, &answer)) {
		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0) {
			r = ocf_fail(run, OCF_ERR_GENERIC, "%s: its disk cannot be attached: %s",
				     ocf_str(run, DRBD_RESOURCE), answer.line);
			break;
		}
		drbd_answer_done(&answer);
		drbd_pause(run, PAUSE_MS);
	}
	drbd_answer_done(&answer);
	return r;
}

static int make(struct ocf_run *run, struct state *state, const struct facts *facts)
{
	int r = OCF_SUCCESS;

	if (!facts->is_configured) {
		check_resize(run);
		r = step(run, "new-resource", NULL);
	}
	if (r == OCF_SUCCESS && state->volume_count == 0) {
		r = step(run, "new-minor", NULL);
		if (r == OCF_SUCCESS)
			r = wait_for_nodes(run, state);
	}
	return r == OCF_SUCCESS && is_unattached(facts) ? attach(run) : r;
}

static int connect_all(struct ocf_run *run, struct state *state)
{
	int r;

	if (ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE))
		return OCF_SUCCESS;
	r = drbd_adjust(run);
	if (r == OCF_SUCCESS)
		drbd_wait_connected(run, state);
	return r;
}

static int finish(struct ocf_run *run, struct facts *facts)
{
	int r = drbd_look(run, NULL, facts);

	if (r != OCF_SUCCESS)
		return r;
	if (!facts->is_configured)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s is not there after it was started",
				ocf_str(run, DRBD_RESOURCE));
	drbd_score_update(run, facts);
	drbd_watch(run);
	return OCF_SUCCESS;
}

static int start_with(struct ocf_run *run, struct state *state)
{
	const char *resource = ocf_str(run, DRBD_RESOURCE);
	struct facts facts;
	int r = drbd_look(run, state, &facts);

	if (r != OCF_SUCCESS)
		return r;
	if (facts.is_primary) {
		ocf_log(run, HAOPS_LOG_WARNING, "%s is Primary already: it is demoted", resource);
		r = drbd_make_secondary(run);
	}
	if (r == OCF_SUCCESS)
		r = make(run, state, &facts);
	if (r == OCF_SUCCESS)
		r = connect_all(run, state);
	if (r == OCF_SUCCESS && !facts.is_configured)
		ocf_log(run, HAOPS_LOG_INFO, "%s is up", resource);
	return r == OCF_SUCCESS ? finish(run, &facts) : r;
}

int drbd_start(struct ocf_run *run)
{
	struct state *state;
	struct conf conf;
	int r = drbd_check_clone(run);

	if (r == OCF_SUCCESS)
		r = drbd_require_tools(run);
	if (r == OCF_SUCCESS)
		r = drbd_module_require(run);
	/* clone-max of 8.4 is known once the module is there. */
	if (r == OCF_SUCCESS)
		r = drbd_check_clone(run);
	if (r == OCF_SUCCESS)
		r = drbd_conf_load(run, &conf);
	if (r != OCF_SUCCESS)
		return r;
	state = calloc(1, sizeof(*state));
	if (!state)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	(void)drbd_fencing_is_fatal(run, &conf);
	drbd_forget_hint(run);
	ocf_watch_remove(run);
	r = start_with(run, state);
	free(state);
	return r;
}
