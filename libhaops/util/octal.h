/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_UTIL_OCTAL_H
#define HAOPS_UTIL_OCTAL_H

/* Names in tables of the kernel (proc(5)) and of exportfs(8). */

/* What would end a word (blank, tab, line end, backslash, '#') is written there as \OOO: turned
 * back, in place. */
void octal_unescape(char *text);

#endif
