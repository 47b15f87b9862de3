/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_FIXTURE_H
#define HAOPS_TESTS_MYSQL_FIXTURE_H

/* A fake server, and a connection to it. No sentence and no log line may hold the password. */

#include "fake_mysql.h"

#define MARIADB "10.11.19-MariaDB"
#define MYSQL "8.4.0"
#define SECRET "sEcReT"

struct fixture {
	struct fake_mysql fake;
	struct haops_ctx *ctx;
	struct haops_mysql *mysql;
};

static inline void begin(struct fixture *f, const char *version)
{
	fake_mysql_init(&f->fake, version);
	f->ctx = fake_mysql_ctx(&f->fake);
	f->mysql = fake_mysql_connect(f->ctx);
}

static inline void end(struct fixture *f)
{
	haops_mysql_close(f->mysql);
	assert_null(strstr(haops_ctx_error(f->ctx), SECRET));
	assert_null(strstr(f->fake.log, SECRET));
	haops_ctx_free(f->ctx);
	fake_mysql_done(&f->fake);
}

static inline int64_t in(const struct fixture *f, int64_t ms)
{
	return haops_deadline_after(f->ctx, ms);
}

static inline void assert_says(const struct fixture *f, const char *part)
{
	if (!strstr(haops_ctx_error(f->ctx), part))
		fail_msg("\"%s\" is not in \"%s\"", part, haops_ctx_error(f->ctx));
}

static inline void receive(struct fixture *f, const char *set)
{
	(void)snprintf(f->fake.received, sizeof(f->fake.received), "%s", set);
}

static inline int ask(struct fixture *f)
{
	struct haops_mysql_status status = {0};
	int r = haops_mysql_get_status(f->mysql, in(f, 1000), &status);

	haops_mysql_status_done(&status);
	return r;
}

#endif
