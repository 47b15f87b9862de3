/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares states of MariaDB pair by pair, see position.h. */

#include "position.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 256

struct entry {
	uint32_t domain;
	uint32_t server;
	uint64_t number;
};

struct state {
	struct entry list[ENTRIES_MAX];
	size_t count;
};

static bool take(const char **text, uint64_t max, char end, uint64_t *ret_number)
{
	size_t len = strspn(*text, "0123456789");
	unsigned long long number;

	if (len == 0 || len > 20 || ((*text)[len] != end && !(end == ',' && !(*text)[len])))
		return false;
	number = strtoull(*text, NULL, 10);
	if (number > max)
		return false;
	*ret_number = number;
	*text += len + ((*text)[len] != '\0');
	return true;
}

static int parse(const char *text, struct state *state)
{
	uint64_t domain;
	uint64_t server;

	state->count = 0;
	while (*text) {
		struct entry *entry = &state->list[state->count];

		if (state->count == ENTRIES_MAX || !take(&text, UINT32_MAX, '-', &domain) ||
		    !take(&text, UINT32_MAX, '-', &server) ||
		    !take(&text, UINT64_MAX, ',', &entry->number))
			return -EINVAL;
		entry->domain = (uint32_t)domain;
		entry->server = (uint32_t)server;
		state->count++;
	}
	return 0;
}

/* 0: it has none of that pair. */
static uint64_t number_of(const struct state *state, uint32_t domain, uint32_t server)
{
	for (size_t i = 0; i < state->count; i++) {
		if (state->list[i].domain == domain && state->list[i].server == server)
			return state->list[i].number;
	}
	return 0;
}

/* Of each domain the last transaction in the own log that the primary has, too. */
static void keep_common(const struct entry *entry, uint64_t number, struct state *common)
{
	size_t i = 0;

	while (i < common->count && common->list[i].domain != entry->domain)
		i++;
	if (i == common->count)
		common->list[common->count++] = (struct entry){.domain = entry->domain};
	if (number > common->list[i].number) {
		common->list[i].number = number;
		common->list[i].server = entry->server;
	}
}

static int write_state(const struct state *state, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < state->count; i++) {
		const struct entry *entry = &state->list[i];

		len += (size_t)snprintf(buf + len, size - len, "%s%" PRIu32 "-%" PRIu32 "-%" PRIu64,
					i > 0 ? "," : "", entry->domain, entry->server,
					entry->number);
		if (len >= size)
			return -EINVAL;
	}
	return state->count > 0 ? 0 : -ENOENT;
}

int position_common(const char *own, const char *primary, char *ret_position, size_t size)
{
	struct state own_state;
	struct state primary_state;
	struct state common = {.count = 0};

	if (parse(own, &own_state) < 0 || parse(primary, &primary_state) < 0)
		return -EINVAL;
	for (size_t i = 0; i < own_state.count; i++) {
		const struct entry *entry = &own_state.list[i];
		uint64_t theirs = number_of(&primary_state, entry->domain, entry->server);

		if (theirs > 0)
			keep_common(entry, theirs < entry->number ? theirs : entry->number,
				    &common);
	}
	return write_state(&common, ret_position, size);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *first = a;
	const struct entry *second = b;

	if (first->domain != second->domain)
		return first->domain < second->domain ? -1 : 1;
	if (first->number != second->number)
		return first->number < second->number ? -1 : 1;
	return 0;
}

int position_common_state(const char *own, const char *primary, char *ret_state, size_t size)
{
	struct state own_state;
	struct state primary_state;
	struct state common = {.count = 0};

	if (parse(own, &own_state) < 0 || parse(primary, &primary_state) < 0)
		return -EINVAL;
	for (size_t i = 0; i < own_state.count; i++) {
		const struct entry *entry = &own_state.list[i];
		uint64_t theirs = number_of(&primary_state, entry->domain, entry->server);

		if (theirs == 0)
			continue;
		common.list[common.count] = *entry;
		if (theirs < entry->number)
			common.list[common.count].number = theirs;
		common.count++;
	}
	qsort(common.list, common.count, sizeof(common.list[0]), compare_entries);
	return write_state(&common, ret_state, size);
}

bool position_is_beyond(const struct tail *tail, const char *primary)
{
	struct state state;

	if (parse(primary, &state) < 0 || tail->is_cut)
		return false;
	for (size_t i = 0; i < tail->pair_count; i++) {
		const struct tail_pair *pair = &tail->pairs[i];

		if (pair->first <= number_of(&state, pair->domain, pair->server))
			return false;
	}
	return true;
}
