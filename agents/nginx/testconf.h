/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_TESTCONF_H
#define NGINX_TESTCONF_H

/* The file that test20conffile names: tests of a web application. Pure. */

#include <stddef.h>

#define TESTCONF_VALUE_MAX 1024

/* One test; "" for what it does not say. */
struct testconf {
	char url[TESTCONF_VALUE_MAX];
	char match[TESTCONF_VALUE_MAX];
	char user[TESTCONF_VALUE_MAX];
	char password[TESTCONF_VALUE_MAX];
	char client[TESTCONF_VALUE_MAX];
	char client_opts[TESTCONF_VALUE_MAX];
};

/*
 * Finds the test of that name in the text, the first one if name is "". Returns NULL, or what is
 * wrong as the end of a sentence, with *ret_line the line where (0: in no single line).
 */
const char *testconf_parse(const char *text, const char *name, struct testconf *ret_test,
			   unsigned int *ret_line);

#endif
