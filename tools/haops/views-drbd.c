/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DRBD on this node, as a tree for a writer. Judges nothing. */

#include "views.h"

#include <math.h>
#include <string.h>

#define ROWS_SHORT 16

/* In one word, as DRBD 8.4 has it: the connection, or what goes on over it. */
static const char *state_of(const struct drbd_row *row)
{
	bool goes_on = row->connection == STATE_CONNECTED && row->replication &&
		       strcmp(row->replication, "Off") != 0 &&
		       strcmp(row->replication, "Established") != 0;

	if (!row->peer[0])
		return "";
	return goes_on ? row->replication : state_connection_word(row->connection);
}

static void show_peer(struct writer *writer, const struct drbd_row *row)
{
	bool has_peer = row->peer[0] != '\0';

	out_keep(writer);
	out_text(writer, "peer", "PEER", row->peer);
	out_text(writer, "peer_disk", "PEER DISK", has_peer ? state_disk_word(row->peer_disk) : "");
	out_text(writer, "connection", NULL,
		 has_peer ? state_connection_word(row->connection) : "");
	out_text(writer, "replication", NULL, row->replication ? row->replication : "");
	out_keep(writer);
	out_level(writer, drbd_verdict_connection(row));
	out_text(writer, NULL, "STATE", state_of(row));
	out_keep(writer);
	out_real(writer, "done_percent", "DONE %",
		 row->permille < 0 ? (double)NAN : row->permille / 10.0);
	out_keep(writer);
	out_ms(writer, "left_ms", "LEFT", row->left_ms);
	out_text(writer, "peer_role", "PEER ROLE", has_peer ? state_role_word(row->peer_role) : "");
}

static void show_row(struct writer *writer, const struct drbd_report *report, size_t index)
{
	const struct drbd_row *row = &report->rows[index];

	out_item(writer);
	out_text(writer, "resource", "RESOURCE", row->resource);
	out_number(writer, "volume", "VOL", row->volume);
	out_level(writer, drbd_verdict_disk(report, index));
	out_text(writer, "disk", "DISK", state_disk_word(row->disk));
	out_text(writer, "role", "ROLE", state_role_word(row->role));
	show_peer(writer, row);
	out_number(writer, "minor", "MINOR", (uint64_t)row->minor);
	out_bool(writer, "client", NULL, row->is_client);
	out_bool(writer, "quorum", NULL, !row->lacks_quorum);
	out_bool(writer, "suspended", NULL, row->is_suspended);
	out_item_end(writer);
}

/* For people there are a few that are well, and all the others. */
static bool is_told(const struct writer *writer, const struct drbd_report *report, size_t row,
		    size_t shown)
{
	return writer->options->form != WRITER_TEXT || shown < ROWS_SHORT ||
	       report->rows[row].sync != STATE_SYNC_NONE || report->rows[row].is_suspended ||
	       (report->rows[row].peer[0] && report->rows[row].connection != STATE_CONNECTED) ||
	       drbd_verdict_disk(report, row) != LEVEL_OK ||
	       drbd_verdict_connection(&report->rows[row]) != LEVEL_OK;
}

void view_drbd(struct writer *writer, const struct drbd_report *report)
{
	bool has_trouble = report->trouble[0] != '\0';
	size_t shown = 0;

	if (!report->is_there)
		return;
	out_begin(writer, "drbd", has_trouble ? "DRBD" : NULL);
	out_text(writer, "trouble", NULL, report->trouble);
	out_level(writer, report->is_silent ? LEVEL_WARNING : LEVEL_OK);
	out_text(writer, NULL, has_trouble ? "" : NULL, report->trouble);
	out_list(writer, "devices", "device", "DRBD");
	for (size_t i = 0; i < report->count; i++) {
		if (!is_told(writer, report, i, shown))
			continue;
		show_row(writer, report, i);
		shown++;
	}
	out_list_end(writer);
	if (shown < report->count)
		out_say(writer, "", "%zu more are well, and not listed", report->count - shown);
	out_end(writer);
}
