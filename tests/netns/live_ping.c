/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ping targets on the kernel itself: a neighbour that answers and one that does not, both kinds of
 * socket, forged answers. */
#include "looping.h"
#include "tap.h"

#include "ping/packet.h"
#include "ping/ping.h"

#include <netinet/ip.h>

struct seen {
	struct pinger *pinger;
	unsigned int up, total;
	size_t calls;
	size_t wanted_calls;
	unsigned int wanted_up;
};

static void on_changed(void *userdata, unsigned int up, unsigned int total)
{
	struct seen *seen = userdata;

	seen->up = up;
	seen->total = total;
	seen->calls++;
}

static bool has_up(void *userdata)
{
	struct seen *seen = userdata;

	return seen->calls >= seen->wanted_calls && seen->up == seen->wanted_up;
}

static struct config config_of(const char *text)
{
	struct config config;
	char error[CONFIG_ERROR_MAX];

	if (config_parse(text, strlen(text), &config, error) < 0)
		fail_msg("%s", error);
	return config;
}

static struct seen *pinging(struct haops_ctx *ctx, const char *text)
{
	static const struct pinger_handlers handlers = {.changed = on_changed, .event = on_told};
	struct config config = config_of(text);
	struct seen *seen = calloc(1, sizeof(*seen));

	assert_non_null(seen);
	loop_new();
	seen->pinger = pinger_new(ctx, looping.loop, &config, &handlers, seen);
	assert_non_null(seen->pinger);
	return seen;
}

static void end(struct seen *seen)
{
	pinger_free(seen->pinger);
	loop_free();
	free(seen);
}

static void wait_up(struct seen *seen, unsigned int up)
{
	seen->wanted_up = up;
	seen->wanted_calls = seen->calls > 0 && seen->up == up ? 0 : seen->calls + 1;
	loop_until(has_up, seen);
}

static struct pinger_group group_of(const struct seen *seen, size_t index)
{
	struct pinger_group group;

	pinger_group_at(seen->pinger, index, &group);
	return group;
}

static void check_neighbour_goes_and_comes(struct haops_ctx *ctx)
{
	struct neighbour neighbour = neighbour_new();
	struct seen *seen;

	ip("address add 192.0.2.1/24 dev va");
	ip("address add 2001:db8::1/64 dev va nodad");
	neighbour_ip(&neighbour, "address add 192.0.2.2/24 dev vb");
	neighbour_ip(&neighbour, "address add 2001:db8::2/64 dev vb nodad");
	neighbour_ip(&neighbour, "link set vb up");
	seen = pinging(ctx, "keepalive 50ms\ndeadping 2\nping 192.0.2.2 2001:db8::2\n"
			    "ping_group both 192.0.2.77 192.0.2.2\nping 192.0.2.78\n");
	wait_up(seen, 3);
	assert_int_equal(seen->total, 4);
	assert_int_equal(pinger_count(seen->pinger), 4);
	assert_true(group_of(seen, 0).is_up && group_of(seen, 0).is_known);
	assert_true(group_of(seen, 0).rtt_us > 0 && group_of(seen, 0).last_ms > 0);
	assert_string_equal(group_of(seen, 2).name, "both");
	assert_false(group_of(seen, 3).is_up);
	assert_int_equal(group_of(seen, 3).last_ms, 0);
	assert_int_equal(loop_told("Ping target 192.0.2.78 does not answer: it never did"), 1);
	neighbour_ip(&neighbour, "link set vb down");
	wait_up(seen, 0);
	assert_int_equal(loop_told("does not answer: the last answer came"), 3);
	neighbour_ip(&neighbour, "link set vb up");
	neighbour_ip(&neighbour, "address replace 2001:db8::2/64 dev vb nodad");
	wait_up(seen, 3);
	assert_int_equal(loop_told("answers again."), 3);
	assert_int_equal(looping.told_count, 7);
	end(seen);
	neighbour_free(&neighbour);
}

static void neighbour_goes_and_comes_by_raw_sockets(void **state)
{
	check_neighbour_goes_and_comes(*state);
}

static int refuse_raw(int domain, int type, int protocol)
{
	if ((type & 0xf) == SOCK_RAW && domain != AF_NETLINK)
		return -EPERM;
	return haops_sys_linux.socket(domain, type, protocol);
}

static void neighbour_goes_and_comes_by_icmp_sockets(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_ctx *ctx = *state;

	sys.socket = refuse_raw;
	write_file("/proc/sys/net/ipv4/ping_group_range", "0 0");
	haops_ctx_set_sys(ctx, &sys);
	check_neighbour_goes_and_comes(ctx);
	haops_ctx_set_sys(ctx, &haops_sys_linux);
}

/* Without any socket nothing is known, and nothing is said of the targets. */
static bool refuses_sockets;

static int refuse_all(int domain, int type, int protocol)
{
	return refuses_sockets ? -EPERM : haops_sys_linux.socket(domain, type, protocol);
}

static void without_a_socket_nothing_is_known(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_ctx *ctx = *state;
	unsigned int up, total;
	struct seen *seen;

	sys.socket = refuse_all;
	refuses_sockets = true;
	haops_ctx_set_sys(ctx, &sys);
	seen = pinging(ctx, "keepalive 20ms\ndeadping 200ms\nping 127.0.0.1\n");
	loop_for(600);
	assert_int_equal(seen->calls, 0);
	assert_false(pinger_get(seen->pinger, &up, &total));
	assert_int_equal(looping.told_count, 1);
	assert_int_equal(loop_told("no ICMP socket: Operation not permitted"), 1);
	refuses_sockets = false;
	wait_up(seen, 1);
	assert_true(pinger_get(seen->pinger, &up, &total));
	assert_true(up == 1 && total == 1);
	assert_int_equal(loop_told("Ping targets are asked again."), 1);
	end(seen);
	haops_ctx_set_sys(ctx, &haops_sys_linux);
}

static void other_settings_keep_what_is_known(void **state)
{
	struct seen *seen = pinging(*state, "keepalive 20ms\ndeadping 500ms\nping 127.0.0.1\n");
	struct config config =
		config_of("keepalive 50ms\ndeadping 200ms\nping 127.0.0.1 127.0.0.2\n");

	wait_up(seen, 1);
	assert_int_equal(pinger_reconfigure(seen->pinger, &config), 0);
	assert_true(group_of(seen, 0).is_up);
	assert_false(group_of(seen, 1).is_known);
	wait_up(seen, 2);
	config = config_of("keepalive 50ms\ndeadtime 30\n");
	assert_int_equal(pinger_reconfigure(seen->pinger, &config), 0);
	wait_up(seen, 0);
	assert_int_equal(seen->total, 0);
	assert_int_equal(pinger_count(seen->pinger), 0);
	assert_int_equal(looping.told_count, 0);
	end(seen);
}

/* Forged answers ------------------------------------------------------------------------------ */

#define FRAME_MAX 256

/* The next echo request that goes out to an address; as it is on the wire. */
static void capture(int tap, const char *to, uint8_t packet[28 + PING_COOKIE_LEN])
{
	struct in_addr addr;
	int64_t until_ms = loop_now_ms() + TAP_WAIT_MS;

	assert_int_equal(inet_pton(AF_INET, to, &addr), 1);
	while (loop_now_ms() < until_ms) {
		uint8_t data[FRAME_MAX];
		ssize_t len = recv(tap, data, sizeof(data), 0);

		if (len == 28 + PING_COOKIE_LEN && data[9] == IPPROTO_ICMP && data[20] == 8 &&
		    memcmp(data + 16, &addr, 4) == 0) {
			memcpy(packet, data, (size_t)len);
			return;
		}
		if (len < 0)
			loop_for(5);
	}
	fail_msg("no echo request to %s was seen", to);
}

static uint16_t sum_of(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Answers a captured request, with one byte of the packet turned over (0: none). */
static void answer(const uint8_t request[28 + PING_COOKIE_LEN], size_t turned)
{
	uint8_t packet[28 + PING_COOKIE_LEN];
	struct sockaddr_in to = {.sin_family = AF_INET};
	uint16_t sum;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	assert_true(fd >= 0);
	memcpy(packet, request, sizeof(packet));
	memcpy(packet + 12, request + 16, 4);
	memcpy(packet + 16, request + 12, 4);
	memcpy(&to.sin_addr, packet + 16, 4);
	packet[20] = 0;
	if (turned)
		packet[turned] ^= 1;
	packet[22] = packet[23] = 0;
	sum = sum_of(packet + 20, sizeof(packet) - 20);
	packet[22] = (uint8_t)(sum >> 8);
	packet[23] = (uint8_t)sum;
	assert_int_equal(sendto(fd, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)),
			 (ssize_t)sizeof(packet));
	(void)close(fd);
}

static void forged_answers_do_not_count(void **state)
{
	/* Source, identifier, sequence, random bytes. */
	static const size_t turned[] = {15, 25, 27, 28, 28 + PING_COOKIE_LEN - 1};
	uint8_t one[28 + PING_COOKIE_LEN], two[28 + PING_COOKIE_LEN];
	struct seen *seen;
	int tap;

	ip("address add 192.0.2.1/24 dev va");
	ip("neighbour add 192.0.2.8 lladdr 02:00:00:00:00:08 dev va nud permanent");
	ip("neighbour add 192.0.2.9 lladdr 02:00:00:00:00:09 dev va nud permanent");
	tap = tap_open(*state, "vb");
	seen = pinging(*state, "keepalive 200ms\ndeadping 60\nping 192.0.2.8\nping 192.0.2.9\n");
	capture(tap, "192.0.2.8", one);
	capture(tap, "192.0.2.9", two);
	for (size_t i = 0; i < ARRAY_LEN(turned); i++)
		answer(one, turned[i]);
	/* Behind those, a true one for the other: when it is here, they have been read. */
	answer(two, 0);
	while (!group_of(seen, 1).is_known)
		loop_for(5);
	assert_true(group_of(seen, 1).is_up);
	assert_false(group_of(seen, 0).is_known);
	assert_int_equal(group_of(seen, 0).last_ms, 0);
	answer(one, 0);
	wait_up(seen, 2);
	end(seen);
	(void)close(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(neighbour_goes_and_comes_by_raw_sockets),
		TEST_NETNS(neighbour_goes_and_comes_by_icmp_sockets),
		TEST_NETNS(without_a_socket_nothing_is_known),
		TEST_NETNS(other_settings_keep_what_is_known),
		TEST_NETNS(forged_answers_do_not_count),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
