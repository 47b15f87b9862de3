/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_STATE_NAME_H
#define HAOPS_STATE_NAME_H

/* Names of state files and the files that they are stored in, both ways. Pure. */

#include <stdbool.h>
#include <stddef.h>

/* Longest name of a state file, in bytes without the NUL. */
#define STATE_NAME_MAX 200
#define STATE_FILE_MAX 256 /* NAME_MAX of Linux's file systems and a NUL */
/* What a writer appends to the file's name until it is complete: ".PID~". */
#define STATE_TEMP_MAX 16

/* Bytes outside A-Z a-z 0-9 . _ - become %XX, and so does a dot in front: no hidden file, no "..".
 * False when the result does not fit. */
bool state_name_escape(const char *name, char ret_file[STATE_FILE_MAX]);
/* The name that escapes to exactly this file; false when there is none. */
bool state_name_unescape(const char *file, char ret_name[STATE_NAME_MAX + 1]);

#endif
