/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Goes through MariaDB's relay log. A transaction that lacks its end is none: nobody acknowledged
 * it. Asks nothing itself. */
#include "relay.h"
#include "internal.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

#define NO_SUCH_LOG "Could not find target log"
#define ER_ERROR_WHEN_EXECUTING_COMMAND 1220
#define PAGE_ROWS 1000 /* see dialect.c */

void relay_begin(struct relay *relay, const char *file, const char *pos)
{
	*relay = (struct relay){.is_ended = !*file || !*pos};
	(void)snprintf(relay->file, sizeof(relay->file), "%s", file);
	(void)snprintf(relay->pos, sizeof(relay->pos), "%s", pos);
}

static void give_up(struct relay *relay)
{
	relay->is_ended = true;
	relay->is_unknown = true;
}

/* relay.000009, then relay.000010; the last one comes before the first that is not there. */
static void next_file(struct relay *relay)
{
	char *dot = strrchr(relay->file, '.');
	char *rest = NULL;
	unsigned long number = dot ? strtoul(dot + 1, &rest, 10) : 0;
	size_t room;

	if (!dot || rest == dot + 1 || *rest) {
		give_up(relay);
		return;
	}
	room = sizeof(relay->file) - (size_t)(dot + 1 - relay->file);
	(void)snprintf(dot + 1, room, "%06lu", number + 1);
	(void)snprintf(relay->pos, sizeof(relay->pos), "4");
	relay->is_open = false;
}

static void keep(struct relay *relay)
{
	struct relay_pair *pair = relay->pairs;
	struct relay_pair *end = relay->pairs + relay->count;

	relay->is_open = false;
	while (pair < end &&
	       (pair->domain != relay->current.domain || pair->server != relay->current.server))
		pair++;
	if (pair == end && relay->count == RELAY_PAIRS_MAX) {
		relay->is_unknown = true;
		return;
	}
	relay->count += pair == end;
	if (pair == end || relay->current.last > pair->last)
		*pair = relay->current;
}

/* "BEGIN GTID 0-1-4 cid=7", or without BEGIN for a statement that is a transaction by itself. */
static void begin_group(struct relay *relay, const char *info)
{
	const char *at = strstr(info, "GTID ");
	uint64_t domain, server, last;

	if (relay->is_open)
		keep(relay);
	if (at)
		at += strlen("GTID ");
	if (!at || !text_take_number(&at, '-', UINT32_MAX, &domain) ||
	    !text_take_number(&at, '-', UINT32_MAX, &server) ||
	    !text_take_number(&at, '\0', UINT64_MAX, &last)) {
		relay->is_unknown = true;
		return;
	}
	relay->current = (struct relay_pair){(uint32_t)domain, (uint32_t)server, last};
	relay->is_open = true;
	relay->is_single = strncmp(info, "BEGIN ", 6) != 0;
}

static bool ends_group(const struct relay *relay, const char *type, const char *info)
{
	if (!strcmp(type, "Query"))
		return relay->is_single || !strcmp(info, "COMMIT") || !strcmp(info, "ROLLBACK");
	return !strcmp(type, "Xid") || !strcmp(type, "XA_prepare");
}

static void take_event(struct relay *relay, const char *type, const char *info)
{
	if (!strcmp(type, "Gtid"))
		begin_group(relay, info);
	else if (relay->is_open && ends_group(relay, type, info))
		keep(relay);
}

static void take_page(struct relay *relay, const struct answer *answer)
{
	const char *pos = NULL;
	size_t count = answer->row_count;

	/* The last event of a full page is the first of the next one. */
	if (count >= PAGE_ROWS)
		count--;
	for (size_t i = 0; i < count; i++) {
		const char *type = answer_get(answer, i, "Event_type", NULL);
		const char *info = answer_get(answer, i, "Info", NULL);

		take_event(relay, type ? type : "", info ? info : "");
	}
	if (count == answer->row_count) {
		next_file(relay);
		return;
	}
	pos = answer_get(answer, count, "Pos", NULL);
	if (!pos)
		give_up(relay);
	else
		(void)snprintf(relay->pos, sizeof(relay->pos), "%s", pos);
}

void relay_take(struct relay *relay, const struct answer *answer)
{
	bool is_absent = answer->code == ER_ERROR_WHEN_EXECUTING_COMMAND &&
			 strstr(answer->text, NO_SUCH_LOG);

	if (is_absent)
		relay->is_ended = true;
	else if (answer->code || ++relay->pages > RELAY_PAGES_MAX)
		give_up(relay);
	else
		take_page(relay, answer);
}

void relay_text(const struct relay *relay, char text[RELAY_TEXT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < relay->count && len < RELAY_TEXT_MAX; i++)
		len += (size_t)snprintf(text + len, RELAY_TEXT_MAX - len,
					"%s%" PRIu32 "-%" PRIu32 "-%" PRIu64, i ? "," : "",
					relay->pairs[i].domain, relay->pairs[i].server,
					relay->pairs[i].last);
}
