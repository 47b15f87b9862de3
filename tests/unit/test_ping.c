/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ping packets and groups: what counts as an answer, who is up. Sockets: tests/netns/live_ping.c.
 */
#include "ping/group.h"

#include "unit.h"

#include <arpa/inet.h>

static const struct ping_echo ECHO = {.id = 0x1234,
				      .seq = 0xfffe,
				      .cookie = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
						 15}};

/* The reply that a host sends to a request. */
static void reply_to(sa_family_t family, uint8_t packet[PING_PACKET_LEN])
{
	uint32_t sum;

	if (family == AF_INET6) {
		packet[0] = 129;
		return;
	}
	/* The type went from 8 to 0: the checksum grows by as much. */
	packet[0] = 0;
	sum = (uint32_t)(packet[2] << 8 | packet[3]) + 0x0800;
	sum = (sum & 0xffff) + (sum >> 16);
	packet[2] = (uint8_t)(sum >> 8);
	packet[3] = (uint8_t)sum;
}

static void requests_are_as_in_the_rfcs(void **state)
{
	uint8_t packet[PING_PACKET_LEN];
	uint32_t sum = 0;

	(void)state;
	ping_request_build(AF_INET, &ECHO, packet);
	assert_memory_equal(packet, "\x08\x00", 2);
	assert_memory_equal(packet + 4, "\x12\x34\xff\xfe\x01\x02", 6);
	for (size_t i = 0; i < sizeof(packet); i += 2)
		sum += (uint32_t)(packet[i] << 8 | packet[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
	ping_request_build(AF_INET6, &ECHO, packet);
	assert_memory_equal(packet, "\x80\x00\x00\x00\x12\x34", 6);
}

static size_t wrap_ip(const uint8_t packet[PING_PACKET_LEN], size_t header, uint8_t *buf)
{
	memset(buf, 0, header);
	buf[0] = (uint8_t)(0x40 | header / 4);
	buf[9] = IPPROTO_ICMP;
	memcpy(buf + header, packet, PING_PACKET_LEN);
	return header + PING_PACKET_LEN;
}

static void replies_are_read(void **state)
{
	uint8_t packet[PING_PACKET_LEN], buf[128];
	struct ping_echo echo;

	(void)state;
	ping_request_build(AF_INET, &ECHO, packet);
	reply_to(AF_INET, packet);
	assert_int_equal(ping_reply_parse(PING_FORM_ICMP, packet, sizeof(packet), &echo), 0);
	assert_memory_equal(&echo, &ECHO, sizeof(echo));
	for (size_t header = 20; header <= 60; header += 4) {
		size_t len = wrap_ip(packet, header, buf);

		assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len, &echo), 0);
		assert_memory_equal(&echo, &ECHO, sizeof(echo));
	}
	ping_request_build(AF_INET6, &ECHO, packet);
	reply_to(AF_INET6, packet);
	assert_int_equal(ping_reply_parse(PING_FORM_ICMP6, packet, sizeof(packet), &echo), 0);
	assert_memory_equal(&echo, &ECHO, sizeof(echo));
}

static void other_packets_are_refused(void **state)
{
	uint8_t packet[PING_PACKET_LEN], buf[128];
	struct ping_echo echo;
	size_t len;

	(void)state;
	ping_request_build(AF_INET, &ECHO, packet);
	/* Our own question. */
	assert_int_equal(ping_reply_parse(PING_FORM_ICMP, packet, sizeof(packet), &echo), -EBADMSG);
	reply_to(AF_INET, packet);
	len = wrap_ip(packet, 20, buf);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, cut, &echo), -EBADMSG);
	assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len + 1, &echo), -EBADMSG);
	/* Any bit of the message that is turned over breaks the checksum. */
	for (size_t bit = 0; bit < PING_PACKET_LEN * 8; bit++) {
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ping_reply_parse(PING_FORM_ICMP, packet, sizeof(packet), &echo),
				 -EBADMSG);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	buf[9] = IPPROTO_UDP;
	assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len, &echo), -EBADMSG);
	buf[9] = IPPROTO_ICMP;
	buf[0] = 0x44;
	assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len, &echo), -EBADMSG);
	buf[0] = 0x65;
	assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len, &echo), -EBADMSG);
	buf[0] = 0x4f;
	assert_int_equal(ping_reply_parse(PING_FORM_IPV4, buf, len, &echo), -EBADMSG);
}

/* Groups ------------------------------------------------------------------------------------- */

#define START_MS 1000000
#define DEADPING_MS 10000

static struct haops_addr addr(const char *text)
{
	struct haops_addr addr = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

	assert_int_equal(inet_pton(addr.family, text, addr.bytes), 1);
	return addr;
}

static struct ping_groups *groups_of(const char *text, const struct ping_groups *old)
{
	struct ping_groups *groups = calloc(1, sizeof(*groups));
	struct config config;
	char error[CONFIG_ERROR_MAX];

	assert_non_null(groups);
	if (config_parse(text, strlen(text), &config, error) < 0)
		fail_msg("%s", error);
	ping_groups_init(groups, &config, old, START_MS);
	return groups;
}

static struct ping_echo ask(struct ping_group *group, size_t target, uint16_t seq, int64_t now_ms)
{
	struct ping_echo echo = ECHO;

	echo.seq = seq;
	echo.cookie[15] = (uint8_t)(seq * 7 + target);
	ping_target_asked(&group->targets[target], &echo, now_ms * 1000);
	return echo;
}

static void only_the_answer_to_our_question_counts(void **state)
{
	struct ping_groups *groups = groups_of("ping 192.0.2.1\nping 192.0.2.2\ndeadping 10", NULL);
	struct haops_addr one = addr("192.0.2.1"), two = addr("192.0.2.2"),
			  six = addr("2001:db8::1");
	struct ping_group *group = &groups->groups[0];
	struct ping_echo echo = ask(group, 0, 5, START_MS), other;

	(void)state;
	assert_false(ping_groups_answered(groups, &two, &echo, START_MS * 1000));
	assert_false(ping_groups_answered(groups, &six, &echo, START_MS * 1000));
	other = echo;
	other.seq = 13; /* the same place among those under way */
	assert_false(ping_groups_answered(groups, &one, &other, START_MS * 1000));
	other = echo;
	other.id++;
	assert_false(ping_groups_answered(groups, &one, &other, START_MS * 1000));
	other = echo;
	other.cookie[0] ^= 1;
	assert_false(ping_groups_answered(groups, &one, &other, START_MS * 1000));
	assert_int_equal(group->last_ms, 0);
	assert_true(ping_groups_answered(groups, &one, &echo, START_MS * 1000 + 1234));
	assert_int_equal(group->rtt_us, 1234);
	assert_int_equal(group->last_ms, START_MS + 1);
	/* A question is answered once. */
	assert_false(ping_groups_answered(groups, &one, &echo, START_MS * 1000 + 5000));
	assert_int_equal(group->rtt_us, 1234);
	free(groups);
}

static void late_answers_count_while_they_are_remembered(void **state)
{
	struct ping_groups *groups = groups_of("ping 192.0.2.1", NULL);
	struct haops_addr one = addr("192.0.2.1");
	struct ping_echo echoes[PING_UNDER_WAY + 1];

	(void)state;
	for (uint16_t i = 0; i <= PING_UNDER_WAY; i++)
		echoes[i] = ask(&groups->groups[0], 0, (uint16_t)(0xfffc + i), START_MS + i * 1000);
	assert_false(ping_groups_answered(groups, &one, &echoes[0], (START_MS + 9000) * 1000));
	for (uint16_t i = 1; i <= PING_UNDER_WAY; i++)
		assert_true(
			ping_groups_answered(groups, &one, &echoes[i], (START_MS + 9000) * 1000));
	free(groups);
}

static void a_group_is_up_by_any_answer_and_down_after_deadping(void **state)
{
	struct ping_groups *groups =
		groups_of("ping_group g 192.0.2.1 192.0.2.2\ndeadping 10", NULL);
	struct ping_group *group = &groups->groups[0];
	struct haops_addr two = addr("192.0.2.2");
	struct ping_echo echo;
	unsigned int up, total;

	(void)state;
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS), PING_SAME);
	assert_false(ping_groups_count(groups, &up, &total));
	echo = ask(group, 1, 1, START_MS);
	assert_true(ping_groups_answered(groups, &two, &echo, START_MS * 1000));
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS), PING_CAME_UP);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 9999), PING_SAME);
	assert_true(ping_groups_count(groups, &up, &total));
	assert_true(up == 1 && total == 1);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 10000), PING_WENT_DOWN);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 10001), PING_SAME);
	assert_true(ping_groups_count(groups, &up, &total));
	assert_true(up == 0 && total == 1);
	echo = ask(group, 1, 2, START_MS + 20000);
	assert_true(ping_groups_answered(groups, &two, &echo, (START_MS + 20000) * 1000));
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 20001), PING_CAME_UP);
	free(groups);
}

static void who_never_answered_is_down_after_deadping(void **state)
{
	struct ping_groups *groups = groups_of("ping 192.0.2.1\ndeadping 10", NULL);
	struct ping_group *group = &groups->groups[0];

	(void)state;
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 9999), PING_SAME);
	assert_false(group->is_known);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 10000), PING_WENT_DOWN);
	assert_true(group->is_known && !group->is_up);
	free(groups);
}

/* We did not ask for a minute: nobody could answer. */
static void our_own_silence_is_excused(void **state)
{
	struct ping_groups *groups = groups_of("ping 192.0.2.1\ndeadping 10", NULL);
	struct ping_group *group = &groups->groups[0];
	struct haops_addr one = addr("192.0.2.1");
	struct ping_echo echo = ask(group, 0, 1, START_MS);

	(void)state;
	assert_true(ping_groups_answered(groups, &one, &echo, START_MS * 1000));
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS), PING_CAME_UP);
	ping_groups_excuse(groups, START_MS + 60000);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 60000), PING_SAME);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 69999), PING_SAME);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 70000), PING_WENT_DOWN);
	/* An excuse is no answer. */
	ping_groups_excuse(groups, START_MS + 80000);
	assert_int_equal(ping_group_judge(group, DEADPING_MS, START_MS + 80000), PING_SAME);
	assert_false(group->is_up);
	free(groups);
}

static void state_outlives_other_settings(void **state)
{
	struct ping_groups *old = groups_of("ping 192.0.2.1\nping_group g 192.0.2.2", NULL), *new;

	(void)state;
	old->groups[0].is_known = old->groups[0].is_up = true;
	old->groups[0].last_ms = old->groups[0].since_ms = 4711;
	old->groups[1].is_known = true;
	new = groups_of("ping_group g 192.0.2.2 192.0.2.3\nping 192.0.2.1\ndeadping 5", old);
	assert_int_equal(new->count, 2);
	assert_int_equal(new->deadping_ms, 5000);
	assert_false(new->groups[0].is_known); /* other addresses */
	assert_true(new->groups[1].is_up);
	assert_int_equal(new->groups[1].last_ms, 4711);
	free(old);
	free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_as_in_the_rfcs),
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(other_packets_are_refused),
		cmocka_unit_test(only_the_answer_to_our_question_counts),
		cmocka_unit_test(late_answers_count_while_they_are_remembered),
		cmocka_unit_test(a_group_is_up_by_any_answer_and_down_after_deadping),
		cmocka_unit_test(who_never_answered_is_down_after_deadping),
		cmocka_unit_test(our_own_silence_is_excused),
		cmocka_unit_test(state_outlives_other_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
