/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_FORMAT_H
#define HAOPS_TOOL_FORMAT_H

/* Values as people, JSON and XML want them. Pure. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A duration, such as "37 ms", "3.2 s", "2 min 5 s", "1 h 2 min", "3 d 4 h". */
void format_duration(int64_t ms, char *buf, size_t size);
/* Milliseconds since 1970 as local time, such as "2026-09-21 14:13:20"; as UTC in ISO 8601 with
 * milliseconds. "-" when there is no such time. */
void format_local_time(int64_t wall_ms, char *buf, size_t size);
void format_utc(int64_t wall_ms, char *buf, size_t size);

/* The next character of UTF-8: its bytes, 0 at the end, -1 when the byte there is part of none. */
int format_utf8(const char *text, uint32_t *ret_code);

/* Text for a terminal: what would control it, or is no UTF-8, becomes \xNN. Returns the columns. */
size_t format_plain(FILE *out, const char *text);
/* A JSON string with its quotes; what is no UTF-8 becomes U+FFFD. */
void format_json(FILE *out, const char *text);
/* Text of an XML attribute or element; what XML cannot hold becomes U+FFFD. */
void format_xml(FILE *out, const char *text);

#endif
