/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a database server's status, or its silence, means for its role. Pure: asks nothing, and
 * looks at no clock. */
#include "mysql/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Servers quote data in their errors: what is not ASCII may have been cut in the middle. */
static void clean(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			*text = ' ';
		else if (c > 0x7f)
			*text = '?';
	}
}

static enum look_verdict HAOPS_PRINTF(3, 4)
	fault(char text[LOOK_TEXT_MAX], const struct haops_watch_object *object, const char *fmt,
	      ...)
{
	int len = snprintf(text, LOOK_TEXT_MAX, "database %s ", object->database.socket);
	va_list args;

	va_start(args, fmt);
	if (len > 0 && len < LOOK_TEXT_MAX)
		(void)vsnprintf(text + len, (size_t)(LOOK_TEXT_MAX - len), fmt, args);
	va_end(args);
	clean(text);
	return LOOK_FAULT;
}

static void be_well(struct verdict_since *since, int64_t now_ms)
{
	*since = (struct verdict_since){.well_ms = now_ms};
}

/* Whether it lasts. */
static bool be_bad(struct verdict_since *since, int64_t now_ms)
{
	if (since->bad_ms == 0)
		since->bad_ms = now_ms;
	/* One that was never seen well may have been so for ever, or for an instant. */
	if (since->well_ms == 0)
		since->well_ms = now_ms;
	return now_ms - since->bad_ms >= DATABASE_SEEN_MS &&
	       now_ms - since->well_ms >= DATABASE_LASTS_MS;
}

/* Acknowledgements come in the order of the log, so none came for any that waits while the number
 * stands still. How long a statement runs, which the list of sessions tells, says nothing of it. */
static int64_t stuck_for_ms(struct verdict_memory *memory, const struct verdict_look *look)
{
	const struct haops_mysql_status *status = look->status;

	if (status->waiting == 0)
		memory->waiting_ms = 0;
	else if (memory->waiting_ms == 0 || memory->acked != status->acked)
		memory->waiting_ms = look->at_ms;
	memory->acked = status->acked;
	return status->waiting == 0 ? 0 : look->at_ms - memory->waiting_ms;
}

static enum look_verdict verdict_of_primary(struct verdict_memory *memory,
					    const struct haops_watch_object *object,
					    const struct verdict_look *look,
					    char text[LOOK_TEXT_MAX])
{
	int64_t stuck_ms = stuck_for_ms(memory, look);
	int64_t limit_ms = object->database.stuck_ms;

	if (!look->status->is_writable)
		return fault(text, object, "is read-only, and should be the primary");
	if (limit_ms == 0 || stuck_ms < limit_ms)
		return LOOK_FINE;
	/* It may be one large transaction that is on its way, or a replica that its monitor takes
	 * out of the count: to end the server mends neither. */
	(void)fault(text, object,
		    "does not commit: %u wait for a replica, none got it for %" PRId64 " s",
		    look->status->waiting, stuck_ms / 1000);
	return LOOK_STUCK;
}

static enum look_verdict idle(char text[LOOK_TEXT_MAX], const struct haops_watch_object *object,
			      const char *thread, unsigned int code, const char *error)
{
	if (code == 0)
		(void)fault(text, object, "does not replicate: its %s is stopped", thread);
	else
		(void)fault(text, object, "does not replicate: its %s is stopped, error %u: %s",
			    thread, code, error);
	return LOOK_IDLE;
}

static bool is_well(struct verdict_since *since, bool runs, int64_t now_ms)
{
	if (!runs)
		return !be_bad(since, now_ms);
	be_well(since, now_ms);
	return true;
}

/* A receiver that is connecting does its work: who it replicates from may be failing over. */
static enum look_verdict verdict_of_replica(struct verdict_memory *memory,
					    const struct haops_watch_object *object,
					    const struct verdict_look *look,
					    char text[LOOK_TEXT_MAX])
{
	const struct haops_mysql_status *status = look->status;
	bool receives = status->is_replica && status->receiver != HAOPS_MYSQL_STOPPED;
	bool applies = status->is_replica && status->applier != HAOPS_MYSQL_STOPPED;

	receives = is_well(&memory->receiver, receives, look->at_ms);
	applies = is_well(&memory->applier, applies, look->at_ms);
	if (status->is_writable)
		return fault(text, object, "is writable, and should be a replica");
	if (receives && applies)
		return LOOK_FINE;
	if (!status->is_replica) {
		(void)fault(text, object, "does not replicate: it has no source");
		return LOOK_IDLE;
	}
	if (!applies)
		return idle(text, object, "applier", status->applier_errno, status->applier_error);
	return idle(text, object, "receiver", status->receiver_errno, status->receiver_error);
}

static enum look_verdict unknown(char text[LOOK_TEXT_MAX], const char *sentence)
{
	(void)snprintf(text, LOOK_TEXT_MAX, "%s", sentence);
	clean(text);
	return LOOK_UNKNOWN;
}

static enum look_verdict verdict_of_failure(struct verdict_memory *memory,
					    const struct haops_watch_object *object,
					    const struct verdict_look *look,
					    char text[LOOK_TEXT_MAX])
{
	if (look->code == -ETIMEDOUT)
		return fault(text, object, "takes connections and does not answer");
	/* One that never answered may be reached in a way that is not ours. */
	if (look->code != -ECONNREFUSED || memory->answer.well_ms == 0)
		return unknown(text, look->sentence);
	if (be_bad(&memory->answer, look->at_ms))
		return fault(text, object, "takes no connections any more");
	return LOOK_UNKNOWN;
}

enum look_verdict database_judge(struct verdict_memory *memory,
				 const struct haops_watch_object *object,
				 const struct verdict_look *look, char text[LOOK_TEXT_MAX])
{
	text[0] = '\0';
	if (look->code < 0)
		return verdict_of_failure(memory, object, look, text);
	be_well(&memory->answer, look->at_ms);
	switch (object->database.role) {
	case HAOPS_WATCH_PRIMARY:
		return verdict_of_primary(memory, object, look, text);
	case HAOPS_WATCH_REPLICA:
		return verdict_of_replica(memory, object, look, text);
	case HAOPS_WATCH_PLAIN:
		break;
	}
	return LOOK_FINE;
}
