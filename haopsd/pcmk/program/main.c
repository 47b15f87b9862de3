/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haopsd-pacemaker: answers haopsd's questions over descriptor 0, connects to Pacemaker and
 * reconnects, and ends when haopsd does. What is asked of Pacemaker is in the other files.
 */
#include "program.h"

#include "cib.h"
#include "controller.h"
#include "judge.h"
#include "launcher.h"
#include "system.h"
#include "tools.h"

#include <crm/crm.h>
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define PARENT_FD 0
#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 2000
#define HANDSHAKE_MS 4000
/* Below the 5 s after which haopsd takes us for hanging. */
#define ALIVE_MS 3000
/* Below the connections: what the CIB has told is taken in before a question is judged. */
#define RECEIVE_PRIORITY (G_PRIORITY_DEFAULT + 10)
#define QUESTION_PRIORITY (G_PRIORITY_DEFAULT + 20)

static void send_parent(struct program *program, const struct packet *packet)
{
	int r = pcmk_system_send(PARENT_FD, packet);

	/* A log line can be lost; without its answer haopsd would end us later. */
	if (r < 0 && packet->type != PACKET_LOG)
		g_main_loop_quit(program->loop);
}

void program_answer(struct program *program, uint64_t id, enum pcmk_result result, const char *text)
{
	struct packet packet = {.type = PACKET_ANSWER, .id = id, .number = result};

	packet_set_text(&packet, 0, text);
	send_parent(program, &packet);
}

static void stop_alive_timer(struct program *program)
{
	if (program->alive_timer)
		g_source_remove(program->alive_timer);
	program->alive_timer = 0;
}

void program_alive(struct program *program, enum alive_party party, int64_t asked_ms)
{
	struct packet packet = {.type = PACKET_ALIVE};
	struct alive question;

	if (!alive_answer(&program->alive, party, asked_ms, &question))
		return;
	stop_alive_timer(program);
	packet.id = question.id;
	packet.number = question.asked_ms;
	send_parent(program, &packet);
}

void program_not_alive(struct program *program, const char *text)
{
	uint64_t id = alive_give_up(&program->alive);

	stop_alive_timer(program);
	if (id != 0)
		program_answer(program, id, PCMK_UNAVAILABLE, text);
}

void program_log(struct program *program, enum haops_log_level level, const char *fmt, ...)
{
	struct packet packet = {.type = PACKET_LOG, .number = level};
	char text[PACKET_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	packet_set_text(&packet, 0, text);
	send_parent(program, &packet);
}

/* Connections --------------------------------------------------------------------------------- */

static void tell_ready(struct program *program, bool is_ready, const char *text)
{
	struct packet packet = {.type = PACKET_READY, .number = is_ready};

	program->is_ready = is_ready;
	packet_set_text(&packet, 0, text);
	send_parent(program, &packet);
}

static gboolean on_retry(gpointer data);

static void retry_later(struct program *program)
{
	if (program->retry_timer)
		return;
	program->retry_timer = g_timeout_add(program->retry_ms, on_retry, program);
	program->retry_ms = MIN(program->retry_ms * 2, RETRY_MAX_MS);
}

static void stop_handshake(struct program *program)
{
	if (program->handshake_timer)
		g_source_remove(program->handshake_timer);
	program->handshake_timer = 0;
}

static gboolean on_handshake_timeout(gpointer data)
{
	struct program *program = data;

	program->handshake_timer = 0;
	retry_later(program);
	return G_SOURCE_REMOVE;
}

/* Both anew: one that is left of the old Pacemaker is soon gone, too. */
static gboolean on_retry(gpointer data)
{
	struct program *program = data;

	program->retry_timer = 0;
	stop_handshake(program);
	controller_disconnect(program->controller);
	cib_disconnect(program->cib);
	if (cib_connect(program->cib) < 0 || controller_connect(program->controller) < 0) {
		retry_later(program);
		return G_SOURCE_REMOVE;
	}
	program->handshake_timer = g_timeout_add(HANDSHAKE_MS, on_handshake_timeout, program);
	return G_SOURCE_REMOVE;
}

void program_connected(struct program *program)
{
	char text[PACKET_TEXT_MAX];

	stop_handshake(program);
	program->retry_ms = RETRY_MIN_MS;
	(void)snprintf(text, sizeof(text), "Pacemaker is there, this node is %s",
		       controller_node(program->controller));
	tell_ready(program, true, text);
}

void program_lost(struct program *program, const char *what)
{
	char text[PACKET_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "Pacemaker: %s; nothing is reported until it is back",
		       what);
	if (program->is_ready)
		tell_ready(program, false, text);
	stop_handshake(program);
	retry_later(program);
}

/* Questions ----------------------------------------------------------------------------------- */

/* Judges by fresh state: a refusal may rest on something that time alone has changed. */
static bool judge(struct program *program, const struct judge_question *question,
		  struct judge_verdict *ret_verdict)
{
	const pe_working_set_t *cluster = cib_cluster(program->cib);

	if (!cluster)
		return false;
	judge_loss(cluster, question, ret_verdict);
	if (ret_verdict->result == PCMK_REPORTED)
		return true;
	cib_doubt(program->cib);
	cluster = cib_cluster(program->cib);
	if (cluster)
		judge_loss(cluster, question, ret_verdict);
	return cluster;
}

static void report(struct program *program, const struct packet *packet)
{
	const struct judge_question question = {.node = controller_node(program->controller),
						.resource = packet->text[0],
						.agent = packet->text[1],
						.wish = (enum pcmk_wish)packet->number};
	struct judge_verdict verdict;

	if (!judge(program, &question, &verdict))
		program_answer(program, packet->id, PCMK_UNAVAILABLE, "the CIB does not answer");
	else if (verdict.result != PCMK_REPORTED)
		program_answer(program, packet->id, verdict.result, verdict.text);
	else
		controller_report(program->controller, packet->id, &verdict);
}

static gboolean on_alive_timeout(gpointer data)
{
	struct program *program = data;

	program->alive_timer = 0;
	program_not_alive(program, alive_missing(&program->alive));
	return G_SOURCE_REMOVE;
}

static void ping(struct program *program, const struct packet *packet)
{
	stop_alive_timer(program);
	alive_ask(&program->alive, packet->id, packet->number);
	program->alive_timer = g_timeout_add(ALIVE_MS, on_alive_timeout, program);
	if (launcher_ping(program->launcher, packet->number))
		controller_ping(program->controller, packet->id, packet->number);
	else
		program_not_alive(program, "pacemakerd does not run here, or does not answer");
}

static void handle(struct program *program, const struct packet *packet)
{
	if (!program->is_ready) {
		program_answer(program, packet->id, PCMK_UNAVAILABLE,
			       "Pacemaker does not run here, or is starting");
		return;
	}
	switch (packet->type) {
	case PACKET_REPORT:
		report(program, packet);
		break;
	case PACKET_PING:
		ping(program, packet);
		break;
	case PACKET_ATTRIBUTE:
		tools_set_attribute(program->tools, packet);
		break;
	case PACKET_FENCE:
		tools_fence(program->tools, packet);
		break;
	default:
		break;
	}
}

/* One a turn, so that news of the connections come first each time. */
static gboolean on_turn(gpointer data)
{
	struct program *program = data;
	struct packet *packet = g_queue_pop_head(&program->questions);

	if (packet)
		handle(program, packet);
	free(packet);
	return g_queue_is_empty(&program->questions) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* Behind what may each read the CIB anew. haopsd bounds how many there are. */
static void put_behind(struct program *program, const struct packet *packet)
{
	struct packet *copy = malloc(sizeof(*copy));

	if (!copy) {
		program_answer(program, packet->id, PCMK_UNAVAILABLE, "out of memory");
		return;
	}
	*copy = *packet;
	if (g_queue_is_empty(&program->questions))
		(void)g_idle_add_full(QUESTION_PRIORITY, on_turn, program, NULL);
	g_queue_push_tail(&program->questions, copy);
}

static gint compare_id(gconstpointer question, gconstpointer id)
{
	const struct packet *packet = question;

	return packet->id != *(const uint64_t *)id;
}

/* One that waited so long that it is not true any more: the resource was recovered meanwhile. */
static void withdraw(struct program *program, uint64_t id)
{
	GList *at = g_queue_find_custom(&program->questions, &id, compare_id);

	if (!at)
		return;
	free(at->data);
	g_queue_delete_link(&program->questions, at);
	program_answer(program, id, PCMK_NOT_HERE, "whole again or stopped meanwhile");
}

/* A ping costs nothing, and leases hang on it: it waits behind no other question. */
static gboolean on_question(gint fd, GIOCondition condition, gpointer data)
{
	struct program *program = data;
	struct packet packet;
	int r = pcmk_system_receive(fd, &packet);

	(void)condition;
	if (r > 0 && packet.type == PACKET_PING)
		handle(program, &packet);
	else if (r > 0 && packet.type == PACKET_WITHDRAW)
		withdraw(program, packet.id);
	else if (r > 0)
		put_behind(program, &packet);
	else if (r != -EAGAIN)
		g_main_loop_quit(program->loop);
	return r > 0 || r == -EAGAIN ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Life ---------------------------------------------------------------------------------------- */

static void watch_parent(struct program *program)
{
	GSource *source = g_unix_fd_source_new(PARENT_FD, G_IO_IN | G_IO_HUP | G_IO_ERR);

	g_source_set_callback(source, G_SOURCE_FUNC(on_question), program, NULL);
	g_source_set_priority(source, RECEIVE_PRIORITY);
	(void)g_source_attach(source, NULL);
	g_source_unref(source);
}

static int open_all(struct program *program)
{
	int r = haops_ctx_new(&program->ctx);

	if (r == 0)
		r = cib_open(program, &program->cib);
	if (r == 0)
		r = controller_open(program, &program->controller);
	if (r == 0)
		r = launcher_open(program, &program->launcher);
	if (r == 0)
		r = tools_open(program, &program->tools);
	return r;
}

static void close_all(struct program *program)
{
	program->is_ready = false;
	g_queue_clear_full(&program->questions, free);
	tools_close(program->tools);
	launcher_close(program->launcher);
	controller_close(program->controller);
	cib_close(program->cib);
	if (program->retry_timer)
		g_source_remove(program->retry_timer);
	stop_handshake(program);
	stop_alive_timer(program);
	haops_ctx_free(program->ctx);
	g_main_loop_unref(program->loop);
}

int main(void)
{
	struct program program = {.retry_ms = RETRY_MIN_MS, .questions = G_QUEUE_INIT};

	/* Stuck inside a library we would not notice that haopsd has ended. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	crm_log_preinit(PROGRAM_NAME, 0, NULL);
	program.loop = g_main_loop_new(NULL, FALSE);
	if (open_all(&program) < 0) {
		close_all(&program);
		return EXIT_FAILURE;
	}
	watch_parent(&program);
	(void)on_retry(&program);
	g_main_loop_run(program.loop);
	close_all(&program);
	return EXIT_SUCCESS;
}
