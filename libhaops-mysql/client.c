/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads libmariadb, once: see client.h. */
#include "client.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct client client;
static bool is_loaded;
static char why[256];

/* As dlsym(3) wants it: C has no way from an object's address to a function's. */
static bool find(void *library, const char *name, void *ret_function)
{
	void *found = dlsym(library, name);

	memcpy(ret_function, &found, sizeof(found));
	return found != NULL;
}

static bool find_all(void *library)
{
	bool is_whole = true;

#define CLIENT_FIND(name) is_whole = is_whole && find(library, #name, &client.name);
	CLIENT_CALLS(CLIENT_FIND)
#undef CLIENT_FIND
	return is_whole;
}

static void load(void)
{
	void *library = dlopen(CLIENT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	const char *error;

	if (library && find_all(library)) {
		/* The library's own first use must not meet itself on another thread. */
		is_loaded = client.mysql_server_init(0, NULL, NULL) == 0;
		(void)snprintf(why, sizeof(why), CLIENT_LIBRARY " cannot be initialised");
		return;
	}
	error = dlerror();
	(void)snprintf(why, sizeof(why), "%s", error ? error : CLIENT_LIBRARY " is not whole");
}

const struct client *client_get(const char **ret_why)
{
	(void)pthread_once(&once, load);
	*ret_why = why;
	return is_loaded ? &client : NULL;
}
