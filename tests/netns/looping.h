/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_LOOPING_H
#define HAOPS_TESTS_LOOPING_H

/* A qb_loop that runs until something is so, with a deadline; and what parts of haopsd told. */

#include "netns.h"

#include <qb/qbloop.h>

#define LOOP_WAIT_MS 20000
#define LOOP_EACH_NS 2000000
#define LOOP_TOLD_MAX 64

struct looping {
	qb_loop_t *loop;
	bool (*is_so)(void *userdata);
	void *userdata;
	int64_t until_ms;
	bool is_late;
	size_t told_count;
	char told[LOOP_TOLD_MAX][512];
};

static struct looping looping;

static inline int64_t loop_now_ms(void)
{
	return haops_sys_linux.now_ns() / 1000000;
}

static inline void on_loop_tick(void *userdata)
{
	qb_loop_timer_handle timer;

	looping.is_late = loop_now_ms() >= looping.until_ms;
	if (looping.is_late || (looping.is_so && looping.is_so(looping.userdata))) {
		qb_loop_stop(looping.loop);
		return;
	}
	assert_int_equal(qb_loop_timer_add(looping.loop, QB_LOOP_LOW, LOOP_EACH_NS, userdata,
					   on_loop_tick, &timer),
			 0);
}

static inline void loop_run(bool (*is_so)(void *userdata), void *userdata, int64_t ms)
{
	looping.is_so = is_so;
	looping.userdata = userdata;
	looping.until_ms = loop_now_ms() + ms;
	on_loop_tick(NULL);
	if (!looping.is_late && (!is_so || !is_so(userdata)))
		qb_loop_run(looping.loop);
}

/* Until it is so; the test fails when that takes too long. */
static inline void loop_until(bool (*is_so)(void *userdata), void *userdata)
{
	loop_run(is_so, userdata, LOOP_WAIT_MS);
	assert_false(looping.is_late);
}

/* For so long, whatever happens. */
static inline void loop_for(int64_t ms)
{
	loop_run(NULL, NULL, ms);
}

static inline void on_told(void *userdata, enum haops_log_level level, const char *text)
{
	(void)userdata;
	(void)level;
	assert_true(looping.told_count < LOOP_TOLD_MAX);
	(void)snprintf(looping.told[looping.told_count++], sizeof(looping.told[0]), "%s", text);
}

static inline size_t loop_told(const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < looping.told_count; i++)
		count += strstr(looping.told[i], text) != NULL;
	return count;
}

static inline void loop_new(void)
{
	looping = (struct looping){.loop = qb_loop_create()};
	assert_non_null(looping.loop);
}

static inline void loop_free(void)
{
	qb_loop_destroy(looping.loop);
}

#endif
