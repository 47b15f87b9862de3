/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of haopsd, as its readers see it, and the arithmetic of leases. */
#include "unit.h"

#include <fcntl.h>
#include <haops/lease.h>
#include <haops/state.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lease-page.h"

#define NOW_MS INT64_C(5000000)

static char base[] = "/tmp/haops-test-lease-XXXXXX";
static char dir[64];
static struct haops_sys sys;
static char boot_id[LEASE_BOOT_ID_MAX];

static int64_t fake_boottime_ns(void)
{
	return NOW_MS * 1000000;
}

static int make_base(void **state)
{
	(void)state;
	if (!mkdtemp(base))
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/run", base);
	return 0;
}

static int remove_base(void **state)
{
	(void)state;
	return rmdir(base);
}

static int setup_dir(void **state)
{
	CLEANUP_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);

	if (fd < 0 || read(fd, boot_id, 36) != 36 || setup_ctx(state) < 0)
		return -1;
	sys = haops_sys_linux;
	sys.boottime_ns = fake_boottime_ns;
	haops_ctx_set_sys(*state, &sys);
	return haops_ctx_set_run_dir(*state, dir);
}

static int teardown_dir(void **state)
{
	char path[128];

	(void)chmod(dir, 0700);
	(void)snprintf(path, sizeof(path), "%s/" LEASE_PAGE_STATE, dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return teardown_ctx(state);
}

static struct lease_page good(void)
{
	struct lease_page page = {.written_ms = NOW_MS - 20,
				  .echo_ms = NOW_MS - 300,
				  .pacemaker_ms = NOW_MS - 700,
				  .flags = LEASE_PAGE_QUORATE,
				  .token_ms = 3000,
				  .consensus_ms = 3600,
				  .pid = 77};

	memcpy(page.boot_id, boot_id, sizeof(page.boot_id));
	return page;
}

static void put(struct haops_ctx *ctx, struct lease_page page)
{
	lease_page_seal(&page);
	assert_int_equal(haops_state_write(ctx, LEASE_PAGE_STATE, &page, sizeof(page)), 0);
}

static struct haops_lease_status query(struct haops_ctx *ctx)
{
	struct haops_lease_status status = {.pid = 1};

	assert_int_equal(haops_lease_query(ctx, &status), 0);
	return status;
}

static void no_page_is_no_daemon(void **state)
{
	struct haops_lease_status status = query(*state);

	assert_int_equal(status.verdict, HAOPS_LEASE_NO_DAEMON);
	assert_int_equal(status.proof_age_ms, -1);
	assert_int_equal(status.pid, 0);
	assert_int_equal(access(dir, F_OK), -1); /* nothing is made by looking */
}

static void good_page_is_told(void **state)
{
	struct haops_lease_status status;

	put(*state, good());
	status = query(*state);
	assert_int_equal(status.verdict, HAOPS_LEASE_OK);
	assert_int_equal(status.proof_age_ms, 700);
	assert_int_equal(status.token_ms, 3000);
	assert_int_equal(status.consensus_ms, 3600);
	assert_int_equal(status.pid, 77);
}

static enum haops_lease_verdict verdict_of(struct haops_ctx *ctx, struct lease_page page)
{
	put(ctx, page);
	return query(ctx).verdict;
}

/* Each thing that is wrong, and after it everything before it as well: the first reason counts. */
static void first_reason_counts(void **state)
{
	struct lease_page page = good();

	page.pacemaker_ms = NOW_MS - LEASE_FRESH_MS - 1;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_PACEMAKER);
	page.pacemaker_ms = 0;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_PACEMAKER);
	assert_int_equal(query(*state).proof_age_ms, -1);
	page.echo_ms = NOW_MS - LEASE_FRESH_MS - 1;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_ECHO);
	page.echo_ms = 0;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_ECHO);
	page.flags |= LEASE_PAGE_PAUSED;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_PAUSED);
	page.flags &= ~(uint32_t)LEASE_PAGE_QUORATE;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_QUORUM);
	page.flags |= LEASE_PAGE_TWO_NODE;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_TWO_NODE);
	page.written_ms = NOW_MS - LEASE_STALE_MS - 1;
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_DAEMON);
	assert_int_equal(query(*state).pid, 0);
}

static void page_of_another_boot_is_none(void **state)
{
	struct lease_page page = good();

	page.boot_id[0] = page.boot_id[0] == 'a' ? 'b' : 'a';
	assert_int_equal(verdict_of(*state, page), HAOPS_LEASE_NO_DAEMON);
}

/* Its writer was killed in the middle: whichever byte is the first that was not written. */
static void torn_page_is_none(void **state)
{
	struct lease_page old = good(), page = good();
	unsigned char bytes[sizeof(page)];

	old.written_ms = NOW_MS - 70;
	old.echo_ms = NOW_MS - 1300;
	lease_page_seal(&old);
	lease_page_seal(&page);
	for (size_t cut = 0; cut <= sizeof(page); cut++) {
		bool is_whole;

		memcpy(bytes, &old, sizeof(old));
		memcpy(bytes, &page, cut);
		is_whole = memcmp(bytes, &old, sizeof(old)) == 0 ||
			   memcmp(bytes, &page, sizeof(page)) == 0;
		assert_int_equal(haops_state_write(*state, LEASE_PAGE_STATE, bytes, sizeof(bytes)),
				 0);
		assert_int_equal(query(*state).verdict,
				 is_whole ? HAOPS_LEASE_OK : HAOPS_LEASE_NO_DAEMON);
	}
	assert_int_equal(haops_state_write(*state, LEASE_PAGE_STATE, bytes, sizeof(bytes) - 1), 0);
	assert_int_equal(query(*state).verdict, HAOPS_LEASE_NO_DAEMON);
	assert_int_equal(haops_state_write(*state, LEASE_PAGE_STATE, "", 0), 0);
	assert_int_equal(query(*state).verdict, HAOPS_LEASE_NO_DAEMON);
}

static void page_of_others_is_refused(void **state)
{
	struct haops_lease_status status = {.pid = 5};

	put(*state, good());
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(haops_lease_query(*state, &status), -EPERM);
	assert_int_equal(status.pid, 5);
	assert_int_equal(haops_lease_query(*state, NULL), -EINVAL);
	assert_int_equal(haops_lease_query(NULL, &status), -EINVAL);
}

static void longest_leaves_room(void **state)
{
	(void)state;
	assert_int_equal(haops_lease_longest_ms(3000, 3600), 3000);
	assert_int_equal(haops_lease_longest_ms(1000, 1200), 0);
	assert_int_equal(haops_lease_longest_ms(0, 3600), 0);
	assert_int_equal(haops_lease_longest_ms(3000, 0), 0);
	assert_int_equal(haops_lease_longest_ms(UINT32_MAX, UINT32_MAX), HAOPS_LEASE_MAX_MS);
	for (uint32_t token = 100; token < 20000; token += 7) {
		uint32_t consensus = token + token / 5;
		uint32_t longest = haops_lease_longest_ms(token, consensus);
		uint32_t detection = token - token / 5 + consensus;

		assert_int_equal(longest % 1000, 0);
		assert_true(longest == 0 ||
			    longest + HAOPS_LEASE_RENEW_AGE_MS + HAOPS_LEASE_KERNEL_LATE_MS <
				    detection);
		assert_true(longest + 1000 + HAOPS_LEASE_RENEW_AGE_MS +
				    HAOPS_LEASE_KERNEL_LATE_MS >=
			    detection);
		if (longest > 0)
			assert_true(haops_lease_proof_max_ms(longest, token, consensus) >=
				    HAOPS_LEASE_RENEW_AGE_MS);
	}
}

static void proof_may_be_so_old(void **state)
{
	(void)state;
	assert_int_equal(haops_lease_proof_max_ms(3000, 3000, 3600), 999);
	assert_int_equal(haops_lease_proof_max_ms(1000, 3000, 3600),
			 1000); /* not above the lease */
	assert_int_equal(haops_lease_proof_max_ms(4000, 3000, 3600), -1);
	assert_int_equal(haops_lease_proof_max_ms(1000, 0, 3600), -1);
	assert_int_equal(haops_lease_proof_max_ms(1000, 3000, 0), -1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_dir, teardown_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_page_is_no_daemon),
		TEST(good_page_is_told),
		TEST(first_reason_counts),
		TEST(page_of_another_boot_is_none),
		TEST(torn_page_is_none),
		TEST(page_of_others_is_refused),
		cmocka_unit_test(longest_leaves_room),
		cmocka_unit_test(proof_may_be_so_old),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
