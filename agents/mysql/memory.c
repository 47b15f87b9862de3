/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codec of what the CIB remembers. Reads and writes no CIB. */
#include "mysql/memory.h"

#include "util/num.h"

#include <errno.h>
#include <haops/haops.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < MEMORY_NAME_MAX && !strpbrk(name, " \t\n=");
}

struct memory_node *memory_find(struct memory *memory, const char *node)
{
	for (size_t i = 0; i < memory->node_count; i++)
		if (strcmp(memory->nodes[i].name, node) == 0)
			return &memory->nodes[i];
	return NULL;
}

const struct memory_node *memory_look(const struct memory *memory, const char *node)
{
	for (size_t i = 0; i < memory->node_count; i++)
		if (strcmp(memory->nodes[i].name, node) == 0)
			return &memory->nodes[i];
	return NULL;
}

/* NULL: there is no room, or it is no name. */
static struct memory_node *get(struct memory *memory, const char *name)
{
	struct memory_node *node = memory_find(memory, name);

	if (node || memory->node_count == MEMORY_NODES_MAX || !is_name(name))
		return node;
	node = &memory->nodes[memory->node_count++];
	memset(node, 0, sizeof(*node));
	(void)snprintf(node->name, sizeof(node->name), "%s", name);
	return node;
}

/* The next word of a text; -EINVAL: there is none, or it is too long. */
static int take_word(const char **text, char *buf, size_t size)
{
	size_t len;

	*text += strspn(*text, " ");
	len = strcspn(*text, " ");
	if (len == 0 || len >= size)
		return -EINVAL;
	memcpy(buf, *text, len);
	buf[len] = '\0';
	*text += len;
	return 0;
}

static int take_epoch(const char **text, uint64_t *ret_epoch)
{
	char word[24];
	int64_t epoch;
	int r = take_word(text, word, sizeof(word));

	if (r == 0)
		r = num_parse(word, 0, INT64_MAX, &epoch);
	if (r == 0)
		*ret_epoch = (uint64_t)epoch;
	return r < 0 ? -EINVAL : 0;
}

/* A cluster that began empty has no GTID. */
static int take_primary(struct memory *memory, const char *value)
{
	int r = take_epoch(&value, &memory->epoch);

	if (r == 0)
		r = take_word(&value, memory->primary, sizeof(memory->primary));
	memory->has_primary = r == 0;
	if (take_word(&value, memory->gtid, sizeof(memory->gtid)) < 0)
		memory->gtid[0] = '\0';
	return r;
}

static int take_safe(struct memory *memory, const char *value)
{
	char name[MEMORY_NAME_MAX];

	while (value[strspn(value, " ")]) {
		int r = take_word(&value, name, sizeof(name));

		if (r == 0)
			r = memory_set_safe(memory, name, true);
		if (r < 0)
			return r;
	}
	return 0;
}

/* NODE:INSTANCE, at the last colon. */
static int take_grant(struct memory *memory, char *word)
{
	char *colon = strrchr(word, ':');
	int64_t instance;

	if (!colon || num_parse(colon + 1, 1, INT64_MAX, &instance) < 0)
		return -EINVAL;
	*colon = '\0';
	return memory_set_acks(memory, word, (uint64_t)instance);
}

static int take_acks(struct memory *memory, const char *value)
{
	char word[MEMORY_NAME_MAX + 22];

	while (value[strspn(value, " ")]) {
		int r = take_word(&value, word, sizeof(word));

		if (r == 0)
			r = take_grant(memory, word);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_bad(struct memory *memory, const char *name, const char *value)
{
	struct memory_node *node = get(memory, name);

	if (!node)
		return -E2BIG;
	node->is_bad = true;
	(void)snprintf(node->bad, sizeof(node->bad), "%s", value);
	return 0;
}

static int take(struct memory *memory, const char *name, const char *value)
{
	if (strcmp(name, MEMORY_PRIMARY) == 0)
		return take_primary(memory, value);
	if (strcmp(name, MEMORY_SAFE) == 0)
		return take_safe(memory, value);
	if (strcmp(name, MEMORY_ACKS) == 0)
		return take_acks(memory, value);
	if (strncmp(name, MEMORY_BAD, strlen(MEMORY_BAD)) == 0)
		return take_bad(memory, name + strlen(MEMORY_BAD), value);
	if (strcmp(name, MEMORY_STALE) != 0)
		return 0;
	memory->has_stale = take_epoch(&value, &memory->stale_epoch) == 0;
	return memory->has_stale ? 0 : -EINVAL;
}

/* One line, without its end. */
static int take_line(struct memory *memory, const char *line, size_t len)
{
	char buf[MEMORY_NAME_MAX + sizeof(MEMORY_BAD) + MEMORY_VALUE_MAX];
	char *tab;
	int r;

	if (len >= sizeof(buf))
		return -E2BIG;
	memcpy(buf, line, len);
	buf[len] = '\0';
	tab = strchr(buf, '\t');
	if (!tab)
		return -EINVAL;
	*tab = '\0';
	r = take(memory, buf, tab + 1);
	if (r == -EINVAL)
		(void)snprintf(memory->damage, sizeof(memory->damage), "%.60s is \"%.150s\"", buf,
			       tab + 1);
	return r == -EINVAL ? 0 : r;
}

int memory_read(const char *text, struct memory *ret_memory)
{
	static const struct memory nothing;
	int r = 0;

	*ret_memory = nothing;
	while (*text && r == 0) {
		size_t len = strcspn(text, "\n");

		if (len > 0)
			r = take_line(ret_memory, text, len);
		if (r == -EINVAL)
			(void)snprintf(ret_memory->damage, sizeof(ret_memory->damage),
				       "a line without a value: \"%.*s\"",
				       (int)(len < 150 ? len : 150), text);
		r = r == -EINVAL ? 0 : r;
		text += len + (text[len] == '\n');
	}
	return r;
}

bool memory_is_safe(const struct memory *memory, const char *node)
{
	const struct memory_node *found = memory_look(memory, node);

	return found && found->is_safe;
}

bool memory_is_bad(const struct memory *memory, const char *node)
{
	const struct memory_node *found = memory_look(memory, node);

	return found && found->is_bad;
}

size_t memory_count_safe(const struct memory *memory)
{
	size_t count = 0;

	for (size_t i = 0; i < memory->node_count; i++)
		count += memory->nodes[i].is_safe;
	return count;
}

bool memory_is_stale_allowed(const struct memory *memory)
{
	return memory->has_stale && memory->stale_epoch == memory->epoch;
}

int memory_set_safe(struct memory *memory, const char *node, bool is_safe)
{
	struct memory_node *found = is_safe ? get(memory, node) : memory_find(memory, node);

	if (found)
		found->is_safe = is_safe;
	if (found || !is_safe)
		return 0;
	return is_name(node) ? -E2BIG : -EINVAL;
}

int memory_set_acks(struct memory *memory, const char *node, uint64_t instance)
{
	struct memory_node *found = instance > 0 ? get(memory, node) : memory_find(memory, node);

	if (found)
		found->acks = instance;
	if (found || instance == 0)
		return 0;
	return is_name(node) ? -E2BIG : -EINVAL;
}

uint64_t memory_acks(const struct memory *memory, const char *node)
{
	const struct memory_node *found = memory_look(memory, node);

	return found ? found->acks : 0;
}

int memory_set_primary(struct memory *memory, const char *node, const char *gtid)
{
	int r;

	if (!is_name(node) || strpbrk(gtid, " \t\n") || memory->epoch == INT64_MAX)
		return -EINVAL;
	if (strlen(gtid) >= sizeof(memory->gtid))
		return -E2BIG;
	r = memory_set_safe(memory, node, true);
	if (r < 0)
		return r;
	/* With others in the set their acknowledgements count; alone, a primary counts on nobody.
	 */
	for (size_t i = 0; i < memory->node_count && memory_count_safe(memory) > 1; i++)
		memory->nodes[i].is_safe |= memory->nodes[i].acks > 0;
	memory->has_primary = true;
	memory->epoch++;
	memory->has_stale = false;
	(void)snprintf(memory->primary, sizeof(memory->primary), "%s", node);
	(void)snprintf(memory->gtid, sizeof(memory->gtid), "%s", gtid);
	return 0;
}

void memory_primary_value(const struct memory *memory, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu64 " %s%s%s", memory->epoch, memory->primary,
		       memory->gtid[0] ? " " : "", memory->gtid);
}

/* Words with blanks between. The sizes of the header leave room for all. */
struct list {
	char *buf;
	size_t size;
	size_t len;
};

static void HAOPS_PRINTF(2, 3) add_word(struct list *list, const char *fmt, ...)
{
	va_list args;
	int r;

	if (list->len + 1 >= list->size)
		return;
	if (list->len > 0)
		list->buf[list->len++] = ' ';
	va_start(args, fmt);
	r = vsnprintf(list->buf + list->len, list->size - list->len, fmt, args);
	va_end(args);
	list->len += r > 0 ? (size_t)r : 0;
}

void memory_safe_value(const struct memory *memory, char *buf, size_t size)
{
	struct list list = {buf, size, 0};

	buf[0] = '\0';
	for (size_t i = 0; i < memory->node_count; i++)
		if (memory->nodes[i].is_safe)
			add_word(&list, "%s", memory->nodes[i].name);
}

void memory_acks_value(const struct memory *memory, char *buf, size_t size)
{
	struct list list = {buf, size, 0};

	buf[0] = '\0';
	for (size_t i = 0; i < memory->node_count; i++)
		if (memory->nodes[i].acks > 0)
			add_word(&list, "%s:%" PRIu64, memory->nodes[i].name,
				 memory->nodes[i].acks);
}

static size_t count_acks(const struct memory *memory)
{
	size_t count = 0;

	for (size_t i = 0; i < memory->node_count; i++)
		count += memory->nodes[i].acks > 0;
	return count;
}

bool memory_agrees(const struct memory *written, const struct memory *read)
{
	if (written->has_primary != read->has_primary || written->epoch != read->epoch ||
	    strcmp(written->primary, read->primary) != 0 || strcmp(written->gtid, read->gtid) != 0)
		return false;
	for (size_t i = 0; i < written->node_count; i++) {
		const struct memory_node *node = &written->nodes[i];

		if (node->is_safe != memory_is_safe(read, node->name) ||
		    node->acks != memory_acks(read, node->name))
			return false;
	}
	return memory_count_safe(written) == memory_count_safe(read) &&
	       count_acks(written) == count_acks(read);
}
