/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for haopsd-mysql: the file that SOCKET names has its answers, a line each, of which the
 * last one stays: "fine", "fault TEXT", "idle TEXT", "unknown TEXT", "silence", "end". What it is
 * asked goes to SOCKET.log, a character each, behind "ROLE STUCK_MS PID:".
 */
#include "looker/protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

static void put_log(const char *path, const char *text)
{
	char name[512];
	int fd;

	(void)snprintf(name, sizeof(name), "%s.log", path);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(1);
	(void)close(fd);
}

/* Takes the first line out of the file, unless it is the last one. */
static void take_line(const char *path, char *line, size_t size)
{
	char text[LINE_MAX_BYTES] = "";
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *rest = strchr(text, '\n');

	if (len < 0)
		exit(1);
	if (rest && rest[1] &&
	    (pwrite(fd, rest + 1, strlen(rest + 1), 0) < 0 ||
	     ftruncate(fd, (off_t)strlen(rest + 1)) < 0))
		exit(1);
	if (rest)
		*rest = '\0';
	(void)snprintf(line, size, "%s", text);
	(void)close(fd);
}

static struct look_answer answer_of(const char *line)
{
	const char *words[] = {[LOOK_UNKNOWN] = "unknown",
			       [LOOK_FINE] = "fine",
			       [LOOK_FAULT] = "fault",
			       [LOOK_IDLE] = "idle"};
	struct look_answer answer = {.verdict = LOOK_UNKNOWN};

	for (int32_t i = LOOK_UNKNOWN; i <= LOOK_IDLE; i++) {
		size_t len = strlen(words[i]);

		if (strncmp(line, words[i], len) != 0)
			continue;
		answer.verdict = i;
		(void)snprintf(answer.text, sizeof(answer.text), "%s",
			       line[len] == ' ' ? line + len + 1 : "");
	}
	return answer;
}

int main(int argc, char **argv)
{
	char text[LINE_MAX_BYTES];
	char question[2] = "";

	if (argc != 6 || argv[4][0] != '/' || !argv[5][0])
		return 2;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(text, sizeof(text), "%s %s %d:", argv[2], argv[3], (int)getpid());
	put_log(argv[1], text);
	while (read(STDIN_FILENO, question, 1) == 1) {
		struct look_answer answer;

		put_log(argv[1], question);
		take_line(argv[1], text, sizeof(text));
		if (strcmp(text, "end") == 0)
			return 0;
		while (strcmp(text, "silence") == 0)
			(void)pause();
		answer = answer_of(text);
		if (write(STDOUT_FILENO, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
			return 1;
	}
	return 0;
}
