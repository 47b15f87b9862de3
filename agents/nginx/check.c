/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deeper monitor levels: status page (10), a page of the site (20), a program (30). */

#include "nginx/host.h"
#include "nginx/nginx.h"
#include "nginx/pattern.h"
#include "nginx/testconf.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TESTCONF_MAX 262144
#define COMMAND_OUTPUT_MAX 4096

static bool is_relative(const char *url)
{
	return strncasecmp(url, "http", 4) != 0 && strncmp(url, "unix:", 5) != 0;
}

static const char *client_param(const struct ocf_run *run)
{
	/* The stock agent describes testclient and reads client. */
	return ocf_str(run, ocf_is_set(run, NGINX_TESTCLIENT) ? NGINX_TESTCLIENT : NGINX_CLIENT);
}

/* Makes an absolute URL; path "" stands for the status page. */
static int make_url(struct ocf_run *run, const struct nginx_site *site, const char *path,
		    struct nginx_url *url)
{
	char full[TESTCONF_VALUE_MAX + 1];
	struct verdict verdict;
	int r = nginx_verdict_now(run, site, &verdict);

	if (r != OCF_SUCCESS)
		return r;
	(void)snprintf(full, sizeof(full), "%s%s", path[0] == '/' ? "" : "/", path);
	if (path[0])
		nginx_url_build(&verdict.facts, ocf_int(run, NGINX_PORT), full, url);
	else
		nginx_url_status(&verdict.facts, ocf_int(run, NGINX_PORT), url);
	verdict_free(&verdict);
	return OCF_SUCCESS;
}

static int fetch_url(struct ocf_run *run, const struct nginx_site *site, struct nginx_fetch *f)
{
	struct nginx_url url;
	int r;

	if (f->url[0] && !is_relative(f->url))
		return nginx_fetch(run, f);
	r = make_url(run, site, f->url, &url);
	if (r != OCF_SUCCESS)
		return r;
	f->url = url.text;
	f->host = url.host;
	return nginx_fetch(run, f);
}

static int check_status(struct ocf_run *run, const struct nginx_site *site)
{
	struct nginx_fetch f = {.url = ocf_str(run, NGINX_STATUS10URL),
				.pattern = ocf_str(run, NGINX_STATUS10REGEX),
				.user = "",
				.password = "",
				.client = client_param(run),
				.client_opts = ""};

	return fetch_url(run, site, &f);
}

static int read_test(struct ocf_run *run, struct testconf *test)
{
	CLEANUP_FREE char *text = NULL;
	const char *path = ocf_str(run, NGINX_TEST20CONFFILE);
	const char *problem;
	unsigned int line;
	size_t len;
	int r = host_read(path, TESTCONF_MAX, &text, &len);

	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "test20conffile %s cannot be read: %s", path,
				strerror(-r));
	problem = testconf_parse(text, ocf_str(run, NGINX_TEST20NAME), test, &line);
	explicit_bzero(text, len);
	if (problem && line)
		return ocf_fail(run, OCF_ERR_GENERIC, "test20conffile %s, line %u: %s", path, line,
				problem);
	if (!problem)
		problem = pattern_check(test->match);
	if (problem)
		return ocf_fail(run, OCF_ERR_GENERIC, "test20conffile %s: %s", path, problem);
	return OCF_SUCCESS;
}

static int check_by_file(struct ocf_run *run, const struct nginx_site *site)
{
	struct testconf test;
	struct nginx_fetch f = {.url = test.url,
				.pattern = test.match,
				.user = test.user,
				.password = test.password,
				.client = test.client,
				.client_opts = test.client_opts};
	int r = read_test(run, &test);

	if (r != OCF_SUCCESS)
		return r;
	if (!test.client[0])
		f.client = client_param(run);
	r = fetch_url(run, site, &f);
	explicit_bzero(&test, sizeof(test));
	return r;
}

static int check_page(struct ocf_run *run, const struct nginx_site *site)
{
	struct nginx_fetch f = {.url = ocf_str(run, NGINX_TEST20URL),
				.pattern = ocf_str(run, NGINX_TEST20REGEX),
				.user = "",
				.password = "",
				.client = client_param(run),
				.client_opts = ""};

	if (ocf_is_set(run, NGINX_TEST20CONFFILE))
		return check_by_file(run, site);
	if (!f.url[0] || !f.pattern[0])
		return ocf_fail(run, OCF_ERR_GENERIC,
				"a monitor of depth 20 needs test20url and test20regex, or "
				"test20conffile");
	return fetch_url(run, site, &f);
}

static int run_command(struct ocf_run *run, const struct args *args)
{
	const char *argv[ARGS_MAX + 1];
	struct haops_process_spec spec = {.argv = argv, .output_max_bytes = COMMAND_OUTPUT_MAX};
	struct haops_process_result result;
	char program[NGINX_PATH_MAX];
	int r;

	if (!nginx_program_find(args->words[0], program, sizeof(program)))
		return ocf_fail(run, OCF_ERR_GENERIC,
				"external_monitor30_cmd: %.80s is not there or may not be executed",
				args->words[0]);
	memcpy(argv, args->words, sizeof(argv));
	argv[0] = program;
	r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);
	if (r < 0)
		return ocf_fail_haops(run, r, program);
	if (result.end == HAOPS_PROCESS_TIMED_OUT)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%.60s did not end in time and was killed",
			     program);
	else if (result.end == HAOPS_PROCESS_SIGNALED)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%.60s was ended by signal %d", program,
			     result.status);
	else if (result.status != 0)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%.60s says status %d: %.*s", program,
			     result.status, (int)strcspn(result.output, "\r\n"), result.output);
	haops_process_result_done(&result);
	return r;
}

static int check_external(struct ocf_run *run)
{
	struct args args;
	const char *problem = args_split(ocf_str(run, NGINX_EXTERNAL_MONITOR30_CMD), true, &args);

	if (problem)
		return ocf_fail(run, OCF_ERR_GENERIC, "external_monitor30_cmd: %s", problem);
	if (!args.count)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"a monitor of depth 30 needs external_monitor30_cmd");
	return run_command(run, &args);
}

int nginx_check(struct ocf_run *run, const struct nginx_site *site, int level)
{
	if (level < 10)
		return OCF_SUCCESS;
	if (level < 20)
		return check_status(run, site);
	return level < 30 ? check_page(run, site) : check_external(run);
}
