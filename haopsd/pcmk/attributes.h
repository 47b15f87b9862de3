/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_ATTRIBUTES_H
#define HAOPSD_PCMK_ATTRIBUTES_H

/*
 * Node attributes as they shall be: the last value of each, and whether it is still to be sent.
 * Pure; sends nothing.
 */

#include "packet.h"

#include <stdbool.h>

#define ATTRIBUTES_MAX 64

struct attribute {
	char name[PACKET_TEXT_MAX];
	char value[PACKET_TEXT_MAX];
	int64_t dampen_ms;
	bool is_due;	/* to be sent */
	bool is_failed; /* to be sent again later */
	uint64_t id;	/* of the request under way; 0: none */
};

struct attributes {
	struct attribute *items;
	size_t count;
};

void attributes_free(struct attributes *attributes);
/* 0; -EINVAL when a text is too long; -ENOSPC for one name too many; -ENOMEM. */
int attributes_set(struct attributes *attributes, const char *name, const char *value,
		   int64_t dampen_ms);
/* One that is due and not under way, NULL for none: two values of one name cannot overtake. */
struct attribute *attributes_next(struct attributes *attributes);
/* The request of this id has ended. True when it failed, for the first time in a row. */
bool attributes_done(struct attributes *attributes, uint64_t id, bool is_ok);
/* Those that failed are due again. */
void attributes_retry(struct attributes *attributes);
/* All are: Pacemaker has forgotten them. */
void attributes_renew(struct attributes *attributes);

#endif
