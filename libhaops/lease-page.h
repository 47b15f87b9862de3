/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_LEASE_PAGE_H
#define HAOPS_LEASE_PAGE_H

/*
 * The page that haopsd writes in place and haops_lease_query() reads, and the arithmetic of leases.
 * Pure, and all inline: the daemon links the public library only. One host writes and reads it, so
 * it is a struct in the host's byte order. Times are CLOCK_BOOTTIME in ms, 0 for never.
 */

#include <haops/lease.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LEASE_PAGE_STATE "haopsd-lease" /* name of the state file */
#define LEASE_PAGE_MAGIC UINT64_C(0x31657361656c6168)
#define LEASE_BOOT_ID_MAX 40
/* haopsd writes every 50 ms. */
#define LEASE_STALE_MS 1000
/* Parts of a proof that are older do not let a lease begin. */
#define LEASE_FRESH_MS 1500

enum lease_page_flags {
	LEASE_PAGE_QUORATE = 1u << 0,
	LEASE_PAGE_TWO_NODE = 1u << 1, /* votequorum's two_node is in force, device or not */
	LEASE_PAGE_PAUSED = 1u << 2,
	LEASE_PAGE_HELD = 1u << 3 /* a node that is out may hold leases: no new ones here */
};

struct lease_page {
	uint64_t magic;
	char boot_id[LEASE_BOOT_ID_MAX];
	int64_t written_ms;
	int64_t echo_ms;
	int64_t pacemaker_ms;
	uint32_t flags;
	uint32_t token_ms;
	uint32_t consensus_ms;
	int32_t pid;
	uint64_t checksum; /* of all before it: what is read while it is written is recognised */
};

static inline uint64_t lease_page_checksum(const struct lease_page *page)
{
	const unsigned char *bytes = (const void *)page;
	uint64_t value = UINT64_C(14695981039346656037); /* FNV-1a */

	for (size_t i = 0; i < offsetof(struct lease_page, checksum); i++)
		value = (value ^ bytes[i]) * UINT64_C(1099511628211);
	return value;
}

static inline void lease_page_seal(struct lease_page *page)
{
	page->magic = LEASE_PAGE_MAGIC;
	page->checksum = lease_page_checksum(page);
}

static inline bool lease_page_is_whole(const void *data, size_t len, struct lease_page *ret_page)
{
	struct lease_page page;

	if (len != sizeof(page))
		return false;
	memcpy(&page, data, sizeof(page));
	if (page.magic != LEASE_PAGE_MAGIC || page.checksum != lease_page_checksum(&page))
		return false;
	*ret_page = page;
	return true;
}

/* Age of the older part of the proof; -1 when there never was one. */
static inline int64_t lease_page_age_ms(const struct lease_page *page, int64_t now_ms)
{
	int64_t older = page->echo_ms < page->pacemaker_ms ? page->echo_ms : page->pacemaker_ms;

	if (older <= 0)
		return -1;
	return now_ms > older ? now_ms - older : 0;
}

static inline bool lease_is_fresh(int64_t at_ms, int64_t now_ms)
{
	return at_ms > 0 && now_ms - at_ms <= LEASE_FRESH_MS;
}

static inline enum haops_lease_verdict lease_page_judge(const struct lease_page *page,
							int64_t now_ms)
{
	if (now_ms - page->written_ms > LEASE_STALE_MS || page->written_ms <= 0)
		return HAOPS_LEASE_NO_DAEMON;
	if (page->flags & LEASE_PAGE_TWO_NODE)
		return HAOPS_LEASE_TWO_NODE;
	if (!(page->flags & LEASE_PAGE_QUORATE))
		return HAOPS_LEASE_NO_QUORUM;
	if (page->flags & LEASE_PAGE_PAUSED)
		return HAOPS_LEASE_PAUSED;
	if (!lease_is_fresh(page->echo_ms, now_ms))
		return HAOPS_LEASE_NO_ECHO;
	if (!lease_is_fresh(page->pacemaker_ms, now_ms))
		return HAOPS_LEASE_NO_PACEMAKER;
	return page->flags & LEASE_PAGE_HELD ? HAOPS_LEASE_HELD : HAOPS_LEASE_OK;
}

/*
 * How long after the sending of a message that came back to us no other node can have taken our
 * place. The others miss the token from its last visit with them on, which was up to one rotation
 * before; an idle ring holds it for most of token_retransmit, which is below token / 5. Then they
 * wait for the token, and then for consensus.
 */
static inline int64_t lease_budget_ms(uint32_t token_ms, uint32_t consensus_ms)
{
	return (int64_t)token_ms - token_ms / 5 + consensus_ms;
}

/* A renewal on a proof that is older than this may outlive the budget: the kernel's lateness is in
 * it. Below 0: a lease of that length is not possible. */
static inline int64_t lease_limit_ms(uint32_t lease_ms, uint32_t token_ms, uint32_t consensus_ms)
{
	return lease_budget_ms(token_ms, consensus_ms) - lease_ms - HAOPS_LEASE_KERNEL_LATE_MS - 1;
}

#endif
