/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the decoder of messages between daemons: what is accepted is the same after it was
 * encoded and decoded again, and a heartbeat is borne by the core. */
#include "heart/heart.h"

#include <stdlib.h>
#include <string.h>

#define NOW_MS 1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All heartbeats that the bytes have, one for each length in front of them. */
static void hear(struct heart *heart, const uint8_t *data, size_t size)
{
	int64_t now_ms = NOW_MS;

	for (size_t pos = 0; pos + 2 < size;) {
		size_t len = data[pos] < size - pos - 1 ? data[pos] : size - pos - 1;
		struct haops_cluster_message envelope = {.nodeid = 2, .incarnation = 5};
		struct message message;

		pos++;
		now_ms += 10 * (data[pos] & 0x7f);
		envelope.sent_ms = now_ms * (data[pos] & 0x80 ? -1 : 1);
		envelope.received_ms = now_ms;
		(void)heart_clock(heart, now_ms);
		if (message_decode(data + pos, len, &message) == 0 &&
		    message.type == MESSAGE_HEARTBEAT)
			heart_beat(heart, &envelope, &message.heartbeat, now_ms);
		if (heart_tick(heart, now_ms) <= now_ms)
			abort();
		pos += len;
	}
}

static void run_core(const uint8_t *data, size_t size)
{
	struct haops_cluster_member member = {.nodeid = 2, .incarnation = 5, .is_in_ring = true};
	struct haops_cluster_view view = {.state = HAOPS_CLUSTER_UP,
					  .nodeid = 1,
					  .is_settled = true,
					  .trouble = ""};
	struct config config;
	struct heart *heart;

	config_defaults(&config);
	heart = heart_new(&config, NOW_MS, NULL, NULL);
	if (!heart)
		abort();
	heart_view(heart, &view, NOW_MS);
	heart_joined(heart, &member, NOW_MS);
	hear(heart, data, size);
	if (heart_recommended_deadtime_ms(heart) <= 2 * config.keepalive_ms)
		abort();
	heart_free(heart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[MESSAGE_BYTES_MAX];
	struct message message, again;
	int len;

	run_core(data, size);
	/* Padding is compared, too. */
	memset(&message, 0, sizeof(message));
	memset(&again, 0, sizeof(again));
	if (message_decode(data, size, &message) < 0)
		return 0;
	len = message_encode(&message, buf, sizeof(buf));
	if (len < 2 || message_decode(buf, (size_t)len, &again) < 0 || again.type != message.type)
		abort();
	if (message.type == MESSAGE_HEARTBEAT &&
	    memcmp(&message.heartbeat, &again.heartbeat, sizeof(message.heartbeat)) != 0)
		abort();
	if (message.type != MESSAGE_HEARTBEAT && message.type != MESSAGE_GOODBYE &&
	    memcmp(&message.outdate, &again.outdate, sizeof(message.outdate)) != 0)
		abort();
	return 0;
}
