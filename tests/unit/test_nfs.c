/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exports and the NFS server: the tables as exportfs(8) and the kernel write them, and what the
 * calls make of them in a folder that stands in for /proc and /var/lib/nfs. */
#include "unit.h"

#include "nfs-text.h"

#include <fcntl.h>
#include <haops/nfs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ROOT_MAX 64
#define PATH_ROOM 512

static char base[ROOT_MAX] = "/tmp/haops-test-nfs-XXXXXX";
static struct haops_sys sys;

/* A name in the folder: slashes become commas. */
static const char *place(const char *path, char buf[PATH_ROOM])
{
	size_t len = (size_t)snprintf(buf, PATH_ROOM, "%s/", base);

	for (; *path && len + 1 < PATH_ROOM; path++)
		buf[len++] = *path == '/' ? ',' : *path;
	buf[len] = '\0';
	return buf;
}

static bool is_faked(const char *path)
{
	return strncmp(path, "/proc/fs/", 9) == 0 || strncmp(path, "/proc/net/rpc", 13) == 0 ||
	       strncmp(path, "/var/lib/nfs", 12) == 0;
}

static int fake_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	char buf[PATH_ROOM];

	return haops_sys_linux.openat(dirfd, is_faked(path) ? place(path, buf) : path, flags, mode);
}

static int fake_opendir(const char *path, DIR **ret_dir)
{
	char buf[PATH_ROOM];

	return haops_sys_linux.opendir(is_faked(path) ? place(path, buf) : path, ret_dir);
}

static int refusing_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return is_faked(path) ? -EIO : haops_sys_linux.openat(dirfd, path, flags, mode);
}

/* exportfs is a script of the test. */
static int fake_spawn(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	struct haops_spawn other = *spawn;
	const char *argv[8] = {NULL};
	char buf[PATH_ROOM];

	for (size_t i = 0; i < 7 && spawn->argv[i]; i++)
		argv[i] = spawn->argv[i];
	argv[0] = place("exportfs", buf);
	other.argv = argv;
	return haops_sys_linux.spawn(&other, ret_pid);
}

static void put(const char *path, const char *text, mode_t mode)
{
	char buf[PATH_ROOM];
	int fd = open(place(path, buf), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void expect(const char *path, const char *text)
{
	char buf[PATH_ROOM];
	char found[PATH_ROOM] = "";
	int fd = open(place(path, buf), O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, found, sizeof(found) - 1);
	assert_true(n >= 0);
	found[n] = '\0';
	assert_string_equal(found, text);
	assert_int_equal(close(fd), 0);
}

static int setup(void **state)
{
	if (setup_ctx(state) < 0)
		return -1;
	memcpy(base + strlen(base) - 6, "XXXXXX", 6);
	if (!mkdtemp(base))
		return -1;
	sys = haops_sys_linux;
	sys.openat = fake_openat;
	sys.opendir = fake_opendir;
	sys.spawn = fake_spawn;
	haops_ctx_set_sys(*state, &sys);
	return 0;
}

static void empty(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	if (dir)
		(void)closedir(dir);
	(void)rmdir(folder);
}

static int teardown(void **state)
{
	char buf[PATH_ROOM];

	empty(place("/proc/fs/nfsd/clients", buf));
	empty(base);
	return teardown_ctx(state);
}

static void entries_are_taken_off_a_table(void **state)
{
	char text[] = "# Version 1.1\n/srv/a\t192.0.2.0/24(rw,fsid=1)\n\nno entry\n/only-a-path\n"
		      "/srv/with\\040blank \t*(ro)\n/srv\t2001:db8::/64(rw)\n/x (rw)\n"
		      "/last @hosts(ro)";
	static const struct {
		const char *path;
		const char *client;
	} wanted[] = {{"/srv/a", "192.0.2.0/24"},
		      {"/srv/with blank", "*"},
		      {"/srv", "2001:db8::/64"},
		      {"/last", "@hosts"}};
	struct nfs_text_export entry;
	char *at = text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		assert_true(nfs_text_next(&at, &entry));
		assert_string_equal(entry.path, wanted[i].path);
		assert_string_equal(entry.client, wanted[i].client);
	}
	assert_false(nfs_text_next(&at, &entry));
}

static void clients_are_compared(void **state)
{
	static const struct {
		const char *listed;
		const char *wanted;
		bool is_same;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.0/24", true},
		{"192.0.2.0/24", "192.0.2.0/25", false},
		{"192.0.2.10", "192.0.2.1", false},
		{"192.0.2.1", "192.0.2.10", false},
		{"*", "*", true},
		{"<world>", "*", true},
		{"2001:db8::/64", "[2001:db8::]/64", true},
		{"2001:DB8::1", "[2001:db8::1]", true},
		{"2001:db8::12", "[2001:db8::1]", false},
		{"Web1.example.org", "web1.example.org", true},
		{"web1.example.org", "web1", true},
		{"web10.example.org", "web1", false},
		{"web1.example.org", "*.example.org", false},
		{"10.example.org", "10", false},
		{"192.0.2.0/24,*", "*", true},
		{"192.0.2.0/24,*", "192.0.2.0/24", true},
		{"192.0.2.0/24,*", "192.0.2.0", false},
		{"$192.0.2.7", "*", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (nfs_text_is_client(cases[i].listed, cases[i].wanted) != cases[i].is_same)
			fail_msg("%s and %s", cases[i].listed, cases[i].wanted);
	assert_true(nfs_text_is_by_address("$192.0.2.7"));
	assert_false(nfs_text_is_by_address("192.0.2.7"));
}

static void states_name_their_file_system(void **state)
{
	static const char states[] =
		"- 0x01: { type: open, access: rw, superblock: \"fe:01:131\", filename: \"a\" }\n"
		"- 0x02: { type: open, superblock: \"00:2a:9\", filename: \"superblock: "
		"\\\"08:01:\" }\n"
		"- 0x03: { type: deleg, filename: \"none\" }\n";

	(void)state;
	assert_true(nfs_text_has_state_on(states, 0xfe, 1));
	assert_true(nfs_text_has_state_on(states, 0, 0x2a));
	assert_false(nfs_text_has_state_on(states, 8, 1));
	assert_false(nfs_text_has_state_on(states, 0xfe, 0x13));
	assert_false(nfs_text_has_state_on("", 8, 1));
	assert_true(nfs_text_offers("-2 +3 +4 +4.1 -4.2\n", '3'));
	assert_false(nfs_text_offers("-2 -3 +4 +4.1\n", '3'));
	assert_true(nfs_text_offers("-2 -3 +4 +4.1\n", '4'));
	assert_false(nfs_text_offers("", '4'));
}

static const struct haops_nfs_export what = {.client = "192.0.2.0/24", .directory = "/srv/a"};

static void an_export_is_looked_up_in_both_tables(void **state)
{
	struct haops_nfs_found found;

	assert_int_equal(haops_nfs_export_query(*state, &what, &found), 0);
	assert_false(found.is_listed || found.is_in_kernel);
	put("/var/lib/nfs/etab", "/srv/a\t192.0.2.0/24(rw)\n/srv/b\t*(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_query(*state, &what, &found), 0);
	assert_true(found.is_listed);
	assert_false(found.is_in_kernel);
	put("/proc/fs/nfs/exports", "# x\n/srv/a\t192.0.2.0/24,*(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_query(*state, &what, &found), 0);
	assert_true(found.is_listed && found.is_in_kernel);
	put("/var/lib/nfs/etab", "/srv/a\t192.0.2.0/25(rw)\n", 0644);
	put("/proc/fs/nfs/exports", "/srv/a\t$192.0.2.7(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_query(*state, &what, &found), 0);
	assert_false(found.is_listed || found.is_in_kernel);
	/* Nobody else exports it: the address can only have been let in by ours. */
	put("/var/lib/nfs/etab", "", 0644);
	assert_int_equal(haops_nfs_export_query(*state, &what, &found), 0);
	assert_true(!found.is_listed && found.is_in_kernel);
}

static void a_table_that_cannot_be_read_is_unknown(void **state)
{
	struct haops_nfs_server server = {.threads = 77};
	struct haops_nfs_found found = {.is_listed = true};
	size_t count = 5;

	sys.openat = refusing_openat;
	assert_int_equal(haops_nfs_export_query(*state, &what, &found), -EIO);
	assert_true(found.is_listed);
	assert_non_null(strstr(haops_ctx_error(*state), "etab"));
	assert_int_equal(haops_nfs_export_remove(*state, &what, 0), -EIO);
	assert_int_equal(haops_nfs_server_query(*state, &server), -EIO);
	assert_int_equal(server.threads, 77);
	assert_int_equal(haops_nfs_unlock_path(*state, "/srv"), -EIO);
	assert_int_equal(haops_nfs_holders(*state, makedev(8, 1), HAOPS_NFS_EXPIRE_NONE, &count),
			 -ENOENT);
	assert_int_equal(count, 5);
}

static void wrong_arguments_are_refused(void **state)
{
	static const struct haops_nfs_export wrong[] = {{NULL, "/srv"},	     {"", "/srv"},
							{"-a", "/srv"},	     {"a b", "/srv"},
							{"a(rw)", "/srv"},   {"a", "srv"},
							{"a", "/srv\n/etc"}, {"a", NULL}};
	struct haops_nfs_found found;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(haops_nfs_export_query(*state, &wrong[i], &found), -EINVAL);
		assert_int_equal(haops_nfs_export_add(*state, &wrong[i], "", 0), -EINVAL);
		assert_int_equal(haops_nfs_export_remove(*state, &wrong[i], 0), -EINVAL);
	}
	assert_int_equal(haops_nfs_export_query(NULL, &what, &found), -EINVAL);
	assert_int_equal(haops_nfs_export_query(*state, &what, NULL), -EINVAL);
	assert_int_equal(haops_nfs_export_add(*state, &what, "a b", 0), -EINVAL);
	assert_int_equal(haops_nfs_server_query(*state, NULL), -EINVAL);
	assert_int_equal(haops_nfs_unlock_address(*state, NULL), -EINVAL);
	assert_int_equal(haops_nfs_unlock_path(*state, "srv"), -EINVAL);
	assert_int_equal(haops_nfs_holders(*state, 0, HAOPS_NFS_EXPIRE_NONE, NULL), -EINVAL);
}

/* A script that does what its text says to the table of the test. */
static void make_exportfs(const char *body)
{
	char text[2 * PATH_ROOM];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\ncd %s\n%s\n", base, body);
	put("exportfs", text, 0755);
}

static void exportfs_is_judged_by_the_table(void **state)
{
	int64_t limit = haops_deadline_after(*state, 5000);

	make_exportfs("echo \"$*\" >args; echo '/srv/a\t192.0.2.0/24(rw)' >,var,lib,nfs,etab");
	assert_int_equal(haops_nfs_export_add(*state, &what, "rw,fsid=1", limit), 0);
	expect("args", "-o rw,fsid=1 192.0.2.0/24:/srv/a\n");
	assert_int_equal(haops_nfs_export_add(*state, &what, "", limit), 0);
	expect("args", "192.0.2.0/24:/srv/a\n");
	make_exportfs("echo \"$*\" >args; : >,var,lib,nfs,etab");
	assert_int_equal(haops_nfs_export_add(*state, &what, "rw", limit), -EIO);
	put("/var/lib/nfs/etab", "/srv/a\t192.0.2.0/24(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_remove(*state, &what, limit), 0);
	expect("args", "-u 192.0.2.0/24:/srv/a\n");
	make_exportfs("exit 9");
	assert_int_equal(haops_nfs_export_remove(*state, &what, limit), 0);
	make_exportfs("echo 'exportfs: no such thing'; exit 1");
	assert_int_equal(haops_nfs_export_add(*state, &what, "rw", limit), -EIO);
	assert_string_equal(haops_ctx_error(*state), "exportfs (status 1): no such thing");
}

static void an_export_that_stays_is_told(void **state)
{
	make_exportfs("exit 0");
	put("/var/lib/nfs/etab", "/srv/a\t192.0.2.0/24(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_remove(*state, &what, haops_deadline_after(*state, 1000)),
			 -ETIMEDOUT);
	assert_non_null(strstr(haops_ctx_error(*state), "etab"));
	/* Only the kernel has it: no program is needed, its caches are flushed. */
	make_exportfs("exit 9");
	put("/var/lib/nfs/etab", "", 0644);
	put("/proc/fs/nfs/exports", "/srv/a\t192.0.2.0/24(rw)\n", 0644);
	put("/proc/net/rpc/nfsd.export/flush", "", 0644);
	assert_int_equal(haops_nfs_export_remove(*state, &what, haops_deadline_after(*state, 200)),
			 -ETIMEDOUT);
	expect("/proc/net/rpc/nfsd.export/flush", "1\n");
	assert_non_null(strstr(haops_ctx_error(*state), "kernel"));
}

static void a_missing_or_hanging_exportfs_is_told(void **state)
{
	put("/var/lib/nfs/etab", "/srv/a\t192.0.2.0/24(rw)\n", 0644);
	assert_int_equal(haops_nfs_export_remove(*state, &what, haops_deadline_after(*state, 1000)),
			 -ENOENT);
	make_exportfs("exec sleep 60");
	assert_int_equal(haops_nfs_export_remove(*state, &what, haops_deadline_after(*state, 300)),
			 -ETIMEDOUT);
}

static void the_server_is_what_the_kernel_shows(void **state)
{
	struct haops_nfs_server server;

	assert_int_equal(haops_nfs_server_query(*state, &server), 0);
	assert_int_equal(server.threads, 0);
	put("/proc/fs/nfsd/threads", "8\n", 0644);
	put("/proc/fs/nfsd/nfsv4leasetime", "90\n", 0644);
	put("/proc/fs/nfsd/nfsv4gracetime", "45\n", 0644);
	put("/proc/fs/nfsd/versions", "-2 +3 -4\n", 0644);
	put("/proc/fs/nfsd/v4_end_grace", "N\n", 0644);
	assert_int_equal(haops_nfs_server_query(*state, &server), 0);
	assert_int_equal(server.threads, 8);
	assert_int_equal(server.lease_s, 90);
	assert_int_equal(server.grace_s, 45);
	assert_true(server.serves_v3 && !server.serves_v4 && !server.is_grace);
	put("/proc/fs/nfsd/versions", "-2 -3 +4 +4.1\n", 0644);
	assert_int_equal(haops_nfs_server_query(*state, &server), 0);
	assert_true(!server.serves_v3 && server.serves_v4 && server.is_grace);
	put("/proc/fs/nfsd/v4_end_grace", "Y\n", 0644);
	assert_int_equal(haops_nfs_server_query(*state, &server), 0);
	assert_false(server.is_grace);
}

static void locks_are_released_by_address_or_path(void **state)
{
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(*state, "2001:DB8::7", &addr), 0);
	assert_int_equal(haops_nfs_unlock_address(*state, &addr), -ENOENT);
	assert_int_equal(haops_nfs_unlock_path(*state, "/srv/a"), -ENOENT);
	put("/proc/fs/nfsd/unlock_ip", "", 0644);
	put("/proc/fs/nfsd/unlock_filesystem", "", 0644);
	assert_int_equal(haops_nfs_unlock_address(*state, &addr), 0);
	expect("/proc/fs/nfsd/unlock_ip", "2001:db8::7\n");
	assert_int_equal(haops_nfs_unlock_path(*state, "/srv/a"), 0);
	expect("/proc/fs/nfsd/unlock_filesystem", "/srv/a\n");
}

static void clients_with_state_are_counted_and_ended(void **state)
{
	char buf[PATH_ROOM];
	size_t count = 9;

	assert_int_equal(haops_nfs_holders(*state, makedev(8, 1), HAOPS_NFS_EXPIRE_NONE, &count),
			 -ENOENT);
	assert_int_equal(mkdir(place("/proc/fs/nfsd/clients", buf), 0755), 0);
	put("/proc/fs/nfsd/clients/3/states", "- 0x1: { superblock: \"08:01:5\" }\n", 0644);
	put("/proc/fs/nfsd/clients/3/ctl", "", 0644);
	put("/proc/fs/nfsd/clients/4/states", "- 0x1: { superblock: \"08:02:5\" }\n", 0644);
	put("/proc/fs/nfsd/clients/4/ctl", "", 0644);
	/* The folder lists the names; what they hold is by their path. 5 has just gone. */
	for (const char *name = "345"; *name; name++) {
		char entry[PATH_ROOM + 4];

		(void)snprintf(entry, sizeof(entry), "%s/%c", place("/proc/fs/nfsd/clients", buf),
			       *name);
		assert_int_equal(mkdir(entry, 0755), 0);
	}
	assert_int_equal(haops_nfs_holders(*state, makedev(8, 1), HAOPS_NFS_EXPIRE_NONE, &count),
			 0);
	assert_int_equal(count, 1);
	expect("/proc/fs/nfsd/clients/3/ctl", "");
	assert_int_equal(haops_nfs_holders(*state, makedev(8, 2), HAOPS_NFS_EXPIRE_ALL, &count), 0);
	assert_int_equal(count, 1);
	expect("/proc/fs/nfsd/clients/3/ctl", "");
	expect("/proc/fs/nfsd/clients/4/ctl", "expire\n");
	assert_int_equal(haops_nfs_holders(*state, makedev(8, 3), HAOPS_NFS_EXPIRE_ALL, &count), 0);
	assert_int_equal(count, 0);
}

static void clients_whose_lease_is_over_are_ended(void **state)
{
	static const char *const infos[] =
		{"clientid: 0x1\nname: \"x\\nseconds from last renew: 99\"\n",
		 "clientid: 0x2\nstatus: confirmed\nseconds from last renew: 9\nname: \"b\"\n",
		 "clientid: 0x3\nstatus: courtesy\nseconds from last renew: 10\nname: \"c\"\n"};
	static const char *const wanted[] = {"", "", "expire\n"};
	char buf[PATH_ROOM];
	char path[PATH_ROOM + 16];
	size_t count = 0;

	assert_int_equal(mkdir(place("/proc/fs/nfsd/clients", buf), 0755), 0);
	put("/proc/fs/nfsd/nfsv4leasetime", "10\n", 0644);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d", buf, i);
		assert_int_equal(mkdir(path, 0755), 0);
		(void)snprintf(path, sizeof(path), "/proc/fs/nfsd/clients/%d/states", i);
		put(path, "- 0x1: { superblock: \"08:01:5\" }\n", 0644);
		(void)snprintf(path, sizeof(path), "/proc/fs/nfsd/clients/%d/info", i);
		put(path, infos[i], 0644);
		(void)snprintf(path, sizeof(path), "/proc/fs/nfsd/clients/%d/ctl", i);
		put(path, "", 0644);
	}
	assert_int_equal(haops_nfs_holders(*state, makedev(8, 1), HAOPS_NFS_EXPIRE_LAPSED, &count),
			 0);
	assert_int_equal(count, 3);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "/proc/fs/nfsd/clients/%d/ctl", i);
		expect(path, wanted[i]);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_taken_off_a_table),
		cmocka_unit_test(clients_are_compared),
		cmocka_unit_test(states_name_their_file_system),
		TEST(an_export_is_looked_up_in_both_tables),
		TEST(a_table_that_cannot_be_read_is_unknown),
		TEST(wrong_arguments_are_refused),
		TEST(exportfs_is_judged_by_the_table),
		TEST(an_export_that_stays_is_told),
		TEST(a_missing_or_hanging_exportfs_is_told),
		TEST(the_server_is_what_the_kernel_shows),
		TEST(locks_are_released_by_address_or_path),
		TEST(clients_with_state_are_counted_and_ended),
		TEST(clients_whose_lease_is_over_are_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
