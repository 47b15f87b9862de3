/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster's memory of a DRBD resource as text, see memory.h. Asks nobody. */

#include "drbd/memory.h"

#include "util/num.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 24
/* DRBD's lowest bit says that the node is Primary, and is none of the generation. */
#define PRIMARY_BIT 1U

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Sixteen hexadecimal digits at most; the first byte behind them, or NULL. */
static const char *read_hex(const char *text, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t len = 0;

	for (; hex_digit(*text) >= 0; text++, len++)
		value = value << 4 | (uint64_t)hex_digit(*text);
	if (len == 0 || len > 16)
		return NULL;
	*ret_value = value & ~(uint64_t)PRIMARY_BIT;
	return text;
}

static bool read_number(const char *text, size_t len, uint64_t *ret_value)
{
	char digits[NUMBER_MAX];
	int64_t value;

	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (num_parse(digits, 0, INT64_MAX, &value) < 0)
		return false;
	*ret_value = (uint64_t)value;
	return true;
}

/* Values of the property set ------------------------------------------------------------------ */

static bool read_primary(const char *value, size_t len, struct memory *memory)
{
	size_t digits = strcspn(value, " \n");
	size_t rest;

	if (digits + 1 >= len || !read_number(value, digits, &memory->epoch))
		return false;
	rest = len - digits - 1;
	if (rest >= MEMORY_NODE_MAX)
		return false;
	memcpy(memory->primary, value + digits + 1, rest);
	memory->primary[rest] = '\0';
	memory->has_primary = true;
	return true;
}

static bool read_data(const char *value, size_t len, struct memory *memory)
{
	const char *end = value + len;

	while (value < end) {
		if (memory->data.count == MEMORY_VOLUMES_MAX)
			return false;
		value = read_hex(value, &memory->data.list[memory->data.count]);
		if (!value || (value < end && *value != ' '))
			return false;
		memory->data.count++;
		value += value < end;
	}
	return true;
}

static bool read_stale(const char *value, size_t len, struct memory *memory)
{
	memory->has_stale = read_number(value, len, &memory->stale_epoch);
	return memory->has_stale;
}

static const struct {
	const char *name;
	bool (*read)(const char *value, size_t len, struct memory *memory);
} values[] = {
	{MEMORY_PRIMARY, read_primary},
	{MEMORY_DATA, read_data},
	{MEMORY_STALE, read_stale},
};

/* A name that is not known is a later version's. */
static void take_line(const char *line, size_t len, struct memory *memory)
{
	size_t name_len = strcspn(line, "\t\n");

	if (name_len >= len)
		return;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strlen(values[i].name) == name_len &&
		    memcmp(values[i].name, line, name_len) == 0 &&
		    !values[i].read(line + name_len + 1, len - name_len - 1, memory))
			memory->is_damaged = true;
}

void memory_read(const char *text, struct memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	while (*text) {
		size_t len = strcspn(text, "\n");

		take_line(text, len, memory);
		text += len + (text[len] == '\n');
	}
}

bool memory_is_stale_allowed(const struct memory *memory)
{
	return memory->has_primary && memory->has_stale && memory->stale_epoch == memory->epoch;
}

static bool is_same_data(const struct generations *a, const struct generations *b)
{
	return a->count == b->count && memcmp(a->list, b->list, a->count * sizeof(a->list[0])) == 0;
}

bool memory_set(struct memory *memory, const char *node, const struct generations *data)
{
	bool is_other = !memory->has_primary || strcmp(memory->primary, node) != 0;

	if (!is_other && !memory->has_stale && is_same_data(&memory->data, data))
		return false;
	/* What an operator has accepted was accepted for the promotion that this is. */
	if (is_other || memory->has_stale)
		memory->epoch++;
	memory->has_primary = true;
	memory->has_stale = false;
	memory->data = *data;
	(void)snprintf(memory->primary, sizeof(memory->primary), "%s", node);
	return true;
}

void memory_primary_value(const struct memory *memory, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu64 " %s", memory->epoch, memory->primary);
}

void memory_data_value(const struct memory *memory, char buf[MEMORY_VALUE_MAX])
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < memory->data.count; i++)
		len += (size_t)snprintf(buf + len, MEMORY_VALUE_MAX - len, "%s%016" PRIX64,
					i > 0 ? " " : "", memory->data.list[i]);
}

bool memory_agrees(const struct memory *written, const struct memory *read)
{
	return read->has_primary && !read->is_damaged && read->epoch == written->epoch &&
	       strcmp(read->primary, written->primary) == 0 &&
	       is_same_data(&read->data, &written->data);
}

/* The own disk -------------------------------------------------------------------------------- */

static const char *read_generations(const char *text, uint64_t list[MEMORY_HISTORY])
{
	for (size_t i = 0; i < MEMORY_HISTORY; i++) {
		text = read_hex(text, &list[i]);
		if (!text || *text != ':')
			return NULL;
		text++;
	}
	return text;
}

int lineage_read(const char *text, struct lineage *lineage)
{
	memset(lineage, 0, sizeof(*lineage));
	while (*text) {
		if (lineage->count == MEMORY_VOLUMES_MAX)
			return -E2BIG;
		text = read_generations(text, lineage->list[lineage->count]);
		if (!text)
			return -EBADMSG;
		lineage->count++;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return lineage->count > 0 ? 0 : -EBADMSG;
}

void lineage_current(const struct lineage *lineage, struct generations *data)
{
	memset(data, 0, sizeof(*data));
	data->count = lineage->count;
	for (size_t i = 0; i < lineage->count; i++)
		data->list[i] = lineage->list[i][0];
}

static bool has(const uint64_t list[MEMORY_HISTORY], uint64_t generation)
{
	for (size_t i = 0; i < MEMORY_HISTORY; i++)
		if (list[i] == generation)
			return true;
	return false;
}

/* What was there at the last Primary's time and is not among the own generations is missing. A
 * volume that was added since has nothing to compare. */
enum lineage_verdict lineage_compare(const struct lineage *lineage, const struct generations *data)
{
	size_t count = lineage->count < data->count ? lineage->count : data->count;

	for (size_t i = 0; i < count; i++)
		if (!has(lineage->list[i], data->list[i]))
			return LINEAGE_LACKS;
	return count > 0 ? LINEAGE_HAS : LINEAGE_NOT_TOLD;
}
