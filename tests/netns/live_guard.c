/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's thread on the kernel itself: renewals, removals, records, pauses. */
#include "netns.h"

#include "guard/guard.h"

#include <haops/lease.h>
#include <haops/vip.h>
#include <haops/watch.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "lease-page.h"

#define WAIT_MS 10000
#define BEAT_MS 50
#define MANY 500

static char dir[] = "/tmp/haops-test-guard-XXXXXX";
static char run_dir[64];

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_ms(int ms)
{
	assert_true(poll(NULL, 0, ms) == 0);
}

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, WAIT_MS);
}

static int setup(void **state)
{
	if (setup_netns(state) < 0 || !mkdtemp(dir))
		return -1;
	(void)snprintf(run_dir, sizeof(run_dir), "%s/run", dir);
	return haops_ctx_set_run_dir(*state, run_dir);
}

static int teardown(void **state)
{
	char path[128];

	if (haops_watch_remove(*state, "vip") < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" LEASE_PAGE_STATE, run_dir);
	(void)unlink(path);
	(void)rmdir(run_dir);
	(void)rmdir(dir);
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	return teardown_ctx(state);
}

static struct haops_vip vip_of(struct haops_ctx *ctx, const char *text)
{
	struct haops_link link;
	struct haops_vip vip = {.prefix_len = 24, .preferred_lft_s = HAOPS_VIP_FOREVER};

	assert_int_equal(haops_link_get(ctx, "va", soon(ctx), &link), 0);
	assert_int_equal(haops_addr_parse(ctx, text, &vip.addr), 0);
	vip.ifindex = link.ifindex;
	vip.nodad = true;
	return vip;
}

static void add(struct haops_ctx *ctx, const char *text, uint32_t valid_lft_s)
{
	struct haops_vip vip = vip_of(ctx, text);

	vip.valid_lft_s = valid_lft_s;
	assert_int_equal(haops_vip_add(ctx, &vip, 1, soon(ctx)), 0);
}

static void put_named(struct haops_ctx *ctx, const char *name, const char *text, uint32_t lease_ms,
		      const char *netns)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_ADDRESS,
					    .address = {.prefix_len = 24, .link = "va"}};
	struct haops_watch watch = {.provider = "haops",
				    .agent = "IPaddr2",
				    .lease_ms = lease_ms,
				    .objects = &object,
				    .object_count = 1};

	assert_int_equal(haops_addr_parse(ctx, text, &object.address.addr), 0);
	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", name);
	(void)snprintf(watch.netns, sizeof(watch.netns), "%s", netns);
	assert_int_equal(haops_watch_put(ctx, &watch), 0);
}

static void put(struct haops_ctx *ctx, const char *text, uint32_t lease_ms, const char *netns)
{
	put_named(ctx, "vip", text, lease_ms, netns);
}

static bool is_there(struct haops_ctx *ctx, const char *text)
{
	struct haops_vip_found found;
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(ctx, text, &addr), 0);
	assert_int_equal(haops_vip_query(ctx, &addr, 1, 0, soon(ctx), &found), 0);
	return found.state != HAOPS_VIP_ABSENT;
}

static struct guard_proof proof_of(int64_t sent_ms)
{
	return (struct guard_proof){.echo_ms = sent_ms,
				    .pacemaker_ms = sent_ms,
				    .is_quorate = true,
				    .token_ms = 3000,
				    .consensus_ms = 3600};
}

static struct guard *begin(struct haops_ctx *ctx)
{
	const struct guard_config config = {.run_dir = run_dir};
	struct guard *guard = NULL;

	assert_int_equal(guard_start(ctx, &config, &guard), 0);
	return guard;
}

static void prove_for(struct guard *guard, int64_t ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end) {
		const struct guard_proof proof = proof_of(now_ms());

		guard_prove(guard, &proof);
		wait_ms(BEAT_MS);
	}
}

static bool wait_gone(struct haops_ctx *ctx, const char *text, int64_t ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end) {
		if (!is_there(ctx, text))
			return true;
		wait_ms(2);
	}
	return false;
}

/* Waits for an event that has this text. */
static void expect(struct guard *guard, const char *text)
{
	int64_t end = now_ms() + WAIT_MS;
	char event[256] = "";
	bool is_error;

	while (now_ms() < end) {
		struct pollfd fd = {.fd = guard_fd(guard), .events = POLLIN};

		(void)poll(&fd, 1, 100);
		while (guard_next_event(guard, &is_error, event, sizeof(event))) {
			if (strstr(event, text))
				return;
		}
	}
	fail_msg("no event with \"%s\", the last was \"%s\"", text, event);
}

static void renewed_while_proven(void **state)
{
	static const char *const addrs[] = {"192.0.2.9", "2001:db8::9"};

	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		struct guard *guard = begin(*state);
		struct haops_lease_status status;
		struct guard_report report;

		add(*state, addrs[i], 1);
		put(*state, addrs[i], 1000, "");
		prove_for(guard, 3500);
		assert_true(is_there(*state, addrs[i]));
		expect(guard, "lease of vip: ");
		assert_int_equal(haops_lease_query(*state, &status), 0);
		assert_int_equal(status.verdict, HAOPS_LEASE_OK);
		assert_int_equal(status.token_ms, 3000);
		assert_int_equal(status.pid, getpid());
		guard_get_report(guard, &report);
		assert_int_equal(report.leased, 1);
		assert_true(report.renewals >= 10);
		assert_int_equal(report.dropped, 0);
		assert_int_equal(report.verdict, HAOPS_LEASE_OK);
		guard_stop(guard);
		assert_true(is_there(*state, addrs[i])); /* a successor may go on */
		assert_true(wait_gone(*state, addrs[i], 1000 + HAOPS_LEASE_KERNEL_LATE_MS + 500));
		assert_int_equal(haops_watch_remove(*state, "vip"), 0);
	}
}

static void dropped_without_proof(void **state)
{
	struct guard *guard = begin(*state);
	int64_t proven;

	add(*state, "192.0.2.9", 2);
	put(*state, "192.0.2.9", 2000, "");
	prove_for(guard, 1000);
	proven = now_ms() - BEAT_MS;
	assert_true(wait_gone(*state, "192.0.2.9", 4000));
	print_message("gone %d ms after the last proof, lease 2000 ms\n", (int)(now_ms() - proven));
	assert_true(now_ms() - proven >= 2000);
	expect(guard, "lease of vip is lost: own messages do not come back through Corosync");
	/* Never brought back by a later proof, only renewed when somebody has started it anew. */
	prove_for(guard, 500);
	assert_false(is_there(*state, "192.0.2.9"));
	add(*state, "192.0.2.9", 2);
	prove_for(guard, 500);
	expect(guard, "192.0.2.9 is renewed again, 2 s at a time");
	guard_stop(guard);
}

static void without_quorum_it_goes_at_once(void **state)
{
	struct guard *guard = begin(*state);
	struct guard_proof proof;

	add(*state, "192.0.2.9", 3);
	put(*state, "192.0.2.9", 3000, "");
	prove_for(guard, 500);
	proof = proof_of(now_ms());
	proof.is_quorate = false;
	guard_prove(guard, &proof);
	assert_true(wait_gone(*state, "192.0.2.9", 1000));
	expect(guard, "is lost: this part of the cluster has no quorum");
	guard_stop(guard);
}

/* Whatever the deciding thread makes of a pause, and though the kernel's timers stood still in it.
 */
static void paused_it_goes_by_the_age_of_the_last_proof(void **state)
{
	struct guard *guard = begin(*state);
	struct haops_vip vip = vip_of(*state, "192.0.2.9");
	struct guard_proof proof;
	int64_t proven;

	add(*state, "192.0.2.9", 1);
	put(*state, "192.0.2.9", 1000, "");
	prove_for(guard, 500);
	proven = now_ms();
	proof = proof_of(0);
	proof.pacemaker_ms = proven;
	proof.is_paused = true;
	guard_prove(guard, &proof);
	wait_ms(2 * BEAT_MS);
	vip.valid_lft_s = 100;
	assert_int_equal(haops_vip_renew(*state, &vip, 1, soon(*state)), 0);
	assert_true(wait_gone(*state, "192.0.2.9", 2000));
	print_message("gone %d ms after the last proof, lease 1000 ms\n", (int)(now_ms() - proven));
	expect(guard, "is lost: this machine or haopsd stood still");
	guard_stop(guard);
}

static void stopped_resource_is_left_alone(void **state)
{
	struct guard *guard = begin(*state);
	const struct haops_vip vip = vip_of(*state, "192.0.2.9");
	struct guard_report report;

	add(*state, "192.0.2.9", 2);
	put(*state, "192.0.2.9", 2000, "");
	prove_for(guard, 300);
	assert_int_equal(haops_watch_remove(*state, "vip"), 0);
	assert_int_equal(haops_vip_remove(*state, &vip.addr, 1, soon(*state), NULL), 0);
	prove_for(guard, 600);
	assert_false(is_there(*state, "192.0.2.9"));
	guard_get_report(guard, &report);
	assert_int_equal(report.leased, 0);
	/* Somebody's own, without a record: not ours to renew or to remove. */
	add(*state, "192.0.2.9", 0);
	prove_for(guard, 300);
	wait_ms(2500);
	assert_true(is_there(*state, "192.0.2.9"));
	guard_stop(guard);
}

static void too_long_is_told(void **state)
{
	struct guard *guard = begin(*state);

	add(*state, "192.0.2.9", 5);
	put(*state, "192.0.2.9", 5000, "");
	prove_for(guard, 300);
	expect(guard, "5 s is too long for token 3000 ms and consensus 3600 ms: at most 3 s");
	put(*state, "192.0.2.9", 3000, "blue");
	expect(guard, "in network namespace blue: leases are for the host's own");
	guard_stop(guard);
}

static void directory_may_come_and_go(void **state)
{
	struct guard *guard = begin(*state);
	char path[128];

	prove_for(guard, 200);
	(void)snprintf(path, sizeof(path), "%s/" LEASE_PAGE_STATE, run_dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(run_dir), 0);
	add(*state, "192.0.2.9", 3);
	put(*state, "192.0.2.9", 3000, "");
	prove_for(guard, 2500);
	expect(guard, "192.0.2.9 is renewed");
	assert_int_equal(access(path, F_OK), 0);
	guard_stop(guard);
}

/* A process with a guard that proves by itself, and never ends by itself. */
static pid_t begin_process(struct haops_ctx *ctx)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prove_for(begin(ctx), 3600000);
	_exit(0);
}

/* A renewal that is under way is over then. */
static void freeze(pid_t pid)
{
	int status = 0;

	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
}

static void frozen_guard_brings_nothing_back(void **state)
{
	pid_t pid;

	add(*state, "192.0.2.9", 1);
	put(*state, "192.0.2.9", 1000, "");
	pid = begin_process(*state);
	wait_ms(1500);
	assert_true(is_there(*state, "192.0.2.9"));
	freeze(pid);
	assert_true(wait_gone(*state, "192.0.2.9", 1000 + HAOPS_LEASE_KERNEL_LATE_MS + 500));
	assert_int_equal(kill(pid, SIGCONT), 0);
	wait_ms(500);
	assert_false(is_there(*state, "192.0.2.9"));
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)end_of(pid);
}

/*
 * A machine that is paused as a whole: its kernel's timers stand still as well, and the address is
 * still there when it goes on. Here the kernel is given a long lifetime while only the guard stands
 * still; what the guard finds then is the same. It goes before anything else is done.
 */
static void what_a_pause_left_goes_first(void **state)
{
	int64_t resumed, worst = 0;

	for (int i = 0; i < 5; i++) {
		struct haops_vip vip = vip_of(*state, "192.0.2.9");
		pid_t pid;

		add(*state, "192.0.2.9", 1);
		put(*state, "192.0.2.9", 1000, "");
		pid = begin_process(*state);
		wait_ms(400 + 13 * i);
		freeze(pid);
		vip.valid_lft_s = 100;
		assert_int_equal(haops_vip_renew(*state, &vip, 1, soon(*state)), 0);
		wait_ms(1300);
		assert_true(is_there(*state, "192.0.2.9"));
		resumed = now_ms();
		assert_int_equal(kill(pid, SIGCONT), 0);
		assert_true(wait_gone(*state, "192.0.2.9", 1000));
		worst = now_ms() - resumed > worst ? now_ms() - resumed : worst;
		assert_int_equal(kill(pid, SIGKILL), 0);
		(void)end_of(pid);
	}
	print_message("gone %d ms after the resumption, at worst of five\n", (int)worst);
}

/* Stopped and continued all the time, at all points of its turn: nothing that was removed meanwhile
 * comes back. */
static void removed_while_it_renews_stays_away(void **state)
{
	const struct haops_vip vip = vip_of(*state, "192.0.2.9");
	pid_t pid = 0;

	put(*state, "192.0.2.9", 1000, "");
	pid = begin_process(*state);
	for (int i = 0; i < 60; i++) {
		add(*state, "192.0.2.9", 1);
		wait_ms(30 + i % 17);
		assert_int_equal(kill(pid, SIGSTOP), 0);
		assert_int_equal(haops_vip_remove(*state, &vip.addr, 1, soon(*state), NULL), 0);
		assert_int_equal(kill(pid, SIGCONT), 0);
		for (int k = 0; k < 30; k++) {
			assert_false(is_there(*state, "192.0.2.9"));
			wait_ms(2);
		}
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)end_of(pid);
}

static int64_t cpu_ms(void)
{
	struct timespec used;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* The guard runs before all others: what it takes, nobody else has. */
static void many_resources_cost_little(void **state)
{
	struct guard *guard = begin(*state);
	struct guard_report report;
	struct guard_report before;
	char name[16], addr[16];
	int64_t began;

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "vip-%d", i);
		(void)snprintf(addr, sizeof(addr), "198.18.%d.%d", i / 250, i % 250 + 1);
		add(*state, addr, 60);
		put_named(*state, name, addr, 3000, "");
	}
	prove_for(guard, 1000);
	guard_get_report(guard, &before);
	assert_int_equal(before.leased, MANY);
	began = cpu_ms();
	prove_for(guard, 3000);
	began = cpu_ms() - began;
	guard_get_report(guard, &report);
	print_message("%d resources: %d ms of processor time in 3 s\n", MANY, (int)began);
	assert_true(report.renewals - before.renewals >= 3 * MANY);
	assert_int_equal(report.dropped, 0);
	assert_int_equal(report.pauses, before.pauses);
	assert_true(began < 125);
	expect(guard, "were too many to be told");
	/* One that is gone does not hold up the others, and is told by itself. */
	assert_int_equal(haops_vip_remove(*state,
					  &(struct haops_addr){.family = AF_INET,
							       .bytes = {198, 18, 0, 7}},
					  1, soon(*state), NULL),
			 0);
	prove_for(guard, 1000);
	expect(guard, "lease of vip-6 is lost: 198.18.0.7");
	assert_true(is_there(*state, "198.18.0.8"));
	guard_stop(guard);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "vip-%d", i);
		assert_int_equal(haops_watch_remove(*state, name), 0);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(renewed_while_proven),
		TEST(dropped_without_proof),
		TEST(without_quorum_it_goes_at_once),
		TEST(paused_it_goes_by_the_age_of_the_last_proof),
		TEST(stopped_resource_is_left_alone),
		TEST(too_long_is_told),
		TEST(directory_may_come_and_go),
		TEST(frozen_guard_brings_nothing_back),
		TEST(what_a_pause_left_goes_first),
		TEST(removed_while_it_renews_stays_away),
		TEST(many_resources_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
