/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_ADDRESSES_H
#define NFSSERVER_ADDRESSES_H

/* The value of nfs_ip. Pure. */

#include <stddef.h>

#define ADDRESSES_MAX 32
#define ADDRESSES_TEXT_MAX 1024

struct addresses {
	char text[ADDRESSES_TEXT_MAX];
	size_t offsets[ADDRESSES_MAX];
	size_t count;
};

/* Splits at commas and blanks. NULL, or what is wrong as the end of a sentence. */
const char *addresses_parse(const char *value, struct addresses *ret);
const char *addresses_get(const struct addresses *list, size_t i);

#endif
