/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's end of the link: questions go to haopsd, the parts of an answer are put together.
 * Ends the helper when haopsd has ended. */

#include "ipc/relay.h"
#include "util/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PACKETS_MAX 32

struct packet {
	struct link_message message;
	uint8_t data[IPC_PART_MAX];
};

static int send_message(const struct link_message *message)
{
	return send(LINK_FD, message, sizeof(*message), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
											 : 0;
}

void relay_link_event(enum heart_level level, const char *text)
{
	struct link_message event = {.kind = LINK_EVENT, .result = (int32_t)level};

	snprintf(event.text, sizeof(event.text), "%s", text);
	(void)send_message(&event);
}

int relay_link_ask(struct relay *relay, size_t ask, const struct link_message *question)
{
	struct link_message message = *question;
	int r;

	/* The low byte says whose it is; the rest tells an answer that is too late. */
	relay->generation = (relay->generation + 1) & 0xffffff;
	if (relay->generation == 0)
		relay->generation = 1;
	message.id = relay->generation << 8 | (uint32_t)ask;
	r = send_message(&message);
	if (r < 0)
		return r;
	relay_answer_unref(relay->asks[ask].answer);
	relay->asks[ask] = (struct relay_ask){.id = message.id};
	return 0;
}

static struct relay_answer *new_answer(const struct link_message *message)
{
	struct relay_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return NULL;
	answer->refs = 1;
	answer->result = message->result;
	answer->total = message->total;
	snprintf(answer->text, sizeof(answer->text), "%s", message->text);
	if (answer->total > IPC_ANSWER_MAX)
		answer->total = 0;
	answer->data = malloc(answer->total > 0 ? answer->total : 1);
	if (!answer->data) {
		free(answer);
		return NULL;
	}
	return answer;
}

/* An answer that could not be kept is told as that. */
static struct relay_answer *failed_answer(int32_t result, const char *text)
{
	struct link_message message = {.result = result};

	snprintf(message.text, sizeof(message.text), "%s", text);
	return new_answer(&message);
}

static void finish(struct relay *relay, size_t index)
{
	struct relay_answer *answer = relay->asks[index].answer;

	relay->asks[index] = (struct relay_ask){0};
	if (!answer)
		answer = failed_answer(-ENOMEM, "memory of haopsd-ipc is short");
	if (!answer)
		return;
	relay_clients_answer(relay, index, answer);
	relay_answer_unref(answer);
}

static void take_part(struct relay *relay, const struct packet *packet, size_t len)
{
	const struct link_message *message = &packet->message;
	size_t index = message->id & 0xff;
	struct relay_ask *ask = index < LINK_ASKS_MAX ? &relay->asks[index] : NULL;

	if (!ask || ask->id == 0 || ask->id != message->id)
		return;
	if (!ask->answer && message->offset == 0)
		ask->answer = new_answer(message);
	if (ask->answer && (message->offset != ask->answer->have ||
			    len > ask->answer->total - ask->answer->have)) {
		relay_answer_unref(ask->answer);
		ask->answer = failed_answer(-EBADMSG, "haopsd's answer is broken");
		len = 0;
	}
	if (ask->answer) {
		memcpy(ask->answer->data + ask->answer->have, packet->data, len);
		ask->answer->have += (uint32_t)len;
	}
	if (!ask->answer || ask->answer->have == ask->answer->total)
		finish(relay, index);
}

static void on_packet(struct relay *relay, struct packet *packet, size_t len)
{
	const struct link_message pong = {.kind = LINK_PONG};

	packet->message.text[sizeof(packet->message.text) - 1] = '\0';
	if (packet->message.kind == LINK_PING)
		(void)send_message(&pong);
	else if (packet->message.kind == LINK_ANSWER)
		take_part(relay, packet, len - sizeof(packet->message));
}

static int32_t on_link(int32_t fd, int32_t revents, void *data)
{
	CLEANUP_FREE struct packet *packet = malloc(sizeof(*packet));
	struct relay *relay = data;
	ssize_t len = 0;

	(void)revents;
	for (int i = 0; packet && i < PACKETS_MAX; i++) {
		len = recv(fd, packet, sizeof(*packet), MSG_DONTWAIT);
		if (len < (ssize_t)sizeof(packet->message))
			break;
		on_packet(relay, packet, (size_t)len);
	}
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len < (ssize_t)sizeof(packet->message))
		qb_loop_stop(relay->loop);
	return 0;
}

int relay_link_begin(struct relay *relay)
{
	const struct link_message pong = {.kind = LINK_PONG};

	(void)send_message(&pong);
	return qb_loop_poll_add(relay->loop, QB_LOOP_HIGH, LINK_FD, POLLIN, relay, on_link);
}
