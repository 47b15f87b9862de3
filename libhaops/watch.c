/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watch records as state files: put, removed, read, listed. Their text is the matter of
 * watch-text.c. */
#include "internal.h"
#include "watch-name.h"
#include "watch-text.h"

#include <haops/state.h>
#include <stdio.h>

/* A directory with more records than this is broken; memory stays bounded. */
#define LIST_MAX 65536
#define LIST_STEP 64

static int check_resource(struct haops_ctx *ctx, const char *resource)
{
	size_t len = resource ? strnlen(resource, HAOPS_WATCH_NAME_MAX) : 0;

	if (len == 0 || len == HAOPS_WATCH_NAME_MAX)
		return haops_fail(ctx, EINVAL,
				  "watch record: the name of a resource has 1 to %d bytes",
				  HAOPS_WATCH_NAME_MAX - 1);
	return 0;
}

int haops_watch_put(struct haops_ctx *ctx, const struct haops_watch *watch)
{
	CLEANUP_FREE char *text = NULL;
	char name[STATE_NAME_MAX + 1];
	const char *problem;
	size_t len;
	int r;

	if (!ctx)
		return -EINVAL;
	problem = watch ? watch_text_check(watch) : "an argument is missing";
	if (problem)
		return haops_fail(ctx, EINVAL, "watch record %.60s: %s",
				  watch ? watch->resource : "", problem);
	r = watch_text_encode(watch, &text, &len);
	if (r == -EFBIG)
		return haops_fail(ctx, EFBIG,
				  "watch record %s: larger than %d bytes: name fewer objects",
				  watch->resource, HAOPS_STATE_MAX);
	if (r < 0)
		return haops_fail(ctx, ENOMEM, "watch record %s: no memory", watch->resource);
	watch_name_state(watch->resource, name);
	return haops_state_write(ctx, name, text, len);
}

int haops_watch_remove(struct haops_ctx *ctx, const char *resource)
{
	char name[STATE_NAME_MAX + 1];
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_resource(ctx, resource);
	if (r < 0)
		return r;
	watch_name_state(resource, name);
	return haops_state_remove(ctx, name);
}

/* Reads the record of a state file; resource is whose it must be, or NULL. */
static int read_record(struct haops_ctx *ctx, const char *name, const char *resource,
		       struct haops_watch *ret_watch)
{
	CLEANUP_FREE char *text = NULL;
	struct haops_watch watch;
	char own[STATE_NAME_MAX + 1];
	size_t len;
	int r = haops_state_read(ctx, name, &text, &len);

	if (r < 0)
		return r == -EFBIG ? -EBADMSG : r;
	r = watch_text_parse(text, len, &watch);
	if (r == -ENOMEM)
		return haops_fail(ctx, ENOMEM, "watch record %s: no memory", name);
	if (r < 0)
		return haops_fail(ctx, EBADMSG,
				  "watch record %s in %s is damaged or of another version: remove "
				  "it",
				  name, ctx->run_dir);
	watch_name_state(watch.resource, own);
	if (strcmp(own, name) == 0 && (!resource || strcmp(watch.resource, resource) == 0)) {
		*ret_watch = watch;
		return 0;
	}
	r = haops_fail(ctx, EBADMSG, "watch record %s in %s is that of %s: remove it", name,
		       ctx->run_dir, watch.resource);
	haops_watch_done(&watch);
	return r;
}

int haops_watch_get(struct haops_ctx *ctx, const char *resource, struct haops_watch *ret_watch)
{
	char name[STATE_NAME_MAX + 1];
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_watch)
		return haops_fail(ctx, EINVAL, "watch record: an argument is missing");
	r = check_resource(ctx, resource);
	if (r < 0)
		return r;
	watch_name_state(resource, name);
	return read_record(ctx, name, resource, ret_watch);
}

int haops_watch_get_file(struct haops_ctx *ctx, const char *file, struct haops_watch *ret_watch)
{
	char name[STATE_NAME_MAX + 1];

	if (!ctx)
		return -EINVAL;
	if (!ret_watch || !file || !watch_name_of_file(file, name))
		return haops_fail(ctx, EINVAL, "\"%.60s\" is no file of a watch record",
				  file ? file : "");
	return read_record(ctx, name, NULL, ret_watch);
}

bool haops_watch_is_file(const char *file)
{
	char name[STATE_NAME_MAX + 1];

	return file && watch_name_of_file(file, name);
}

const char *haops_watch_dir(const struct haops_ctx *ctx)
{
	return ctx ? ctx->run_dir : "";
}

int haops_watch_is_put(struct haops_ctx *ctx, const char *resource, bool *ret_is_put)
{
	char path[HAOPS_RUN_DIR_MAX + 1 + STATE_FILE_MAX];
	char name[STATE_NAME_MAX + 1];
	char file[STATE_FILE_MAX];
	struct stat st;
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_resource(ctx, resource);
	if (r < 0)
		return r;
	watch_name_state(resource, name);
	if (!ret_is_put || !state_name_escape(name, file))
		return haops_fail(ctx, EINVAL, "watch record: an argument is missing");
	(void)snprintf(path, sizeof(path), "%s/%s", ctx->run_dir, file);
	r = ctx->sys->stat(path, &st);
	if (r < 0 && r != -ENOENT)
		return haops_fail(ctx, EIO, "%s: %s", path, strerror(-r));
	*ret_is_put = r == 0;
	return 0;
}

struct list {
	char **names;
	size_t count;
};

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int append(struct list *list, const char *name)
{
	char **names = list->names;

	if (list->count == LIST_MAX)
		return -EIO;
	/* Room for one more and the NULL behind it. */
	if (list->count % LIST_STEP == 0) {
		names = realloc(names, (list->count + LIST_STEP + 1) * sizeof(*names));
		if (!names)
			return -ENOMEM;
		list->names = names;
	}
	names[list->count] = strdup(name);
	if (!names[list->count])
		return -ENOMEM;
	names[++list->count] = NULL;
	return 0;
}

/* The resource of a record's file. The name of the file tells it, but for a long one. */
static int append_resource(struct haops_ctx *ctx, const char *file, struct list *list)
{
	struct haops_watch watch;
	char name[STATE_NAME_MAX + 1];
	int r;

	if (!watch_name_of_file(file, name))
		return 0;
	if (name[strlen("watch")] == '-')
		return append(list, name + strlen("watch-"));
	r = read_record(ctx, name, NULL, &watch);
	if (r == -ENOMEM)
		return r;
	/* Whose it is cannot be told, or it is gone meanwhile. */
	if (r < 0)
		return 0;
	r = append(list, watch.resource);
	haops_watch_done(&watch);
	return r;
}

static int read_list(struct haops_ctx *ctx, struct list *list)
{
	CLEANUP_DIR DIR *dir = NULL;
	int r = ctx->sys->opendir(ctx->run_dir, &dir);

	if (r == -ENOENT)
		return 0;
	while (r == 0) {
		struct dirent *entry = NULL;

		r = ctx->sys->readdir(dir, &entry);
		if (r < 0 || !entry)
			break;
		r = append_resource(ctx, entry->d_name, list);
	}
	return r;
}

int haops_watch_list(struct haops_ctx *ctx, char ***ret_names, size_t *ret_count)
{
	struct list list = {.names = NULL};
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_names || !ret_count)
		return haops_fail(ctx, EINVAL, "watch records: an argument is missing");
	list.names = calloc(LIST_STEP + 1, sizeof(*list.names));
	r = list.names ? read_list(ctx, &list) : -ENOMEM;
	if (r < 0) {
		free_names(list.names, list.count);
		return haops_fail(ctx, r == -ENOMEM ? ENOMEM : EIO,
				  "watch records: cannot read %s: %s", ctx->run_dir, strerror(-r));
	}
	*ret_names = list.names;
	*ret_count = list.count;
	return 0;
}

void haops_watch_done(struct haops_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->object_count; i++) {
		struct haops_watch_object *object = &watch->objects[i];

		if (object->kind == HAOPS_WATCH_MOUNT)
			free(object->mount.path);
		else if (object->kind == HAOPS_WATCH_DATABASE)
			free(object->database.socket);
		if (object->kind == HAOPS_WATCH_EXPORT) {
			free(object->nfs_export.client);
			free(object->nfs_export.directory);
		}
	}
	free(watch->objects);
	watch->objects = NULL;
	watch->object_count = 0;
}
