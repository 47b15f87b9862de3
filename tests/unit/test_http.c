/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops_http_get() against a scripted system: each fault of a network, without a network. */

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <haops/http.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The script of one connection: what connect, getsockopt and recvfrom answer. */
static struct {
	int connect[4];
	size_t connects;
	int error;
	const char *pieces[8]; /* NULL: end of the stream */
	int reset_after;       /* that piece is -ECONNRESET; 0: none */
	int silent_after;      /* from that piece on nothing comes; 0: never */
	size_t piece;
	int64_t now_ns;
	char sent[8192];
	size_t sent_len;
	size_t send_max;
	int socket_result;
} script;

static int64_t fake_now(void)
{
	return script.now_ns;
}

static int fake_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)protocol;
	assert_true(type & SOCK_CLOEXEC);
	assert_true(type & SOCK_NONBLOCK);
	return script.socket_result < 0 ? script.socket_result
					: open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int fake_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return script.connect[script.connects++ % 4];
}

static int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	(void)fd;
	(void)level;
	(void)name;
	assert_int_equal(*len, sizeof(int));
	memcpy(value, &script.error, sizeof(int));
	return 0;
}

static ssize_t fake_sendto(int fd, const void *data, size_t len, int flags,
			   const struct sockaddr *addr, socklen_t addr_len)
{
	(void)fd;
	(void)addr;
	(void)addr_len;
	assert_true(flags & MSG_NOSIGNAL);
	if (len > script.send_max)
		len = script.send_max;
	assert_true(script.sent_len + len < sizeof(script.sent));
	memcpy(script.sent + script.sent_len, data, len);
	script.sent_len += len;
	return (ssize_t)len;
}

static ssize_t fake_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			     socklen_t *addr_len)
{
	const char *piece = script.pieces[script.piece++];

	(void)fd;
	(void)flags;
	(void)addr;
	(void)addr_len;
	script.now_ns += 1000000;
	if (script.reset_after && script.piece == (size_t)script.reset_after)
		return -ECONNRESET;
	if (!piece)
		return 0;
	assert_true(strlen(piece) <= len);
	memcpy(buf, piece, strlen(piece));
	return (ssize_t)strlen(piece);
}

static int fake_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	bool is_silent = script.silent_after && script.piece + 1 >= (size_t)script.silent_after &&
			 count == 1 && fds[0].events == POLLIN;

	if (count == 0 || is_silent) {
		script.now_ns = deadline_ms * 1000000;
		return 0;
	}
	fds[0].revents = fds[0].events;
	return 1;
}

static const struct haops_sys fake = {
	.now_ns = fake_now,
	.socket = fake_socket,
	.connect = fake_connect,
	.getsockopt = fake_getsockopt,
	.sendto = fake_sendto,
	.recvfrom = fake_recvfrom,
	.poll = fake_poll,
};

static int setup(void **state)
{
	struct haops_ctx *ctx;

	memset(&script, 0, sizeof(script));
	script.send_max = 8192;
	if (haops_ctx_new(&ctx) < 0)
		return -1;
	haops_ctx_set_sys(ctx, &fake);
	*state = ctx;
	return 0;
}

static int teardown(void **state)
{
	haops_ctx_free(*state);
	return 0;
}

static int get(struct haops_ctx *ctx, const char *url, struct haops_http_response *ret)
{
	struct haops_http_request request = {.url = url, .body_max_bytes = 100};

	return haops_http_get(ctx, &request, haops_deadline_after(ctx, 1000), ret);
}

static void test_plain(void **state)
{
	struct haops_http_response response;

	script.pieces[0] = "HTTP/1.1 200 OK\r\nConte";
	script.pieces[1] = "nt-Length: 5\r\n\r\nhe";
	script.pieces[2] = "llo";
	script.send_max = 3;
	assert_int_equal(get(*state, "http://127.0.0.1:8080/x", &response), 0);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "hello");
	assert_int_equal(response.body_len, 5);
	assert_int_equal(response.first_byte_ms, 1);
	assert_memory_equal(script.sent, "GET /x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n", 39);
	haops_http_response_done(&response);
	assert_null(response.body);
	haops_http_response_done(&response);
	haops_http_response_done(NULL);
}

static void test_empty_body(void **state)
{
	struct haops_http_response response;

	script.connect[0] = -EINPROGRESS;
	script.pieces[0] = "HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(get(*state, "http://127.0.0.1/", &response), 0);
	assert_string_equal(response.body, "");
	assert_string_equal(response.location, "/y");
	haops_http_response_done(&response);
}

static void expect_failure(struct haops_ctx *ctx, const char *url, int code)
{
	struct haops_http_response response;

	memset(&response, 0x5a, sizeof(response));
	assert_int_equal(get(ctx, url, &response), code);
	assert_int_equal(response.status, 0x5a5a5a5a); /* untouched */
	assert_string_not_equal(haops_ctx_error(ctx), "");
}

static void test_connect_faults(void **state)
{
	static const struct {
		int connect;
		int error;
		int code;
	} faults[] = {
		{-ECONNREFUSED, 0, -ECONNREFUSED},
		{-EINPROGRESS, ECONNREFUSED, -ECONNREFUSED},
		{-ENETUNREACH, 0, -EHOSTUNREACH},
		{-EINPROGRESS, EHOSTUNREACH, -EHOSTUNREACH},
		{-EACCES, 0, -EIO},
		{-ENOENT, 0, -ECONNREFUSED},
		{-EAGAIN, 0, -ETIMEDOUT},
		{-EINPROGRESS, ETIMEDOUT, -ETIMEDOUT},
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (size_t k = 0; k < 4; k++)
			script.connect[k] = faults[i].connect;
		script.error = faults[i].error;
		expect_failure(*state, "http://127.0.0.1/", faults[i].code);
	}
	script.socket_result = -EMFILE;
	expect_failure(*state, "http://127.0.0.1/", -EIO);
}

static void test_localhost_tries_both(void **state)
{
	struct haops_http_response response;

	script.connect[0] = -ECONNREFUSED;
	script.pieces[0] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(get(*state, "http://localhost/", &response), 0);
	assert_int_equal(script.connects, 2);
	haops_http_response_done(&response);
}

static void test_answer_faults(void **state)
{
	script.reset_after = 1;
	expect_failure(*state, "http://127.0.0.1/", -ECONNRESET);
	script.piece = 0;
	script.reset_after = 0;
	expect_failure(*state, "http://127.0.0.1/", -ECONNRESET); /* closed without a byte */
	script.piece = 0;
	script.pieces[0] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe";
	expect_failure(*state, "http://127.0.0.1/", -EPROTO);
	script.piece = 0;
	script.pieces[0] = "garbage\r\n";
	expect_failure(*state, "http://127.0.0.1/", -EPROTO);
	script.piece = 0;
	script.silent_after = 1;
	expect_failure(*state, "http://127.0.0.1/", -ETIMEDOUT);
}

static void test_bad_arguments(void **state)
{
	struct haops_http_request request = {.url = "http://127.0.0.1/", .body_max_bytes = 1048577};
	struct haops_http_response response;

	expect_failure(*state, "ftp://127.0.0.1/", -EINVAL);
	assert_int_equal(haops_http_get(*state, &request, 1, &response), -EINVAL);
	assert_int_equal(haops_http_get(*state, NULL, 1, &response), -EINVAL);
	assert_int_equal(haops_http_get(NULL, &request, 1, &response), -EINVAL);
	request.body_max_bytes = 1;
	request.host = "a b";
	assert_int_equal(haops_http_get(*state, &request, 1, &response), -EINVAL);
	assert_int_equal(script.connects, 0);
}

static void test_password_is_not_told(void **state)
{
	struct haops_http_request request = {.url = "http://127.0.0.1/",
					     .user = "u",
					     .password = "swordfish"};
	struct haops_http_response response;

	script.connect[0] = -ECONNREFUSED;
	assert_int_equal(haops_http_get(*state, &request, 1000, &response), -ECONNREFUSED);
	assert_null(strstr(haops_ctx_error(*state), "swordfish"));
	request.url = "http://u:swordfish@127.0.0.1/";
	assert_int_equal(haops_http_get(*state, &request, 1000, &response), -EINVAL);
	assert_null(strstr(haops_ctx_error(*state), "swordfish"));
	assert_non_null(strstr(haops_ctx_error(*state), "user name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_body, setup, teardown),
		cmocka_unit_test_setup_teardown(test_connect_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_localhost_tries_both, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_password_is_not_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
