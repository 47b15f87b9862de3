/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a table of mounts and answers questions about it, see table.h. Touches no path. */

#include "filesystem/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		if (*text == '\n')
			count++;
	return count + 1;
}

static int read_lines(struct mount_table *table)
{
	char *rest = table->text;

	while (rest && *rest) {
		char *line = strsep(&rest, "\n");

		if (!mountinfo_parse(line, &table->list[table->count++]))
			return -EBADMSG;
	}
	return 0;
}

int table_parse(char *text, struct mount_table *ret_table)
{
	struct mount_table table = {.text = text};
	int r = -ENOMEM;

	table.list = calloc(count_lines(text), sizeof(*table.list));
	if (table.list)
		r = read_lines(&table);
	if (r < 0) {
		table_free(&table);
		return r;
	}
	*ret_table = table;
	return 0;
}

void table_free(struct mount_table *table)
{
	free(table->text);
	free(table->list);
	*table = (struct mount_table){0};
}

bool path_is_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (strncmp(path, folder, len) != 0)
		return false;
	return path[len] == '\0' || path[len] == '/' || (len > 0 && folder[len - 1] == '/');
}

/* Appends a part of a path; false when it is ".." or there is no room. */
static bool append_part(const char *part, size_t len, char *out, size_t size)
{
	size_t used = strlen(out);

	if (len == 0 || (len == 1 && part[0] == '.'))
		return true;
	if ((len == 2 && part[0] == '.' && part[1] == '.') || used + len + 2 > size)
		return false;
	out[used] = '/';
	memcpy(out + used + 1, part, len);
	out[used + 1 + len] = '\0';
	return true;
}

bool path_normalize(const char *path, char *out, size_t size)
{
	if (path[0] != '/' || size < 2)
		return false;
	out[0] = '\0';
	while (*path) {
		size_t len = strcspn(++path, "/");

		if (!append_part(path, len, out, size))
			return false;
		path += len;
	}
	if (!out[0])
		memcpy(out, "/", 2);
	return true;
}

const struct mountinfo *table_top(const struct mount_table *table, const char *path)
{
	const struct mountinfo *found = NULL;

	/* A later one at the same place lies above. */
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->list[i].path, path) == 0)
			found = &table->list[i];
	return found;
}

const struct mountinfo *table_owner(const struct mount_table *table, const char *path)
{
	const struct mountinfo *found = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct mountinfo *mount = &table->list[i];

		if (path_is_in(path, mount->path) &&
		    (!found || strlen(mount->path) >= strlen(found->path)))
			found = mount;
	}
	return found;
}

const struct mountinfo *table_find(const struct mount_table *table, uint64_t id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->list[i].id == id)
			return &table->list[i];
	return NULL;
}

bool table_has_device(const struct mount_table *table, const char *device)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->list[i].device, device) == 0)
			return true;
	return false;
}

const struct mountinfo *table_below(const struct mount_table *table, const char *path)
{
	for (size_t i = 0; i < table->count; i++)
		if (path_is_in(table->list[i].path, path) && strcmp(table->list[i].path, path) != 0)
			return &table->list[i];
	return NULL;
}

static bool is_copy(const struct mountinfo *mount, const struct table_goal *goal)
{
	return goal->device && strcmp(mount->device, goal->device) == 0 &&
	       path_is_in(mount->root, goal->root);
}

/* One that is to go for itself, not for what it lies in. */
static bool is_wanted(const struct mountinfo *mount, const struct table_goal *goal)
{
	return path_is_in(mount->path, goal->path) || is_copy(mount, goal);
}

bool table_is_goal(const struct mountinfo *mount, const struct mount_table *table,
		   const struct table_goal *goal)
{
	/* A tree of mounts is not deeper than it has mounts; a broken one ends, too. */
	for (size_t i = 0; mount && i <= table->count; i++) {
		if (is_wanted(mount, goal))
			return true;
		if (mount->parent == mount->id)
			return false;
		mount = table_find(table, mount->parent);
	}
	return false;
}

static bool has_child(const struct mount_table *table, uint64_t id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->list[i].parent == id && table->list[i].id != id)
			return true;
	return false;
}

const struct mountinfo *table_next(const struct mount_table *table, const struct table_goal *goal)
{
	const struct mountinfo *any = NULL;

	for (size_t i = table->count; i-- > 0;) {
		const struct mountinfo *mount = &table->list[i];

		if (!table_is_goal(mount, table, goal))
			continue;
		if (!has_child(table, mount->id))
			return mount;
		any = any ? any : mount;
	}
	return any;
}
