/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A helper's end of the stream: one question at a time, answered by one struct. */
#include "looker/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool wait_for_question(char *ret_question)
{
	ssize_t n;

	do
		n = read(STDIN_FILENO, ret_question, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 && (*ret_question == LOOK_ASK || *ret_question == LOOK_AGAIN);
}

static bool send_answer(const struct look_answer *answer)
{
	ssize_t n;

	do
		n = send(STDOUT_FILENO, answer, sizeof(*answer), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*answer);
}

void helper_begin(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(077);
}

/* The end of the stream covers a parent that ended before helper_begin(). */
int helper_run(helper_look_fn look, void *userdata)
{
	char question;

	while (wait_for_question(&question)) {
		struct look_answer found = {.verdict = LOOK_UNKNOWN};

		look(userdata, question, &found);
		if (!send_answer(&found))
			return 1;
	}
	return 0;
}
