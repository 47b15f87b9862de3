/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haopsd-mysql SOCKET ROLE STUCK_MS RUN_DIR RESOURCE: looks at one database server whenever haopsd
 * asks, over one connection, and says what it found: to haopsd, and to monitors by a state file in
 * RUN_DIR. A process of its own, for a server may hang. Changes nothing.
 */
#include "mysql/protocol.h"

#include "looker/helper.h"
#include "mysql/publish.h"
#include "mysql/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A look that took so much longer than it may says that we stood still. */
#define PAUSE_MS 500
/* A new connection is made as often, and waited for as long. */
#define LOGIN_AGAIN_MS 5000
#define LOGIN_WAIT_MS 300

struct looker {
	struct haops_ctx *ctx;
	struct haops_watch_object object;
	struct haops_mysql *mysql; /* NULL: not connected */
	int64_t login_ms;	   /* when it was tried last */
	struct publisher publisher;
	struct verdict_memory memory;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int log_in(struct looker *looker, int64_t deadline_ms)
{
	/* As the operating system's user that we are. */
	const struct haops_mysql_target target = {.socket = looker->object.database.socket};
	struct haops_mysql *mysql = NULL;
	int r;

	looker->login_ms = now_ms();
	r = haops_mysql_connect(looker->ctx, &target, deadline_ms, &mysql);
	if (r < 0)
		return r;
	(void)haops_mysql_close(looker->mysql);
	looker->mysql = mysql;
	looker->publisher.login_ms = looker->login_ms;
	return 0;
}

/* Monitors rely on it that somebody who comes anew is let in. Where nobody is, they look
 * themselves, and judge that; here it is looked at over the connection that there is. */
static void log_in_again(struct looker *looker)
{
	if (now_ms() - looker->login_ms >= LOGIN_AGAIN_MS)
		(void)log_in(looker, haops_deadline_after(looker->ctx, LOGIN_WAIT_MS));
}

static void tell_monitors(struct looker *looker, const struct haops_mysql_status *status,
			  int64_t at_ms)
{
	log_in_again(looker);
	publish(&looker->publisher, status, at_ms);
}

static int try_once(struct looker *looker, int64_t deadline_ms, struct haops_mysql_status *status)
{
	int r = 0;

	if (!looker->mysql)
		r = log_in(looker, deadline_ms);
	/* Its status may take a while: what it received and did not apply is read then. */
	if (r == 0 && looker->object.database.role == HAOPS_WATCH_PLAIN)
		r = haops_mysql_check(looker->mysql, NULL, deadline_ms);
	else if (r == 0)
		r = haops_mysql_get_status(looker->mysql, deadline_ms, status);
	if (r < 0)
		looker->mysql = haops_mysql_close(looker->mysql);
	return r;
}

/* An old connection may have been ended by somebody: that is nothing of the server's. */
static int look(struct looker *looker, int64_t limit_ms, struct haops_mysql_status *status)
{
	int64_t deadline_ms = haops_deadline_after(looker->ctx, limit_ms);
	bool was_connected = looker->mysql != NULL;
	int r = try_once(looker, deadline_ms, status);

	if (r == -EIO && was_connected)
		r = try_once(looker, deadline_ms, status);
	return r;
}

static void answer(void *userdata, char question, struct look_answer *ret_answer)
{
	struct looker *looker = userdata;
	int64_t limit_ms = question == LOOK_AGAIN ? LOOK_AGAIN_MS : LOOK_MS;
	struct haops_mysql_status status = {0};
	struct verdict_look found = {.status = &status};
	int64_t begin_ms = now_ms();

	found.code = look(looker, limit_ms, &status);
	found.sentence = haops_ctx_error(looker->ctx);
	found.at_ms = now_ms();
	if (found.code == 0 || found.at_ms - begin_ms <= limit_ms + PAUSE_MS)
		ret_answer->verdict = (int32_t)database_judge(&looker->memory, &looker->object,
							      &found, ret_answer->text);
	if (found.code == 0 && looker->object.database.role != HAOPS_WATCH_PLAIN)
		tell_monitors(looker, &status, begin_ms);
	else
		publish_nothing(&looker->publisher);
	haops_mysql_status_done(&status);
}

static bool read_role(const char *word, enum haops_watch_role *ret_role)
{
	static const char *const words[] = MYSQL_ROLE_WORDS;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		*ret_role = (enum haops_watch_role)i;
		return true;
	}
	return false;
}

static bool read_arguments(char **argv, struct haops_watch_object *object)
{
	char *end = NULL;
	unsigned long stuck_ms = strtoul(argv[3], &end, 10);

	object->kind = HAOPS_WATCH_DATABASE;
	object->database.socket = argv[1];
	object->database.stuck_ms = (uint32_t)stuck_ms;
	return argv[1][0] == '/' && argv[4][0] == '/' &&
	       read_role(argv[2], &object->database.role) && *argv[3] && !*end &&
	       stuck_ms <= UINT32_MAX;
}

int main(int argc, char **argv)
{
	struct looker looker = {.ctx = NULL};
	bool is_right = argc == 6 && read_arguments(argv, &looker.object);
	int r;

	if (!is_right) {
		(void)fprintf(stderr, "haopsd-mysql: started by haopsd only\n");
		return 2;
	}
	helper_begin();
	if (haops_ctx_new(&looker.ctx) < 0)
		return 1;
	r = haops_ctx_set_run_dir(looker.ctx, argv[4]);
	publisher_init(&looker.publisher, looker.ctx, argv[5]);
	if (r == 0)
		r = helper_run(answer, &looker);
	publish_nothing(&looker.publisher);
	/* The server is told, so that it logs no broken connection. */
	(void)haops_mysql_close(looker.mysql);
	(void)haops_ctx_free(looker.ctx);
	return r == 0 ? 0 : 1;
}
