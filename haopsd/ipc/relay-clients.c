/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tools as clients of libqb: who is let in, what is asked, and the answers part by part. A
 * client has one question at a time; one that does otherwise is let go. */

#include "ipc/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between two questions for the status, so that tools cannot keep haopsd busy. */
#define REST_NS (50ull * 1000 * 1000)
#define QUIET_TICKS 10
#define NAME_TRIES 30
#define NAME_TRY_MS 100

void relay_answer_unref(struct relay_answer *answer)
{
	if (!answer || --answer->refs > 0)
		return;
	free(answer->data);
	free(answer);
}

static void drop_answer(struct relay_client *client)
{
	relay_answer_unref(client->answer);
	client->answer = NULL;
}

static void send_answer(const struct relay_client *client, const struct ipc_answer_body *body,
			const uint8_t *data)
{
	struct ipc_answer answer = {.body = *body};
	struct iovec parts[2] = {{&answer, sizeof(answer)}, {(void *)(uintptr_t)data, body->len}};

	answer.head.size = (int32_t)(sizeof(answer) + body->len);
	answer.body.protocol = IPC_PROTOCOL;
	/* No room: the client has not fetched an older one, and never will. */
	if (qb_ipcs_response_sendv(client->connection, parts, body->len > 0 ? 2 : 1) < 0)
		relay_hang_up(client->fd);
}

static void refuse(const struct relay_client *client, int32_t result, const char *text)
{
	struct ipc_answer_body body = {.result = result};

	snprintf(body.text, sizeof(body.text), "%s", text);
	send_answer(client, &body, NULL);
}

static void send_part(struct relay_client *client, uint32_t offset)
{
	const struct relay_answer *answer = client->answer;
	struct ipc_answer_body body = {.result = answer->result,
				       .total = answer->total,
				       .offset = offset};
	uint32_t left = answer->total - offset;

	body.len = left < IPC_PART_MAX ? left : IPC_PART_MAX;
	snprintf(body.text, sizeof(body.text), "%s", answer->text);
	send_answer(client, &body, answer->data ? answer->data + offset : NULL);
	if (body.len == left)
		drop_answer(client);
}

static void ask_status(struct relay *relay);

static void rested(void *data)
{
	struct relay *relay = data;

	relay->is_resting = false;
	ask_status(relay);
}

/* One question for all who wait now; who comes later gets an answer of its own time. */
static void ask_status(struct relay *relay)
{
	const struct link_message question = {.kind = LINK_ASK, .verb = IPC_STATUS};
	qb_loop_timer_handle timer;
	bool is_wanted = false;

	for (size_t i = 0; i < IPC_CLIENTS_MAX; i++)
		is_wanted = is_wanted || relay->clients[i].state == RELAY_WAITING;
	if (!is_wanted || relay->is_resting || relay->asks[0].id != 0 ||
	    relay_link_ask(relay, 0, &question) < 0)
		return;
	for (size_t i = 0; i < IPC_CLIENTS_MAX; i++) {
		if (relay->clients[i].state == RELAY_WAITING)
			relay->clients[i].state = RELAY_ASKED;
	}
	relay->is_resting =
		qb_loop_timer_add(relay->loop, QB_LOOP_MED, REST_NS, relay, rested, &timer) == 0;
}

static void ask_own(struct relay *relay, struct relay_client *client,
		    const struct ipc_request_body *body)
{
	struct link_message question = {.kind = LINK_ASK,
					.verb = body->verb,
					.uid = client->uid,
					.timeout_ms = body->timeout_ms};

	snprintf(question.text, sizeof(question.text), "%s", body->argument);
	if (relay_link_ask(relay, 1 + (size_t)(client - relay->clients), &question) < 0) {
		refuse(client, -EAGAIN, "haopsd does not take questions now: try again");
		return;
	}
	client->state = RELAY_ASKED;
}

static void begin_question(struct relay *relay, struct relay_client *client,
			   struct ipc_request_body *body)
{
	if (body->timeout_ms > IPC_TIMEOUT_MAX_MS)
		body->timeout_ms = IPC_TIMEOUT_MAX_MS;
	drop_answer(client);
	client->verb = body->verb;
	client->ticks_left = body->timeout_ms / 1000 + 2;
	if (body->verb != IPC_STATUS) {
		ask_own(relay, client, body);
		return;
	}
	client->state = RELAY_WAITING;
	ask_status(relay);
}

static void on_body(struct relay *relay, struct relay_client *client, struct ipc_request_body *body)
{
	char text[IPC_TEXT_MAX];

	body->argument[sizeof(body->argument) - 1] = '\0';
	if (body->protocol != IPC_PROTOCOL) {
		snprintf(text, sizeof(text),
			 "haopsd speaks protocol %d, not %u: use the haops of its version",
			 IPC_PROTOCOL, body->protocol);
		refuse(client, -EPROTONOSUPPORT, text);
	} else if (body->offset == 0) {
		begin_question(relay, client, body);
	} else if (client->answer && body->offset < client->answer->total) {
		send_part(client, body->offset);
	} else {
		refuse(client, -EINVAL, "there is no such part of an answer");
	}
}

static int32_t on_request(qb_ipcs_connection_t *connection, void *data, size_t size)
{
	struct relay *relay = qb_ipcs_connection_service_context_get(connection);
	struct relay_client *client = qb_ipcs_context_get(connection);
	struct ipc_request request;

	if (!client)
		return 0;
	if (client->state != RELAY_IDLE) {
		relay_hang_up(client->fd);
		return 0;
	}
	if (size != sizeof(request)) {
		refuse(client, -EBADMSG, "that is no request of this version");
		return 0;
	}
	/* A copy: the client can still write where it lies. */
	memcpy(&request, data, sizeof(request));
	on_body(relay, client, &request.body);
	return 0;
}

static void tell_refused(struct relay *relay, const struct relay_slot *slot)
{
	char text[IPC_TEXT_MAX];

	if (relay->quiet_ticks < QUIET_TICKS)
		return;
	relay->quiet_ticks = 0;
	snprintf(text, sizeof(text),
		 "process %d of user %u was refused: only root and group haclient may ask haopsd",
		 (int)slot->pid, (unsigned int)slot->uid);
	relay_link_event(HEART_WARNING, text);
}

static struct relay_client *free_client(struct relay *relay)
{
	for (size_t i = 0; i < IPC_CLIENTS_MAX; i++) {
		if (!relay->clients[i].connection)
			return &relay->clients[i];
	}
	return NULL;
}

/* The shared memory of root's connection is for root alone, so that no member of haclient can put
 * a request of its own into it. */
static void set_access(const struct relay *relay, qb_ipcs_connection_t *connection,
		       enum relay_access access, uid_t uid)
{
	if (!relay->is_privileged)
		qb_ipcs_connection_auth_set(connection, uid, (gid_t)-1, 0600);
	else if (access == RELAY_MEMBER)
		qb_ipcs_connection_auth_set(connection, (uid_t)-1, relay->cluster_gid, 0660);
	else
		qb_ipcs_connection_auth_set(connection, (uid_t)-1, (gid_t)-1, 0600);
}

static int32_t on_accept(qb_ipcs_connection_t *connection, uid_t uid, gid_t gid)
{
	struct relay *relay = qb_ipcs_connection_service_context_get(connection);
	const struct relay_slot *slot = relay->current;
	struct relay_client *client;
	int32_t size = qb_ipcs_connection_get_buffer_size(connection);

	(void)gid;
	/* Who connected, and who sent the greeting, must be the same. */
	if (!slot || slot->access == RELAY_STRANGER || slot->uid != uid) {
		if (slot)
			tell_refused(relay, slot);
		return -EACCES;
	}
	if (size < 0 || (size_t)size > IPC_MESSAGE_MAX)
		return -EMSGSIZE;
	client = free_client(relay);
	if (!client)
		return -EBUSY;
	set_access(relay, connection, slot->access, uid);
	*client = (struct relay_client){.connection = connection, .fd = slot->fd, .uid = uid};
	qb_ipcs_context_set(connection, client);
	return 0;
}

static void on_destroyed(qb_ipcs_connection_t *connection)
{
	struct relay_client *client = qb_ipcs_context_get(connection);

	if (!client)
		return;
	drop_answer(client);
	*client = (struct relay_client){0};
	qb_ipcs_context_set(connection, NULL);
}

static int32_t on_closed(qb_ipcs_connection_t *connection)
{
	on_destroyed(connection);
	return 0;
}

void relay_clients_answer(struct relay *relay, size_t ask, struct relay_answer *answer)
{
	for (size_t i = 0; i < IPC_CLIENTS_MAX; i++) {
		struct relay_client *client = &relay->clients[i];
		bool is_for = ask == 0 ? client->verb == IPC_STATUS : i == ask - 1;

		if (!client->connection || client->state != RELAY_ASKED || !is_for)
			continue;
		client->state = RELAY_IDLE;
		drop_answer(client);
		answer->refs++;
		client->answer = answer;
		send_part(client, 0);
	}
	ask_status(relay);
}

void relay_clients_tick(struct relay *relay)
{
	for (size_t i = 0; i < IPC_CLIENTS_MAX; i++) {
		struct relay_client *client = &relay->clients[i];

		if (!client->connection || client->state == RELAY_IDLE || --client->ticks_left > 0)
			continue;
		client->state = RELAY_IDLE;
		/* The answer to a question of its own would be taken for that to the next. */
		if (client->verb != IPC_STATUS)
			relay->asks[1 + i].id = 0;
		refuse(client, -ETIMEDOUT, "haopsd does not answer: it is stopped or overloaded");
	}
}

static int begin_service(struct relay *relay)
{
	struct qb_ipcs_service_handlers handlers = {.connection_accept = on_accept,
						    .msg_process = on_request,
						    .connection_closed = on_closed,
						    .connection_destroyed = on_destroyed};

	relay->service = qb_ipcs_create(IPC_NAME, 0, QB_IPC_SHM, &handlers);
	if (!relay->service)
		return -ENOMEM;
	qb_ipcs_service_context_set(relay->service, relay);
	qb_ipcs_enforce_buffer_size(relay->service, IPC_MESSAGE_MAX);
	relay_slots_begin(relay);
	return qb_ipcs_run(relay->service);
}

/* The helper of a haopsd that has just ended may still have the name. */
int relay_clients_begin(struct relay *relay)
{
	int r = begin_service(relay);

	for (int i = 0; r == -EADDRINUSE && i < NAME_TRIES; i++) {
		(void)poll(NULL, 0, NAME_TRY_MS);
		r = begin_service(relay);
	}
	return r;
}
