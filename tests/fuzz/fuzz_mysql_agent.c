/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to what the mysql agent reads: arguments of processes, lists of nodes, logs,
 * what a monitor noted, and what haopsd saw. */

#include "mysql/calm.h"
#include "mysql/identity.h"
#include "mysql/log.h"
#include "mysql/nodes.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_identity(const char *text, size_t size)
{
	const struct identity_want want = {.binary = "/x",
					   .datadir = "/d",
					   .realdir = "/r",
					   .socket = "/s",
					   .agent = "/a",
					   .instance = "i"};
	struct identity_facts facts = {.exe = "/x",
				       .cmdline = text,
				       .cmdline_len = size,
				       .folder = "",
				       .instance = "i"};
	char value[IDENTITY_PATH_MAX];

	(void)identity_judge(&facts, &want);
	facts.exe = "/a";
	(void)identity_judge(&facts, &want);
	if (identity_option(text, size, "datadir", value) && strlen(value) >= sizeof(value))
		abort();
}

static void feed_nodes(const char *text)
{
	static struct nodes nodes;

	if (nodes_parse(text, &nodes))
		return;
	for (size_t i = 0; i < nodes.count; i++)
		if (!nodes.list[i].name[0] || nodes_find(&nodes, nodes.list[i].name) != i)
			abort();
}

static void feed_note(const char *text)
{
	struct calm_note note;
	char back[CALM_MAX + 64];

	if (calm_parse(text, &note) &&
	    (size_t)calm_format(&note, back, sizeof(back)) >= sizeof(back))
		abort();
}

static void feed_seen(const char *text)
{
	struct seen seen;
	char back[SEEN_TEXT_MAX];

	if (!seen_parse(text, &seen))
		return;
	if ((size_t)seen_format(&seen, back, sizeof(back)) >= sizeof(back))
		abort();
	(void)seen_is_fresh(&seen, INT64_MAX);
	(void)seen_is_fresh(&seen, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char reason[64];

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	feed_identity(text, size);
	feed_nodes(text);
	feed_note(text);
	feed_seen(text);
	mysql_log_pick(text, reason, sizeof(reason));
	if (strlen(reason) >= sizeof(reason))
		abort();
	free(text);
	return 0;
}
