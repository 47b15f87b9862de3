/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A haopsd that only answers its tools, with a status from canned.h: the real IPC server and the
 * real helper around it. usage: fake-haopsd HELPER STATUS; says "ready" when it is. */

#include "canned.h"
#include "ipc/ipc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fake {
	qb_loop_t *loop;
	struct ipc_server *server;
	const char *status_name;
	uint64_t next_id;
	unsigned int reloads;
};

struct later {
	struct fake *fake;
	uint64_t id;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_status(void *userdata, struct status *status)
{
	const struct fake *fake = userdata;

	(void)canned_fill(fake->status_name, now_ms(), status);
	status->reports_held = fake->reloads;
}

static int on_reload(void *userdata, char text[IPC_TEXT_MAX])
{
	struct fake *fake = userdata;

	fake->reloads++;
	if (strcmp(fake->status_name, "sick") != 0)
		return 0;
	snprintf(text, IPC_TEXT_MAX, "line 3: deadtime: must be above keepalive; nothing changed");
	return -EINVAL;
}

static int on_set(void *userdata, const char *assignment, char text[IPC_TEXT_MAX])
{
	(void)userdata;
	if (strcmp(assignment, "deadtime 15") == 0)
		return 0;
	snprintf(text, IPC_TEXT_MAX, "%s: no such directive", assignment);
	return -EINVAL;
}

static void answer_later(void *data)
{
	struct later *later = data;

	ipc_server_answer(later->fake->server, later->id, 4, "outdated");
	free(later);
}

/* RESOURCE "now" is answered inside, "never" not at all, others after 50 ms. */
static int on_outdate(void *userdata, const struct ipc_outdate *ask, uint64_t *ret_id,
		      char text[IPC_TEXT_MAX])
{
	struct fake *fake = userdata;
	struct later *later;
	qb_loop_timer_handle timer;

	if (strcmp(ask->node, "beta") != 0) {
		snprintf(text, IPC_TEXT_MAX, "there is no node %s", ask->node);
		return -ENOENT;
	}
	*ret_id = ++fake->next_id;
	if (strcmp(ask->resource, "now") == 0)
		ipc_server_answer(fake->server, *ret_id, 5, "unreachable");
	if (strcmp(ask->resource, "now") == 0 || strcmp(ask->resource, "never") == 0)
		return 0;
	later = malloc(sizeof(*later));
	if (!later)
		return -ENOMEM;
	*later = (struct later){fake, *ret_id};
	return qb_loop_timer_add(fake->loop, QB_LOOP_MED, 50000000, later, answer_later, &timer);
}

static void on_event(void *userdata, enum heart_level level, const char *text)
{
	(void)userdata;
	printf("event %d: %s\n", (int)level, text);
	fflush(stdout);
}

static int32_t on_signal(int32_t number, void *data)
{
	(void)number;
	qb_loop_stop(((struct fake *)data)->loop);
	return 0;
}

int main(int argc, char **argv)
{
	struct ipc_handlers handlers = {.status = on_status,
					.reload = on_reload,
					.set = on_set,
					.outdate = on_outdate,
					.event = on_event};
	struct fake fake = {0};
	qb_loop_signal_handle handle;

	if (argc != 3)
		return 64;
	handlers.helper = argv[1];
	fake.status_name = argv[2];
	fake.loop = qb_loop_create();
	if (!fake.loop || ipc_server_new(fake.loop, &handlers, &fake, &fake.server) < 0 ||
	    qb_loop_signal_add(fake.loop, QB_LOOP_HIGH, SIGTERM, &fake, on_signal, &handle) < 0)
		return 1;
	printf("ready\n");
	fflush(stdout);
	qb_loop_run(fake.loop);
	ipc_server_free(fake.server);
	qb_loop_destroy(fake.loop);
	return 0;
}
