/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the decoder of packets from and to haopsd's Pacemaker helper. What it takes must
 * come out the same after encoding and decoding again. */

#include "pcmk/packet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet packet;
	struct packet again;
	uint8_t buf[PACKET_BYTES_MAX];
	int len;

	if (packet_decode(data, size, &packet) < 0)
		return 0;
	len = packet_encode(&packet, buf, sizeof(buf));
	if (len < 0 || (size_t)len != size || memcmp(buf, data, size) != 0 ||
	    packet_decode(buf, (size_t)len, &again) < 0 || again.id != packet.id)
		abort();
	return 0;
}
