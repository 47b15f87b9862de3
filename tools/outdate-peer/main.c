/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haops-outdate-peer: DRBD's fence-peer handler. Asks haopsd to have the peer's disk outdated, and
 * tells DRBD the answer; what is not known for certain is a failure.
 */
#include "request.h"

#include <errno.h>
#include <getopt.h>
#include <ipc/ipc.h>
#include <pcmk/outdate.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define PROGRAM "haops-outdate-peer"
#define TIMEOUT_S 15
#define TIMEOUT_MAX_S 300
/* Whatever hangs, DRBD is not kept waiting: ended by SIGALRM is a failure for it, too. */
#define ALARM_MARGIN_S 5

struct options {
	struct request_maps maps;
	unsigned int timeout_s;
};

static void tell(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(int priority, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	syslog(priority, "%s", text);
	(void)fprintf(stderr, PROGRAM ": %s\n", text);
}

static const char *get_variable(void *userdata, const char *name)
{
	(void)userdata;
	return getenv(name);
}

static int parse_timeout(const char *text, unsigned int *ret_timeout_s)
{
	char *end = NULL;
	unsigned long value;

	errno = 0;
	value = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
	if (errno || !end || *end || value < 1 || value > TIMEOUT_MAX_S) {
		tell(LOG_ERR, "--timeout: '%.32s' is no number of seconds from 1 to %d", text,
		     TIMEOUT_MAX_S);
		return -EINVAL;
	}
	*ret_timeout_s = (unsigned int)value;
	return 0;
}

static int add_map(const char *text, struct request_maps *maps)
{
	if (maps->count == REQUEST_MAPS_MAX || !request_is_map(text)) {
		tell(LOG_ERR, "--map: '%.64s' is not DRBDNAME=NODE, or there are more than %d",
		     text, REQUEST_MAPS_MAX);
		return -EINVAL;
	}
	maps->map[maps->count++] = text;
	return 0;
}

static void print_help(void)
{
	printf("usage: " PROGRAM " [--timeout SECONDS] [--map DRBDNAME=NODE]...\n"
	       "\n"
	       "DRBD's fence-peer handler: asks haopsd on the peer to outdate its disk. Takes the\n"
	       "resource and the peer from the environment, as drbdadm sets it.\n"
	       "\n"
	       "  -t, --timeout SECONDS    wait so long at most, 1 to %d (default %d)\n"
	       "  -m, --map DRBDNAME=NODE  the host that DRBD calls DRBDNAME is node NODE\n"
	       "  -h, --help               print this\n"
	       "  -V, --version            print the version\n"
	       "\n"
	       "exit status: 3 the peer's disk is Inconsistent, 4 it is outdated now, 5 the peer\n"
	       "is certainly not in the cluster, 6 it is Primary; 1 not known, DRBD must not go "
	       "on\n",
	       TIMEOUT_MAX_S, TIMEOUT_S);
}

/* 1: go on; 0: all is done; -EINVAL. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{"timeout", required_argument, NULL, 't'},
		{"map", required_argument, NULL, 'm'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int r = 1;
	int letter;

	while (r == 1 && (letter = getopt_long(argc, argv, "t:m:hV", known, NULL)) >= 0) {
		if (letter == 't' && parse_timeout(optarg, &options->timeout_s) < 0)
			return -EINVAL;
		if (letter == 'm' && add_map(optarg, &options->maps) < 0)
			return -EINVAL;
		if (letter == '?')
			return -EINVAL;
		if (letter == 'h')
			print_help();
		if (letter == 'V')
			printf(PROGRAM " %s\n", VERSION);
		if (letter == 'h' || letter == 'V')
			r = 0;
	}
	if (r == 1 && optind < argc) {
		tell(LOG_ERR, "'%.64s': this takes no arguments; see --help", argv[optind]);
		return -EINVAL;
	}
	return r;
}

/* What DRBD may be told, and nothing that it would take for something else. */
static int exit_code_of(const struct ipc_reply *reply)
{
	switch (reply->result) {
	case OUTDATE_PEER_INCONSISTENT:
	case OUTDATE_PEER_OUTDATED:
	case OUTDATE_PEER_UNREACHABLE:
	case OUTDATE_PEER_PRIMARY:
		return reply->result;
	default:
		return OUTDATE_FAILED;
	}
}

static int ask(struct ipc_client *client, const struct request *request, unsigned int timeout_s)
{
	struct ipc_reply reply = {0};
	char argument[IPC_TEXT_MAX];
	int exit_code;
	int r;

	(void)snprintf(argument, sizeof(argument), "%s %s", request->node, request->resource);
	r = ipc_call(client, IPC_OUTDATE, argument, timeout_s * 1000, &reply);
	if (r < 0) {
		tell(LOG_ERR, "%s: haopsd does not answer (%s); the disk of %s is not known",
		     request->resource, strerror(-r), request->node);
		return OUTDATE_FAILED;
	}
	exit_code = exit_code_of(&reply);
	tell(exit_code == OUTDATE_FAILED ? LOG_ERR : LOG_NOTICE, "%s on %s: %s; exit status %d",
	     request->resource, request->node, reply.text, exit_code);
	free(reply.data);
	return exit_code;
}

static int outdate(const struct request *request, unsigned int timeout_s)
{
	struct ipc_client *client = NULL;
	int exit_code;
	int r = ipc_connect(&client);

	if (r < 0) {
		tell(LOG_ERR, "%s: %s; the disk of %s is not known", request->resource,
		     r == -ENOENT   ? "haopsd does not run here, start it"
		     : r == -EACCES ? "haopsd lets only root ask"
				    : strerror(-r),
		     request->node);
		return OUTDATE_FAILED;
	}
	exit_code = ask(client, request, timeout_s);
	ipc_disconnect(client);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct options options = {.timeout_s = TIMEOUT_S};
	struct request request;
	char text[REQUEST_TEXT_MAX];
	int r;

	openlog(PROGRAM, LOG_PID, LOG_DAEMON);
	r = parse_options(argc, argv, &options);
	if (r <= 0)
		return r == 0 ? EXIT_SUCCESS : OUTDATE_FAILED;
	if (request_read(get_variable, NULL, &options.maps, &request, text) < 0) {
		tell(LOG_ERR, "%s", text);
		return OUTDATE_FAILED;
	}
	(void)alarm(options.timeout_s + ALARM_MARGIN_S);
	return outdate(&request, options.timeout_s);
}
