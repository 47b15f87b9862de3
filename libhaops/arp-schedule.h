/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ARP_SCHEDULE_H
#define HAOPS_ARP_SCHEDULE_H

/* When the rounds of announcements are due. Times are milliseconds on one clock, whichever. */

#include <haops/arp.h>
#include <stdint.h>

#define ARP_SCHEDULE_DONE INT64_MAX

/* NULL when the schedule is within its documented ranges, else what is wrong with it. */
const char *arp_schedule_check(const struct haops_arp_schedule *schedule);

/* When the next round is due after rounds_done of them, the first of which was due at first_ms;
 * ARP_SCHEDULE_DONE when there is none. */
int64_t arp_schedule_next(const struct haops_arp_schedule *schedule, int64_t first_ms,
			  uint32_t rounds_done);

/* How many rounds are done when one was sent at now_ms after rounds_done of them. Late ones of the
 * first burst are caught up; of later ones that are overdue together, one is enough. */
uint32_t arp_schedule_advance(const struct haops_arp_schedule *schedule, int64_t first_ms,
			      int64_t now_ms, uint32_t rounds_done);

#endif
