/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes rows of DRBD's state, see drbd-report.h. Judges nothing. */

#include "drbd-report.h"

#include "drbd-proc.h"
#include "drbd/events.h"
#include "util/cleanup.h"

#include <errno.h>
#include <string.h>

#define ROWS_MAX 4096

static struct drbd_row *add_row(struct drbd_report *report)
{
	size_t room = report->room ? 2 * report->room : 8;
	struct drbd_row *rows;

	if (report->count == report->room) {
		rows = realloc(report->rows, room * sizeof(*rows));
		if (!rows)
			return NULL;
		report->rows = rows;
		report->room = room;
	}
	rows = &report->rows[report->count++];
	*rows = (struct drbd_row){.permille = -1, .left_ms = -1};
	return rows;
}

static void fill_own(const struct state *state, const struct state_volume *volume,
		     struct drbd_row *row)
{
	row->role = state->role;
	row->is_suspended = state->is_suspended;
	row->volume = volume->number;
	row->minor = volume->minor;
	row->disk = volume->disk;
	row->is_client = volume->is_client;
	row->lacks_quorum = volume->lacks_quorum;
}

/* Figures of a resynchronisation that is over mean nothing. */
static void fill_progress(const struct state_link *link, const char *proc, struct drbd_row *row)
{
	struct drbd_progress progress = {link->permille, link->left_s};

	if (row->sync == STATE_SYNC_NONE)
		return;
	if (progress.permille < 0 && proc)
		(void)drbd_proc_find(proc, row->minor, &progress);
	row->permille = progress.permille;
	row->left_ms = progress.left_s < 0 ? -1 : progress.left_s * 1000;
}

static void fill_peer(const struct state_peer *peer, const struct state_link *link,
		      struct drbd_row *row)
{
	/* What drbdsetup calls it with 8.4, but for one that is StandAlone. */
	(void)snprintf(row->peer, sizeof(row->peer), "%s", peer->name[0] ? peer->name : "peer");
	row->connection = peer->connection;
	row->peer_role = peer->role;
	row->peer_disk = link->disk;
	row->sync = link->sync;
	row->replication = link->replication;
}

/* A peer may have volumes that are not here: they have no minor. */
static int add_volume(const struct state *state, size_t index, const char *name, const char *proc,
		      struct drbd_report *report)
{
	const struct state_volume *volume = &state->volumes[index];
	size_t rows = volume->minor < 0 ? 0 : state->peer_count > 0 ? state->peer_count : 1;

	if (report->count + rows > ROWS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < rows; i++) {
		struct drbd_row *row = add_row(report);

		if (!row)
			return -ENOMEM;
		memcpy(row->resource, name, strlen(name) + 1);
		fill_own(state, volume, row);
		if (state->peer_count == 0)
			continue;
		fill_peer(&state->peers[i], &state->peers[i].links[index], row);
		fill_progress(&state->peers[i].links[index], proc, row);
	}
	return 0;
}

static bool has_resource(const struct drbd_report *report, const char *name)
{
	for (size_t i = 0; i < report->count; i++) {
		if (strcmp(report->rows[i].resource, name) == 0)
			return true;
	}
	return false;
}

static int add_all(struct drbd_report *report, const char *events, const char *proc,
		   struct state *state)
{
	const char *at = events;
	char name[STATE_NAME_MAX];
	/* Of nothing: is the text whole? */
	int r = events_read(events, "", state);

	while (r == 0 && events_next(&at, name)) {
		if (has_resource(report, name))
			continue;
		r = events_read(events, name, state);
		for (size_t i = 0; r == 0 && i < state->volume_count; i++)
			r = add_volume(state, i, name, proc, report);
	}
	return r;
}

int drbd_report_fill(struct drbd_report *report, const char *events, const char *proc)
{
	CLEANUP_FREE struct state *state = calloc(1, sizeof(*state));
	int r = state ? add_all(report, events, proc, state) : -ENOMEM;

	if (r < 0)
		report->count = 0;
	return r;
}

void drbd_report_done(struct drbd_report *report)
{
	free(report->rows);
	memset(report, 0, sizeof(*report));
}

bool drbd_report_begins_resource(const struct drbd_report *report, size_t row)
{
	return row == 0 || strcmp(report->rows[row].resource, report->rows[row - 1].resource) != 0;
}

bool drbd_report_begins_volume(const struct drbd_report *report, size_t row)
{
	return drbd_report_begins_resource(report, row) ||
	       report->rows[row].volume != report->rows[row - 1].volume;
}
