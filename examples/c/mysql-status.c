/* SPDX-License-Identifier: 0BSD */
/* Asks a MariaDB or MySQL server on this host what it is, what it has and whom it follows. */

#include <errno.h>
#include <haops/mysql.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const thread_names[] = {"stopped", "connecting", "running"};

static void print_set(struct haops_ctx *ctx, const char *what, const struct haops_mysql_gtid *set)
{
	char *text = NULL;

	if (haops_mysql_gtid_format(ctx, set, &text) == 0)
		printf("%-10s %s\n", what, text);
	free(text);
}

static void print_replica(const struct haops_mysql_status *status)
{
	printf("source     %s:%u\n", status->source_host, status->source_port);
	printf("receiver   %s %s\n", thread_names[status->receiver], status->receiver_error);
	printf("applier    %s %s\n", thread_names[status->applier], status->applier_error);
	if (status->lag_s < 0)
		printf("lag        unknown\n");
	else
		printf("lag        %" PRId64 " s\n", status->lag_s);
}

static int show(struct haops_ctx *ctx, struct haops_mysql *mysql, int64_t deadline_ms)
{
	struct haops_mysql_status status = {0};
	int r = haops_mysql_get_status(mysql, deadline_ms, &status);

	if (r < 0)
		return r;
	printf("server     %s\n", haops_mysql_server(mysql)->text);
	printf("writable   %s\n", status.is_writable ? "yes" : "no");
	printf("commits    %s\n", status.waits_for_ack ? "wait for a replica" : "wait for nobody");
	print_set(ctx, "logged", status.logged);
	print_set(ctx, "applied", status.applied);
	print_set(ctx, "received", status.received);
	if (status.is_replica)
		print_replica(&status);
	haops_mysql_status_done(&status);
	return 0;
}

int main(int argc, char **argv)
{
	struct haops_mysql_target target = {0};
	struct haops_mysql *mysql = NULL;
	struct haops_ctx *ctx = NULL;
	int64_t deadline_ms;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: mysql-status SOCKET [USER]\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0)
		return 1;
	target.socket = argv[1];
	target.user = argc > 2 ? argv[2] : NULL;
	deadline_ms = haops_deadline_after(ctx, 2000);
	r = haops_mysql_connect(ctx, &target, deadline_ms, &mysql);
	if (r == 0)
		r = show(ctx, mysql, deadline_ms);
	if (r < 0)
		fprintf(stderr, "mysql-status: %s\n", haops_ctx_error(ctx));
	haops_mysql_close(mysql);
	haops_ctx_free(ctx);
	if (r == -ETIMEDOUT)
		return 3;
	return r == 0 ? 0 : r == -EINVAL ? 2 : 1;
}
