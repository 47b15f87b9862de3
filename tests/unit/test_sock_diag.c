/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending connections by their local address, and kernels that cannot. */
#include "fake_netlink.h"

#include <haops/vip.h>
#include <linux/sock_diag.h>

static int end_of(struct haops_ctx *ctx, const char *text, size_t *ended)
{
	const struct haops_addr addr = fake_addr(text);

	return haops_vip_kill_connections(ctx, &addr, 1, haops_deadline_after(ctx, 1000), ended);
}

static int setup_connections(void **state)
{
	static const char *const peers[] = {"192.0.2.9", "::ffff:192.0.2.9", "192.0.2.8",
					    "::ffff:192.0.2.8", "2001:db8::9"};
	int code = setup_fake(state);

	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		fake.peers[fake.peer_count++] = fake_addr(peers[i]);
	return code;
}

static void only_those_of_the_address_end(void **state)
{
	size_t ended = 0;

	assert_int_equal(end_of(*state, "192.0.2.9", &ended), 0);
	assert_int_equal(ended, 2);
	assert_int_equal(fake.peer_count, 3);
	assert_int_equal(end_of(*state, "2001:db8::9", &ended), 0);
	assert_int_equal(ended, 1);
	assert_int_equal(end_of(*state, "2001:db8::9", NULL), 0);
	assert_int_equal(fake.peer_count, 2);
	assert_int_equal(fake.closes, fake.sockets);
}

static void kernels_without_it_are_told(void **state)
{
	size_t ended = 77;

	fake.refuse_type = SOCK_DESTROY;
	fake.refuse_code = -EOPNOTSUPP;
	assert_int_equal(end_of(*state, "192.0.2.9", &ended), -EOPNOTSUPP);
	assert_non_null(strstr(haops_ctx_error(*state), "CONFIG_INET_DIAG_DESTROY"));
	fake.refuse_type = SOCK_DIAG_BY_FAMILY;
	fake.refuse_code = -ENOENT;
	assert_int_equal(end_of(*state, "192.0.2.9", &ended), -EOPNOTSUPP);
	assert_non_null(strstr(haops_ctx_error(*state), "CONFIG_INET_TCP_DIAG"));
	assert_int_equal(ended, 77);
}

static void refusals_are_told(void **state)
{
	fake.refuse_type = SOCK_DESTROY;
	fake.refuse_code = -EPERM;
	assert_int_equal(end_of(*state, "192.0.2.9", NULL), -EPERM);
	fake.refuse_code = -EINVAL;
	fake.refuse_text = "why";
	assert_int_equal(end_of(*state, "192.0.2.9", NULL), -EIO);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot end TCP connections: Invalid argument: why");
	/* One that ended by itself is none to worry about. */
	fake.refuse_code = -ENOENT;
	assert_int_equal(end_of(*state, "192.0.2.9", NULL), 0);
	fake.is_silent = true;
	assert_int_equal(end_of(*state, "192.0.2.9", NULL), -ETIMEDOUT);
	assert_int_equal(haops_vip_kill_connections(*state, NULL, 1, 0, NULL), -EINVAL);
	assert_int_equal(haops_vip_kill_connections(NULL, NULL, 1, 0, NULL), -EINVAL);
}

#define TEST_DIAG(test) cmocka_unit_test_setup_teardown(test, setup_connections, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DIAG(only_those_of_the_address_end),
		TEST_DIAG(kernels_without_it_are_told),
		TEST_DIAG(refusals_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
