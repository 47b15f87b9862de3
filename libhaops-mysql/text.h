/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_TEXT_H
#define HAOPS_MYSQL_TEXT_H

/* Statements as text, and numbers out of answers. Pure; texts are the caller's to free, NULL when
 * memory is short. */

#include <stdbool.h>
#include <stdint.h>

/* As printf(3), for formats that are words of a dialect. */
char *text_format(const char *format, ...);

/* A value for between quotes, with NO_BACKSLASH_ESCAPES in force: quotes are doubled. */
char *text_quote(const char *value);

/* Overwrites a text that holds a password, and frees it. NULL is allowed. */
void text_free_secret(char *text);

/* Reads digits and, unless it is 0, the character behind them; moves on. */
bool text_take_number(const char **at, char end, uint64_t max, uint64_t *ret_number);

/* A whole text of digits; NULL is none. */
bool text_to_number(const char *text, uint64_t *ret_number);

#endif
