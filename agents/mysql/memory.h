/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_MEMORY_H
#define MYSQL_MEMORY_H

/*
 * What the CIB remembers of a resource, in the property set haops-mysql-RESOURCE (see
 * docs/decisions/0008): its text as "haops-cib get" prints it, and the values to be written. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_NODES_MAX 32
#define MEMORY_NAME_MAX 256
#define MEMORY_GTID_MAX 1024
#define MEMORY_REASON_MAX 256
/* Longest value: the safe set. */
#define MEMORY_VALUE_MAX (MEMORY_NODES_MAX * (MEMORY_NAME_MAX + 22))

/* Names in the property set. */
#define MEMORY_PRIMARY "primary"   /* EPOCH NODE GTID */
#define MEMORY_SAFE "safe"	   /* NODE NODE ... */
#define MEMORY_ACKS "acks"	   /* NODE:INSTANCE ... */
#define MEMORY_BAD "bad-"	   /* bad-NODE: a sentence part */
#define MEMORY_STALE "allow-stale" /* EPOCH */

struct memory_node {
	char name[MEMORY_NAME_MAX];
	bool is_safe; /* a member of the safe set */
	/* The run of its server (haops_mysql_status.instance) that may acknowledge; 0: none. */
	uint64_t acks;
	bool is_bad; /* its data has diverged */
	char bad[MEMORY_REASON_MAX];
};

struct memory {
	bool has_primary; /* one was promoted before; the next three count */
	uint64_t epoch;	  /* grows with each promotion */
	char primary[MEMORY_NAME_MAX];
	char gtid[MEMORY_GTID_MAX]; /* what it had then; "" for nothing */
	bool has_stale;
	uint64_t stale_epoch; /* for which the operator accepts a loss */
	struct memory_node nodes[MEMORY_NODES_MAX];
	size_t node_count;
	/* A value that is not understood: who relies on the rest may be wrong. "" for none. */
	char damage[MEMORY_REASON_MAX];
};

/* Reads the lines NAME<TAB>VALUE; names that are unknown belong to a later version. -E2BIG: more
 * nodes than there is room for. */
int memory_read(const char *text, struct memory *ret_memory);

struct memory_node *memory_find(struct memory *memory, const char *node);
const struct memory_node *memory_look(const struct memory *memory, const char *node);
bool memory_is_safe(const struct memory *memory, const char *node);
bool memory_is_bad(const struct memory *memory, const char *node);
size_t memory_count_safe(const struct memory *memory);
/* The operator accepts a loss, for this promotion and no later one. */
bool memory_is_stale_allowed(const struct memory *memory);

/* Puts a node into the safe set, or takes it out; what it was granted is left as it is. -E2BIG, or
 * -EINVAL (a name with a blank). */
int memory_set_safe(struct memory *memory, const char *node, bool is_safe);
/* Which run of its server may acknowledge; 0: none. -E2BIG or -EINVAL. */
int memory_set_acks(struct memory *memory, const char *node, uint64_t instance);
uint64_t memory_acks(const struct memory *memory, const char *node);
/* The next epoch, with that primary, which has all acknowledged writes and so is a member of the
 * safe set from now on; unless it is the only one, so is whoever may acknowledge. An acceptance of
 * a loss is used up. -EINVAL, -E2BIG. */
int memory_set_primary(struct memory *memory, const char *node, const char *gtid);

/* The values, for NAME=VALUE. */
void memory_primary_value(const struct memory *memory, char *buf, size_t size);
void memory_safe_value(const struct memory *memory, char *buf, size_t size);
void memory_acks_value(const struct memory *memory, char *buf, size_t size);

/* Whether what was read back is what was written, as far as primary, safe set and who may
 * acknowledge go. */
bool memory_agrees(const struct memory *written, const struct memory *read);

#endif
