/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_NOTIFY_TEXT_H
#define HAOPS_NOTIFY_TEXT_H

/* What a program says of itself by sd_notify(3): lines of NAME=VALUE. Pure. */

#include <haops/process.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads one message. *is_ready becomes true by READY=1; text by STATUS=, cut to fit, without
 * control characters. What else it says, or is no message at all, is no matter of ours. */
void notify_text_read(const char *message, size_t len, bool *is_ready,
		      char text[HAOPS_PROCESS_TEXT_MAX]);

#endif
