/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads libmariadb, once: see client.h. */
#include "client.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct client client;
static bool is_loaded;

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

static bool explain(char why[CLIENT_WHY_MAX])
{
	const char *error = dlerror();

	(void)snprintf(why, CLIENT_WHY_MAX, "%s", error ? error : CLIENT_LIBRARY " is not whole");
	return false;
}

static bool load(char why[CLIENT_WHY_MAX])
{
	void *library = dlopen(CLIENT_LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return explain(why);
	if (!find_all(library)) {
		(void)explain(why);
		(void)dlclose(library);
		return false;
	}
	/* The library's own first use must not meet itself on another thread. */
	if (client.mysql_server_init(0, NULL, NULL) == 0)
		return true;
	(void)snprintf(why, CLIENT_WHY_MAX, CLIENT_LIBRARY " cannot be initialised");
	(void)dlclose(library);
	return false;
}

const struct client *client_get(char why[CLIENT_WHY_MAX])
{
	bool is_there;

	(void)pthread_mutex_lock(&lock);
	is_loaded = is_loaded || load(why);
	is_there = is_loaded;
	(void)pthread_mutex_unlock(&lock);
	return is_there ? &client : NULL;
}
