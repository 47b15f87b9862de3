/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes rows and keeps books: what was sent, what the server acknowledged. haopslab/ledger.py
 * reads the books and asks the servers afterwards whether everything acknowledged is there. */
#include "client.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITERS_MAX 64
#define PAYLOAD_MAX 4096
#define PAUSE_AFTER_ERROR_US 20000

struct settings {
	struct client_account account;
	const char *host, *table, *folder, *password_file;
	unsigned int port, writers, interval_ms, payload_bytes, seconds;
};

struct writer {
	const struct settings *settings;
	unsigned int number;
	int log;
	pthread_t thread;
	MYSQL *mysql;
	uint64_t seq;
	atomic_ullong acked, failed;
	atomic_llong last_ack_us;
	char server[CLIENT_VALUE_MAX]; /* the connection's, in its own words */
	atomic_uint server_number;     /* the digits of that, for the report */
};

struct writers {
	struct writer all[WRITERS_MAX];
	unsigned int count;
};

/* Milliseconds with three decimals: what the books have. */
static void book(struct writer *writer, char kind, uint64_t seq, int64_t at_us, const char *detail)
{
	client_log(writer->log, "%c %" PRIu64 " %" PRId64 ".%03d %s\n", kind, seq, at_us / 1000,
		   (int)(at_us % 1000), detail);
}

static void book_error(struct writer *writer, char kind, uint64_t seq, unsigned int error)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", error);
	book(writer, kind, seq, client_now_us(), text);
}

/* The same for a writer and a number, always: a row that was changed on its way is found. */
static void make_payload(char *out, size_t len, unsigned int writer, uint64_t seq)
{
	char unit[64];
	size_t unit_len = (size_t)snprintf(unit, sizeof(unit), "w%us%" PRIu64 ".", writer, seq);

	for (size_t i = 0; i < len; i++)
		out[i] = unit[i % unit_len];
	out[len] = '\0';
}

/* Not by server_id: whoever manages the servers may change that. */
static bool connect_writer(struct writer *writer)
{
	const struct settings *settings = writer->settings;
	unsigned int error = 0;

	writer->mysql = client_connect(&settings->account, settings->host, settings->port, &error);
	if (writer->mysql && client_ask(writer->mysql, "SELECT @@hostname", writer->server)) {
		const char *digits = strpbrk(writer->server, "0123456789");

		atomic_store(&writer->server_number,
			     digits ? (unsigned int)strtoul(digits, NULL, 10) : 0);
		book(writer, 'C', 0, client_now_us(), writer->server);
		return true;
	}
	if (writer->mysql)
		error = mysql_errno(writer->mysql);
	book_error(writer, 'F', 0, error);
	return false;
}

static void disconnect(struct writer *writer)
{
	if (writer->mysql)
		mysql_close(writer->mysql);
	writer->mysql = NULL;
}

/* One row. A number is used once, whatever becomes of it. */
static bool write_row(struct writer *writer)
{
	char payload[PAYLOAD_MAX + 1], query[PAYLOAD_MAX + 256];
	uint64_t seq = ++writer->seq;
	int64_t at_us;
	int len;

	make_payload(payload, writer->settings->payload_bytes, writer->number, seq);
	len = snprintf(query, sizeof(query),
		       "INSERT INTO %s (writer, seq, payload) VALUES (%u, %" PRIu64 ", '%s')",
		       writer->settings->table, writer->number, seq, payload);
	book(writer, 'S', seq, client_now_us(), "-");
	if (mysql_real_query(writer->mysql, query, (unsigned long)len)) {
		book_error(writer, 'E', seq, mysql_errno(writer->mysql));
		atomic_fetch_add(&writer->failed, 1);
		return false;
	}
	at_us = client_now_us();
	book(writer, 'A', seq, at_us, writer->server);
	atomic_store(&writer->last_ack_us, at_us);
	atomic_fetch_add(&writer->acked, 1);
	return true;
}

static void *run_writer(void *userdata)
{
	struct writer *writer = userdata;
	int64_t interval_us = (int64_t)writer->settings->interval_ms * 1000;
	int64_t next_us = client_now_us();

	(void)mysql_thread_init();
	while (!atomic_load(&client_stopping)) {
		bool is_done = (writer->mysql || connect_writer(writer)) && write_row(writer);
		int64_t now_us = client_now_us();

		if (!is_done) {
			disconnect(writer);
			next_us = now_us + PAUSE_AFTER_ERROR_US;
		} else {
			next_us = next_us + interval_us > now_us ? next_us + interval_us : now_us;
		}
		client_wait_until(next_us);
	}
	disconnect(writer);
	mysql_thread_end();
	return NULL;
}

static void report(void *userdata)
{
	struct writers *writers = userdata;
	unsigned long long acked = 0, failed = 0;
	unsigned int server = 0;
	long long last_us = 0;

	for (unsigned int i = 0; i < writers->count; i++) {
		struct writer *writer = &writers->all[i];
		long long at_us = atomic_load(&writer->last_ack_us);

		acked += atomic_load(&writer->acked);
		failed += atomic_load(&writer->failed);
		if (at_us > last_us) {
			last_us = at_us;
			server = atomic_load(&writer->server_number);
		}
	}
	printf("{\"acked\":%llu,\"failed\":%llu,\"last_ack\":%.6f,\"server\":%u}\n", acked, failed,
	       (double)last_us / 1e6, server);
	(void)fflush(stdout);
}

static bool start_writers(struct writers *writers, const struct settings *settings)
{
	for (unsigned int i = 0; i < settings->writers; i++) {
		struct writer *writer = &writers->all[i];
		char name[32];

		writer->settings = settings;
		writer->number = i + 1;
		snprintf(name, sizeof(name), "writer-%u", writer->number);
		writer->log = client_open_log(settings->folder, name);
		if (writer->log < 0 || pthread_create(&writer->thread, NULL, run_writer, writer))
			return false;
		writers->count++;
	}
	return true;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: mysql-ledger --host ADDRESS --user NAME --password-file FILE --table "
		"DB.TABLE\n"
		"  --folder FOLDER [--port N] [--writers N] [--interval-ms N] [--payload N] "
		"[--seconds N]\n"
		"Each writer's book is FOLDER/writer-N, a line each: S number ms -: sent;\n"
		"A number ms host: acknowledged; E number ms errno: an error came back;\n"
		"C 0 ms host: connected; F 0 ms errno: not connected. Ends with its stdin.\n");
	return 2;
}

static bool read_settings(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {{"host", required_argument, NULL, 'h'},
						{"port", required_argument, NULL, 'P'},
						{"user", required_argument, NULL, 'u'},
						{"password-file", required_argument, NULL, 'p'},
						{"table", required_argument, NULL, 't'},
						{"folder", required_argument, NULL, 'f'},
						{"writers", required_argument, NULL, 'w'},
						{"interval-ms", required_argument, NULL, 'i'},
						{"payload", required_argument, NULL, 'b'},
						{"seconds", required_argument, NULL, 's'},
						{0}};
	int option, index = 0;

	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		switch (option) {
		case 'h':
			settings->host = optarg;
			break;
		case 'u':
			settings->account.user = optarg;
			break;
		case 'p':
			settings->password_file = optarg;
			break;
		case 't':
			settings->table = optarg;
			break;
		case 'f':
			settings->folder = optarg;
			break;
		case 'P':
			settings->port = client_number("port", optarg, 1, 65535);
			break;
		case 'w':
			settings->writers = client_number("writers", optarg, 1, WRITERS_MAX);
			break;
		case 'i':
			settings->interval_ms = client_number("interval-ms", optarg, 0, 60000);
			break;
		case 'b':
			settings->payload_bytes = client_number("payload", optarg, 1, PAYLOAD_MAX);
			break;
		case 's':
			settings->seconds = client_number("seconds", optarg, 0, 86400);
			break;
		default:
			return false;
		}
	}
	return optind == argc && settings->host && settings->account.user && settings->table &&
	       settings->folder && settings->password_file;
}

int main(int argc, char **argv)
{
	struct settings settings = {.port = 3306,
				    .writers = 8,
				    .interval_ms = 10,
				    .payload_bytes = 100};
	static struct writers writers;
	bool is_started;

	if (!read_settings(&settings, argc, argv))
		return usage();
	if (!client_read_password(&settings.account, settings.password_file) ||
	    mysql_library_init(0, NULL, NULL))
		return 1;
	is_started = start_writers(&writers, &settings);
	if (is_started)
		client_serve(settings.seconds, report, &writers);
	atomic_store(&client_stopping, true);
	for (unsigned int i = 0; i < writers.count; i++)
		(void)pthread_join(writers.all[i].thread, NULL);
	report(&writers);
	return is_started ? 0 : 1;
}
