/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_GUARD_PAGE_H
#define HAOPSD_GUARD_PAGE_H

/* The page that haops_lease_query() reads: made once, then written in place, so that a full or slow
 * file system does not matter. */

#include "guard/guard.h"
#include "lease-page.h"

struct page {
	int fd; /* -1: not there */
	int64_t tried_ms;
	char boot_id[LEASE_BOOT_ID_MAX];
};

void page_init(struct page *page);
void page_done(struct page *page);
/* Writes it; makes it first if it is not there (not more often than each second). 0 or -errno: the
 * sentence is in ctx, when it is not -EAGAIN. */
int page_write(struct page *page, struct haops_ctx *ctx, struct lease_page *content);
/* Its file may have been removed. */
void page_check(struct page *page);

#endif
