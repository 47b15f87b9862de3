/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor and reload-agent actions: one question to the kernel, no process started, unless a
 * sender is missing. A probe changes nothing at all. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define NO_SUCH_LINK (-1)

/* One monitor: what is asked for, and what the kernel answered. */
struct look {
	struct ocf_run *run;
	struct ipaddr2_config cfg;
	int ifindex; /* of nic; 0 when unset, NO_SUCH_LINK when there is none */
	struct haops_vip_found *found;
	struct ipaddr2_tally tally;
};

static void look_done(struct look *look)
{
	ipaddr2_config_done(&look->cfg);
	free(look->found);
}

#define CLEANUP_LOOK __attribute__((cleanup(look_done)))

static int not_running(struct look *look, const char *reason)
{
	if (ocf_is_probe(look->run))
		return OCF_NOT_RUNNING;
	return ocf_fail(look->run, OCF_NOT_RUNNING, "%s", reason);
}

static int enter(struct look *look)
{
	struct ocf_run *run = look->run;
	int rc;

	/* Never 6 from here: that would stop the resource in the whole cluster. */
	if (look->cfg.count == 0)
		return ocf_is_probe(run) ? OCF_NOT_RUNNING
					 : ocf_fail(run, OCF_ERR_GENERIC, "%s", look->cfg.problem);
	if (!ocf_is_set(run, P_NETWORK_NAMESPACE))
		return OCF_SUCCESS;
	rc = haops_netns_enter(ocf_ctx(run), ocf_str(run, P_NETWORK_NAMESPACE));
	if (rc == -ENOENT || rc == -EINVAL)
		return not_running(look, haops_ctx_error(ocf_ctx(run)));
	return rc < 0 ? ocf_fail_haops(run, rc, NULL) : OCF_SUCCESS;
}

static int find_nic(struct look *look)
{
	struct haops_link link = {0};
	int rc;

	if (!*look->cfg.nic)
		return OCF_SUCCESS;
	rc = haops_link_get(ocf_ctx(look->run), look->cfg.nic, ocf_deadline(look->run), &link);
	if (rc < 0 && rc != -ENODEV && rc != -EINVAL)
		return ocf_fail_haops(look->run, rc, NULL);
	look->ifindex = rc < 0 ? NO_SUCH_LINK : link.ifindex;
	return OCF_SUCCESS;
}

static int query(struct look *look, int prefer_ifindex)
{
	int rc = haops_vip_query(ocf_ctx(look->run), look->cfg.addrs, look->cfg.count,
				 prefer_ifindex, ocf_deadline(look->run), look->found);

	if (rc < 0)
		return ocf_fail_haops(look->run, rc, NULL);
	look->tally = (struct ipaddr2_tally){0};
	for (size_t i = 0; i < look->cfg.count; i++)
		ipaddr2_tally_add(&look->tally, ipaddr2_judge(&look->cfg.addrs[i], &look->found[i],
							      look->ifindex, look->cfg.prefix_len));
	return OCF_SUCCESS;
}

/*
 * An address that is on the loopback interface and on another one was reported from there, perhaps.
 * Rare enough to find out the interface only then.
 */
static int query_again(struct look *look)
{
	const struct haops_vip_found *found = &look->found[look->tally.first_absent];
	const struct haops_vip_want want = {.prefix_len = look->cfg.prefix_len};
	struct haops_vip vip = {.addr = look->cfg.addrs[look->tally.first_absent]};

	if (look->tally.absent == 0 || look->ifindex != 0 || found->copies < 2 ||
	    haops_vip_locate(ocf_ctx(look->run), &want, ocf_deadline(look->run), &vip) < 0)
		return OCF_SUCCESS;
	return query(look, vip.ifindex);
}

static int look_at_kernel(struct look *look)
{
	int rc = ipaddr2_config_read(look->run, &look->cfg);

	/* What could not be read may be there: not even a probe may say 7. */
	if (rc == OCF_ERR_GENERIC)
		return ocf_fail(look->run, OCF_ERR_GENERIC, "%s", look->cfg.problem);
	rc = enter(look);
	if (rc == OCF_SUCCESS)
		rc = find_nic(look);
	if (rc != OCF_SUCCESS)
		return rc;
	look->found = calloc(look->cfg.count, sizeof(*look->found));
	if (!look->found)
		return ocf_fail(look->run, OCF_ERR_GENERIC, "memory is short");
	rc = query(look, look->ifindex > 0 ? look->ifindex : 0);
	return rc == OCF_SUCCESS ? query_again(look) : rc;
}

static int report_wrong(struct look *look)
{
	struct ocf_run *run = look->run;
	const struct haops_vip_found *found = &look->found[look->tally.first_wrong];
	struct haops_link link;
	char text[HAOPS_ADDR_TEXT_MAX];
	const char *name = "another interface";

	haops_addr_format(&look->cfg.addrs[look->tally.first_wrong], text);
	if (haops_link_get_by_index(ocf_ctx(run), found->ifindex, ocf_deadline(run), &link) == 0)
		name = link.name;
	if (look->tally.wrong == FIT_DUPLICATE)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"another host has %s: duplicate address detection failed on %s",
				text, name);
	if (look->tally.wrong == FIT_WRONG_PREFIX)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s is on %s with prefix length %d, not %d",
				text, name, found->prefix_len, look->cfg.prefix_len);
	if (look->ifindex == NO_SUCH_LINK)
		return ocf_fail(run, OCF_ERR_GENERIC, "interface %.32s does not exist, %s is on %s",
				look->cfg.nic, text, name);
	return ocf_fail(run, OCF_ERR_GENERIC, "%s is on %s, not on %.32s", text, name,
			look->cfg.nic);
}

static int report_missing(struct look *look)
{
	struct ocf_run *run = look->run;
	char text[HAOPS_ADDR_TEXT_MAX];

	haops_addr_format(&look->cfg.addrs[look->tally.first_absent], text);
	if (look->tally.absent < look->tally.total)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%zu of %zu addresses are missing, the first is %s",
				look->tally.absent, look->tally.total, text);
	if (ocf_is_probe(run))
		return OCF_NOT_RUNNING;
	/* As the stock agent: 1 when the interface itself has vanished. */
	if (look->ifindex == NO_SUCH_LINK)
		return ocf_fail(run, OCF_ERR_GENERIC, "interface %.32s does not exist",
				look->cfg.nic);
	return ocf_fail(run, OCF_NOT_RUNNING, "%s is on no interface", text);
}

static int judge(struct look *look)
{
	if (look->tally.wrong != FIT_RIGHT)
		return report_wrong(look);
	return look->tally.absent > 0 ? report_missing(look) : OCF_SUCCESS;
}

static int check_links(struct look *look, const struct ipaddr2_groups *groups)
{
	struct ocf_run *run = look->run;

	for (size_t i = 0; i < groups->count && ocf_bool(run, P_CHECK_LINK_STATUS); i++) {
		struct haops_link link;
		int rc = haops_link_get_by_index(ocf_ctx(run), groups->list[i].ifindex,
						 ocf_deadline(run), &link);

		if (rc < 0)
			return ocf_fail_haops(run, rc, NULL);
		if (!link.is_up || !link.has_carrier)
			return ocf_fail(run, OCF_ERR_GENERIC, "interface %s %s", link.name,
					link.is_up ? "has no carrier" : "is down");
	}
	return OCF_SUCCESS;
}

/* The addresses where they were found; free it. */
static struct haops_vip *found_vips(struct look *look)
{
	struct haops_vip *vips = calloc(look->cfg.count, sizeof(*vips));

	for (size_t i = 0; vips && i < look->cfg.count; i++) {
		vips[i].addr = look->cfg.addrs[i];
		vips[i].ifindex = look->found[i].ifindex;
		vips[i].prefix_len = look->found[i].prefix_len;
	}
	return vips;
}

static int group_found(struct look *look, struct ipaddr2_groups *ret_groups)
{
	CLEANUP_FREE struct haops_vip *vips = found_vips(look);
	int rc = vips ? ipaddr2_groups_make(vips, look->cfg.count, ret_groups) : -ENOMEM;

	if (rc < 0)
		return ocf_fail(look->run, OCF_ERR_GENERIC, "%s",
				rc == -E2BIG ? "the addresses are on too many interfaces"
					     : "memory is short");
	return OCF_SUCCESS;
}

static void watch_found(struct look *look)
{
	CLEANUP_FREE struct haops_vip *vips = found_vips(look);

	if (vips)
		ipaddr2_watch(look->run, &look->cfg, vips);
}

static void refresh(struct look *look, const struct ipaddr2_groups *groups)
{
	uint32_t rounds = (uint32_t)ocf_int(look->run, P_ARP_COUNT_REFRESH);

	if (ocf_watch_is_wanted(look->run, false))
		watch_found(look);
	if (rounds > 0) {
		ipaddr2_announce(look->run, &look->cfg, groups);
		(void)ipaddr2_announce_more(look->run, &look->cfg, groups, rounds - 1);
	}
	if (ipaddr2_senders_are_running(look->run, &look->cfg, groups))
		return;
	ocf_log(look->run, HAOPS_LOG_WARNING, "the background sender was gone: started again");
	ipaddr2_senders_start(look->run, &look->cfg, groups, 0);
}

static bool is_usable(const struct look *look)
{
	for (size_t i = 0; i < look->cfg.count; i++) {
		if (look->found[i].state != HAOPS_VIP_PRESENT)
			return false;
	}
	return look->tally.wrong == FIT_RIGHT && look->tally.absent == 0;
}

int ipaddr2_confirm(struct ocf_run *run, bool *ret_is_running)
{
	CLEANUP_LOOK struct look look = {.run = run};
	CLEANUP_GROUPS struct ipaddr2_groups groups = {0};
	int rc = look_at_kernel(&look);

	*ret_is_running = false;
	if (rc != OCF_SUCCESS || !is_usable(&look))
		return rc;
	*ret_is_running = true;
	rc = group_found(&look, &groups);
	if (rc == OCF_SUCCESS)
		rc = check_links(&look, &groups);
	if (rc != OCF_SUCCESS)
		return rc;
	ipaddr2_announce(run, &look.cfg, &groups);
	if (!ipaddr2_senders_are_running(run, &look.cfg, &groups))
		ipaddr2_senders_start(run, &look.cfg, &groups, 1);
	return OCF_SUCCESS;
}

void ipaddr2_watch_found(struct ocf_run *run)
{
	CLEANUP_LOOK struct look look = {.run = run};

	if (look_at_kernel(&look) == OCF_SUCCESS && is_usable(&look))
		watch_found(&look);
}

int ipaddr2_monitor(struct ocf_run *run)
{
	CLEANUP_LOOK struct look look = {.run = run};
	CLEANUP_GROUPS struct ipaddr2_groups groups = {0};
	int rc = look_at_kernel(&look);

	if (rc == OCF_SUCCESS)
		rc = judge(&look);
	if (rc == OCF_SUCCESS)
		rc = group_found(&look, &groups);
	if (rc == OCF_SUCCESS)
		rc = check_links(&look, &groups);
	if (rc == OCF_SUCCESS && !ocf_is_probe(run))
		refresh(&look, &groups);
	return rc;
}

int ipaddr2_reload(struct ocf_run *run)
{
	CLEANUP_LOOK struct look look = {.run = run};
	CLEANUP_GROUPS struct ipaddr2_groups groups = {0};
	int rc = look_at_kernel(&look);

	if (rc == OCF_SUCCESS)
		rc = judge(&look);
	if (rc == OCF_SUCCESS)
		rc = group_found(&look, &groups);
	if (rc != OCF_SUCCESS)
		return rc;
	ipaddr2_senders_start(run, &look.cfg, &groups, 0);
	ocf_log(run, HAOPS_LOG_INFO, "announces by the new settings");
	return OCF_SUCCESS;
}
