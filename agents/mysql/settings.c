/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings without which a promotable resource cannot keep its promise. They are the
 * administrator's to change: the first wrong one is named, none is changed here. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum need {
	NEED_ALWAYS,
	NEED_SAFE,   /* with durability=safe */
	NEED_CLOSED, /* while it is not promoted; MySQL's and MariaDB's */
};

struct setting {
	const char *name;
	const char *other; /* its newer name, or NULL */
	const char *value; /* as the server writes it */
	const char *other_value;
	enum need need;
};

static const struct setting mariadb_settings[] = {
	{"log_bin", NULL, "ON", "1", NEED_ALWAYS},
	{"log_slave_updates", "log_replica_updates", "ON", "1", NEED_ALWAYS},
	{"binlog_format", NULL, "ROW", "ROW", NEED_ALWAYS},
	{"event_scheduler", NULL, "OFF", "DISABLED", NEED_CLOSED},
	{"sync_binlog", NULL, "1", "1", NEED_SAFE},
	{"innodb_flush_log_at_trx_commit", NULL, "1", "3", NEED_SAFE},
	{"sync_relay_log", NULL, "1", "1", NEED_SAFE},
};

static const struct setting mysql_settings[] = {
	{"log_bin", NULL, "ON", "1", NEED_ALWAYS},
	{"log_replica_updates", "log_slave_updates", "ON", "1", NEED_ALWAYS},
	{"binlog_format", NULL, "ROW", "ROW", NEED_ALWAYS},
	{"event_scheduler", NULL, "OFF", "DISABLED", NEED_CLOSED},
	{"gtid_mode", NULL, "ON", "ON", NEED_ALWAYS},
	{"enforce_gtid_consistency", NULL, "ON", "ON", NEED_ALWAYS},
	{"sync_binlog", NULL, "1", "1", NEED_SAFE},
	{"innodb_flush_log_at_trx_commit", NULL, "1", "1", NEED_SAFE},
	{"sync_relay_log", NULL, "1", "1", NEED_SAFE},
};

static const char *advice_of(const struct setting *s)
{
	if (s->need == NEED_SAFE)
		return " (or durability=async)";
	return s->need == NEED_CLOSED ? " (or event_scheduler=primary here)" : "";
}

static int read_setting(struct ocf_run *run, struct haops_mysql *mysql, const struct setting *s,
			char **ret_value)
{
	int r = haops_mysql_get_setting(mysql, s->name, ocf_deadline(run), ret_value);

	if (r == -ENOENT && s->other)
		r = haops_mysql_get_setting(mysql, s->other, ocf_deadline(run), ret_value);
	return r;
}

static int check(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		 const struct setting *s)
{
	CLEANUP_FREE char *value = NULL;
	int r = read_setting(run, mysql, s, &value);

	if (r == -ENOENT)
		return mysql_problem(cluster, EINVAL, "the server has no setting %s", s->name);
	if (r < 0)
		return mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
	if (strcasecmp(value, s->value) == 0 || strcasecmp(value, s->other_value) == 0)
		return 0;
	return mysql_problem(cluster, EINVAL, "%s is %.40s: set it to %s in %s%s", s->name, value,
			     s->value, ocf_str(run, MYSQL_CONFIG), advice_of(s));
}

int mysql_settings_check(struct ocf_run *run, struct mysql_cluster *cluster,
			 struct haops_mysql *mysql)
{
	bool is_mariadb = haops_mysql_server(mysql)->flavor == HAOPS_MYSQL_MARIADB;
	const struct setting *list = is_mariadb ? mariadb_settings : mysql_settings;
	size_t count = is_mariadb ? sizeof(mariadb_settings) / sizeof(mariadb_settings[0])
				  : sizeof(mysql_settings) / sizeof(mysql_settings[0]);

	for (size_t i = 0; i < count; i++) {
		int r;

		if (list[i].need == NEED_SAFE && mysql_durability(run) != HAOPS_MYSQL_SAFE)
			continue;
		r = check(run, cluster, mysql, &list[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
