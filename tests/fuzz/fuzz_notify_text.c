/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the reader of sd_notify(3)'s messages: what it keeps is one printable line. */

#include "notify-text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[HAOPS_PROCESS_TEXT_MAX] = "";
	char *message = malloc(size ? size : 1);
	bool is_ready = false;

	if (!message)
		abort();
	memcpy(message, data, size);
	notify_text_read(message, size, &is_ready, text);
	if (!memchr(text, '\0', sizeof(text)) || (is_ready && !memmem(data, size, "READY=1", 7)))
		abort();
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			abort();
	free(message);
	return 0;
}
