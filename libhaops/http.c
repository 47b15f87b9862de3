/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Carries one GET over a non-blocking socket until a deadline. The bytes are made and read in
 * http-request.c and http-parse.c. Follows no redirection, keeps no connection.
 */

#include "http-parse.h"
#include "internal.h"

#include <haops/http.h>
#include <limits.h>
#include <stdio.h>

#define BODY_LIMIT 1048576
#define READ_BYTES 16384
#define UNIX_RETRY_MS 10

struct exchange {
	struct haops_ctx *ctx;
	const char *url;
	int64_t deadline_ms;
	int64_t start_ns;
	int64_t first_byte_ms; /* -1 before it came */
};

static int net_fail(const struct exchange *x, int code, const char *what)
{
	switch (code) {
	case -ECONNREFUSED:
	case -ENOENT: /* no such unix socket */
		return haops_fail(x->ctx, ECONNREFUSED, "%.200s: nothing listens there", x->url);
	case -ECONNRESET:
	case -EPIPE:
		return haops_fail(x->ctx, ECONNRESET, "%.200s: the server closed the connection",
				  x->url);
	case -EHOSTUNREACH:
	case -ENETUNREACH:
	case -EADDRNOTAVAIL:
		return haops_fail(x->ctx, EHOSTUNREACH, "%.200s: there is no way to the host",
				  x->url);
	case -ETIMEDOUT:
		return haops_fail(x->ctx, ETIMEDOUT, "%.200s: %s took too long", x->url, what);
	case -ENOMEM:
		return haops_fail(x->ctx, ENOMEM, "%.200s: memory is short", x->url);
	default:
		return haops_fail(x->ctx, EIO, "%.200s: %s: %s", x->url, what, strerror(-code));
	}
}

static int wait_for(const struct exchange *x, int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	int r = x->ctx->sys->poll(&p, 1, x->deadline_ms);

	return r == 0 ? -ETIMEDOUT : r;
}

/* A unix socket whose backlog is full says EAGAIN, and poll(2) knows nothing about when it has
 * room. */
static int connect_once(const struct exchange *x, int fd, const struct http_url *url, size_t i)
{
	const struct haops_sys *sys = x->ctx->sys;
	int64_t again;
	int r;

	for (;;) {
		r = sys->connect(fd, (const struct sockaddr *)&url->addr[i], url->addr_len[i]);
		if (r != -EAGAIN)
			return r;
		if (haops_deadline_left_ms(x->ctx, x->deadline_ms) == 0)
			return -ETIMEDOUT;
		again = haops_deadline_after(x->ctx, UNIX_RETRY_MS);
		r = sys->poll(NULL, 0, again < x->deadline_ms ? again : x->deadline_ms);
		if (r < 0)
			return r;
	}
}

static int connect_to(const struct exchange *x, const struct http_url *url, size_t i, int *ret_fd)
{
	const struct haops_sys *sys = x->ctx->sys;
	CLEANUP_FD int fd = -1;
	int error = 0;
	socklen_t len = sizeof(error);
	int r;

	fd = sys->socket(url->addr[i].ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	r = connect_once(x, fd, url, i);
	if (r == -EINPROGRESS) {
		r = wait_for(x, fd, POLLOUT);
		if (r >= 0)
			r = sys->getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (r >= 0)
			r = -error;
	}
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Tries the addresses in their order; a host without IPv6 (or IPv4) still has the other. */
static int open_connection(const struct exchange *x, const struct http_url *url, int *ret_fd)
{
	int r = -EHOSTUNREACH;
	int last;

	for (size_t i = 0; i < url->addr_count; i++) {
		last = connect_to(x, url, i, ret_fd);
		if (last == 0)
			return 0;
		if (i == 0 || last == -ETIMEDOUT)
			r = last;
		if (r == -ETIMEDOUT)
			break;
	}
	return net_fail(x, r, "connecting");
}

static int send_all(const struct exchange *x, int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = x->ctx->sys->sendto(fd, data, len, MSG_NOSIGNAL, NULL, 0);
		int r;

		if (n == -EAGAIN) {
			r = wait_for(x, fd, POLLOUT);
			if (r < 0)
				return net_fail(x, r, "sending the request");
			continue;
		}
		/* A server may answer and close before it has read everything: read the answer. */
		if (n == -EPIPE)
			return 0;
		if (n < 0)
			return net_fail(x, (int)n, "sending the request");
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The next piece: bytes, 0 at the end of the stream, or below 0 (net_fail() was called). */
static ssize_t receive(struct exchange *x, int fd, char *buf, size_t size)
{
	const char *what = x->first_byte_ms < 0 ? "waiting for the answer" : "reading the answer";
	ssize_t n;
	int r;

	do {
		if (haops_deadline_left_ms(x->ctx, x->deadline_ms) == 0)
			return net_fail(x, -ETIMEDOUT,
					what); /* endless data never lets poll wait */
		r = wait_for(x, fd, POLLIN);
		if (r < 0)
			return net_fail(x, r, what);
		n = x->ctx->sys->recvfrom(fd, buf, size, 0, NULL, NULL);
	} while (n == -EAGAIN);
	if (n < 0)
		return net_fail(x, (int)n, what);
	if (x->first_byte_ms < 0) {
		if (n == 0)
			return net_fail(x, -ECONNRESET, what);
		x->first_byte_ms = (x->ctx->sys->now_ns() - x->start_ns) / 1000000;
	}
	return n;
}

static int read_response(struct exchange *x, int fd, struct http_parser *parser)
{
	char buf[READ_BYTES];
	int r = 0;

	while (r == 0 && parser->phase != HTTP_DONE) {
		ssize_t n = receive(x, fd, buf, sizeof(buf));

		if (n < 0)
			return (int)n;
		r = n ? http_parser_feed(parser, buf, (size_t)n) : http_parser_close(parser);
	}
	if (r == -EPROTO)
		return haops_fail(x->ctx, EPROTO, "%.200s: the answer cannot be used: %s", x->url,
				  parser->problem);
	return r < 0 ? net_fail(x, r, "reading the answer") : 0;
}

static int exchange_run(struct exchange *x, const struct http_url *url, const char *request,
			size_t len, struct http_parser *parser)
{
	CLEANUP_FD int fd = -1;
	int r;

	r = open_connection(x, url, &fd);
	if (r < 0)
		return r;
	r = send_all(x, fd, request, len);
	if (r < 0)
		return r;
	return read_response(x, fd, parser);
}

static int give_response(const struct exchange *x, struct http_parser *parser,
			 struct haops_http_response *ret)
{
	/* An empty body is a string as well. */
	char *body = parser->body ? parser->body : calloc(1, 1);

	if (!body)
		return net_fail(x, -ENOMEM, "");
	*ret = (struct haops_http_response){
		.status = parser->status,
		.body = body,
		.body_len = parser->body_len,
		.is_truncated = parser->is_truncated,
		.location = parser->location,
		.first_byte_ms = x->first_byte_ms,
	};
	parser->body = NULL;
	parser->location = NULL;
	return 0;
}

int haops_http_get(struct haops_ctx *ctx, const struct haops_http_request *request,
		   int64_t deadline_ms, struct haops_http_response *ret_response)
{
	struct exchange x = {.ctx = ctx, .deadline_ms = deadline_ms, .first_byte_ms = -1};
	struct http_credentials credentials;
	struct http_parser parser;
	struct http_url url;
	char buf[HTTP_REQUEST_MAX];
	const char *problem;
	size_t len;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!request || !request->url || !ret_response || request->body_max_bytes > BODY_LIMIT)
		return haops_fail(ctx, EINVAL, "HTTP request: an argument is out of its range");
	x.url = request->url;
	x.start_ns = ctx->sys->now_ns();
	credentials = (struct http_credentials){request->user, request->password};
	problem = http_url_parse(request->url, &url);
	if (!problem)
		problem = http_request_build(&url, request->host, &credentials, buf, &len);
	/* What stands before an @ may be a password. */
	if (problem && strchr(request->url, '@'))
		return haops_fail(ctx, EINVAL, "the URL cannot be used: %s", problem);
	if (problem)
		return haops_fail(ctx, EINVAL, "URL %.200s cannot be used: %s", request->url,
				  problem);
	http_parser_init(&parser, request->body_max_bytes);
	r = exchange_run(&x, &url, buf, len, &parser);
	if (r == 0)
		r = give_response(&x, &parser, ret_response);
	http_parser_done(&parser);
	explicit_bzero(buf, sizeof(buf));
	return r;
}

void haops_http_response_done(struct haops_http_response *response)
{
	if (!response)
		return;
	free(response->body);
	free(response->location);
	memset(response, 0, sizeof(*response));
}
