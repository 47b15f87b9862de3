/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_H
#define NGINX_H

/* What the files of the nginx agent share. Pure parts have headers of their own. */

#include "nginx/conf-parse.h"
#include "nginx/group.h"
#include "nginx/verdict.h"
#include "ocf/args.h"
#include "ocf/ocf.h"

#include <errno.h>
#include <haops/process.h>

#define NGINX_PATH_MAX 256

/* Rows of nginx_params. */
enum nginx_param {
	NGINX_CONFIGFILE,
	NGINX_HTTPD,
	NGINX_PORT,
	NGINX_STATUS10URL,
	NGINX_STATUS10REGEX,
	NGINX_TESTCLIENT,
	NGINX_CLIENT,
	NGINX_TEST20URL,
	NGINX_TEST20REGEX,
	NGINX_TEST20CONFFILE,
	NGINX_TEST20NAME,
	NGINX_EXTERNAL_MONITOR30_CMD,
	NGINX_OPTIONS,
	NGINX_GRACEFUL_TIMEOUT,
	NGINX_PARAM_COUNT
};

extern const struct ocf_param nginx_params[NGINX_PARAM_COUNT];

/* params.c: words of "options" that the agent cannot live with. NULL, or what is wrong. */
const char *nginx_options_check(const char *value);

/*
 * site.c: program and configuration, out of parameters and host. Each returns an exit code and has
 * given the reason if that is not OCF_SUCCESS.
 */
struct nginx_site {
	char binary[NGINX_PATH_MAX]; /* links resolved; where it would be if it is not there */
	bool is_installed;
	char config[NGINX_PATH_MAX];	     /* "" as long as it is not known */
	char default_config[NGINX_PATH_MAX]; /* compile-time default, "" as long as not known */
	char default_pid[NGINX_PATH_MAX];
	struct args options;
};

/* No process is started; config and defaults are filled if they are known without. */
void nginx_site_find(struct ocf_run *run, struct nginx_site *ret_site);
/* Asks the program for its compile-time defaults if they are not known yet. 0 or -errno. */
int nginx_site_defaults(struct ocf_run *run, struct nginx_site *site);
/* Program and configuration file are to exist. */
int nginx_site_require(struct ocf_run *run, struct nginx_site *site);

/* instance.c: the processes of this resource. */
struct nginx_instance {
	struct group_record record; /* what the last start left; pid 0: nothing */
	struct haops_process *list; /* owned: master and members */
	enum group_role *roles;	    /* owned: of each one in list */
	size_t count;
	const struct haops_process *master; /* in list, or NULL */
	size_t member_count;		    /* besides the master */
	bool is_unclear;		    /* a young process may yet turn out to be ours */
	bool look_twice; /* the same, within the time in which a title is written */
};

/* Looks at the recorded master only. 1 it runs and *ret_master is it, 0 it does not, or -errno. */
int nginx_instance_quick(struct ocf_run *run, const struct nginx_site *site,
			 struct haops_process *ret_master);
/* Searches all processes. 0, NGINX_WHOSE when there are workers that may be ours or another's, or
 * -errno: unknown. */
int nginx_instance_scan(struct ocf_run *run, struct nginx_site *site,
			struct nginx_instance *ret_instance);
#define NGINX_WHOSE (-EOWNERDEAD)
/* Gives the reason of a search that failed so; an exit code. */
int nginx_scan_fail(struct ocf_run *run, const struct nginx_site *site, int code);
void nginx_instance_free(struct nginx_instance *instance);
/* Remembers the master; a failure is logged, since it is found without the record as well. */
void nginx_record_write(struct ocf_run *run, const struct nginx_site *site,
			const struct haops_process *master);
void nginx_record_remove(struct ocf_run *run);
/* Names the master to haopsd. */
void nginx_watch(struct ocf_run *run, const struct haops_process *master);
/* Says that a start is under way, so that a stop after a start that was killed looks longer. */
void nginx_starting_set(struct ocf_run *run, bool is_starting);

/* check-config.c: what nginx thinks of its configuration. */
/* The last verdict, if it is about this program, configuration and options. */
bool nginx_verdict_last(struct ocf_run *run, const struct nginx_site *site,
			struct verdict *ret_verdict);
/* The verdict for the files as they are, from nginx itself if one changed. 0, or an exit code with
 * the reason given. */
int nginx_verdict_now(struct ocf_run *run, const struct nginx_site *site,
		      struct verdict *ret_verdict);
/* Fails unless the configuration can be started. */
int nginx_verdict_require(struct ocf_run *run, const struct nginx_site *site,
			  struct verdict *ret_verdict);

/* Actions. */
int nginx_start(struct ocf_run *run);
int nginx_stop(struct ocf_run *run);
int nginx_monitor(struct ocf_run *run);
int nginx_reload(struct ocf_run *run);
int nginx_reload_agent(struct ocf_run *run);
int nginx_validate(struct ocf_run *run, int level);

/* stop.c: ends processes of the instance, and makes sure that they are gone. */
enum nginx_end {
	NGINX_END_ALL,	   /* graceful_timeout is theirs first */
	NGINX_END_AT_ONCE, /* all of them */
	NGINX_END_ORPHANS  /* at once, those without a master; with one, nothing */
};
int nginx_end(struct ocf_run *run, struct nginx_site *site, enum nginx_end which);

/* monitor.c: alive or not, without anything deeper: 0, 7, or 1 with the reason given. */
int nginx_alive(struct ocf_run *run, struct nginx_site *site, struct haops_process *ret_master);
/* monitor.c: whether a master that is there has somebody who takes requests; waits for a moment, in
 * which it may get a worker. */
enum nginx_service {
	NGINX_SERVES,
	NGINX_ENDS, /* its workers finish their requests, and take no new ones */
	NGINX_HAS_NO_WORKER,
	NGINX_GONE
};
enum nginx_service nginx_service(struct ocf_run *run, const struct haops_process *master);

/* check.c: depth 10, 20 and 30. */
int nginx_check(struct ocf_run *run, const struct nginx_site *site, int level);

/* fetch.c: gets a page, by libhaops or a client program, and looks for the pattern in it. */
struct nginx_fetch {
	const char *url;
	const char *host; /* Host header or NULL */
	const char *pattern;
	const char *user; /* "": none */
	const char *password;
	const char *client;	 /* program, or "" for what suits */
	const char *client_opts; /* or "" */
};
int nginx_fetch(struct ocf_run *run, const struct nginx_fetch *fetch);
/* Finds a program by its absolute path, or by its name in the usual directories. */
bool nginx_program_find(const char *name, char *buf, size_t size);

/* url.c, pure: builds the URL to ask when the parameter gives none or a relative one. */
struct nginx_url {
	char text[1024];
	char host[CONF_TEXT_MAX]; /* Host header, or "" */
};
void nginx_url_build(const struct conf_facts *facts, int64_t port, const char *path,
		     struct nginx_url *ret_url);
void nginx_url_status(const struct conf_facts *facts, int64_t port, struct nginx_url *ret_url);

/* holder.c: which process listens on "ADDRESS:PORT" or "unix:PATH". "" when not found. */
void nginx_holder_describe(struct ocf_run *run, const char *address, char *buf, size_t size);
/* Whether this process listens on one of these addresses: 1, 0, or -errno: unknown. */
int nginx_holder_is(pid_t pid, const struct conf_facts *facts);

#endif
