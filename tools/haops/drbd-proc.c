/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/drbd of DRBD 8.4, see drbd-proc.h. A minor's part begins with a line " 0: cs:..." and goes
 * on to the next of these; of large devices "finish:" is in the same line as the percentage. */

#include "drbd-proc.h"

#include "drbd/events.h"
#include "util/num.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
#define NUMBER_MAX 16

struct part {
	const char *begin;
	size_t len;
};

/* A number of at most 15 digits; what is behind it, or NULL. */
static const char *read_number(const char *text, int64_t max, int64_t *number)
{
	char digits[NUMBER_MAX];
	size_t len = strspn(text, DIGITS);

	if (len == 0 || len >= sizeof(digits))
		return NULL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return num_parse(digits, 0, max, number) == 0 ? text + len : NULL;
}

/* Whether a line begins the part of a minor, and which. */
static bool is_head(const char *line, int64_t *minor)
{
	const char *rest = read_number(line + strspn(line, " "), INT32_MAX, minor);

	return rest && strncmp(rest, ": cs:", 5) == 0;
}

static const char *next_line(const char *line)
{
	size_t len = strcspn(line, "\n");

	return line + len + (line[len] == '\n');
}

static bool find_part(const char *text, int64_t minor, struct part *part)
{
	const char *end;
	int64_t found;

	while (*text && !(is_head(text, &found) && found == minor))
		text = next_line(text);
	if (!*text)
		return false;
	end = next_line(text);
	while (*end && !is_head(end, &found))
		end = next_line(end);
	part->begin = text;
	part->len = (size_t)(end - text);
	return true;
}

/* What is behind a word of the part; NULL: the word is not in it. */
static const char *behind(const struct part *part, const char *word)
{
	const char *found = strstr(part->begin, word);

	return found && found < part->begin + part->len ? found + strlen(word) : NULL;
}

/* "sync'ed: 39.7%". A verification has another word. */
static int permille_of(const struct part *part)
{
	const char *at = behind(part, "sync'ed:");
	int64_t whole;
	int64_t tenth;

	at = at ? read_number(at + strspn(at, " "), 100, &whole) : NULL;
	if (!at || *at != '.')
		return -1;
	at = read_number(at + 1, 9, &tenth);
	if (!at || *at != '%' || 10 * whole + tenth > 1000)
		return -1;
	return (int)(10 * whole + tenth);
}

/* "finish: 1:02:03"; while it stands still DRBD makes one up. */
static int64_t left_of(const struct part *part)
{
	const char *at = behind(part, "finish:");
	int64_t hours;
	int64_t minutes;
	int64_t seconds;

	if (!at || behind(part, "stalled"))
		return -1;
	at = read_number(at + strspn(at, " "), EVENTS_LEFT_MAX_S / 3600, &hours);
	at = at && *at == ':' ? read_number(at + 1, 59, &minutes) : NULL;
	at = at && *at == ':' ? read_number(at + 1, 59, &seconds) : NULL;
	return at ? (hours * 60 + minutes) * 60 + seconds : -1;
}

int drbd_proc_find(const char *text, int64_t minor, struct drbd_progress *progress)
{
	struct part part;

	if (!find_part(text, minor, &part))
		return -ENOENT;
	progress->permille = permille_of(&part);
	progress->left_s = left_of(&part);
	return 0;
}
