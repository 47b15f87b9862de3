/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the nginx agent reads out of dumps, messages, verdicts and listen directives. */

#include "nginx/conf-parse.h"
#include "nginx/nginx.h"
#include "nginx/sockets.h"
#include "nginx/verdict.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char dump[] =
	"nginx: the configuration file /etc/n/n.conf syntax is ok\n"
	"# configuration file /etc/n/n.conf:\n"
	"user www; pid \"/run/my pid\";\n"
	"# pid /run/no.pid;\n"
	"include modules/*.conf;\n"
	"events { worker_connections 10; }\n"
	"http {\n"
	"  include mime.types;\n"
	"  include /etc/n/sites/*;\n"
	"  log_format main '$remote_addr; {not a block';\n"
	"  map $a $b { default 1; \"~^x{2}\" 2; }\n"
	"  server { listen 443 ssl; ssl_certificate cert.pem; ssl_certificate_key $dir/key.pem;\n"
	"    location / { content_by_lua_block { local s = \"don't\" if s then s = {} end } } }\n"
	"}\n"
	"stream { include stream.d/*; server { listen 53 udp; listen 5432; } }\n"
	"# configuration file /etc/n/mime.types:\n"
	"types { text/html html; }\n"
	"# configuration file /etc/n/sites/a:\n"
	"server {\n"
	"  listen 127.0.0.1:8080 default_server; listen [::1]:8080; server_name web.example www;\n"
	"  location = /status { if ($x) { stub_status; } }\n"
	"  location /off { stub_status off; }\n"
	"  include /etc/n/snip/one;\n"
	"}\n"
	"# configuration file /etc/n/snip/one:\n"
	"listen unix:/run/x.sock;\n"
	"# configuration file /etc/n/stream.d/s:\n"
	"server { listen 3306; }\n";

static bool watches(const struct conf_facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->watch_count; i++)
		if (strcmp(facts->watch[i], path) == 0)
			return true;
	return false;
}

static void expect_listen(const struct conf_listen *l, const char *addr, bool is_http, bool is_ssl)
{
	assert_string_equal(l->addr, addr);
	assert_int_equal(l->is_http, is_http);
	assert_int_equal(l->is_ssl, is_ssl);
}

static void test_dump(void **state)
{
	struct conf_facts f;

	(void)state;
	assert_int_equal(conf_parse(dump, strlen(dump), &f), 0);
	assert_string_equal(f.pid, "/run/my pid");
	assert_false(f.is_foreground);
	assert_int_equal(f.listen_count, 6);
	expect_listen(&f.listens[0], "443", true, true);
	expect_listen(&f.listens[1], "5432", false, false);
	expect_listen(&f.listens[2], "127.0.0.1:8080", true, false);
	expect_listen(&f.listens[3], "[::1]:8080", true, false);
	expect_listen(&f.listens[4], "unix:/run/x.sock", true, false);
	expect_listen(&f.listens[5], "3306", false, false);
	assert_string_equal(f.status_path, "/status");
	assert_string_equal(f.status_listen.addr, "127.0.0.1:8080");
	assert_string_equal(f.status_server, "web.example");
	conf_facts_free(&f);
}

static void test_watch_list(void **state)
{
	static const char *const files[] = {"/etc/n/n.conf",	 "/etc/n/modules",
					    "/etc/n/mime.types", "/etc/n/sites",
					    "/etc/n/sites/a",	 "/etc/n/cert.pem",
					    "/etc/n/snip/one",	 "/etc/n/stream.d",
					    "/etc/n/stream.d/s"};
	struct conf_facts f;

	(void)state;
	assert_int_equal(conf_parse(dump, strlen(dump), &f), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		assert_true(watches(&f, files[i]));
	assert_int_equal(f.watch_count, ARRAY_LEN(files));
	conf_facts_free(&f);
}

static void test_global(void **state)
{
	struct conf_facts f;

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(conf_parse_global("daemon off; master_process off;pid /x;", &f), 0);
	assert_true(f.is_foreground);
	assert_true(f.is_single);
	assert_string_equal(f.pid, "/x");
	conf_facts_free(&f);
	assert_int_equal(conf_parse("no dump", 7, &f), 0);
	assert_int_equal(f.watch_count, 0);
	conf_facts_free(&f);
}

static void test_messages(void **state)
{
	char buf[64];

	(void)state;
	conf_first_error("nginx: [warn] x\nnginx: [emerg] unknown directive \"a\" in /b:1\nmore",
			 buf, sizeof(buf));
	assert_string_equal(buf, "unknown directive \"a\" in /b:1");
	conf_first_error("2026/01/02 03:04:05 [emerg] 29#29: no \"events\"\n", buf, sizeof(buf));
	assert_string_equal(buf, "no \"events\"");
	conf_first_error("cannot load library\nx", buf, sizeof(buf));
	assert_string_equal(buf, "cannot load library");
	conf_first_error("", buf, sizeof(buf));
	assert_string_equal(buf, "");
	assert_true(conf_bind_error("nginx: [emerg] bind() to [::]:80 failed (98: Address", buf,
				    sizeof(buf)));
	assert_string_equal(buf, "[::]:80");
	assert_false(conf_bind_error("bind() to x\n failed (98: ", buf, sizeof(buf)));
	assert_false(conf_bind_error("bind() to 10.0.0.1:80 failed (99: Cannot", buf, sizeof(buf)));
	assert_true(conf_bind_absent("bind() to 10.0.0.1:80 failed (99: Cannot", buf, sizeof(buf)));
	assert_string_equal(buf, "10.0.0.1:80");
	assert_true(conf_build_option("configure arguments: --with-x --conf-path=/etc/n --y\n",
				      "conf-path", buf, sizeof(buf)));
	assert_string_equal(buf, "/etc/n");
	assert_false(conf_build_option("configure arguments: --x-conf-path=/e", "conf-path", buf,
				       sizeof(buf)));
}

static void make_verdict(struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	assert_int_equal(conf_parse(dump, strlen(dump), &v->facts), 0);
	v->stamps = calloc(v->facts.watch_count, sizeof(*v->stamps));
	assert_non_null(v->stamps);
	v->is_good = true;
	v->stamps[0] = (struct file_stamp){1, 2, 3, UINT64_MAX};
	memcpy(v->message, "some text", 10);
}

static void test_verdict(void **state)
{
	struct verdict v;
	struct verdict back;
	char *text;
	size_t len;

	(void)state;
	make_verdict(&v);
	assert_int_equal(verdict_format(&v, "a key", &text, &len), 0);
	assert_int_equal(verdict_parse(text, "another", &back), -EINVAL);
	assert_int_equal(verdict_parse(text, "a key", &back), 0);
	assert_true(back.is_good);
	assert_string_equal(back.message, "some text");
	assert_int_equal(back.facts.watch_count, v.facts.watch_count);
	assert_memory_equal(back.stamps, v.stamps, v.facts.watch_count * sizeof(*v.stamps));
	assert_memory_equal(back.facts.listens, v.facts.listens, sizeof(v.facts.listens));
	assert_string_equal(back.facts.status_server, "web.example");
	verdict_free(&back);
	/* A part of it is none. */
	for (size_t cut = 0; cut + 5 < len; cut++) {
		text[len - 5 - cut] = '\0';
		assert_int_equal(verdict_parse(text, "a key", &back), -EINVAL);
	}
	free(text);
	verdict_free(&v);
}

struct listen_case {
	const char *text;
	enum listen_kind kind; /* LISTEN_NONE: not accepted */
	const char *host;
	unsigned int port;
	bool is_any;
};

static const struct listen_case listens[] = {
	{"80", LISTEN_ANY, "", 80, true},
	{"*:8080", LISTEN_ANY, "*", 8080, true},
	{"0.0.0.0:81", LISTEN_V4, "0.0.0.0", 81, true},
	{"10.0.0.1", LISTEN_V4, "10.0.0.1", 80, false},
	{"10.0.0.1:443", LISTEN_V4, "10.0.0.1", 443, false},
	{"[::]:80", LISTEN_V6, "::", 80, true},
	{"[::1]", LISTEN_V6, "::1", 80, false},
	{"localhost:8000", LISTEN_NAME, "localhost", 8000, false},
	{"localhost", LISTEN_NAME, "localhost", 80, false},
	{"unix:/run/x", LISTEN_UNIX, "/run/x", 80, false},
	{"", LISTEN_NONE, "", 0, false},
	{"10.0.0.1:0", LISTEN_NONE, "", 0, false},
	{"*:65536", LISTEN_NONE, "", 0, false},
	{"[::1", LISTEN_NONE, "", 0, false},
	{"[::1]x", LISTEN_NONE, "", 0, false},
	{"[x]:80", LISTEN_NONE, "", 0, false},
	{"unix:x", LISTEN_NONE, "", 0, false},
};

static void test_listens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(listens); i++) {
		struct listen_addr a;

		if (listens[i].kind == LISTEN_NONE) {
			assert_false(listen_parse(listens[i].text, &a));
			continue;
		}
		assert_true(listen_parse(listens[i].text, &a));
		assert_int_equal(a.kind, listens[i].kind);
		assert_string_equal(a.host, listens[i].host);
		assert_int_equal(a.port, listens[i].port);
		assert_int_equal(listen_is_any(&a), listens[i].is_any);
	}
}

static void test_socket_tables(void **state)
{
	static const char tcp[] = "  sl  local_address rem_address   st tx_queue rx_queue tr "
				  "tm->when retrnsmt   uid\n"
				  "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 "
				  "00:00000000 00000000     0  "
				  "      0 1234 1 0000000000000000 100 0 0 10 0\n"
				  "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 "
				  "00:00000000 00000000     0  "
				  "      0 77 1 0000000000000000 20 4 30 10 -1\n";
	static const char table[] =
		"Num       RefCount Protocol Flags    Type St Inode Path\n"
		"0000000000000000: 00000002 00000000 00010000 0001 01 555 /run/x\n"
		"0000000000000000: 00000003 00000000 00000000 0001 03 556 /run/x\n"
		"0000000000000000: 00000002 00000000 00010000 0001 01 557 /run/xy\n";
	unsigned long inodes[4];
	struct listen_addr a;

	(void)state;
	assert_true(listen_parse("127.0.0.1:8080", &a));
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 1);
	assert_int_equal(inodes[0], 1234);
	a.port = 81;
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 0);
	assert_true(listen_parse("127.0.0.2:8080", &a));
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 1);
	a.is_exact = true;
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 0);
	assert_true(listen_parse("127.0.0.1:8080", &a));
	a.is_exact = true;
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 1);
	assert_true(listen_parse("8080", &a));
	a.is_exact = true;
	assert_int_equal(sockets_find(tcp, &a, inodes, 4), 0);
	assert_true(listen_parse("unix:/run/x", &a));
	assert_int_equal(sockets_find(table, &a, inodes, 4), 1);
	assert_int_equal(inodes[0], 555);
}

static void expect_page(const struct conf_facts *f, int64_t port, const char *wanted)
{
	struct nginx_url url;

	nginx_url_build(f, port, "/p", &url);
	assert_string_equal(url.text, wanted);
}

static void test_urls(void **state)
{
	struct conf_facts f;
	struct nginx_url url;

	(void)state;
	memset(&f, 0, sizeof(f));
	expect_page(&f, 0, "http://localhost:80/p");
	expect_page(&f, 81, "http://localhost:81/p");
	nginx_url_status(&f, 0, &url);
	assert_string_equal(url.text, "http://localhost:80/nginx_status");
	assert_int_equal(conf_parse(dump, strlen(dump), &f), 0);
	expect_page(&f, 0, "http://127.0.0.1:8080/p");
	expect_page(&f, 443, "https://localhost:443/p");
	expect_page(&f, 5432, "http://localhost:5432/p");
	nginx_url_status(&f, 0, &url);
	assert_string_equal(url.text, "http://127.0.0.1:8080/status");
	assert_string_equal(url.host, "web.example");
	nginx_url_status(&f, 99, &url);
	assert_string_equal(url.text, "http://localhost:99/status");
	assert_string_equal(url.host, "");
	conf_facts_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dump),	      cmocka_unit_test(test_watch_list),
		cmocka_unit_test(test_global),	      cmocka_unit_test(test_messages),
		cmocka_unit_test(test_verdict),	      cmocka_unit_test(test_listens),
		cmocka_unit_test(test_socket_tables), cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
