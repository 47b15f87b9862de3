/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters, and what this host has to have for them. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include <string.h>

static int validate_syntax(struct ocf_run *run)
{
	if (ocf_is_set(run, NGINX_TEST20NAME) && !ocf_is_set(run, NGINX_TEST20CONFFILE))
		ocf_log(run, HAOPS_LOG_WARNING,
			"parameter test20name has no effect without test20conffile");
	return OCF_SUCCESS;
}

static int validate_programs(struct ocf_run *run)
{
	struct args args;
	char program[NGINX_PATH_MAX];
	const char *client =
		ocf_str(run, ocf_is_set(run, NGINX_TESTCLIENT) ? NGINX_TESTCLIENT : NGINX_CLIENT);

	if (ocf_is_set(run, NGINX_TEST20CONFFILE) &&
	    !host_is_file(ocf_str(run, NGINX_TEST20CONFFILE)))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"test20conffile %s is not there: make it, or correct the parameter",
				ocf_str(run, NGINX_TEST20CONFFILE));
	if (client[0] && !nginx_program_find(client, program, sizeof(program)))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"testclient %s is not there: install it, or leave the parameter "
				"out",
				client);
	if (!args_split(ocf_str(run, NGINX_EXTERNAL_MONITOR30_CMD), true, &args) && args.count &&
	    !nginx_program_find(args.words[0], program, sizeof(program)))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"external_monitor30_cmd: %s is not there or may not be executed",
				args.words[0]);
	return OCF_SUCCESS;
}

int nginx_validate(struct ocf_run *run, int level)
{
	struct nginx_site site;
	struct verdict verdict;
	int r;

	if (level < 10)
		return validate_syntax(run);
	nginx_site_find(run, &site);
	r = nginx_site_require(run, &site);
	if (r == OCF_SUCCESS)
		r = validate_programs(run);
	if (r != OCF_SUCCESS)
		return r;
	r = nginx_verdict_require(run, &site, &verdict);
	if (r == OCF_SUCCESS)
		verdict_free(&verdict);
	return r;
}
