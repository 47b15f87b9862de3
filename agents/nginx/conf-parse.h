/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_CONF_PARSE_H
#define NGINX_CONF_PARSE_H

/*
 * What the agent has to know of a configuration, out of what "nginx -T" prints: all files one after
 * the other, each behind a line that names it. nginx itself is the judge of the syntax. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#define CONF_TEXT_MAX 256
#define CONF_LISTENS_MAX 64
#define CONF_WATCH_MAX 4096

struct conf_listen {
	char addr[CONF_TEXT_MAX]; /* as in the configuration: 80, *:80, [::]:80, unix:/path, ... */
	bool is_http;		  /* within http{}, not stream{} or mail{} */
	bool is_ssl;
};

struct conf_facts {
	char pid[CONF_TEXT_MAX]; /* "": the compile-time default */
	bool is_foreground;	 /* daemon off */
	bool is_single;		 /* master_process off */
	struct conf_listen listens[CONF_LISTENS_MAX];
	size_t listen_count;
	char status_path[CONF_TEXT_MAX];   /* location of the last stub_status, or "" */
	struct conf_listen status_listen;  /* of that server; addr "" if it names none */
	char status_server[CONF_TEXT_MAX]; /* its first server_name, if that is a plain name */
	char **watch; /* owned: files whose change makes a new check needed; each one once */
	size_t watch_count;
	bool is_watch_full; /* there were more than CONF_WATCH_MAX */
};

/* Reads the output. 0 or -ENOMEM; ret_facts can be freed in either case. */
int conf_parse(const char *dump, size_t len, struct conf_facts *ret_facts);

/* Takes in what "-g" on the command line adds. */
int conf_parse_global(const char *text, struct conf_facts *facts);

/* Adds a path; conf_watch_add() unless it is there already. 0 or -ENOMEM. */
int conf_watch_append(struct conf_facts *facts, const char *path, size_t len);
int conf_watch_add(struct conf_facts *facts, const char *path, size_t len);
void conf_facts_free(struct conf_facts *facts);

/* Copies the first error that nginx printed, without its time stamp; "" if there is none. */
void conf_first_error(const char *output, char *buf, size_t size);

/* The address out of "bind() to ADDRESS failed (98: ...": true if the output says so. */
bool conf_bind_error(const char *output, char *buf, size_t size);
/* The same for 99: no interface of this node has the address. */
bool conf_bind_absent(const char *output, char *buf, size_t size);

/* The value of --NAME=VALUE among the configure arguments that "nginx -V" prints. */
bool conf_build_option(const char *output, const char *name, char *buf, size_t size);

#endif
