/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_HTTP_PARSE_H
#define HAOPS_HTTP_PARSE_H

/* URL, request and response of one HTTP/1.1 GET as bytes: pure, no system calls but memory. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define HTTP_URL_MAX 4096
#define HTTP_HOST_MAX 256
#define HTTP_REQUEST_MAX 8192
#define HTTP_TARGETS_MAX 2
#define HTTP_HEADER_MAX 65536 /* bytes of all header lines of a response */
#define HTTP_LINE_MAX 1024    /* bytes kept of each of them */
#define HTTP_INTERIM_MAX 8    /* 1xx responses before the final one */

/* Where a URL leads. "localhost" has two addresses, to be tried in this order. */
struct http_url {
	struct sockaddr_storage addr[HTTP_TARGETS_MAX];
	socklen_t addr_len[HTTP_TARGETS_MAX];
	size_t addr_count;
	char host[HTTP_HOST_MAX]; /* for the Host header */
	const char *path;	  /* within the parsed text; "" stands for "/" */
};

struct http_credentials {
	const char *user; /* NULL: none */
	const char *password;
};

enum http_phase {
	HTTP_STATUS_LINE,
	HTTP_HEADERS,
	HTTP_BODY_LENGTH,
	HTTP_BODY_CLOSE,
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK_DATA,
	HTTP_CHUNK_END,
	HTTP_TRAILERS,
	HTTP_DONE
};

struct http_parser {
	enum http_phase phase;
	char line[HTTP_LINE_MAX + 1];
	size_t line_len;
	bool is_line_cut;
	size_t header_bytes;
	unsigned int interim;
	int status;
	bool has_length;
	bool is_chunked;
	uint64_t left; /* bytes of the body or chunk still to come */
	char *body;    /* owned; NULL as long as it is empty */
	size_t body_len;
	size_t body_size;
	size_t body_max;
	bool is_truncated;
	char *location;	     /* owned; Location header or NULL */
	const char *problem; /* after -EPROTO: what is wrong, end of a sentence */
};

/* Returns NULL, or what is wrong with the URL as the end of a sentence. */
const char *http_url_parse(const char *text, struct http_url *ret_url);

/* Writes the request. Returns NULL, or what is wrong. */
const char *http_request_build(const struct http_url *url, const char *host,
			       const struct http_credentials *credentials,
			       char buf[HTTP_REQUEST_MAX], size_t *ret_len);

void http_parser_init(struct http_parser *parser, size_t body_max);
void http_parser_done(struct http_parser *parser);

/* Takes the next bytes. 0: more is needed (unless phase is HTTP_DONE), -EPROTO, -ENOMEM. */
int http_parser_feed(struct http_parser *parser, const char *data, size_t len);

/* The server has closed. 0: the response is whole; -EPROTO: it broke off. */
int http_parser_close(struct http_parser *parser);

#endif
