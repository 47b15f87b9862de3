/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haops-cib: reads and writes a property set of the CIB, and tells the state of the nodes. One
 * question, one answer, within --timeout. What it means is the matter of who asks.
 */
#include "cib.h"

#include <crm/crm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define US_PER_MS 1000

enum cib_exit cib_complain(enum cib_exit code, const char *what, int rc)
{
	(void)fprintf(stderr, "haops-cib: %s%s%s\n", what, rc < 0 ? ": " : "",
		      rc < 0 ? pcmk_strerror(rc) : "");
	return code;
}

void cib_print_text(const char *text)
{
	for (; *text; text++)
		(void)putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

/* Pacemaker's library can wait without an end, so nothing but a signal gets out of it. */
static void on_alarm(int sig)
{
	static const char text[] = "haops-cib: no answer in time\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(CIB_UNKNOWN);
	_exit(CIB_UNKNOWN);
}

static void set_deadline(long timeout_ms)
{
	const struct itimerval timer = {.it_value = {.tv_sec = timeout_ms / MS_PER_S,
						     .tv_usec = timeout_ms % MS_PER_S * US_PER_MS}};

	(void)signal(SIGALRM, on_alarm);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* The set, an empty line, the nodes: what an action needs to know, by one program. */
static enum cib_exit look(cib_t *cib, const struct options *options)
{
	enum cib_exit code = cib_get_set(cib, options);

	if (code != CIB_DONE)
		return code;
	(void)putchar('\n');
	return cib_print_nodes(cib, options);
}

static enum cib_exit perform(cib_t *cib, const struct options *options)
{
	switch (options->verb) {
	case OPTIONS_GET:
		return cib_get_set(cib, options);
	case OPTIONS_SET:
		return cib_set_set(cib, options);
	case OPTIONS_LOOK:
		return look(cib, options);
	default:
		return cib_print_nodes(cib, options);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	const char *problem = options_read(argc, argv, &options);
	enum cib_exit code;
	cib_t *cib;
	int rc;

	if (problem)
		return (int)cib_complain(CIB_USAGE, problem, 0);
	set_deadline(options.timeout_ms);
	crm_log_preinit("haops-cib", 0, NULL);
	cib = cib_native_new();
	if (!cib)
		return (int)cib_complain(CIB_FAILED, "memory is short", 0);
	rc = cib->cmds->signon(cib, "haops-cib", cib_command);
	if (rc < 0) {
		cib_delete(cib);
		return (int)cib_complain(CIB_FAILED, "the cluster does not run here", rc);
	}
	code = perform(cib, &options);
	(void)cib->cmds->signoff(cib);
	cib_delete(cib);
	if (fflush(stdout) != 0)
		code = CIB_FAILED;
	return (int)code;
}
