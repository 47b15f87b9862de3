/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and namespaces: names that cannot be, interfaces that are not there, refusals. */
#include "fake_netlink.h"

#include <haops/link.h>

#define ETH0 2

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, 1000);
}

static int setup_links(void **state)
{
	int code = setup_fake(state);

	(void)fake_link(ETH0, "eth0");
	return code;
}

static void names_are_checked(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "a b", "a\nb", "eth0:1"};
	struct haops_link link;
	char name[200];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(haops_link_get(*state, bad[i], soon(*state), &link), -EINVAL);
	memset(name, 'x', sizeof(name));
	name[128] = '\0';
	assert_int_equal(haops_link_get(*state, name, soon(*state), &link), -EINVAL);
	assert_int_equal(fake.sockets, 0);
	name[127] = '\0';
	assert_int_equal(haops_link_get(*state, name, soon(*state), &link), -ENODEV);
	assert_int_equal(haops_link_get(*state, NULL, soon(*state), &link), -EINVAL);
	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), NULL), -EINVAL);
	assert_int_equal(haops_link_get(NULL, "eth0", 0, &link), -EINVAL);
	assert_int_equal(haops_link_get_by_index(*state, 0, soon(*state), &link), -EINVAL);
	assert_int_equal(haops_link_get_by_index(NULL, 1, 0, &link), -EINVAL);
	assert_int_equal(haops_link_set_up(*state, -1, soon(*state)), -EINVAL);
	assert_int_equal(haops_link_set_up(NULL, 1, 0), -EINVAL);
}

static void link_is_found(void **state)
{
	struct haops_link link = {0};

	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), &link), 0);
	assert_int_equal(link.ifindex, ETH0);
	assert_int_equal(haops_link_get_by_index(*state, ETH0, soon(*state), &link), 0);
	assert_string_equal(link.name, "eth0");
	assert_int_equal(haops_link_get(*state, "eth1", soon(*state), &link), -ENODEV);
	assert_string_equal(haops_ctx_error(*state), "there is no interface eth1 on this host");
	assert_int_equal(haops_link_get_by_index(*state, 9, soon(*state), &link), -ENODEV);
	assert_int_equal(fake.closes, fake.sockets);
}

static void unknown_is_no_absence(void **state)
{
	struct haops_link link = {.ifindex = 77};

	fake.refuse_type = RTM_GETLINK;
	fake.refuse_code = -EBUSY;
	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), &link), -EIO);
	fake.refuse_code = 0; /* an acknowledgement in place of an answer */
	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), &link), -EIO);
	fake.refuse_type = 0;
	fake.lose = 1;
	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), &link), -EIO);
	fake.links[0].link.name[0] = '\0'; /* a link that cannot be read */
	assert_int_equal(haops_link_get_by_index(*state, ETH0, soon(*state), &link), -EIO);
	fake.is_silent = true;
	assert_int_equal(haops_link_get(*state, "eth0", soon(*state), &link), -ETIMEDOUT);
	assert_int_equal(link.ifindex, 77);
}

static void setting_up_has_its_codes(void **state)
{
	assert_int_equal(haops_link_set_up(*state, ETH0, soon(*state)), 0);
	assert_true(fake.links[0].link.is_up);
	assert_int_equal(haops_link_set_up(*state, 9, soon(*state)), -ENODEV);
	fake.refuse_type = RTM_NEWLINK;
	fake.refuse_code = -EPERM;
	assert_int_equal(haops_link_set_up(*state, ETH0, soon(*state)), -EPERM);
	fake.refuse_code = -EADDRNOTAVAIL;
	fake.refuse_text = "no MAC";
	assert_int_equal(haops_link_set_up(*state, ETH0, soon(*state)), -EIO);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot set an interface up: Cannot assign requested address: no MAC");
	fake.is_silent = true;
	assert_int_equal(haops_link_set_up(*state, ETH0, soon(*state)), -ETIMEDOUT);
}

static int open_code, setns_code;

static int fake_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd, (void)flags, (void)mode;
	assert_string_equal(path, "/run/netns/blue");
	return open_code;
}

static int fake_setns(int fd, int kind)
{
	(void)fd, (void)kind;
	return setns_code;
}

static int fake_close(int fd)
{
	assert_int_equal(fd, 77);
	return 0;
}

static void namespace_has_its_codes(void **state)
{
	static const struct {
		int open_code, setns_code, code;
	} cases[] = {
		{77, 0, 0},	     {-ENOENT, 0, -ENOENT}, {-EACCES, 0, -EPERM},
		{-EMFILE, 0, -EIO},  {77, -EPERM, -EPERM},  {77, -EINVAL, -EIO},
		{77, -ENOMEM, -EIO},
	};
	static const char *const bad[] = {"", ".", "..", "../blue", "a/b"};
	struct haops_sys sys = haops_sys_linux;
	char name[300];

	sys.openat = fake_openat;
	sys.setns = fake_setns;
	sys.close = fake_close;
	haops_ctx_set_sys(*state, &sys);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		open_code = cases[i].open_code;
		setns_code = cases[i].setns_code;
		assert_int_equal(haops_netns_enter(*state, "blue"), cases[i].code);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(haops_netns_enter(*state, bad[i]), -EINVAL);
	memset(name, 'x', sizeof(name));
	name[201] = '\0';
	assert_int_equal(haops_netns_enter(*state, name), -EINVAL);
	assert_int_equal(haops_netns_enter(*state, NULL), -EINVAL);
	assert_int_equal(haops_netns_enter(NULL, "blue"), -EINVAL);
}

#define TEST_LINK(test) cmocka_unit_test_setup_teardown(test, setup_links, teardown_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINK(names_are_checked),	   TEST_LINK(link_is_found),
		TEST_LINK(unknown_is_no_absence),  TEST_LINK(setting_up_has_its_codes),
		TEST_CTX(namespace_has_its_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
