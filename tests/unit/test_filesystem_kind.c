/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types, options, devices and texts of /proc, as the Filesystem agent reads them: all by table. */

#include "filesystem/kind.h"
#include "filesystem/proc-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static void test_options(void **state)
{
	(void)state;
	assert_true(options_have("bind", "bind"));
	assert_true(options_have("rw,bind,noatime", "bind"));
	assert_true(options_have("a,size=5", "size"));
	assert_false(options_have("rbind", "bind"));
	assert_false(options_have("bindx,xbind", "bind"));
	assert_false(options_have("x-bind", "bind"));
	assert_false(options_have("errors=remount-ro", "ro"));
	assert_false(options_have("", "ro"));
	assert_true(options_have(",,ro,", "ro"));
}

struct kind_case {
	const char *fstype, *options, *device;
	enum fs_kind kind;
	bool is_block, wants_fsck, is_forced;
	const char *module;
};

static void test_kinds(void **state)
{
	static const struct kind_case cases[] = {
		{"ext4", "", "/dev/sda", FS_LOCAL, true, false, false, "ext4"},
		{"ext2", "", "/dev/sda", FS_LOCAL, true, true, false, "ext2"},
		{"xfs", "noatime", "-U 1-2", FS_LOCAL, true, false, false, "xfs"},
		{"ext4", "loop", "/img", FS_LOCAL, false, false, false, "ext4"},
		{"gfs2", "", "/dev/sda", FS_CLUSTER, true, false, false, "gfs2"},
		{"nfs", "vers=4", "s:/a", FS_NETWORK, false, false, true, "nfs"},
		{"efs", "", "fs-1", FS_NETWORK, false, false, true, "nfs4"},
		{"glusterfs", "", "s:v", FS_NETWORK, false, false, false, "fuse"},
		{"fuse.sshfs", "", "u@h:", FS_NETWORK, false, false, false, "fuse"},
		{"fuseblk", "", "/dev/sda", FS_LOCAL, true, true, false, "fuseblk"},
		{"none", "bind,ro", "/a", FS_BIND, false, false, false, NULL},
		{"nfs", "bind", "/a", FS_BIND, false, false, false, NULL},
		{"ext4", "rbind", "/a", FS_BIND, false, false, false, NULL},
		{"tmpfs", "", "tmpfs", FS_VIRTUAL, false, false, false, "tmpfs"},
		{"auto", "", "LABEL=x", FS_LOCAL, true, true, false, NULL},
		{"zfs", "", "pool/a", FS_LOCAL, false, false, false, "zfs"},
	};
	struct fs_kind_facts facts;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		kind_judge(cases[i].fstype, cases[i].options, cases[i].device, &facts);
		assert_int_equal(facts.kind, cases[i].kind);
		assert_int_equal(facts.is_block, cases[i].is_block);
		assert_int_equal(facts.wants_fsck, cases[i].wants_fsck);
		assert_int_equal(facts.is_forced, cases[i].is_forced);
		if (cases[i].module)
			assert_string_equal(facts.module, cases[i].module);
		else
			assert_null(facts.module);
	}
	kind_judge("cifs", "ro,user=a,password=b", "//s/a", &facts);
	assert_true(facts.has_secret && facts.is_read_only);
}

static void test_clones(void **state)
{
	static const struct {
		const char *fstype, *options;
		bool is_forced;
		enum fs_clone verdict;
	} cases[] = {
		{"ext4", "", false, FS_CLONE_REFUSED},	{"ext4", "ro", false, FS_CLONE_REFUSED},
		{"xfs", "", true, FS_CLONE_FORCED},	{"vfat", "ro", false, FS_CLONE_READ_ONLY},
		{"vfat", "", false, FS_CLONE_REFUSED},	{"btrfs", "", true, FS_CLONE_FORCED},
		{"nfs", "", false, FS_CLONE_SAFE},	{"ocfs2", "", false, FS_CLONE_SAFE},
		{"none", "bind", false, FS_CLONE_SAFE}, {"tmpfs", "", false, FS_CLONE_SAFE},
		{"zfs", "", false, FS_CLONE_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(clone_judge(cases[i].fstype, cases[i].options, cases[i].is_forced),
				 cases[i].verdict);
}

static void test_devices(void **state)
{
	static const struct {
		const char *text, *source, *link;
	} cases[] = {
		{"/dev/drbd0", "/dev/drbd0", "/dev/drbd0"},
		{"server:/a", "server:/a", ""},
		{"-U 12-34", "UUID=12-34", "/dev/disk/by-uuid/12-34"},
		{"-U12-34", "UUID=12-34", "/dev/disk/by-uuid/12-34"},
		{"--uuid=12", "UUID=12", "/dev/disk/by-uuid/12"},
		{"--uuid 12", "UUID=12", "/dev/disk/by-uuid/12"},
		{"-L my data", "LABEL=my data", "/dev/disk/by-label/my\\x20data"},
		{"--label a/b", "LABEL=a/b", "/dev/disk/by-label/a\\x2fb"},
		{"UUID=12", "UUID=12", "/dev/disk/by-uuid/12"},
		{"PARTUUID=12", "PARTUUID=12", "/dev/disk/by-partuuid/12"},
		{"-U", NULL, NULL},
		{"--label ", NULL, NULL},
		{"--bind", NULL, NULL},
		{"-o x", NULL, NULL},
	};
	struct fs_device device;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *problem = device_parse(cases[i].text, &device);

		assert_int_equal(problem == NULL, cases[i].source != NULL);
		if (problem)
			continue;
		assert_string_equal(device.source, cases[i].source);
		assert_string_equal(device.link, cases[i].link);
	}
}

static void test_sources(void **state)
{
	(void)state;
	assert_false(source_is_other("s:/a", "s:/a"));
	assert_false(source_is_other("s:/a/", "s:/a"));
	assert_false(source_is_other("s:/", "s:/"));
	assert_true(source_is_other("s:/a", "s:/b"));
	assert_true(source_is_other("s:/a", "s:/"));
	assert_false(source_is_other("s:/a", "t:/b"));
	assert_false(source_is_other("s:/a", "/dev/sda"));
	assert_true(filesystems_have("nodev\ttmpfs\n\text4\n", "ext4"));
	assert_true(filesystems_have("nodev\ttmpfs\n\text4\n", "tmpfs"));
	assert_false(filesystems_have("nodev\ttmpfs\n\text4\n", "ext"));
	assert_false(filesystems_have("\tnfs4\n", "nfs"));
	assert_true(filesystems_have("\tnfs4\n\tnfs\n", "nfs"));
}

static void test_maps(void **state)
{
	char text[] = "7f00-7f01 r--p 00000000 08:01 123   /usr/lib/a b.so (deleted)\n"
		      "7f01-7f02 rw-p 00000000 00:00 0 \n"
		      "7f02-7f03 rw-p 00000000 00:00 0    [heap]\n"
		      "nonsense\n"
		      "7f03-7f04 r--s 00000000 08:01 124 /x";
	char *rest = text;

	(void)state;
	assert_string_equal(maps_next_path(&rest), "/usr/lib/a b.so");
	assert_string_equal(maps_next_path(&rest), "/x");
	assert_null(maps_next_path(&rest));
	rest = NULL;
	assert_null(maps_next_path(&rest));
}

static void test_proc(void **state)
{
	char good[] = "12 (a) b) (c) D 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20\n";
	char cut[] = "12 (a) S 1 2 3";
	char none[] = "12 S 1";
	struct stat_facts facts;
	uint64_t number = 0;
	char sockets[] = "Num RefCount Protocol Flags Type St Inode Path\n"
			 "ffff: 00000002 00000000 00010000 0001 01 4711 /run/a b\n"
			 "ffff: 00000002 00000000 00010000 0001 01 4712 @x\n"
			 "ffff: 00000003 00000000 00000000 0001 03 4713\n";
	char *rest = sockets;

	(void)state;
	assert_true(stat_read(good, &facts));
	assert_string_equal(facts.name, "a) b) (c");
	assert_int_equal(facts.state, 'D');
	assert_int_equal(facts.start_ticks, 777);
	assert_false(stat_read(cut, &facts));
	assert_false(stat_read(none, &facts));
	assert_true(fdinfo_mount_id("pos:\t0\nflags:\t0\nmnt_id:\t42\nino:\t1\n", &number));
	assert_int_equal(number, 42);
	assert_false(fdinfo_mount_id("pos:\t0\nxmnt_id:\t42\n", &number));
	assert_false(fdinfo_mount_id("mnt_id:\tx", &number));
	assert_string_equal(unix_next_path(&rest, &number), "/run/a b");
	assert_int_equal(number, 4711);
	assert_null(unix_next_path(&rest, &number));
	assert_true(link_socket("socket:[99]", &number));
	assert_int_equal(number, 99);
	assert_false(link_socket("pipe:[99]", &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_clones),	cmocka_unit_test(test_devices),
		cmocka_unit_test(test_sources), cmocka_unit_test(test_maps),
		cmocka_unit_test(test_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
