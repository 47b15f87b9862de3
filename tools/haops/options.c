/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of haops(8), and its help. Asks nobody anything. */

#include "options.h"

#include "util/num.h"

#include <getopt.h>
#include <haops/haops.h>
#include <string.h>

#define WATCH_DEFAULT_MS 2000
#define WATCH_MAX_S 86400

static const struct command commands[] = {
	{"status", "", "all on one screen; the exit status tells the health", COMMAND_VIEW,
	 VIEW_STATUS, 0, 0},
	{"members", "[NODE]", "the nodes, or one of them", COMMAND_VIEW, VIEW_MEMBERS, 0, 1},
	{"heartbeat", "[NODE]", "how late heartbeats are, and the deadtime that they advise",
	 COMMAND_VIEW, VIEW_HEARTBEAT, 0, 1},
	{"watched", "", "all watched resources, lost ones first", COMMAND_VIEW, VIEW_WATCHED, 0, 0},
	{"links", "", "Corosync's links to the other nodes", COMMAND_VIEW, VIEW_LINKS, 0, 0},
	{"events", "", "what happened last", COMMAND_VIEW, VIEW_EVENTS, 0, 0},
	{"hbstatus", "", "whether haopsd runs and is a member", COMMAND_HBSTATUS, VIEW_STATUS, 0,
	 0},
	{"nodestatus", "NODE", "the state of a node in one word", COMMAND_NODESTATUS, VIEW_STATUS,
	 1, 1},
	{"is-active", "NODE", "the same, in the exit status only", COMMAND_IS_ACTIVE, VIEW_STATUS,
	 1, 1},
	{"rscstatus", "[RESOURCE]", "whole, lost or none: the watched resources, or one",
	 COMMAND_RSCSTATUS, VIEW_STATUS, 0, 1},
	{"reload", "", "read the configuration file again (root only)", COMMAND_RELOAD, VIEW_STATUS,
	 0, 0},
	{"set", "DIRECTIVE VALUE", "change a setting until the next reload (root only)",
	 COMMAND_SET, VIEW_STATUS, 2, 2},
	{"mysql", "COMMAND ...", "replication of MySQL and MariaDB, see haops-mysql(8)",
	 COMMAND_MYSQL, VIEW_STATUS, 0, 0},
	{"switchover", "mysql ...", "move the primary to another node, see haops-mysql(8)",
	 COMMAND_MYSQL, VIEW_STATUS, 0, 0},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	printf("usage: haops [OPTION...] COMMAND [ARGUMENT...]\n\n"
	       "Asks haopsd on this node.\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", commands[i].name, commands[i].arguments);
		printf("  %-22s %s\n", left, commands[i].help);
	}
	printf("\nOptions:\n"
	       "  --json                 print JSON\n"
	       "  --xml                  print XML\n"
	       "  --watch[=SECONDS]      show again and again, every 2 seconds or as told\n"
	       "  --help                 print this and end\n"
	       "  --version              print the version and end\n\n"
	       "Exit status: 0 healthy, 1 warning, 2 critical, 3 unknown (haopsd does not "
	       "answer),\n"
	       "4 not allowed, 5 no such node or resource, 6 change refused, 64 usage, 74 "
	       "output.\n");
}

static int usage(const char *what, const char *name)
{
	fprintf(stderr, "haops: %s%s%s; haops --help tells how\n", what, name[0] ? ": " : "", name);
	return EXIT_USAGE;
}

static int parse_watch(const char *argument, struct options *options)
{
	int64_t seconds = 0;

	options->watch_ms = WATCH_DEFAULT_MS;
	if (!argument)
		return -1;
	if (num_parse(argument, 1, WATCH_MAX_S, &seconds) < 0)
		return usage("--watch takes 1 to 86400 seconds, not", argument);
	options->watch_ms = seconds * 1000;
	return -1;
}

static int parse_option(int option, struct options *options)
{
	switch (option) {
	case 'j':
	case 'x':
		if (options->form.form != WRITER_TEXT)
			return usage("--json and --xml exclude each other", "");
		options->form.form = option == 'j' ? WRITER_JSON : WRITER_XML;
		return -1;
	case 'w':
		return parse_watch(optarg, options);
	case 'h':
		help();
		return 0;
	case 'v':
		printf("haops %s\n", haops_version());
		return 0;
	default:
		return usage("that option is not known, or its argument is wrong", "");
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* A command that is a program of its own has options of its own, too. */
static bool is_for_another(int argc, char **argv, struct options *options)
{
	int at = 1;

	while (at < argc && argv[at][0] == '-')
		at++;
	options->command = at < argc ? find_command(argv[at]) : NULL;
	return options->command && options->command->kind == COMMAND_MYSQL;
}

static int parse_command(int argc, char **argv, struct options *options)
{
	const struct command *command;
	int count = argc - optind - 1;

	if (count < 0)
		return usage("no command", "");
	command = find_command(argv[optind]);
	if (!command)
		return usage("no such command", argv[optind]);
	if (count < command->least)
		return usage("an argument is missing behind", command->name);
	if (count > command->most)
		return usage("too many arguments behind", command->name);
	if (options->watch_ms > 0 && command->kind != COMMAND_VIEW)
		return usage("--watch is not for", command->name);
	options->command = command;
	for (int i = 0; i < count; i++)
		options->arguments[i] = argv[optind + 1 + i];
	return -1;
}

int options_parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {{"json", no_argument, NULL, 'j'},
					      {"xml", no_argument, NULL, 'x'},
					      {"watch", optional_argument, NULL, 'w'},
					      {"help", no_argument, NULL, 'h'},
					      {"version", no_argument, NULL, 'v'},
					      {NULL, 0, NULL, 0}};
	int option;
	int r;

	*options = (struct options){0};
	if (is_for_another(argc, argv, options))
		return -1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		r = parse_option(option, options);
		if (r >= 0)
			return r;
	}
	return parse_command(argc, argv, options);
}
