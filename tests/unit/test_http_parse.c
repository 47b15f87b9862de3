/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses of HTTP by table, each one fed whole, byte by byte, and in every split into two. */

#include "http-parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BODY_MAX 32

struct response_case {
	const char *text;
	int status; /* 0: -EPROTO while bytes come, -1: -EPROTO at the close */
	const char *body;
	bool is_truncated;
};

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static const struct response_case cases[] = {
	{OK "Content-Length: 5\r\n\r\nhello", 200, "hello", false},
	{OK "Content-Length: 5\r\n\r\nhello and more", 200, "hello", false},
	{OK "content-length:\t5 \r\n\r\nhello", 200, "hello", false},
	{OK "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello", 200, "hello", false},
	{OK "Content-Length: 0\r\n\r\n", 200, "", false},
	{OK "\r\nuntil close", 200, "until close", false},
	{OK "\r\n", 200, "", false},
	{"HTTP/1.0 503 Service Unavailable\n\nsorry", 503, "sorry", false},
	{"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", false},
	{"HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", false},
	{"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\nhi", 200, "hi", false},
	{CHUNKED "5\r\nhello\r\n0\r\n\r\n", 200, "hello", false},
	{CHUNKED "2;x=y\r\nhe\r\n03\r\nllo\r\n0\r\nTrailer: x\r\n\r\n", 200, "hello", false},
	{OK "Content-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n1\na\n0\n\n", 200, "a", false},
	{OK "\r\n0123456789012345678901234567890123456789", 200, "01234567890123456789012345678901",
	 true},
	{OK "Content-Length: 5\r\n\r\nhel", -1, NULL, false},
	{OK "Content-Le", -1, NULL, false},
	{"", -1, NULL, false},
	{"HTTP/1.1", -1, NULL, false},
	{CHUNKED "5\r\nhello\r\n", -1, NULL, false},
	{CHUNKED "5\r\nhello\r\n0\r\n", -1, NULL, false},
	{"SSH-2.0-OpenSSH_9.2\r\n", 0, NULL, false},
	{"HTTP/2 200\r\n", 0, NULL, false},
	{"HTTP/1.1 2000 OK\r\n", 0, NULL, false},
	{"HTTP/1.1 99 OK\r\n", 0, NULL, false},
	{"HTTP/1.1 600 OK\r\n", 0, NULL, false},
	{"HTTP/1.1200 OK\r\n", 0, NULL, false},
	{"HTTP/1.1 101 Switching Protocols\r\n\r\n", 0, NULL, false},
	{OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 0, NULL, false},
	{OK "Content-Length: -1\r\n\r\n", 0, NULL, false},
	{OK "Content-Length: 5x\r\n\r\n", 0, NULL, false},
	{OK "Content-Length:\r\n\r\n", 0, NULL, false},
	{OK "Content-Length: 99999999999999999999999999\r\n\r\n", 0, NULL, false},
	{OK "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, NULL, false},
	{CHUNKED "x\r\n", 0, NULL, false},
	{CHUNKED "\r\n", 0, NULL, false},
	{CHUNKED "5 hello\r\n", -1, NULL, false},
	{CHUNKED "FFFFFFFFFFFFFFFFF\r\n", 0, NULL, false},
	{CHUNKED "2\r\nhello\r\n", 0, NULL, false},
};

/* Feeds text, the first `first` bytes as one piece and the rest in pieces of `step`. */
static int feed(struct http_parser *p, const char *text, size_t first, size_t step)
{
	size_t len = strlen(text);
	size_t pos = 0;
	int r = 0;

	http_parser_init(p, BODY_MAX);
	while (pos < len && r == 0) {
		size_t n = pos == 0 && first ? first : step;

		if (n > len - pos)
			n = len - pos;
		r = http_parser_feed(p, text + pos, n);
		pos += n;
	}
	return r;
}

static void check_case(const struct response_case *c, size_t first, size_t step)
{
	struct http_parser p;
	int r = feed(&p, c->text, first, step);

	if (c->status == 0) {
		assert_int_equal(r, -EPROTO);
		assert_non_null(p.problem);
	} else {
		assert_int_equal(r, 0);
		assert_int_equal(http_parser_close(&p), c->status < 0 ? -EPROTO : 0);
	}
	if (c->status > 0) {
		assert_int_equal(p.status, c->status);
		assert_string_equal(p.body ? p.body : "", c->body);
		assert_int_equal(p.is_truncated, c->is_truncated);
	}
	http_parser_done(&p);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);

		check_case(&cases[i], 0, 1);
		check_case(&cases[i], 0, 7);
		for (size_t first = 1; first <= len; first++)
			check_case(&cases[i], first, len);
	}
}

static void test_location(void **state)
{
	struct http_parser p;

	(void)state;
	assert_int_equal(feed(&p, "HTTP/1.1 301 Moved\r\nLocation:  /x?y \r\nLocation: /z\r\n\r\n",
			      0, 3),
			 0);
	assert_string_equal(p.location, "/x?y");
	http_parser_done(&p);
}

/* Header lines of any length are passed over, but not without end. */
static void test_large_header(void **state)
{
	struct http_parser p;
	char piece[4096];

	(void)state;
	memset(piece, 'a', sizeof(piece));
	http_parser_init(&p, BODY_MAX);
	assert_int_equal(http_parser_feed(&p, OK "Set-Cookie: ", strlen(OK "Set-Cookie: ")), 0);
	assert_int_equal(http_parser_feed(&p, piece, sizeof(piece)), 0);
	assert_int_equal(http_parser_feed(&p, "\r\n\r\n", 4), 0);
	assert_int_equal(p.phase, HTTP_BODY_CLOSE);
	http_parser_done(&p);

	http_parser_init(&p, BODY_MAX);
	assert_int_equal(http_parser_feed(&p, OK, strlen(OK)), 0);
	for (int i = 0; i < 15; i++)
		assert_int_equal(http_parser_feed(&p, piece, sizeof(piece)), 0);
	assert_int_equal(http_parser_feed(&p, piece, sizeof(piece)), -EPROTO);
	http_parser_done(&p);
}

/* An endless row of chunks is bounded by the caller's deadline only: memory stays as it is. */
static void test_many_chunks(void **state)
{
	struct http_parser p;

	(void)state;
	http_parser_init(&p, BODY_MAX);
	assert_int_equal(http_parser_feed(&p, CHUNKED, strlen(CHUNKED)), 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(http_parser_feed(&p, "1\r\nx\r\n", 6), 0);
	assert_int_equal(p.body_len, BODY_MAX);
	assert_true(p.is_truncated);
	http_parser_done(&p);
}

static void test_body_none_kept(void **state)
{
	struct http_parser p;

	(void)state;
	http_parser_init(&p, 0);
	assert_int_equal(http_parser_feed(&p, OK "\r\nx", strlen(OK "\r\nx")), 0);
	assert_int_equal(http_parser_close(&p), 0);
	assert_null(p.body);
	assert_true(p.is_truncated);
	http_parser_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	       cmocka_unit_test(test_location),
		cmocka_unit_test(test_large_header),   cmocka_unit_test(test_many_chunks),
		cmocka_unit_test(test_body_none_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
