/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded into an agent: allocation number $SHORT_MEMORY_AT fails, and with $SHORT_MEMORY_ON all
 * that follow it, which standard error tells. Needs glibc, whose allocator has names of its own. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool is_short(void)
{
	static const char told[] = "an allocation fails\n";
	static long number;
	const char *at = getenv("SHORT_MEMORY_AT");
	long first = at ? strtol(at, NULL, 10) : 0;

	number++;
	if (first == 0 || number < first || (number > first && !getenv("SHORT_MEMORY_ON")))
		return false;
	if (number == first && write(STDERR_FILENO, told, sizeof(told) - 1) < 0)
		_exit(1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_short() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_short() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_short() ? NULL : __libc_realloc(old, size);
}
