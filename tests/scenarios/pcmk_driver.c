/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haopsd's end of its Pacemaker helper, driven by lines of words on standard input; what happens is
 * printed as a line of JSON each. Runs inside a node of the lab, see test_haopsd_pacemaker.py.
 */
#include "pcmk/pcmk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 6
#define LINE_MAX_BYTES 1024

struct driver {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct pcmk *pcmk;
	size_t len;
	char line[LINE_MAX_BYTES];
};

static int64_t clock_us(clockid_t clock)
{
	struct timespec now = {0};

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void print_text(const char *text)
{
	(void)putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)putchar('\\');
		(void)putchar((unsigned char)*text < ' ' ? ' ' : *text);
	}
	(void)putchar('"');
}

static void end_line(void)
{
	printf(", \"us\": %" PRId64 ", \"wall\": %.6f}\n", clock_us(CLOCK_MONOTONIC),
	       (double)clock_us(CLOCK_REALTIME) / 1e6);
	(void)fflush(stdout);
}

static void on_reported(void *userdata, uint64_t id, enum pcmk_result result, const char *text)
{
	static const char *const names[] = {"reported", "unmanaged", "not-here", "unavailable"};

	(void)userdata;
	printf("{\"kind\": \"answer\", \"id\": %" PRIu64 ", \"result\": \"%s\", \"text\": ", id,
	       names[result]);
	print_text(text);
	end_line();
}

static void on_alive(void *userdata, int64_t asked_ms)
{
	(void)userdata;
	printf("{\"kind\": \"alive\", \"asked_ms\": %" PRId64 ", \"age_ms\": %" PRId64, asked_ms,
	       clock_us(CLOCK_BOOTTIME) / 1000 - asked_ms);
	end_line();
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	(void)userdata;
	printf("{\"kind\": \"event\", \"level\": %d, \"text\": ", (int)level);
	print_text(text);
	end_line();
}

static void print_asked(const struct driver *driver, int r, uint64_t id)
{
	printf("{\"kind\": \"asked\", \"id\": %" PRIu64 ", \"code\": %d, \"text\": ", id, -r);
	print_text(r < 0 ? haops_ctx_error(driver->ctx) : "");
	end_line();
}

static void ask(struct driver *driver, char **words, enum pcmk_wish wish)
{
	struct haops_watch watch = {.is_pacemaker = true};
	uint64_t id = 0;
	int r;

	(void)snprintf(watch.resource, sizeof(watch.resource), "%s", words[1]);
	(void)snprintf(watch.provider, sizeof(watch.provider), "%s", words[2]);
	(void)snprintf(watch.agent, sizeof(watch.agent), "%s", words[3]);
	r = pcmk_report(driver->pcmk, &watch, wish, "the test says so", &id);
	print_asked(driver, r, id);
}

static void report(struct driver *driver, char **words)
{
	ask(driver, words, PCMK_RECOVER);
}

static void look(struct driver *driver, char **words)
{
	ask(driver, words, PCMK_LOOK);
}

static void fence(struct driver *driver, char **words)
{
	uint64_t id = 0;
	int r = pcmk_fence(driver->pcmk, words[1], &id);

	print_asked(driver, r, id);
}

static void set_attribute(struct driver *driver, char **words)
{
	int r = pcmk_set_attribute(driver->pcmk, words[1], words[2], strtol(words[3], NULL, 10));

	print_asked(driver, r, 0);
}

static void ping(struct driver *driver, char **words)
{
	pcmk_set_ping(driver->pcmk, strtol(words[1], NULL, 10));
	print_asked(driver, 0, 0);
}

static void tell(struct driver *driver, char **words)
{
	(void)words;
	printf("{\"kind\": \"helper\", \"pid\": %d, \"alive_ms\": %" PRId64,
	       (int)pcmk_pid(driver->pcmk), pcmk_alive_ms(driver->pcmk));
	end_line();
}

static void warm(struct driver *driver, char **words)
{
	(void)words;
	pcmk_warm(driver->pcmk);
	print_asked(driver, 0, 0);
}

static const struct verb {
	const char *name;
	int words;
	void (*run)(struct driver *driver, char **words);
} verbs[] = {
	{"report", 4, report}, {"look", 4, look},
	{"fence", 2, fence},   {"attribute", 4, set_attribute},
	{"ping", 2, ping},     {"helper", 1, tell},
	{"warm", 1, warm},
};

static void run_line(struct driver *driver, char *line)
{
	char *words[WORDS_MAX] = {0};
	char *rest = line;
	int count = 0;

	while (count < WORDS_MAX && (words[count] = strsep(&rest, " ")) && words[count][0])
		count++;
	for (size_t i = 0; count > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(words[0], verbs[i].name) == 0 && count == verbs[i].words) {
			verbs[i].run(driver, words);
			return;
		}
	}
	printf("{\"kind\": \"error\", \"text\": ");
	print_text(line);
	end_line();
}

static int32_t on_input(int32_t fd, int32_t revents, void *data)
{
	struct driver *driver = data;
	ssize_t len = read(fd, driver->line + driver->len, sizeof(driver->line) - driver->len - 1);
	char *end;

	(void)revents;
	if (len <= 0) {
		qb_loop_stop(driver->loop);
		return -1;
	}
	driver->len += (size_t)len;
	driver->line[driver->len] = '\0';
	while ((end = strchr(driver->line, '\n'))) {
		*end = '\0';
		run_line(driver, driver->line);
		driver->len -= (size_t)(end + 1 - driver->line);
		memmove(driver->line, end + 1, driver->len + 1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct pcmk_handlers handlers = {.reported = on_reported,
						      .alive = on_alive,
						      .event = on_event};
	struct driver driver = {0};

	if (argc != 2 || haops_ctx_new(&driver.ctx) < 0)
		return 2;
	driver.loop = qb_loop_create();
	if (pcmk_new(driver.ctx, driver.loop, &handlers, &driver, &driver.pcmk) < 0 ||
	    pcmk_set_program(driver.pcmk, argv[1]) < 0 ||
	    qb_loop_poll_add(driver.loop, QB_LOOP_MED, 0, POLLIN, &driver, on_input) < 0)
		return 2;
	qb_loop_run(driver.loop);
	pcmk_free(driver.pcmk);
	qb_loop_destroy(driver.loop);
	haops_ctx_free(driver.ctx);
	return 0;
}
