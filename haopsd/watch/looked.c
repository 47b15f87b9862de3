/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watched databases and exports: what their helpers find when they look, and that a fault is one
 * only when the look after it finds it, too. What is a fault of a database: mysql/verdict.h. */
#include "mysql/protocol.h"
#include "watch/part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looks in a row that find a fault, until it is believed. */
#define FAULTS_MIN 2

struct watch_looked {
	struct watcher *watcher;
	struct watch_object *object;
	struct looker *looker;
	unsigned int faults; /* in a row, of one kind */
	enum watch_fault kind;
	bool is_looking;  /* again, since the object was marked */
	bool has_verdict; /* that is to be judged by */
	enum watch_fault fault;
	char said[LOOK_TEXT_MAX];
};

static void decide(struct watch_looked *watched, enum watch_fault fault)
{
	watched->has_verdict = true;
	watched->fault = fault;
	watcher_mark(watched->watcher, watched->object);
}

static void take_fine(struct watch_looked *watched)
{
	watched->faults = 0;
	if (watched->object->is_marked || watched->object->state != WATCH_WHOLE)
		decide(watched, FAULT_NONE);
}

static void take_fault(struct watch_looked *watched, enum watch_fault fault, const char *text)
{
	struct watch_object *object = watched->object;
	bool is_known = object->state == WATCH_LOST && object->fault == fault;

	if (is_known && !object->is_marked)
		return;
	if (watched->kind != fault)
		watched->faults = 0;
	watched->kind = fault;
	if (watched->faults < FAULTS_MIN)
		watched->faults++;
	(void)snprintf(watched->said, sizeof(watched->said), "%s", text);
	if (is_known || watched->faults >= FAULTS_MIN) {
		decide(watched, fault);
		return;
	}
	/* A mark that was there was no fault. */
	set_unmark(&watched->watcher->set, object);
	set_mark(&watched->watcher->set, object, kernel_boot_ms());
	watched->is_looking = true;
	looker_look_again(watched->looker);
}

static void on_found(void *owner, enum look_verdict verdict, const char *text)
{
	struct watch_looked *watched = owner;

	if (verdict == LOOK_FINE)
		take_fine(watched);
	else if (verdict == LOOK_FAULT || verdict == LOOK_IDLE)
		take_fault(watched, verdict == LOOK_IDLE ? FAULT_IDLE : FAULT_LOOKED, text);
	else
		watched->faults = 0;
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	struct watcher *watcher = userdata;

	watcher->handlers.event(watcher->userdata, level, text);
}

int looked_open(struct watcher *watcher)
{
	const struct looker_handlers handlers = {.found = on_found, .event = on_event};

	watcher->lookers = looker_pool_new(watcher->ctx, watcher->loop, &handlers, watcher);
	return watcher->lookers ? 0 : -ENOMEM;
}

void looked_close(struct watcher *watcher)
{
	looker_pool_free(watcher->lookers);
	watcher->lookers = NULL;
}

void watcher_set_database_interval(struct watcher *watcher, int64_t interval_ms)
{
	looker_pool_set_interval(watcher->lookers, interval_ms);
}

/* What a target points to, and is nowhere else. */
struct words {
	char what[LOOKER_WHAT_MAX];
	char number[16];
};

static struct looker_target target_of_database(const struct watcher *watcher,
					       const struct watch_object *object,
					       struct words *words)
{
	static const char *const roles[] = MYSQL_ROLE_WORDS;
	const char *program = watcher->handlers.database_program;
	const char *socket = object->spec->database.socket;

	(void)snprintf(words->what, sizeof(words->what), "Database %s", socket);
	(void)snprintf(words->number, sizeof(words->number), "%u",
		       (unsigned int)object->spec->database.stuck_ms);
	return (struct looker_target){.program = program ? program : HAOPSD_MYSQL_PROGRAM,
				      .args = {socket, roles[object->spec->database.role],
					       words->number, haops_watch_dir(watcher->ctx),
					       object->entry->watch.resource},
				      .what = words->what};
}

static struct looker_target target_of_exports(const struct watcher *watcher,
					      const struct watch_object *object,
					      struct words *words)
{
	const char *program = watcher->handlers.exports_program;

	(void)snprintf(words->what, sizeof(words->what), "Exports of %s",
		       object->entry->watch.resource);
	return (struct looker_target){.program = program ? program : HAOPSD_EXPORTS_PROGRAM,
				      .args = {haops_watch_dir(watcher->ctx), object->entry->file},
				      .what = words->what};
}

/* One helper looks at all exports of a record: the first one stands for them. */
static bool is_represented(const struct watch_object *object)
{
	const struct watch_object *first = object->entry->objects;

	if (object->spec->kind != HAOPS_WATCH_EXPORT)
		return false;
	while (first->spec->kind != HAOPS_WATCH_EXPORT)
		first++;
	return first != object;
}

static int add_looker(struct watcher *watcher, struct watch_looked *watched)
{
	const struct watch_object *object = watched->object;
	struct looker_target target;
	struct words words;
	int r;

	target = object->spec->kind == HAOPS_WATCH_EXPORT
			 ? target_of_exports(watcher, object, &words)
			 : target_of_database(watcher, object, &words);
	r = looker_add(watcher->lookers, &target, watched, &watched->looker);
	if (r == -ENOSPC)
		watcher_tell(watcher, HAOPS_LOG_WARNING,
			     "%s (%s) is not watched: there are %d others", target.what,
			     object->entry->watch.resource, LOOKERS_MAX);
	return r;
}

int looked_join(struct watcher *watcher, struct watch_object *object)
{
	struct watch_looked *watched;
	int r;

	if (is_represented(object))
		return 0;
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	watched->watcher = watcher;
	watched->object = object;
	watched->is_looking = true; /* it begins with a look */
	r = add_looker(watcher, watched);
	if (r < 0) {
		free(watched);
		return r == -ENOSPC ? 0 : r;
	}
	object->looked = watched;
	object->said = watched->said;
	return 0;
}

void looked_leave(struct watch_object *object)
{
	if (!object->looked)
		return;
	looker_remove(object->looked->looker);
	free(object->looked);
	object->looked = NULL;
	object->said = NULL;
}

static void look(struct watcher *watcher, struct watch_object *object)
{
	struct watch_looked *watched = object->looked;

	if (!watched) {
		set_unmark(&watcher->set, object);
	} else if (watched->has_verdict) {
		watched->has_verdict = false;
		watched->is_looking = false;
		set_judge(&watcher->set, object, watched->fault);
	} else if (!watched->is_looking) {
		watched->is_looking = true;
		looker_look_again(watched->looker);
	}
}

/* Those whose helper has not answered yet stay marked. */
void looked_look(struct watcher *watcher)
{
	struct watch_object *object, *next;

	for (object = TAILQ_FIRST(&watcher->set.marked_looked); object; object = next) {
		next = TAILQ_NEXT(object, marked);
		look(watcher, object);
	}
}
