/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the response of one GET piece by piece (RFC 9112): status line, header, and a body that
 * ends by length, by chunks or by close. Bounded: lines are cut, the body is kept up to a limit.
 * What belongs to the URL and the request is in http-request.c.
 */

#include "http-parse.h"
#include "internal.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_STEP_BYTES 4096

static int broken(struct http_parser *p, const char *problem)
{
	p->problem = problem;
	return -EPROTO;
}

void http_parser_init(struct http_parser *p, size_t body_max)
{
	memset(p, 0, sizeof(*p));
	p->body_max = body_max;
}

void http_parser_done(struct http_parser *p)
{
	free(p->body);
	free(p->location);
	p->body = NULL;
	p->location = NULL;
}

static int grow_body(struct http_parser *p, size_t need)
{
	size_t size = p->body_size ? p->body_size : BODY_STEP_BYTES;
	char *body;

	while (size < need + 1)
		size *= 2;
	if (size == p->body_size)
		return 0;
	body = realloc(p->body, size);
	if (!body)
		return -ENOMEM;
	p->body = body;
	p->body_size = size;
	return 0;
}

static int append_body(struct http_parser *p, const char *data, size_t len)
{
	size_t room = p->body_max - p->body_len;
	int r;

	if (len > room) {
		p->is_truncated = true;
		len = room;
	}
	if (len == 0)
		return 0;
	r = grow_body(p, p->body_len + len);
	if (r < 0)
		return r;
	memcpy(p->body + p->body_len, data, len);
	p->body_len += len;
	p->body[p->body_len] = '\0';
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.x SSS reason"; the reason may be missing together with its space. */
static int status_line(struct http_parser *p)
{
	const char *l = p->line;

	if (strncmp(l, "HTTP/1.", 7) != 0 || !is_digit(l[7]) || l[8] != ' ')
		return broken(p, "it does not begin with an HTTP/1 status line");
	if (l[9] < '1' || l[9] > '5' || !is_digit(l[10]) || !is_digit(l[11]) ||
	    (l[12] != '\0' && l[12] != ' '))
		return broken(p, "its status code is not a number from 100 to 599");
	p->status = (l[9] - '0') * 100 + (l[10] - '0') * 10 + (l[11] - '0');
	p->phase = HTTP_HEADERS;
	return 0;
}

static int content_length(struct http_parser *p, const char *value)
{
	uint64_t n = 0;
	const char *c = value;

	for (; is_digit(*c); c++) {
		if (n > (UINT64_MAX - 9) / 10)
			return broken(p, "its Content-Length is too large");
		n = n * 10 + (uint64_t)(*c - '0');
	}
	if (c == value || *c)
		return broken(p, "its Content-Length is no number");
	if (p->has_length && n != p->left)
		return broken(p, "it has two different Content-Length headers");
	p->has_length = true;
	p->left = n;
	return 0;
}

/* The value of header line "NAME: value" if the line is of that name, without the spaces around. */
static char *header_value(struct http_parser *p, const char *name)
{
	size_t len = strlen(name);
	char *value;
	char *end;

	if (strncasecmp(p->line, name, len) != 0 || p->line[len] != ':')
		return NULL;
	value = p->line + len + 1;
	value += strspn(value, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return value;
}

static int keep_location(struct http_parser *p, const char *value)
{
	char *copy;

	if (p->location)
		return 0;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	p->location = copy;
	return 0;
}

static int header_line(struct http_parser *p)
{
	const char *value;

	value = header_value(p, "Content-Length");
	if (value)
		return content_length(p, value);
	value = header_value(p, "Transfer-Encoding");
	if (value && strcasecmp(value, "chunked") != 0)
		return broken(p, "it uses a transfer coding other than chunked");
	if (value)
		p->is_chunked = true;
	/* A cut Location is of no use to anybody. */
	value = p->is_line_cut ? NULL : header_value(p, "Location");
	return value ? keep_location(p, value) : 0;
}

static int headers_end(struct http_parser *p)
{
	if (p->status < 200) {
		if (p->status == 101 || ++p->interim > HTTP_INTERIM_MAX)
			return broken(p, "it has no final status");
		p->has_length = false;
		p->is_chunked = false;
		p->phase = HTTP_STATUS_LINE;
	} else if (p->status == 204 || p->status == 304) {
		p->phase = HTTP_DONE;
	} else if (p->is_chunked) {
		/* RFC 9112 6.3: it outweighs a Content-Length. */
		p->phase = HTTP_CHUNK_SIZE;
	} else if (p->has_length) {
		p->phase = p->left ? HTTP_BODY_LENGTH : HTTP_DONE;
	} else {
		p->phase = HTTP_BODY_CLOSE;
	}
	return 0;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int chunk_size(struct http_parser *p)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; hex_digit(p->line[i]) >= 0; i++) {
		if (n >> 59)
			return broken(p, "a chunk is too large");
		n = n * 16 + (uint64_t)hex_digit(p->line[i]);
	}
	if (i == 0 || (p->line[i] != '\0' && !strchr("; \t", p->line[i])))
		return broken(p, "the size of a chunk is no number");
	p->left = n;
	p->phase = n ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
	/* Each chunk has a size line: only header and trailer count against the limit. */
	p->header_bytes = 0;
	return 0;
}

static int take_line(struct http_parser *p)
{
	switch (p->phase) {
	case HTTP_STATUS_LINE:
		return status_line(p);
	case HTTP_HEADERS:
		return p->line[0] ? header_line(p) : headers_end(p);
	case HTTP_CHUNK_SIZE:
		return chunk_size(p);
	case HTTP_CHUNK_END:
		if (p->line[0])
			return broken(p, "a chunk is longer than its size");
		p->phase = HTTP_CHUNK_SIZE;
		return 0;
	default:
		if (!p->line[0])
			p->phase = HTTP_DONE;
		return 0;
	}
}

static void keep_byte(struct http_parser *p, char c)
{
	if (p->line_len < HTTP_LINE_MAX)
		p->line[p->line_len++] = c;
	else
		p->is_line_cut = true;
}

/* Takes bytes up to the end of a line; *ret_used says how many. */
static int feed_line(struct http_parser *p, const char *data, size_t len, size_t *ret_used)
{
	const char *end = memchr(data, '\n', len);
	size_t n = end ? (size_t)(end - data) + 1 : len;
	int r;

	*ret_used = n;
	p->header_bytes += n;
	if (p->header_bytes > HTTP_HEADER_MAX)
		return broken(p, "its header is larger than 64 KiB");
	for (size_t i = 0; i < (end ? n - 1 : n); i++) {
		if (data[i] == '\0')
			return broken(p, "its header has a NUL byte");
		keep_byte(p, data[i]);
	}
	/* Garbage without a line end is known as such before 64 KiB of it were read. */
	if (p->phase == HTTP_STATUS_LINE &&
	    memcmp(p->line, "HTTP/1.", p->line_len < 7 ? p->line_len : 7) != 0)
		return broken(p, "it does not begin with an HTTP/1 status line");
	if (!end)
		return 0;
	if (p->line_len && p->line[p->line_len - 1] == '\r')
		p->line_len--;
	p->line[p->line_len] = '\0';
	r = take_line(p);
	p->line_len = 0;
	p->is_line_cut = false;
	return r;
}

static int feed_counted(struct http_parser *p, const char *data, size_t len, size_t *ret_used)
{
	size_t n = p->left < len ? (size_t)p->left : len;

	*ret_used = n;
	p->left -= n;
	if (p->left == 0)
		p->phase = p->phase == HTTP_CHUNK_DATA ? HTTP_CHUNK_END : HTTP_DONE;
	return append_body(p, data, n);
}

int http_parser_feed(struct http_parser *p, const char *data, size_t len)
{
	while (len > 0 && p->phase != HTTP_DONE) {
		size_t used = len;
		int r;

		if (p->phase == HTTP_BODY_CLOSE)
			r = append_body(p, data, len);
		else if (p->phase == HTTP_BODY_LENGTH || p->phase == HTTP_CHUNK_DATA)
			r = feed_counted(p, data, len, &used);
		else
			r = feed_line(p, data, len, &used);
		if (r < 0)
			return r;
		data += used;
		len -= used;
	}
	return 0;
}

int http_parser_close(struct http_parser *p)
{
	if (p->phase == HTTP_BODY_CLOSE)
		p->phase = HTTP_DONE;
	return p->phase == HTTP_DONE ? 0 : broken(p, "it breaks off");
}
