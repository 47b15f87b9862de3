/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds packets to the reader of ICMP echo replies: in each form, and to groups with a question
 * under way. Only a packet with its random bytes is an answer. */
#include "ping/group.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ping_echo QUESTION = {.id = 1, .seq = 2, .cookie = "only-we-know-it"};

static void check_groups(const struct ping_echo *echo)
{
	static const char text[] = "ping 192.0.2.1\n";
	struct ping_groups *groups = malloc(sizeof(*groups));
	char error[CONFIG_ERROR_MAX];
	struct config config;
	bool is_ours;

	if (!groups || config_parse(text, sizeof(text) - 1, &config, error) < 0)
		abort();
	ping_groups_init(groups, &config, NULL, 1000);
	ping_target_asked(&groups->groups[0].targets[0], &QUESTION, 1000000);
	is_ours = memcmp(echo, &QUESTION, sizeof(QUESTION)) == 0;
	if (ping_groups_answered(groups, &config.groups[0].addrs[0], echo, 1000001) != is_ours)
		abort();
	free(groups);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ping_form forms[] = {PING_FORM_IPV4, PING_FORM_ICMP, PING_FORM_ICMP6};

	for (size_t i = 0; i < 3; i++) {
		struct ping_echo echo;

		if (ping_reply_parse(forms[i], data, size, &echo) < 0)
			continue;
		if (size < PING_PACKET_LEN)
			abort();
		check_groups(&echo);
	}
	return 0;
}
