/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The schedule of announcements: read from text, checked, and when the next round is due. Pure. */
#include "arp-schedule.h"
#include "internal.h"
#include "util/num.h"

#include <haops/arp.h>

#define BURST_MAX 1000
#define INTERVAL_MAX_MS 60000
#define LATER_MAX_S 86400
#define MS_PER_S 1000
#define NUMBER_MAX 8 /* bytes of one number in the text, with the NUL */

const char *arp_schedule_check(const struct haops_arp_schedule *schedule)
{
	if (schedule->burst_count < 1 || schedule->burst_count > BURST_MAX)
		return "the first burst must have 1 to 1000 rounds";
	if (schedule->burst_interval_ms > INTERVAL_MAX_MS)
		return "the interval must be 0 to 60000 ms";
	if (schedule->later_count > HAOPS_ARP_SCHEDULE_MAX)
		return "there are more than 32 later rounds";
	for (size_t i = 0; i < schedule->later_count; i++) {
		if (schedule->later_s[i] < 1 || schedule->later_s[i] > LATER_MAX_S)
			return "a later round must be 1 to 86400 s after the first one";
		if (i > 0 && schedule->later_s[i] <= schedule->later_s[i - 1])
			return "the times of the later rounds must rise";
	}
	return NULL;
}

static int64_t last_of_burst(const struct haops_arp_schedule *schedule, int64_t first_ms)
{
	return first_ms + (int64_t)(schedule->burst_count - 1) * schedule->burst_interval_ms;
}

int64_t arp_schedule_next(const struct haops_arp_schedule *schedule, int64_t first_ms,
			  uint32_t rounds_done)
{
	int64_t burst_end_ms = last_of_burst(schedule, first_ms);
	uint32_t later_done;

	if (rounds_done < schedule->burst_count)
		return first_ms + (int64_t)rounds_done * schedule->burst_interval_ms;
	later_done = rounds_done - schedule->burst_count;
	/* Those within a long burst are part of it. */
	for (size_t i = 0; i < schedule->later_count; i++) {
		int64_t due_ms = first_ms + (int64_t)schedule->later_s[i] * MS_PER_S;

		if (due_ms > burst_end_ms && later_done-- == 0)
			return due_ms;
	}
	return ARP_SCHEDULE_DONE;
}

uint32_t arp_schedule_advance(const struct haops_arp_schedule *schedule, int64_t first_ms,
			      int64_t now_ms, uint32_t rounds_done)
{
	rounds_done++;
	while (rounds_done >= schedule->burst_count &&
	       arp_schedule_next(schedule, first_ms, rounds_done) <= now_ms)
		rounds_done++;
	return rounds_done;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One number up to the next comma. Moves *text behind it, or to NULL at the end. */
static int take_number(const char **text, int64_t *ret_number)
{
	const char *begin = *text + strspn(*text, " \t");
	size_t len = strcspn(begin, ",");
	const char *end = begin + len;
	char number[NUMBER_MAX] = "";

	*text = *end ? end + 1 : NULL;
	while (len > 0 && is_blank(begin[len - 1]))
		len--;
	if (len >= sizeof(number))
		return -EINVAL;
	memcpy(number, begin, len);
	return num_parse(number, 1, LATER_MAX_S, ret_number);
}

int haops_arp_schedule_parse(struct haops_ctx *ctx, const char *text,
			     struct haops_arp_schedule *schedule)
{
	uint32_t later_s[HAOPS_ARP_SCHEDULE_MAX] = {0};
	size_t count = 0;
	int64_t number = 0;

	if (!ctx)
		return -EINVAL;
	if (!text || !schedule)
		return haops_fail(ctx, EINVAL, "schedule: no text or no place for it was given");
	for (const char *at = text; *text && strcmp(text, "none") != 0 && at;) {
		if (count == HAOPS_ARP_SCHEDULE_MAX)
			return haops_fail(ctx, EINVAL, "schedule: more than %d times",
					  HAOPS_ARP_SCHEDULE_MAX);
		if (take_number(&at, &number) < 0)
			return haops_fail(ctx, EINVAL,
					  "schedule: time %zu is no whole number of 1 to %d "
					  "seconds",
					  count + 1, LATER_MAX_S);
		if (count > 0 && number <= later_s[count - 1])
			return haops_fail(ctx, EINVAL,
					  "schedule: time %zu is not above the one before it",
					  count + 1);
		later_s[count++] = (uint32_t)number;
	}
	memcpy(schedule->later_s, later_s, sizeof(later_s));
	schedule->later_count = count;
	return 0;
}
