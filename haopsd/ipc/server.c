/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd's end of its tools: answers what the helper process asks for them, and keeps a helper
 * running. Does not talk with the tools themselves, and never waits. */

#include "ipc/child.h"
#include "ipc/link.h"
#include "util/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define TICK_NS (1000ull * 1000 * 1000)
/* In ticks, not by the clock: a pause of our own is no fault of the helper's. */
#define PING_TICKS 5
#define PONG_TICKS 20
#define RESTART_TICKS_MAX 32
/* Packets in one turn of the loop, so that a long answer keeps nothing else waiting. */
#define PACKETS_MAX 16

struct out {
	struct out *next;
	struct link_message head;
	uint8_t *data;
};

struct pending { /* an ask that is answered later */
	bool is_used;
	uint64_t id; /* the handler's */
	uint32_t ask;
};

struct ipc_server {
	qb_loop_t *loop;
	qb_loop_timer_handle timer;
	struct ipc_handlers handlers;
	void *userdata;
	struct child child;
	unsigned int ticks_silent; /* since the last packet of the helper's */
	unsigned int ticks_to_start;
	unsigned int restart_ticks;
	struct out *out_first;
	size_t out_count;
	bool wants_write;
	bool is_asking; /* inside handlers.outdate */
	bool has_early;
	struct pending early; /* answered before the handler returned */
	struct link_message early_answer;
	struct pending pending[LINK_ASKS_MAX];
};

static int32_t on_link(int32_t fd, int32_t revents, void *data);

static void tell(struct ipc_server *server, enum heart_level level, const char *text)
{
	if (server->handlers.event)
		server->handlers.event(server->userdata, level, text);
}

static void drop_out(struct ipc_server *server)
{
	struct out *out = server->out_first;

	server->out_first = out->next;
	server->out_count--;
	free(out->data);
	free(out);
}

/* What was under way is void. */
static void cut_link(struct ipc_server *server)
{
	if (server->child.fd >= 0)
		(void)qb_loop_poll_del(server->loop, server->child.fd);
	while (server->out_first)
		drop_out(server);
	memset(server->pending, 0, sizeof(server->pending));
	server->has_early = false;
}

static void fail_helper(struct ipc_server *server, const char *why)
{
	char text[IPC_TEXT_MAX];

	cut_link(server);
	ipc_child_end(&server->child);
	server->ticks_to_start = server->restart_ticks;
	snprintf(text, sizeof(text),
		 "the helper haopsd-ipc, which serves haops(8), %s; started again in %u s", why,
		 server->ticks_to_start);
	if (server->restart_ticks < RESTART_TICKS_MAX)
		server->restart_ticks *= 2;
	tell(server, HEART_WARNING, text);
}

static void start_helper(struct ipc_server *server)
{
	const char *path = server->handlers.helper ? server->handlers.helper : HAOPSD_IPC_HELPER;
	char why[IPC_TEXT_MAX / 2];
	int r = ipc_child_start(path, &server->child);

	server->ticks_silent = 0;
	server->wants_write = false;
	if (r == 0)
		r = qb_loop_poll_add(server->loop, QB_LOOP_LOW, server->child.fd, POLLIN, server,
				     on_link);
	if (r < 0) {
		snprintf(why, sizeof(why), "cannot be started (%s)", strerror(-r));
		fail_helper(server, why);
	}
}

/* 1 sent, 0 the socket is full, -errno. */
static int send_packet(const struct ipc_server *server, const struct link_message *message,
		       const uint8_t *data, size_t len)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)message, sizeof(*message)},
				 {(void *)(uintptr_t)data, len}};
	struct msghdr packet = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t r = sendmsg(server->child.fd, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (r >= 0)
		return 1;
	return errno == EAGAIN || errno == ENOBUFS || errno == EINTR ? 0 : -errno;
}

/* Sends the next part of the first answer: as send_packet(). */
static int send_part(struct ipc_server *server)
{
	struct out *out = server->out_first;
	size_t left = out->head.total - out->head.offset;
	size_t len = left < IPC_PART_MAX ? left : IPC_PART_MAX;
	int r = send_packet(server, &out->head, out->data ? out->data + out->head.offset : NULL,
			    len);

	if (r <= 0)
		return r;
	out->head.offset += (uint32_t)len;
	if (out->head.offset >= out->head.total)
		drop_out(server);
	return 1;
}

static void flush(struct ipc_server *server)
{
	int r = 1;

	for (int i = 0; i < PACKETS_MAX && server->out_first && r > 0; i++)
		r = send_part(server);
	if (r < 0) {
		fail_helper(server, "has ended");
		return;
	}
	if (server->wants_write == (server->out_first != NULL))
		return;
	server->wants_write = server->out_first != NULL;
	(void)qb_loop_poll_mod(server->loop, QB_LOOP_LOW, server->child.fd,
			       server->wants_write ? POLLIN | POLLOUT : POLLIN, server, on_link);
}

/* Takes data. A helper that asks more than it may is wrong, and replaced. */
static void queue(struct ipc_server *server, const struct link_message *head, uint8_t *data)
{
	struct out *out = server->out_count < LINK_ASKS_MAX ? calloc(1, sizeof(*out)) : NULL;
	struct out **end = &server->out_first;

	if (!out) {
		free(data);
		fail_helper(server, "asked for more than it may, or memory is short");
		return;
	}
	out->head = *head;
	out->data = data;
	while (*end)
		end = &(*end)->next;
	*end = out;
	server->out_count++;
	flush(server);
}

static struct link_message answer_to(uint32_t ask, int result, const char *text)
{
	struct link_message answer = {.kind = LINK_ANSWER, .id = ask, .result = result};

	snprintf(answer.text, sizeof(answer.text), "%s", text);
	return answer;
}

static void answer_status(struct ipc_server *server, uint32_t ask)
{
	struct link_message answer = answer_to(ask, -ENOMEM, "memory of haopsd is short");
	struct status status;
	uint8_t *data = NULL;
	size_t len = 0;

	if (status_init(&status) == 0) {
		server->handlers.status(server->userdata, &status);
		if (status_encode(&status, &data, &len) == 0) {
			answer = answer_to(ask, 0, "");
			answer.total = (uint32_t)len;
		}
		status_done(&status);
	}
	queue(server, &answer, data);
}

static void answer_outdate(struct ipc_server *server, const struct link_message *ask)
{
	char text[IPC_TEXT_MAX] = "too many such questions are under way, or no resource was named";
	char node[IPC_TEXT_MAX];
	const char *resource = strchr(ask->text, ' ');
	struct ipc_outdate outdate;
	struct link_message answer;
	struct pending *slot = NULL;
	uint64_t id = 0;
	int r = resource ? -EBUSY : -EINVAL;

	for (size_t i = 0; i < LINK_ASKS_MAX && !slot; i++) {
		if (!server->pending[i].is_used)
			slot = &server->pending[i];
	}
	if (resource && slot) {
		snprintf(node, sizeof(node), "%.*s", (int)(resource - ask->text), ask->text);
		server->is_asking = true;
		server->has_early = false;
		outdate = (struct ipc_outdate){node, resource + 1, ask->timeout_ms};
		r = server->handlers.outdate(server->userdata, &outdate, &id, text);
		server->is_asking = false;
	}
	if (r == 0 && !(server->has_early && server->early.id == id)) {
		*slot = (struct pending){.is_used = true, .id = id, .ask = ask->id};
		return;
	}
	answer = r == 0 ? server->early_answer : answer_to(ask->id, r, text);
	answer.id = ask->id;
	server->has_early = false;
	queue(server, &answer, NULL);
}

static void answer_change(struct ipc_server *server, const struct link_message *ask)
{
	char text[IPC_TEXT_MAX] = "";
	struct link_message answer;
	int r;

	if (ask->verb == IPC_RELOAD)
		r = server->handlers.reload(server->userdata, text);
	else
		r = server->handlers.set(server->userdata, ask->text, text);
	answer = answer_to(ask->id, r, text);
	queue(server, &answer, NULL);
}

static void on_ask(struct ipc_server *server, const struct link_message *ask)
{
	struct link_message answer;

	if (ask->verb == IPC_STATUS) {
		answer_status(server, ask->id);
		return;
	}
	if (ask->verb != IPC_RELOAD && ask->verb != IPC_OUTDATE && ask->verb != IPC_SET) {
		answer = answer_to(ask->id, -EOPNOTSUPP, "this haopsd does not know that request");
		queue(server, &answer, NULL);
	} else if (ask->uid != 0) {
		answer = answer_to(ask->id, -EACCES, "only root may change something");
		queue(server, &answer, NULL);
	} else if (ask->verb == IPC_OUTDATE) {
		answer_outdate(server, ask);
	} else {
		answer_change(server, ask);
	}
}

static void on_packet(struct ipc_server *server, struct link_message *message)
{
	server->ticks_silent = 0;
	message->text[sizeof(message->text) - 1] = '\0';
	if (message->kind == LINK_ASK) {
		on_ask(server, message);
	} else if (message->kind == LINK_EVENT) {
		tell(server, message->result == HEART_INFO ? HEART_INFO : HEART_WARNING,
		     message->text);
	} else if (message->kind == LINK_PONG) {
		server->restart_ticks = 1;
	}
}

static int32_t on_link(int32_t fd, int32_t revents, void *data)
{
	struct ipc_server *server = data;
	struct link_message message;
	ssize_t len = -1;

	if (revents & POLLIN) {
		len = recv(fd, &message, sizeof(message), MSG_DONTWAIT);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (len == sizeof(message))
			on_packet(server, &message);
	}
	if (len != sizeof(message) && (revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)))
		fail_helper(server, "has ended");
	else if (server->child.fd >= 0 && (revents & POLLOUT))
		flush(server);
	return 0;
}

static void watch_helper(struct ipc_server *server)
{
	const struct link_message ping = {.kind = LINK_PING};

	server->ticks_silent++;
	if (server->ticks_silent > PONG_TICKS)
		fail_helper(server, "does not answer");
	else if (server->ticks_silent % PING_TICKS == 0 && send_packet(server, &ping, NULL, 0) < 0)
		fail_helper(server, "has ended");
}

static void on_tick(void *data)
{
	struct ipc_server *server = data;

	if (server->child.fd >= 0) {
		watch_helper(server);
	} else if (ipc_child_reap(&server->child)) {
		if (server->ticks_to_start > 1)
			server->ticks_to_start--;
		else
			start_helper(server);
	}
	(void)qb_loop_timer_add(server->loop, QB_LOOP_LOW, TICK_NS, server, on_tick,
				&server->timer);
}

int ipc_server_new(qb_loop_t *loop, const struct ipc_handlers *handlers, void *userdata,
		   struct ipc_server **ret_server)
{
	struct ipc_server *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return -ENOMEM;
	server->loop = loop;
	server->handlers = *handlers;
	server->userdata = userdata;
	server->child.fd = -1;
	server->restart_ticks = 1;
	r = qb_loop_timer_add(loop, QB_LOOP_LOW, TICK_NS, server, on_tick, &server->timer);
	if (r < 0) {
		free(server);
		return r;
	}
	start_helper(server);
	*ret_server = server;
	return 0;
}

void ipc_server_free(struct ipc_server *server)
{
	if (!server)
		return;
	(void)qb_loop_timer_del(server->loop, server->timer);
	cut_link(server);
	ipc_child_release(&server->child);
	free(server);
}

void ipc_server_answer(struct ipc_server *server, uint64_t id, int exit_code, const char *text)
{
	struct link_message answer;

	for (size_t i = 0; i < LINK_ASKS_MAX; i++) {
		struct pending *slot = &server->pending[i];

		if (!slot->is_used || slot->id != id)
			continue;
		slot->is_used = false;
		answer = answer_to(slot->ask, exit_code, text);
		queue(server, &answer, NULL);
		return;
	}
	if (!server->is_asking)
		return;
	server->early.id = id;
	server->early_answer = answer_to(0, exit_code, text);
	server->has_early = true;
}
