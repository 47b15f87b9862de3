/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds text to what the drbd agent reads: events, JSON, drbd.conf, the cluster's memory,
 * generations, scores. The first byte chooses. */

#include "drbd/conf.h"
#include "drbd/events.h"
#include "drbd/facts.h"
#include "drbd/json.h"
#include "drbd/memory.h"
#include "drbd/score.h"
#include "drbd/verdict.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read: what is decided by it stays within its bounds. */
static void use_state(const struct state *state)
{
	struct facts facts;
	struct verdict_view view = {.facts = &facts};
	char reason[256];

	facts_find(state, &facts);
	if (facts.is_uptodate && facts.worst != STATE_UPTODATE)
		abort();
	verdict_reason(verdict_decide(&view), "r0", "n1", reason, sizeof(reason));
	/* Nobody is promoted on data of which nothing is known. */
	if (verdict_decide(&view) == VERDICT_MAY && !facts.is_uptodate && !facts.is_client)
		abort();
}

static void feed_memory(const char *text)
{
	static struct memory memory;
	struct lineage lineage;
	char value[MEMORY_VALUE_MAX];

	memory_read(text, &memory);
	memory_data_value(&memory, value);
	if (memory.has_primary && strlen(memory.primary) >= MEMORY_NODE_MAX)
		abort();
	if (lineage_read(text, &lineage) == 0)
		(void)lineage_compare(&lineage, &memory.data);
}

static void feed(char kind, const char *text)
{
	static struct state state;
	struct score_values values;
	struct conf conf;

	switch (kind) {
	case 'e':
		if (events_read(text, "r0", &state) == 0)
			use_state(&state);
		break;
	case 'j':
		if (json_read(text, "r0", &state) == 0)
			use_state(&state);
		break;
	case 'c':
		if (conf_read(text, &conf) == 0 && strlen(conf.handler) >= CONF_TEXT_MAX)
			abort();
		break;
	case 'm':
		feed_memory(text);
		break;
	default:
		(void)score_read(text, &values);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (size > 0)
		feed(text[0], text + 1);
	free(text);
	return 0;
}
