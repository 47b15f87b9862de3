/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads node_list, see nodes.h. Looks at nothing but its arguments. */

#include "mysql/nodes.h"

#include <string.h>

/* What a name of a node or a host, or an address, is made of. */
static bool is_name(const char *text, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-:";

	if (len == 0 || len >= NODES_NAME_MAX || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!strchr(allowed, text[i]))
			return false;
	return true;
}

static const char *take(const char *word, size_t len, struct nodes *nodes)
{
	const char *equals = memchr(word, '=', len);
	size_t name_len = equals ? (size_t)(equals - word) : len;
	struct node node = {.name = ""};

	if (!is_name(word, name_len) || memchr(word, ':', name_len))
		return "holds an entry that is no name of a node";
	memcpy(node.name, word, name_len);
	if (equals) {
		if (!is_name(equals + 1, len - name_len - 1))
			return "holds an entry whose address is none";
		memcpy(node.address, equals + 1, len - name_len - 1);
	}
	if (nodes_find(nodes, node.name) < nodes->count)
		return "names a node twice";
	if (nodes->count == NODES_MAX)
		return "names more than 32 nodes";
	nodes->list[nodes->count++] = node;
	return NULL;
}

const char *nodes_parse(const char *text, struct nodes *nodes)
{
	nodes->count = 0;
	for (;;) {
		const char *problem;
		size_t len;

		text += strspn(text, " \t,");
		len = strcspn(text, " \t,");
		if (len == 0)
			return NULL;
		problem = take(text, len, nodes);
		if (problem)
			return problem;
		text += len;
	}
}

const char *nodes_check(const char *text)
{
	struct nodes nodes;

	return nodes_parse(text, &nodes);
}

size_t nodes_find(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (strcmp(nodes->list[i].name, name) == 0)
			return i;
	return nodes->count;
}

bool nodes_add(struct nodes *nodes, const char *name)
{
	size_t len = strlen(name);

	return nodes->count < NODES_MAX && is_name(name, len) && !take(name, len, nodes);
}
