/* SPDX-License-Identifier: 0BSD */
/* Swaps a primary and its replica, without a cluster: closes the primary, lets the replica apply
 * all of it, opens the replica, and makes the former primary follow. Nothing that was acknowledged
 * is lost: commits on the new primary wait until the former one follows. */

#include <errno.h>
#include <haops/mysql.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the replica has received all that the primary logged. */
static int has_received(struct haops_ctx *ctx, struct haops_mysql *replica, const char *position,
			int64_t deadline_ms, bool *ret_has)
{
	struct haops_mysql_status status = {0};
	struct haops_mysql_gtid *target = NULL;
	int r = haops_mysql_get_status(replica, deadline_ms, &status);

	if (r == 0)
		r = haops_mysql_gtid_parse(ctx, haops_mysql_server(replica)->flavor, position,
					   &target);
	if (r == 0)
		*ret_has = haops_mysql_gtid_covers(status.all, target);
	haops_mysql_gtid_free(target);
	haops_mysql_status_done(&status);
	return r;
}

static int swap(struct haops_ctx *ctx, struct haops_mysql *primary, struct haops_mysql *replica,
		const struct haops_mysql_source *source)
{
	int64_t deadline_ms = haops_deadline_after(ctx, 20000);
	const struct haops_mysql_wait wait = {.deadline_ms = deadline_ms, .stall_ms = 10000};
	struct haops_mysql_fenced fenced = {0};
	bool has_all = false;
	int r = haops_mysql_demote(primary, deadline_ms, &fenced);

	while (r == 0 && !has_all && haops_deadline_left_ms(ctx, deadline_ms) > 0) {
		r = has_received(ctx, replica, fenced.position, deadline_ms, &has_all);
		if (!has_all)
			(void)poll(NULL, 0, 10);
	}
	if (r == 0 && !has_all)
		r = -ETIMEDOUT;
	free(fenced.position);
	if (r == 0)
		r = haops_mysql_drain(replica, &wait, NULL);
	if (r == 0)
		r = haops_mysql_promote(replica, HAOPS_MYSQL_SAFE, deadline_ms);
	if (r == 0)
		r = haops_mysql_set_acks(primary, true, deadline_ms);
	if (r == 0)
		r = haops_mysql_repoint(primary, source, deadline_ms);
	return r;
}

int main(int argc, char **argv)
{
	struct haops_mysql_target targets[2] = {{0}, {0}};
	struct haops_mysql *servers[2] = {NULL, NULL};
	struct haops_mysql_source source = {0};
	char password[128] = "";
	struct haops_ctx *ctx = NULL;
	int r = 0;

	if (argc != 6) {
		fprintf(stderr, "usage: mysql-switchover PRIMARY_SOCKET REPLICA_SOCKET "
				"REPLICA_HOST REPLICA_PORT REPLICATION_USER <PASSWORD_FILE\n");
		return 2;
	}
	if (!fgets(password, sizeof(password), stdin) || haops_ctx_new(&ctx) < 0)
		return 1;
	password[strcspn(password, "\n")] = '\0';
	source.host = argv[3];
	source.port = (unsigned int)strtoul(argv[4], NULL, 10);
	source.user = argv[5];
	source.password = password;
	for (int i = 0; i < 2 && r == 0; i++) {
		targets[i].socket = argv[1 + i];
		r = haops_mysql_connect(ctx, &targets[i], haops_deadline_after(ctx, 2000),
					&servers[i]);
	}
	if (r == 0)
		r = swap(ctx, servers[0], servers[1], &source);
	if (r < 0)
		fprintf(stderr, "mysql-switchover: %s\n", haops_ctx_error(ctx));
	haops_mysql_close(servers[0]);
	haops_mysql_close(servers[1]);
	haops_ctx_free(ctx);
	if (r == -ETIMEDOUT)
		return 3;
	return r == 0 ? 0 : 1;
}
