/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stop_outdates_secondary: a node that leaves while another one is Primary marks its own data as
 * outdated on its disk, so that it is not promoted before it was synchronised. */

#include "drbd/drbd.h"

#include <string.h>

#define NAME_BYTES 256

static bool is_in(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list && *list) {
		size_t word;

		list += strspn(list, " ");
		word = strcspn(list, " ");
		if (word == len && strncmp(list, name, len) == 0)
			return true;
		list += word;
	}
	return false;
}

static const char *promoted_list(const struct ocf_run *run)
{
	const char *list = ocf_meta(run, "notify_promoted_uname");

	return list ? list : ocf_meta(run, "notify_master_uname");
}

/* Another node that Pacemaker knows to be promoted and is not stopping just now. */
static bool find_primary(const struct ocf_run *run, char name[NAME_BYTES])
{
	const char *list = promoted_list(run);
	char own[MEMORY_NODE_MAX];

	drbd_own_name(run, own);
	while (list && *list) {
		size_t len;

		list += strspn(list, " ");
		len = strcspn(list, " ");
		if (len > 0 && len < NAME_BYTES) {
			memcpy(name, list, len);
			name[len] = '\0';
			if (strcmp(name, own) != 0 &&
			    !is_in(ocf_meta(run, "notify_stop_uname"), name) &&
			    !is_in(ocf_meta(run, "notify_demote_uname"), name))
				return true;
		}
		list += len;
	}
	return false;
}

void drbd_outdate_self(struct ocf_run *run, const struct facts *facts)
{
	const char *resource = ocf_str(run, DRBD_RESOURCE);
	struct drbd_answer answer;
	char primary[NAME_BYTES];

	if (!ocf_bool(run, DRBD_STOP_OUTDATES_SECONDARY) || !find_primary(run, primary))
		return;
	if (facts->is_primary) {
		ocf_log(run, HAOPS_LOG_ERROR,
			"split brain: %s is Primary here and on %s, and they are not connected",
			resource, primary);
		return;
	}
	if (drbd_adm(run, "outdate", NULL, &answer) && answer.is_done) {
		ocf_log(run, HAOPS_LOG_INFO, "%s is outdated here: %s is Primary", resource,
			primary);
		drbd_score_remove(run);
	} else {
		ocf_log(run, HAOPS_LOG_WARNING, "%s could not be outdated: %s", resource,
			answer.line);
	}
	drbd_answer_done(&answer);
}
