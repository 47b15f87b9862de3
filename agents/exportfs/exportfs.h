/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXPORTFS_EXPORTFS_H
#define EXPORTFS_EXPORTFS_H

/* The agent ocf:haops:exportfs: what its files share. */

#include "exportfs/table.h"
#include "ocf/ocf.h"

#include <haops/nfs.h>
#include <stdbool.h>
#include <stddef.h>

#define EXPORTFS_PATH_MAX 1024
#define EXPORTFS_FSID_MAX 64

enum exportfs_param {
	P_CLIENTSPEC,
	P_OPTIONS,
	P_DIRECTORY,
	P_FSID,
	P_UNLOCK_ON_STOP,
	P_WAIT_FOR_LEASETIME_ON_STOP,
	P_RMTAB_BACKUP,
	P_UNLOCK_IP,
	P_EXPIRE_CLIENTS_ON_STOP,
	EXPORTFS_PARAM_COUNT
};

extern const struct ocf_param exportfs_params[EXPORTFS_PARAM_COUNT];

/* One directory as it stands in the tables. */
struct exportfs_directory {
	char path[EXPORTFS_PATH_MAX]; /* links resolved, if it is there */
	bool is_there;
};

/* What the parameters name. */
struct exportfs_site {
	struct exportfs_directory directories[TABLE_WORDS_MAX];
	size_t directory_count;
	struct table_words clients;
};

/* Fails where a parameter that it needs is missing or wrong. */
int exportfs_site_find(struct ocf_run *run, struct exportfs_site *site);

/* How much of a site is exported. */
struct exportfs_seen {
	size_t wanted;			 /* pairs of directory and client */
	size_t listed;			 /* of these: in etab */
	size_t in_kernel;		 /* of these: in the kernel's table */
	char missing[EXPORTFS_PATH_MAX]; /* a directory that is not listed, or "" */
};

/* Looks at both tables; OCF_SUCCESS, or it failed and nothing is known. */
int exportfs_look(struct ocf_run *run, const struct exportfs_site *site, struct exportfs_seen *ret);

/* Calls fn for each pair until it returns another code than OCF_SUCCESS. */
typedef int (*exportfs_pair_fn)(struct ocf_run *run, const struct haops_nfs_export *what,
				size_t directory);
int exportfs_each(struct ocf_run *run, const struct exportfs_site *site, exportfs_pair_fn fn);

/* That this boot's start exported it: a hint, for when no server runs yet. */
void exportfs_record_write(struct ocf_run *run, const struct exportfs_site *site);
void exportfs_record_remove(struct ocf_run *run);
/* Whether there is one; with site, directories that are not there now get their path out of it. */
bool exportfs_record_read(struct ocf_run *run, struct exportfs_site *site);

/* What haopsd is to watch. */
void exportfs_watch(struct ocf_run *run, struct exportfs_site *site);

/* Of each directory: into its backup, and back. Failures are warnings. */
void exportfs_rmtab_backup(struct ocf_run *run, const struct exportfs_site *site);
void exportfs_rmtab_restore(struct ocf_run *run, const struct exportfs_site *site);

/* Locks and NFSv4 state that would keep the file system from being unmounted. */
void exportfs_release(struct ocf_run *run, const struct exportfs_site *site);

int exportfs_start(struct ocf_run *run);
int exportfs_stop(struct ocf_run *run);
int exportfs_monitor(struct ocf_run *run);
int exportfs_reload_agent(struct ocf_run *run);
int exportfs_validate(struct ocf_run *run, int level);

#endif
