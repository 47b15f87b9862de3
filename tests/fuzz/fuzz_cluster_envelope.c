/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the reader of the cluster's wire format: what it takes lies within the input, and
 * comes out the same when it is written again. */

#include "envelope.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_again(const struct envelope *envelope)
{
	static uint8_t copy[ENVELOPE_LEN + 65536];
	struct envelope again;

	if (envelope->body_len > sizeof(copy) - ENVELOPE_LEN)
		return;
	envelope_encode(envelope, copy);
	if (envelope->body_len)
		memcpy(copy + ENVELOPE_LEN, envelope->body, envelope->body_len);
	check(envelope_decode(copy, ENVELOPE_LEN + envelope->body_len, &again) == 0);
	check(again.kind == envelope->kind && again.incarnation == envelope->incarnation);
	check(again.seq == envelope->seq && again.sent_ms == envelope->sent_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct envelope envelope;
	char name[HAOPS_CLUSTER_NAME_MAX];
	int r = envelope_decode(data, size, &envelope);

	check(r == 0 || r == -EPROTO || r == -ENOTSUP);
	if (r < 0)
		return 0;
	check(size >= ENVELOPE_LEN && envelope.incarnation);
	check((const uint8_t *)envelope.body + envelope.body_len == data + size);
	memset(name, 'x', sizeof(name));
	envelope_decode_name(&envelope, name);
	check(memchr(name, '\0', sizeof(name)) != NULL);
	for (const char *at = name; *at; at++)
		check(*at > ' ' && *at < 0x7f);
	check_again(&envelope);
	return 0;
}
