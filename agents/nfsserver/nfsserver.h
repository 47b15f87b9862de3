/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_NFSSERVER_H
#define NFSSERVER_NFSSERVER_H

/* The agent ocf:haops:nfsserver: what its files share. */

#include "ocf/ocf.h"

#include <haops/nfs.h>
#include <haops/process.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFSSERVER_PATH_MAX 1024
/* Where all programs of the server keep their state, whatever is mounted on it. */
#define NFSSERVER_STATE "/var/lib/nfs"

enum nfsserver_param {
	P_INIT_SCRIPT,
	P_NFSV4_ONLY,
	P_NO_NOTIFY,
	P_NOTIFY_FOREGROUND,
	P_SMNOTIFY_RETRY_TIME,
	P_SERVER_SCOPE,
	P_NFS_IP,
	P_SHARED_INFODIR,
	P_RPCPIPEFS_DIR,
	P_NOTIFY_CMD,
	P_LEASE_TIME,
	P_GRACE_TIME,
	P_END_GRACE_EARLY,
	NFSSERVER_PARAM_COUNT
};

extern const struct ocf_param nfsserver_params[NFSSERVER_PARAM_COUNT];

/* The programs beside the kernel's threads, in the order of their start. */
enum nfsserver_daemon { D_RPCBIND, D_STATD, D_NFSDCLD, D_IDMAPD, D_MOUNTD, DAEMON_COUNT };

/* What runs on this host. pid 0: that one does not. */
struct nfsserver_seen {
	struct haops_nfs_server server;
	struct haops_process daemons[DAEMON_COUNT];
	bool is_changed; /* another process than recorded */
	bool is_bound;	 /* the shared directory is where the state belongs */
};

/* How this host starts and stops the programs. */
enum nfsserver_mode {
	NFSSERVER_DIRECT,  /* the agent starts them */
	NFSSERVER_SYSTEMD, /* systemd runs: its units */
	NFSSERVER_SCRIPT   /* nfs_init_script */
};

enum nfsserver_mode nfsserver_mode(const struct ocf_run *run);
/* systemctl VERB UNITS. What it came to is to be looked at. */
int nfsserver_systemctl(struct ocf_run *run, const char *verb, const char *const *units);
void nfsserver_systemctl_try(struct ocf_run *run, const char *verb, const char *const *units);

/* Daemons: daemons.c. */
const char *nfsserver_daemon_name(enum nfsserver_daemon daemon);
bool nfsserver_daemon_is_needed(const struct ocf_run *run, enum nfsserver_daemon daemon);
/* Looks at everything; OCF_SUCCESS, or it failed and nothing is known. */
int nfsserver_look(struct ocf_run *run, struct nfsserver_seen *ret);
/* Starts it, or finds it running. */
int nfsserver_daemon_start(struct ocf_run *run, enum nfsserver_daemon daemon,
			   struct nfsserver_seen *seen);
/* Ends all that may be ended (never rpcbind), sm-notify included; success when none is left. */
int nfsserver_daemons_end(struct ocf_run *run);

/* Records: record.c. */
void nfsserver_record_write(struct ocf_run *run, const struct nfsserver_seen *seen);
void nfsserver_record_remove(struct ocf_run *run);
/* Whether a start has left one: it got at least so far as to change something. */
bool nfsserver_record_is_there(struct ocf_run *run);
/* Fills in what is still there of what was recorded. */
void nfsserver_record_read(struct ocf_run *run, struct nfsserver_seen *seen);
void nfsserver_watch(struct ocf_run *run, const struct nfsserver_seen *seen);

/* The state directory and the mounts: state.c, mounts.c. */
bool nfsserver_is_bound(const struct ocf_run *run);
int nfsserver_mounts_make(struct ocf_run *run);
int nfsserver_state_bind(struct ocf_run *run);
int nfsserver_state_prepare(struct ocf_run *run);
/* Before the threads end. */
void nfsserver_state_save(struct ocf_run *run);
int nfsserver_mounts_end(struct ocf_run *run);
bool nfsserver_is_mounted(const char *path);
/* The folder that rpc.statd keeps its lists in. */
const char *nfsserver_statd_folder(void);

/* The kernel's threads: threads.c. */
int nfsserver_threads_start(struct ocf_run *run);
int nfsserver_threads_end(struct ocf_run *run);
void nfsserver_exportfs(struct ocf_run *run, const char *option);

/* The time to reclaim, and who is told of it: grace.c, notify.c. */
struct nfsserver_reclaim {
	bool has_v3; /* clients with NFSv3 locks are remembered */
	bool has_v4; /* the same of NFSv4, where the kernel keeps the list itself */
};
void nfsserver_reclaim_look(struct nfsserver_reclaim *ret);
void nfsserver_grace_end(struct ocf_run *run, const struct nfsserver_reclaim *reclaim);
/* Who had not answered when an earlier start was told. */
void nfsserver_notify_gather(void);
/* Before rpc.statd starts: settles whom to tell, for each address of nfs_ip. */
void nfsserver_notify_prepare(struct ocf_run *run);
/* Tells them from the addresses that are up. */
void nfsserver_notify(struct ocf_run *run);
/* The same from those that have come up since. */
void nfsserver_notify_pending(struct ocf_run *run);
void nfsserver_notify_forget(struct ocf_run *run);

/* Who is connected, for the server that takes over: tickle.c. Written where the state moves if it
 * has changed; has_to_be_some: and if there is anybody. */
void nfsserver_clients_keep(struct ocf_run *run, bool has_to_be_some);
void nfsserver_clients_forget(struct ocf_run *run);
/* In the background: tells those to connect anew as soon as their address is here. */
void nfsserver_clients_recall(struct ocf_run *run);

/* A NULL call to each program over loopback: check.c. */
int nfsserver_check(struct ocf_run *run, const struct nfsserver_seen *seen);

/* Runs a program in the foreground; its first words are the reason when it fails. */
int nfsserver_run(struct ocf_run *run, const char *const *argv, bool is_daemon);
/* The same where a failure is a warning; whether it went well. */
bool nfsserver_try(struct ocf_run *run, const char *const *argv, bool is_daemon);
/* The first of these programs that is there, or NULL. */
const char *nfsserver_program(const char *const *paths);

/* Judges what was seen, without logging: OCF_SUCCESS, OCF_NOT_RUNNING or OCF_ERR_GENERIC with the
 * reason in text. */
int nfsserver_judge(const struct ocf_run *run, const struct nfsserver_seen *seen, char *text,
		    size_t size);

int nfsserver_start(struct ocf_run *run);
int nfsserver_stop(struct ocf_run *run);
int nfsserver_monitor(struct ocf_run *run);
int nfsserver_reload_agent(struct ocf_run *run);
int nfsserver_validate(struct ocf_run *run, int level);

#endif
