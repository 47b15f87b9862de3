/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks each server every 10 ms whether it is open for writing, and writes down when it asked and
 * when the answer came. It judges nothing: haopslab/writable.py does. */
#include "client.h"

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS_MAX 16
#define PAUSE_AFTER_ERROR_US 50000

struct server {
	const struct client_account *account;
	const char *name; /* and file name */
	const char *host;
	unsigned int port, interval_ms;
	int log;
	pthread_t thread;
	atomic_ullong answers, writable;
};

struct servers {
	struct server all[SERVERS_MAX];
	unsigned int count;
};

/* A line is: microseconds when asked, when answered, and @@read_only; or the negative error. */
static bool ask(struct server *server, MYSQL *mysql)
{
	int64_t sent_us = client_now_us();
	char value[CLIENT_VALUE_MAX] = "";
	bool is_answered = client_ask(mysql, "SELECT @@read_only", value);
	int64_t done_us = client_now_us();
	bool is_read_only = value[0] != '0';
	long long told = is_read_only;

	if (!is_answered)
		told = -(long long)mysql_errno(mysql) - (mysql_errno(mysql) == 0);
	client_log(server->log, "%" PRId64 " %" PRId64 " %lld\n", sent_us, done_us, told);
	if (is_answered)
		atomic_fetch_add(&server->answers, 1);
	if (is_answered && !is_read_only)
		atomic_fetch_add(&server->writable, 1);
	return is_answered;
}

static MYSQL *reach(struct server *server)
{
	int64_t sent_us = client_now_us();
	unsigned int error = 0;
	MYSQL *mysql = client_connect(server->account, server->host, server->port, &error);

	if (!mysql)
		client_log(server->log, "%" PRId64 " %" PRId64 " %lld\n", sent_us, client_now_us(),
			   -(long long)error - (error == 0));
	return mysql;
}

static void *watch(void *userdata)
{
	struct server *server = userdata;
	MYSQL *mysql = NULL;
	int64_t interval_us = (int64_t)server->interval_ms * 1000;
	int64_t next_us = client_now_us();

	(void)mysql_thread_init();
	while (!atomic_load(&client_stopping)) {
		int64_t now_us;

		if (!mysql)
			mysql = reach(server);
		if (mysql && !ask(server, mysql)) {
			mysql_close(mysql);
			mysql = NULL;
		}
		now_us = client_now_us();
		next_us += interval_us;
		if (!mysql)
			next_us = now_us + PAUSE_AFTER_ERROR_US;
		else if (next_us < now_us)
			next_us = now_us;
		client_wait_until(next_us);
	}
	if (mysql)
		mysql_close(mysql);
	mysql_thread_end();
	return NULL;
}

static void report(void *userdata)
{
	struct servers *servers = userdata;

	putchar('{');
	for (unsigned int i = 0; i < servers->count; i++)
		printf("%s\"%s\":{\"answers\":%llu,\"writable\":%llu}", i ? "," : "",
		       servers->all[i].name, atomic_load(&servers->all[i].answers),
		       atomic_load(&servers->all[i].writable));
	puts("}");
	(void)fflush(stdout);
}

static int usage(void)
{
	fprintf(stderr, "usage: mysql-writable --user NAME --password-file FILE --folder FOLDER "
			"[--port N]\n"
			"  [--interval-ms N] NAME=ADDRESS...\n"
			"What NAME answers is in FOLDER/NAME. Ends with its stdin.\n");
	return 2;
}

static bool start(struct servers *servers, const struct server *pattern, const char *folder,
		  char **words)
{
	for (; *words; words++) {
		struct server *server = &servers->all[servers->count];
		char *mark = strchr(*words, '=');

		if (!mark || servers->count == SERVERS_MAX)
			return false;
		*mark = '\0';
		*server = *pattern;
		server->name = *words;
		server->host = mark + 1;
		server->log = client_open_log(folder, server->name);
		if (server->log < 0 || pthread_create(&server->thread, NULL, watch, server))
			return false;
		servers->count++;
	}
	return servers->count > 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"user", required_argument, NULL, 'u'},
						{"password-file", required_argument, NULL, 'p'},
						{"folder", required_argument, NULL, 'f'},
						{"port", required_argument, NULL, 'P'},
						{"interval-ms", required_argument, NULL, 'i'},
						{0}};
	static struct client_account account;
	static struct servers servers;
	struct server pattern = {.account = &account, .port = 3306, .interval_ms = 10};
	const char *folder = NULL, *password_file = NULL;
	bool is_started;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'u')
			account.user = optarg;
		else if (option == 'p')
			password_file = optarg;
		else if (option == 'f')
			folder = optarg;
		else if (option == 'P')
			pattern.port = client_number("port", optarg, 1, 65535);
		else if (option == 'i')
			pattern.interval_ms = client_number("interval-ms", optarg, 1, 60000);
		else
			return usage();
	}
	if (!account.user || !folder || !password_file || optind == argc)
		return usage();
	if (!client_read_password(&account, password_file) || mysql_library_init(0, NULL, NULL))
		return 1;
	is_started = start(&servers, &pattern, folder, argv + optind);
	if (is_started)
		client_serve(0, report, &servers);
	atomic_store(&client_stopping, true);
	for (unsigned int i = 0; i < servers.count; i++)
		(void)pthread_join(servers.all[i].thread, NULL);
	report(&servers);
	return is_started ? 0 : 1;
}
