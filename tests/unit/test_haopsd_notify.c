/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd/notify.c against a socket as a service manager has it; and haopsd/log.c against syslog's.
 */
#include "log.h"
#include "notify.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_MAX 512

static char dir[] = "/tmp/haops-notify-XXXXXX";
static char path[64];
static int manager = -1;

static int make_socket(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/socket", dir);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	(void)setenv("NOTIFY_SOCKET", path, 1);
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return bind(manager, (const struct sockaddr *)&addr, sizeof(addr));
}

static int remove_socket(void **state)
{
	(void)state;
	(void)close(manager);
	(void)unlink(path);
	return rmdir(dir);
}

/* What the manager got; "" when it got nothing. */
static const char *heard(void)
{
	static char text[TEXT_MAX];
	ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void test_ready(void **state)
{
	struct notify notify;

	(void)state;
	assert_int_equal(notify_open(&notify), 0);
	assert_true(notify_is_wanted(&notify));
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(notify_send(&notify, "READY=1\nSTATUS=fine"), 0);
	assert_string_equal(heard(), "READY=1\nSTATUS=fine");
	notify_close(&notify);
	assert_false(notify_is_wanted(&notify));
}

static void test_nobody_listens(void **state)
{
	struct notify notify;

	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(&notify), 0);
	assert_false(notify_is_wanted(&notify));
	assert_int_equal(notify_send(&notify, "READY=1"), 0);
	assert_string_equal(heard(), "");
}

static void test_abstract(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct notify notify;
	char name[64];
	char text[TEXT_MAX] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int len = snprintf(name, sizeof(name), "@haops-test-%d", (int)getpid());

	(void)state;
	memcpy(addr.sun_path, name, (size_t)len);
	addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)),
			 0);
	(void)setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_send(&notify, "WATCHDOG=1"), 0);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), 10);
	assert_string_equal(text, "WATCHDOG=1");
	notify_close(&notify);
	(void)close(fd);
}

static void test_not_a_socket(void **state)
{
	struct notify notify;

	(void)state;
	(void)setenv("NOTIFY_SOCKET", "relative", 1);
	assert_int_equal(notify_open(&notify), -EINVAL);
	(void)setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	assert_int_equal(notify_open(&notify), -ENOENT);
	assert_false(notify_is_wanted(&notify));
}

static void test_watchdog(void **state)
{
	struct notify notify;
	char pid[16];

	(void)state;
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.watchdog_ms, 30000);
	notify_close(&notify);
	assert_null(getenv("WATCHDOG_USEC"));

	/* Meant for another process. */
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	(void)setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.watchdog_ms, 0);

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("WATCHDOG_USEC", "500", 1);
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.watchdog_ms, 1);

	(void)setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(notify_open(&notify), -EINVAL);
	assert_int_equal(notify.watchdog_ms, 0);
}

static void test_a_full_queue_does_not_stop_us(void **state)
{
	struct notify notify;
	int r = 0;

	(void)state;
	assert_int_equal(notify_open(&notify), 0);
	for (int i = 0; i < 100000 && r == 0; i++)
		r = notify_send(&notify, "WATCHDOG=1");
	assert_int_equal(r, -EAGAIN);
	notify_close(&notify);
}

static void test_log_line(void **state)
{
	struct log log;
	const char *line;

	(void)state;
	log_open(&log, path, false);
	log_write(&log, HAOPS_LOG_WARNING, "a line\nthat is two");
	line = heard();
	assert_non_null(strstr(line, "<28>"));
	assert_non_null(strstr(line, " haopsd["));
	assert_non_null(strstr(line, "]: warning: a line that is two"));
	log_write(&log, HAOPS_LOG_DEBUG, "not wanted");
	assert_string_equal(heard(), "");
	log_close(&log);
}

static void test_log_counts_what_is_lost(void **state)
{
	char text[TEXT_MAX] = "";
	int keep = dup(STDERR_FILENO);
	int ends[2];
	struct log log;
	int i;

	(void)state;
	/* Standard error is a pipe that is full: nothing takes the message, and nothing waits. */
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	while (write(ends[1], text, sizeof(text)) > 0)
		;
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	log_open(&log, path, false);
	for (i = 0; i < 100000 && log.dropped < 3; i++)
		log_write(&log, HAOPS_LOG_INFO, "message");
	assert_int_equal(dup2(keep, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(log.dropped, 3);
	while (heard()[0])
		;
	log_write(&log, HAOPS_LOG_INFO, "at last");
	(void)snprintf(text, sizeof(text), "%s", heard());
	assert_non_null(strstr(text, "3 messages could not be logged"));
	assert_non_null(strstr(heard(), "at last"));
	log_close(&log);
	(void)close(keep);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ready, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_nobody_listens, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_abstract, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_not_a_socket, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_watchdog, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_a_full_queue_does_not_stop_us, make_socket,
						remove_socket),
		cmocka_unit_test_setup_teardown(test_log_line, make_socket, remove_socket),
		cmocka_unit_test_setup_teardown(test_log_counts_what_is_lost, make_socket,
						remove_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
