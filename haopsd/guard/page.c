/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the lease page. What is in it is the matter of guard.c. */
#include "guard/page.h"

#include "guard/system.h"

#include <errno.h>
#include <haops/state.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_SIZE 512
#define RETRY_MS 1000

void page_init(struct page *page)
{
	*page = (struct page){.fd = -1};
	guard_boot_id(page->boot_id, sizeof(page->boot_id));
}

void page_done(struct page *page)
{
	if (page->fd >= 0)
		(void)close(page->fd);
	page->fd = -1;
}

void page_check(struct page *page)
{
	if (page->fd >= 0 && guard_page_is_gone(page->fd))
		page_done(page);
}

static int make(struct page *page, struct haops_ctx *ctx, const struct lease_page *content)
{
	char path[PATH_SIZE];
	int r = haops_state_write(ctx, LEASE_PAGE_STATE, content, sizeof(*content));

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/%s", haops_watch_dir(ctx), LEASE_PAGE_STATE);
	page->fd = guard_page_open(path);
	return page->fd < 0 ? -EAGAIN : 0;
}

int page_write(struct page *page, struct haops_ctx *ctx, struct lease_page *content)
{
	int r;

	memcpy(content->boot_id, page->boot_id, sizeof(content->boot_id));
	lease_page_seal(content);
	if (page->fd >= 0) {
		r = guard_page_write(page->fd, content, sizeof(*content));
		if (r < 0)
			page_done(page);
		return r < 0 ? -EAGAIN : 0;
	}
	if (page->tried_ms > 0 && content->written_ms - page->tried_ms < RETRY_MS)
		return -EAGAIN;
	page->tried_ms = content->written_ms;
	return make(page, ctx, content);
}
