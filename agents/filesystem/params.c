/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of Filesystem: names and defaults of the stock agent's. Each text ends with a line
 * "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "filesystem/filesystem.h"

#include <string.h>

static const char *const fsck_modes[] = {"auto", "force", "no", NULL};

static const char *check_device(const char *value)
{
	struct fs_device device;

	return device_parse(value, &device);
}

static const char *check_directory(const char *value)
{
	char path[FS_PATH_MAX];

	if (value[0] != '/')
		return "is no absolute path";
	if (path_normalize(value, path, sizeof(path)) && strcmp(path, "/") == 0)
		return "is the root directory: stop would take the system away";
	return NULL;
}

static const char *check_fstype(const char *value)
{
	if (value[0] == '-' || strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					     "0123456789._-,") != strlen(value))
		return "is no name of a file system type";
	return NULL;
}

static const char *check_options(const char *value)
{
	if (strpbrk(value, " \t"))
		return "has a blank: separate options by commas";
	if (options_have(value, "remount") || options_have(value, "move"))
		return "changes another mount: remount and move are not for a start";
	return NULL;
}

static const char *check_prefix(const char *value)
{
	if (strcmp(value, "..") == 0 || strncmp(value, "../", 3) == 0 || strstr(value, "/../"))
		return "leads out of the file system";
	return NULL;
}

static const struct {
	const char *word;
	bool may_kill;
} unmount_words[] = {
	{"true", true},	  {"yes", true},   {"1", true},	   {"YES", true},  {"TRUE", true},
	{"True", true},	  {"ja", true},	   {"on", true},   {"ON", true},   {"safe", true},
	{"false", false}, {"no", false},   {"0", false},   {"NO", false},  {"FALSE", false},
	{"False", false}, {"nein", false}, {"off", false}, {"OFF", false},
};

static int unmount_word(const char *value)
{
	for (size_t i = 0; i < sizeof(unmount_words) / sizeof(unmount_words[0]); i++)
		if (strcmp(unmount_words[i].word, value) == 0)
			return unmount_words[i].may_kill;
	return -1;
}

static const char *check_force_unmount(const char *value)
{
	return unmount_word(value) < 0 ? "is none of: true, safe, false" : NULL;
}

bool fs_may_kill(const struct ocf_run *run)
{
	return unmount_word(ocf_str(run, FS_FORCE_UNMOUNT)) > 0;
}

const struct ocf_param fs_params[FS_PARAM_COUNT] = {
	[FS_DEVICE] =
		{
			.name = "device",
			.shortdesc = "What is mounted",
			.longdesc =
				"A block device, -U UUID or -L LABEL (also UUID=, LABEL=, "
				"PARTUUID=, PARTLABEL=), what a network file system is named by "
				"(server:/path), or a folder for a bind mount.\n"
				"Drop-in: same. A monitor compares it with what is mounted: "
				"another "
				"device at the mount point is a failure, where the stock agent "
				"says "
				"that all is well.",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = FS_PATH_MAX - 1,
			.check = check_device,
		},
	[FS_DIRECTORY] =
		{
			.name = "directory",
			.shortdesc = "Mount point",
			.longdesc =
				"Absolute path of the mount point. start makes it when it is not "
				"there.\n"
				"Drop-in: same, but the root directory is refused. Symbolic links "
				"in it are resolved, and never by a process that is waited for "
				"without a deadline.",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = FS_PATH_MAX - 1,
			.check = check_directory,
		},
	[FS_FSTYPE] =
		{
			.name = "fstype",
			.shortdesc = "Type of the file system",
			.longdesc = "As for mount -t: ext4, xfs, nfs, ...; none for a bind "
				    "mount.\n"
				    "Drop-in: same. Required, as the stock agent's meta-data "
				    "has it; give auto to have mount(8) find out.",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = 64,
			.check = check_fstype,
		},
	[FS_OPTIONS] =
		{
			.name = "options",
			.shortdesc = "Options of mount -o",
			.longdesc = "Options with commas between. With bind or rbind among them, "
				    "device is a folder that is shown at directory, too.\n"
				    "Drop-in: same, but remount and move are refused, and so are "
				    "blanks. A password is better kept in a file "
				    "(credentials=FILE): options can be seen in the list of "
				    "processes while mount(8) runs.",
			.type = OCF_STRING,
			.default_value = "",
			.max_len = 4000,
			.check = check_options,
		},
	[FS_STATUSFILE_PREFIX] =
		{
			.name = "statusfile_prefix",
			.shortdesc = "Where depth 20 writes its file",
			.longdesc =
				"A monitor of depth 20 writes the file PREFIX RESOURCE_NODE "
				"(without "
				"the blank) below the mount point. With a slash at its end the "
				"prefix is a folder, which is made.\n"
				"Drop-in: same. A full file system is no failure of depth 20 here.",
			.type = OCF_STRING,
			.default_value = ".Filesystem_status/",
			.is_reloadable = true,
			.max_len = 255,
			.check = check_prefix,
		},
	[FS_RUN_FSCK] =
		{
			.name = "run_fsck",
			.shortdesc = "Whether start checks the file system first",
			.longdesc =
				"auto: types that have neither a journal nor a check of their own "
				"are checked by fsck -p; force: all are; no: none is.\n"
				"Drop-in: same. Another value is an error, not auto; only block "
				"devices are checked.",
			.type = OCF_SELECT,
			.default_value = "auto",
			.is_reloadable = true,
			.options = fsck_modes,
		},
	[FS_FAST_STOP] =
		{
			.name = "fast_stop",
			.shortdesc = "Whether stop has six seconds only",
			.longdesc = "With yes, users of the file system have three seconds after "
				    "SIGTERM, and three after SIGKILL; with no, each the half of "
				    "stop's timeout.\n"
				    "Drop-in: same. The timeout holds where it is shorter.",
			.type = OCF_BOOLEAN,
			.default_value = "no",
			.is_reloadable = true,
		},
	[FS_FORCE_CLONES] =
		{
			.name = "force_clones",
			.shortdesc = "Allow clones of a file system for one node",
			.longdesc =
				"A file system that is made for one node at a time is refused as a "
				"clone: two nodes that write to it destroy it. With true it is "
				"allowed, for what is a device of its own on each node.\n"
				"Drop-in: same, and for all types (the stock agent heeds it for "
				"ext3, ext4, reiserfs, xfs and jfs only).",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[FS_FORCE_UNMOUNT] =
		{
			.name = "force_unmount",
			.shortdesc = "Whether stop ends processes that use the file system",
			.longdesc =
				"true: processes that keep the mount busy get SIGTERM, and "
				"SIGKILL when half of the time is over (fast_stop). safe: the "
				"same. false: stop waits for them, and fails.\n"
				"Drop-in: same values. Ended are only processes that hold this "
				"mount (working directory, root, program, open file, mapping, "
				"socket), not all that use the device, and never process 1. No "
				"method can hang at another file system, so safe is no different.",
			.type = OCF_STRING,
			.default_value = "true",
			.is_reloadable = true,
			.check = check_force_unmount,
		},
};
