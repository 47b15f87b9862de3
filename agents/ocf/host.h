/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_HOST_H
#define HAOPS_OCF_HOST_H

/* What agents have to do with files and clocks; all else of the system goes through libhaops. */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool host_is_file(const char *path);
bool host_is_program(const char *path);
/* Resolves links. False (and buf is untouched) if there is no such file or its path is too long. */
bool host_real_path(const char *path, char *buf, size_t size);
/* Reads a file of up to max bytes; 0, -EFBIG or another -errno. *ret_text is to be freed. */
int host_read(const char *path, size_t max, char **ret_text, size_t *ret_len);
/* A short pause where the kernel has no event to wait for; not beyond the deadline. */
void host_pause(const struct haops_ctx *ctx, int64_t deadline_ms);
/* The same for so long, where somebody else has to act meanwhile. */
void host_pause_for(const struct haops_ctx *ctx, int64_t ms, int64_t deadline_ms);
/* Now, in the unit of haops_process.start_ticks. */
uint64_t host_boot_ticks(void);
/* Now, in ms since the boot; goes on while the machine is suspended (CLOCK_BOOTTIME). */
int64_t host_boot_ms(void);
/* False for a process of a container or of another network namespace ("ip netns exec", where the
 * same path can be another file), and if it cannot be told. */
bool host_shares_namespaces(pid_t pid);
/* Removes a unix socket that no process listens on. */
bool host_remove_dead_socket(const char *path);
bool host_remove(const char *path);

#endif
