/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services that the kernel is to start as another user. Without root nothing of it can be tried. */
#include "../unit/unit.h"

#include <fcntl.h>
#include <haops/process.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define UID 65534
#define GID 65533
#define GROUP 4321
#define FOLDER "/tmp/haops-live-service"

static const gid_t groups[] = {GROUP};
static const struct haops_process_user user = {.uid = UID,
					       .gid = GID,
					       .groups = groups,
					       .group_count = 1};

static void run_to_its_end(struct haops_ctx *ctx, const struct haops_process_service *service)
{
	struct haops_process_started started;

	assert_int_equal(haops_process_start(ctx, service, haops_deadline_after(ctx, 10000),
					     &started),
			 0);
	assert_int_equal(started.progress, HAOPS_PROCESS_ENDED);
	assert_int_equal(started.end, HAOPS_PROCESS_EXITED);
	assert_int_equal(started.status, 0);
}

static void has_the_rights_of_the_user_alone(void **state)
{
	const char *const argv[] = {"/usr/bin/id", NULL};
	const struct haops_process_service service = {.argv = argv,
						      .user = &user,
						      .output = FOLDER "/log",
						      .notifies = true};
	char text[256] = "";
	struct stat st;
	int fd;

	assert_int_equal(mkdir(FOLDER, 0700), 0);
	run_to_its_end(*state, &service);
	fd = open(FOLDER "/log", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	assert_non_null(strstr(text, "uid=65534"));
	assert_non_null(strstr(text, "gid=65533"));
	assert_non_null(strstr(text, "4321"));
	assert_null(strstr(text, "root"));
	assert_int_equal(stat(FOLDER "/log", &st), 0);
	assert_int_equal(st.st_uid, UID);
	assert_int_equal(st.st_gid, GID);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(unlink(FOLDER "/log"), 0);
	assert_int_equal(rmdir(FOLDER), 0);
}

/* A folder that only the caller may enter. */
static void works_in_a_folder_that_it_could_not_enter(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "test -e here", NULL};
	const struct haops_process_service service = {.argv = argv,
						      .user = &user,
						      .folder = FOLDER,
						      .notifies = true};
	int fd;

	assert_int_equal(mkdir(FOLDER, 0711), 0);
	fd = open(FOLDER "/here", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	run_to_its_end(*state, &service);
	assert_int_equal(unlink(FOLDER "/here"), 0);
	assert_int_equal(rmdir(FOLDER), 0);
}

static void what_the_user_may_not_execute(void **state)
{
	const char *const argv[] = {FOLDER "/program", NULL};
	const struct haops_process_service service = {.argv = argv, .user = &user};
	struct haops_process_started started;
	int fd;

	assert_int_equal(mkdir(FOLDER, 0700), 0);
	fd = open(FOLDER "/program", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(haops_process_start(*state, &service, 0, &started), -EACCES);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(unlink(FOLDER "/program"), 0);
	assert_int_equal(rmdir(FOLDER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(has_the_rights_of_the_user_alone),
		TEST_CTX(works_in_a_folder_that_it_could_not_enter),
		TEST_CTX(what_the_user_may_not_execute),
	};

	if (geteuid() != 0) {
		(void)printf("live_service: not run, only root may change the user\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
