/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_UTIL_CLEANUP_H
#define HAOPS_UTIL_CLEANUP_H

/* Ownership within a function: what is declared with these is released at the end of its scope,
 * unless it is taken out before. Knows nothing of haops. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static inline void cleanup_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void *take_ptr_helper(void **p)
{
	void *taken = *p;

	*p = NULL;
	return taken;
}

#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))
#define CLEANUP_FD __attribute__((cleanup(cleanup_fd)))
#define CLEANUP_DIR __attribute__((cleanup(cleanup_dir)))
#define CLEANUP_FILE __attribute__((cleanup(cleanup_file)))
#define TAKE_PTR(p) take_ptr_helper((void **)&(p))

#endif
