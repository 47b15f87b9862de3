/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements that the agent sends itself: the first round of start, or those of monitor. What
 * comes later is the sender's (sender.c). */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>

struct haops_announcement ipaddr2_announcement(const struct ipaddr2_config *cfg,
					       const struct ipaddr2_group *group)
{
	return (struct haops_announcement){.ifindex = group->ifindex,
					   .addrs = group->addrs,
					   .count = group->count,
					   .form = cfg->form,
					   .targets = cfg->targets,
					   .target_count = cfg->target_count};
}

void ipaddr2_announce(struct ocf_run *run, const struct ipaddr2_config *cfg,
		      const struct ipaddr2_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct haops_announcement what = ipaddr2_announcement(cfg, &groups->list[i]);
		int rc = haops_arp_announce(ocf_ctx(run), &what, ocf_deadline(run));

		if (rc == -ENETDOWN)
			ocf_log(run, HAOPS_LOG_WARNING,
				"no carrier: to be announced when it comes back");
		else if (rc < 0 && rc != -EOPNOTSUPP)
			ocf_log(run, HAOPS_LOG_WARNING, "not announced: %s",
				haops_ctx_error(ocf_ctx(run)));
	}
}

uint32_t ipaddr2_announce_more(struct ocf_run *run, const struct ipaddr2_config *cfg,
			       const struct ipaddr2_groups *groups, uint32_t rounds)
{
	int64_t interval_ms = cfg->schedule.burst_interval_ms;
	uint32_t sent = 0;

	while (sent < rounds &&
	       haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > interval_ms) {
		ipaddr2_sleep_ms(interval_ms);
		ipaddr2_announce(run, cfg, groups);
		sent++;
	}
	return sent;
}
