/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public calls that change a server: their arguments, and which plan they are. */
#include "internal.h"
#include "plan-demote.h"
#include "plan-drain.h"
#include "plan-durability.h"
#include "plan-promote.h"
#include "plan-repoint.h"
#include "runner.h"

#include <ctype.h>

static int drain(struct haops_mysql *mysql, const struct operation *operation, bool stops,
		 const struct haops_mysql_wait *wait, uint64_t *ret_applied)
{
	struct drain memory = {.stops = stops};
	int r;

	if (!mysql)
		return -EINVAL;
	if (!wait || wait->stall_ms < 0)
		return haops_fail(mysql->ctx, EINVAL, "%s: how long to wait is not given",
				  operation->name);
	memory.ctx = mysql->ctx;
	memory.stall_ms = wait->stall_ms;
	memory.progress = wait->progress;
	memory.userdata = wait->userdata;
	r = runner_run(mysql, operation, &memory, wait->deadline_ms);
	if (r == 0 && ret_applied)
		*ret_applied = memory.left_at_first;
	plan_drain_done(&memory);
	return r;
}

int haops_mysql_drain(struct haops_mysql *mysql, const struct haops_mysql_wait *wait,
		      uint64_t *ret_applied)
{
	static const struct operation operation = {.name = "drain",
						   .next = plan_drain,
						   .codes = {ENODATA, EBUSY, EBADMSG}};

	return drain(mysql, &operation, false, wait, ret_applied);
}

int haops_mysql_stop_replication(struct haops_mysql *mysql, const struct haops_mysql_wait *wait)
{
	static const struct operation operation = {.name = "stop replication",
						   .next = plan_drain,
						   .codes = {ENODATA, EBUSY, EBADMSG}};

	return drain(mysql, &operation, true, wait, NULL);
}

static int check_durability(struct haops_mysql *mysql, enum haops_mysql_durability durability)
{
	if (durability == HAOPS_MYSQL_ASYNC || durability == HAOPS_MYSQL_SAFE)
		return 0;
	return haops_fail(mysql->ctx, EINVAL, "there is no durability %d", (int)durability);
}

int haops_mysql_promote(struct haops_mysql *mysql, enum haops_mysql_durability durability,
			int64_t deadline_ms)
{
	static const struct operation operation = {.name = "promote",
						   .next = plan_promote,
						   .codes = {EBUSY, ENOTSUP, EACCES}};
	struct promote memory = {.durability.wanted = durability};
	int r;

	if (!mysql)
		return -EINVAL;
	r = check_durability(mysql, durability);
	return r < 0 ? r : runner_run(mysql, &operation, &memory, deadline_ms);
}

int haops_mysql_set_durability(struct haops_mysql *mysql, enum haops_mysql_durability durability,
			       int64_t deadline_ms)
{
	static const struct operation operation = {.name = "set durability",
						   .next = plan_durability,
						   .codes = {ENOTSUP}};
	struct durability memory = {.wanted = durability};
	int r;

	if (!mysql)
		return -EINVAL;
	r = check_durability(mysql, durability);
	return r < 0 ? r : runner_run(mysql, &operation, &memory, deadline_ms);
}

int haops_mysql_set_acks(struct haops_mysql *mysql, bool acks, int64_t deadline_ms)
{
	static const struct operation operation = {.name = "set acks",
						   .next = plan_acks,
						   .codes = {EBUSY, ENOTSUP}};
	struct acks memory = {.wanted = acks};

	return mysql ? runner_run(mysql, &operation, &memory, deadline_ms) : -EINVAL;
}

int haops_mysql_demote(struct haops_mysql *mysql, int64_t deadline_ms,
		       struct haops_mysql_fenced *ret_fenced)
{
	static const struct operation operation = {.name = "demote",
						   .next = plan_demote,
						   .codes = {EACCES}};
	struct demote memory = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	r = runner_run(mysql, &operation, &memory, deadline_ms);
	if (r == 0 && ret_fenced)
		*ret_fenced = (struct haops_mysql_fenced){.killed = memory.killed,
							  .position = TAKE_PTR(memory.position)};
	plan_demote_done(&memory);
	return r;
}

/* A line end or a NUL in a statement is nobody's host or password. */
static bool is_fit(const char *text)
{
	for (; text && *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static int check_source(struct haops_mysql *mysql, const struct haops_mysql_source *source)
{
	const struct {
		const char *name;
		const char *value;
		bool is_needed;
	} texts[] = {{"host", source->host, true},	    {"user", source->user, true},
		     {"password", source->password, false}, {"ca", source->ca, false},
		     {"cert", source->cert, false},	    {"key", source->key, false}};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *value = texts[i].value;

		if (texts[i].is_needed && (!value || !*value))
			return haops_fail(mysql->ctx, EINVAL, "source: there is no %s",
					  texts[i].name);
		if (value && (strlen(value) >= HAOPS_MYSQL_NAME_MAX || !is_fit(value)))
			return haops_fail(mysql->ctx, EINVAL,
					  "source: the %s is overlong, or has characters that are "
					  "none",
					  texts[i].name);
	}
	if (source->port > UINT16_MAX)
		return haops_fail(mysql->ctx, EINVAL, "source: there is no port %u", source->port);
	return 0;
}

int haops_mysql_repoint(struct haops_mysql *mysql, const struct haops_mysql_source *source,
			int64_t deadline_ms)
{
	static const struct operation operation = {.name = "repoint",
						   .next = plan_repoint,
						   .codes = {EPERM, ECONNREFUSED, EACCES, ESTALE,
							     EBADMSG},
						   .is_denied_elsewhere = true};
	struct repoint memory = {.source = source};
	int r;

	if (!mysql)
		return -EINVAL;
	if (!source)
		return haops_fail(mysql->ctx, EINVAL, "there is no source");
	r = check_source(mysql, source);
	if (r == 0)
		r = runner_run(mysql, &operation, &memory, deadline_ms);
	plan_repoint_done(&memory);
	return r;
}
