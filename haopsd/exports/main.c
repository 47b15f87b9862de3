/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haopsd-exports RUN_DIR FILE: looks whenever haopsd asks whether all is exported that the watch
 * record FILE says. A process of its own, for the table may be on a disk that hangs, as a state
 * that moves between nodes is. Changes nothing.
 */
#include "looker/helper.h"

#include <errno.h>
#include <haops/nfs.h>
#include <haops/watch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct looker {
	struct haops_ctx *ctx;
	const char *file;
	bool has_watch;
	struct haops_watch watch;
	struct stat table; /* as it was when all was exported; zeros: never */
};

/* The table that all was in is still there, and is the same. */
static bool is_same(const struct looker *looker, const struct stat *now)
{
	const struct stat *old = &looker->table;

	return old->st_ino != 0 && old->st_ino == now->st_ino && old->st_dev == now->st_dev &&
	       old->st_size == now->st_size && old->st_mtim.tv_sec == now->st_mtim.tv_sec &&
	       old->st_mtim.tv_nsec == now->st_mtim.tv_nsec;
}

/* 1 it is there, 0 it is not, or -errno. */
static int is_exported(struct looker *looker, const struct haops_watch_object *object)
{
	const struct haops_nfs_export what = {.client = object->nfs_export.client,
					      .directory = object->nfs_export.directory};
	struct haops_nfs_found found;
	int r;

	if (object->kind != HAOPS_WATCH_EXPORT)
		return 1;
	r = haops_nfs_export_query(looker->ctx, &what, &found);
	return r == 0 ? found.is_listed : r;
}

static void say_missing(const struct haops_watch_object *object, size_t missing,
			struct look_answer *ret_answer)
{
	char more[40] = "";

	if (missing > 1)
		(void)snprintf(more, sizeof(more), " (and %zu more)", missing - 1);
	ret_answer->verdict = LOOK_FAULT;
	(void)snprintf(ret_answer->text, sizeof(ret_answer->text),
		       "%.60s is not exported to %.60s any more%s", object->nfs_export.directory,
		       object->nfs_export.client, more);
}

static void look_at_all(struct looker *looker, struct look_answer *ret_answer)
{
	const struct haops_watch_object *first = NULL;
	size_t missing = 0;

	for (size_t i = 0; i < looker->watch.object_count; i++) {
		const struct haops_watch_object *object = &looker->watch.objects[i];
		int r = is_exported(looker, object);

		if (r < 0) {
			(void)snprintf(ret_answer->text, sizeof(ret_answer->text), "%s",
				       haops_ctx_error(looker->ctx));
			return;
		}
		missing += r == 0;
		if (r == 0 && !first)
			first = object;
	}
	if (first)
		say_missing(first, missing, ret_answer);
	else
		ret_answer->verdict = LOOK_FINE;
}

/* One that is gone is watched no more, as haopsd is about to learn. */
static bool find_record(struct looker *looker, struct look_answer *ret_answer)
{
	int r;

	if (looker->has_watch)
		return true;
	r = haops_watch_get_file(looker->ctx, looker->file, &looker->watch);
	looker->has_watch = r == 0;
	if (r < 0 && r != -ENOENT)
		(void)snprintf(ret_answer->text, sizeof(ret_answer->text), "%s",
			       haops_ctx_error(looker->ctx));
	return looker->has_watch;
}

static void look(void *userdata, char question, struct look_answer *ret_answer)
{
	struct looker *looker = userdata;
	struct stat now = {.st_ino = 0};

	(void)question;
	if (!find_record(looker, ret_answer))
		return;
	if (stat(haops_nfs_export_table(), &now) == 0 && is_same(looker, &now)) {
		ret_answer->verdict = LOOK_FINE;
		return;
	}
	look_at_all(looker, ret_answer);
	/* Taken before it was read: one that changed meanwhile is read again. */
	looker->table = ret_answer->verdict == LOOK_FINE ? now : (struct stat){.st_ino = 0};
}

int main(int argc, char **argv)
{
	struct looker looker = {.ctx = NULL};
	int r;

	if (argc != 3 || argv[1][0] != '/') {
		(void)fprintf(stderr, "haopsd-exports: started by haopsd only\n");
		return 2;
	}
	helper_begin();
	if (haops_ctx_new(&looker.ctx) < 0)
		return 1;
	looker.file = argv[2];
	r = haops_ctx_set_run_dir(looker.ctx, argv[1]);
	if (r == 0)
		r = helper_run(look, &looker);
	haops_watch_done(&looker.watch);
	(void)haops_ctx_free(looker.ctx);
	return r == 0 ? 0 : 1;
}
