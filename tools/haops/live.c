/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal and the signals of --watch. Knows nothing of what is shown. */

#include "live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"
#define CLEAR_ALL "\033[2J"

int live_write(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t len = write(STDOUT_FILENO, text, left);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		text += len;
		left -= (size_t)len;
	}
	return 0;
}

void live_size(unsigned int *ret_columns, unsigned int *ret_lines)
{
	struct winsize size = {0};

	*ret_columns = 0;
	*ret_lines = 0;
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	*ret_columns = size.ws_col;
	*ret_lines = size.ws_row;
}

int live_begin(struct live *live)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGQUIT);
	sigaddset(&wanted, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0)
		return -errno;
	live->has_drawn = false;
	live->is_terminal = isatty(STDOUT_FILENO);
	live->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return live->signals < 0 ? -errno : 0;
}

/* Each line is drawn over the old one, so that nothing flickers; lines beyond the terminal's end
 * would scroll, and are left out. */
static int draw(const char *text, unsigned int lines)
{
	unsigned int line = 0;
	char *frame = NULL;
	size_t size;
	FILE *out = open_memstream(&frame, &size);
	int r;

	if (!out)
		return -ENOMEM;
	fputs(HOME, out);
	for (; *text && (lines == 0 || line + 1 < lines); line++) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%.*s" CLEAR_LINE "\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	if (*text)
		fputs("... (the terminal ends here)" CLEAR_LINE, out);
	fputs(CLEAR_BELOW, out);
	if (fclose(out) != 0 || !frame)
		return -ENOMEM;
	r = live_write(frame);
	free(frame);
	return r;
}

bool live_show(struct live *live, const char *text)
{
	unsigned int columns;
	unsigned int lines;

	if (!live->is_terminal)
		return live_write(text) == 0;
	live_size(&columns, &lines);
	if (!live->has_drawn && live_write(HIDE_CURSOR CLEAR_ALL) < 0)
		return false;
	live->has_drawn = true;
	return draw(text, lines) == 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True when the signal only says that the terminal has another size. */
static bool takes_signal(const struct live *live)
{
	struct signalfd_siginfo info;

	return read(live->signals, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
	       info.ssi_signo == SIGWINCH;
}

bool live_wait(struct live *live, int64_t ms)
{
	int64_t deadline_ms = now_ms() + ms;

	for (;;) {
		/* POLLERR on the output: nobody reads it any more. */
		struct pollfd fds[2] = {{.fd = live->signals, .events = POLLIN},
					{.fd = STDOUT_FILENO, .events = 0}};
		int64_t left_ms = deadline_ms - now_ms();
		int r = poll(fds, 2, left_ms > 0 ? (int)left_ms : 0);

		if (r < 0 && errno != EINTR)
			return false;
		if (r > 0 && fds[1].revents)
			return false;
		if (r > 0 && fds[0].revents)
			return takes_signal(live);
		if (r == 0)
			return true;
	}
}

void live_end(struct live *live)
{
	if (live->has_drawn)
		(void)live_write(SHOW_CURSOR "\n");
	(void)close(live->signals);
}
