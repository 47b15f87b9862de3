/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A background sender on a veth pair, through what happens to interfaces and addresses in a night,
 * and that it is ended for certain, wherever its maker was killed. */
#include "tap.h"

#include <haops/arp.h>
#include <haops/vip.h>
#include <signal.h>

#include "announcer-name.h"

#define NAME "vip"
#define LATE_MS 400  /* a busy machine; too early is never right */
#define QUIET_MS 150 /* three intervals of the bursts here */
#define KILL_POINTS 60
#define MANY 1000

static struct haops_addr addrs[MANY];

/* Two rounds 50 ms apart and no more. */
static const struct haops_arp_schedule brief = {.burst_count = 2, .burst_interval_ms = 50};
static const struct haops_arp_schedule endless = {.burst_count = 1000, .burst_interval_ms = 5};

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, TAP_WAIT_MS);
}

static struct haops_announcement what_of(struct haops_ctx *ctx, const char *first,
					 const char *second)
{
	const char *const texts[] = {first, second};
	struct haops_announcement what = {
		.ifindex = link_of(ctx, "va").ifindex,
		.addrs = addrs,
		.form = HAOPS_ARP_REQUEST,
	};

	for (size_t i = 0; i < 2 && texts[i]; i++)
		assert_int_equal(haops_addr_parse(ctx, texts[i], &addrs[what.count++]), 0);
	return what;
}

static void start(struct haops_ctx *ctx, const struct haops_announcement *what,
		  const struct haops_arp_schedule *schedule)
{
	int r = haops_announcer_start(ctx, NAME, what, schedule, 0);

	if (r < 0)
		print_error("%s\n", haops_ctx_error(ctx));
	assert_int_equal(r, 0);
}

/* A sender for 192.0.2.9 on va. */
static void start_usual(struct haops_ctx *ctx, const struct haops_arp_schedule *schedule)
{
	struct haops_announcement what = what_of(ctx, "192.0.2.9", NULL);

	ip("addr add 192.0.2.9/24 dev va");
	start(ctx, &what, schedule);
}

static void stop(struct haops_ctx *ctx)
{
	assert_int_equal(haops_announcer_stop(ctx, NAME, soon(ctx)), 0);
}

static bool is_running(struct haops_ctx *ctx)
{
	bool answer = false;

	assert_int_equal(haops_announcer_query(ctx, NAME, &answer), 0);
	return answer;
}

static void assert_ends(struct haops_ctx *ctx)
{
	int64_t until_ms = tap_now_ms() + TAP_WAIT_MS;

	while (is_running(ctx) && tap_now_ms() < until_ms)
		(void)haops_sys_linux.poll(NULL, 0, tap_now_ms() + 2);
	assert_false(is_running(ctx));
}

static pid_t sender_pid(struct haops_ctx *ctx)
{
	struct announcer_holder holder;

	assert_int_equal(announcer_name_holder(ctx, NAME, soon(ctx), &holder), 0);
	assert_int_equal(holder.kind, ANNOUNCER_OURS);
	return holder.pid;
}

static void expect_burst(int tap)
{
	(void)tap_expect(tap, 'q');
	(void)tap_expect(tap, 'q');
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
}

static void schedule_is_kept(void **state)
{
	static const int64_t due_ms[] = {100, 200, 1000, 2000};
	const struct haops_arp_schedule schedule = {.burst_count = 3,
						    .burst_interval_ms = 100,
						    .later_s = {1, 2},
						    .later_count = 2};
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	int tap = tap_open(*state, "vb");
	int64_t begin_ms;

	ip("addr add 192.0.2.9/24 dev va");
	begin_ms = tap_now_ms();
	assert_int_equal(haops_announcer_start(*state, NAME, &what, &schedule, 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(due_ms); i++) {
		int64_t after_ms = tap_expect(tap, 'q').at_ms - begin_ms;

		assert_in_range(after_ms, due_ms[i], due_ms[i] + LATE_MS);
	}
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	assert_true(is_running(*state));
	stop(*state);
	(void)close(tap);
}

static void carrier_comes_back(void **state)
{
	int tap = tap_open(*state, "vb");

	start_usual(*state, &brief);
	expect_burst(tap);
	ip("link set vb down");
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	ip("link set vb up");
	expect_burst(tap);
	ip("link set va down");
	ip("link set va up");
	expect_burst(tap);
	stop(*state);
	(void)close(tap);
}

static void carrier_goes_within_a_burst(void **state)
{
	int tap = tap_open(*state, "vb");

	start_usual(*state, &endless);
	(void)tap_expect(tap, 'q');
	ip("link set vb down");
	ip("link set vb up");
	(void)tap_count(tap, 0);
	(void)tap_expect(tap, 'q');
	stop(*state);
	(void)close(tap);
}

static void starts_without_carrier(void **state)
{
	int tap = tap_open(*state, "vb");

	ip("link set vb down");
	start_usual(*state, &brief);
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	ip("link set vb up");
	expect_burst(tap);
	stop(*state);
	(void)close(tap);
}

static void new_hardware_address_is_told(void **state)
{
	int tap = tap_open(*state, "vb");

	start_usual(*state, &brief);
	expect_burst(tap);
	ip("link set va address 02:00:00:00:00:42");
	assert_int_equal(tap_expect(tap, 'q').mac[5], 0x42);
	(void)tap_expect(tap, 'q');
	stop(*state);
	(void)close(tap);
}

static void interface_is_renamed_and_enslaved(void **state)
{
	int tap = tap_open(*state, "vb");

	start_usual(*state, &brief);
	expect_burst(tap);
	ip("link set va down");
	ip("link set va name wan");
	ip("link set wan up");
	expect_burst(tap);
	ip("link add name br type bridge");
	ip("link set wan master br");
	ip("link set wan nomaster");
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	assert_true(is_running(*state));
	ip("link set vb down");
	ip("link set vb up");
	expect_burst(tap);
	stop(*state);
	(void)close(tap);
}

static void ends_with_its_interface(void **state)
{
	start_usual(*state, &brief);
	ip("link del va");
	assert_ends(*state);
	stop(*state);
}

static void ends_with_its_addresses(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.8", "192.0.2.9");
	int tap = tap_open(*state, "vb");

	ip("addr add 192.0.2.8/32 dev va");
	ip("addr add 192.0.2.9/24 dev va");
	ip("addr add 192.0.2.9/32 dev va");
	start(*state, &what, &brief);
	assert_int_equal(tap_count(tap, QUIET_MS), 4);
	/* One is gone, the other is still there with the other prefix length. */
	ip("addr del 192.0.2.9/32 dev va");
	ip("addr del 192.0.2.8/32 dev va");
	ip("link set vb down");
	ip("link set vb up");
	for (int i = 0; i < 2; i++)
		assert_int_equal(tap_expect(tap, 'q').addr.bytes[3], 9);
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	ip("addr flush dev va");
	assert_ends(*state);
	(void)close(tap);
}

static void moved_address_is_not_announced(void **state)
{
	int tap = tap_open(*state, "vb");

	start_usual(*state, &endless);
	(void)tap_expect(tap, 'q');
	ip("addr add 192.0.2.9/24 dev lo");
	ip("addr del 192.0.2.9/24 dev va");
	assert_ends(*state);
	(void)close(tap);
}

static void nothing_comes_after_stop(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	int tap = tap_open(*state, "vb");

	ip("addr add 192.0.2.9/24 dev va");
	for (int i = 0; i < 20; i++) {
		start(*state, &what, &endless);
		(void)tap_expect(tap, 'q');
		stop(*state);
		(void)tap_count(tap, 0);
		assert_int_equal(tap_count(tap, 30), 0);
		assert_false(is_running(*state));
	}
	(void)close(tap);
}

/* As when a host was out of memory for a while: it wakes up after the addresses are gone. */
static void late_sender_sends_nothing(void **state)
{
	int tap = tap_open(*state, "vb");
	pid_t pid;

	start_usual(*state, &endless);
	(void)tap_expect(tap, 'q');
	pid = sender_pid(*state);
	(void)kill(pid, SIGSTOP);
	(void)tap_count(tap, QUIET_MS);
	ip("addr del 192.0.2.9/24 dev va");
	assert_true(is_running(*state));
	(void)kill(pid, SIGCONT);
	assert_ends(*state);
	assert_int_equal(tap_count(tap, QUIET_MS), 0);
	(void)close(tap);
}

static void killed_sender_is_not_running(void **state)
{
	start_usual(*state, &brief);
	assert_true(is_running(*state));
	(void)kill(sender_pid(*state), SIGKILL);
	assert_ends(*state);
	stop(*state);
}

static void one_of_a_name(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);

	start_usual(*state, &brief);
	assert_int_equal(haops_announcer_start(*state, NAME, &what, &brief, 0), -EBUSY);
	assert_int_equal(haops_announcer_start(*state, "other", &what, &brief, 0), 0);
	stop(*state);
	start(*state, &what, &brief);
	stop(*state);
	assert_int_equal(haops_announcer_stop(*state, "other", soon(*state)), 0);
}

static void run_directory_does_not_matter(void **state)
{
	assert_int_equal(haops_ctx_set_run_dir(*state, "/proc/nowhere"), 0);
	start_usual(*state, &brief);
	assert_true(is_running(*state));
	stop(*state);
}

static void tentative_address_waits(void **state)
{
	struct haops_announcement what = what_of(*state, "2001:db8::9", NULL);
	int tap = tap_open(*state, "vb");
	struct haops_vip_found found;

	ip("addr add 2001:db8::9/64 dev va");
	start(*state, &what, &brief);
	(void)tap_expect(tap, 'n');
	assert_int_equal(haops_vip_query(*state, addrs, 1, 0, soon(*state), &found), 0);
	assert_int_equal(found.state, HAOPS_VIP_PRESENT);
	(void)tap_expect(tap, 'n');
	stop(*state);
	(void)close(tap);
}

/* A number out of /proc/PID/status. */
static long status_of(pid_t pid, const char *field)
{
	char path[64];
	char line[128];
	long number = -1;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, field, strlen(field)) == 0)
			number = strtol(line + strlen(field), NULL, 10);
	(void)fclose(file);
	assert_true(number >= 0);
	return number;
}

static void is_alone_and_idle(void **state)
{
	int tap = tap_open(*state, "vb");
	char path[64];
	char cwd[8] = "";
	pid_t pid;
	long wakeups;

	/* The kernel's own addresses would be news of this interface. */
	write_file("/proc/sys/net/ipv6/conf/va/disable_ipv6", "1");
	start_usual(*state, &brief);
	expect_burst(tap);
	pid = sender_pid(*state);
	assert_int_equal(getsid(pid), pid);
	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	assert_int_equal(readlink(path, cwd, sizeof(cwd)), 1);
	assert_string_equal(cwd, "/");
	for (int fd = 0; fd < 64; fd++) {
		char target[64] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		if (readlink(path, target, sizeof(target) - 1) > 0)
			assert_true(strcmp(target, "/dev/null") == 0 ||
				    strncmp(target, "socket:", 7) == 0);
	}
	/* The packet socket is closed half a second after the last round; then there is peace, also
	 * while other interfaces change. */
	assert_int_equal(tap_count(tap, 1000), 0);
	wakeups = status_of(pid, "voluntary_ctxt_switches:");
	ip("addr add 198.51.100.1/24 dev vb");
	ip("link add name other type veth peer name more");
	ip("link set other up");
	assert_int_equal(tap_count(tap, 200), 0);
	assert_int_equal(status_of(pid, "voluntary_ctxt_switches:"), wakeups);
	stop(*state);
	(void)close(tap);
}

static void a_thousand_addresses(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	static struct haops_vip vips[MANY];
	int counter = tap_counter_open(*state, "vb");
	int64_t begin_ns;

	for (what.count = 0; what.count < MANY; what.count++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "10.1.%zu.%zu", what.count / 250,
			       what.count % 250 + 1);
		assert_int_equal(haops_addr_parse(*state, text, &addrs[what.count]), 0);
		vips[what.count] = (struct haops_vip){.addr = addrs[what.count],
						      .ifindex = what.ifindex,
						      .prefix_len = 32,
						      .preferred_lft_s = HAOPS_VIP_FOREVER};
	}
	assert_int_equal(haops_vip_add(*state, vips, MANY, soon(*state)), 0);
	begin_ns = haops_sys_linux.now_ns();
	start(*state, &what, &brief);
	print_message("start with %d addresses: %.2f ms", MANY,
		      (double)(haops_sys_linux.now_ns() - begin_ns) / NS_PER_MS);
	tap_counter_expect(counter, 2 * MANY, QUIET_MS);
	print_message(", memory of its own %ld kB", status_of(sender_pid(*state), "RssAnon:"));
	begin_ns = haops_sys_linux.now_ns();
	stop(*state);
	print_message(", stop %.2f ms\n",
		      (double)(haops_sys_linux.now_ns() - begin_ns) / NS_PER_MS);
	/* Without stop: more notices than the socket has room for, and it ends all the same. */
	start(*state, &what, &brief);
	assert_int_equal(haops_vip_remove(*state, addrs, MANY, soon(*state), NULL), 0);
	assert_ends(*state);
	(void)close(counter);
}

/* The process that makes a sender, or the sender, is killed in front of its kill_at-th system call.
 */
static int kill_at;
static int calls;

static void step(void)
{
	if (++calls == kill_at)
		(void)kill(getpid(), SIGKILL);
}

#define STEP(type, member, parameters, arguments)                                                  \
	static type step_##member parameters                                                       \
	{                                                                                          \
		step();                                                                            \
		return haops_sys_linux.member arguments;                                           \
	}

STEP(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
STEP(int, bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
STEP(int, connect, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
STEP(int, listen, (int fd, int backlog), (fd, backlog))
STEP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
     (fd, level, name, value, len))
STEP(ssize_t, sendto,
     (int fd, const void *data, size_t size, int flags, const struct sockaddr *addr, socklen_t len),
     (fd, data, size, flags, addr, len))
STEP(int, sendmmsg, (int fd, struct mmsghdr *msgs, unsigned int count, int flags),
     (fd, msgs, count, flags))
STEP(ssize_t, recvfrom,
     (int fd, void *buf, size_t size, int flags, struct sockaddr *addr, socklen_t *len),
     (fd, buf, size, flags, addr, len))
STEP(int, poll, (struct pollfd * fds, size_t count, int64_t deadline_ms), (fds, count, deadline_ms))
STEP(ssize_t, read, (int fd, void *buf, size_t len), (fd, buf, len))
STEP(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
STEP(int, close, (int fd), (fd))
STEP(pid_t, fork, (void), ())
STEP(int, detach, (const char *name, int *keep, size_t count), (name, keep, count))
STEP(int, waitid, (pid_t pid, siginfo_t *info, int options), (pid, info, options))
STEP(int, pidfd_open, (pid_t pid), (pid))
STEP(int, pipe, (int fds[2]), (fds))

static void use_steps(struct haops_ctx *ctx)
{
	static struct haops_sys sys;

	sys = haops_sys_linux;
	sys.socket = step_socket;
	sys.bind = step_bind;
	sys.connect = step_connect;
	sys.listen = step_listen;
	sys.setsockopt = step_setsockopt;
	sys.sendto = step_sendto;
	sys.sendmmsg = step_sendmmsg;
	sys.recvfrom = step_recvfrom;
	sys.poll = step_poll;
	sys.read = step_read;
	sys.write = step_write;
	sys.close = step_close;
	sys.fork = step_fork;
	sys.detach = step_detach;
	sys.waitid = step_waitid;
	sys.pidfd_open = step_pidfd_open;
	sys.pipe = step_pipe;
	haops_ctx_set_sys(ctx, &sys);
}

/* How the maker ended: killed, or with the result of its start. */
static void make_and_kill(struct haops_ctx *ctx, const struct haops_announcement *what, int at)
{
	pid_t pid = fork();

	if (pid == 0) {
		kill_at = at;
		use_steps(ctx);
		_exit(haops_announcer_start(ctx, NAME, what, &endless, 0) != 0);
	}
	(void)end_of(pid);
}

static void killed_at_any_instant(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	int tap = tap_open(*state, "vb");
	int name_fd = -1;

	ip("addr add 192.0.2.9/24 dev va");
	for (int at = 1; at <= KILL_POINTS; at++) {
		make_and_kill(*state, &what, at);
		stop(*state);
		(void)tap_count(tap, 0);
		assert_int_equal(tap_count(tap, 20), 0);
		/* It can be made again at once. */
		assert_int_equal(announcer_name_take(*state, NAME, &name_fd), 0);
		(void)close(name_fd);
	}
	(void)close(tap);
}

/* The same without stop: what is left of it ends with the address. */
static void killed_and_forgotten(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	int tap = tap_open(*state, "vb");

	for (int at = 1; at <= KILL_POINTS; at++) {
		ip("addr add 192.0.2.9/24 dev va");
		make_and_kill(*state, &what, at);
		ip("addr del 192.0.2.9/24 dev va");
		assert_ends(*state);
		(void)tap_count(tap, 0);
		assert_int_equal(tap_count(tap, 10), 0);
	}
	(void)close(tap);
}

/* A test that failed leaves no sender behind, which would keep its namespace. */
static int teardown(void **state)
{
	int r = haops_announcer_stop(*state, NAME, soon(*state));

	return teardown_ctx(state) < 0 || r < 0 ? -1 : 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_netns, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(schedule_is_kept),
		TEST(carrier_comes_back),
		TEST(carrier_goes_within_a_burst),
		TEST(starts_without_carrier),
		TEST(new_hardware_address_is_told),
		TEST(interface_is_renamed_and_enslaved),
		TEST(ends_with_its_interface),
		TEST(ends_with_its_addresses),
		TEST(moved_address_is_not_announced),
		TEST(nothing_comes_after_stop),
		TEST(late_sender_sends_nothing),
		TEST(killed_sender_is_not_running),
		TEST(one_of_a_name),
		TEST(run_directory_does_not_matter),
		TEST(tentative_address_waits),
		TEST(is_alone_and_idle),
		TEST(a_thousand_addresses),
		TEST(killed_at_any_instant),
		TEST(killed_and_forgotten),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
