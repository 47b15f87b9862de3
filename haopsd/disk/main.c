/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * haopsd-disk FOLDER: writes a small new file there whenever haopsd asks, and answers when it is on
 * disk. A process of its own, for the disk may hold it for ever. Decides nothing.
 */
#include "disk/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEST_NAME ".haopsd-disk-test"
#define NEW_NAME TEST_NAME ".new"
/* A block, so that the file system has to find one. */
#define TEST_LEN 4096

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int write_block(int fd)
{
	char block[TEST_LEN];
	size_t done = 0;

	memset(block, '\n', sizeof(block));
	(void)snprintf(block, sizeof(block), "haopsd's test write, %lld ms after boot",
		       (long long)now_ms());
	while (done < sizeof(block)) {
		ssize_t n = write(fd, block + done, sizeof(block) - done);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

static int open_folder(const char *path)
{
	int fd;

	/* The last component only; EEXIST is the usual case, anything else open() says better. */
	(void)mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/* A new file beside the old one, which is replaced after: writing over a file that is there would
 * succeed on a full disk. */
static int write_in(int folder, struct disk_answer *answer)
{
	int error;
	int fd;

	answer->step = DISK_STEP_CREATE;
	(void)unlinkat(folder, NEW_NAME, 0);
	fd = openat(folder, NEW_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	answer->step = DISK_STEP_WRITE;
	error = write_block(fd);
	if (error == 0) {
		answer->step = DISK_STEP_SYNC;
		error = fsync(fd) < 0 ? errno : 0;
	}
	(void)close(fd);
	if (error == 0 && renameat(folder, NEW_NAME, folder, TEST_NAME) < 0)
		error = errno;
	if (error)
		(void)unlinkat(folder, NEW_NAME, 0);
	return error;
}

static void test_write(const char *path, struct disk_answer *answer)
{
	int folder = open_folder(path);

	answer->step = DISK_STEP_FOLDER;
	if (folder < 0) {
		answer->error = errno;
		return;
	}
	answer->error = write_in(folder, answer);
	(void)close(folder);
	if (answer->error == 0)
		answer->written_ms = now_ms();
}

/* False at the end of the stream: haopsd has ended, or wants us no more. */
static bool wait_for_question(void)
{
	char byte;
	ssize_t n;

	do
		n = read(STDIN_FILENO, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 && byte == DISK_ASK;
}

static bool send_answer(const struct disk_answer *answer)
{
	ssize_t n;

	do
		n = send(STDOUT_FILENO, answer, sizeof(*answer), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*answer);
}

int main(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] != '/') {
		(void)fprintf(stderr, "haopsd-disk: started by haopsd only\n");
		return 2;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)umask(077);
	/* The end of the stream covers a parent that ended before the line above. */
	while (wait_for_question()) {
		struct disk_answer answer = {0};

		test_write(argv[1], &answer);
		if (!send_answer(&answer))
			return 1;
	}
	return 0;
}
