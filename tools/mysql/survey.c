/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection to each server: root's over the socket here, the replication account's over TCP
 * to others. A server that does not answer is unknown, with the reason. */

#include "survey.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seat {
	char name[SNAPSHOT_NAME_MAX];
	struct haops_mysql *connection;
};

struct survey {
	struct haops_ctx *ctx;
	struct seat seats[SNAPSHOT_NODES_MAX];
	size_t seat_count;
};

int survey_new(struct haops_ctx *ctx, struct survey **ret_survey)
{
	struct survey *survey = calloc(1, sizeof(*survey));

	if (!survey)
		return -ENOMEM;
	survey->ctx = ctx;
	*ret_survey = survey;
	return 0;
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; i < survey->seat_count; i++)
		survey->seats[i].connection = haops_mysql_close(survey->seats[i].connection);
	free(survey);
}

void survey_forget(struct server *server)
{
	haops_mysql_status_done(&server->status);
	free(server->logged);
	free(server->applied);
	free(server->received);
	free(server->errant);
	memset(server, 0, sizeof(*server));
}

void survey_forget_all(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		survey_forget(&snapshot->nodes[i].server);
}

static struct seat *seat_of(struct survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->seat_count; i++) {
		if (strcmp(survey->seats[i].name, name) == 0)
			return &survey->seats[i];
	}
	if (survey->seat_count == SNAPSHOT_NODES_MAX)
		return NULL;
	(void)snprintf(survey->seats[survey->seat_count].name, SNAPSHOT_NAME_MAX, "%s", name);
	return &survey->seats[survey->seat_count++];
}

static int connect_here(struct survey *survey, const struct access *access, int64_t deadline_ms,
			struct haops_mysql **ret_connection)
{
	const struct haops_mysql_target target = {.socket = access->socket, .user = "root"};

	return haops_mysql_connect(survey->ctx, &target, deadline_ms, ret_connection);
}

static int connect_there(struct survey *survey, const struct access *access, const char *host,
			 int64_t deadline_ms, struct haops_mysql **ret_connection)
{
	const struct haops_mysql_target target = {.host = host,
						  .port = access->port,
						  .user = access->user,
						  .password = access->password[0] ? access->password
										  : NULL,
						  .needs_tls = access->needs_tls,
						  .ca = access->ca[0] ? access->ca : NULL,
						  .cert = access->cert[0] ? access->cert : NULL,
						  .key = access->key[0] ? access->key : NULL};

	return haops_mysql_connect(survey->ctx, &target, deadline_ms, ret_connection);
}

/* Root's connection can be refused where an administrator has changed its authentication. */
static int connect_to(struct survey *survey, const struct access *access,
		      const struct db_node *node, int64_t deadline_ms,
		      struct haops_mysql **ret_connection)
{
	int r;

	if (node->is_own && geteuid() == 0) {
		r = connect_here(survey, access, deadline_ms, ret_connection);
		if (r != -EACCES)
			return r;
	}
	return connect_there(survey, access, node->host, deadline_ms, ret_connection);
}

static int put_text(struct haops_ctx *ctx, const struct haops_mysql_gtid *set, char **ret_text)
{
	return set ? haops_mysql_gtid_format(ctx, set, ret_text) : 0;
}

static int put_texts(struct haops_ctx *ctx, struct server *server)
{
	int r = put_text(ctx, server->status.logged, &server->logged);

	if (r == 0)
		r = put_text(ctx, server->status.applied, &server->applied);
	if (r == 0)
		r = put_text(ctx, server->status.received, &server->received);
	return r;
}

/* A connection that was kept may have been ended since, as a demote does: then once more. */
static int ask(struct survey *survey, const struct access *access, struct db_node *node,
	       int64_t deadline_ms)
{
	struct seat *seat = seat_of(survey, node->name);
	bool is_kept = seat && seat->connection;
	int r = seat ? 0 : -ENOSPC;

	if (seat && !seat->connection)
		r = connect_to(survey, access, node, deadline_ms, &seat->connection);
	if (r == 0)
		r = haops_mysql_get_status(seat->connection, deadline_ms, &node->server.status);
	if (r < 0 && seat)
		seat->connection = haops_mysql_close(seat->connection);
	if (r == -EIO && is_kept)
		return ask(survey, access, node, deadline_ms);
	return r;
}

void survey_ask(struct survey *survey, const struct access *access, struct db_node *node,
		int64_t timeout_ms)
{
	int64_t deadline_ms = haops_deadline_after(survey->ctx, timeout_ms);
	int r;

	survey_forget(&node->server);
	r = ask(survey, access, node, deadline_ms);
	if (r == 0) {
		node->server.is_answering = true;
		r = put_texts(survey->ctx, &node->server);
	}
	if (r < 0) {
		survey_forget(&node->server);
		(void)snprintf(node->server.trouble, sizeof(node->server.trouble), "%s",
			       haops_ctx_error(survey->ctx));
	}
}

int survey_ask_all(struct survey *survey, const struct access *access, struct snapshot *snapshot,
		   int64_t timeout_ms)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		survey_ask(survey, access, &snapshot->nodes[i], timeout_ms);
	for (size_t i = 0; i < snapshot->node_count; i++) {
		if (server_is_writable(&snapshot->nodes[i].server))
			survey_ask(survey, access, &snapshot->nodes[i], timeout_ms);
	}
	return snapshot_weigh(survey->ctx, snapshot);
}
