/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the decoder of the status: what it understands must come back the same. */

#include "ipc/status.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(const struct status *status, uint8_t **ret_data, size_t *ret_len)
{
	if (status_encode(status, ret_data, ret_len) < 0)
		abort();
}

static void check(const struct status *first)
{
	struct status second;
	uint8_t *bytes[2];
	size_t lens[2];

	encode(first, &bytes[0], &lens[0]);
	if (status_init(&second) < 0 || status_decode(bytes[0], lens[0], &second) < 0)
		abort();
	encode(&second, &bytes[1], &lens[1]);
	if (lens[0] != lens[1] || (lens[0] > 0 && memcmp(bytes[0], bytes[1], lens[0]) != 0))
		abort();
	free(bytes[0]);
	free(bytes[1]);
	status_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct status status;

	if (status_init(&status) < 0)
		abort();
	if (status_decode(data, size, &status) == 0)
		check(&status);
	status_done(&status);
	return 0;
}
