/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk probe with its real helper: a disk that is full or read-only, a helper that is frozen,
 * killed, or left behind by its parent. */
#include "looping.h"

#include "disk/disk.h"

#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define DISK "/tmp/haops-live-disk"
#define SETTINGS "disk_path " DISK "/folder\ndisk_interval 100ms\n"

struct seen {
	struct disk *disk;
	size_t written;
	int64_t last_ms;
	size_t wanted;
	const char *wanted_text;
	pid_t not_pid;
};

static void on_written(void *userdata, int64_t written_ms)
{
	struct seen *seen = userdata;

	assert_true(written_ms >= seen->last_ms);
	seen->last_ms = written_ms;
	seen->written++;
}

static bool has_written(void *userdata)
{
	struct seen *seen = userdata;

	return seen->written >= seen->wanted;
}

static bool has_told(void *userdata)
{
	struct seen *seen = userdata;

	return loop_told(seen->wanted_text) > 0;
}

static bool has_other_pid(void *userdata)
{
	struct seen *seen = userdata;

	return disk_pid(seen->disk) != 0 && disk_pid(seen->disk) != seen->not_pid;
}

static void wait_written(struct seen *seen, size_t more)
{
	seen->wanted = seen->written + more;
	loop_until(has_written, seen);
}

static void wait_told(struct seen *seen, const char *text)
{
	seen->wanted_text = text;
	loop_until(has_told, seen);
}

static struct config config_of(const char *text)
{
	struct config config;
	char error[CONFIG_ERROR_MAX];

	if (config_parse(text, strlen(text), &config, error) < 0)
		fail_msg("%s", error);
	return config;
}

static struct seen *probing(struct haops_ctx *ctx, const char *text)
{
	const struct disk_handlers handlers = {.program = HAOPSD_DISK_BUILT,
					       .written = on_written,
					       .event = on_told};
	struct config config = config_of(text);
	struct seen *seen = calloc(1, sizeof(*seen));

	assert_non_null(seen);
	loop_new();
	seen->disk = disk_new(ctx, looping.loop, &config, &handlers, seen);
	assert_non_null(seen->disk);
	return seen;
}

static void end(struct seen *seen)
{
	int64_t begin_ms = loop_now_ms();

	disk_free(seen->disk);
	assert_true(loop_now_ms() - begin_ms < 1000);
	loop_free();
	free(seen);
}

static int setup_disk(void **state)
{
	if (setup_ctx(state) < 0)
		return -1;
	(void)mkdir(DISK, 0700);
	return mount("tmpfs", DISK, "tmpfs", 0, "size=1m");
}

static int teardown_disk(void **state)
{
	(void)umount2(DISK, MNT_DETACH);
	(void)rmdir(DISK);
	return teardown_ctx(state);
}

static void writes_are_told(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);
	struct stat st;

	wait_written(seen, 5);
	assert_int_equal(stat(DISK "/folder/.haopsd-disk-test", &st), 0);
	assert_int_equal(st.st_size, 4096);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(looping.told_count, 0);
	end(seen);
}

/* Writes until there is no room, the last bytes singly. */
static void fill(const char *path)
{
	static char block[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t len = sizeof(block); len > 0; len /= 2)
		while (write(fd, block, len) == (ssize_t)len)
			;
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
}

static void a_full_disk_is_told_once(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);
	size_t before;

	wait_written(seen, 1);
	fill(DISK "/big");
	wait_told(seen, "The test write to " DISK "/folder failed: writing failed: No space left");
	before = seen->written;
	loop_for(1000);
	assert_int_equal(seen->written, before);
	assert_int_equal(looping.told_count, 1);
	assert_int_equal(unlink(DISK "/big"), 0);
	wait_written(seen, 2);
	assert_int_equal(loop_told("Test writes to " DISK "/folder succeed again."), 1);
	assert_int_equal(looping.told_count, 2);
	end(seen);
}

static void a_read_only_disk_is_told_once(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);

	wait_written(seen, 1);
	assert_int_equal(mount(NULL, DISK, NULL, MS_REMOUNT | MS_RDONLY, "size=1m"), 0);
	wait_told(seen, "failed: no file can be made: Read-only file system");
	loop_for(500);
	assert_int_equal(looping.told_count, 1);
	assert_int_equal(mount(NULL, DISK, NULL, MS_REMOUNT, "size=1m"), 0);
	wait_written(seen, 1);
	end(seen);
}

static void a_missing_folder_is_told(void **state)
{
	struct seen *seen = probing(*state, "disk_path " DISK "/no/folder\ndisk_interval 100ms\n");

	wait_told(seen, "the folder cannot be opened: No such file or directory");
	assert_int_equal(mkdir(DISK "/no", 0700), 0);
	wait_written(seen, 1);
	end(seen);
}

/* It stands for one in state D: nothing waits for it, and no second one is started. */
static void a_frozen_helper_holds_nobody(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);
	size_t before;
	pid_t pid;

	wait_written(seen, 2);
	pid = disk_pid(seen->disk);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	loop_for(300); /* one that was under way may still come */
	before = seen->written;
	loop_for(1500);
	assert_int_equal(seen->written, before);
	assert_int_equal(disk_pid(seen->disk), pid);
	assert_int_equal(looping.told_count, 0);
	assert_int_equal(kill(pid, SIGCONT), 0);
	wait_written(seen, 3);
	assert_int_equal(disk_pid(seen->disk), pid);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	end(seen);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_killed_helper_is_started_again(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);

	for (int i = 0; i < 2; i++) {
		wait_written(seen, 1);
		seen->not_pid = disk_pid(seen->disk);
		assert_int_equal(kill(seen->not_pid, SIGKILL), 0);
		loop_until(has_other_pid, seen);
		/* It was reaped. */
		assert_int_equal(kill(seen->not_pid, 0), -1);
	}
	wait_written(seen, 1);
	assert_int_equal(loop_told("The helper that tests the disk ended"), 2);
	end(seen);
}

static void a_helper_that_cannot_start_is_told_once(void **state)
{
	const struct disk_handlers handlers = {.program = "/nonexistent",
					       .written = on_written,
					       .event = on_told};
	struct config config = config_of(SETTINGS);
	struct seen seen = {0};

	loop_new();
	seen.disk = disk_new(*state, looping.loop, &config, &handlers, &seen);
	wait_told(&seen, "/nonexistent, cannot be started: No such file or directory");
	loop_for(1500); /* over the first restart */
	assert_int_equal(looping.told_count, 1);
	assert_int_equal(disk_pid(seen.disk), 0);
	disk_free(seen.disk);
	loop_free();
}

static void settings_change_while_it_runs(void **state)
{
	struct seen *seen = probing(*state, SETTINGS);
	struct config config = config_of("disk_path " DISK "/other\ndisk_interval 100ms\n");
	struct stat st;

	wait_written(seen, 1);
	/* The old one is stuck. */
	seen->not_pid = disk_pid(seen->disk);
	assert_int_equal(kill(seen->not_pid, SIGSTOP), 0);
	disk_reconfigure(seen->disk, &config);
	loop_until(has_other_pid, seen);
	wait_written(seen, 1);
	assert_int_equal(stat(DISK "/other/.haopsd-disk-test", &st), 0);
	config = config_of("disk_path off\n");
	disk_reconfigure(seen->disk, &config);
	loop_for(300);
	assert_int_equal(disk_pid(seen->disk), 0);
	assert_int_equal(kill(seen->not_pid, 0), -1);
	config = config_of(SETTINGS);
	disk_reconfigure(seen->disk, &config);
	wait_written(seen, 1);
	assert_int_equal(looping.told_count, 0);
	end(seen);
}

/* The parent is killed; its helper ends with it. */
static void the_helper_dies_with_its_parent(void **state)
{
	struct pollfd ended = {.events = POLLIN};
	pid_t child, helper = 0;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		struct seen *seen = probing(*state, SETTINGS);

		wait_written(seen, 1);
		helper = disk_pid(seen->disk);
		/* Stopped it does not see the end of the stream: the signal must do it. */
		if (kill(helper, SIGSTOP) < 0 || write(fds[1], &helper, sizeof(helper)) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(fds[0], &helper, sizeof(helper)), (ssize_t)sizeof(helper));
	ended.fd = (int)syscall(SYS_pidfd_open, helper, 0);
	assert_true(ended.fd >= 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(poll(&ended, 1, 10000), 1);
	(void)close(ended.fd);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static int setup_all(void **state)
{
	(void)state;
	enter_user_namespace();
	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

#define TEST_DISK(test) cmocka_unit_test_setup_teardown(test, setup_disk, teardown_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_DISK(writes_are_told),
		TEST_DISK(a_full_disk_is_told_once),
		TEST_DISK(a_read_only_disk_is_told_once),
		TEST_DISK(a_missing_folder_is_told),
		TEST_DISK(a_frozen_helper_holds_nobody),
		TEST_DISK(a_killed_helper_is_started_again),
		TEST_DISK(a_helper_that_cannot_start_is_told_once),
		TEST_DISK(settings_change_while_it_runs),
		TEST_DISK(the_helper_dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, setup_all, NULL);
}
