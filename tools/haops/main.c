/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops: what haopsd knows, for people and programs. Puts the parts together: asks, has it
 * written, shows it, and ends with the status that scripts look at. */

#include "ask-drbd.h"
#include "ask.h"
#include "live.h"
#include "util/cleanup.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct run {
	struct options options;
	struct ask ask;
	struct status status;
	struct ask_drbd ask_drbd;
	struct drbd_report drbd;
	int exit_status;
};

static void learn_terminal(struct writer_options *form)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	unsigned int lines;

	live_size(&form->columns, &lines);
	form->has_colour = isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]) && terminal &&
			   strcmp(terminal, "dumb") != 0;
}

/* What was asked for, as its writer writes it. */
static void write_answer(struct run *run, struct writer *writer)
{
	const struct options *options = &run->options;
	struct verdict verdict;
	struct status_peer own;

	if (options->command->kind != COMMAND_VIEW) {
		run->exit_status = verb_run(writer, options, &run->status);
		return;
	}
	view_own_peer(&run->status, &own);
	if (options->arguments[0] && !view_find(&run->status, options->arguments[0]) &&
	    !view_is_node(&own, options->arguments[0])) {
		snprintf(run->ask.text, sizeof(run->ask.text),
			 "there is no node %.200s; haops members lists them",
			 options->arguments[0]);
		run->exit_status = EXIT_NO_SUCH;
		view_failed(writer, LEVEL_UNKNOWN, run->ask.text);
		return;
	}
	if (options->command->view == VIEW_STATUS) {
		ask_drbd(&run->ask_drbd, &run->drbd);
		view_judge(&run->status, &run->drbd, &verdict);
		run->exit_status = (int)verdict.level;
	}
	view_show(writer, options->command->view, &run->status, &run->drbd, options->arguments[0]);
}

static bool wants_links(const struct run *run)
{
	return run->options.command->kind == COMMAND_VIEW && run->options.watch_ms == 0 &&
	       (run->options.command->view == VIEW_STATUS ||
		run->options.command->view == VIEW_LINKS);
}

static void answer(struct run *run, struct writer *writer)
{
	run->ask.text[0] = '\0';
	run->exit_status = wants_links(run) ? ask_status_with_links(&run->ask, &run->status)
					    : ask_status(&run->ask, &run->status);
	if (run->exit_status == 0)
		write_answer(run, writer);
	else
		view_failed(writer, LEVEL_UNKNOWN, run->ask.text);
}

static void change(struct run *run, struct writer *writer)
{
	const struct options *options = &run->options;
	char assignment[IPC_TEXT_MAX];

	if (options->command->kind == COMMAND_RELOAD) {
		run->exit_status = ask_change(&run->ask, IPC_RELOAD, NULL);
	} else if ((size_t)snprintf(assignment, sizeof(assignment), "%s %s", options->arguments[0],
				    options->arguments[1]) >= sizeof(assignment)) {
		snprintf(run->ask.text, sizeof(run->ask.text), "that value is too long");
		run->exit_status = EXIT_REFUSED;
	} else {
		run->exit_status = ask_change(&run->ask, IPC_SET, assignment);
	}
	out_number(writer, "code", NULL, (uint64_t)run->exit_status);
	out_text(writer, "result", run->exit_status == 0 ? "" : NULL,
		 run->exit_status == 0 ? "done" : run->ask.text);
}

/* One document in memory; NULL when that is short. */
static char *render(struct run *run)
{
	bool is_change = run->options.command->kind == COMMAND_RELOAD ||
			 run->options.command->kind == COMMAND_SET;
	struct writer writer;
	char *text = NULL;
	size_t size;
	FILE *out;

	learn_terminal(&run->options.form);
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	if (writer_open(&writer, out, &run->options.form, run->options.command->name) < 0) {
		(void)fclose(out);
		free(text);
		return NULL;
	}
	if (is_change)
		change(run, &writer);
	else
		answer(run, &writer);
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
	bool is_silent = run->options.command->kind == COMMAND_IS_ACTIVE &&
			 run->options.form.form == WRITER_TEXT;
	int r;

	if (!text)
		return out_of_memory();
	if (run->ask.text[0])
		fprintf(stderr, "haops: %s\n", run->ask.text);
	r = is_silent ? 0 : live_write(text);
	if (r < 0) {
		fprintf(stderr, "haops: the output cannot be written: %s\n", strerror(-r));
		return EXIT_OUTPUT;
	}
	return run->exit_status;
}

/* What is shown while nothing can be found out. */
static bool show_trouble(struct run *run, struct live *live)
{
	char text[ASK_TEXT_MAX + 64];
	char now[64] = "";
	time_t seconds = time(NULL);
	struct tm when;

	if (localtime_r(&seconds, &when))
		(void)strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S", &when);
	snprintf(text, sizeof(text), "%s  %s\n", now, run->ask.text);
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
		if (run->ask.text[0] && run->options.form.form == WRITER_TEXT)
			goes_on = show_trouble(run, &live);
		else
			goes_on = live_show(&live, text);
		goes_on = goes_on && live_wait(&live, run->options.watch_ms);
	}
	live_end(&live);
	return 0;
}

/* libmariadb and Pacemaker's libraries are for those only who ask for what needs them. */
static int become(const char *program, char **argv)
{
	(void)execv(program, argv);
	if (errno == ENOENT)
		fprintf(stderr,
			"haops: %s is not there: install the package with haops-mysql, or build "
			"haops without --disable-mysql\n",
			program);
	else
		fprintf(stderr, "haops: %s cannot be run: %s\n", program, strerror(errno));
	return LEVEL_UNKNOWN;
}

int main(int argc, char **argv)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct run run = {0};
	int r = options_parse(argc, argv, &run.options);

	if (r >= 0)
		return fflush(stdout) == 0 ? r : EXIT_OUTPUT;
	if (run.options.command->kind == COMMAND_MYSQL)
		return become(HAOPS_MYSQL_PROGRAM, argv);
	/* A closed output is an error of write(), not a death. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	tzset();
	r = run.options.watch_ms > 0 ? show_live(&run) : show_once(&run);
	ask_end(&run.ask);
	ask_drbd_end(&run.ask_drbd);
	drbd_report_done(&run.drbd);
	status_done(&run.status);
	return r;
}
