/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The background senders of a resource: one per interface that has addresses of it, in numbered
 * slots, so that stop finds them without knowing the interfaces. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 150
#define INSTANCE_MAX_LEN 100

static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * 16777619u;
	return value;
}

/*
 * Without a resource name (a shell) the address tells resources apart. A long name is cut, with its
 * hash in place of the rest.
 */
static void sender_name(const struct ocf_run *run, const struct ipaddr2_config *cfg, size_t slot,
			char name[NAME_MAX_LEN + 1])
{
	const char *instance = ocf_instance(run);
	char first[HAOPS_ADDR_TEXT_MAX] = "";

	if (strcmp(instance, "default") == 0 && cfg->count > 0)
		haops_addr_format(&cfg->addrs[0], first);
	if (strlen(instance) > INSTANCE_MAX_LEN)
		(void)snprintf(name, NAME_MAX_LEN + 1, "IPaddr2-%.*s-%08x-%zu",
			       INSTANCE_MAX_LEN - 9, instance, hash(instance), slot);
	else
		(void)snprintf(name, NAME_MAX_LEN + 1, "IPaddr2-%s%s-%zu", instance, first, slot);
}

/* Loopback, tunnels and the like have no neighbours to be told. */
static bool can_announce(struct ocf_run *run, int ifindex)
{
	struct haops_link link;

	if (ifindex == IPADDR2_LOOPBACK_IFINDEX ||
	    haops_link_get_by_index(ocf_ctx(run), ifindex, ocf_deadline(run), &link) < 0)
		return false;
	return !link.is_loopback && !link.has_no_arp &&
	       (link.type == ARPHRD_ETHER || link.type == ARPHRD_INFINIBAND);
}

void ipaddr2_senders_start(struct ocf_run *run, const struct ipaddr2_config *cfg,
			   const struct ipaddr2_groups *groups, uint32_t skip_rounds)
{
	char name[NAME_MAX_LEN + 1];
	int rc = ipaddr2_senders_stop(run, cfg);

	for (size_t i = 0; i < groups->count && rc == 0; i++) {
		const struct haops_announcement what = ipaddr2_announcement(cfg, &groups->list[i]);

		sender_name(run, cfg, i, name);
		if (can_announce(run, what.ifindex))
			rc = haops_announcer_start(ocf_ctx(run), name, &what, &cfg->schedule,
						   skip_rounds);
	}
	if (rc < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "no further announcements: %s",
			haops_ctx_error(ocf_ctx(run)));
}

int ipaddr2_senders_stop(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	size_t slots = cfg->count == 0 || cfg->count > IPADDR2_GROUPS_MAX ? IPADDR2_GROUPS_MAX
									  : cfg->count;
	char name[NAME_MAX_LEN + 1];
	int rc = 0;

	for (size_t i = 0; i < slots; i++) {
		int slot_rc;

		sender_name(run, cfg, i, name);
		slot_rc = haops_announcer_stop(ocf_ctx(run), name, ocf_deadline(run));
		rc = rc == 0 ? slot_rc : rc;
	}
	return rc;
}

bool ipaddr2_has_sender(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	char name[NAME_MAX_LEN + 1];
	bool is_running = false;

	sender_name(run, cfg, 0, name);
	return haops_announcer_query(ocf_ctx(run), name, &is_running) == 0 && is_running;
}

bool ipaddr2_senders_are_running(struct ocf_run *run, const struct ipaddr2_config *cfg,
				 const struct ipaddr2_groups *groups)
{
	char name[NAME_MAX_LEN + 1];

	for (size_t i = 0; i < groups->count; i++) {
		bool is_running = true;

		if (groups->list[i].ifindex == IPADDR2_LOOPBACK_IFINDEX)
			continue;
		sender_name(run, cfg, i, name);
		/* Where it cannot be found out, nothing is done about it. */
		if (haops_announcer_query(ocf_ctx(run), name, &is_running) == 0 && !is_running &&
		    can_announce(run, groups->list[i].ifindex))
			return false;
	}
	return true;
}
