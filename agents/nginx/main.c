/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:nginx: its table. Actions are in the files of their names. */

#include "nginx/nginx.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = nginx_start, .timeout_s = 40, .depth = -1},
	{.name = "stop", .run = nginx_stop, .timeout_s = 60, .depth = -1},
	{.name = "reload", .run = nginx_reload, .timeout_s = 40, .depth = -1},
	{.name = "reload-agent", .run = nginx_reload_agent, .timeout_s = 20, .depth = -1},
	{.name = "monitor", .run = nginx_monitor, .timeout_s = 30, .interval_s = 10, .depth = 0},
	{.name = "monitor", .run = nginx_monitor, .timeout_s = 30, .interval_s = 30, .depth = 10},
	{.name = "monitor", .run = nginx_monitor, .timeout_s = 45, .interval_s = 60, .depth = 20},
	{.name = "monitor", .run = nginx_monitor, .timeout_s = 60, .interval_s = 61, .depth = 30},
};

static const struct ocf_agent agent = {
	.name = "nginx",
	.provider = "haops",
	.shortdesc = "nginx web or proxy server",
	.longdesc =
		"Starts, stops and watches one nginx with one configuration. It takes the place of "
		"ocf:heartbeat:nginx: parameters keep their names, defaults and meanings; each "
		"one's "
		"text says what differs.\n"
		"A monitor looks at the master process, by its number, start time and program, and "
		"for a worker that takes requests; "
		"depth 10 asks for the status page, depth 20 for a page of the site, depth 30 runs "
		"a "
		"program. No process is started for depth 0, nor for depth 10 and 20 over http.\n"
		"nginx checks its configuration itself; the verdict is kept until a file of it "
		"changes. A configuration that is broken while nginx runs is a warning in the "
		"log.\n"
		"haopsd(8) watches the master process. An upgrade of the running program (USR2, "
		"then "
		"QUIT to the old master) ends it: set the resource unmanaged before, until a "
		"monitor has seen the new one.\n"
		"Stop ends master and workers, also workers whose master was killed, and says that "
		"nginx is stopped only when none is left.",
	.params = nginx_params,
	.param_count = NGINX_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = nginx_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
