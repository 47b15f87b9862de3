/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges the end of "drbdadm outdate" and "drbdadm dstate". Starts nothing, see outdating.c.
 */
#include "drbdadm.h"

#include "outdate.h"

#include <stdio.h>
#include <string.h>

/* drbdadm outdate, the same in drbd-utils for 8.4 and for 9. */
#define DRBDADM_DONE 0
#define DRBDADM_INCONSISTENT 5 /* the disk is worse than outdated already */
#define DRBDADM_REFUSED 11     /* by the kernel, for the state in which it is */
#define DRBDADM_PRIMARY 17     /* refused: it is in use, Primary, and has the only good data */

#define LINE_MAX_BYTES 160

/* The first line of what drbdadm wrote, fit for a log. */
static void first_line(const char *output, char line[LINE_MAX_BYTES])
{
	size_t len = 0;

	while (output[len] && output[len] != '\n' && len < LINE_MAX_BYTES - 1) {
		unsigned char c = (unsigned char)output[len];

		line[len++] = c < ' ' || c > '~' ? ' ' : (char)c;
	}
	line[len] = '\0';
}

static int judge_failure(const struct child_end *end, char *text, size_t size)
{
	char line[LINE_MAX_BYTES];

	first_line(end->output, line);
	if (end->is_timed_out)
		(void)snprintf(text, size,
			       "drbdadm did not end in time; the disk's state is unknown");
	else if (end->exit_code < 0)
		(void)snprintf(text, size, "drbdadm outdate was ended by signal %d", end->signal);
	else
		(void)snprintf(text, size, "drbdadm outdate failed with exit code %d: %s",
			       end->exit_code, line[0] ? line : "it gave no reason");
	return OUTDATE_FAILED;
}

int drbdadm_judge(const struct child_end *end, char *text, size_t size)
{
	if (end->is_timed_out)
		return judge_failure(end, text, size);
	switch (end->exit_code) {
	case DRBDADM_DONE:
		(void)snprintf(text, size, "the disk is outdated now");
		return OUTDATE_PEER_OUTDATED;
	case DRBDADM_INCONSISTENT:
		(void)snprintf(text, size, "the disk is Inconsistent, or worse, already");
		return OUTDATE_PEER_INCONSISTENT;
	case DRBDADM_PRIMARY:
		(void)snprintf(text, size, "refused: the resource is Primary there");
		return OUTDATE_PEER_PRIMARY;
	default:
		return judge_failure(end, text, size);
	}
}

bool drbdadm_is_to_be_seen(const struct child_end *end)
{
	return !end->is_timed_out &&
	       (end->exit_code == DRBDADM_DONE || end->exit_code == DRBDADM_INCONSISTENT ||
		end->exit_code == DRBDADM_REFUSED);
}

static bool is_one_of(const char *word, size_t len, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == len && strncmp(word, words[i], len) == 0)
			return true;
	return false;
}

/* A line for each volume, "OWN/PEER", with more peers in DRBD 9. Warnings may stand before them; a
 * word that is not known may be a good disk's. */
enum drbdadm_disk drbdadm_judge_disk(const struct child_end *end)
{
	static const char *const worse[] = {"Outdated", "Inconsistent", "Diskless",
					    "Failed",	"Detaching",	NULL};
	static const char *const good[] = {"UpToDate", "Consistent", "Attaching", "Negotiating",
					   NULL};
	enum drbdadm_disk disk = DRBDADM_DISK_UNKNOWN;
	const char *line = end->output;

	/* Output that was cut may lack volumes. */
	if (end->is_timed_out || end->exit_code != 0 || strlen(end->output) >= CHILD_OUTPUT_MAX - 1)
		return DRBDADM_DISK_UNKNOWN;
	while (*line) {
		size_t len = strcspn(line, "/\n");

		if (line[len] == '/' && is_one_of(line, len, good))
			return DRBDADM_DISK_GOOD;
		if (line[len] == '/' && is_one_of(line, len, worse))
			disk = DRBDADM_DISK_OUTDATED;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return disk;
}
