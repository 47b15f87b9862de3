/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_MEMORY_H
#define DRBD_MEMORY_H

/*
 * What the CIB remembers of a DRBD resource, in the property set haops-drbd-RESOURCE: who was
 * Primary last, and which generation of the data that was (docs/decisions/0009). Its text is as
 * "haops-cib get" prints it. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_NODE_MAX 256
#define MEMORY_VOLUMES_MAX 64
#define MEMORY_VALUE_MAX (MEMORY_VOLUMES_MAX * 17 + 1)

/* Names in the property set. */
#define MEMORY_PRIMARY "primary"   /* EPOCH NODE */
#define MEMORY_DATA "data"	   /* one generation for each volume, in hexadecimal */
#define MEMORY_STALE "allow-stale" /* EPOCH */

/* Generations of the data of each volume, in the order in which DRBD tells them. */
struct generations {
	uint64_t list[MEMORY_VOLUMES_MAX];
	size_t count;
};

struct memory {
	bool has_primary; /* one was promoted before; the next two count */
	uint64_t epoch;	  /* grows with each change of the Primary */
	char primary[MEMORY_NODE_MAX];
	struct generations data; /* none where DRBD does not tell them in this form */
	bool has_stale;
	uint64_t stale_epoch; /* for which the operator accepts that data is lost */
	bool is_damaged;      /* a value is not understood */
};

void memory_read(const char *text, struct memory *ret_memory);
/* The operator accepts a loss, for this promotion and no later one. */
bool memory_is_stale_allowed(const struct memory *memory);
/* That node is Primary of that data now; whether anything changed by it. */
bool memory_set(struct memory *memory, const char *node, const struct generations *data);
void memory_primary_value(const struct memory *memory, char *buf, size_t size);
void memory_data_value(const struct memory *memory, char buf[MEMORY_VALUE_MAX]);
/* Whether what was read back is what was written. */
bool memory_agrees(const struct memory *written, const struct memory *read);

/* What is known of the own disk: its generation, and the ones before it. */
#define MEMORY_HISTORY 4
struct lineage {
	uint64_t list[MEMORY_VOLUMES_MAX][MEMORY_HISTORY];
	size_t count;
};

/* Reads "drbdadm get-gi" of DRBD 8.4: one line CURRENT:BITMAP:OLDER:OLDER:FLAGS... a volume.
 * -EBADMSG: it is not that. */
int lineage_read(const char *text, struct lineage *ret_lineage);
void lineage_current(const struct lineage *lineage, struct generations *ret_data);

enum lineage_verdict {
	LINEAGE_NOT_TOLD, /* there is nothing to compare with */
	LINEAGE_HAS,	  /* it has all that the last Primary is known to have had */
	LINEAGE_LACKS
};

enum lineage_verdict lineage_compare(const struct lineage *lineage, const struct generations *data);

#endif
