/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of node attributes. When to try again is the matter of pcmk.c.
 */
#include "attributes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void attributes_free(struct attributes *attributes)
{
	free(attributes->items);
	memset(attributes, 0, sizeof(*attributes));
}

static struct attribute *find(struct attributes *attributes, const char *name)
{
	for (size_t i = 0; i < attributes->count; i++)
		if (strcmp(attributes->items[i].name, name) == 0)
			return &attributes->items[i];
	return NULL;
}

static int add(struct attributes *attributes, const char *name, struct attribute **ret_attribute)
{
	struct attribute *grown;

	if (attributes->count == ATTRIBUTES_MAX)
		return -ENOSPC;
	grown = realloc(attributes->items, (attributes->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	attributes->items = grown;
	grown += attributes->count++;
	memset(grown, 0, sizeof(*grown));
	(void)snprintf(grown->name, sizeof(grown->name), "%s", name);
	*ret_attribute = grown;
	return 0;
}

int attributes_set(struct attributes *attributes, const char *name, const char *value,
		   int64_t dampen_ms)
{
	struct attribute *attribute;
	int r = 0;

	if (name[0] == '\0' || strlen(name) >= PACKET_TEXT_MAX || strlen(value) >= PACKET_TEXT_MAX)
		return -EINVAL;
	attribute = find(attributes, name);
	if (!attribute)
		r = add(attributes, name, &attribute);
	if (r < 0)
		return r;
	(void)snprintf(attribute->value, sizeof(attribute->value), "%s", value);
	attribute->dampen_ms = dampen_ms > 0 ? dampen_ms : 0;
	attribute->is_due = true;
	return 0;
}

struct attribute *attributes_next(struct attributes *attributes)
{
	for (size_t i = 0; i < attributes->count; i++)
		if (attributes->items[i].is_due && attributes->items[i].id == 0)
			return &attributes->items[i];
	return NULL;
}

bool attributes_done(struct attributes *attributes, uint64_t id, bool is_ok)
{
	bool is_first = false;

	for (size_t i = 0; i < attributes->count; i++) {
		struct attribute *attribute = &attributes->items[i];

		if (attribute->id != id)
			continue;
		attribute->id = 0;
		is_first = !is_ok && !attribute->is_failed;
		attribute->is_failed = !is_ok;
	}
	return is_first;
}

void attributes_retry(struct attributes *attributes)
{
	for (size_t i = 0; i < attributes->count; i++)
		if (attributes->items[i].is_failed)
			attributes->items[i].is_due = true;
}

void attributes_renew(struct attributes *attributes)
{
	for (size_t i = 0; i < attributes->count; i++)
		attributes->items[i].is_due = true;
}
