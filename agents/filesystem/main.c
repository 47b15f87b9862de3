/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:Filesystem: its table. Actions are in the files of their names. */

#include "filesystem/filesystem.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = fs_start, .timeout_s = 60, .depth = -1},
	{.name = "stop", .run = fs_stop, .timeout_s = 60, .depth = -1},
	{.name = "reload-agent", .run = fs_reload_agent, .timeout_s = 20, .depth = -1},
	{.name = "monitor", .run = fs_monitor, .timeout_s = 40, .interval_s = 20, .depth = 0},
	{.name = "monitor", .run = fs_monitor, .timeout_s = 40, .interval_s = 60, .depth = 10},
	{.name = "monitor", .run = fs_monitor, .timeout_s = 40, .interval_s = 61, .depth = 20},
};

static const struct ocf_agent agent = {
	.name = "Filesystem",
	.provider = "haops",
	.shortdesc = "Mounted file system",
	.longdesc =
		"Mounts and unmounts a file system: on a device that is shared or replicated, of a "
		"server, or a bind mount. It takes the place of ocf:heartbeat:Filesystem: "
		"parameters keep their names, defaults and meanings; each one's text says what "
		"differs.\n"
		"A monitor reads the kernel's table of mounts, and touches no file: it answers "
		"while a server is dead or a device hangs. Depth 10 reads from the device, past "
		"caches (of what has none, such as NFS, it asks for the root directory), and fails "
		"when a file system became read-only by an error; depth 20 writes a file, and "
		"reads it. A full file system is no failure of depth 20, and is told in the log. "
		"Each of these is done by a child process that is given up in time.\n"
		"haopsd(8) watches the mount.\n"
		"Stop unmounts what is mounted below the mount point, then the mount; of a block "
		"device also what shows a part of it elsewhere (bind mounts), in mount namespaces "
		"of others, too. Processes are ended that keep a mount busy, and no others. "
		"Nothing is unmounted lazily, and stop succeeds only when the mount is gone and "
		"nobody has the device for himself any more: where a device or a server does not "
		"answer, it fails in time and says so.",
	.params = fs_params,
	.param_count = FS_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = fs_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
