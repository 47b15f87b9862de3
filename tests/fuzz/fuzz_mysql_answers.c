/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds rows, tabs between their columns and names in the first line, to whoever reads a server's
 * answers; and as text to the reader of versions and positions. */

#include "change.h"
#include "relay.h"
#include "sessions.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill_line(struct answer *answer, const char *line, size_t len)
{
	bool is_first = !answer->names;
	size_t columns = 1;

	for (size_t i = 0; i < len; i++)
		columns += line[i] == '\t';
	if (is_first ? answer_set_columns(answer, columns) < 0 : answer_add_row(answer) < 0)
		return;
	for (size_t i = 0; i < answer->column_count && len; i++) {
		const char *tab = memchr(line, '\t', len);
		size_t cell = tab ? (size_t)(tab - line) : len;
		char *name = strndup(line, cell);

		if (!name || (is_first ? answer_set_name(answer, i, name)
				       : answer_set_cell(answer, i, line, cell)) < 0)
			abort();
		free(name);
		line += tab ? cell + 1 : cell;
		len -= tab ? cell + 1 : cell;
	}
}

static void fill(struct answer *answer, const char *text, size_t size)
{
	while (size && (!answer->names || answer->row_count < 4096)) {
		const char *end = memchr(text, '\n', size);
		size_t len = end ? (size_t)(end - text) : size;

		fill_line(answer, text, len);
		text += end ? len + 1 : len;
		size -= end ? len + 1 : len;
	}
}

static void check_status(const char *version, const char *text, size_t size)
{
	struct haops_mysql_identity server;
	struct status_answers answers = {0};
	struct facts facts;
	struct haops_ctx *ctx = NULL;

	if (haops_ctx_new(&ctx) < 0 || !dialect_parse_server(version, &server))
		abort();
	fill(&answers.sets, text, size);
	fill(&answers.variables, text, size);
	fill(&answers.replica, text, size);
	fill(&answers.counters, text, size);
	if (status_read(ctx, &server, dialect_find(&server), &answers, &facts) == 0)
		facts_done(&facts);
	status_answers_done(&answers);
	haops_ctx_free(ctx);
}

static void check_rows(const char *text, size_t size)
{
	char found[RELAY_TEXT_MAX];
	struct sessions sessions;
	struct answer answer = {0};
	struct relay relay;

	fill(&answer, text, size);
	relay_begin(&relay, "relay.000001", "4");
	for (int i = 0; i < 3 && !relay.is_ended; i++)
		relay_take(&relay, &answer);
	relay_text(&relay, found);
	if (sessions_read(&answer, 7, 9, &sessions) == 0)
		sessions_done(&sessions);
	answer_done(&answer);
}

static void check_text(const char *text)
{
	struct haops_mysql_identity server;
	char *merged = NULL;

	(void)dialect_parse_server(text, &server);
	if (change_merge_positions(text, "0-1-1", &merged) == 0)
		free(merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check_text(text);
	check_rows(text, size);
	check_status("10.11.19-MariaDB", text, size);
	check_status("8.4.0", text, size);
	free(text);
	return 0;
}
