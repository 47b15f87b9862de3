/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heartbeat core's life, settings, own heartbeat and plain questions. What it makes of what it
 * hears is in heart-own.c, heart-peer.c and heart-judge.c. */
#include "heart/heart-internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heart *heart_new(const struct config *config, int64_t now_ms, heart_event_fn event,
			void *userdata)
{
	struct heart *heart = calloc(1, sizeof(*heart));

	if (!heart)
		return NULL;
	heart->config = *config;
	heart->config_hash = config_hash(config);
	heart->event = event;
	heart->userdata = userdata;
	heart->started_ms = now_ms;
	heart->disk_ms = now_ms;
	heart->has_carrier = true;
	heart->flags = HEART_OWN_NO_CLUSTER | HEART_OWN_STARTING;
	for (size_t i = 0; i < HEART_OWN_COUNT; i++)
		heart->flag_since_ms[i] = now_ms;
	return heart;
}

void heart_free(struct heart *heart)
{
	free(heart);
}

void heart_configure(struct heart *heart, const struct config *config, int64_t now_ms)
{
	bool was_on = heart->config.disk_path[0] != '\0';

	heart->config = *config;
	heart->config_hash = config_hash(config);
	if (!was_on)
		heart->disk_ms = now_ms;
	for (size_t i = 0; i < heart->peer_count; i++)
		heart->peers[i].hash_told = 0;
}

/* 0 is no number. */
static uint64_t next_seq(const struct heart *heart)
{
	return heart->seq == UINT64_MAX ? 1 : heart->seq + 1;
}

void heart_sent(struct heart *heart, int64_t now_ms)
{
	heart->sent_ms = now_ms;
	heart->seq = next_seq(heart);
	if (heart->is_extra)
		heart->extra_seq = heart->seq;
	heart->is_extra = false;
	heart->wants_beat = false;
	heart->lag_ms = 0;
}

static uint32_t disk_age_ms(const struct heart *heart, int64_t now_ms)
{
	int64_t age_ms = now_ms - heart->disk_ms;

	if (!heart->config.disk_path[0])
		return UINT32_MAX;
	if (age_ms <= 0)
		return 0;
	return age_ms < UINT32_MAX ? (uint32_t)age_ms : UINT32_MAX - 1;
}

static uint16_t count_silent(const struct heart *heart, uint32_t nodes[MESSAGE_NODES_MAX])
{
	uint16_t count = 0;

	for (size_t i = 0; i < heart->peer_count && count < MESSAGE_NODES_MAX; i++)
		if (heart->peers[i].pub.state == HEART_SILENT)
			nodes[count++] = heart->peers[i].pub.nodeid;
	return count;
}

void heart_fill(const struct heart *heart, int64_t now_ms, struct message_heartbeat *ret_beat)
{
	struct message_heartbeat beat;

	memset(&beat, 0, sizeof(beat));
	beat.seq = next_seq(heart);
	beat.keepalive_ms = (uint32_t)heart->config.keepalive_ms;
	beat.deadtime_ms = (uint32_t)heart->config.deadtime_ms;
	beat.config_hash = heart->config_hash;
	beat.disk_age_ms = disk_age_ms(heart, now_ms);
	beat.lag_ms = heart->lag_ms < UINT32_MAX ? (uint32_t)heart->lag_ms : UINT32_MAX;
	beat.has_carrier = heart->has_carrier;
	beat.pings_up = (uint16_t)heart->pings_up;
	beat.pings_total = (uint16_t)heart->pings_total;
	beat.is_paused = heart->flags & HEART_OWN_PAUSED;
	beat.silent_count = count_silent(heart, beat.silent);
	(void)snprintf(beat.version, sizeof(beat.version), "%s", PACKAGE_VERSION);
	*ret_beat = beat;
}

unsigned int heart_own_flags(const struct heart *heart)
{
	return heart->flags;
}

int64_t heart_proof_ms(const struct heart *heart)
{
	return heart->proof_ms;
}

size_t heart_peer_count(const struct heart *heart)
{
	return heart->peer_count;
}

const struct heart_peer *heart_peer_at(const struct heart *heart, size_t index)
{
	return index < heart->peer_count ? &heart->peers[index].pub : NULL;
}

int64_t heart_detection_ms(const struct heart *heart)
{
	return heart->detection_ms;
}

uint64_t heart_pause_count(const struct heart *heart)
{
	return heart->pause_count;
}
