/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durations, times and escapes; see format.h. Knows nothing of clusters. */

#include "format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define REPLACEMENT "\xef\xbf\xbd"

void format_duration(int64_t ms, char *buf, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t seconds = ms / 1000;
	size_t i = 0;

	if (ms < 1000) {
		snprintf(buf, size, "%" PRId64 " ms", ms);
		return;
	}
	if (seconds < 60) {
		int64_t tenths = ms / 100 % 10;

		if (tenths == 0)
			snprintf(buf, size, "%" PRId64 " s", seconds);
		else
			snprintf(buf, size, "%" PRId64 ".%" PRId64 " s", seconds, tenths);
		return;
	}
	while (seconds < units[i].seconds)
		i++;
	if (seconds % units[i].seconds < units[i + 1].seconds)
		snprintf(buf, size, "%" PRId64 " %s", seconds / units[i].seconds, units[i].name);
	else
		snprintf(buf, size, "%" PRId64 " %s %" PRId64 " %s", seconds / units[i].seconds,
			 units[i].name, seconds % units[i].seconds / units[i + 1].seconds,
			 units[i + 1].name);
}

void format_local_time(int64_t wall_ms, char *buf, size_t size)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm when;

	if (wall_ms <= 0 || !localtime_r(&seconds, &when) ||
	    strftime(buf, size, "%Y-%m-%d %H:%M:%S", &when) == 0)
		snprintf(buf, size, "-");
}

void format_utc(int64_t wall_ms, char *buf, size_t size)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char date[64];
	struct tm when;

	if (wall_ms <= 0 || !gmtime_r(&seconds, &when) ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &when) == 0)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

/* Bytes that a character takes by its first one; 0: none begins so. */
static int utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

int format_utf8(const char *text, uint32_t *ret_code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)text;
	int len = utf8_length(bytes[0]);
	uint32_t code;

	if (bytes[0] == '\0')
		return 0;
	if (len == 0)
		return -1;
	code = len == 1 ? bytes[0] : bytes[0] & (0xffu >> (len + 1));
	for (int i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return -1;
	*ret_code = code;
	return len;
}

/* Neither a control character nor one that turns, hides or joins what is around it. */
static bool is_printable(uint32_t code)
{
	static const uint32_t bad[][2] = {{0, 0x1f},	    {0x7f, 0x9f},     {0xad, 0xad},
					  {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
					  {0xfeff, 0xfeff}, {0xfff0, 0xffff}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (code >= bad[i][0] && code <= bad[i][1])
			return false;
	}
	return true;
}

size_t format_plain(FILE *out, const char *text)
{
	size_t columns = 0;
	uint32_t code = 0;
	int len;

	while ((len = format_utf8(text, &code)) != 0) {
		if (len > 0 && is_printable(code)) {
			(void)fwrite(text, 1, (size_t)len, out);
			columns++;
			text += len;
			continue;
		}
		fprintf(out, "\\x%02x", (unsigned char)*text);
		columns += 4;
		text++;
	}
	return columns;
}

void format_json(FILE *out, const char *text)
{
	uint32_t code = 0;
	int len;

	fputc('"', out);
	while ((len = format_utf8(text, &code)) != 0) {
		if (len < 0)
			fputs(REPLACEMENT, out);
		else if (code == '"' || code == '\\')
			fprintf(out, "\\%c", (char)code);
		else if (code < 0x20 || code == 0x7f)
			fprintf(out, "\\u%04x", code);
		else
			(void)fwrite(text, 1, (size_t)len, out);
		text += len > 0 ? len : 1;
	}
	fputc('"', out);
}

void format_xml(FILE *out, const char *text)
{
	uint32_t code = 0;
	int len;

	while ((len = format_utf8(text, &code)) != 0) {
		bool is_space = len == 1 && strchr("\t\n\r", (int)code);

		if (len == 1 && strchr("&<>\"'", (int)code))
			fprintf(out, "&#%u;", code);
		else if (is_space)
			fprintf(out, "&#%u;", code);
		else if (len < 0 || code < 0x20 || code == 0xfffe || code == 0xffff)
			fputs(REPLACEMENT, out);
		else
			(void)fwrite(text, 1, (size_t)len, out);
		text += len > 0 ? len : 1;
	}
}
