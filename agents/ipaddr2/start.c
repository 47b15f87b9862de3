/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start action: place, look, ask for duplicates, add, announce, leave a sender behind. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/cleanup.h"

/* RFC 5227 has 1 to 2 seconds between probes; on today's links an answer comes within milliseconds,
 * and the failover waits for this. */
#define PROBE_COUNT 3
#define PROBE_INTERVAL_MS 300
#define PROBE_WAIT_MS 900
#define CARRIER_WAIT_MS 5000
#define CARRIER_POLL_MS 10

/* One start: the plan, and what was found out. All arrays have room for cfg->count. */
struct start {
	struct ocf_run *run;
	const struct ipaddr2_config *cfg;
	struct haops_vip *vips;	     /* all, as they are to be */
	struct haops_vip *missing;   /* those that are to be added */
	struct haops_addr *stale;    /* those that are there, but wrong: removed first */
	struct haops_vip *detecting; /* IPv6: those to wait for */
	size_t missing_count;
	size_t stale_count;
	size_t detecting_count;
	struct ipaddr2_groups groups;
	struct haops_link links[IPADDR2_GROUPS_MAX];
};

static void done(struct start *start)
{
	free(start->vips);
	free(start->missing);
	free(start->stale);
	free(start->detecting);
	ipaddr2_groups_done(&start->groups);
}

static int make(struct start *start)
{
	size_t count = start->cfg->count;

	start->vips = calloc(count, sizeof(*start->vips));
	start->missing = calloc(count, sizeof(*start->missing));
	start->stale = calloc(count, sizeof(*start->stale));
	start->detecting = calloc(count, sizeof(*start->detecting));
	if (!start->vips || !start->missing || !start->stale || !start->detecting)
		return ocf_fail(start->run, OCF_ERR_GENERIC, "memory is short");
	return OCF_SUCCESS;
}

static void warn_settings(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	if (cfg->is_dotted_netmask)
		ocf_log(run, HAOPS_LOG_WARNING, "cidr_netmask: write %d instead of %s",
			cfg->prefix_len,
			ocf_str(run, ocf_is_set(run, P_CIDR_NETMASK) ? P_CIDR_NETMASK : P_NETMASK));
	if (cfg->unknown_send_arp_opt)
		ocf_log(run, HAOPS_LOG_WARNING,
			"send_arp_opts: \"%.40s\" is ignored, only -A and -U are known",
			cfg->unknown_send_arp_opt);
}

/* After the link was set up, the carrier needs a moment, and a probe or IPv6 needs the carrier. */
static int wait_carrier(struct ocf_run *run, struct haops_link *link)
{
	struct haops_ctx *ctx = ocf_ctx(run);
	int64_t end = haops_deadline_after(ctx, CARRIER_WAIT_MS);

	while (!link->has_carrier && haops_deadline_left_ms(ctx, end) > 0 &&
	       haops_deadline_left_ms(ctx, ocf_deadline(run)) > CARRIER_WAIT_MS) {
		int rc;

		ipaddr2_sleep_ms(CARRIER_POLL_MS);
		rc = haops_link_get_by_index(ctx, link->ifindex, ocf_deadline(run), link);
		if (rc < 0)
			return ocf_fail_haops(run, rc, NULL);
	}
	return OCF_SUCCESS;
}

static int set_link_up(struct ocf_run *run, const struct ipaddr2_config *cfg,
		       struct haops_link *link)
{
	int rc;

	/* An interface that nobody named and that somebody has set down is not ours to set up. */
	if (!*cfg->nic)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"interface %s is down: set it up, or name it in parameter nic",
				link->name);
	rc = haops_link_set_up(ocf_ctx(run), link->ifindex, ocf_deadline(run));
	if (rc < 0)
		return ocf_fail(run, rc == -EPERM ? OCF_ERR_PERM : OCF_ERR_GENERIC,
				"interface %s is down and cannot be set up: %s", link->name,
				haops_ctx_error(ocf_ctx(run)));
	ocf_log(run, HAOPS_LOG_INFO, "interface %s was down: set up", link->name);
	return wait_carrier(run, link);
}

static int prepare_link(struct start *start, size_t group)
{
	struct ocf_run *run = start->run;
	struct haops_link *link = &start->links[group];
	int rc = haops_link_get_by_index(ocf_ctx(run), start->groups.list[group].ifindex,
					 ocf_deadline(run), link);

	if (rc < 0)
		return ocf_fail_haops(run, rc, NULL);
	if (ocf_bool(run, P_CHECK_LINK_STATUS) && !(link->is_up && link->has_carrier))
		return ocf_fail(run, OCF_ERR_GENERIC, "interface %s %s", link->name,
				link->is_up ? "has no carrier" : "is down");
	return link->is_up ? OCF_SUCCESS : set_link_up(run, start->cfg, link);
}

static int prepare_links(struct start *start)
{
	int rc = ipaddr2_groups_make(start->vips, start->cfg->count, &start->groups);

	if (rc == -E2BIG)
		return ocf_fail(start->run, OCF_ERR_ARGS,
				"parameter ip: the addresses belong to more than %d interfaces: "
				"make more "
				"resources",
				IPADDR2_GROUPS_MAX);
	if (rc < 0)
		return ocf_fail(start->run, OCF_ERR_GENERIC, "memory is short");
	for (size_t i = 0; i < start->groups.count; i++) {
		rc = prepare_link(start, i);
		if (rc != OCF_SUCCESS)
			return rc;
	}
	return OCF_SUCCESS;
}

static const struct haops_link *link_of(const struct start *start, int ifindex)
{
	size_t i = 0;

	while (start->links[i].ifindex != ifindex)
		i++;
	return &start->links[i];
}

static void sort_in(struct start *start, const struct haops_vip *vip,
		    const struct haops_vip_found *found)
{
	enum ipaddr2_fit fit =
		ipaddr2_judge(&vip->addr, found, vip->ifindex, start->cfg->prefix_len);
	bool is_detected = vip->addr.family == AF_INET || vip->nodad;

	if (fit != FIT_RIGHT)
		start->missing[start->missing_count++] = *vip;
	if (fit != FIT_RIGHT && fit != FIT_ABSENT)
		start->stale[start->stale_count++] = vip->addr;
	if (is_detected || (fit == FIT_RIGHT && found->state == HAOPS_VIP_PRESENT))
		return;
	if (link_of(start, vip->ifindex)->has_carrier)
		start->detecting[start->detecting_count++] = *vip;
}

static int look(struct start *start)
{
	struct ocf_run *run = start->run;
	size_t count = start->cfg->count;
	CLEANUP_FREE struct haops_vip_found *found = calloc(count, sizeof(*found));
	int rc;

	if (!found)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	rc = haops_vip_query(ocf_ctx(run), start->cfg->addrs, count, start->vips[0].ifindex,
			     ocf_deadline(run), found);
	if (rc < 0)
		return ocf_fail_haops(run, rc, NULL);
	for (size_t i = 0; i < count; i++)
		sort_in(start, &start->vips[i], &found[i]);
	return OCF_SUCCESS;
}

static int remove_stale(struct start *start)
{
	struct ocf_run *run = start->run;
	char text[HAOPS_ADDR_TEXT_MAX];
	int rc;

	for (size_t i = 0; i < start->stale_count; i++)
		ocf_log(run, HAOPS_LOG_WARNING,
			"%s was there already, but on another interface, with another prefix "
			"length or "
			"as a duplicate: replaced",
			haops_addr_format(&start->stale[i], text));
	if (start->stale_count == 0)
		return OCF_SUCCESS;
	rc = haops_vip_remove(ocf_ctx(run), start->stale, start->stale_count, ocf_deadline(run),
			      NULL);
	return rc < 0 ? ocf_fail_haops(run, rc, NULL) : OCF_SUCCESS;
}

static int ask_group(struct ocf_run *run, const struct ipaddr2_group *group)
{
	const struct haops_arp_probe_spec probe = {.ifindex = group->ifindex,
						   .addrs = group->addrs,
						   .addr_count = group->count,
						   .count = PROBE_COUNT,
						   .interval_ms = PROBE_INTERVAL_MS,
						   .wait_ms = PROBE_WAIT_MS};
	struct haops_arp_conflict conflict;
	char text[HAOPS_ADDR_TEXT_MAX];
	bool has_conflict;
	int rc = haops_arp_probe(ocf_ctx(run), &probe, ocf_deadline(run), &has_conflict, &conflict);

	if (rc == -EOPNOTSUPP)
		return OCF_SUCCESS;
	if (rc < 0)
		return ocf_fail(run, rc == -EPERM ? OCF_ERR_PERM : OCF_ERR_GENERIC,
				"not known whether another host has the address: %s",
				haops_ctx_error(ocf_ctx(run)));
	if (!has_conflict)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%s is in use by the host with MAC %02x:%02x:%02x:%02x:%02x:%02x: stop it "
			"there",
			haops_addr_format(&conflict.addr, text), conflict.mac[0], conflict.mac[1],
			conflict.mac[2], conflict.mac[3], conflict.mac[4], conflict.mac[5]);
}

static int ask_for_duplicates(struct start *start)
{
	CLEANUP_GROUPS struct ipaddr2_groups groups = {0};

	if (!ocf_bool(start->run, P_RUN_ARPING))
		return OCF_SUCCESS;
	if (ipaddr2_groups_make(start->missing, start->missing_count, &groups) < 0)
		return ocf_fail(start->run, OCF_ERR_GENERIC, "memory is short");
	for (size_t i = 0; i < groups.count; i++) {
		int rc = ask_group(start->run, &groups.list[i]);

		if (rc != OCF_SUCCESS)
			return rc;
	}
	return OCF_SUCCESS;
}

static int prove(struct start *start)
{
	return ipaddr2_lease_prove(start->run, start->cfg);
}

static int claim(struct start *start)
{
	return ipaddr2_lease_claim(start->run, start->cfg, start->missing, start->missing_count);
}

static int begin_lease(struct start *start)
{
	return ipaddr2_lease_begin(start->run, start->cfg, start->missing, start->missing_count);
}

static void log_added(struct start *start)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	const struct haops_vip *first = &start->missing[0];
	const char *name;

	if (start->missing_count == 0)
		return;
	haops_addr_format(&first->addr, text);
	name = link_of(start, first->ifindex)->name;
	if (start->missing_count == 1)
		ocf_log(start->run, HAOPS_LOG_INFO, "added %s/%d to %s", text, first->prefix_len,
			name);
	else
		ocf_log(start->run, HAOPS_LOG_INFO, "added %zu addresses, the first is %s/%d on %s",
			start->missing_count, text, first->prefix_len, name);
}

static int add_missing(struct start *start)
{
	int rc;

	if (start->missing_count == 0)
		return OCF_SUCCESS;
	rc = haops_vip_add(ocf_ctx(start->run), start->missing, start->missing_count,
			   ocf_deadline(start->run));
	return rc < 0 ? ocf_fail_haops(start->run, rc, NULL) : OCF_SUCCESS;
}

/* Gives the reason why the kernel's detection did not succeed, and takes back what start added. */
static int give_up_detection(struct start *start)
{
	struct haops_ctx *ctx = ocf_ctx(start->run);
	char reason[256];

	(void)snprintf(reason, sizeof(reason), "%s", haops_ctx_error(ctx));
	for (size_t i = 0; i < start->missing_count; i++)
		start->stale[i] = start->missing[i].addr;
	if (start->missing_count > 0 && haops_vip_remove(ctx, start->stale, start->missing_count,
							 haops_deadline_after(ctx, 1000), NULL) < 0)
		ocf_log(start->run, HAOPS_LOG_WARNING, "not taken back: %s", haops_ctx_error(ctx));
	return ocf_fail(start->run, OCF_ERR_GENERIC, "%s", reason);
}

/* First round for those of vips that are usable: IPv4 at once, IPv6 when the kernel is through. */
static void announce_some(struct start *start, const struct haops_vip *vips, size_t count)
{
	CLEANUP_GROUPS struct ipaddr2_groups groups = {0};

	if (count > 0 && ipaddr2_groups_make(vips, count, &groups) == 0)
		ipaddr2_announce(start->run, start->cfg, &groups);
}

static bool is_in_detection(const struct start *start, const struct haops_vip *vip)
{
	return start->detecting_count > 0 &&
	       bsearch(&vip->addr, start->detecting, start->detecting_count,
		       sizeof(*start->detecting), haops_addr_cmp) != NULL;
}

static int announce_first(struct start *start)
{
	CLEANUP_FREE struct haops_vip *ready = calloc(start->cfg->count, sizeof(*ready));
	size_t ready_count = 0;
	int rc;

	for (size_t i = 0; ready && i < start->cfg->count; i++) {
		if (!is_in_detection(start, &start->vips[i]))
			ready[ready_count++] = start->vips[i];
	}
	announce_some(start, ready, ready_count);
	if (start->detecting_count == 0)
		return OCF_SUCCESS;
	rc = haops_vip_wait_dad(ocf_ctx(start->run), start->detecting, start->detecting_count,
				ocf_deadline(start->run));
	if (rc < 0)
		return give_up_detection(start);
	announce_some(start, start->detecting, start->detecting_count);
	return OCF_SUCCESS;
}

static void announce_on(struct start *start)
{
	struct ocf_run *run = start->run;
	const struct ipaddr2_config *cfg = start->cfg;
	uint32_t sent = 1;

	if (ocf_is_set(run, P_ARP_BG) && !ocf_bool(run, P_ARP_BG))
		sent += ipaddr2_announce_more(run, cfg, &start->groups,
					      cfg->schedule.burst_count - 1);
	ipaddr2_senders_start(run, cfg, &start->groups, sent);
}

static int take_over(struct start *start)
{
	static int (*const steps[])(struct start *) = {prove,
						       make,
						       NULL,
						       prepare_links,
						       look,
						       remove_stale,
						       ask_for_duplicates,
						       claim,
						       prove,
						       add_missing,
						       begin_lease,
						       announce_first};
	int rc = OCF_SUCCESS;

	/* One that an earlier start left is not true any more. */
	ocf_watch_remove(start->run);
	for (size_t i = 0; i < ARRAY_LEN(steps) && rc == OCF_SUCCESS; i++)
		rc = steps[i] ? steps[i](start)
			      : ipaddr2_place(start->run, start->cfg, start->vips);
	if (rc != OCF_SUCCESS)
		return rc;
	log_added(start);
	/* They serve from now on; further rounds can take seconds. */
	ipaddr2_watch(start->run, start->cfg, start->vips);
	rc = ipaddr2_lease_watched(start->run, start->cfg, start->vips);
	if (rc == OCF_SUCCESS)
		announce_on(start);
	return rc;
}

int ipaddr2_start(struct ocf_run *run)
{
	CLEANUP_CONFIG struct ipaddr2_config cfg = {0};
	struct start start = {.run = run, .cfg = &cfg};
	bool is_running = false;
	int rc = ipaddr2_config_read(run, &cfg);

	if (rc != OCF_SUCCESS)
		return ocf_fail(run, (enum ocf_code)rc, "%s", cfg.problem);
	warn_settings(run, &cfg);
	rc = ipaddr2_enter_netns(run);
	/* Confirming announces what is there already: not without proof. */
	if (rc == OCF_SUCCESS)
		rc = ipaddr2_lease_prove(run, &cfg);
	if (rc == OCF_SUCCESS)
		rc = ipaddr2_confirm(run, &is_running);
	if (rc == OCF_SUCCESS && is_running)
		rc = ipaddr2_lease_adopt(run, &cfg, &is_running);
	if (rc == OCF_SUCCESS && !is_running)
		rc = take_over(&start);
	else if (rc == OCF_SUCCESS)
		ipaddr2_watch_found(run);
	done(&start);
	return rc;
}
