/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to what haops-mysql reads of others: the text of a binary log, states of MariaDB, the
 * rows of its questions, what the CIB remembers. The first byte chooses. */

#include "position.h"
#include "remember.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line; what came of it is within its bounds. */
static void scan(char *text, struct tail *tail)
{
	memset(tail, 0, sizeof(*tail));
	while (*text) {
		size_t len = strcspn(text, "\n");
		bool is_last = text[len] == '\0';

		text[len] = '\0';
		tail_scan(tail, text);
		text += len + (is_last ? 0 : 1);
	}
	tail_scan_end(tail);
	if (tail->table_count > TAIL_TABLES_MAX || tail->pair_count > TAIL_PAIRS_MAX)
		abort();
	for (size_t i = 0; i < tail->table_count; i++) {
		if (tail->tables[i].least_columns > tail->tables[i].most_columns)
			abort();
	}
}

static void ask(char *text)
{
	struct tail *tail = malloc(sizeof(*tail));
	char *question = malloc(65536);
	char why[256] = "";

	if (!tail || !question)
		abort();
	scan(text, tail);
	if (tables_question(tail, question, 65536) == 0 && !strstr(question, "HAVING name IN ("))
		abort();
	if (tail->table_count > 0 && tables_allow(tail, "", why, sizeof(why)))
		abort();
	(void)position_is_beyond(tail, "0-1-5");
	free(question);
	free(tail);
}

/* Both states in one text, a line each: the own one and the primary's. */
static void compare(char *text)
{
	size_t len = strcspn(text, "\n");
	const char *second = text[len] ? text + len + 1 : "";
	char position[256];

	text[len] = '\0';
	if (position_common(text, second, position, sizeof(position)) == 0 && !position[0])
		abort();
	(void)position_common_state(text, second, position, sizeof(position));
}

static void recall(const char *text)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		abort();
	(void)snapshot_add(snapshot, "n1", 2);
	remember(snapshot, text);
	if (snapshot->node_count > SNAPSHOT_NODES_MAX)
		abort();
	free(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'L')
		ask(text);
	else if (data[0] == 'P')
		compare(text);
	else
		recall(text);
	free(text);
	return 0;
}
