/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LINKS_H
#define HAOPSD_LINKS_H

/* The interfaces of a network namespace, as the kernel last told. Pure. */

#include <haops/link.h>
#include <stdbool.h>
#include <stddef.h>

struct watch_link {
	int ifindex;
	char name[HAOPS_LINK_NAME_MAX];
	bool is_up;
	bool has_carrier;
	bool must_look; /* an event said so: one look is to confirm it */
	bool is_stale;	/* not listed yet by the list that is being read */
};

struct watch_links {
	struct watch_link *items; /* by ifindex */
	size_t count;
	size_t size;
};

/* What an event changed; or-ed. */
enum watch_link_change {
	LINK_SAME = 0,
	LINK_APPEARED = 1,
	LINK_WENT = 2,
	LINK_CARRIER = 4,
	LINK_UP = 8,   /* set up */
	LINK_DOWN = 16 /* set down */
};

struct watch_link *links_find(const struct watch_links *links, int ifindex);
struct watch_link *links_find_name(const struct watch_links *links, const char *name);
/* Takes over how a link is now; -ENOMEM, or what changed. */
int links_put(struct watch_links *links, const struct haops_link *link);
/* What changed: it went, or nothing, since nobody knew it. */
int links_remove(struct watch_links *links, int ifindex);
/* A list of all links begins: what it does not name went. */
void links_begin(struct watch_links *links);
int links_end(struct watch_links *links);
void links_done(struct watch_links *links);

#endif
