/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_WATCHING_H
#define HAOPS_TESTS_WATCHING_H

/* A watcher in a loop of its own, over a run directory of its own, and what it told. */

#include "netns.h"

#include "watch/watcher.h"

#include <dirent.h>
#include <haops/link.h>
#include <haops/process.h>
#include <haops/vip.h>
#include <qb/qbloop.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#define WATCH_WAIT_MS 10000
#define TOLD_MAX 8192

#ifndef EXPORTS_PROGRAM
#define EXPORTS_PROGRAM NULL
#endif
#ifndef DATABASE_PROGRAM
#define DATABASE_PROGRAM NULL
#endif

enum told_kind { TOLD_LOST, TOLD_SETTLED, TOLD_LINKS, TOLD_EVENT };

struct told {
	enum told_kind kind;
	char resource[HAOPS_WATCH_NAME_MAX];
	char text[512];
	int64_t at_ns;
};

struct watching {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct watcher *watcher;
	char dir[64];
	struct told *told;
	size_t count;
	size_t seen; /* those before it were asked for */
	enum told_kind wanted;
	const char *wanted_resource; /* NULL: any */
	size_t wanted_count;
	bool is_late;
};

static struct watching watching;

static inline int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void note(enum told_kind kind, const char *resource, const char *text)
{
	struct told *told = &watching.told[watching.count];

	assert_true(watching.count < TOLD_MAX);
	watching.count++;
	told->kind = kind;
	told->at_ns = now_ns();
	(void)snprintf(told->resource, sizeof(told->resource), "%s", resource);
	(void)snprintf(told->text, sizeof(told->text), "%s", text);
	if (kind == watching.wanted &&
	    (!watching.wanted_resource || strcmp(watching.wanted_resource, resource) == 0) &&
	    watching.wanted_count > 0 && --watching.wanted_count == 0) {
		watching.seen = watching.count;
		qb_loop_stop(watching.loop);
	}
}

static inline void on_lost(void *userdata, const struct haops_watch *watch, const char *reason,
			   int64_t noticed_ms)
{
	assert_ptr_equal(userdata, &watching);
	assert_true(noticed_ms > 0);
	note(TOLD_LOST, watch->resource, reason);
}

static inline void on_settled(void *userdata, const char *resource)
{
	(void)userdata;
	note(TOLD_SETTLED, resource, "");
}

static inline void on_links(void *userdata)
{
	(void)userdata;
	note(TOLD_LINKS, "", "");
}

static inline void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	(void)userdata;
	note(TOLD_EVENT, level == HAOPS_LOG_WARNING ? "warning" : "", text);
}

static inline void on_late(void *data)
{
	(void)data;
	watching.is_late = true;
	qb_loop_stop(watching.loop);
}

/* Runs the loop until so many of this kind were told since the last call. */
static inline void expect_many(enum told_kind kind, const char *resource, size_t count)
{
	qb_loop_timer_handle timer;

	for (; watching.seen < watching.count && count > 0; watching.seen++) {
		const struct told *told = &watching.told[watching.seen];

		if (told->kind == kind && (!resource || strcmp(told->resource, resource) == 0))
			count--;
	}
	if (count == 0)
		return;
	watching.wanted = kind;
	watching.wanted_resource = resource;
	watching.wanted_count = count;
	watching.is_late = false;
	assert_int_equal(qb_loop_timer_add(watching.loop, QB_LOOP_HIGH,
					   (uint64_t)WATCH_WAIT_MS * 1000000, NULL, on_late,
					   &timer),
			 0);
	qb_loop_run(watching.loop);
	if (watching.is_late) {
		for (size_t i = 0; i < watching.count; i++)
			print_message("told: %d %s %s\n", (int)watching.told[i].kind,
				      watching.told[i].resource, watching.told[i].text);
		fail_msg("nothing more was told in time");
	}
	(void)qb_loop_timer_del(watching.loop, timer);
}

static inline const struct told *expect(enum told_kind kind, const char *resource)
{
	expect_many(kind, resource, 1);
	return &watching.told[watching.seen > 0 ? watching.seen - 1 : 0];
}

static inline void expect_lost(const char *resource, const char *text)
{
	const struct told *told = expect(TOLD_LOST, resource);

	if (!strstr(told->text, text))
		fail_msg("%s: told \"%s\", not \"%s\"", resource, told->text, text);
}

static inline size_t told_count(enum told_kind kind, const char *resource)
{
	size_t count = 0;

	for (size_t i = 0; i < watching.count; i++) {
		if (watching.told[i].kind == kind &&
		    (!resource || strcmp(watching.told[i].resource, resource) == 0))
			count++;
	}
	return count;
}

static inline int64_t soon(void)
{
	return haops_deadline_after(watching.ctx, WATCH_WAIT_MS);
}

static inline struct haops_vip vip_of(const char *text, uint8_t prefix_len, const char *link)
{
	struct haops_vip vip = {.prefix_len = prefix_len,
				.preferred_lft_s = HAOPS_VIP_FOREVER,
				.nodad = true};
	struct haops_link found;

	assert_int_equal(haops_addr_parse(watching.ctx, text, &vip.addr), 0);
	assert_int_equal(haops_link_get(watching.ctx, link, soon(), &found), 0);
	vip.ifindex = found.ifindex;
	return vip;
}

static inline void add_addr(const char *text, uint8_t prefix_len, const char *link)
{
	const struct haops_vip vip = vip_of(text, prefix_len, link);

	assert_int_equal(haops_vip_add(watching.ctx, &vip, 1, soon()), 0);
}

static inline void remove_addr(const char *text)
{
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(watching.ctx, text, &addr), 0);
	assert_int_equal(haops_vip_remove(watching.ctx, &addr, 1, soon(), NULL), 0);
}

static inline void put_objects(const char *resource, struct haops_watch_object *objects,
			       size_t count)
{
	struct haops_watch watch = {.provider = "haops",
				    .agent = "test",
				    .is_pacemaker = true,
				    .objects = objects,
				    .object_count = count};

	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", resource);
	if (haops_watch_put(watching.ctx, &watch) < 0)
		fail_msg("%s", haops_ctx_error(watching.ctx));
}

static inline struct haops_watch_object address_object(const char *text, uint8_t prefix_len,
						       const char *link)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_ADDRESS};

	assert_int_equal(haops_addr_parse(watching.ctx, text, &object.address.addr), 0);
	object.address.prefix_len = prefix_len;
	(void)snprintf(object.address.link, sizeof(object.address.link), "%s", link);
	return object;
}

static inline void put_address(const char *resource, const char *text, uint8_t prefix_len,
			       const char *link)
{
	struct haops_watch_object object = address_object(text, prefix_len, link);

	put_objects(resource, &object, 1);
}

static inline void take_away(const char *resource)
{
	assert_int_equal(haops_watch_remove(watching.ctx, resource), 0);
}

/* What was done up to here has been seen when this returns, and nothing is left of it. */
static inline void settle(void)
{
	static unsigned int number;
	struct haops_watch_object object = {.kind = HAOPS_WATCH_PROCESS};
	char name[32];

	object.process.pid = 1;
	object.process.start_time = 4711; /* another one had that number: lost at once */
	(void)snprintf(name, sizeof(name), "settle-%u", number++);
	put_objects(name, &object, 1);
	(void)expect(TOLD_LOST, name);
	take_away(name);
	(void)expect(TOLD_SETTLED, name);
}

static inline void begin_watching(void)
{
	static const struct watcher_handlers handlers = {.database_program = DATABASE_PROGRAM,
							 .exports_program = EXPORTS_PROGRAM,
							 .lost = on_lost,
							 .settled = on_settled,
							 .links = on_links,
							 .event = on_event};

	assert_int_equal(watcher_new(watching.ctx, watching.loop, &handlers, &watching,
				     &watching.watcher),
			 0);
}

static inline void end_watching(void)
{
	watcher_free(watching.watcher);
	watching.watcher = NULL;
}

static inline void empty_run_dir(void)
{
	CLEANUP_DIR DIR *dir = opendir(watching.dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
}

static inline int setup_watching(void **state)
{
	static char base[] = "/tmp/haops-test-watch-XXXXXX";

	if (setup_netns(state) < 0)
		return -1;
	watching = (struct watching){.ctx = *state};
	watching.told = calloc(TOLD_MAX, sizeof(*watching.told));
	watching.loop = qb_loop_create();
	(void)snprintf(base + strlen(base) - 6, 7, "XXXXXX");
	if (!watching.told || !watching.loop || !mkdtemp(base))
		return -1;
	(void)snprintf(watching.dir, sizeof(watching.dir), "%s/run", base);
	if (haops_ctx_set_run_dir(*state, watching.dir) < 0)
		return -1;
	begin_watching();
	return 0;
}

static inline int teardown_watching(void **state)
{
	char *slash = strrchr(watching.dir, '/');

	end_watching();
	qb_loop_destroy(watching.loop);
	free(watching.told);
	empty_run_dir();
	(void)rmdir(watching.dir);
	*slash = '\0';
	(void)rmdir(watching.dir);
	return teardown_ctx(state);
}

#define TEST_WATCH(test) cmocka_unit_test_setup_teardown(test, setup_watching, teardown_watching)

#endif
