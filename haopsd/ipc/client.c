/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tools' end of the conversation, over libqb's client library. Every wait has a deadline, also
 * where libqb's plain calls have none. Believes nobody but root and hacluster to be haopsd. */

#include "ipc/ipc.h"
#include "util/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <qb/qbipcc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS 4000
#define RETRY_MS 50
#define START_MS 500
#define WAIT_FIRST_NS 20000
#define WAIT_MAX_NS 10000000

struct ipc_client {
	qb_ipcc_connection_t *connection;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Waits for the server's word; EINTR is no answer. */
static int wait_readable(int fd, int64_t deadline_ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int r;

	do {
		r = poll(&ready, 1, left_ms(deadline_ms));
	} while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r == 0 ? -ETIMEDOUT : -errno;
}

static int connect_once(int64_t deadline_ms, qb_ipcc_connection_t **ret_connection)
{
	qb_ipcc_connection_t *connection;
	int fd = -1;
	int r;

	errno = 0;
	connection = qb_ipcc_connect_async(IPC_NAME, IPC_MESSAGE_MAX, &fd);
	if (!connection)
		return errno > 0 ? -errno : -EIO;
	r = wait_readable(fd, deadline_ms);
	if (r < 0) {
		/* Frees it, but leaves the socket of a connection that is half made. */
		qb_ipcc_disconnect(connection);
		(void)close(fd);
		return r;
	}
	r = qb_ipcc_connect_continue(connection);
	if (r != 0)
		return r < 0 ? r : -EIO;
	*ret_connection = connection;
	return 0;
}

static bool is_haopsd(qb_ipcc_connection_t *connection)
{
	const struct passwd *cluster;
	pid_t pid;
	uid_t uid;
	gid_t gid;

	if (qb_ipcc_auth_get(connection, &pid, &uid, &gid) < 0)
		return false;
	cluster = uid == 0 ? NULL : getpwnam("hacluster");
	return uid == 0 || (cluster && cluster->pw_uid == uid);
}

/* Errors that the next try may not have: the helper is just being started or replaced, all places
 * are taken, the queue of connections is full. */
static bool may_pass(int error)
{
	return error == -EAGAIN || error == -EBUSY || error == -ECONNRESET || error == -ENOTCONN ||
	       error == -EPIPE || error == -ESHUTDOWN;
}

/* Nobody listens: haopsd does not run, or it or its helper is just being started. */
static bool may_start(int error, int64_t start_ms)
{
	return error == -ECONNREFUSED && now_ms() - start_ms < START_MS;
}

static int connect_until(int64_t deadline_ms, qb_ipcc_connection_t **ret_connection)
{
	int64_t start_ms = now_ms();
	int r = connect_once(deadline_ms, ret_connection);

	while ((may_pass(r) || may_start(r, start_ms)) && left_ms(deadline_ms) > RETRY_MS) {
		(void)poll(NULL, 0, RETRY_MS);
		r = connect_once(deadline_ms, ret_connection);
	}
	if (r == -ECONNREFUSED)
		return -ENOENT;
	return r == -EAGAIN ? -EBUSY : r;
}

int ipc_connect_within(uint32_t timeout_ms, struct ipc_client **ret_client)
{
	struct ipc_client *client = calloc(1, sizeof(*client));
	int r;

	if (!client)
		return -ENOMEM;
	r = connect_until(now_ms() + timeout_ms, &client->connection);
	if (r == 0 && !is_haopsd(client->connection)) {
		qb_ipcc_disconnect(client->connection);
		r = -EPERM;
	}
	if (r < 0) {
		free(client);
		return r;
	}
	*ret_client = client;
	return 0;
}

int ipc_connect(struct ipc_client **ret_client)
{
	return ipc_connect_within(CONNECT_MS, ret_client);
}

void ipc_disconnect(struct ipc_client *client)
{
	if (!client)
		return;
	qb_ipcc_disconnect(client->connection);
	free(client);
}

struct part {
	struct ipc_answer head;
	uint8_t data[IPC_PART_MAX];
};

/* libqb would wait by the wall clock, which may be set back by an hour meanwhile: so its queue is
 * looked at without waiting, and the time between passes here. */
static ssize_t receive(const struct ipc_client *client, int64_t deadline_ms, struct part *part)
{
	struct pollfd gone = {.fd = -1};
	struct timespec wait = {.tv_nsec = WAIT_FIRST_NS};
	ssize_t len;

	(void)qb_ipcc_fd_get(client->connection, &gone.fd);
	for (;;) {
		len = qb_ipcc_recv(client->connection, part, sizeof(*part), 0);
		if (len != -ETIMEDOUT && len != -EAGAIN)
			return len;
		if (left_ms(deadline_ms) == 0)
			return -ETIMEDOUT;
		(void)ppoll(&gone, 1, &wait, NULL);
		if (wait.tv_nsec < WAIT_MAX_NS)
			wait.tv_nsec *= 2;
	}
}

static int ask_part(const struct ipc_client *client, struct ipc_request *request,
		    int64_t deadline_ms, struct part *part)
{
	ssize_t len = qb_ipcc_send(client->connection, request, sizeof(*request));

	if (len >= 0)
		len = receive(client, deadline_ms, part);
	if (len < 0)
		return len == -EAGAIN ? -EBUSY : (int)len;
	if ((size_t)len < sizeof(part->head) || part->head.body.len > IPC_PART_MAX ||
	    (size_t)len != sizeof(part->head) + part->head.body.len)
		return -EBADMSG;
	return part->head.body.protocol == IPC_PROTOCOL ? 0 : -EPROTONOSUPPORT;
}

/* Adds a part to the reply; it must be just the next one. */
static int take_part(const struct part *part, struct ipc_reply *reply)
{
	const struct ipc_answer_body *body = &part->head.body;

	if (body->total > IPC_ANSWER_MAX || body->offset != reply->len ||
	    body->len > body->total - reply->len || (body->len == 0 && reply->len < body->total))
		return -EBADMSG;
	if (!reply->data) {
		reply->data = malloc(body->total > 0 ? body->total : 1);
		if (!reply->data)
			return -ENOMEM;
	}
	memcpy(reply->data + reply->len, part->data, body->len);
	reply->len += body->len;
	return 0;
}

static int collect(const struct ipc_client *client, struct ipc_request *request,
		   int64_t deadline_ms, struct ipc_reply *reply)
{
	CLEANUP_FREE struct part *part = calloc(1, sizeof(*part));
	size_t total = 0;
	int r;

	if (!part)
		return -ENOMEM;
	do {
		request->body.offset = (uint32_t)reply->len;
		r = ask_part(client, request, deadline_ms, part);
		if (r < 0)
			return r;
		if (reply->len > 0 && part->head.body.total != total)
			return -EBADMSG;
		total = part->head.body.total;
		r = take_part(part, reply);
		if (r < 0)
			return r;
	} while (reply->len < total);
	reply->result = part->head.body.result;
	snprintf(reply->text, sizeof(reply->text), "%.*s", (int)sizeof(reply->text) - 1,
		 part->head.body.text);
	return 0;
}

int ipc_call(struct ipc_client *client, enum ipc_verb verb, const char *argument,
	     uint32_t timeout_ms, struct ipc_reply *ret_reply)
{
	struct ipc_request request = {.head = {.id = (int32_t)QB_IPC_MSG_USER_START + (int32_t)verb,
					       .size = sizeof(request)},
				      .body = {.protocol = IPC_PROTOCOL,
					       .verb = verb,
					       .timeout_ms = timeout_ms}};
	struct ipc_reply reply = {0};
	int r;

	if (argument && strlen(argument) >= sizeof(request.body.argument))
		return -EINVAL;
	snprintf(request.body.argument, sizeof(request.body.argument), "%s",
		 argument ? argument : "");
	r = collect(client, &request, now_ms() + timeout_ms, &reply);
	if (r < 0) {
		free(reply.data);
		return r;
	}
	*ret_reply = reply;
	return 0;
}
