/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_GROUP_H
#define NGINX_GROUP_H

/*
 * Which processes belong to one nginx, out of what /proc shows of all processes of that program.
 * Pure. Facts about nginx: the master writes its arguments behind "nginx: master process " over its
 * own; as a daemon it leads a session, which its workers stay in, whoever is their parent.
 */

#include <haops/process.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum group_role {
	GROUP_NONE,   /* not of this nginx */
	GROUP_MASTER, /* the master, or on its way to become it */
	GROUP_MEMBER, /* worker, cache manager, the master of a binary upgrade */
	GROUP_STRAY   /* a worker of a master that is gone and that nobody remembers */
};

/* What a start left about the master. */
struct group_record {
	pid_t pid; /* 0: nothing is recorded */
	uint64_t start_ticks;
	pid_t sid;
	char exe[HAOPS_PROCESS_TEXT_MAX];
	char config[HAOPS_PROCESS_TEXT_MAX];
};

struct group_want {
	const char *config; /* path, or "" for the compile-time default if that is not known */
	bool is_default;    /* config is the compile-time default */
	bool is_default_known;
	const struct group_record *record;
};

/*
 * Gives each process of list its role. Returns false when a master could only be told apart with
 * the compile-time default of the configuration path, which want does not have: find it and call
 * again.
 */
bool group_classify(const struct haops_process *list, size_t count, const struct group_want *want,
		    enum group_role *ret_roles);

/*
 * Whether a process that is not ours may only look so: its arguments are not there yet (execve(2)
 * shows the program first), or it is just writing its title over them. Look again if it is young.
 */
bool group_is_unclear(const struct haops_process *process, const struct group_want *want);
/* Whether it has a master's title: another's, or one whose path was seen half written. */
bool group_is_titled_master(const struct haops_process *process);

/* Index of the one master, or count when there is none. */
size_t group_master(const struct haops_process *list, const enum group_role *roles, size_t count);

/* "PID TICKS SID", then exe and config on lines of their own. */
size_t group_record_format(const struct group_record *record, char *buf, size_t size);
bool group_record_parse(const char *text, struct group_record *ret_record);

/* Whether the process has written a title over its arguments: a master or worker, not a program
 * that is just starting, nor one with "master_process off". */
bool group_is_titled(const struct haops_process *process);
/* A worker that takes requests; one that was told to end and only finishes what it has. */
bool group_is_worker(const struct haops_process *process);
bool group_is_ending(const struct haops_process *process);

#endif
