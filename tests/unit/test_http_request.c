/* SPDX-License-Identifier: GPL-2.0-or-later */
/* URLs and requests by table. */

#include "http-parse.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

struct url_case {
	const char *text;
	const char *addr; /* NULL: not accepted */
	unsigned int port;
	size_t count;
	const char *host;
	const char *path;
};

static const struct url_case urls[] = {
	{"http://127.0.0.1/", "127.0.0.1", 80, 1, "127.0.0.1", "/"},
	{"http://127.0.0.1", "127.0.0.1", 80, 1, "127.0.0.1", ""},
	{"HTTP://127.0.0.1:8080/a/b?c=d", "127.0.0.1", 8080, 1, "127.0.0.1:8080", "/a/b?c=d"},
	{"http://localhost:65535/x", "127.0.0.1", 65535, 2, "localhost:65535", "/x"},
	{"http://localhost?x", "127.0.0.1", 80, 2, "localhost", "?x"},
	{"http://[::1]/x", "::1", 80, 1, "[::1]", "/x"},
	{"http://[fe80::1:2]:81/", "fe80::1:2", 81, 1, "[fe80::1:2]:81", "/"},
	{"unix:/run/x.sock:/status", "/run/x.sock", 0, 1, "localhost", "/status"},
	{"unix:/run/x.sock", "/run/x.sock", 0, 1, "localhost", ""},
	{"unix:run/x.sock", NULL, 0, 0, NULL, NULL},
	{"unix:/run/x.sock:status", NULL, 0, 0, NULL, NULL},
	{"unix:/"
	 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
	 "5678901234567890123456789",
	 NULL, 0, 0, NULL, NULL},
	{"https://127.0.0.1/", NULL, 0, 0, NULL, NULL},
	{"http://", NULL, 0, 0, NULL, NULL},
	{"http:///x", NULL, 0, 0, NULL, NULL},
	{"http://www.example.com/", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1:/", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1:0/", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1:65536/", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1:8o/", NULL, 0, 0, NULL, NULL},
	{"http://[::1/", NULL, 0, 0, NULL, NULL},
	{"http://[::1]x/", NULL, 0, 0, NULL, NULL},
	{"http://[127.0.0.1]/", NULL, 0, 0, NULL, NULL},
	{"http://::1/", NULL, 0, 0, NULL, NULL},
	{"http://u:p@127.0.0.1/", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1/a b", NULL, 0, 0, NULL, NULL},
	{"http://127.0.0.1/a\r\nX: y", NULL, 0, 0, NULL, NULL},
	{"", NULL, 0, 0, NULL, NULL},
};

static void check_addr(const struct http_url *url, const struct url_case *c)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)&url->addr[0];
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)&url->addr[0];
	const struct sockaddr_un *sun = (const struct sockaddr_un *)&url->addr[0];
	char text[64];

	if (sun->sun_family == AF_UNIX) {
		assert_string_equal(sun->sun_path, c->addr);
		return;
	}
	if (sin->sin_family == AF_INET)
		assert_non_null(inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text)));
	else
		assert_non_null(inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof(text)));
	assert_string_equal(text, c->addr);
	assert_int_equal(ntohs(sin->sin_port), c->port);
}

static void test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct url_case *c = &urls[i];
		struct http_url url;
		const char *problem = http_url_parse(c->text, &url);

		if (!c->addr) {
			assert_non_null(problem);
			continue;
		}
		assert_null(problem);
		assert_int_equal(url.addr_count, c->count);
		assert_string_equal(url.host, c->host);
		assert_string_equal(url.path, c->path);
		check_addr(&url, c);
	}
}

static void test_long_url(void **state)
{
	static char text[HTTP_URL_MAX + 32] = "http://127.0.0.1/";
	struct http_url url;

	(void)state;
	memset(text + 17, 'a', HTTP_URL_MAX - 17);
	assert_null(http_url_parse(text, &url));
	text[HTTP_URL_MAX] = 'a';
	assert_non_null(http_url_parse(text, &url));
}

static void expect_request(const char *text, const char *host, const struct http_credentials *c,
			   const char *wanted)
{
	struct http_url url;
	char buf[HTTP_REQUEST_MAX];
	size_t len = 0;

	assert_null(http_url_parse(text, &url));
	assert_null(http_request_build(&url, host, c, buf, &len));
	assert_int_equal(len, strlen(buf));
	assert_memory_equal(buf, wanted, strlen(wanted));
	assert_string_equal(buf + len - 4, "\r\n\r\n");
}

static void test_requests(void **state)
{
	const struct http_credentials none = {NULL, NULL};
	const struct http_credentials some = {"Aladdin", "open sesame"};
	const struct http_credentials bare = {"u", NULL};

	(void)state;
	expect_request("http://127.0.0.1", NULL, &none, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
	expect_request("http://127.0.0.1?a#b", NULL, &none, "GET /?a HTTP/1.1\r\n");
	expect_request("unix:/s:/p", "www.example.com", &none,
		       "GET /p HTTP/1.1\r\nHost: www.example.com\r\n");
	expect_request("http://127.0.0.1/", NULL, &some,
		       "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
		       "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
	expect_request("http://127.0.0.1/", NULL, &bare,
		       "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic dTo=\r\n");
}

static void test_bad_requests(void **state)
{
	static char big[4096];
	const struct http_credentials none = {NULL, NULL};
	const struct http_credentials bad[] = {{"a:b", "c"}, {big, "c"}, {"a", big}};
	struct http_url url;
	char buf[HTTP_REQUEST_MAX];
	size_t len;

	(void)state;
	memset(big, 'a', sizeof(big) - 1);
	assert_null(http_url_parse("http://127.0.0.1/", &url));
	for (size_t i = 0; i < 3; i++)
		assert_non_null(http_request_build(&url, NULL, &bad[i], buf, &len));
	assert_non_null(http_request_build(&url, "a\r\nX: y", &none, buf, &len));
	assert_non_null(http_request_build(&url, "", &none, buf, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_long_url),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_bad_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
