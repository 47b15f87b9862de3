/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A background sender of which any user of the host asks whether it is there, without end. */
#include "tap.h"

#include <haops/arp.h>
#include <signal.h>

#include "announcer-name.h"

#define NAME "vip"
#define ASKING 8
#define ASKING_S 10
#define LATE_MS 400

/* Ends by itself, too: a test that fails must leave nobody behind. */
static pid_t start_asking(void)
{
	struct sockaddr_un addr;
	socklen_t len = announcer_name_address(NAME, &addr);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		(void)alarm(ASKING_S);
	while (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		(void)connect(fd, (const struct sockaddr *)&addr, len);
		(void)close(fd);
	}
	return pid;
}

static void schedule_is_kept_while_many_ask(void **state)
{
	const struct haops_arp_schedule schedule = {.burst_count = 10, .burst_interval_ms = 50};
	struct haops_ctx *ctx = *state;
	struct haops_announcement what = {.ifindex = link_of(ctx, "va").ifindex, .count = 1};
	int tap = tap_open(ctx, "vb");
	struct haops_addr addr;
	pid_t asking[ASKING];
	int64_t begin_ms;

	ip("addr add 192.0.2.9/24 dev va");
	assert_int_equal(haops_addr_parse(ctx, "192.0.2.9", &addr), 0);
	what.addrs = &addr;
	what.form = HAOPS_ARP_REQUEST;
	assert_int_equal(haops_announcer_start(ctx, NAME, &what, &schedule, 0), 0);
	for (size_t i = 0; i < ASKING; i++)
		asking[i] = start_asking();
	begin_ms = tap_now_ms();
	for (uint32_t i = 0; i < schedule.burst_count; i++)
		(void)tap_expect(tap, 'q');
	assert_in_range(tap_now_ms() - begin_ms, 0, 10 * 50 + LATE_MS);
	assert_int_equal(haops_announcer_stop(ctx, NAME, haops_deadline_after(ctx, TAP_WAIT_MS)),
			 0);
	for (size_t i = 0; i < ASKING; i++) {
		assert_int_equal(kill(asking[i], SIGKILL), 0);
		assert_int_equal(waitpid(asking[i], NULL, 0), asking[i]);
	}
	(void)close(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST_NETNS(schedule_is_kept_while_many_ask)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
