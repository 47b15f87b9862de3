/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the URL of a check out of the configuration, for a path or for the status page. Pure. */

#include "nginx/nginx.h"
#include "nginx/sockets.h"

#include <stdio.h>
#include <string.h>

static const char STATUS_PATH[] = "/nginx_status";

static void build(const struct conf_listen *listen, const char *path, struct nginx_url *url)
{
	const char *scheme = listen->is_ssl ? "https" : "http";
	struct listen_addr a;

	if (!listen_parse(listen->addr, &a))
		(void)listen_parse("80", &a);
	if (a.kind == LISTEN_UNIX)
		(void)snprintf(url->text, sizeof(url->text), "unix:%s:%s", a.host, path);
	else if (listen_is_any(&a) || a.kind == LISTEN_NAME)
		/* Wildcards are reached through the loopback; names are not resolved. */
		(void)snprintf(url->text, sizeof(url->text), "%s://%s:%u%s", scheme,
			       a.kind == LISTEN_V6 ? "[::1]" : "localhost", a.port, path);
	else
		(void)snprintf(url->text, sizeof(url->text),
			       a.kind == LISTEN_V6 ? "%s://[%s]:%u%s" : "%s://%s:%u%s", scheme,
			       a.host, a.port, path);
}

static bool has_port(const struct conf_listen *listen, int64_t port)
{
	struct listen_addr a;

	return listen_parse(listen->addr, &a) && a.kind != LISTEN_UNIX && a.port == port;
}

/* The first listen of http{} on that port; without a port the first one without TLS. */
static struct conf_listen choose(const struct conf_facts *facts, int64_t port)
{
	struct conf_listen chosen = {.is_http = true};
	const struct conf_listen *first = NULL;

	for (size_t i = 0; i < facts->listen_count; i++) {
		const struct conf_listen *l = &facts->listens[i];

		if (!l->is_http || (port && !has_port(l, port)))
			continue;
		if (!l->is_ssl)
			return *l;
		if (!first)
			first = l;
	}
	if (first)
		return *first;
	(void)snprintf(chosen.addr, sizeof(chosen.addr), "%d", port ? (int)port : 80);
	return chosen;
}

void nginx_url_build(const struct conf_facts *facts, int64_t port, const char *path,
		     struct nginx_url *url)
{
	struct conf_listen listen = choose(facts, port);

	memset(url, 0, sizeof(*url));
	build(&listen, path, url);
}

void nginx_url_status(const struct conf_facts *facts, int64_t port, struct nginx_url *url)
{
	const char *path = facts->status_path[0] ? facts->status_path : STATUS_PATH;
	struct conf_listen listen = choose(facts, port);

	memset(url, 0, sizeof(*url));
	if (facts->status_path[0] && facts->status_listen.addr[0] &&
	    (!port || has_port(&facts->status_listen, port))) {
		listen = facts->status_listen;
		memcpy(url->host, facts->status_server, sizeof(url->host));
	}
	build(&listen, path, url);
}
