/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_AGENT_H
#define MYSQL_AGENT_H

/* What the files of the mysql agent share. Pure parts have headers of their own. */

#include "mysql/identity.h"
#include "ocf/args.h"
#include "ocf/ocf.h"

#include <haops/mysql.h>
#include <haops/process.h>
#include <sys/types.h>

#define MYSQL_PATH_MAX IDENTITY_PATH_MAX
#define MYSQL_SOCKET_MAX 108 /* of struct sockaddr_un */
#define MYSQL_GROUPS_MAX 64

/* Rows of mysql_params. */
enum mysql_param {
	MYSQL_BINARY,
	MYSQL_CLIENT_BINARY,
	MYSQL_CONFIG,
	MYSQL_DATADIR,
	MYSQL_USER,
	MYSQL_GROUP,
	MYSQL_LOG,
	MYSQL_PID,
	MYSQL_SOCKET,
	MYSQL_TEST_TABLE,
	MYSQL_TEST_USER,
	MYSQL_TEST_PASSWD,
	MYSQL_ENABLE_CREATION,
	MYSQL_ADDITIONAL_PARAMETERS,
	MYSQL_REPLICATION_USER,
	MYSQL_REPLICATION_PASSWD,
	MYSQL_REPLICATION_PORT,
	MYSQL_REPLICATION_REQUIRE_SSL,
	MYSQL_REPLICATION_MASTER_SSL_CA,
	MYSQL_REPLICATION_MASTER_SSL_CERT,
	MYSQL_REPLICATION_MASTER_SSL_KEY,
	MYSQL_MAX_SLAVE_LAG,
	MYSQL_EVICT_OUTDATED_SLAVES,
	MYSQL_READER_ATTRIBUTE,
	MYSQL_NODE_LIST,
	MYSQL_DEVICE,
	MYSQL_DURABILITY,
	MYSQL_READER_LAG_OUT,
	MYSQL_READER_LAG_IN,
	MYSQL_INITIAL_PRIMARY,
	MYSQL_REJOIN_POLICY,
	MYSQL_EVENT_SCHEDULER,
	MYSQL_DEGRADED_CODES,
	MYSQL_PARAM_COUNT
};

extern const struct ocf_param mysql_params[MYSQL_PARAM_COUNT];

/* Whether the resource is a promotable clone: a primary and its replicas. */
bool mysql_is_promotable(const struct ocf_run *run);
/* Ends promote and demote of one that is not. */
int mysql_not_promotable(struct ocf_run *run);

/*
 * site.c: the server program and its user, out of parameters and host. What returns int returns an
 * exit code, and has given the reason if that is not OCF_SUCCESS; here and in what follows.
 */
struct mysql_site {
	char binary[MYSQL_PATH_MAX];	   /* server program, links resolved; "" if there is none */
	char real_datadir[MYSQL_PATH_MAX]; /* links resolved; "" if it is not there */
	uid_t uid;
	gid_t gid;
	gid_t groups[MYSQL_GROUPS_MAX];
	size_t group_count;
};

/* No process is started, and nothing has to be there. */
void mysql_site_find(struct ocf_run *run, struct mysql_site *ret_site);
/* Program, configuration, user and group are to exist; user and groups are filled. */
int mysql_site_require(struct ocf_run *run, struct mysql_site *site);
/* Whether the server says by sd_notify(3) when it is ready, and which family it is of; read from
 * the program itself. */
void mysql_site_features(const struct mysql_site *site, bool *ret_notifies, bool *ret_is_mariadb);
/* The script or program beside the server; false if it is not there. */
bool mysql_site_tool(const struct ocf_run *run, const struct mysql_site *site, const char *name,
		     char ret_path[MYSQL_PATH_MAX]);

/* datadir.c: whether a server can be started on the data directory. Changes nothing. */
int mysql_datadir_check(struct ocf_run *run, const struct mysql_site *site);
/* create.c: makes a database, if there is none and one is to be made. */
int mysql_datadir_create(struct ocf_run *run, struct mysql_site *site);
/* mount.c: whether a file system is missing where the data directory is. False: what is wrong is
 * told in ret_problem. */
bool mysql_mount_check(struct ocf_run *run, const struct mysql_site *site, char *ret_problem,
		       size_t size);
/* Whether the data directory is a mount point itself. */
bool mysql_mount_is_point(const struct mysql_site *site);
/* folders.c: folders of socket and pid file, the log; made and given to the user. */
int mysql_folders_prepare(struct ocf_run *run, const struct mysql_site *site);
/* Whether the user of the server may write into a folder, by its mode. */
struct stat;
bool mysql_user_may_write(const struct mysql_site *site, const struct stat *st);
/* Whether its file system is so full that commits wait for room. */
bool mysql_is_full(const struct ocf_run *run);

/* instance.c: the processes of this resource. */
struct mysql_instance {
	struct haops_process *list; /* owned */
	enum identity_role *roles;  /* owned: of each one in list */
	size_t count;
	const struct haops_process *server; /* in list, or NULL */
};

/* Looks at the recorded process only. 1 it runs and *ret_server is it, 0 it does not, or -errno. */
int mysql_instance_quick(struct ocf_run *run, struct haops_process *ret_server);
/* Searches all processes. 0 or -errno: unknown. */
int mysql_instance_scan(struct ocf_run *run, const struct mysql_site *site,
			struct mysql_instance *ret_instance);
void mysql_instance_free(struct mysql_instance *instance);
/* The server's process: OCF_SUCCESS, OCF_NOT_RUNNING, or another code with the reason given.
 * *ret_is_new: it was not the recorded one. */
int mysql_instance_find(struct ocf_run *run, const struct mysql_site *site,
			struct haops_process *ret_server, bool *ret_is_new);
/*
 * Names the server to haopsd, and what it has to be: HAOPS_WATCH_PRIMARY for one that is promoted,
 * HAOPS_WATCH_REPLICA what a monitor saw replicating, else HAOPS_WATCH_PLAIN: what stopped with an
 * error is left to people.
 */
void mysql_watch(struct ocf_run *run, const struct haops_process *server,
		 enum haops_watch_role role);
/* The same for the server that is recorded, if it runs. */
void mysql_watch_again(struct ocf_run *run, enum haops_watch_role role);
/* Whether haopsd has it to be that already. */
bool mysql_is_watched_as(struct ocf_run *run, enum haops_watch_role role);

/* record.c. Remembers the server; a failure is logged, since it is found without the record as
 * well. */
void mysql_record_write(struct ocf_run *run, const struct haops_process *server);
void mysql_record_remove(struct ocf_run *run);
/* False: there is none of this data directory. */
bool mysql_record_read(struct ocf_run *run, pid_t *ret_pid, uint64_t *ret_ticks);
/* That this run of the server was promoted: what is known of its role while it lets nobody in. */
void mysql_role_write(struct ocf_run *run, const struct haops_process *server);
void mysql_role_remove(struct ocf_run *run);
bool mysql_role_is_primary(struct ocf_run *run, const struct haops_process *server);

/* launch.c: starts the server with these further arguments, and waits until it answers. */
int mysql_launch(struct ocf_run *run, const struct mysql_site *site, const char *const *more,
		 struct haops_process *ret_server);

/* login.c: connections. */
/* To the own server, as an administrator: root of the host, else replication_user. 0 or -errno of
 * haops_mysql_connect(). */
int mysql_login_local(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql);
/* The same for a monitor: a server that does not let it in within 6 s (where haopsd runs) or 10 s
 * hangs. -ETIMEDOUT then. */
int mysql_login_monitor(struct ocf_run *run, struct haops_mysql **ret_mysql);
/* To the own server, as test_user. */
int mysql_login_test(struct ocf_run *run, int64_t deadline_ms, struct haops_mysql **ret_mysql);
/* Whether the failure to connect shows a server that answers: it refuses the account, or more
 * connections. */
bool mysql_login_is_answer(int err);

/* check.c: whether the server serves, at this depth. OCF_SUCCESS or OCF_ERR_GENERIC. */
int mysql_check(struct ocf_run *run, const struct haops_process *server, int level);

/* stop.c: ends all processes of the resource. How long they may take to end by themselves. */
enum mysql_patience { MYSQL_FULLY, MYSQL_SHORTLY, MYSQL_NOT_AT_ALL };
int mysql_end_all(struct ocf_run *run, const struct mysql_site *site, enum mysql_patience patience);

/* Actions. */
int mysql_start(struct ocf_run *run);
int mysql_stop(struct ocf_run *run);
int mysql_monitor(struct ocf_run *run);
int mysql_promote(struct ocf_run *run);
int mysql_demote(struct ocf_run *run);
int mysql_notify(struct ocf_run *run);
int mysql_reload_agent(struct ocf_run *run);
int mysql_validate(struct ocf_run *run, int level);

#endif
