/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of a network namespace, as the kernel last told. Pure: asks nobody. */
#include "watch/links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINKS_MAX 65536

/* The first place whose link is not below ifindex. */
static size_t place_of(const struct watch_links *links, int ifindex)
{
	size_t low = 0;
	size_t high = links->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (links->items[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct watch_link *links_find(const struct watch_links *links, int ifindex)
{
	size_t at = place_of(links, ifindex);

	return at < links->count && links->items[at].ifindex == ifindex ? &links->items[at] : NULL;
}

struct watch_link *links_find_name(const struct watch_links *links, const char *name)
{
	for (size_t i = 0; i < links->count; i++) {
		if (strcmp(links->items[i].name, name) == 0)
			return &links->items[i];
	}
	return NULL;
}

static struct watch_link *insert(struct watch_links *links, int ifindex)
{
	size_t at = place_of(links, ifindex);

	if (links->count == links->size) {
		size_t size = links->size ? links->size * 2 : 16;
		struct watch_link *items = NULL;

		if (size <= LINKS_MAX)
			items = realloc(links->items, size * sizeof(*items));
		if (!items)
			return NULL;
		links->items = items;
		links->size = size;
	}
	memmove(&links->items[at + 1], &links->items[at],
		(links->count - at) * sizeof(*links->items));
	links->count++;
	links->items[at] = (struct watch_link){.ifindex = ifindex};
	return &links->items[at];
}

int links_put(struct watch_links *links, const struct haops_link *link)
{
	struct watch_link *known = links_find(links, link->ifindex);
	int changes = LINK_SAME;

	if (!known) {
		known = insert(links, link->ifindex);
		if (!known)
			return -ENOMEM;
		changes |= LINK_APPEARED;
	}
	if (known->is_up != link->is_up)
		changes |= link->is_up ? LINK_UP : LINK_DOWN;
	if (known->has_carrier != link->has_carrier)
		changes |= LINK_CARRIER;
	memcpy(known->name, link->name, sizeof(known->name));
	known->is_up = link->is_up;
	known->has_carrier = link->has_carrier;
	known->is_stale = false;
	known->must_look = false;
	return changes;
}

static void remove_at(struct watch_links *links, size_t at)
{
	links->count--;
	memmove(&links->items[at], &links->items[at + 1],
		(links->count - at) * sizeof(*links->items));
}

int links_remove(struct watch_links *links, int ifindex)
{
	size_t at = place_of(links, ifindex);

	if (at == links->count || links->items[at].ifindex != ifindex)
		return LINK_SAME;
	remove_at(links, at);
	return LINK_WENT;
}

void links_begin(struct watch_links *links)
{
	for (size_t i = 0; i < links->count; i++)
		links->items[i].is_stale = true;
}

int links_end(struct watch_links *links)
{
	int changes = LINK_SAME;

	for (size_t i = links->count; i > 0; i--) {
		if (links->items[i - 1].is_stale) {
			remove_at(links, i - 1);
			changes |= LINK_WENT;
		}
	}
	return changes;
}

void links_done(struct watch_links *links)
{
	free(links->items);
	*links = (struct watch_links){.items = NULL};
}
