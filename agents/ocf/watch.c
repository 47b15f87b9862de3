/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch records of the resource that an agent runs (haops/watch.h). None of it can fail an action:
 * without a record the resource is watched by its monitor alone, as without haopsd. */
#include "ocf/run.h"

#include <string.h>

/* Pacemaker gives each action variables of its own; whoever else runs agents gives none. */
static bool is_pacemaker(const struct ocf_run *run)
{
	static const char meta[] = "OCF_RESKEY_CRM_meta_";

	for (const char *const *entry = run->environment; *entry; entry++) {
		if (strncmp(*entry, meta, sizeof(meta) - 1) == 0)
			return true;
	}
	return false;
}

static bool is_monitor(const struct ocf_run *run)
{
	return strcmp(ocf_action_name(run), "monitor") == 0;
}

void ocf_watch_put(struct ocf_run *run, const struct haops_watch *what)
{
	struct haops_watch watch = *what;

	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", ocf_instance(run));
	(void)snprintf(watch.provider, sizeof(watch.provider), "%s", run->agent->provider);
	(void)snprintf(watch.agent, sizeof(watch.agent), "%s", run->agent->name);
	watch.is_pacemaker = is_pacemaker(run);
	/* A monitor tries again each time; start has told it. */
	if (haops_watch_put(ocf_ctx(run), &watch) < 0)
		ocf_log(run, is_monitor(run) ? HAOPS_LOG_DEBUG : HAOPS_LOG_WARNING,
			"haopsd cannot watch this: %s", haops_ctx_error(ocf_ctx(run)));
}

bool ocf_watch_is_wanted(struct ocf_run *run, bool is_changed)
{
	bool is_put = false;

	/* A monitor by hand could leave a record that nobody ever removes. */
	if (ocf_is_probe(run) || !run->env.instance || !is_pacemaker(run))
		return false;
	return is_changed ||
	       (haops_watch_is_put(ocf_ctx(run), ocf_instance(run), &is_put) == 0 && !is_put);
}

void ocf_watch_remove(struct ocf_run *run)
{
	if (haops_watch_remove(ocf_ctx(run), ocf_instance(run)) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "haopsd may report a loss: %s",
			haops_ctx_error(ocf_ctx(run)));
}
