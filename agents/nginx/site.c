/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds nginx's program and configuration out of the parameters and the host. See nginx.h. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include "util/cleanup.h"

#include <errno.h>
#include <haops/state.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUILD_OUTPUT_MAX 65536
#define PROGRAM_MAX 67108864
#define DEFAULTS_STATE "nginx-defaults"

/* /usr/sbin/httpd is last: on many hosts that is another web server. */
static const char *const places[] = {"/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/sbin/httpd"};

static void set_text(char *buf, const char *text)
{
	(void)snprintf(buf, NGINX_PATH_MAX, "%s", text);
}

static void find_binary(struct ocf_run *run, struct nginx_site *site)
{
	const char *path = ocf_str(run, NGINX_HTTPD);
	bool is_set = ocf_is_set(run, NGINX_HTTPD);

	/* The stock agent's default means "search". */
	if (is_set && (strcmp(path, places[2]) != 0 || host_is_program(path))) {
		site->is_installed = host_is_program(path);
		set_text(site->binary, path);
	} else {
		set_text(site->binary, places[0]);
		for (size_t i = 0; i < 3 && !site->is_installed; i++) {
			site->is_installed = host_is_program(places[i]);
			if (site->is_installed)
				set_text(site->binary, places[i]);
		}
	}
	(void)host_real_path(site->binary, site->binary, sizeof(site->binary));
}

static void binary_key(const struct nginx_site *site, char *buf, size_t size)
{
	struct file_stamp s = host_stamp(site->binary);

	(void)snprintf(buf, size, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, site->binary,
		       s.dev, s.ino, s.size, s.ctime_ns);
}

/* Three lines: key, configuration, pid file. */
static void read_defaults(struct ocf_run *run, struct nginx_site *site)
{
	CLEANUP_FREE char *text = NULL;
	char key[512];
	char *state = NULL;
	const char *line;
	size_t len;

	binary_key(site, key, sizeof(key));
	if (haops_state_read(ocf_ctx(run), DEFAULTS_STATE, &text, &len) < 0)
		return;
	line = strtok_r(text, "\n", &state);
	if (!line || strcmp(line, key) != 0)
		return;
	line = strtok_r(NULL, "\n", &state);
	if (line)
		set_text(site->default_config, line);
	line = strtok_r(NULL, "\n", &state);
	if (line)
		set_text(site->default_pid, line);
}

static void keep_defaults(struct ocf_run *run, const struct nginx_site *site)
{
	char text[1200];
	char key[512];
	int n;

	if (ocf_is_probe(run))
		return;
	binary_key(site, key, sizeof(key));
	n = snprintf(text, sizeof(text), "%s\n%s\n%s\n", key, site->default_config,
		     site->default_pid);
	if (haops_state_write(ocf_ctx(run), DEFAULTS_STATE, text, (size_t)n) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void use_default(struct nginx_site *site)
{
	if (!site->config[0])
		set_text(site->config, site->default_config);
}

void nginx_site_find(struct ocf_run *run, struct nginx_site *site)
{
	memset(site, 0, sizeof(*site));
	find_binary(run, site);
	set_text(site->config, ocf_str(run, NGINX_CONFIGFILE));
	/* Its syntax was checked before start; a wrong value must not keep stop from working. */
	if (args_split(ocf_str(run, NGINX_OPTIONS), false, &site->options)) {
		site->options.count = 0;
		site->options.words[0] = NULL;
	}
	if (site->config[0])
		return;
	read_defaults(run, site);
	use_default(site);
}

static bool take_defaults(const char *build, struct nginx_site *site)
{
	(void)conf_build_option(build, "pid-path", site->default_pid, NGINX_PATH_MAX);
	return conf_build_option(build, "conf-path", site->default_config, NGINX_PATH_MAX);
}

/* What "nginx -V" prints is one string in the program: a probe finds it without a process. */
static bool defaults_in_program(struct nginx_site *site)
{
	static const char label[] = "configure arguments:";
	CLEANUP_FREE char *program = NULL;
	const char *build;
	size_t len;

	if (host_read(site->binary, PROGRAM_MAX, &program, &len) < 0)
		return false;
	build = memmem(program, len, label, sizeof(label) - 1);
	return build && take_defaults(build, site);
}

static int ask_defaults(struct ocf_run *run, struct nginx_site *site)
{
	const char *argv[] = {site->binary, "-V", NULL};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = BUILD_OUTPUT_MAX};
	struct haops_process_result result;
	int r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);

	if (r < 0)
		return r;
	if (!take_defaults(result.output, site))
		set_text(site->default_config, "/usr/local/nginx/conf/nginx.conf");
	haops_process_result_done(&result);
	return 0;
}

int nginx_site_defaults(struct ocf_run *run, struct nginx_site *site)
{
	int r = 0;

	if (!site->default_config[0])
		read_defaults(run, site);
	if (!site->default_config[0]) {
		/* A probe starts no program. */
		if (!defaults_in_program(site))
			r = ocf_is_probe(run) ? -ENOENT : ask_defaults(run, site);
		if (r < 0)
			return r;
		keep_defaults(run, site);
	}
	use_default(site);
	return 0;
}

int nginx_site_require(struct ocf_run *run, struct nginx_site *site)
{
	int r;

	if (!site->is_installed && ocf_is_set(run, NGINX_HTTPD))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"%s (parameter httpd) is not there or may not be executed: install "
				"it "
				"or correct httpd",
				site->binary);
	if (!site->is_installed)
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"nginx is not installed: install it, or say in httpd where it is");
	r = nginx_site_defaults(run, site);
	if (r < 0)
		return ocf_fail_haops(run, r, site->binary);
	if (!host_is_file(site->config))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"configuration file %s is not there: make it, or correct "
				"configfile",
				site->config);
	return OCF_SUCCESS;
}
