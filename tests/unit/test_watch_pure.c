/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure parts of the watcher: the set of objects, what events say of them, links, mounts. */
#include "unit.h"

#include "util/mountinfo.h"
#include "watch/judge.h"

#include <linux/if_addr.h>
#include <stdio.h>

struct watch_net {
	struct watch_objects marked;
};

static struct watch_net net;
static struct watch_set set;
static struct watch_links links;

struct watch_objects *net_marked(struct watch_net *of)
{
	return &of->marked;
}

static int setup(void **state)
{
	(void)state;
	TAILQ_INIT(&net.marked);
	set_init(&set);
	links = (struct watch_links){.items = NULL};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	set_done(&set);
	links_done(&links);
	return 0;
}

static struct haops_link link_of(int ifindex, const char *name, bool is_up)
{
	struct haops_link link = {.ifindex = ifindex, .is_up = is_up, .has_carrier = is_up};

	(void)snprintf(link.name, sizeof(link.name), "%s", name);
	return link;
}

/* A record with so many addresses 192.0.2.FIRST and up on eth0. */
static struct watch_entry *add(const char *file, uint8_t first, size_t count)
{
	struct haops_watch watch = {.resource = "r", .object_count = count};
	struct watch_entry *entry = NULL;

	watch.objects = calloc(count + 1, sizeof(*watch.objects));
	assert_non_null(watch.objects);
	for (size_t i = 0; i < count; i++) {
		struct haops_watch_object *object = &watch.objects[i];

		object->kind = HAOPS_WATCH_ADDRESS;
		object->address.addr =
			(struct haops_addr){AF_INET, {192, 0, 2, (uint8_t)(first + i)}};
		object->address.prefix_len = 24;
		(void)snprintf(object->address.link, sizeof(object->address.link), "eth0");
	}
	assert_int_equal(set_add(&set, file, &watch, &entry), 0);
	entry->net = &net;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(set_index(&set, &entry->objects[i]), 0);
	return entry;
}

static struct rtnl_addr heard(uint8_t last, int ifindex, uint8_t prefix_len)
{
	return (struct rtnl_addr){.local = {AF_INET, {192, 0, 2, last}},
				  .ifindex = ifindex,
				  .prefix_len = prefix_len};
}

static void entries_are_found(void **state)
{
	struct haops_addr addr = {AF_INET, {192, 0, 2, 7}};
	struct watch_entry *entry;
	char file[32];

	(void)state;
	for (int i = 0; i < 300; i++) {
		(void)snprintf(file, sizeof(file), "watch-%03d", (i * 7) % 300);
		(void)add(file, 7, 2);
	}
	assert_int_equal(set.count, 300);
	assert_int_equal(set.object_count, 600);
	for (size_t i = 1; i < set.count; i++)
		assert_true(strcmp(set.entries[i - 1]->file, set.entries[i]->file) < 0);
	entry = set_find(&set, "watch-123");
	assert_non_null(entry);
	assert_null(set_find(&set, "watch-999"));
	assert_null(set_find_resource(&set, "none"));
	size_t count = 0;

	for (struct watch_object *object = set_first_address(&set, &net, &addr); object;
	     object = set_next_address(object))
		count++;
	assert_int_equal(count, 300);
	set_remove(&set, entry);
	count = 0;
	for (struct watch_object *object = set_first_address(&set, &net, &addr); object;
	     object = set_next_address(object))
		count++;
	assert_int_equal(count, 299);
	assert_null(set_first_address(&set, NULL, &addr));
}

static void too_many_are_refused(void **state)
{
	struct haops_watch watch = {.resource = "r", .object_count = WATCH_OBJECTS_MAX + 1};
	struct watch_entry *entry = NULL;

	(void)state;
	assert_int_equal(set_add(&set, "watch-r", &watch, &entry), -ENOSPC);
	watch.object_count = 0;
	for (int i = 0; i < WATCH_ENTRIES_MAX; i++) {
		char file[32];

		(void)snprintf(file, sizeof(file), "watch-%d", i);
		watch = (struct haops_watch){.resource = "r"};
		assert_int_equal(set_add(&set, file, &watch, &entry), 0);
	}
	assert_int_equal(set_add(&set, "watch-r", &watch, &entry), -ENOSPC);
}

static void losses_are_counted(void **state)
{
	struct watch_entry *entry = add("watch-r", 1, 3);

	(void)state;
	set_mark(&set, &entry->objects[1], 5);
	set_mark(&set, &entry->objects[1], 9);
	assert_int_equal(entry->objects[1].noticed_ms, 5);
	assert_ptr_equal(TAILQ_FIRST(&net.marked), &entry->objects[1]);
	set_judge(&set, &entry->objects[1], FAULT_GONE);
	assert_null(TAILQ_FIRST(&net.marked));
	assert_ptr_equal(TAILQ_FIRST(&set.touched), entry);
	set_judge(&set, &entry->objects[1], FAULT_PREFIX);
	set_judge(&set, &entry->objects[2], FAULT_GONE);
	assert_int_equal(entry->lost_count, 2);
	assert_int_equal(judge_noticed_ms(entry), 5);
	set_judge(&set, &entry->objects[1], FAULT_NONE);
	assert_int_equal(entry->lost_count, 1);
	set_mark(&set, &entry->objects[0], 7);
	set_remove(&set, entry);
	assert_null(TAILQ_FIRST(&net.marked));
	assert_null(TAILQ_FIRST(&set.touched));
}

static void only_what_matters_makes_a_look(void **state)
{
	struct watch_object *object = &add("watch-r", 1, 1)->objects[0];
	struct rtnl_addr addr = heard(1, 4, 24);

	(void)state;
	object->state = WATCH_WHOLE;
	object->ifindex = 4;
	assert_true(judge_must_look(object, &addr, true));
	assert_false(judge_must_look(object, &addr, false));
	addr.flags = IFA_F_DADFAILED;
	assert_true(judge_must_look(object, &addr, false));
	addr = heard(1, 5, 24);
	assert_false(judge_must_look(object, &addr, true));
	addr = heard(1, 4, 16);
	assert_false(judge_must_look(object, &addr, true));
	object->state = WATCH_LOST;
	assert_false(judge_must_look(object, &addr, true));
	assert_true(judge_must_look(object, &addr, false));
}

static enum watch_fault fault_of(struct watch_object *object, const struct rtnl_addr *list,
				 size_t count)
{
	judge_address_begin(object, &links);
	for (size_t i = 0; i < count; i++)
		judge_address_take(object, &list[i]);
	object->fault = judge_address(object, &links);
	object->state = object->fault == FAULT_NONE ? WATCH_WHOLE : WATCH_LOST;
	object->entry->lost_count = object->state == WATCH_LOST;
	return object->fault;
}

static const char *reason_of(const struct watch_object *object)
{
	static char text[256];

	judge_reason(object->entry, &links, text, sizeof(text));
	return text;
}

static void verdicts_on_addresses(void **state)
{
	struct watch_object *object = &add("watch-r", 1, 1)->objects[0];
	struct haops_link eth0 = link_of(4, "eth0", true);
	struct haops_link eth1 = link_of(5, "eth1", true);
	const struct rtnl_addr right[] = {heard(1, 5, 24), heard(1, 4, 16), heard(1, 4, 24)};
	struct rtnl_addr duplicate = heard(1, 4, 24);

	(void)state;
	assert_int_equal(fault_of(object, right, 3), FAULT_ELSEWHERE);
	assert_string_equal(reason_of(object),
			    "address 192.0.2.1 is on another interface, not on eth0");
	assert_int_equal(links_put(&links, &eth1), LINK_APPEARED | LINK_UP | LINK_CARRIER);
	assert_int_equal(links_put(&links, &eth0), LINK_APPEARED | LINK_UP | LINK_CARRIER);
	assert_int_equal(fault_of(object, right, 3), FAULT_NONE);
	assert_string_equal(reason_of(object), "");
	assert_int_equal(fault_of(object, right, 2), FAULT_PREFIX);
	assert_string_equal(reason_of(object),
			    "address 192.0.2.1 has prefix length 16 on eth0, not 24");
	assert_int_equal(fault_of(object, right, 1), FAULT_ELSEWHERE);
	assert_string_equal(reason_of(object), "address 192.0.2.1 is on eth1, not on eth0");
	assert_int_equal(fault_of(object, right, 0), FAULT_GONE);
	assert_string_equal(reason_of(object), "address 192.0.2.1 was removed from eth0");
	duplicate.flags = IFA_F_DADFAILED;
	assert_int_equal(fault_of(object, &duplicate, 1), FAULT_DUPLICATE);
	assert_string_equal(reason_of(object), "another host on eth0 has address 192.0.2.1, too");
	eth0.has_carrier = false;
	assert_int_equal(links_put(&links, &eth0), LINK_CARRIER);
	assert_int_equal(fault_of(object, right, 3), FAULT_NONE);
	eth0.is_up = false;
	assert_int_equal(links_put(&links, &eth0), LINK_DOWN);
	assert_int_equal(fault_of(object, right, 3), FAULT_LINK_DOWN);
	assert_string_equal(reason_of(object), "interface eth0 of address 192.0.2.1 was set down");
	assert_int_equal(links_remove(&links, 4), LINK_WENT);
	assert_int_equal(links_remove(&links, 4), LINK_SAME);
	assert_int_equal(fault_of(object, right, 0), FAULT_LINK_GONE);
	object->entry->lost_count = 3;
	assert_string_equal(reason_of(object),
			    "interface eth0 of address 192.0.2.1 is gone (and 2 more)");
}

static void links_are_listed_anew(void **state)
{
	struct haops_link link;

	(void)state;
	for (int i = 100; i > 0; i--) {
		link = link_of(i, i % 2 ? "odd" : "even", true);
		assert_true(links_put(&links, &link) & LINK_APPEARED);
	}
	assert_int_equal(links.count, 100);
	links_begin(&links);
	for (int i = 2; i <= 100; i += 2) {
		link = link_of(i, "even", i != 50);
		assert_int_equal(links_put(&links, &link),
				 i == 50 ? LINK_DOWN | LINK_CARRIER : LINK_SAME);
	}
	assert_int_equal(links_end(&links), LINK_WENT);
	assert_int_equal(links.count, 50);
	assert_null(links_find(&links, 51));
	assert_int_equal(links_find(&links, 52)->ifindex, 52);
	assert_null(links_find_name(&links, "odd"));
	assert_int_equal(links_find_name(&links, "even")->ifindex, 2);
}

static void mountinfo_is_read(void **state)
{
	char line[] =
		"36 35 98:0 /mnt1 /mnt\\0402\\134x rw,noatime master:1 - ext3 /dev/r\\040oot rw";
	char short_line[] = "36 35 98:0 / /mnt rw -";
	static const char *const wrong[] = {"",
					    "x 35 98:0 / / rw",
					    "36 35 98:0 /",
					    "36 35 98:0 / mnt rw",
					    "36 35 98:0 / /mnt",
					    "99999999999999999999 35 98:0 / / rw"};
	struct mountinfo info;

	(void)state;
	assert_true(mountinfo_parse(line, &info));
	assert_int_equal(info.id, 36);
	assert_string_equal(info.path, "/mnt 2\\x");
	assert_string_equal(info.device, "98:0");
	assert_string_equal(info.source, "/dev/r oot");
	assert_int_equal(info.parent, 35);
	assert_int_equal(info.shared, 0);
	assert_int_equal(info.master, 1);
	assert_string_equal(info.root, "/mnt1");
	assert_string_equal(info.options, "rw,noatime");
	assert_string_equal(info.fstype, "ext3");
	assert_string_equal(info.system_options, "rw");
	assert_true(mountinfo_parse(short_line, &info));
	assert_string_equal(info.path, "/mnt");
	assert_string_equal(info.source, "");
	assert_string_equal(info.fstype, "");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "%s", wrong[i]);
		assert_false(mountinfo_parse(text, &info));
	}
}

static struct watch_object *add_mount(uint64_t mount_id)
{
	struct haops_watch watch = {.resource = "r", .object_count = 1};
	struct watch_entry *entry = NULL;

	watch.objects = calloc(1, sizeof(*watch.objects));
	assert_non_null(watch.objects);
	watch.objects[0].kind = HAOPS_WATCH_MOUNT;
	watch.objects[0].mount.path = strdup("/srv");
	watch.objects[0].mount.mount_id = mount_id;
	assert_int_equal(set_add(&set, "watch-fs", &watch, &entry), 0);
	entry->net = &net;
	assert_int_equal(set_index(&set, &entry->objects[0]), 0);
	assert_ptr_equal(set_first_mount(&set, "/srv"), &entry->objects[0]);
	assert_null(set_next_mount(&entry->objects[0]));
	assert_null(set_first_mount(&set, "/other"));
	return &entry->objects[0];
}

static enum watch_fault mount_fault(struct watch_object *object, uint64_t mount_id, bool has_ids)
{
	judge_mount_begin(object);
	if (mount_id)
		judge_mount_take(object, mount_id, has_ids);
	return judge_mount(object);
}

static void verdicts_on_mounts(void **state)
{
	struct watch_object *object = add_mount(7);

	(void)state;
	assert_int_equal(mount_fault(object, 7, true), FAULT_NONE);
	assert_int_equal(mount_fault(object, 8, true), FAULT_REMOUNTED);
	assert_int_equal(mount_fault(object, 0, true), FAULT_UNMOUNTED);
	set_remove(&set, object->entry);
	object = add_mount(7);
	assert_int_equal(mount_fault(object, 9, false), FAULT_NONE);
	assert_int_equal(mount_fault(object, 7, false), FAULT_REMOUNTED);
	set_remove(&set, object->entry);
	object = add_mount(0);
	assert_int_equal(mount_fault(object, 9, true), FAULT_NONE);
	assert_int_equal(mount_fault(object, 8, true), FAULT_NONE);
	assert_int_equal(mount_fault(object, 0, true), FAULT_UNMOUNTED);
}

static void verdicts_on_databases(void **state)
{
	struct haops_watch watch = {.resource = "r", .object_count = 1};
	struct watch_entry *entry = NULL;
	struct watch_object *object;

	(void)state;
	watch.objects = calloc(1, sizeof(*watch.objects));
	assert_non_null(watch.objects);
	watch.objects[0].kind = HAOPS_WATCH_DATABASE;
	watch.objects[0].database.socket = strdup("/run/db.sock");
	assert_int_equal(set_add(&set, "watch-db", &watch, &entry), 0);
	object = &entry->objects[0];
	set_mark(&set, object, 5);
	assert_ptr_equal(TAILQ_FIRST(&set.marked_looked), object);
	object->said = "database /run/db.sock is read-only, and should be the primary";
	set_judge(&set, object, FAULT_LOOKED);
	assert_true(TAILQ_EMPTY(&set.marked_looked));
	assert_string_equal(reason_of(object), object->said);
	assert_int_equal(judge_noticed_ms(entry), 5);
}

#define TEST_SET(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_SET(entries_are_found),	 TEST_SET(too_many_are_refused),
		TEST_SET(losses_are_counted),	 TEST_SET(only_what_matters_makes_a_look),
		TEST_SET(verdicts_on_addresses), TEST_SET(links_are_listed_anew),
		TEST_SET(mountinfo_is_read),	 TEST_SET(verdicts_on_mounts),
		TEST_SET(verdicts_on_databases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
