/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as each kind of text that the Filesystem agent reads: a table of mounts, what /proc says of
 * processes, options, devices. */

#include "filesystem/kind.h"
#include "filesystem/proc-text.h"
#include "filesystem/table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *copy_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Everything that is to go goes, in as many steps as there are mounts. */
static void check_table(char *text)
{
	struct table_goal goal = {.path = "/a", .device = "8:1", .root = "/"};
	const struct mountinfo *next;
	struct mount_table table;
	size_t steps = 0;

	if (table_parse(text, &table) < 0)
		return;
	while (table.count < 64 && (next = table_next(&table, &goal))) {
		if (++steps > 64 || !table_is_goal(next, &table, &goal))
			abort();
		table.list[next - table.list] = table.list[--table.count];
	}
	(void)table_owner(&table, "/a/b");
	table_free(&table);
}

static void check_proc(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size);
	char *rest = text;
	struct stat_facts facts;
	uint64_t number;

	(void)fdinfo_mount_id(text, &number);
	(void)link_socket(text, &number);
	while (maps_next_path(&rest))
		;
	free(text);
	text = copy_of(data, size);
	rest = text;
	while (unix_next_path(&rest, &number))
		;
	free(text);
	text = copy_of(data, size);
	(void)stat_read(text, &facts);
	free(text);
}

static void check_settings(const char *text)
{
	static struct fs_device device;
	struct fs_kind_facts facts;
	char path[FS_PATH_MAX];

	(void)device_parse(text, &device);
	kind_judge(text, text, text, &facts);
	(void)clone_judge(text, text, false);
	(void)source_is_other(text, device.source);
	(void)filesystems_have(text, "ext4");
	if (path_normalize(text, path, sizeof(path)) && path[0] != '/')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size);

	check_settings(text);
	free(text);
	check_proc(data, size);
	check_table(copy_of(data, size));
	return 0;
}
