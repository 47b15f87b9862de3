/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher on the kernel: addresses and interfaces, in the host's network and in another one. */
#include "watching.h"

#define MANY 1000
#define ROUNDS 200

static void removed_address_is_lost(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	add_addr("2001:db8::9", 64, "va");
	put_address("four", "192.0.2.9", 24, "va");
	put_address("six", "2001:db8::9", 64, "va");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "four"), 0);
	assert_int_equal(watcher_count(watching.watcher), 2);
	remove_addr("192.0.2.9");
	expect_lost("four", "address 192.0.2.9 was removed from va");
	remove_addr("2001:db8::9");
	expect_lost("six", "address 2001:db8::9 was removed from va");
	assert_int_equal(told_count(TOLD_LOST, "four"), 1);
	take_away("four");
	(void)expect(TOLD_SETTLED, "four");
}

static void status_tells_what_is_lost(void **state)
{
	struct watcher_entry entry;

	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	watcher_entry_at(watching.watcher, 0, &entry);
	assert_string_equal(entry.watch->resource, "vip");
	assert_false(entry.is_lost);
	remove_addr("192.0.2.9");
	expect_lost("vip", "");
	watcher_entry_at(watching.watcher, 0, &entry);
	assert_true(entry.is_lost);
	assert_string_equal(entry.reason, "address 192.0.2.9 was removed from va");
	watcher_retry(watching.watcher, "vip");
	(void)expect(TOLD_LOST, "vip");
	add_addr("192.0.2.9", 24, "va");
	(void)expect(TOLD_SETTLED, "vip");
	watcher_retry(watching.watcher, "vip");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "vip"), 2);
}

static void address_that_comes_back_can_be_lost_again(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	for (int i = 0; i < 3; i++) {
		remove_addr("192.0.2.9");
		(void)expect(TOLD_LOST, "vip");
		add_addr("192.0.2.9", 24, "va");
		(void)expect(TOLD_SETTLED, "vip");
	}
}

static void stop_is_no_loss(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	for (int i = 0; i < 20; i++) {
		take_away("vip");
		remove_addr("192.0.2.9");
		settle();
		add_addr("192.0.2.9", 24, "va");
		put_address("vip", "192.0.2.9", 24, "va");
		settle();
	}
	assert_int_equal(told_count(TOLD_LOST, "vip"), 0);
	assert_int_equal(told_count(TOLD_SETTLED, "vip"), 0);
}

static void other_prefix_and_place_are_losses(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	ip("addr add 192.0.2.9/16 dev va");
	ip("addr del 192.0.2.9/24 dev va");
	expect_lost("vip", "address 192.0.2.9 has prefix length 16 on va, not 24");
	remove_addr("192.0.2.9");
	ip("addr add 192.0.2.9/24 dev vb");
	put_address("vip", "192.0.2.9", 24, "va");
	expect_lost("vip", "address 192.0.2.9 is on vb, not on va");
}

static void renewed_lifetime_is_no_event(void **state)
{
	(void)state;
	ip("addr add 192.0.2.9/24 dev va valid_lft 100 preferred_lft 100");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	ip("addr change 192.0.2.9/24 dev va valid_lft 200 preferred_lft 200");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "vip"), 0);
	ip("addr change 192.0.2.9/24 dev va valid_lft 1 preferred_lft 1");
	expect_lost("vip", "address 192.0.2.9 was removed from va");
}

static void interface_down_is_a_loss_but_not_its_wire(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	add_addr("2001:db8::9", 64, "va");
	put_address("four", "192.0.2.9", 24, "va");
	put_address("six", "2001:db8::9", 64, "va");
	settle();
	ip("link set vb down");
	(void)expect(TOLD_LINKS, NULL);
	settle();
	assert_int_equal(told_count(TOLD_LOST, "four") + told_count(TOLD_LOST, "six"), 0);
	ip("link set va down");
	expect_lost("four", "interface va of address 192.0.2.9 was set down");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "six"), 1);
	ip("link set va up");
	(void)expect(TOLD_SETTLED, "four");
}

static void deleted_interface_is_a_loss(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	ip("link del va");
	expect_lost("vip", "interface va of address 192.0.2.9 is gone");
	assert_true(told_count(TOLD_LINKS, NULL) > 0);
	ip("link add name va type veth peer name vb");
	ip("link set va up");
	add_addr("192.0.2.9", 24, "va");
	(void)expect(TOLD_SETTLED, "vip");
}

static void renamed_interface_is_no_loss(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	ip("link set va name wan");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "vip"), 0);
	remove_addr("192.0.2.9");
	(void)expect(TOLD_LOST, "vip");
}

static void each_record_is_looked_at_after_a_restart(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	add_addr("192.0.2.10", 24, "va");
	put_address("lost", "192.0.2.9", 24, "va");
	put_address("whole", "192.0.2.10", 24, "va");
	settle();
	end_watching();
	remove_addr("192.0.2.9");
	begin_watching();
	expect_lost("lost", "address 192.0.2.9 was removed from va");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "lost"), 1);
	assert_int_equal(told_count(TOLD_LOST, "whole"), 0);
}

/* A mount namespace of its own, with an empty /run. */
static void make_run(void)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", 0, NULL), 0);
}

/* Runs "ip WORDS" in the network namespace blue. */
static void blue(const char *words)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "-n blue %s", words);
	ip(text);
}

static void make_blue(void)
{
	ip("netns add blue");
	blue("link add name va type veth peer name vb");
	blue("link set va up");
	blue("addr add 192.0.2.9/24 dev va");
}

static void put_blue(void)
{
	struct haops_watch_object object = address_object("192.0.2.9", 24, "va");
	const struct haops_watch watch = {.resource = "vip",
					  .netns = "blue",
					  .objects = &object,
					  .object_count = 1};

	assert_int_equal(haops_watch_put(watching.ctx, &watch), 0);
}

static void other_namespace_is_watched(void **state)
{
	(void)state;
	end_watching();
	make_run();
	begin_watching();
	make_blue();
	add_addr("192.0.2.9", 24, "va"); /* the same address here is another matter */
	put_blue();
	put_address("here", "192.0.2.9", 24, "va");
	settle();
	blue("addr del 192.0.2.9/24 dev va");
	expect_lost("vip", "address 192.0.2.9 was removed from va");
	blue("addr add 192.0.2.9/24 dev va");
	(void)expect(TOLD_SETTLED, "vip");
	blue("link set va down");
	expect_lost("vip", "interface va of address 192.0.2.9 was set down");
	assert_int_equal(told_count(TOLD_LOST, "here"), 0);
}

static void deleted_namespace_is_a_loss(void **state)
{
	(void)state;
	end_watching();
	make_run();
	begin_watching();
	make_blue();
	put_blue();
	/* Whole: asked for by a loss that is none any more. */
	blue("addr del 192.0.2.9/24 dev va");
	(void)expect(TOLD_LOST, "vip");
	blue("addr add 192.0.2.9/24 dev va");
	(void)expect(TOLD_SETTLED, "vip");
	ip("netns del blue");
	expect_lost("vip", "network namespace blue of address 192.0.2.9 is gone");
	make_blue();
	(void)expect(TOLD_SETTLED, "vip");
	take_away("vip");
	settle();
	assert_int_equal(watcher_count(watching.watcher), 0);
}

static void missing_namespace_is_a_loss(void **state)
{
	(void)state;
	put_blue();
	expect_lost("vip", "network namespace blue of address 192.0.2.9 is gone");
}

/* So many times a thousand addresses that nobody watches come and go. */
static void make_storm(int times)
{
	static struct haops_vip vips[MANY];
	static struct haops_addr addrs[MANY];

	for (int k = 0; k < MANY; k++) {
		vips[k] = vip_of("192.0.2.10", 24, "va");
		vips[k].addr.bytes[1] = (uint8_t)(1 + k / 200);
		vips[k].addr.bytes[3] = (uint8_t)(1 + k % 200);
		addrs[k] = vips[k].addr;
	}
	for (int i = 0; i < times; i++) {
		assert_int_equal(haops_vip_add(watching.ctx, vips, MANY, soon()), 0);
		assert_int_equal(haops_vip_remove(watching.ctx, addrs, MANY, soon(), NULL), 0);
	}
}

/* More notices than any buffer holds: what was among them is found all the same. */
static void lost_notices_are_made_up_for(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	make_storm(40);
	remove_addr("192.0.2.9");
	(void)expect(TOLD_LOST, "vip");
	print_message("lost notices told: %zu\n", told_count(TOLD_EVENT, NULL));
	assert_true(told_count(TOLD_EVENT, NULL) > 0);
}

static double cpu_s(void)
{
	struct rusage used;

	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void storm_of_others_costs_its_reading_only(void **state)
{
	const int times = 20;
	double before;
	int64_t begin;
	pid_t child;

	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	before = cpu_s();
	begin = now_ns();
	child = fork();
	if (child == 0) {
		make_storm(times);
		remove_addr("192.0.2.9");
		_exit(0);
	}
	(void)expect(TOLD_LOST, "vip");
	print_message("%d notices in %.2f s: %.2f us of CPU each\n", times * MANY * 2,
		      (double)(now_ns() - begin) / 1e9,
		      (cpu_s() - before) * 1e6 / (times * MANY * 2));
	assert_int_equal(end_of(child), 0);
	assert_int_equal(told_count(TOLD_LOST, "vip"), 1);
}

static void many_of(struct haops_vip *vips, struct haops_addr *addrs,
		    struct haops_watch_object *objects)
{
	const struct haops_vip first = vip_of("192.0.2.1", 24, "va");

	for (size_t i = 0; i < MANY; i++) {
		vips[i] = first;
		vips[i].addr.bytes[2] = (uint8_t)(i / 200);
		vips[i].addr.bytes[3] = (uint8_t)(1 + i % 200);
		addrs[i] = vips[i].addr;
		objects[i] = address_object("192.0.2.1", 24, "va");
		objects[i].address.addr = addrs[i];
	}
	assert_int_equal(haops_vip_add(watching.ctx, vips, MANY, soon()), 0);
}

static void thousand_addresses_of_one_record(void **state)
{
	static struct haops_vip vips[MANY];
	static struct haops_addr addrs[MANY];
	static struct haops_watch_object objects[MANY];
	int64_t begin;

	(void)state;
	many_of(vips, addrs, objects);
	put_objects("vip", objects, MANY);
	settle();
	assert_int_equal(haops_vip_remove(watching.ctx, addrs, MANY, soon(), NULL), 0);
	begin = now_ns();
	expect_lost("vip", "(and 999 more)");
	print_message("1000 addresses of one record: told after %.2f ms\n",
		      (double)(now_ns() - begin) / 1e6);
}

static void thousand_addresses_of_a_thousand_records(void **state)
{
	static struct haops_vip vips[MANY];
	static struct haops_addr addrs[MANY];
	static struct haops_watch_object objects[MANY];
	char name[16];
	int64_t begin;

	(void)state;
	many_of(vips, addrs, objects);
	begin = now_ns();
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "vip%zu", i);
		put_objects(name, &objects[i], 1);
	}
	settle();
	print_message("1000 records: taken up after %.2f ms\n", (double)(now_ns() - begin) / 1e6);
	assert_int_equal(watcher_count(watching.watcher), MANY);
	assert_int_equal(haops_vip_remove(watching.ctx, addrs, MANY, soon(), NULL), 0);
	begin = now_ns();
	expect_many(TOLD_LOST, NULL, MANY);
	print_message("1000 addresses of 1000 records: all told after %.2f ms\n",
		      (double)(now_ns() - begin) / 1e6);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "vip%zu", i);
		take_away(name);
	}
	settle();
	assert_int_equal(watcher_count(watching.watcher), 0);
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* Another process removes the address while the watcher sleeps. */
static void loss_is_told_soon(void **state)
{
	int64_t *begin = mmap(NULL, sizeof(*begin), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t took[ROUNDS];

	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = fork();

		if (child == 0) {
			(void)haops_sys_linux.poll(NULL, 0, haops_deadline_after(*state, 2));
			*begin = now_ns();
			remove_addr("192.0.2.9");
			_exit(0);
		}
		took[i] = expect(TOLD_LOST, "vip")->at_ns - *begin;
		assert_int_equal(end_of(child), 0);
		add_addr("192.0.2.9", 24, "va");
		(void)expect(TOLD_SETTLED, "vip");
	}
	qsort(took, ROUNDS, sizeof(took[0]), by_size);
	print_message("removed by a call of another process -> told: median %.0f us, 95 %% %.0f "
		      "us, "
		      "longest %.0f us\n",
		      (double)took[ROUNDS / 2] / 1e3, (double)took[ROUNDS * 95 / 100] / 1e3,
		      (double)took[ROUNDS - 1] / 1e3);
	(void)munmap(begin, sizeof(*begin));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_WATCH(removed_address_is_lost),
		TEST_WATCH(status_tells_what_is_lost),
		TEST_WATCH(address_that_comes_back_can_be_lost_again),
		TEST_WATCH(stop_is_no_loss),
		TEST_WATCH(other_prefix_and_place_are_losses),
		TEST_WATCH(renewed_lifetime_is_no_event),
		TEST_WATCH(interface_down_is_a_loss_but_not_its_wire),
		TEST_WATCH(deleted_interface_is_a_loss),
		TEST_WATCH(renamed_interface_is_no_loss),
		TEST_WATCH(each_record_is_looked_at_after_a_restart),
		TEST_WATCH(missing_namespace_is_a_loss),
		TEST_WATCH(lost_notices_are_made_up_for),
		TEST_WATCH(storm_of_others_costs_its_reading_only),
		TEST_WATCH(thousand_addresses_of_one_record),
		TEST_WATCH(thousand_addresses_of_a_thousand_records),
		TEST_WATCH(loss_is_told_soon),
		TEST_WATCH(other_namespace_is_watched),
		TEST_WATCH(deleted_namespace_is_a_loss),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
