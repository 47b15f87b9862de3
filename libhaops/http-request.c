/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the URL of a GET and writes the request. Pure; resolves no names; knows no TLS and no
 * other method.
 */

#include "http-parse.h"
#include "internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#define CREDENTIAL_MAX 256

static bool has_control_or_space(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= 0x20 || (unsigned char)*text == 0x7f)
			return true;
	return false;
}

static const char *parse_unix(const char *text, struct http_url *url)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&url->addr[0];
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	if (text[0] != '/')
		return "the path of its unix socket is not absolute";
	if (len >= sizeof(sun->sun_path))
		return "the path of its unix socket is longer than 107 bytes";
	if (colon && colon[1] != '/')
		return "the path behind its unix socket does not begin with /";
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, text, len);
	url->addr_len[0] = sizeof(*sun);
	url->addr_count = 1;
	memcpy(url->host, "localhost", sizeof("localhost"));
	url->path = colon ? colon + 1 : "";
	return NULL;
}

static void add_v4(struct http_url *url, const struct in_addr *addr, uint16_t port)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&url->addr[url->addr_count];

	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	sin->sin_addr = *addr;
	url->addr_len[url->addr_count++] = sizeof(*sin);
}

static void add_v6(struct http_url *url, const struct in6_addr *addr, uint16_t port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&url->addr[url->addr_count];

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	sin6->sin6_addr = *addr;
	url->addr_len[url->addr_count++] = sizeof(*sin6);
}

static const char *add_host(struct http_url *url, const char *host, bool is_bracketed,
			    uint16_t port)
{
	const struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
	struct in_addr v4;
	struct in6_addr v6;

	if (is_bracketed) {
		if (inet_pton(AF_INET6, host, &v6) != 1)
			return "what stands in its brackets is no IPv6 address";
		add_v6(url, &v6, port);
	} else if (strcasecmp(host, "localhost") == 0) {
		add_v4(url, &loopback, port);
		add_v6(url, &in6addr_loopback, port);
	} else if (inet_pton(AF_INET, host, &v4) == 1) {
		add_v4(url, &v4, port);
	} else {
		return "its host is not an IPv4 address, an IPv6 address in brackets or localhost";
	}
	return NULL;
}

static bool parse_port(const char *text, size_t len, uint16_t *ret_port)
{
	unsigned int port = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		port = port * 10 + (unsigned int)(text[i] - '0');
	}
	if (port == 0 || port > 65535)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* Authority of an http URL: HOST, HOST:PORT, [V6] or [V6]:PORT, len bytes. */
static const char *parse_authority(const char *text, size_t len, struct http_url *url)
{
	bool is_bracketed = text[0] == '[';
	const char *end = memchr(text, is_bracketed ? ']' : ':', len);
	size_t host_len = end ? (size_t)(end - text) : len;
	size_t rest = end && is_bracketed ? host_len + 1 : host_len;
	uint16_t port = 80;
	char host[HTTP_HOST_MAX];

	if (memchr(text, '@', len))
		return "it holds a user name: use the parameters for user and password";
	if (len == 0 || len >= HTTP_HOST_MAX)
		return "its host is missing or longer than 255 bytes";
	if (is_bracketed && !end)
		return "the bracket of its IPv6 address is not closed";
	if (rest < len &&
	    (text[rest] != ':' || !parse_port(text + rest + 1, len - rest - 1, &port)))
		return "its port is not a number from 1 to 65535";
	memcpy(url->host, text, len);
	host_len -= is_bracketed ? 1 : 0;
	memcpy(host, text + (is_bracketed ? 1 : 0), host_len);
	host[host_len] = '\0';
	return add_host(url, host, is_bracketed, port);
}

const char *http_url_parse(const char *text, struct http_url *url)
{
	const char *authority = text + strlen("http://");
	size_t len;

	memset(url, 0, sizeof(*url));
	if (strnlen(text, HTTP_URL_MAX + 1) > HTTP_URL_MAX)
		return "it is longer than 4096 bytes";
	if (has_control_or_space(text))
		return "it holds a space or control character";
	if (strncasecmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, url);
	if (strncasecmp(text, "http://", 7) != 0)
		return "it does not begin with http:// or unix:/";
	len = strcspn(authority, "/?#");
	url->path = authority + len;
	return parse_authority(authority, len, url);
}

static void base64(const unsigned char *in, size_t len, char *out)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned int v = (unsigned int)in[i] << 16;

		v |= i + 1 < len ? (unsigned int)in[i + 1] << 8 : 0;
		v |= i + 2 < len ? in[i + 2] : 0;
		*out++ = set[v >> 18];
		*out++ = set[v >> 12 & 63];
		*out++ = i + 1 < len ? set[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? set[v & 63] : '=';
	}
	*out = '\0';
}

static const char *authorization(const struct http_credentials *c, char *buf, size_t size)
{
	char plain[2 * CREDENTIAL_MAX + 2];
	char coded[sizeof(plain) / 3 * 4 + 5];
	const char *password = c->password ? c->password : "";

	if (!c->user) {
		buf[0] = '\0';
		return NULL;
	}
	if (strnlen(c->user, CREDENTIAL_MAX + 1) > CREDENTIAL_MAX ||
	    strnlen(password, CREDENTIAL_MAX + 1) > CREDENTIAL_MAX)
		return "the user name or password is longer than 256 bytes";
	if (strchr(c->user, ':'))
		return "the user name holds a colon";
	(void)snprintf(plain, sizeof(plain), "%s:%s", c->user, password);
	base64((const unsigned char *)plain, strlen(plain), coded);
	(void)snprintf(buf, size, "Authorization: Basic %s\r\n", coded);
	return NULL;
}

const char *http_request_build(const struct http_url *url, const char *host,
			       const struct http_credentials *credentials,
			       char buf[HTTP_REQUEST_MAX], size_t *ret_len)
{
	char auth[1024];
	size_t path_len = strcspn(url->path, "#");
	const char *problem;
	int n;

	if (host && (has_control_or_space(host) || !host[0]))
		return "the Host header is empty or holds a space or control character";
	problem = authorization(credentials, auth, sizeof(auth));
	if (problem)
		return problem;
	/* Connection: close, and no Accept-Encoding: the body comes as it is. */
	n = snprintf(buf, HTTP_REQUEST_MAX,
		     "GET %s%.*s HTTP/1.1\r\nHost: %s\r\n%sUser-Agent: haops\r\n"
		     "Accept: */*\r\nConnection: close\r\n\r\n",
		     url->path[0] == '/' ? "" : "/", (int)path_len, url->path,
		     host ? host : url->host, auth);
	if (n < 0 || n >= HTTP_REQUEST_MAX)
		return "URL, host and credentials are longer than 8 KiB together";
	*ret_len = (size_t)n;
	return NULL;
}
