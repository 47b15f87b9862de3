/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LEASES_H
#define HAOPSD_LEASES_H

/*
 * The leased resources of this node: taken from the watch records, renewed and dropped by the
 * decisions of lease-policy.h. Belongs to the guard's thread.
 */

#include "guard/lease-policy.h"

/* More than these are not guarded; memory and the length of a turn stay bounded. */
#define LEASES_MAX 1024

struct leases;

struct leases_handlers {
	void (*event)(void *userdata, bool is_error, const char *text);
	int64_t (*now_ms)(void); /* CLOCK_BOOTTIME */
};

struct leases_count {
	size_t leased;
	uint64_t renewals;
	uint64_t dropped;
};

struct leases *leases_new(struct haops_ctx *ctx, const struct leases_handlers *handlers,
			  void *userdata); /* NULL: memory is short */
void leases_free(struct leases *leases);
/* A file of the run directory was put or removed. */
void leases_file(struct leases *leases, const char *file);
/* Looks at all records. 0, or -errno: look again soon. */
int leases_scan(struct leases *leases);
/* Takes away what must not be here any more. The first thing of each turn. */
void leases_drop(struct leases *leases, const struct guard_proof *proof, int64_t resumed_ms);
/* Renews what is due. */
void leases_renew(struct leases *leases, const struct guard_proof *proof, int64_t resumed_ms);
void leases_get_count(const struct leases *leases, struct leases_count *ret_count);

#endif
