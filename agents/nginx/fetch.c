/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gets one page, by libhaops where that can do it, else by a client program, and looks for a
 * pattern. A password goes over a client's standard input, never into its arguments. */

#include "nginx/host.h"
#include "nginx/nginx.h"
#include "nginx/pattern.h"

#include <errno.h>
#include <haops/http.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX 1048576
#define REDIRECTS_MAX 10
#define CLIENT_INPUT_MAX 16384
#define NEEDS_CLIENT 1

static const char *const program_dirs[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",	      "/sbin",		"/bin"};

bool nginx_program_find(const char *name, char *buf, size_t size)
{
	if (name[0] == '/') {
		(void)snprintf(buf, size, "%s", name);
		return host_is_program(buf);
	}
	if (strchr(name, '/'))
		return false;
	for (size_t i = 0; i < sizeof(program_dirs) / sizeof(program_dirs[0]); i++) {
		(void)snprintf(buf, size, "%s/%s", program_dirs[i], name);
		if (host_is_program(buf))
			return true;
	}
	return false;
}

static int no_match(struct ocf_run *run, const struct nginx_fetch *f, bool is_truncated)
{
	return ocf_fail(run, OCF_ERR_GENERIC,
			"%.60s answers, but the page%s lacks the pattern %.60s", f->url,
			is_truncated ? "'s first MiB" : "", f->pattern);
}

/* Where a redirection leads, in text: true if libhaops can go there. */
static bool follow(const struct haops_http_response *response, char *text, size_t size)
{
	const char *to = response->location;
	size_t keep;

	if (strncasecmp(to, "http://", 7) == 0) {
		keep = 0;
	} else if (to[0] == '/' && to[1] != '/') {
		bool is_unix = strncmp(text, "unix:", 5) == 0;
		const char *host = text + (is_unix ? 5 : 7);

		keep = (size_t)(host - text) + strcspn(host, is_unix ? ":" : "/?#");
		if (is_unix && keep + 1 < size)
			text[keep++] = ':';
	} else {
		return false;
	}
	if (keep + strlen(to) >= size)
		return false;
	memcpy(text + keep, to, strlen(to) + 1);
	return true;
}

static bool is_same_server(const char *a, const char *b)
{
	size_t len = strcspn(a + 7, "/?#") + 7;

	return strncmp(a, "unix:", 5) == 0 ||
	       (strncasecmp(a, b, len) == 0 && strcspn(b + 7, "/?#") + 7 == len);
}

static bool is_redirection(const struct haops_http_response *response)
{
	return response->location && response->status >= 300 && response->status < 400;
}

/* 0 with the final answer, NEEDS_CLIENT, or -errno. */
static int get_final(struct ocf_run *run, const struct nginx_fetch *f,
		     struct haops_http_response *response)
{
	struct haops_http_request request = {.host = f->host && f->host[0] ? f->host : NULL,
					     .user = f->user[0] ? f->user : NULL,
					     .password = f->password,
					     .body_max_bytes = BODY_MAX};
	char url[4096];
	int r;

	(void)snprintf(url, sizeof(url), "%s", f->url);
	request.url = url;
	for (int i = 0; i < REDIRECTS_MAX; i++) {
		r = haops_http_get(ocf_ctx(run), &request, ocf_deadline(run), response);
		if (r == -EINVAL)
			return NEEDS_CLIENT; /* a host name or https */
		if (r < 0 || !is_redirection(response))
			return r;
		if (!follow(response, url, sizeof(url))) {
			haops_http_response_done(response);
			return NEEDS_CLIENT;
		}
		haops_http_response_done(response);
		/* Host header and password belong to the first server only. */
		if (!is_same_server(url, f->url)) {
			request.host = NULL;
			request.user = NULL;
		}
	}
	return NEEDS_CLIENT;
}

static int judge(struct ocf_run *run, const struct nginx_fetch *f,
		 const struct haops_http_response *response)
{
	if (response->status < 200 || response->status > 299)
		return ocf_fail(run, OCF_ERR_GENERIC, "%.80s answers with status %d", f->url,
				response->status);
	if (!pattern_matches(f->pattern, response->body, response->body_len))
		return no_match(run, f, response->is_truncated);
	return OCF_SUCCESS;
}

struct client {
	char program[NGINX_PATH_MAX];
	struct args options;
	char input[CLIENT_INPUT_MAX];
	char host[512];
	const char *argv[ARGS_MAX + 16];
	size_t argc;
};

static void add(struct client *c, const char *word)
{
	c->argv[c->argc++] = word;
}

/* In the configuration files of both clients a backslash goes before " and \. */
static void quote(char *buf, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text && len + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			buf[len++] = '\\';
		buf[len++] = *text;
	}
	buf[len] = '\0';
}

static void curl_arguments(struct client *c, const struct nginx_fetch *f)
{
	char user[2048];
	char password[2048];

	/* As the stock agent: quiet, redirections followed, through the loopback; -g: [ ] of IPv6.
	 */
	add(c, "-Ss");
	add(c, "-L");
	add(c, "-g");
	add(c, "--interface");
	add(c, "lo");
	if (f->host && f->host[0]) {
		(void)snprintf(c->host, sizeof(c->host), "Host: %s", f->host);
		add(c, "--header");
		add(c, c->host);
	}
	if (!f->user[0])
		return;
	quote(user, sizeof(user), f->user);
	quote(password, sizeof(password), f->password);
	(void)snprintf(c->input, sizeof(c->input), "user = \"%s:%s\"\n", user, password);
	add(c, "-K");
	add(c, "-");
}

static size_t percent(char *buf, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text && len + 4 < size; text++)
		len += (size_t)snprintf(buf + len, size - len, "%%%02X", (unsigned char)*text);
	return len;
}

static void put_user_in_url(char *buf, size_t size, const struct nginx_fetch *f)
{
	const char *scheme_end = strstr(f->url, "://");
	size_t len = scheme_end ? (size_t)(scheme_end - f->url) + 3 : 0;
	size_t at;

	/* Parameters and the lines of test20conffile are far shorter than the buffer. */
	memcpy(buf, f->url, len);
	at = len + percent(buf + len, size - len, f->user);
	buf[at++] = ':';
	at += percent(buf + at, size - at, f->password);
	(void)snprintf(buf + at, size - at, "@%s\n", f->url + len);
}

static void wget_arguments(struct client *c, const struct nginx_fetch *f)
{
	/* As the stock agent: the request comes from the loopback, which status pages allow. */
	add(c, "-O-");
	add(c, "-q");
	add(c, "-L");
	add(c, "--no-proxy");
	if (!strstr(f->url, "://["))
		add(c, "--bind-address=127.0.0.1");
	if (f->host && f->host[0]) {
		(void)snprintf(c->host, sizeof(c->host), "--header=Host: %s", f->host);
		add(c, c->host);
	}
	if (!f->user[0])
		return;
	/* It reads URLs from its standard input, and there the password can be part of one. */
	put_user_in_url(c->input, sizeof(c->input), f);
	add(c, "-i");
	add(c, "-");
}

static bool is_named(const char *client, const char *name)
{
	const char *slash = strrchr(client, '/');

	return strcmp(slash ? slash + 1 : client, name) == 0;
}

static int prepare_client(struct ocf_run *run, const struct nginx_fetch *f, struct client *c)
{
	const char *name = f->client;
	const char *problem;

	if (!name[0])
		name = nginx_program_find("curl", c->program, sizeof(c->program)) ? "curl" : "wget";
	if (!nginx_program_find(name, c->program, sizeof(c->program)))
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%.60s needs the program %.40s, which is not there: install it",
				f->url, f->client[0] ? f->client : "curl or wget");
	problem = args_split(f->client_opts, false, &c->options);
	if (problem)
		return ocf_fail(run, OCF_ERR_GENERIC, "client_opts: %s", problem);
	add(c, c->program);
	if (is_named(name, "curl"))
		curl_arguments(c, f);
	else if (is_named(name, "wget"))
		wget_arguments(c, f);
	for (size_t i = 0; i < c->options.count; i++)
		add(c, c->options.words[i]);
	if (!is_named(name, "wget") || !f->user[0])
		add(c, f->url);
	return OCF_SUCCESS;
}

static int client_no_match(struct ocf_run *run, const struct nginx_fetch *f, const struct client *c,
			   const struct haops_process_result *result)
{
	if (result->status == 0)
		return no_match(run, f, result->is_truncated);
	return ocf_fail(run, OCF_ERR_GENERIC, "%.60s: %.30s says status %d: %.*s", f->url,
			c->program, result->status, (int)strcspn(result->output, "\r\n"),
			result->output);
}

static int fetch_by_client(struct ocf_run *run, const struct nginx_fetch *f)
{
	struct client c;
	struct haops_process_result result;
	struct haops_process_spec spec = {.output_max_bytes = BODY_MAX};
	int r;

	memset(&c, 0, sizeof(c));
	r = prepare_client(run, f, &c);
	if (r != OCF_SUCCESS)
		return r;
	spec.argv = c.argv;
	spec.input = c.input[0] ? c.input : NULL;
	r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);
	explicit_bzero(c.input, sizeof(c.input));
	if (r < 0)
		return ocf_fail_haops(run, r, c.program);
	if (result.end == HAOPS_PROCESS_TIMED_OUT)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%.80s: %.40s got no answer in time", f->url,
			     c.program);
	else if (!pattern_matches(f->pattern, result.output, result.output_len))
		r = client_no_match(run, f, &c, &result);
	haops_process_result_done(&result);
	return r;
}

int nginx_fetch(struct ocf_run *run, const struct nginx_fetch *f)
{
	struct haops_http_response response;
	int r = NEEDS_CLIENT;

	/* A client that somebody chose, or its options, may do what libhaops does not. */
	if (!f->client[0] && !f->client_opts[0])
		r = get_final(run, f, &response);
	if (r == NEEDS_CLIENT)
		return fetch_by_client(run, f);
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", haops_ctx_error(ocf_ctx(run)));
	r = judge(run, f, &response);
	haops_http_response_done(&response);
	return r;
}
