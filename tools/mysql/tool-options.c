/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of haops-mysql(8), and its help. Asks nobody anything. */

#include "tool-options.h"

#include "util/num.h"

#include <getopt.h>
#include <haops/haops.h>
#include <string.h>

#define WATCH_DEFAULT_MS 2000
#define WATCH_MAX_S 86400
#define TIMEOUT_DEFAULT_S 120
#define TIMEOUT_MAX_S 3600
#define MAX_LAG_DEFAULT_S 10
#define MAX_LAG_MAX_S 86400

enum option_name {
	OPTION_JSON = 1,
	OPTION_XML,
	OPTION_WATCH,
	OPTION_TO,
	OPTION_TIMEOUT,
	OPTION_MAX_LAG,
	OPTION_DISCARD,
	OPTION_YES,
	OPTION_HELP,
	OPTION_VERSION
};
#define BIT(option) (1u << (option))

struct verb {
	const char *words[2]; /* as typed */
	const char *name;     /* in documents */
	const char *arguments;
	const char *help;
	enum mysql_command command;
	int least; /* arguments */
	int most;
	unsigned int options; /* beyond those of all */
};

static const struct verb verbs[] = {
	{{"mysql", "status"},
	 "status",
	 "[RESOURCE]",
	 "who is the primary, who has what, who may be promoted; the exit status tells the health",
	 COMMAND_STATUS,
	 0,
	 1,
	 BIT(OPTION_WATCH)},
	{{"switchover", "mysql"},
	 "switchover",
	 "[RESOURCE] --to NODE",
	 "move the primary to another node; undone when it fails",
	 COMMAND_SWITCHOVER,
	 0,
	 1,
	 BIT(OPTION_TO) | BIT(OPTION_TIMEOUT) | BIT(OPTION_MAX_LAG)},
	{{"mysql", "rejoin"},
	 "rejoin",
	 "NODE [RESOURCE]",
	 "what a diverged node has that nobody else has, and its ways back",
	 COMMAND_REJOIN,
	 1,
	 2,
	 BIT(OPTION_DISCARD) | BIT(OPTION_YES)},
	{{"mysql", "allow-stale"},
	 "allow-stale",
	 "[RESOURCE]",
	 "accept that writes are lost, so that a node that is there may be promoted",
	 COMMAND_ALLOW_STALE,
	 0,
	 1,
	 BIT(OPTION_YES)},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void help(void)
{
	printf("usage: haops [OPTION...] COMMAND [ARGUMENT...]\n\n"
	       "Replication of MySQL and MariaDB under Pacemaker.\n\nCommands:\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %s %s %s\n        %s\n", verbs[i].words[0], verbs[i].words[1],
		       verbs[i].arguments, verbs[i].help);
	printf("\nOptions:\n"
	       "  --json                 print JSON\n"
	       "  --xml                  print XML\n"
	       "  --watch[=SECONDS]      status: show again and again, every 2 seconds or as told\n"
	       "  --to NODE              switchover: the new primary\n"
	       "  --timeout SECONDS      switchover: give up and undo after so long (120)\n"
	       "  --max-lag SECONDS      switchover: how far it may be behind (10)\n"
	       "  --discard              rejoin: throw away what only that node has\n"
	       "  --yes                  rejoin --discard, allow-stale: do it\n"
	       "  --help                 print this and end\n"
	       "  --version              print the version and end\n\n"
	       "Exit status: 0 healthy or done, 1 warning, 2 critical or failed, 3 unknown "
	       "(Pacemaker "
	       "does\n"
	       "not answer), 4 not allowed, 5 no such node or resource, 6 refused, nothing was "
	       "changed,\n"
	       "64 usage, 74 output.\n");
}

static int usage(const char *what, const char *name)
{
	fprintf(stderr, "haops: %s%s%s; haops mysql --help tells how\n", what, name[0] ? ": " : "",
		name);
	return EXIT_USAGE;
}

static int parse_seconds(const char *argument, int64_t max_s, const char *what, int64_t *ret_s)
{
	return num_parse(argument, 1, max_s, ret_s) < 0 ? usage(what, argument) : -1;
}

static int set_form(struct mysql_options *options, enum writer_form form)
{
	if (options->form.form != WRITER_TEXT)
		return usage("--json and --xml exclude each other", "");
	options->form.form = form;
	return -1;
}

/* Options with a number. */
static int parse_number(int option, struct mysql_options *options)
{
	int64_t seconds = WATCH_DEFAULT_MS / 1000;
	int r = -1;

	if (option == OPTION_MAX_LAG)
		return num_parse(optarg, 0, MAX_LAG_MAX_S, &options->max_lag_s) < 0
			       ? usage("--max-lag takes 0 to 86400 seconds, not", optarg)
			       : -1;
	if (option == OPTION_TIMEOUT) {
		r = parse_seconds(optarg, TIMEOUT_MAX_S, "--timeout takes 1 to 3600 seconds, not",
				  &seconds);
		options->timeout_ms = seconds * 1000;
		return r;
	}
	if (optarg)
		r = parse_seconds(optarg, WATCH_MAX_S, "--watch takes 1 to 86400 seconds, not",
				  &seconds);
	options->watch_ms = seconds * 1000;
	return r;
}

static int parse_option(int option, struct mysql_options *options)
{
	switch (option) {
	case OPTION_JSON:
		return set_form(options, WRITER_JSON);
	case OPTION_XML:
		return set_form(options, WRITER_XML);
	case OPTION_WATCH:
	case OPTION_TIMEOUT:
	case OPTION_MAX_LAG:
		return parse_number(option, options);
	case OPTION_TO:
		options->to = optarg;
		return -1;
	case OPTION_DISCARD:
		options->has_discard = true;
		return -1;
	case OPTION_YES:
		options->has_yes = true;
		return -1;
	case OPTION_HELP:
		help();
		return 0;
	case OPTION_VERSION:
		printf("haops-mysql %s\n", haops_version());
		return 0;
	default:
		return usage("that option is not known, or its argument is wrong", "");
	}
}

static const struct verb *find_verb(int count, char **words)
{
	for (size_t i = 0; i < VERB_COUNT && count >= 2; i++) {
		if (strcmp(verbs[i].words[0], words[0]) == 0 &&
		    strcmp(verbs[i].words[1], words[1]) == 0)
			return &verbs[i];
	}
	return NULL;
}

static int check_options(const struct verb *verb, unsigned int given,
			 const struct mysql_options *options)
{
	const unsigned int of_all =
		BIT(OPTION_JSON) | BIT(OPTION_XML) | BIT(OPTION_HELP) | BIT(OPTION_VERSION);

	if (given & ~(of_all | verb->options))
		return usage("one of the options is not for", verb->name);
	if (verb->command == COMMAND_SWITCHOVER && !options->to)
		return usage("--to NODE is missing behind", verb->name);
	if (verb->command == COMMAND_REJOIN && options->has_yes && !options->has_discard)
		return usage("--yes goes with --discard", "");
	return -1;
}

static int parse_words(int count, char **words, unsigned int given, struct mysql_options *options)
{
	const struct verb *verb = find_verb(count, words);
	int argument = 2;

	if (!verb)
		return usage("no such command", count > 0 ? words[count > 1 ? 1 : 0] : "");
	if (count - 2 < verb->least)
		return usage("an argument is missing behind", verb->name);
	if (count - 2 > verb->most)
		return usage("too many arguments behind", verb->name);
	options->command = verb->command;
	options->command_name = verb->name;
	if (verb->command == COMMAND_REJOIN)
		options->node = words[argument++];
	if (count > argument)
		options->resource = words[argument];
	return check_options(verb, given, options);
}

int mysql_options_parse(int argc, char **argv, struct mysql_options *options)
{
	static const struct option known[] = {{"json", no_argument, NULL, OPTION_JSON},
					      {"xml", no_argument, NULL, OPTION_XML},
					      {"watch", optional_argument, NULL, OPTION_WATCH},
					      {"to", required_argument, NULL, OPTION_TO},
					      {"timeout", required_argument, NULL, OPTION_TIMEOUT},
					      {"max-lag", required_argument, NULL, OPTION_MAX_LAG},
					      {"discard", no_argument, NULL, OPTION_DISCARD},
					      {"yes", no_argument, NULL, OPTION_YES},
					      {"help", no_argument, NULL, OPTION_HELP},
					      {"version", no_argument, NULL, OPTION_VERSION},
					      {NULL, 0, NULL, 0}};
	unsigned int given = 0;
	int option;
	int r;

	*options = (struct mysql_options){.timeout_ms = TIMEOUT_DEFAULT_S * 1000,
					  .max_lag_s = MAX_LAG_DEFAULT_S};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		r = parse_option(option, options);
		if (r >= 0)
			return r;
		given |= BIT(option);
	}
	return parse_words(argc - optind, argv + optind, given, options);
}
