/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_ARGS_H
#define HAOPS_OCF_ARGS_H

/* Splits text into the words of an argument vector, without a shell. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define ARGS_MAX 64
#define ARGS_TEXT_MAX 4096

struct args {
	char text[ARGS_TEXT_MAX];	 /* the words, each with a NUL behind it */
	const char *words[ARGS_MAX + 1]; /* into text; NULL at the end */
	size_t count;
};

/*
 * Words are separated by spaces and tabs. '...' is taken as it is; in "..." a backslash goes
 * before " and \ only; elsewhere a backslash takes the next byte as it is. With is_command, what a
 * shell would act on (| & ; < > ( ) $ ` * ? [ ~ # and the like) is refused where it is not quoted.
 * Returns NULL, or what is wrong as the end of a sentence. ret_args holds pointers into itself: do
 * not copy it.
 */
const char *args_split(const char *text, bool is_command, struct args *ret_args);

#endif
