/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peer outdate: an asker and a peer that are wired together here, and a stand-in for drbdadm whose
 * exit code is in the resource's name. Real processes, a real loop. */

#include "unit.h"

#include "pcmk/outdate.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)
#define LIMIT_MS 15000
#define ASKER 1
#define PEER 2
#define THIRD 3
#define DRBDADM_TEXT                                                                               \
	"#!/bin/sh\n"                                                                              \
	"[ $# = 2 ] || exit 99\n"                                                                  \
	"case $1-$2 in\n"                                                                          \
	"dstate-exit-0) echo Outdated/DUnknown; exit 0 ;;\n"                                       \
	"dstate-exit-5) echo Inconsistent/DUnknown; exit 0 ;;\n"                                   \
	"dstate-exit-11) echo Outdated/DUnknown; exit 0 ;;\n"                                      \
	"dstate-later) [ \"$(cat $0.count)\" = xxx ] && rm $0.count && echo Outdated/DUnknown && " \
	"exit 0\n"                                                                                 \
	"echo UpToDate/UpToDate; exit 0 ;;\n"                                                      \
	"dstate-mute) echo no such thing >&2; exit 0 ;;\n"                                         \
	"outdate-later) printf x >>$0.count; exit 0 ;;\n"                                          \
	"outdate-mute) exit 0 ;;\n"                                                                \
	"outdate-*) ;;\n"                                                                          \
	"*) exit 98 ;;\n"                                                                          \
	"esac\n"                                                                                   \
	"case $2 in exit-*) echo \"because of $2\" >&2; exit ${2#exit-} ;; esac\n"                 \
	"case $2 in slow) exec /bin/sleep 60 ;; killed) kill -9 $$ ;; esac\n"                      \
	"exit 20\n"

struct fixture;

struct node {
	struct fixture *fixture;
	uint32_t nodeid;
	struct outdate *outdate;
};

struct fixture {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct node asker;
	struct node peer;
	char drbdadm[64];
	struct message last; /* sent by anybody */
	int sent;
	bool is_cut;	/* messages get lost */
	int send_fails; /* -errno of the next send */
	bool is_gone;	/* what the asker knows of the peer */
	uint64_t id;
	int exit_code;
	char text[256];
	int answers;
	bool is_timed_out;
};

static int on_send(void *userdata, const struct message *message)
{
	struct node *node = userdata;
	struct fixture *f = node->fixture;

	if (f->send_fails)
		return f->send_fails;
	f->last = *message;
	f->sent++;
	if (f->is_cut)
		return 0;
	/* As over CPG: everybody gets it, the sender, too. */
	outdate_message(f->asker.outdate, message, node->nodeid, ASKER);
	outdate_message(f->peer.outdate, message, node->nodeid, PEER);
	return 0;
}

static void on_answered(void *userdata, uint64_t id, int exit_code, const char *text)
{
	struct node *node = userdata;
	struct fixture *f = node->fixture;

	f->id = id;
	f->exit_code = exit_code;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	f->answers++;
	qb_loop_stop(f->loop);
}

static bool on_is_gone(void *userdata, uint32_t nodeid)
{
	struct node *node = userdata;

	return node->nodeid == ASKER && nodeid == PEER && node->fixture->is_gone;
}

static void on_limit(void *data)
{
	struct fixture *f = data;

	f->is_timed_out = true;
	qb_loop_stop(f->loop);
}

static void run(struct fixture *f)
{
	qb_loop_timer_handle limit;

	(void)qb_loop_timer_add(f->loop, QB_LOOP_HIGH, LIMIT_MS * NS_PER_MS, f, on_limit, &limit);
	qb_loop_run(f->loop);
	(void)qb_loop_timer_del(f->loop, limit);
	assert_false(f->is_timed_out);
}

static int write_drbdadm(struct fixture *f)
{
	FILE *file;

	(void)snprintf(f->drbdadm, sizeof(f->drbdadm), "/tmp/haops-test-%d-drbdadm", (int)getpid());
	file = fopen(f->drbdadm, "we");
	if (!file)
		return -1;
	(void)fputs(DRBDADM_TEXT, file);
	(void)fclose(file);
	return chmod(f->drbdadm, 0700);
}

static int setup(void **state)
{
	static const struct outdate_handlers handlers = {.send = on_send,
							 .answered = on_answered,
							 .is_gone = on_is_gone};
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || haops_ctx_new(&f->ctx) < 0 || write_drbdadm(f) < 0)
		return -1;
	f->loop = qb_loop_create();
	f->asker = (struct node){.fixture = f, .nodeid = ASKER};
	f->peer = (struct node){.fixture = f, .nodeid = PEER};
	if (outdate_new(f->ctx, f->loop, &handlers, &f->asker, &f->asker.outdate) < 0 ||
	    outdate_new(f->ctx, f->loop, &handlers, &f->peer, &f->peer.outdate) < 0 ||
	    outdate_set_drbdadm(f->peer.outdate, f->drbdadm) < 0)
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	outdate_free(f->asker.outdate);
	outdate_free(f->peer.outdate);
	(void)unlink(f->drbdadm);
	qb_loop_destroy(f->loop);
	haops_ctx_free(f->ctx);
	free(f);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static uint64_t ask(struct fixture *f, const char *resource, int64_t timeout_ms)
{
	uint64_t id = 0;

	assert_int_equal(outdate_ask(f->asker.outdate, PEER, resource, timeout_ms, &id), 0);
	assert_int_equal(f->answers, 0);
	return id;
}

static void check(struct fixture *f, const char *resource, int exit_code, const char *words)
{
	uint64_t id = ask(f, resource, 10000);

	run(f);
	assert_true(f->id == id);
	assert_int_equal(f->exit_code, exit_code);
	if (!strstr(f->text, words))
		fail_msg("%s", f->text);
	f->answers = 0;
}

static void test_what_drbdadm_says(void **state)
{
	struct fixture *f = *state;

	check(f, "exit-0", OUTDATE_PEER_OUTDATED, "outdated");
	check(f, "exit-5", OUTDATE_PEER_INCONSISTENT, "Inconsistent");
	check(f, "exit-11", OUTDATE_PEER_OUTDATED, "outdated now");
	check(f, "exit-17", OUTDATE_PEER_PRIMARY, "Primary");
	check(f, "exit-10", OUTDATE_FAILED, "because of exit-10");
	check(f, "exit-1", OUTDATE_FAILED, "exit code 1");
	check(f, "killed", OUTDATE_FAILED, "signal 9");
}

/* DRBD 8.4 ends with 0 and changes nothing as long as it takes the connection for whole. */
static void test_disk_is_looked_at(void **state)
{
	struct fixture *f = *state;

	check(f, "later", OUTDATE_PEER_OUTDATED, "outdated now");
	check(f, "mute", OUTDATE_FAILED, "dstate");
}

static void test_no_drbdadm(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->drbdadm);
	(void)ask(f, "exit-0", 10000);
	if (f->answers == 0)
		run(f);
	assert_int_equal(f->exit_code, OUTDATE_FAILED);
}

static void test_slow_drbdadm(void **state)
{
	struct fixture *f = *state;

	check(f, "slow", OUTDATE_FAILED, "did not end in time");
}

/* A peer that does not answer may live and write: that is not "unreachable". */
static void test_silence_is_not_known(void **state)
{
	struct fixture *f = *state;

	f->is_cut = true;
	(void)ask(f, "exit-0", 300);
	run(f);
	assert_int_equal(f->exit_code, OUTDATE_FAILED);
}

static void test_gone(void **state)
{
	struct fixture *f = *state;

	f->is_cut = true;
	f->is_gone = true;
	(void)ask(f, "exit-0", 10000);
	assert_int_equal(f->sent, 0);
	run(f);
	assert_int_equal(f->exit_code, OUTDATE_PEER_UNREACHABLE);
}

static void on_goes(void *data)
{
	struct fixture *f = data;

	f->is_gone = true;
	outdate_node_gone(f->asker.outdate, THIRD);
	assert_int_equal(f->answers, 0);
	outdate_node_gone(f->asker.outdate, PEER);
	assert_int_equal(f->answers, 1);
}

static void test_goes_meanwhile(void **state)
{
	struct fixture *f = *state;
	qb_loop_timer_handle timer;

	f->is_cut = true;
	(void)ask(f, "exit-0", 10000);
	(void)qb_loop_timer_add(f->loop, QB_LOOP_MED, 50 * NS_PER_MS, f, on_goes, &timer);
	run(f);
	assert_int_equal(f->exit_code, OUTDATE_PEER_UNREACHABLE);
	/* Its answer, come late, is no second one. */
	f->last.type = MESSAGE_OUTDATE_ANSWER;
	f->last.outdate.result = OUTDATE_PEER_PRIMARY;
	outdate_message(f->asker.outdate, &f->last, PEER, ASKER);
	assert_int_equal(f->answers, 1);
}

/* A node that left, but is not certainly gone: we may be the one that is cut off. */
static void test_left_but_not_gone(void **state)
{
	struct fixture *f = *state;

	f->is_cut = true;
	(void)ask(f, "exit-0", 400);
	outdate_node_gone(f->asker.outdate, PEER);
	assert_int_equal(f->answers, 0);
	run(f);
	assert_int_equal(f->exit_code, OUTDATE_FAILED);
}

static void test_answers_of_others(void **state)
{
	struct fixture *f = *state;
	struct message answer;

	f->is_cut = true;
	(void)ask(f, "r0", 10000);
	answer = f->last;
	answer.type = MESSAGE_OUTDATE_ANSWER;
	answer.outdate.result = OUTDATE_PEER_OUTDATED;
	outdate_message(f->asker.outdate, &answer, THIRD, ASKER);
	answer.outdate.nodeid = THIRD;
	outdate_message(f->asker.outdate, &answer, PEER, ASKER);
	answer.outdate.nodeid = PEER;
	answer.outdate.id++;
	outdate_message(f->asker.outdate, &answer, PEER, ASKER);
	answer.outdate.id--;
	(void)snprintf(answer.outdate.resource, sizeof(answer.outdate.resource), "r1");
	outdate_message(f->asker.outdate, &answer, PEER, ASKER);
	assert_int_equal(f->answers, 0);
	(void)snprintf(answer.outdate.resource, sizeof(answer.outdate.resource), "r0");
	outdate_message(f->asker.outdate, &answer, PEER, ASKER);
	assert_int_equal(f->answers, 1);
	outdate_message(f->asker.outdate, &answer, PEER, ASKER);
	assert_int_equal(f->answers, 1);
}

/* A peer may not claim what is not its to know, nor what DRBD has no word for. */
static void test_strange_results(void **state)
{
	static const int32_t strange[] = {0, 1, 2, 5, 7, -1, 260, INT32_MAX};
	struct fixture *f = *state;

	f->is_cut = true;
	for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
		f->answers = 0;
		(void)ask(f, "r0", 10000);
		f->last.type = MESSAGE_OUTDATE_ANSWER;
		f->last.outdate.result = strange[i];
		outdate_message(f->asker.outdate, &f->last, PEER, ASKER);
		assert_int_equal(f->answers, 1);
		assert_int_equal(f->exit_code, OUTDATE_FAILED);
	}
}

static void test_bad_questions(void **state)
{
	struct fixture *f = *state;
	struct message message = {.type = MESSAGE_OUTDATE_ASK,
				  .outdate = {.id = 7, .nodeid = PEER, .resource = "all"}};
	uint64_t id = 42;

	assert_int_equal(outdate_ask(f->asker.outdate, PEER, "all", 1000, &id), -EINVAL);
	assert_int_equal(outdate_ask(f->asker.outdate, PEER, "r0;reboot", 1000, &id), -EINVAL);
	f->send_fails = -ENOTCONN;
	assert_int_equal(outdate_ask(f->asker.outdate, PEER, "r0", 1000, &id), -ENOTCONN);
	f->send_fails = 0;
	assert_int_equal(id, 42);
	/* The same from the wire. */
	outdate_message(f->peer.outdate, &message, ASKER, PEER);
	assert_int_equal(f->sent, 0);
	/* For another node. */
	(void)snprintf(message.outdate.resource, sizeof(message.outdate.resource), "exit-0");
	message.outdate.nodeid = THIRD;
	outdate_message(f->peer.outdate, &message, ASKER, PEER);
	assert_int_equal(f->sent, 0);
	/* By itself. */
	message.outdate.nodeid = PEER;
	outdate_message(f->peer.outdate, &message, PEER, PEER);
	assert_int_equal(f->last.outdate.result, OUTDATE_FAILED);
}

/* It may have written alone after it asked: the disk here is outdated all the same. */
static void test_asker_that_is_gone(void **state)
{
	struct fixture *f = *state;
	struct message message = {.type = MESSAGE_OUTDATE_ASK,
				  .outdate = {.nodeid = PEER, .resource = "slow", .id = 7}};

	outdate_message(f->peer.outdate, &message, THIRD, PEER);
	outdate_node_gone(f->peer.outdate, ASKER);
	outdate_message(f->peer.outdate, &message, THIRD, PEER);
	assert_int_equal(f->sent, 0);
	outdate_node_gone(f->peer.outdate, THIRD);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	assert_int_equal(f->sent, 0);
}

/* The same question twice runs drbdadm once; more at once than there are places are refused. */
static void test_questions_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct message message = {.type = MESSAGE_OUTDATE_ASK,
				  .outdate = {.nodeid = PEER, .resource = "slow"}};
	uint64_t id;
	int r = 0;

	f->is_cut = true;
	for (uint64_t i = 1; i <= 68; i++) {
		message.outdate.id = i;
		outdate_message(f->peer.outdate, &message, THIRD, PEER);
		outdate_message(f->peer.outdate, &message, THIRD, PEER);
	}
	/* 64 run; each of the other 4 is refused each time that it comes. */
	assert_int_equal(f->sent, 8);
	assert_int_equal(f->last.outdate.result, OUTDATE_FAILED);
	for (int i = 0; i < 100 && r == 0; i++)
		r = outdate_ask(f->asker.outdate, PEER, "r0", 10000, &id);
	assert_int_equal(r, -EAGAIN);
}

static void test_missing_handler(void **state)
{
	struct fixture *f = *state;
	const struct outdate_handlers handlers = {.send = on_send, .answered = on_answered};
	struct outdate *outdate = NULL;

	assert_int_equal(outdate_new(f->ctx, f->loop, &handlers, f, &outdate), -EINVAL);
	assert_null(outdate);
	outdate_free(NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_drbdadm_says),	 TEST(test_disk_is_looked_at),
		TEST(test_no_drbdadm),		 TEST(test_slow_drbdadm),
		TEST(test_silence_is_not_known), TEST(test_gone),
		TEST(test_goes_meanwhile),	 TEST(test_left_but_not_gone),
		TEST(test_answers_of_others),	 TEST(test_strange_results),
		TEST(test_bad_questions),	 TEST(test_questions_are_bounded),
		TEST(test_missing_handler),	 TEST(test_asker_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
