/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_HOST_H
#define HAOPSD_HOST_H

/*
 * What the daemon's own files want of the system: clocks, its configuration file, its limits and
 * its priority, and which interfaces hold which addresses. No call waits. 0 or -errno.
 */

#include <haops/addr.h>
#include <haops/link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CLOCK_BOOTTIME: goes on while the machine is suspended, and nobody can step it. */
int64_t host_boottime_ms(void);
/* CLOCK_MONOTONIC, as service managers want it. */
int64_t host_monotonic_us(void);
/* Since 1970; for people only. */
int64_t host_walltime_ms(void);

/* The whole of a file, with a NUL behind it; -EFBIG when it is longer than max. */
int host_read_file(const char *path, size_t max, char **ret_text, size_t *ret_len);

/* Keeps what the process touches in memory. */
int host_lock_memory(void);
/* All threads of this process run in SCHED_RR with that priority, or in SCHED_OTHER when it is 0.
 * Children begin in SCHED_OTHER. */
int host_set_realtime(int priority);
/* As many descriptors as the administrator allows, 65536 at most: each watched process is one. */
void host_raise_descriptors(void);
/* Reads a whole interface list; finds the interface that holds the address. -ENODEV: none does. */
int host_link_of(const char *address, char ret_name[HAOPS_LINK_NAME_MAX]);
/* Descriptors 0 to 2 are open, nobody's SIGPIPE or SIGCHLD setting is inherited, large memory that
 * is freed goes back. */
void host_prepare_process(void);

#endif
