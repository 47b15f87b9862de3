/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_WATCH_TEXT_H
#define HAOPS_WATCH_TEXT_H

/*
 * Watch records as text and back. Pure. The first line names the version, then there is one line
 * for each member and each object, and "end": a record that was cut is none. Words have no blanks:
 * what is not printable, and '%', is %XX; an empty word is "-", and so a leading '-' is %2D.
 */

#include <haops/watch.h>

/* What is wrong with a record, or NULL. */
const char *watch_text_check(const struct haops_watch *watch);
/* The text of a right record; free it. 0, -EFBIG or -ENOMEM. */
int watch_text_encode(const struct haops_watch *watch, char **ret_text, size_t *ret_len);
/* len bytes of text, no NUL needed. 0, -EBADMSG or -ENOMEM. */
int watch_text_parse(const char *text, size_t len, struct haops_watch *ret_watch);

#endif
