/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LOG_H
#define HAOPSD_LOG_H

/*
 * The daemon's log: syslog's socket, and standard error when it is wanted or syslog is not there.
 * Never waits: what cannot be written at once is counted, and the number told later.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log {
	const char *path; /* of syslog's socket */
	int fd;		  /* -1: not connected */
	bool is_stderr;	  /* standard error, too */
	enum haops_log_level level;
	uint64_t dropped;
};

void log_open(struct log *log, const char *path, bool is_stderr);
void log_close(struct log *log);
void log_write(struct log *log, enum haops_log_level level, const char *text);

#endif
