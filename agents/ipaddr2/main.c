/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ocf:haops:IPaddr2: virtual IPv4 and IPv6 addresses. The agent's table, and validation. */

#include "ipaddr2/ipaddr2.h"

#include <stdlib.h>

#include "util/cleanup.h"

int ipaddr2_validate(struct ocf_run *run, int level)
{
	CLEANUP_CONFIG struct ipaddr2_config cfg = {0};
	CLEANUP_FREE struct haops_vip *vips = NULL;
	int rc = ipaddr2_config_read(run, &cfg);

	if (rc != OCF_SUCCESS)
		return ocf_fail(run, (enum ocf_code)rc, "%s", cfg.problem);
	if (level < 10)
		return OCF_SUCCESS;
	vips = calloc(cfg.count, sizeof(*vips));
	if (!vips)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	rc = ipaddr2_enter_netns(run);
	if (rc == OCF_SUCCESS)
		rc = ipaddr2_place(run, &cfg, vips);
	return rc == OCF_SUCCESS ? ipaddr2_lease_validate(run, &cfg) : rc;
}

static const struct ocf_action actions[] = {
	{.name = "start", .run = ipaddr2_start, .timeout_s = 20, .depth = -1},
	{.name = "stop", .run = ipaddr2_stop, .timeout_s = 20, .depth = -1},
	{.name = "reload-agent", .run = ipaddr2_reload, .timeout_s = 20, .depth = -1},
	{.name = "monitor", .run = ipaddr2_monitor, .timeout_s = 20, .interval_s = 10, .depth = 0},
};

static const struct ocf_agent agent = {
	.name = "IPaddr2",
	.provider = "haops",
	.shortdesc = "Virtual IPv4 and IPv6 addresses",
	.longdesc = "Holds one or more addresses on an interface of this node, by "
		    "talking to the kernel itself, and tells the neighbours, at "
		    "once, again by a schedule, and whenever the carrier comes "
		    "back.\n"
		    "It takes the place of ocf:heartbeat:IPaddr2: the parameters "
		    "of Debian 12's version keep their names, defaults and "
		    "meanings; the last line of each one's description says what "
		    "is different here.\n"
		    "Stop removes the addresses from every interface and succeeds "
		    "only when the kernel lists none of them any more. An address "
		    "that is on the loopback interface only does not count as "
		    "running, unless nic=lo.\n"
		    "An anonymous clone holds the same address on several nodes. "
		    "A clone with globally-unique=true needs "
		    "unique_clone_address.",
	.params = ipaddr2_params,
	.param_count = P_COUNT,
	.actions = actions,
	.action_count = ARRAY_LEN(actions),
	.validate = ipaddr2_validate,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
