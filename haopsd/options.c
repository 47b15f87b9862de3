/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the command line. Opens and prints nothing. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char options_help[] =
	"usage: haopsd [--foreground] [--config FILE] [--run-dir FOLDER]\n"
	"       haopsd --check-config [--config FILE]\n"
	"\n"
	"Membership, heartbeat and watch over Corosync; see haopsd(8).\n"
	"\n"
	"  -c, --config FILE      settings, instead of " HAOPSD_CONFIG_FILE "\n"
	"  -k, --check-config     read the settings, say what is wrong, end\n"
	"  -f, --foreground       log to standard error, too\n"
	"  -r, --run-dir FOLDER   state and watch records, instead of " HAOPS_RUN_DIR "\n"
	"  -V, --version          print the version\n"
	"  -h, --help             print this\n"
	"\n"
	"It does not put itself in the background: a service manager does that.\n";

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"check-config", no_argument, NULL, 'k'},
	{"foreground", no_argument, NULL, 'f'},
	{"run-dir", required_argument, NULL, 'r'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int take(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'c':
		options->config_path = value;
		options->is_config_given = true;
		return 0;
	case 'k':
		options->verb = OPTIONS_CHECK;
		return 0;
	case 'f':
		options->is_foreground = true;
		return 0;
	case 'r':
		options->run_dir = value;
		return 0;
	case 'V':
		options->verb = OPTIONS_VERSION;
		return 0;
	case 'h':
		options->verb = OPTIONS_HELP;
		return 0;
	default:
		return -EINVAL;
	}
}

int options_parse(int argc, char **argv, struct options *ret_options, char error[OPTIONS_ERROR_MAX])
{
	struct options options = {.config_path = HAOPSD_CONFIG_FILE, .log_socket = "/dev/log"};
	int option;

	optind = 0; /* tests call this more than once */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":c:kfr:Vh", long_options, NULL)) != -1) {
		const char *what = argv[optind > 0 ? optind - 1 : 0];

		if (option == ':') {
			(void)snprintf(error, OPTIONS_ERROR_MAX, "%.100s needs a value", what);
			return -EINVAL;
		}
		if (take(&options, option, optarg) < 0) {
			(void)snprintf(error, OPTIONS_ERROR_MAX, "%.100s is no option of haopsd",
				       what);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		(void)snprintf(error, OPTIONS_ERROR_MAX, "%.100s: no arguments are expected",
			       argv[optind]);
		return -EINVAL;
	}
	if (options.run_dir && options.run_dir[0] != '/') {
		(void)snprintf(error, OPTIONS_ERROR_MAX,
			       "--run-dir %.100s: the path must be absolute", options.run_dir);
		return -EINVAL;
	}
	*ret_options = options;
	return 0;
}
