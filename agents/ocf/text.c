/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that goes to a log or an exit reason: escaped, quoted, cut, without secrets. Pure.
 */
#include "ocf/run.h"

#include <string.h>

#define QUOTE_MAX 40
#define REDACTED "***"

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* The escape of one byte, as C writes it; returns its length. */
static size_t escape_byte(unsigned char c, char out[5])
{
	const char *known = "\n\r\t\"\\";
	const char *names = "nrt\"\\";
	const char *at = c ? strchr(known, c) : NULL;

	if (at)
		return (size_t)snprintf(out, 5, "\\%c", names[at - known]);
	return (size_t)snprintf(out, 5, "\\x%02x", c);
}

void ocf_text_escape(const char *in, char *out, size_t size)
{
	size_t len = 0;

	for (; *in && len + 5 <= size; in++) {
		if (is_control((unsigned char)*in))
			len += escape_byte((unsigned char)*in, out + len);
		else
			out[len++] = *in;
	}
	out[len] = '\0';
}

void ocf_text_quote(const char *value, char *out, size_t size)
{
	size_t len = 0;

	out[len++] = '"';
	for (; *value && len <= QUOTE_MAX && len + 9 < size; value++) {
		unsigned char c = (unsigned char)*value;

		if (is_control(c) || c >= 0x80 || c == '"' || c == '\\')
			len += escape_byte(c, out + len);
		else
			out[len++] = *value;
	}
	(void)snprintf(out + len, size - len, "%s\"", *value ? "..." : "");
}

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void ocf_text_cut(char *text, size_t max)
{
	size_t end = max - 3;
	size_t word;

	if (strlen(text) <= max)
		return;
	while (end > 0 && is_utf8_tail(text[end]))
		end--;
	/* A word longer than half of the room is cut rather than left out. */
	for (word = end; word > end / 2 && text[word] != ' '; word--)
		;
	if (text[word] == ' ')
		end = word;
	while (end > 0 && strchr(" ,;:", text[end - 1]))
		end--;
	memcpy(text + end, "...", 4);
}

void ocf_text_redact(const char *in, const char *secret, char *out, size_t size)
{
	size_t secret_len = strlen(secret);
	size_t len = 0;

	while (*in && len + sizeof(REDACTED) < size) {
		if (secret_len > 0 && strncmp(in, secret, secret_len) == 0) {
			memcpy(out + len, REDACTED, sizeof(REDACTED) - 1);
			len += sizeof(REDACTED) - 1;
			in += secret_len;
		} else {
			out[len++] = *in++;
		}
	}
	out[len] = '\0';
}
