/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXPORTFS_TABLE_H
#define EXPORTFS_TABLE_H

/* Parameters of an export taken apart, its options put together, lines of rmtab. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define TABLE_WORDS_MAX 64
#define TABLE_TEXT_MAX 4096

struct table_words {
	char text[TABLE_TEXT_MAX]; /* the words, each with a NUL behind it */
	size_t offsets[TABLE_WORDS_MAX];
	size_t count;
};

/* Words between blanks (with commas: or commas). NULL, or what is wrong as the end of a sentence.
 */
const char *table_split(const char *text, bool with_commas, struct table_words *ret);
const char *table_word(const struct table_words *words, size_t i);

/* Whether fsid is a whole number, as the first one of several has to be. */
bool table_is_number(const char *fsid);
/* The fsid of directory i: numbers count on. False if it does not fit. */
bool table_fsid(const char *fsid, size_t i, char *buf, size_t size);
/* The options with this fsid in place of theirs, or behind them. False if it does not fit. */
bool table_options(const char *options, const char *fsid, char *buf, size_t size);

/*
 * Lines of rmtab, "CLIENT:DIRECTORY:0xCOUNT". pick: those of one directory and of what is below it.
 * merge: what is in rmtab, then those lines of more, of that directory, whose client and directory
 * rmtab does not have. *ret_text is to be freed; 0 or -ENOMEM. *ret_count: lines picked or added.
 */
int table_rmtab_pick(const char *rmtab, const char *directory, char **ret_text, size_t *ret_count);
int table_rmtab_merge(const char *rmtab, const char *more, const char *directory, char **ret_text,
		      size_t *ret_count);

#endif
