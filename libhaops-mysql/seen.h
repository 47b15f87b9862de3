/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_SEEN_H
#define HAOPS_MYSQL_SEEN_H

/*
 * What a look at a server found that is in its place: haopsd's helper writes it after each of its
 * looks, and a monitor that comes soon after reads that instead of looking itself. Pure.
 */

#include <haops/mysql.h>

/* State file "mysql-seen-RESOURCE": as a note of this kind of the agent. */
#define SEEN_KIND "seen"
#define SEEN_STATE "mysql-" SEEN_KIND "-%.150s"
#define SEEN_STATE_MAX 201
#define SEEN_PLACE_MAX 768
#define SEEN_TEXT_MAX (SEEN_PLACE_MAX + 128)

/* Looks that are older say nothing of now. */
#define SEEN_MS 3000
/* Nor do those of who was let in before that. */
#define SEEN_LOGIN_MS 8000
/* A replica that is further behind is not in its place. */
#define SEEN_LAG_S 1

/* Times are CLOCK_BOOTTIME in ms. */
struct seen {
	int64_t at_ms;		    /* when the server was asked */
	int64_t login_ms;	    /* when it was asked to let somebody in who came anew */
	unsigned int waiting;	    /* commits that wait for a replica */
	uint64_t acked;		    /* commits that were acknowledged */
	char place[SEEN_PLACE_MAX]; /* alike for two looks between which nothing changed; "P..." of
				       a primary, "R..." of a replica */
};

/* Fills all but the times. False: it is not in its place, or cannot be told apart from others.
 * logged is its log's position as text. */
bool seen_describe(const struct haops_mysql_status *status, const char *logged,
		   struct seen *ret_seen);

int seen_format(const struct seen *seen, char *buf, size_t size);
bool seen_parse(const char *text, struct seen *ret_seen);
bool seen_is_fresh(const struct seen *seen, int64_t now_ms);

#endif
