/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch records: their text, their files, on a real directory; faults by a fake system. */
#include "unit.h"

#include "state-name.h"
#include "watch-name.h"
#include "watch-text.h"

#include <dirent.h>
#include <fcntl.h>
#include <haops/nfs.h>
#include <haops/state.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/haops-test-watch-XXXXXX";
static char dir[64];
static char data_path[] = "/srv/da ta%\n";
static char net_client[] = "*.my net";
static char socket_path[] = "/run/my sqld/sock";

static struct haops_watch_object some_objects[] = {
	{.kind = HAOPS_WATCH_ADDRESS,
	 .address = {.addr = {AF_INET, {192, 0, 2, 1}}, .prefix_len = 24, .link = "eth0"}},
	{.kind = HAOPS_WATCH_ADDRESS,
	 .address = {.addr = {AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 1}},
		     .prefix_len = 128,
		     .link = "-odd%"}},
	{.kind = HAOPS_WATCH_PROCESS, .process = {.pid = 4711, .start_time = 123456789012}},
	{.kind = HAOPS_WATCH_MOUNT, .mount = {.path = data_path, .mount_id = 77}},
	{.kind = HAOPS_WATCH_DATABASE,
	 .database = {.socket = socket_path, .role = HAOPS_WATCH_PRIMARY, .stuck_ms = 15000}},
	{.kind = HAOPS_WATCH_DATABASE,
	 .database = {.socket = socket_path, .role = HAOPS_WATCH_REPLICA}},
	{.kind = HAOPS_WATCH_DATABASE, .database = {.socket = socket_path, .stuck_ms = UINT32_MAX}},
	{.kind = HAOPS_WATCH_EXPORT, .nfs_export = {.client = net_client, .directory = data_path}},
};

static const struct haops_watch some = {
	.resource = "vip:0 a/b",
	.provider = "haops",
	.agent = "IPaddr2",
	.is_pacemaker = true,
	.netns = "",
	.lease_ms = 3000,
	.objects = some_objects,
	.object_count = ARRAY_LEN(some_objects),
};

static const char some_text[] = "haops-watch 1\n"
				"resource vip:0%20a/b\n"
				"provider haops\n"
				"agent IPaddr2\n"
				"pacemaker 1\n"
				"netns -\n"
				"lease 3000\n"
				"address 192.0.2.1 24 eth0\n"
				"address 2001:db8::1 128 %2Dodd%25\n"
				"process 4711 123456789012\n"
				"mount 77 /srv/da%20ta%25%0A\n"
				"database primary 15000 /run/my%20sqld/sock\n"
				"database replica 0 /run/my%20sqld/sock\n"
				"database plain 4294967295 /run/my%20sqld/sock\n"
				"export *.my%20net /srv/da%20ta%25%0A\n"
				"end\n";

static int make_base(void **state)
{
	(void)state;
	if (!mkdtemp(base))
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/run", base);
	return 0;
}

static int remove_base(void **state)
{
	(void)state;
	return rmdir(base);
}

static int setup_dir(void **state)
{
	return setup_ctx(state) < 0 ? -1 : haops_ctx_set_run_dir(*state, dir);
}

static int empty_dir(void **state)
{
	CLEANUP_DIR DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	(void)rmdir(dir);
	return teardown_ctx(state);
}

static void assert_same(const struct haops_watch *a, const struct haops_watch *b)
{
	assert_string_equal(a->resource, b->resource);
	assert_string_equal(a->provider, b->provider);
	assert_string_equal(a->agent, b->agent);
	assert_string_equal(a->netns, b->netns);
	assert_int_equal(a->is_pacemaker, b->is_pacemaker);
	assert_int_equal(a->lease_ms, b->lease_ms);
	assert_int_equal(a->object_count, b->object_count);
	for (size_t i = 0; i < a->object_count; i++) {
		const struct haops_watch_object *x = &a->objects[i];
		const struct haops_watch_object *y = &b->objects[i];

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(haops_addr_cmp(&x->address.addr, &y->address.addr), 0);
		assert_int_equal(x->address.prefix_len, y->address.prefix_len);
		assert_string_equal(x->address.link, y->address.link);
		assert_int_equal(x->process.pid, y->process.pid);
		assert_int_equal(x->process.start_time, y->process.start_time);
		assert_int_equal(x->mount.mount_id, y->mount.mount_id);
		if (x->kind == HAOPS_WATCH_MOUNT)
			assert_string_equal(x->mount.path, y->mount.path);
		assert_int_equal(x->database.role, y->database.role);
		assert_int_equal(x->database.stuck_ms, y->database.stuck_ms);
		if (x->kind == HAOPS_WATCH_DATABASE)
			assert_string_equal(x->database.socket, y->database.socket);
		if (x->kind == HAOPS_WATCH_EXPORT) {
			assert_string_equal(x->nfs_export.client, y->nfs_export.client);
			assert_string_equal(x->nfs_export.directory, y->nfs_export.directory);
		}
	}
}

static void text_is_as_documented(void **state)
{
	struct haops_watch again;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_null(watch_text_check(&some));
	assert_int_equal(watch_text_encode(&some, &text, &len), 0);
	assert_int_equal(len, strlen(some_text));
	assert_memory_equal(text, some_text, len);
	assert_int_equal(watch_text_parse(text, len, &again), 0);
	assert_same(&some, &again);
	haops_watch_done(&again);
	free(text);
}

static void a_part_is_no_record(void **state)
{
	struct haops_watch watch;

	(void)state;
	for (size_t len = 0; len < strlen(some_text); len++)
		assert_int_equal(watch_text_parse(some_text, len, &watch), -EBADMSG);
	assert_int_equal(watch_text_parse(some_text, sizeof(some_text), &watch), -EBADMSG);
}

/* The text with one piece of it replaced. */
static int parse_with(const char *old, const char *new)
{
	const char *at = strstr(some_text, old);
	struct haops_watch watch;
	char text[1024];
	int r;

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - some_text), some_text, new,
		       at + strlen(old));
	r = watch_text_parse(text, strlen(text), &watch);
	if (r == 0)
		haops_watch_done(&watch);
	return r;
}

static void rubbish_is_no_record(void **state)
{
	static const char *const wrong[][2] = {
		{"haops-watch 1", "haops-watch 2"},
		{"haops-watch 1", "haops-watch 1 "},
		{"resource vip:0%20a/b", "resource -"},
		{"resource vip:0%20a/b", "resource "},
		{"resource vip:0%20a/b", "resource vip%41"},
		{"resource vip:0%20a/b", "resource vip%2"},
		{"resource vip:0%20a/b", "resource vip%00"},
		{"resource vip:0%20a/b", "resource -vip"},
		{"pacemaker 1", "pacemaker 2"},
		{"pacemaker 1", "pacemaker 01"},
		{"lease 3000", "lease 4294967296"},
		{"lease 3000", "lease -1"},
		{"192.0.2.1 24", "192.0.2.1 33"},
		{"192.0.2.1 24", "192.0.2.1 "},
		{"192.0.2.1 24", "192.0.2.01 24"},
		{"192.0.2.1 24", "192.0.2 24"},
		{"24 eth0", "24 -"},
		{"24 eth0", "24 eth0 up"},
		{"24 eth0", "24 a123456789012345"},
		{"2001:db8::1 128", "2001:db8::1 129"},
		{"2001:db8::1 128", "2001:DB8::1 128"},
		{"process 4711", "process 0"},
		{"process 4711", "process 2147483648"},
		{"process 4711 123456789012", "process 4711"},
		{"mount 77 /srv", "mount 77 srv"},
		{"mount 77 /", "mount /"},
		{"mount 77", "volume 77"},
		{"database primary 15000", "database master 15000"},
		{"database primary 15000", "database - 15000"},
		{"database primary 15000", "database primary 4294967296"},
		{"database primary 15000", "database primary -1"},
		{"database primary 15000", "database primary 015000"},
		{"database primary 15000", "database primary"},
		{"15000 /run/my%20sqld/sock", "15000 run/my%20sqld/sock"},
		{"15000 /run/my%20sqld/sock", "15000 -"},
		{"15000 /run/my%20sqld/sock", "15000 /run/my sqld/sock"},
		{"end\n", "end\nend\n"},
		{"netns -\n", ""},
		{"provider haops\n", "provider haops\nprovider haops\n"},
	};

	(void)state;
	assert_int_equal(parse_with("eth0", "eth1"), 0);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(parse_with(wrong[i][0], wrong[i][1]), -EBADMSG);
}

/* object is the record's only one. */
static void wrong_databases_are_refused(struct haops_ctx *ctx, const struct haops_watch *watch,
					struct haops_watch_object *object)
{
	char longest[HAOPS_WATCH_SOCKET_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	*object = some_objects[4];
	object->database.socket = longest;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	longest[sizeof(longest) - 2] = '\0';
	assert_null(watch_text_check(watch));
	object->database.role = (enum haops_watch_role)(HAOPS_WATCH_REPLICA + 1);
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	object->database.role = HAOPS_WATCH_PLAIN;
	object->database.socket = NULL;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	object->database.socket = longest + 1;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
}

static void wrong_exports_are_refused(struct haops_ctx *ctx, const struct haops_watch *watch,
				      struct haops_watch_object *object)
{
	char longest[HAOPS_NFS_CLIENT_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	*object = some_objects[7];
	object->nfs_export.client = longest;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	object->nfs_export.client = longest + 1;
	assert_null(watch_text_check(watch));
	object->nfs_export.client = longest + sizeof(longest) - 1;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	*object = some_objects[7];
	object->nfs_export.directory++;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
	object->nfs_export.directory = NULL;
	assert_int_equal(haops_watch_put(ctx, watch), -EINVAL);
}

static void wrong_members_are_refused(void **state)
{
	struct haops_watch_object object = some_objects[0];
	struct haops_watch watch = {.resource = "x", .objects = &object, .object_count = 1};

	assert_null(watch_text_check(&watch));
	object.address.prefix_len = 33;
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	object.address.prefix_len = 32;
	object.address.link[0] = '\0';
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	object = some_objects[2];
	object.process.pid = 0;
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	object = some_objects[3];
	object.mount.path = NULL;
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	wrong_databases_are_refused(*state, &watch, &object);
	wrong_exports_are_refused(*state, &watch, &object);
	object.kind = (enum haops_watch_kind)9;
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	watch.object_count = HAOPS_WATCH_OBJECTS_MAX + 1;
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	watch.object_count = 0;
	watch.resource[0] = '\0';
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	memset(watch.resource, 'x', sizeof(watch.resource));
	assert_int_equal(haops_watch_put(*state, &watch), -EINVAL);
	assert_int_equal(haops_watch_put(*state, NULL), -EINVAL);
	assert_int_equal(haops_watch_remove(*state, ""), -EINVAL);
	assert_int_equal(haops_watch_remove(*state, NULL), -EINVAL);
}

static void names_have_files_of_their_own(void **state)
{
	static const char *const names[] = {"vip", "vip:0", "..", ".", "a/b", "a%2Fb", "x~"};
	char file[STATE_FILE_MAX];
	char name[STATE_NAME_MAX + 1];
	char again[STATE_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		watch_name_state(names[i], name);
		assert_true(state_name_escape(name, file));
		assert_null(strchr(file, '/'));
		assert_true(watch_name_of_file(file, again));
		assert_string_equal(name, again);
		assert_string_equal(again, name);
	}
	assert_false(haops_watch_is_file("watch-vip.4711~"));
	assert_false(haops_watch_is_file("nginx-process-web"));
	assert_false(haops_watch_is_file("watch-%61"));
	assert_false(haops_watch_is_file("watch-a%2"));
	assert_false(haops_watch_is_file("watch-a%"));
	assert_false(haops_watch_is_file("watch-a%00"));
	assert_false(haops_watch_is_file("watch-a%2f"));
	assert_false(haops_watch_is_file(NULL));
	assert_true(haops_watch_is_file("watch-vip%3A0"));
}

static void put_some(struct haops_ctx *ctx, const char *resource)
{
	struct haops_watch watch = some;

	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", resource);
	assert_int_equal(haops_watch_put(ctx, &watch), 0);
}

static void record_comes_back(void **state)
{
	struct haops_watch watch;
	bool is_put = true;

	assert_int_equal(haops_watch_get(*state, some.resource, &watch), -ENOENT);
	assert_int_equal(haops_watch_is_put(*state, some.resource, &is_put), 0);
	assert_false(is_put);
	assert_int_equal(haops_watch_put(*state, &some), 0);
	assert_int_equal(haops_watch_is_put(*state, some.resource, &is_put), 0);
	assert_true(is_put);
	assert_int_equal(haops_watch_get(*state, some.resource, &watch), 0);
	assert_same(&some, &watch);
	haops_watch_done(&watch);
	haops_watch_done(&watch);
	haops_watch_done(NULL);
	assert_int_equal(haops_watch_get_file(*state, "watch-vip%3A0%20a%2Fb", &watch), 0);
	assert_same(&some, &watch);
	haops_watch_done(&watch);
	assert_int_equal(haops_watch_remove(*state, some.resource), 0);
	assert_int_equal(haops_watch_remove(*state, some.resource), 0);
	assert_int_equal(haops_watch_get(*state, some.resource, &watch), -ENOENT);
	assert_string_equal(haops_watch_dir(*state), dir);
}

static void long_names_are_told_apart(void **state)
{
	char first[HAOPS_WATCH_NAME_MAX];
	char second[HAOPS_WATCH_NAME_MAX];
	struct haops_watch watch;

	memset(first, '/', sizeof(first));
	first[sizeof(first) - 1] = '\0';
	memcpy(second, first, sizeof(second));
	second[sizeof(second) - 2] = 'x';
	put_some(*state, first);
	assert_int_equal(haops_watch_get(*state, second, &watch), -ENOENT);
	put_some(*state, second);
	assert_int_equal(haops_watch_get(*state, first, &watch), 0);
	assert_string_equal(watch.resource, first);
	haops_watch_done(&watch);
	assert_int_equal(haops_watch_remove(*state, first), 0);
	assert_int_equal(haops_watch_get(*state, second, &watch), 0);
	haops_watch_done(&watch);
}

static void list_has_them_all(void **state)
{
	char longest[HAOPS_WATCH_NAME_MAX];
	char **names = NULL;
	char name[32];
	size_t count = 9;
	size_t found = 0;

	assert_int_equal(haops_watch_list(*state, &names, &count), 0);
	assert_int_equal(count, 0);
	assert_null(names[0]);
	free(names);
	memset(longest, ':', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	put_some(*state, longest);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "web:%d", i);
		put_some(*state, name);
	}
	assert_int_equal(haops_state_write(*state, "other", "x", 1), 0);
	/* One that cannot be read has a name all the same, unless that is in the record only. */
	assert_int_equal(haops_state_write(*state, "watch-bad", "x", 1), 0);
	assert_int_equal(haops_state_write(*state, "watch.bad", "x", 1), 0);
	assert_int_equal(haops_watch_list(*state, &names, &count), 0);
	assert_int_equal(count, 202);
	assert_null(names[count]);
	for (size_t i = 0; i < count; i++) {
		found += strcmp(names[i], longest) == 0;
		found += strcmp(names[i], "web:199") == 0;
		found += strcmp(names[i], "bad") == 0;
		free(names[i]);
	}
	free(names);
	assert_int_equal(found, 3);
}

static void damaged_files_are_told(void **state)
{
	static char big[HAOPS_STATE_MAX];
	CLEANUP_FD int fd = -1;
	struct haops_watch watch;
	char path[128];

	assert_int_equal(haops_state_write(*state, "watch-vip", some_text, 40), 0);
	assert_int_equal(haops_watch_get(*state, "vip", &watch), -EBADMSG);
	assert_non_null(strstr(haops_ctx_error(*state), "damaged or of another version"));
	assert_int_equal(haops_state_write(*state, "watch-vip", some_text, strlen(some_text)), 0);
	assert_int_equal(haops_watch_get(*state, "vip", &watch), -EBADMSG);
	assert_non_null(strstr(haops_ctx_error(*state), "is that of vip:0 a/b"));
	assert_int_equal(haops_state_write(*state, "watch-vip", big, sizeof(big)), 0);
	assert_int_equal(haops_watch_get_file(*state, "watch-vip", &watch), -EBADMSG);
	(void)snprintf(path, sizeof(path), "%s/watch-vip", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "1", 1), 1);
	assert_int_equal(haops_watch_get(*state, "vip", &watch), -EBADMSG);
	assert_int_equal(haops_watch_get_file(*state, "other", &watch), -EINVAL);
	assert_int_equal(haops_watch_get_file(*state, "watch-other", &watch), -ENOENT);
}

static void foreign_directory_is_refused(void **state)
{
	struct haops_watch watch;

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(haops_watch_put(*state, &some), -EPERM);
	assert_int_equal(haops_watch_get(*state, "vip", &watch), -EPERM);
	assert_int_equal(haops_watch_remove(*state, "vip"), -EIO);
}

static ssize_t write_on_full_disk(int fd, const void *data, size_t len)
{
	(void)fd;
	(void)data;
	(void)len;
	return -ENOSPC;
}

static void full_directory_keeps_the_old_record(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_watch watch = some;

	assert_int_equal(haops_watch_put(*state, &watch), 0);
	sys.write = write_on_full_disk;
	haops_ctx_set_sys(*state, &sys);
	watch.lease_ms = 0;
	assert_int_equal(haops_watch_put(*state, &watch), -ENOSPC);
	haops_ctx_set_sys(*state, &haops_sys_linux);
	assert_int_equal(haops_watch_get(*state, some.resource, &watch), 0);
	assert_int_equal(watch.lease_ms, 3000);
	haops_watch_done(&watch);
}

static int no_stat(const char *path, struct stat *ret_stat)
{
	(void)path;
	(void)ret_stat;
	return -EACCES;
}

static int no_opendir(const char *path, DIR **ret_dir)
{
	(void)path;
	(void)ret_dir;
	return -EMFILE;
}

static void what_cannot_be_seen_is_unknown(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	char **names = NULL;
	size_t count = 0;
	bool is_put = false;

	sys.stat = no_stat;
	sys.opendir = no_opendir;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(haops_watch_is_put(*state, "vip", &is_put), -EIO);
	assert_int_equal(haops_watch_list(*state, &names, &count), -EIO);
	assert_int_equal(haops_watch_is_put(*state, "", &is_put), -EINVAL);
	haops_ctx_set_sys(*state, &haops_sys_linux);
}

static void many_objects_fit_and_too_many_do_not(void **state)
{
	static struct haops_watch_object objects[HAOPS_WATCH_OBJECTS_MAX];
	static char path[HAOPS_WATCH_PATH_MAX];
	struct haops_watch watch = {.resource = "vip",
				    .objects = objects,
				    .object_count = HAOPS_WATCH_OBJECTS_MAX};
	struct haops_watch again;

	for (size_t i = 0; i < HAOPS_WATCH_OBJECTS_MAX; i++) {
		objects[i] = some_objects[1];
		objects[i].address.addr.bytes[14] = (uint8_t)(i >> 8);
		objects[i].address.addr.bytes[15] = (uint8_t)i;
	}
	assert_int_equal(haops_watch_put(*state, &watch), 0);
	assert_int_equal(haops_watch_get(*state, "vip", &again), 0);
	assert_same(&watch, &again);
	haops_watch_done(&again);
	memset(path, '/', sizeof(path) - 1);
	for (size_t i = 0; i < HAOPS_WATCH_OBJECTS_MAX; i++) {
		objects[i] = some_objects[3];
		objects[i].mount.path = path;
	}
	assert_int_equal(haops_watch_put(*state, &watch), -EFBIG);
}

#define TEST_DIR(test) cmocka_unit_test_setup_teardown(test, setup_dir, empty_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DIR(text_is_as_documented),
		TEST_DIR(a_part_is_no_record),
		TEST_DIR(rubbish_is_no_record),
		TEST_DIR(wrong_members_are_refused),
		TEST_DIR(names_have_files_of_their_own),
		TEST_DIR(record_comes_back),
		TEST_DIR(long_names_are_told_apart),
		TEST_DIR(list_has_them_all),
		TEST_DIR(damaged_files_are_told),
		TEST_DIR(foreign_directory_is_refused),
		TEST_DIR(full_directory_keeps_the_old_record),
		TEST_DIR(what_cannot_be_seen_is_unknown),
		TEST_DIR(many_objects_fit_and_too_many_do_not),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
