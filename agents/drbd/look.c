/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the kernel for the state of the resource: one program at most. */

#include "drbd/drbd.h"
#include "drbd/events.h"
#include "drbd/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fixed texts of drbdsetup, of a resource that is not in the kernel. */
static bool is_absent(const struct drbd_answer *answer)
{
	return !answer->is_done && !answer->is_timed_out && answer->output &&
	       (strstr(answer->output, "No such resource") ||
		strstr(answer->output, "Unknown resource"));
}

static int complain(struct ocf_run *run, int err, const struct drbd_answer *answer)
{
	const char *resource = ocf_str(run, DRBD_RESOURCE);

	if (!answer->is_done)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s: drbdsetup events2: %s", resource,
				answer->line);
	if (err == -E2BIG)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s has more than %d volumes or %d peers, more than this agent "
				"can look after",
				resource, STATE_VOLUMES_MAX, STATE_PEERS_MAX);
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%s: the state that drbdsetup events2 tells is not %s", resource,
			err == -EAGAIN ? "complete" : "understood; is drbd-utils up to date?");
}

/* DRBD 9 has a second form. It is asked for when the first one broke off or is not understood. */
static bool ask_json(struct ocf_run *run, struct state *state)
{
	const char *words[] = {"status", "--json", ocf_str(run, DRBD_RESOURCE), NULL};
	struct drbd_answer answer;
	bool is_read = false;

	if (!drbd_module_is_9())
		return false;
	if (drbd_setup(run, words, ocf_deadline(run), &answer) && answer.is_done)
		is_read = json_read(answer.output, ocf_str(run, DRBD_RESOURCE), state) == 0;
	drbd_answer_done(&answer);
	return is_read;
}

static int read_answer(struct ocf_run *run, const struct drbd_answer *answer, struct state *state)
{
	int r;

	memset(state, 0, sizeof(*state));
	if (is_absent(answer))
		return OCF_SUCCESS;
	r = answer->is_done ? events_read(answer->output, ocf_str(run, DRBD_RESOURCE), state)
			    : -EIO;
	if (r == 0 || (answer->is_done && r != -E2BIG && ask_json(run, state)))
		return OCF_SUCCESS;
	return complain(run, r, answer);
}

static int ask(struct ocf_run *run, struct state *state)
{
	const char *words[] = {"events2", "--now", ocf_str(run, DRBD_RESOURCE), NULL};
	struct drbd_answer answer;
	int r = drbd_require_tools(run);

	if (r != OCF_SUCCESS)
		return r;
	if (!drbd_setup(run, words, ocf_deadline(run), &answer))
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s", answer.line);
	else
		r = read_answer(run, &answer, state);
	drbd_answer_done(&answer);
	return r;
}

int drbd_look(struct ocf_run *run, struct state *ret_state, struct facts *ret_facts)
{
	struct state *state = calloc(1, sizeof(*state));
	int r = OCF_SUCCESS;

	if (!state)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	/* Without the module no resource can be there; drbdsetup would load it. */
	if (drbd_module_is_loaded())
		r = ask(run, state);
	if (r == OCF_SUCCESS) {
		facts_find(state, ret_facts);
		if (ret_state)
			*ret_state = *state;
	}
	free(state);
	return r;
}
