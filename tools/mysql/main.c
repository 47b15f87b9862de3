/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql: what haops(8) becomes for replication of MySQL and MariaDB. Puts the parts together,
 * writes the document, and ends with the status that scripts look at. */

#include "live.h"
#include "run.h"

#include "util/cleanup.h"

#include <crm/common/logging.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define PROGRAM_NAME "haops-mysql"

static void learn_terminal(struct writer_options *form)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	unsigned int lines;

	live_size(&form->columns, &lines);
	form->has_colour = isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]) && terminal &&
			   strcmp(terminal, "dumb") != 0;
}

static void run_command(struct run *run, struct writer *writer)
{
	run->text[0] = '\0';
	switch (run->options.command) {
	case COMMAND_STATUS:
		status_run(run, writer);
		break;
	case COMMAND_SWITCHOVER:
		switchover_run(run, writer);
		break;
	case COMMAND_REJOIN:
		rejoin_run(run, writer);
		break;
	case COMMAND_ALLOW_STALE:
		stale_run(run, writer);
		break;
	}
}

/* One document in memory; NULL when that is short. */
static char *render(struct run *run)
{
	struct writer writer;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	learn_terminal(&run->options.form);
	if (!out)
		return NULL;
	if (writer_open(&writer, out, &run->options.form, run->options.command_name) < 0) {
		(void)fclose(out);
		free(text);
		return NULL;
	}
	run_command(run, &writer);
	writer_close(&writer);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int out_of_memory(void)
{
	fprintf(stderr, "haops: memory is short\n");
	return EXIT_OUTPUT;
}

static int show_once(struct run *run)
{
	CLEANUP_FREE char *text = render(run);
	int r;

	if (!text)
		return out_of_memory();
	if (run->text[0])
		fprintf(stderr, "haops: %s\n", run->text);
	r = live_write(text);
	if (r < 0) {
		fprintf(stderr, "haops: the output cannot be written: %s\n", strerror(-r));
		return EXIT_OUTPUT;
	}
	return run->exit_status;
}

static bool show_trouble(struct run *run, struct live *live)
{
	char text[SNAPSHOT_TEXT_MAX + 2];

	(void)snprintf(text, sizeof(text), "%s\n", run->text);
	return live_show(live, text);
}

static int show_live(struct run *run)
{
	struct live live;
	bool goes_on = true;

	run->options.form.is_compact = true;
	if (live_begin(&live) < 0) {
		fprintf(stderr, "haops: signals cannot be watched: %s\n", strerror(errno));
		return EXIT_OUTPUT;
	}
	while (goes_on) {
		CLEANUP_FREE char *text = render(run);

		if (!text) {
			live_end(&live);
			return out_of_memory();
		}
		goes_on = run->text[0] && run->options.form.form == WRITER_TEXT
				  ? show_trouble(run, &live)
				  : live_show(&live, text);
		goes_on = goes_on && live_wait(&live, run->options.watch_ms);
	}
	live_end(&live);
	return 0;
}

static int run_all(struct run *run)
{
	int r;

	if (haops_ctx_new(&run->ctx) < 0 || survey_new(run->ctx, &run->survey) < 0)
		return out_of_memory();
	r = run->options.watch_ms > 0 ? show_live(run) : show_once(run);
	survey_forget_all(&run->snapshot);
	return r;
}

int main(int argc, char **argv)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	CLEANUP_FREE struct run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return out_of_memory();
	r = mysql_options_parse(argc, argv, &run->options);
	if (r >= 0)
		return fflush(stdout) == 0 ? r : EXIT_OUTPUT;
	/* A closed output is an error of write(), not a death. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	tzset();
	crm_log_preinit(PROGRAM_NAME, 0, NULL);
	r = run_all(run);
	survey_free(run->survey);
	cib_close(run->cib);
	(void)haops_ctx_free(run->ctx);
	return r;
}
