/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See client.h. Knows nothing of what is written or asked. */
#include "client.h"

#include <errmsg.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A server that is there takes a connection within this. */
#define REACH_MS 100
#define WAIT_STEP_US 100000
#define LINE_BYTES 512

atomic_bool client_stopping;

int64_t client_now_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void client_wait_until(int64_t at_us)
{
	int64_t now_us = client_now_us();

	while (now_us < at_us && !atomic_load(&client_stopping)) {
		int64_t step_us = now_us + WAIT_STEP_US < at_us ? now_us + WAIT_STEP_US : at_us;
		struct timespec until = {.tv_sec = step_us / 1000000,
					 .tv_nsec = step_us % 1000000 * 1000};

		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		now_us = client_now_us();
	}
}

bool client_read_password(struct client_account *account, const char *path)
{
	FILE *file = fopen(path, "re");
	bool has_line = file && fgets(account->password, sizeof(account->password), file);

	if (file)
		(void)fclose(file);
	if (!has_line) {
		fprintf(stderr, "no password in %s\n", path);
		return false;
	}
	account->password[strcspn(account->password, "\n")] = '\0';
	return true;
}

static bool takes_connections(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd out = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	bool takes;

	if (fd < 0)
		return false;
	takes = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ||
		(errno == EINPROGRESS && poll(&out, 1, REACH_MS) == 1 &&
		 getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0);
	(void)close(fd);
	return takes;
}

/* An address that nobody has at this moment would hold the library up for a whole second, and all
 * writers with each other: what they tell of a gap would be whole seconds, too. */
static bool is_there(const char *host, unsigned int port)
{
	const struct addrinfo wanted = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char service[16];
	bool takes;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &wanted, &found))
		return true; /* a name: the library may know it */
	takes = takes_connections(found);
	freeaddrinfo(found);
	return takes;
}

MYSQL *client_connect(const struct client_account *account, const char *host, unsigned int port,
		      unsigned int *ret_errno)
{
	static const enum mysql_option waits[] = {MYSQL_OPT_CONNECT_TIMEOUT, MYSQL_OPT_READ_TIMEOUT,
						  MYSQL_OPT_WRITE_TIMEOUT};
	const unsigned int seconds = CLIENT_TIMEOUT_S;
	MYSQL *mysql;

	if (!is_there(host, port)) {
		*ret_errno = CR_CONN_HOST_ERROR;
		return NULL;
	}
	mysql = mysql_init(NULL);
	if (!mysql) {
		*ret_errno = ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		(void)mysql_options(mysql, waits[i], &seconds);
	if (mysql_real_connect(mysql, host, account->user, account->password, NULL, port, NULL, 0))
		return mysql;
	*ret_errno = mysql_errno(mysql);
	mysql_close(mysql);
	return NULL;
}

bool client_ask(MYSQL *mysql, const char *query, char ret_value[CLIENT_VALUE_MAX])
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mysql_real_query(mysql, query, strlen(query)))
		return false;
	result = mysql_store_result(mysql);
	row = result ? mysql_fetch_row(result) : NULL;
	if (row)
		snprintf(ret_value, CLIENT_VALUE_MAX, "%s", row[0] ? row[0] : "");
	if (result)
		mysql_free_result(result);
	return row != NULL;
}

int client_open_log(const char *folder, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return fd;
}

void client_log(int fd, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len <= 0 || (size_t)len >= sizeof(line) || write(fd, line, (size_t)len) != len) {
		/* A ledger with a line left out proves nothing. */
		fprintf(stderr, "a line could not be written: %s\n", strerror(errno));
		_exit(3);
	}
}

void client_serve(unsigned int seconds, void (*report)(void *userdata), void *userdata)
{
	int64_t end_us = seconds ? client_now_us() + (int64_t)seconds * 1000000 : INT64_MAX;
	char input[LINE_BYTES];

	for (;;) {
		int64_t left_ms = (end_us - client_now_us()) / 1000;
		struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
		int ready = poll(&in, 1, left_ms > 1000 ? 1000 : left_ms < 0 ? 0 : (int)left_ms);
		ssize_t got;

		if (ready == 0 && left_ms <= 0)
			return;
		if (ready <= 0)
			continue;
		got = read(STDIN_FILENO, input, sizeof(input));
		if (got <= 0)
			return;
		for (ssize_t i = 0; i < got; i++)
			if (input[i] == '\n')
				report(userdata);
	}
}

unsigned int client_number(const char *name, const char *text, unsigned int least,
			   unsigned int most)
{
	char *end = NULL;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end != '\0' || *text == '-' || value < least || value > most) {
		fprintf(stderr, "--%s: a whole number from %u to %u, not %s\n", name, least, most,
			text);
		exit(2);
	}
	return (unsigned int)value;
}
