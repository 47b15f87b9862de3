/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The real boundary: libmariadb's calls that do not block, with poll(2) between them until the
 * deadline. Its own time limits are whole seconds, and start anew with each packet.
 */
#include "boundary.h"
#include "client.h"
#include "internal.h"

#include <errmsg.h>

#define STACK_BYTES ((size_t)512 * 1024) /* of its coroutine: TLS, names being resolved */
#define PACKET_BYTES_MAX (1024UL * 1024)
#define UNIX_RETRY_MS 10
#define GIVING_UP_MAX                                                                              \
	16 /* waits that a call may still ask for once it was told of the deadline                 \
	    */

struct link {
	struct haops_ctx *ctx;
	const struct client *client;
	MYSQL *mysql;
	int64_t deadline_ms;
	unsigned int given_up;
};

static short poll_events(int wanted)
{
	int events = 0;

	events |= wanted & MYSQL_WAIT_READ ? POLLIN : 0;
	events |= wanted & MYSQL_WAIT_WRITE ? POLLOUT : 0;
	events |= wanted & MYSQL_WAIT_EXCEPT ? POLLPRI : 0;
	return (short)events;
}

/* An error of the socket is found by the call that reads or writes it. */
static int happened(int wanted, short revents)
{
	int result = 0;

	if (revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
		result |= MYSQL_WAIT_READ;
	if (revents & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
		result |= MYSQL_WAIT_WRITE;
	if (revents & POLLPRI)
		result |= MYSQL_WAIT_EXCEPT;
	return result & wanted;
}

/*
 * Waits for what the call wants; what to tell it. After the deadline it is told that time is up,
 * and ends with an error of its own: abandoned in the middle it would leave memory behind. 0: it
 * does not end.
 */
static int wait_for(struct link *link, int wanted)
{
	struct pollfd p = {.fd = link->client->mysql_get_socket(link->mysql),
			   .events = poll_events(wanted)};
	int r = 0;

	if (link->given_up == 0)
		r = link->ctx->sys->poll(&p, 1, link->deadline_ms);
	if (r > 0)
		return happened(wanted, p.revents);
	return link->given_up++ < GIVING_UP_MAX ? MYSQL_WAIT_TIMEOUT : 0;
}

/* What a call that failed means to the caller of the boundary. */
static int lost(const struct link *link)
{
	return link->given_up ? -ETIMEDOUT : -EIO;
}

static bool is_own_code(unsigned int code)
{
	return (code >= CR_UNKNOWN_ERROR && code <= CR_MYSQL_LAST_ERROR) ||
	       (code >= CR_EVENT_CREATE_FAILED && code <= CR_MARIADB_LAST_ERROR);
}

static void keep_error(const struct link *link, struct answer *ret_answer)
{
	answer_set_error(ret_answer, link->client->mysql_errno(link->mysql),
			 link->client->mysql_error(link->mysql));
}

static bool wants_tls(const struct haops_mysql_target *target)
{
	return !target->socket && (target->needs_tls || target->ca || target->cert);
}

static void set_tls(const struct link *link, const struct haops_mysql_target *target)
{
	my_bool needs_tls = wants_tls(target);
	my_bool verifies = target->ca != NULL;

	if (!needs_tls)
		return;
	(void)link->client->mysql_ssl_set(link->mysql, target->key, target->cert, target->ca, NULL,
					  NULL);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_SSL_ENFORCE, &needs_tls);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
					   &verifies);
}

static void set_options(const struct link *link, const struct haops_mysql_target *target)
{
	unsigned int protocol = target->socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned long packet_bytes = PACKET_BYTES_MAX;
	size_t stack_bytes = STACK_BYTES;
	unsigned int off = 0;

	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_NONBLOCK, &stack_bytes);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_PROTOCOL, &protocol);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_MAX_ALLOWED_PACKET,
					   &packet_bytes);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_OPT_LOCAL_INFILE, &off);
	(void)link->client->mysql_optionsv(link->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	set_tls(link, target);
}

/* A handle that failed to connect is not used again. */
static int try_connect(struct link *link, const struct haops_mysql_target *target)
{
	const char *host = target->socket ? "localhost" : target->host;
	unsigned int port = target->port ? target->port : 3306;
	MYSQL *connected = NULL;
	int wanted;

	link->mysql = link->client->mysql_init(NULL);
	if (!link->mysql)
		return -ENOMEM;
	set_options(link, target);
	wanted = link->client->mysql_real_connect_start(&connected, link->mysql, host, target->user,
							target->password, NULL,
							target->socket ? 0 : port, target->socket,
							0);
	while (wanted) {
		int events = wait_for(link, wanted);

		if (!events)
			return -ETIMEDOUT;
		wanted = link->client->mysql_real_connect_cont(&connected, link->mysql, events);
	}
	return connected ? 0 : lost(link);
}

/* connect(2) found the queue of a unix socket full; libmariadb takes it for connected, and reads.
 */
static bool is_queue_full(const struct link *link, const struct haops_mysql_target *target)
{
	return target->socket && link->client->mysql_errno(link->mysql) == CR_SERVER_LOST &&
	       strstr(link->client->mysql_error(link->mysql), "system error: 22");
}

static int connect_until(struct link *link, const struct haops_mysql_target *target)
{
	struct haops_ctx *ctx = link->ctx;

	for (;;) {
		int64_t again = haops_deadline_after(ctx, UNIX_RETRY_MS);
		int r = try_connect(link, target);

		if (r != -EIO || !is_queue_full(link, target))
			return r;
		link->client->mysql_close(link->mysql);
		link->mysql = NULL;
		if (haops_deadline_left_ms(ctx, link->deadline_ms) == 0)
			return -ETIMEDOUT;
		(void)ctx->sys->poll(NULL, 0,
				     again < link->deadline_ms ? again : link->deadline_ms);
	}
}

static void real_close(struct link *link)
{
	if (link->mysql)
		link->client->mysql_close(link->mysql);
	free(link);
}

/* libmariadb 3.3 goes on without TLS where a server offers none, although it was told to insist. */
static bool lacks_tls(const struct link *link, const struct haops_mysql_target *target,
		      struct answer *ret_answer)
{
	if (!wants_tls(target) || link->client->mysql_get_ssl_cipher(link->mysql))
		return false;
	answer_set_error(ret_answer, CR_SSL_CONNECTION_ERROR, "the server offers no TLS");
	return true;
}

static int real_connect(struct haops_ctx *ctx, const struct haops_mysql_target *target,
			int64_t deadline_ms, struct link **ret_link, struct answer *ret_answer)
{
	struct link *link = calloc(1, sizeof(*link));
	char why[CLIENT_WHY_MAX] = "";
	int r;

	if (!link)
		return -ENOMEM;
	link->ctx = ctx;
	link->deadline_ms = deadline_ms;
	link->client = client_get(why);
	r = link->client ? connect_until(link, target) : -EIO;
	if (!link->client)
		answer_set_error(ret_answer, CR_UNKNOWN_ERROR, why);
	else if (r < 0 && link->mysql)
		keep_error(link, ret_answer);
	else if (r == 0 && lacks_tls(link, target, ret_answer))
		r = -EIO;
	if (r < 0)
		real_close(link);
	else
		*ret_link = link;
	return r;
}

static int send_statement(struct link *link, const char *statement)
{
	int failed = 0;
	int wanted = link->client->mysql_real_query_start(&failed, link->mysql, statement,
							  strlen(statement));

	while (wanted) {
		int events = wait_for(link, wanted);

		if (!events)
			return -ETIMEDOUT;
		wanted = link->client->mysql_real_query_cont(&failed, link->mysql, events);
	}
	return failed ? -EIO : 0;
}

static int fetch_row(struct link *link, MYSQL_RES *result, MYSQL_ROW *ret_row)
{
	int wanted = link->client->mysql_fetch_row_start(ret_row, result);

	while (wanted) {
		int events = wait_for(link, wanted);

		if (!events)
			return -ETIMEDOUT;
		wanted = link->client->mysql_fetch_row_cont(ret_row, result, events);
	}
	return *ret_row || !link->client->mysql_errno(link->mysql) ? 0 : -EIO;
}

static int keep_columns(const struct link *link, MYSQL_RES *result, struct answer *answer)
{
	unsigned int count = link->client->mysql_num_fields(result);
	const MYSQL_FIELD *fields = link->client->mysql_fetch_fields(result);
	int r = answer_set_columns(answer, count);

	for (unsigned int i = 0; i < count && r == 0; i++)
		r = answer_set_name(answer, i, fields[i].name);
	return r;
}

static int keep_row(const struct link *link, MYSQL_RES *result, MYSQL_ROW row,
		    struct answer *answer)
{
	const unsigned long *lengths = link->client->mysql_fetch_lengths(result);
	int r = answer_add_row(answer);

	for (size_t i = 0; i < answer->column_count && r == 0; i++)
		if (row[i])
			r = answer_set_cell(answer, i, row[i], lengths[i]);
	return r;
}

static int keep_rows(struct link *link, MYSQL_RES *result, struct answer *answer)
{
	int r = keep_columns(link, result, answer);

	while (r == 0) {
		MYSQL_ROW row = NULL;

		r = fetch_row(link, result, &row);
		if (r < 0 || !row)
			break;
		r = keep_row(link, result, row, answer);
	}
	return r;
}

/* The rest of rows that were not read is thrown away, which may have to wait for the server. */
static int free_result(struct link *link, MYSQL_RES *result)
{
	int wanted = link->client->mysql_free_result_start(result);

	while (wanted) {
		int events = wait_for(link, wanted);

		if (!events)
			return -ETIMEDOUT;
		wanted = link->client->mysql_free_result_cont(result, events);
	}
	return 0;
}

/* An error that the server itself reports leaves the connection as good as it was. */
static int refused(struct link *link, struct answer *ret_answer)
{
	if (link->given_up || is_own_code(link->client->mysql_errno(link->mysql)))
		return lost(link);
	answer_done(ret_answer);
	keep_error(link, ret_answer);
	return 0;
}

static int real_query(struct link *link, const char *statement, int64_t deadline_ms,
		      struct answer *ret_answer)
{
	MYSQL_RES *result;
	int freed, r;

	link->deadline_ms = deadline_ms;
	if (send_statement(link, statement) < 0)
		return refused(link, ret_answer);
	result = link->client->mysql_use_result(link->mysql);
	if (!result)
		return link->client->mysql_errno(link->mysql) ? refused(link, ret_answer) : 0;
	r = keep_rows(link, result, ret_answer);
	if (r == -EIO)
		r = refused(link, ret_answer);
	if (r == -EMSGSIZE)
		link->deadline_ms = haops_deadline_after(link->ctx, 0);
	freed = free_result(link, result);
	return r < 0 ? r : freed;
}

static const char *real_server_text(const struct link *link)
{
	return link->client->mysql_get_server_info(link->mysql);
}

const struct boundary boundary_libmariadb = {
	.connect = real_connect,
	.query = real_query,
	.server_text = real_server_text,
	.close = real_close,
};
