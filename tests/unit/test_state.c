/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State files and locks, on a real directory; full disks and broken writes by a fake. */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <haops/state.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[] = "/tmp/haops-test-state-XXXXXX";
static char dir[64];

static int make_base(void **state)
{
	(void)state;
	if (!mkdtemp(base))
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/run", base);
	return 0;
}

static int count_files(void)
{
	CLEANUP_DIR DIR *d = opendir(dir);
	struct dirent *entry;
	int count = 0;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			count++;
	return count;
}

static int empty_dir(void **state)
{
	CLEANUP_DIR DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	(void)rmdir(dir);
	return teardown_ctx(state);
}

static int remove_base(void **state)
{
	(void)state;
	return rmdir(base);
}

static int setup_dir(void **state)
{
	return setup_ctx(state) < 0 ? -1 : haops_ctx_set_run_dir(*state, dir);
}

static void content_comes_back(void **state)
{
	char *data = NULL;
	size_t len = 0;

	assert_int_equal(haops_state_write(*state, "vip one:0/x", "a\0b", 3), 0);
	assert_int_equal(haops_state_read(*state, "vip one:0/x", &data, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "a\0b", 4);
	free(data);
	assert_int_equal(haops_state_write(*state, "vip one:0/x", "", 0), 0);
	assert_int_equal(haops_state_read(*state, "vip one:0/x", &data, &len), 0);
	assert_int_equal(len, 0);
	free(data);
	assert_int_equal(count_files(), 1);
	assert_int_equal(haops_state_remove(*state, "vip one:0/x"), 0);
	assert_int_equal(haops_state_remove(*state, "vip one:0/x"), 0);
	assert_int_equal(haops_state_read(*state, "vip one:0/x", &data, &len), -ENOENT);
}

static void nothing_is_made_by_looking(void **state)
{
	char *data = NULL;
	size_t len = 0;
	pid_t pid = 7;

	assert_int_equal(haops_state_read(*state, "x", &data, &len), -ENOENT);
	assert_int_equal(haops_state_remove(*state, "x"), 0);
	assert_int_equal(haops_state_lock_holder(*state, "x", &pid), 0);
	assert_int_equal(pid, 0);
	assert_int_not_equal(access(dir, F_OK), 0);
}

static void names_cannot_leave_the_directory(void **state)
{
	char name[300];

	memset(name, '/', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(haops_state_write(*state, "../../x", "a", 1), 0);
	assert_int_equal(haops_state_write(*state, "..", "a", 1), 0);
	assert_int_equal(count_files(), 2);
	assert_int_equal(haops_state_write(*state, "", "a", 1), -EINVAL);
	assert_int_equal(haops_state_write(*state, name, "a", 1), -EINVAL);
	name[150] = '\0';
	assert_int_equal(haops_state_write(*state, name, "a", 1), -EINVAL);
}

static void directory_of_others_is_refused(void **state)
{
	char *data = NULL;
	size_t len = 0;

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(haops_state_write(*state, "x", "a", 1), -EPERM);
	assert_int_equal(haops_state_read(*state, "x", &data, &len), -EPERM);
	assert_non_null(strstr(haops_ctx_error(*state), dir));
}

static void symlink_is_refused(void **state)
{
	char *data = NULL;
	size_t len = 0;
	char link[80];

	assert_int_equal(haops_state_write(*state, "y", "a", 1), 0);
	(void)snprintf(link, sizeof(link), "%s/x", dir);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(haops_state_read(*state, "x", &data, &len), -EPERM);
}

static ssize_t write_on_full_disk(int fd, const void *data, size_t len)
{
	(void)fd;
	(void)data;
	(void)len;
	return -ENOSPC;
}

static void full_disk_keeps_the_old_content(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	char *data = NULL;
	size_t len = 0;

	assert_int_equal(haops_state_write(*state, "x", "old", 3), 0);
	sys.write = write_on_full_disk;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(haops_state_write(*state, "x", "new", 3), -ENOSPC);
	haops_ctx_set_sys(*state, &haops_sys_linux);
	assert_int_equal(haops_state_read(*state, "x", &data, &len), 0);
	assert_string_equal(data, "old");
	free(data);
	assert_int_equal(count_files(), 1);
}

static void what_a_killed_writer_left_is_removed(void **state)
{
	CLEANUP_FD int fd = -1;
	char path[80];

	assert_int_equal(haops_state_write(*state, "x", "a", 1), 0);
	assert_int_equal(haops_state_write(*state, "x.2", "a", 1), 0);
	(void)snprintf(path, sizeof(path), "%s/x.4711~", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(count_files(), 3);
	assert_int_equal(haops_state_remove(*state, "x"), 0);
	assert_int_equal(count_files(), 1);
}

static void too_large_a_file_is_refused(void **state)
{
	static char big[HAOPS_STATE_MAX + 1];
	CLEANUP_FD int fd = -1;
	char *data = NULL;
	size_t len = 0;
	char path[80];

	assert_int_equal(haops_state_write(*state, "x", big, sizeof(big)), -EINVAL);
	assert_int_equal(haops_state_write(*state, "x", big, sizeof(big) - 1), 0);
	(void)snprintf(path, sizeof(path), "%s/x", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "1", 1), 1);
	assert_int_equal(haops_state_read(*state, "x", &data, &len), -EFBIG);
}

static void lock_ends_with_its_process(void **state)
{
	int ready[2];
	pid_t holder = 0;
	char byte;
	int fd = -1;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int held = haops_state_lock(*state, "l", &fd);

		while (write(ready[1], held == 0 ? "y" : "n", 1) != 1)
			continue;
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(haops_state_lock_holder(*state, "l", &holder), 0);
	assert_int_equal(holder, child);
	assert_int_equal(haops_state_lock(*state, "l", &fd), -EBUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(haops_state_lock_holder(*state, "l", &holder), 0);
	assert_int_equal(holder, 0);
	assert_int_equal(haops_state_lock(*state, "l", &fd), 0);
	(void)close(fd);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

#define TEST_DIR(test) cmocka_unit_test_setup_teardown(test, setup_dir, empty_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DIR(content_comes_back),
		TEST_DIR(nothing_is_made_by_looking),
		TEST_DIR(names_cannot_leave_the_directory),
		TEST_DIR(directory_of_others_is_refused),
		TEST_DIR(symlink_is_refused),
		TEST_DIR(full_disk_keeps_the_old_content),
		TEST_DIR(what_a_killed_writer_left_is_removed),
		TEST_DIR(too_large_a_file_is_refused),
		TEST_DIR(lock_ends_with_its_process),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
