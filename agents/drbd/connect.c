/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings the kernel to what drbd.conf says, and waits for the connections. */

#include "drbd/drbd.h"

#include "util/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Kept for what comes after the wait. */
#define REST_MS 10000
#define NAME_BYTES 128

/* A word of a list of nodes that is not the own node; false if there is none. */
static bool other_node(const char *list, const char *own, char name[NAME_BYTES])
{
	while (list && *list) {
		size_t len;

		list += strspn(list, " ");
		len = strcspn(list, " ");
		if (len > 0 && len < NAME_BYTES &&
		    (len != strlen(own) || strncmp(list, own, len) != 0)) {
			memcpy(name, list, len);
			name[len] = '\0';
			return true;
		}
		list += len;
	}
	return false;
}

/* DRBD 8.4 has one peer; where drbd.conf names more hosts, it is the one that takes part. */
static bool find_peer(struct ocf_run *run, char name[NAME_BYTES])
{
	static const char *const metas[] = {"notify_start_uname",      "notify_promote_uname",
					    "notify_promoted_uname",   "notify_master_uname",
					    "notify_unpromoted_uname", "notify_slave_uname",
					    "notify_demote_uname"};
	char own[MEMORY_NODE_MAX];

	drbd_own_name(run, own);
	for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++)
		if (other_node(ocf_meta(run, metas[i]), own, name))
			return true;
	return false;
}

int drbd_adjust(struct ocf_run *run)
{
	char peer[NAME_BYTES];
	const char *more[] = {"--peer", peer, NULL};
	bool has_peer = !drbd_module_is_9() && find_peer(run, peer);
	struct drbd_answer answer;
	int r = OCF_SUCCESS;

	if (!drbd_adm(run, "adjust", has_peer ? more : NULL, &answer) || !answer.is_done)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s: drbdadm adjust: %s",
			     ocf_str(run, DRBD_RESOURCE), answer.line);
	drbd_answer_done(&answer);
	return r;
}

/* A time of 0 is for ever to drbdsetup; here it is as long as the operation allows. */
static int64_t limit_of(struct ocf_run *run, int64_t wish_s)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - REST_MS;
	int64_t limit = wish_s > 0 && wish_s * 1000 < left ? wish_s * 1000 : left;

	return haops_deadline_after(ocf_ctx(run), limit);
}

static void wait_for(struct ocf_run *run, const char *command, const char *object, int64_t wish_s)
{
	char options[3][40];
	const char *words[] = {command, object, options[0], options[1], options[2], NULL};
	static const char *const names[] = {"wfc-timeout", "degr-wfc-timeout",
					    "outdated-wfc-timeout"};
	struct drbd_answer answer;

	for (size_t i = 0; i < 3; i++)
		(void)snprintf(options[i], sizeof(options[i]), "--%s=%" PRId64, names[i], wish_s);
	(void)drbd_setup(run, words, limit_of(run, wish_s), &answer);
	if (!answer.is_done)
		ocf_log(run, HAOPS_LOG_INFO, "%s is not connected yet",
			ocf_str(run, DRBD_RESOURCE));
	drbd_answer_done(&answer);
}

void drbd_wait_connected(struct ocf_run *run, const struct state *state)
{
	char minor[24];
	int64_t wish_s;

	if (num_parse(ocf_str(run, DRBD_WFC_TIMEOUT), 0, INT32_MAX, &wish_s) < 0)
		return;
	if (drbd_module_is_9()) {
		wait_for(run, "wait-connect-resource", ocf_str(run, DRBD_RESOURCE), wish_s);
		return;
	}
	/* All volumes of 8.4 share one connection. */
	for (size_t i = 0; i < state->volume_count && i < 1; i++) {
		(void)snprintf(minor, sizeof(minor), "%" PRId64, state->volumes[i].minor);
		wait_for(run, "wait-connect", minor, wish_s);
	}
}
