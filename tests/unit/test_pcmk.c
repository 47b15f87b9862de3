/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd's end of the Pacemaker helper, against a helper that is this very program: it does what
 * the name of the resource says. Real processes, a real loop. */

#include "unit.h"

#include "pcmk/pcmk.h"
#include "pcmk/system.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)
#define LIMIT_MS 15000

struct fixture {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct pcmk *pcmk;
	uint64_t id;
	enum pcmk_result result;
	char text[256];
	int answers;
	int alives;
	int64_t asked_ms;
	int events;
	int stop_after; /* answers or alives, or, below 0, events */
	bool is_timed_out;
};

/* The helper ---------------------------------------------------------------------------------- */

static void answer(const struct packet *packet)
{
	struct packet reply = {.type = PACKET_ANSWER, .id = packet->id};

	packet_set_text(&reply, 0, packet->text[0]);
	reply.number = strcmp(packet->text[0], "unmanaged") == 0   ? PCMK_UNMANAGED
		       : strcmp(packet->text[0], "elsewhere") == 0 ? PCMK_NOT_HERE
		       : strcmp(packet->text[0], "strange") == 0   ? 77
								   : PCMK_REPORTED;
	if (packet->type == PACKET_PING) {
		reply.type = PACKET_ALIVE;
		reply.number = packet->number;
	}
	(void)pcmk_system_send(0, &reply);
}

static void act(const struct packet *packet)
{
	static uint64_t waiting;

	if (packet->type == PACKET_WITHDRAW && packet->id == waiting)
		answer(&(const struct packet){.id = waiting, .text = {"elsewhere"}});
	else if (packet->type == PACKET_WITHDRAW)
		return;
	else if (strcmp(packet->text[0], "wait") == 0)
		waiting = packet->id;
	else if (strcmp(packet->text[0], "hang") == 0)
		(void)raise(SIGSTOP);
	else if (strcmp(packet->text[0], "die") == 0)
		_exit(3);
	else if (strcmp(packet->text[0], "rubbish") == 0)
		(void)!write(0, "rubbish", 7);
	else if (strcmp(packet->text[0], "silence") != 0)
		answer(packet);
}

static int be_helper(void)
{
	struct packet ready = {.type = PACKET_READY, .number = 1};
	struct packet packet;

	packet_set_text(&ready, 0, "ready");
	(void)pcmk_system_send(0, &ready);
	for (;;) {
		struct pollfd input = {.fd = 0, .events = POLLIN};
		int r;

		(void)poll(&input, 1, -1);
		r = pcmk_system_receive(0, &packet);
		if (r > 0)
			act(&packet);
		else if (r != -EAGAIN)
			return 0;
	}
}

/* The test ------------------------------------------------------------------------------------ */

static void maybe_stop(struct fixture *f, int count)
{
	if (f->stop_after > 0 && count >= f->stop_after)
		qb_loop_stop(f->loop);
}

static void on_reported(void *userdata, uint64_t id, enum pcmk_result result, const char *text)
{
	struct fixture *f = userdata;

	f->id = id;
	f->result = result;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	maybe_stop(f, ++f->answers);
}

static void on_alive(void *userdata, int64_t asked_ms)
{
	struct fixture *f = userdata;

	f->asked_ms = asked_ms;
	maybe_stop(f, ++f->alives);
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	struct fixture *f = userdata;

	(void)level;
	(void)text;
	if (++f->events >= -f->stop_after && f->stop_after < 0)
		qb_loop_stop(f->loop);
}

static void on_limit(void *data)
{
	struct fixture *f = data;

	f->is_timed_out = true;
	qb_loop_stop(f->loop);
}

/* Until so many answers; or, below 0, events. */
static void run_until(struct fixture *f, int stop_after)
{
	qb_loop_timer_handle limit;

	f->stop_after = stop_after;
	assert_int_equal(qb_loop_timer_add(f->loop, QB_LOOP_HIGH, LIMIT_MS * NS_PER_MS, f, on_limit,
					   &limit),
			 0);
	qb_loop_run(f->loop);
	(void)qb_loop_timer_del(f->loop, limit);
	assert_false(f->is_timed_out);
}

static int setup_with(void **state, const char *path)
{
	static const struct pcmk_handlers handlers = {.reported = on_reported,
						      .alive = on_alive,
						      .event = on_event};
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || haops_ctx_new(&f->ctx) < 0)
		return -1;
	f->loop = qb_loop_create();
	if (pcmk_new(f->ctx, f->loop, &handlers, f, &f->pcmk) < 0 ||
	    pcmk_set_program(f->pcmk, path) < 0)
		return -1;
	*state = f;
	return 0;
}

/* The link's name ends so that the program knows what to be. */
static int setup(void **state)
{
	static char path[64];
	char self[4096] = "";

	(void)snprintf(path, sizeof(path), "/tmp/haops-test-%d-helper", (int)getpid());
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	(void)unlink(path);
	if (symlink(self, path) < 0)
		return -1;
	return setup_with(state, path);
}

static int setup_missing(void **state)
{
	return setup_with(state, "/nonexistent/helper");
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char path[64];

	(void)snprintf(path, sizeof(path), "/tmp/haops-test-%d-helper", (int)getpid());
	(void)unlink(path);
	pcmk_free(f->pcmk);
	qb_loop_destroy(f->loop);
	haops_ctx_free(f->ctx);
	free(f);
	/* Neither a child nor a zombie is left. */
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static uint64_t report(struct fixture *f, const char *resource)
{
	struct haops_watch watch = {.provider = "haops", .agent = "IPaddr2"};
	uint64_t id = 0;
	int before = f->answers;

	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", resource);
	assert_int_equal(pcmk_report(f->pcmk, &watch, PCMK_RECOVER, "it is gone", &id), 0);
	assert_int_equal(f->answers, before);
	return id;
}

static void check(struct fixture *f, const char *resource, enum pcmk_result result)
{
	uint64_t id = report(f, resource);

	f->answers = 0;
	run_until(f, 1);
	assert_true(f->id == id);
	assert_int_equal(f->result, result);
}

static void test_answers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pcmk_pid(f->pcmk), 0);
	check(f, "vip", PCMK_REPORTED);
	assert_string_equal(f->text, "vip");
	assert_true(pcmk_pid(f->pcmk) > 0);
	check(f, "unmanaged", PCMK_UNMANAGED);
	check(f, "elsewhere", PCMK_NOT_HERE);
	check(f, "strange", PCMK_UNAVAILABLE);
}

static void test_helper_that_dies(void **state)
{
	struct fixture *f = *state;
	pid_t first;

	check(f, "vip", PCMK_REPORTED);
	first = pcmk_pid(f->pcmk);
	check(f, "die", PCMK_UNAVAILABLE);
	check(f, "vip", PCMK_REPORTED);
	assert_int_not_equal(pcmk_pid(f->pcmk), first);
}

static void test_helper_that_is_killed(void **state)
{
	struct fixture *f = *state;

	check(f, "vip", PCMK_REPORTED);
	assert_int_equal(kill(pcmk_pid(f->pcmk), SIGKILL), 0);
	/* Maybe sent to the dying one, which is not known to have done it. */
	(void)report(f, "vip");
	f->answers = 0;
	run_until(f, 1);
	assert_true(f->result == PCMK_UNAVAILABLE || f->result == PCMK_REPORTED);
	check(f, "vip", PCMK_REPORTED);
}

static void test_helper_that_hangs(void **state)
{
	struct fixture *f = *state;
	pid_t first;
	int64_t began_ms;

	check(f, "vip", PCMK_REPORTED);
	first = pcmk_pid(f->pcmk);
	began_ms = haops_now_ms(f->ctx);
	check(f, "hang", PCMK_UNAVAILABLE);
	assert_in_range(haops_now_ms(f->ctx) - began_ms, 4900, 7000);
	check(f, "vip", PCMK_REPORTED);
	assert_int_not_equal(pcmk_pid(f->pcmk), first);
}

/* All that had been sent with the question that hangs are answered, once each. */
static void test_all_are_answered_once(void **state)
{
	struct fixture *f = *state;

	check(f, "vip", PCMK_REPORTED);
	for (int i = 0; i < 250; i++)
		(void)report(f, i == 100 ? "die" : "vip");
	f->answers = 0;
	run_until(f, 250);
	assert_int_equal(f->answers, 250);
	check(f, "vip", PCMK_REPORTED);
	assert_int_equal(f->answers, 1);
}

static void test_helper_that_says_rubbish(void **state)
{
	struct fixture *f = *state;
	pid_t first;

	check(f, "vip", PCMK_REPORTED);
	first = pcmk_pid(f->pcmk);
	check(f, "rubbish", PCMK_UNAVAILABLE);
	check(f, "vip", PCMK_REPORTED);
	assert_int_not_equal(pcmk_pid(f->pcmk), first);
}

static void test_no_helper(void **state)
{
	struct fixture *f = *state;

	check(f, "vip", PCMK_UNAVAILABLE);
	assert_int_equal(f->events, 1);
	assert_int_equal(pcmk_pid(f->pcmk), 0);
}

static void test_withdrawn(void **state)
{
	struct fixture *f = *state;
	uint64_t id;

	check(f, "vip", PCMK_REPORTED);
	id = report(f, "wait");
	pcmk_withdraw(f->pcmk, id);
	f->answers = 0;
	run_until(f, 1);
	assert_true(f->id == id);
	assert_int_equal(f->result, PCMK_NOT_HERE);
	pcmk_withdraw(f->pcmk, id); /* too late */
	check(f, "vip", PCMK_REPORTED);
}

static void test_withdrawn_before_it_was_sent(void **state)
{
	struct fixture *f = *state;

	pcmk_withdraw(f->pcmk, report(f, "vip"));
	check(f, "vip", PCMK_UNAVAILABLE); /* of this one, not of the other */
	assert_int_equal(f->answers, 1);
}

static void test_queue_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct haops_watch watch = {.resource = "vip", .agent = "a", .provider = "p"};
	uint64_t id = 0;
	int r = 0;
	int accepted = 0;

	while (r == 0 && accepted < 1000) {
		r = pcmk_report(f->pcmk, &watch, PCMK_RECOVER, "gone", &id);
		accepted += r == 0;
	}
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(accepted, 256);
	run_until(f, accepted);
	assert_int_equal(f->result, PCMK_REPORTED);
}

static void test_bad_arguments(void **state)
{
	struct fixture *f = *state;
	struct haops_watch watch = {.resource = ""};
	uint64_t id = 42;

	assert_int_equal(pcmk_report(f->pcmk, &watch, PCMK_RECOVER, "gone", &id), -EINVAL);
	(void)snprintf(watch.resource, sizeof(watch.resource), "vip");
	memset(watch.agent, 'x', sizeof(watch.agent) - 1);
	assert_int_equal(pcmk_report(f->pcmk, &watch, PCMK_RECOVER, "gone", &id), -EINVAL);
	assert_int_equal(pcmk_fence(f->pcmk, "", &id), -EINVAL);
	assert_int_equal(pcmk_fence(f->pcmk, "--version", &id), -EINVAL);
	assert_int_equal(pcmk_set_attribute(f->pcmk, "", "1", 0), -EINVAL);
	assert_int_equal(id, 42);
	assert_int_equal(pcmk_pid(f->pcmk), 0);
}

static void test_ping(void **state)
{
	struct fixture *f = *state;
	int64_t began_ms = pcmk_system_boottime_ms();

	pcmk_set_ping(f->pcmk, 20);
	run_until(f, 5);
	pcmk_set_ping(f->pcmk, 0);
	assert_true(f->asked_ms >= began_ms && f->asked_ms <= pcmk_system_boottime_ms());
	assert_true(pcmk_alive_ms(f->pcmk) == f->asked_ms);
	assert_int_equal(f->answers, 0);
}

static void test_fence_and_attribute(void **state)
{
	struct fixture *f = *state;
	uint64_t id = 0;

	assert_int_equal(pcmk_set_attribute(f->pcmk, "pingd", "1000", 0), 0);
	assert_int_equal(pcmk_fence(f->pcmk, "n2", &id), 0);
	run_until(f, 1);
	assert_true(f->id == id);
	assert_int_equal(f->result, PCMK_REPORTED);
}

static void test_warm(void **state)
{
	struct fixture *f = *state;

	pcmk_warm(f->pcmk);
	assert_true(pcmk_pid(f->pcmk) > 0);
	run_until(f, -1); /* its "ready" */
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_helper_that_dies),
		TEST(test_helper_that_is_killed),
		TEST(test_helper_that_hangs),
		TEST(test_all_are_answered_once),
		TEST(test_helper_that_says_rubbish),
		cmocka_unit_test_setup_teardown(test_no_helper, setup_missing, teardown),
		TEST(test_withdrawn),
		cmocka_unit_test_setup_teardown(test_withdrawn_before_it_was_sent, setup_missing,
						teardown),
		TEST(test_queue_is_bounded),
		TEST(test_bad_arguments),
		TEST(test_ping),
		TEST(test_fence_and_attribute),
		TEST(test_warm),
	};
	const char *end = strrchr(argv[0], '-');

	if (argc == 1 && end && strcmp(end, "-helper") == 0)
		return be_helper();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
