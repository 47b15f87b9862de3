/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call of libhaops-mysql on one server, its result as a line of JSON. Counts the statements
 * that change something, and can die after any of them. See usage() for the rest. */
#include "session.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS_MAX 512
#define ASKED_MAX 8

struct driver {
	struct haops_ctx *ctx;
	struct haops_mysql *mysql;
	struct haops_mysql_target target;
	struct haops_mysql_source tls; /* of the connection, if by TCP, and of repoint's source */
	int64_t timeout_ms;
	int64_t deadline_ms;
	int64_t began_ms;
	bool waits; /* between connecting and the operation, for a line of standard input */
	char **args;
};

static long changes;
static long stop_after;
static const char *pretended; /* version of the server */
static char *statements[STATEMENTS_MAX];
static size_t statement_count;

static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '"' || c == '\\' || c > 0x7e)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static bool begins(const char *text, const char *word)
{
	return !strncmp(text, word, strlen(word));
}

static bool is_change(const char *statement)
{
	return !begins(statement, "SELECT") && !begins(statement, "SHOW") &&
	       !begins(statement, "SET SESSION");
}

static int counting_query(struct link *link, const char *statement, int64_t deadline_ms,
			  struct answer *ret_answer)
{
	int r = boundary_libmariadb.query(link, statement, deadline_ms, ret_answer);

	if (!is_change(statement))
		return r;
	if (statement_count < STATEMENTS_MAX)
		statements[statement_count++] = strdup(statement);
	if (++changes == stop_after)
		(void)raise(SIGKILL);
	return r;
}

static const char *told_version(const struct link *link)
{
	return pretended ? pretended : boundary_libmariadb.server_text(link);
}

static char *read_line(const char *path)
{
	static char line[1024];
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, sizeof(line), file))
		exit(2);
	line[strcspn(line, "\n")] = '\0';
	(void)fclose(file);
	return strdup(line);
}

static void print_set(struct driver *driver, const char *key, const struct haops_mysql_gtid *set)
{
	char *text = NULL;

	printf(",\"%s\":", key);
	if (haops_mysql_gtid_format(driver->ctx, set, &text) < 0)
		printf("null");
	else
		print_text(text);
	free(text);
}

static void print_threads(const struct haops_mysql_status *status)
{
	static const char *const names[] = {"stopped", "connecting", "running"};

	printf(",\"receiver\":\"%s\",\"applier\":\"%s\",\"receiver_errno\":%u,"
	       "\"applier_errno\":%u,\"lag_s\":%" PRId64 ",\"delay_s\":%u,\"uses_gtid\":%d",
	       names[status->receiver], names[status->applier], status->receiver_errno,
	       status->applier_errno, status->lag_s, status->delay_s, status->uses_gtid);
	printf(",\"receiver_error\":");
	print_text(status->receiver_error);
	printf(",\"applier_error\":");
	print_text(status->applier_error);
	printf(",\"source_host\":");
	print_text(status->source_host);
}

static void print_status(struct driver *driver, const struct haops_mysql_status *status)
{
	printf(",\"server\":");
	print_text(status->server.text);
	printf(",\"instance\":%" PRIu64, status->instance);
	printf(",\"flavor\":%d,\"version\":%u,\"server_id\":%u,\"read_only\":%d,\"writable\":%d,"
	       "\"binlog\":%d,\"logs_applied\":%d,\"replica\":%d,\"sources\":%u,"
	       "\"source_port\":%u,\"acks\":%d,\"waits\":%d,\"ackers\":%u,\"unacked\":%" PRIu64,
	       status->server.flavor, status->server.version, status->server_id,
	       status->is_read_only, status->is_writable, status->has_binlog, status->logs_applied,
	       status->is_replica, status->source_count, status->source_port, status->acks,
	       status->waits_for_ack, status->ackers, status->unacked);
	print_set(driver, "logged", status->logged);
	print_set(driver, "applied", status->applied);
	print_set(driver, "all", status->all);
	print_set(driver, "received", status->received);
	print_threads(status);
}

static int do_connect(struct driver *driver)
{
	(void)driver;
	return 0;
}

static int do_status(struct driver *driver)
{
	struct haops_mysql_status status = {0};
	int r = haops_mysql_get_status(driver->mysql, driver->deadline_ms, &status);

	if (r == 0)
		print_status(driver, &status);
	haops_mysql_status_done(&status);
	return r;
}

static void on_progress(void *userdata, uint64_t applied, uint64_t left)
{
	unsigned int *told = userdata;

	(void)applied;
	(void)left;
	(*told)++;
}

static int do_drain(struct driver *driver)
{
	unsigned int told = 0;
	const struct haops_mysql_wait wait = {.deadline_ms = driver->deadline_ms,
					      .stall_ms = driver->args[0] ? strtol(driver->args[0],
										   NULL, 10)
									  : 0,
					      .progress = on_progress,
					      .userdata = &told};
	uint64_t applied = UINT64_MAX;
	int r = haops_mysql_drain(driver->mysql, &wait, &applied);

	if (r == 0)
		printf(",\"applied\":%" PRIu64, applied);
	printf(",\"told\":%u", told);
	return r;
}

static int do_stop(struct driver *driver)
{
	const struct haops_mysql_wait wait = {.deadline_ms = driver->deadline_ms};

	return haops_mysql_stop_replication(driver->mysql, &wait);
}

static enum haops_mysql_durability durability(const struct driver *driver)
{
	return driver->args[0] && !strcmp(driver->args[0], "safe") ? HAOPS_MYSQL_SAFE
								   : HAOPS_MYSQL_ASYNC;
}

static int do_promote(struct driver *driver)
{
	return haops_mysql_promote(driver->mysql, durability(driver), driver->deadline_ms);
}

static int do_durability(struct driver *driver)
{
	return haops_mysql_set_durability(driver->mysql, durability(driver), driver->deadline_ms);
}

static int do_acks(struct driver *driver)
{
	bool acks = driver->args[0] && !strcmp(driver->args[0], "on");

	return haops_mysql_set_acks(driver->mysql, acks, driver->deadline_ms);
}

static int do_demote(struct driver *driver)
{
	struct haops_mysql_fenced fenced = {0};
	int r = haops_mysql_demote(driver->mysql, driver->deadline_ms, &fenced);

	if (r == 0) {
		printf(",\"killed\":%u,\"position\":", fenced.killed);
		print_text(fenced.position);
	}
	free(fenced.position);
	return r;
}

/* HOST PORT USER PASSWORD_FILE */
static int do_repoint(struct driver *driver)
{
	char *password = read_line(driver->args[3]);
	const struct haops_mysql_source source = {.host = driver->args[0],
						  .port = (unsigned int)strtoul(driver->args[1],
										NULL, 10),
						  .user = driver->args[2],
						  .password = password,
						  .needs_tls = driver->tls.needs_tls,
						  .ca = driver->tls.ca,
						  .cert = driver->tls.cert,
						  .key = driver->tls.key};
	int r = haops_mysql_repoint(driver->mysql, &source, driver->deadline_ms);

	free(password);
	return r;
}

static const char *name_of(int r)
{
	if (r == 0)
		return "OK";
	return r == -ENOTSUP ? "ENOTSUP" : strerrorname_np(-r);
}

static int do_events(struct driver *driver)
{
	size_t count = 0;
	int r = haops_mysql_start_events(driver->mysql, driver->deadline_ms, &count);

	printf(",\"count\":%zu", count);
	return r;
}

/* PORT...: all at once, on the host and by the account of the connection. */
static int do_ask(struct driver *driver)
{
	struct haops_mysql_question questions[ASKED_MAX] = {0};
	size_t count = 0;
	int r;

	for (; driver->args[count] && count < ASKED_MAX; count++) {
		questions[count].target = driver->target;
		questions[count].target.port = (unsigned int)strtoul(driver->args[count], NULL, 10);
	}
	r = haops_mysql_ask(driver->ctx, questions, count, driver->deadline_ms);
	printf(",\"answers\":[");
	for (size_t i = 0; r == 0 && i < count; i++) {
		printf("%s{\"result\":\"%s\",\"server_id\":%u,\"reason\":", i ? "," : "",
		       name_of(questions[i].result), questions[i].status.server_id);
		print_text(questions[i].reason);
		putchar('}');
		haops_mysql_status_done(&questions[i].status);
	}
	putchar(']');
	return r;
}

static const struct {
	const char *word;
	int arg_count;
	int (*run)(struct driver *driver);
} operations[] = {
	{"connect", 0, do_connect}, {"status", 0, do_status},	{"drain", 0, do_drain},
	{"stop", 0, do_stop},	    {"promote", 1, do_promote}, {"durability", 1, do_durability},
	{"acks", 1, do_acks},	    {"demote", 0, do_demote},	{"repoint", 4, do_repoint},
	{"ask", 1, do_ask},	    {"events", 0, do_events},
};

static void on_log(void *userdata, enum haops_log_level level, const char *message)
{
	(void)userdata;
	fprintf(stderr, "%d %s\n", (int)level, message);
}

static void wait_for_line(struct driver *driver)
{
	int c;

	fprintf(stderr, "connected\n");
	do
		c = getchar();
	while (c != '\n' && c != EOF);
	driver->deadline_ms = haops_deadline_after(driver->ctx, driver->timeout_ms);
	driver->began_ms = haops_deadline_after(driver->ctx, 0);
}

static int run(struct driver *driver, int (*operation)(struct driver *driver))
{
	struct boundary boundary = boundary_libmariadb;
	int r;

	boundary.query = counting_query;
	boundary.server_text = told_version;
	driver->deadline_ms = haops_deadline_after(driver->ctx, driver->timeout_ms);
	if (driver->target.host) {
		driver->target.needs_tls = driver->tls.needs_tls;
		driver->target.ca = driver->tls.ca;
		driver->target.cert = driver->tls.cert;
		driver->target.key = driver->tls.key;
	}
	r = session_connect(driver->ctx, &boundary, &driver->target, driver->deadline_ms,
			    &driver->mysql);
	if (r < 0)
		return r;
	if (driver->waits)
		wait_for_line(driver);
	r = operation(driver);
	driver->mysql = haops_mysql_close(driver->mysql);
	return r;
}

static void print_end(struct driver *driver, int r)
{
	printf(",\"result\":\"%s\",\"took_ms\":%" PRId64 ",\"error\":", name_of(r),
	       haops_deadline_after(driver->ctx, 0) - driver->began_ms);
	print_text(r < 0 ? haops_ctx_error(driver->ctx) : "");
	printf(",\"statements\":[");
	for (size_t i = 0; i < statement_count; i++) {
		fputs(i ? "," : "", stdout);
		print_text(statements[i]);
		free(statements[i]);
	}
	printf("]}\n");
}

static int usage(void)
{
	fprintf(stderr,
		"usage: mysql-driver [--socket PATH | --host HOST --port PORT] [--user NAME]\n"
		"       [--password-file FILE] [--timeout MS] [--stop-after STATEMENTS]\n"
		"       [--pretend VERSION] [--tls] [--ca FILE] [--cert FILE] [--key FILE]\n"
		"       [--wait] OPERATION [ARGUMENT...]; TLS is for repoint's source, too\n"
		"operations: connect, status, drain [STALL_MS], stop, promote safe|async,\n"
		"       durability safe|async, acks on|off, demote,\n"
		"       repoint HOST PORT USER PASSWORD_FILE, ask PORT...,\n"
		"       events\n");
	return 2;
}

static bool take_tls(struct haops_mysql_source *tls, int option)
{
	switch (option) {
	case 'T':
		tls->needs_tls = true;
		return true;
	case 'A':
		tls->ca = optarg;
		return true;
	case 'C':
		tls->cert = optarg;
		return true;
	case 'K':
		tls->key = optarg;
		return true;
	default:
		return false;
	}
}

static bool take_option(struct driver *driver, int option)
{
	switch (option) {
	case 's':
		driver->target.socket = optarg;
		return true;
	case 'h':
		driver->target.host = optarg;
		return true;
	case 'p':
		driver->target.port = (unsigned int)strtoul(optarg, NULL, 10);
		return true;
	case 'u':
		driver->target.user = optarg;
		return true;
	case 'w':
		driver->target.password = read_line(optarg);
		return true;
	case 't':
		driver->timeout_ms = strtol(optarg, NULL, 10);
		return true;
	case 'n':
		stop_after = strtol(optarg, NULL, 10);
		return true;
	case 'v':
		pretended = optarg;
		return true;
	case 'W':
		driver->waits = true;
		return true;
	default:
		return take_tls(&driver->tls, option);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", 1, NULL, 's'},
						{"host", 1, NULL, 'h'},
						{"port", 1, NULL, 'p'},
						{"user", 1, NULL, 'u'},
						{"password-file", 1, NULL, 'w'},
						{"timeout", 1, NULL, 't'},
						{"stop-after", 1, NULL, 'n'},
						{"pretend", 1, NULL, 'v'},
						{"wait", 0, NULL, 'W'},
						{"tls", 0, NULL, 'T'},
						{"ca", 1, NULL, 'A'},
						{"cert", 1, NULL, 'C'},
						{"key", 1, NULL, 'K'},
						{NULL, 0, NULL, 0}};
	struct driver driver = {.timeout_ms = 10000};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		if (!take_option(&driver, option))
			return usage();
	if (optind == argc || haops_ctx_new(&driver.ctx) < 0)
		return usage();
	haops_ctx_set_log(driver.ctx, HAOPS_LOG_DEBUG, on_log, NULL);
	driver.args = argv + optind + 1;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].word, argv[optind]) != 0 ||
		    argc - optind - 1 < operations[i].arg_count)
			continue;
		driver.began_ms = haops_deadline_after(driver.ctx, 0);
		printf("{\"operation\":\"%s\"", argv[optind]);
		print_end(&driver, run(&driver, operations[i].run));
		free((char *)driver.target.password);
		haops_ctx_free(driver.ctx);
		return 0;
	}
	return usage();
}
