/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd's main(): what is asked for, and exit codes. */
#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static int check_config(const struct options *options)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config config;
	int r = settings_read(options, &config, error);

	if (r < 0) {
		(void)fprintf(stderr, "haopsd: %s\n", error);
		return EXIT_FAILURE;
	}
	(void)printf("%s\n", error[0] ? error : "the settings are good");
	return EXIT_SUCCESS;
}

static int run(const struct options *options)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	int r = -1;

	if (daemon) {
		host_prepare_process();
		r = daemon_open(daemon, options);
		if (r == 0)
			daemon_run(daemon);
		daemon_close(daemon);
	}
	free(daemon);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	char error[OPTIONS_ERROR_MAX];
	struct options options;

	if (options_parse(argc, argv, &options, error) < 0) {
		(void)fprintf(stderr, "haopsd: %s (see haopsd --help)\n", error);
		return EXIT_USAGE;
	}
	switch (options.verb) {
	case OPTIONS_HELP:
		(void)fputs(options_help, stdout);
		return EXIT_SUCCESS;
	case OPTIONS_VERSION:
		(void)printf("haopsd %s\n", haops_version());
		return EXIT_SUCCESS;
	case OPTIONS_CHECK:
		return check_config(&options);
	case OPTIONS_RUN:
		break;
	}
	return run(&options);
}
