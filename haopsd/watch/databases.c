/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watched databases: what their helpers find when they look, and that a fault is one only when the
 * look after it finds it, too. What is a fault: mysql/verdict.h. */
#include "watch/part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looks in a row that find a fault, until it is believed. */
#define FAULTS_MIN 2

struct watch_database {
	struct watcher *watcher;
	struct watch_object *object;
	struct database *database;
	unsigned int faults; /* in a row, of one kind */
	enum watch_fault kind;
	bool is_looking;  /* again, since the object was marked */
	bool has_verdict; /* that is to be judged by */
	enum watch_fault fault;
	char said[DATABASE_TEXT_MAX];
};

static void decide(struct watch_database *watched, enum watch_fault fault)
{
	watched->has_verdict = true;
	watched->fault = fault;
	watcher_mark(watched->watcher, watched->object);
}

static void take_fine(struct watch_database *watched)
{
	watched->faults = 0;
	if (watched->object->is_marked || watched->object->state != WATCH_WHOLE)
		decide(watched, FAULT_NONE);
}

static void take_fault(struct watch_database *watched, enum watch_fault fault, const char *text)
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
	database_look_again(watched->database);
}

static void on_found(void *owner, enum database_verdict verdict, const char *text)
{
	struct watch_database *watched = owner;

	if (verdict == DATABASE_FINE)
		take_fine(watched);
	else if (verdict == DATABASE_FAULT || verdict == DATABASE_IDLE)
		take_fault(watched, verdict == DATABASE_IDLE ? FAULT_IDLE : FAULT_DATABASE, text);
	else
		watched->faults = 0;
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	struct watcher *watcher = userdata;

	watcher->handlers.event(watcher->userdata, level, text);
}

int databases_open(struct watcher *watcher)
{
	const struct database_handlers handlers = {.program = watcher->handlers.database_program,
						   .found = on_found,
						   .event = on_event};

	watcher->databases = database_pool_new(watcher->ctx, watcher->loop, &handlers, watcher);
	return watcher->databases ? 0 : -ENOMEM;
}

void databases_close(struct watcher *watcher)
{
	database_pool_free(watcher->databases);
	watcher->databases = NULL;
}

void watcher_set_database_interval(struct watcher *watcher, int64_t interval_ms)
{
	database_pool_set_interval(watcher->databases, interval_ms);
}

int databases_join(struct watcher *watcher, struct watch_object *object)
{
	struct watch_database *watched = calloc(1, sizeof(*watched));
	int r;

	if (!watched)
		return -ENOMEM;
	watched->watcher = watcher;
	watched->object = object;
	watched->is_looking = true; /* it begins with a look */
	r = database_add(watcher->databases, object->spec, watched, &watched->database);
	if (r < 0) {
		free(watched);
		if (r == -ENOSPC)
			watcher_tell(watcher, HAOPS_LOG_WARNING,
				     "database %s (%s) is not watched: there are %d others",
				     object->spec->database.socket, object->entry->watch.resource,
				     DATABASES_MAX);
		return r == -ENOSPC ? 0 : r;
	}
	object->database = watched;
	object->said = watched->said;
	return 0;
}

void databases_leave(struct watch_object *object)
{
	if (!object->database)
		return;
	database_remove(object->database->database);
	free(object->database);
	object->database = NULL;
	object->said = NULL;
}

static void look(struct watcher *watcher, struct watch_object *object)
{
	struct watch_database *watched = object->database;

	if (!watched) {
		set_unmark(&watcher->set, object);
	} else if (watched->has_verdict) {
		watched->has_verdict = false;
		watched->is_looking = false;
		set_judge(&watcher->set, object, watched->fault);
	} else if (!watched->is_looking) {
		watched->is_looking = true;
		database_look_again(watched->database);
	}
}

/* Those whose helper has not answered yet stay marked. */
void databases_look(struct watcher *watcher)
{
	struct watch_object *object, *next;

	for (object = TAILQ_FIRST(&watcher->set.marked_databases); object; object = next) {
		next = TAILQ_NEXT(object, marked);
		look(watcher, object);
	}
}
