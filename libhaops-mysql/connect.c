/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connects to a server: is the target in order, what does a failure mean, and what is it. */
#include "connect-error.h"
#include "internal.h"
#include "session.h"

#include <stdio.h>

#define PORT_MAX 65535
#define PASSWORD_MAX 1024

static bool is_long(const char *text, size_t max)
{
	return text && strlen(text) >= max;
}

static bool is_empty(const char *text)
{
	return text && !*text;
}

static int check_lengths(struct haops_ctx *ctx, const struct haops_mysql_target *target)
{
	const struct {
		const char *name;
		const char *value;
	} texts[] = {{"socket", target->socket}, {"host", target->host}, {"user", target->user},
		     {"ca", target->ca},	 {"cert", target->cert}, {"key", target->key}};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (is_empty(texts[i].value))
			return haops_fail(ctx, EINVAL, "target of a connection: %s is empty",
					  texts[i].name);
		if (is_long(texts[i].value, HAOPS_MYSQL_NAME_MAX))
			return haops_fail(ctx, EINVAL,
					  "target of a connection: %s is longer than %d bytes",
					  texts[i].name, HAOPS_MYSQL_NAME_MAX - 1);
	}
	if (is_long(target->password, PASSWORD_MAX))
		return haops_fail(ctx, EINVAL, "target of a connection: the password is overlong");
	return 0;
}

static int check_target(struct haops_ctx *ctx, const struct haops_mysql_target *target)
{
	if (!target->socket == !target->host)
		return haops_fail(ctx, EINVAL,
				  "target of a connection: give a socket or a host, and not both");
	if (target->port > PORT_MAX)
		return haops_fail(ctx, EINVAL, "target of a connection: there is no port %u",
				  target->port);
	if (target->socket && (target->port || target->needs_tls))
		return haops_fail(ctx, EINVAL,
				  "target of a connection: a port and TLS go with a host, not with "
				  "a socket");
	if (!target->cert != !target->key)
		return haops_fail(ctx, EINVAL,
				  "target of a connection: a certificate goes with a key");
	return check_lengths(ctx, target);
}

static void name_place(struct haops_mysql *mysql, const struct haops_mysql_target *target)
{
	unsigned int port = target->port ? target->port : 3306;

	if (target->socket)
		(void)snprintf(mysql->where, sizeof(mysql->where), "%s", target->socket);
	else
		(void)snprintf(mysql->where, sizeof(mysql->where),
			       strchr(target->host, ':') ? "[%s]:%u" : "%s:%u", target->host, port);
}

static int connect_link(struct haops_mysql *mysql, const struct haops_mysql_target *target,
			int64_t deadline_ms)
{
	struct answer answer = {0};
	int r = mysql->boundary->connect(mysql->ctx, target, deadline_ms, &mysql->link, &answer);

	if (r == -EIO)
		r = connect_error_explain(mysql->ctx, mysql->where, &answer);
	else if (r == -ETIMEDOUT)
		r = haops_fail(mysql->ctx, ETIMEDOUT,
			       "%s: no answer in time: the server hangs or cannot be reached",
			       mysql->where);
	else if (r < 0)
		r = haops_fail(mysql->ctx, ENOMEM, "%s: memory is short", mysql->where);
	answer_done(&answer);
	return r;
}

/* One that is too old is not spoken to: whoever asks for its status is told. */
static int greet(struct haops_mysql *mysql, int64_t deadline_ms)
{
	const char *text = mysql->boundary->server_text(mysql->link);
	struct statement settings = {0};
	struct answer answer = {0};
	int r;

	if (!dialect_parse_server(text ? text : "", &mysql->server))
		return haops_fail(mysql->ctx, EIO, "%s: \"%.60s\" is no version of a server",
				  mysql->where, text ? text : "");
	mysql->dialect = dialect_find(&mysql->server);
	if (!mysql->dialect)
		return 0;
	settings.text = mysql->dialect->words[WORD_SETTINGS];
	r = session_run(mysql, &settings, deadline_ms, &answer);
	if (r == 0 && answer.code)
		r = session_refuse(mysql, &settings, &answer);
	answer_done(&answer);
	return r == -EPROTO ? -EIO : r;
}

int session_connect(struct haops_ctx *ctx, const struct boundary *boundary,
		    const struct haops_mysql_target *target, int64_t deadline_ms,
		    struct haops_mysql **ret_mysql)
{
	struct haops_mysql *mysql;
	int r = check_target(ctx, target);

	if (r < 0)
		return r;
	mysql = calloc(1, sizeof(*mysql));
	if (!mysql)
		return haops_fail(ctx, ENOMEM, "memory is short");
	mysql->ctx = ctx;
	mysql->boundary = boundary;
	name_place(mysql, target);
	r = connect_link(mysql, target, deadline_ms);
	if (r == 0)
		r = greet(mysql, deadline_ms);
	if (r < 0) {
		haops_mysql_close(mysql);
		return r;
	}
	*ret_mysql = mysql;
	return 0;
}

int haops_mysql_connect(struct haops_ctx *ctx, const struct haops_mysql_target *target,
			int64_t deadline_ms, struct haops_mysql **ret_mysql)
{
	if (!ctx)
		return -EINVAL;
	if (!target || !ret_mysql)
		return haops_fail(ctx, EINVAL, "no target, or no place for the connection");
	return session_connect(ctx, &boundary_libmariadb, target, deadline_ms, ret_mysql);
}

struct haops_mysql *haops_mysql_close(struct haops_mysql *mysql)
{
	if (!mysql)
		return NULL;
	if (mysql->link)
		mysql->boundary->close(mysql->link);
	free(mysql);
	return NULL;
}
