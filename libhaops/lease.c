/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the page of haopsd, and tells how long a lease can be. Renews nothing. */
#include "internal.h"
#include "lease-page.h"

#include <fcntl.h>
#include <haops/lease.h>
#include <haops/state.h>

#define NS_PER_MS 1000000
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
/* A page that is being written is whole a moment later. */
#define READS_MAX 10

static int read_page(struct haops_ctx *ctx, struct lease_page *ret_page)
{
	for (int i = 0; i < READS_MAX; i++) {
		CLEANUP_FREE char *data = NULL;
		size_t len = 0;
		int r = haops_state_read(ctx, LEASE_PAGE_STATE, &data, &len);

		if (r < 0)
			return r == -EFBIG ? -ENOENT : r;
		if (lease_page_is_whole(data, len, ret_page))
			return 0;
	}
	/* Its writer was killed in the middle, or was of another version. */
	return -ENOENT;
}

static bool is_of_this_boot(struct haops_ctx *ctx, const struct lease_page *page)
{
	char id[LEASE_BOOT_ID_MAX] = "";
	ssize_t len;
	int fd = ctx->sys->openat(AT_FDCWD, BOOT_ID, O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return false;
	len = ctx->sys->read(fd, id, sizeof(id) - 1);
	(void)ctx->sys->close(fd);
	if (len <= 0)
		return false;
	id[strcspn(id, "\n")] = '\0';
	return strncmp(id, page->boot_id, sizeof(id)) == 0;
}

int haops_lease_query(struct haops_ctx *ctx, struct haops_lease_status *ret_status)
{
	struct haops_lease_status status = {.verdict = HAOPS_LEASE_NO_DAEMON, .proof_age_ms = -1};
	struct lease_page page;
	int64_t now_ms;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_status)
		return haops_fail(ctx, EINVAL, "lease: an argument is missing");
	r = read_page(ctx, &page);
	if (r < 0 && r != -ENOENT)
		return r;
	/* After the page: what it says cannot be newer. */
	now_ms = ctx->sys->boottime_ns() / NS_PER_MS;
	if (r == 0 && is_of_this_boot(ctx, &page)) {
		status.verdict = lease_page_judge(&page, now_ms);
		status.token_ms = page.token_ms;
		status.consensus_ms = page.consensus_ms;
	}
	if (status.verdict != HAOPS_LEASE_NO_DAEMON) {
		status.proof_age_ms = lease_page_age_ms(&page, now_ms);
		status.pid = page.pid;
	}
	*ret_status = status;
	return 0;
}

uint32_t haops_lease_longest_ms(uint32_t token_ms, uint32_t consensus_ms)
{
	int64_t left = lease_budget_ms(token_ms, consensus_ms) - HAOPS_LEASE_RENEW_AGE_MS -
		       HAOPS_LEASE_KERNEL_LATE_MS - 1;

	if (left < 1000 || token_ms == 0 || consensus_ms == 0)
		return 0;
	if (left > HAOPS_LEASE_MAX_MS)
		return HAOPS_LEASE_MAX_MS;
	return (uint32_t)(left - left % 1000);
}

int64_t haops_lease_proof_max_ms(uint32_t lease_ms, uint32_t token_ms, uint32_t consensus_ms)
{
	int64_t limit = lease_limit_ms(lease_ms, token_ms, consensus_ms);

	if (token_ms == 0 || consensus_ms == 0 || limit < 0)
		return -1;
	return limit < (int64_t)lease_ms ? limit : (int64_t)lease_ms;
}
