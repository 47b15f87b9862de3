/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher on the kernel: processes, mounts, and the run directory with its records. */
#include "watching.h"

#include <haops/nfs.h>
#include <signal.h>
#include <sys/prctl.h>

#define MANY 1000
#define ROUNDS 100

/* A process that does nothing until it is ended. */
static struct haops_process sleeper(void)
{
	struct haops_process process;
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	assert_true(pid > 0);
	assert_int_equal(haops_process_get(watching.ctx, pid, &process), 0);
	return process;
}

static void put_process(const char *resource, const struct haops_process *process)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_PROCESS};

	object.process.pid = process->pid;
	object.process.start_time = process->start_ticks;
	put_objects(resource, &object, 1);
}

static void end_process(const struct haops_process *process)
{
	assert_int_equal(kill(process->pid, SIGKILL), 0);
	(void)end_of(process->pid);
}

static void killed_process_is_lost(void **state)
{
	struct haops_process first = sleeper();
	struct haops_process second = sleeper();
	char text[64];

	(void)state;
	put_process("first", &first);
	put_process("second", &second);
	settle();
	assert_int_equal(told_count(TOLD_LOST, "first"), 0);
	/* Not waited for: it is a zombie, and has ended all the same. */
	assert_int_equal(kill(first.pid, SIGKILL), 0);
	(void)snprintf(text, sizeof(text), "process %d has ended", (int)first.pid);
	expect_lost("first", text);
	(void)end_of(first.pid);
	end_process(&second);
	(void)expect(TOLD_LOST, "second");
	watcher_retry(watching.watcher, "second");
	(void)expect(TOLD_LOST, "second");
}

static void stopped_process_is_none_that_ended(void **state)
{
	struct haops_process process = sleeper();

	(void)state;
	put_process("web", &process);
	settle();
	assert_int_equal(kill(process.pid, SIGSTOP), 0);
	settle();
	assert_int_equal(told_count(TOLD_LOST, "web"), 0);
	end_process(&process);
	(void)expect(TOLD_LOST, "web");
}

static void process_gone_before_it_was_watched_is_lost(void **state)
{
	struct haops_process process = sleeper();

	(void)state;
	end_process(&process);
	put_process("web", &process);
	(void)expect(TOLD_LOST, "web");
}

static void same_number_is_not_the_same_process(void **state)
{
	struct haops_process process = sleeper();

	(void)state;
	process.start_ticks--;
	put_process("web", &process);
	(void)expect(TOLD_LOST, "web");
	end_process(&process);
}

static void stop_of_a_process_is_no_loss(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct haops_process process = sleeper();

		put_process("web", &process);
		settle();
		take_away("web");
		end_process(&process);
		settle();
	}
	assert_int_equal(told_count(TOLD_LOST, "web"), 0);
}

/* Leaves so many descriptors free; 0 takes the limit away again. */
static void leave_free(unsigned int count)
{
	static struct rlimit limit;
	struct rlimit few;
	int taken[16];

	if (count == 0) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		return;
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	for (unsigned int i = 0; i < count; i++) {
		taken[i] = dup(0);
		assert_true(taken[i] >= 0);
		few.rlim_cur = (rlim_t)taken[i] + 1;
	}
	for (unsigned int i = 0; i < count; i++)
		(void)close(taken[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
}

static void without_descriptors_records_wait(void **state)
{
	struct haops_process early = sleeper();
	struct haops_process late = sleeper();

	(void)state;
	put_process("early", &early);
	settle();
	put_process("late", &late);
	leave_free(1);
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text, "cannot be read now"));
	/* Those that are watched go on to be. */
	end_process(&early);
	(void)expect(TOLD_LOST, "early");
	leave_free(0);
	settle();
	end_process(&late);
	(void)expect(TOLD_LOST, "late");
	assert_int_equal(told_count(TOLD_EVENT, "warning"), 1);
}

/* What there is no pidfd for is looked at by and by. */
static void without_descriptors_processes_are_looked_at(void **state)
{
	struct haops_watch_object objects[5] = {{.kind = HAOPS_WATCH_PROCESS}};
	struct haops_process processes[5];

	(void)state;
	settle();
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		processes[i] = sleeper();
		objects[i].kind = HAOPS_WATCH_PROCESS;
		objects[i].process.pid = processes[i].pid;
		objects[i].process.start_time = processes[i].start_ticks;
	}
	put_objects("web", objects, ARRAY_LEN(objects));
	leave_free(3);
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text, "looked at every 5 s"));
	assert_int_equal(told_count(TOLD_LOST, "web"), 0);
	end_process(&processes[4]);
	(void)expect(TOLD_LOST, "web");
	leave_free(0);
	for (size_t i = 0; i < 4; i++)
		end_process(&processes[i]);
	assert_int_equal(told_count(TOLD_EVENT, "warning"), 1);
}

static void thousand_processes_end_at_once(void **state)
{
	static struct haops_process processes[MANY];
	char name[16];
	int64_t begin;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		processes[i] = sleeper();
		(void)snprintf(name, sizeof(name), "web:%d", i);
		put_process(name, &processes[i]);
	}
	settle();
	assert_int_equal(watcher_count(watching.watcher), MANY);
	begin = now_ns();
	for (int i = 0; i < MANY; i++)
		end_process(&processes[i]);
	print_message("1000 processes: ended after %.2f ms", (double)(now_ns() - begin) / 1e6);
	begin = now_ns();
	expect_many(TOLD_LOST, NULL, MANY);
	print_message(", all told %.2f ms later\n", (double)(now_ns() - begin) / 1e6);
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* Another process kills the watched one while the watcher sleeps. */
static void end_is_told_soon(void **state)
{
	int64_t *begin = mmap(NULL, sizeof(*begin), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t took[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		struct haops_process process = sleeper();
		pid_t child;

		put_process("web", &process);
		settle();
		child = fork();
		if (child == 0) {
			(void)haops_sys_linux.poll(NULL, 0, haops_deadline_after(*state, 2));
			*begin = now_ns();
			_exit(kill(process.pid, SIGKILL) < 0);
		}
		took[i] = expect(TOLD_LOST, "web")->at_ns - *begin;
		assert_int_equal(end_of(child), 0);
		(void)end_of(process.pid);
	}
	qsort(took, ROUNDS, sizeof(took[0]), by_size);
	print_message("killed by another process -> told: median %.0f us, 95 %% %.0f us, longest "
		      "%.0f us\n",
		      (double)took[ROUNDS / 2] / 1e3, (double)took[ROUNDS * 95 / 100] / 1e3,
		      (double)took[ROUNDS - 1] / 1e3);
	(void)munmap(begin, sizeof(*begin));
}

static void make_mounts_private(void)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
}

static void put_mount(const char *resource, char *path, uint64_t mount_id)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_MOUNT};

	object.mount.path = path;
	object.mount.mount_id = mount_id;
	put_objects(resource, &object, 1);
}

/* Of the two records one names any mount, the other the one that is there first: the ids of another
 * mount namespace than the first process's say nothing. */
static void unmounted_is_lost(void **state)
{
	char path[] = "/tmp/haops mount\\XXXXXX";
	char other[] = "/tmp/haops-other-XXXXXX";

	(void)state;
	end_watching();
	make_mounts_private();
	begin_watching();
	assert_non_null(mkdtemp(path));
	assert_non_null(mkdtemp(other));
	assert_int_equal(mount("none", path, "tmpfs", 0, NULL), 0);
	put_mount("any", path, 0);
	put_mount("this", path, 1);
	settle();
	assert_int_equal(told_count(TOLD_LOST, "any") + told_count(TOLD_LOST, "this"), 0);
	assert_int_equal(umount(path), 0);
	expect_lost("any", "nothing is mounted at /tmp/haops mount");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "this"), 1);
	/* The kernel gives the number of the old one to the next: not to that at the same place. */
	assert_int_equal(mount("none", other, "tmpfs", 0, NULL), 0);
	assert_int_equal(mount("none", path, "tmpfs", 0, NULL), 0);
	(void)expect(TOLD_SETTLED, "any");
	settle();
	assert_int_equal(told_count(TOLD_SETTLED, "this"), 0);
	watcher_retry(watching.watcher, "this");
	expect_lost("this", "another file system is mounted at /tmp/haops mount");
	assert_int_equal(umount(path), 0);
	assert_int_equal(umount(other), 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(other), 0);
}

static void run_directory_may_come_and_go(void **state)
{
	(void)state;
	add_addr("192.0.2.9", 24, "va");
	for (int i = 0; i < 3; i++) {
		put_address("vip", "192.0.2.9", 24, "va");
		settle();
		assert_int_equal(watcher_count(watching.watcher), 1);
		remove_addr("192.0.2.9");
		(void)expect(TOLD_LOST, "vip");
		empty_run_dir();
		assert_int_equal(rmdir(watching.dir), 0);
		(void)expect(TOLD_SETTLED, "vip");
		assert_int_equal(watcher_count(watching.watcher), 0);
		add_addr("192.0.2.9", 24, "va");
	}
}

static void run_directory_may_be_moved(void **state)
{
	char aside[80];

	(void)state;
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	remove_addr("192.0.2.9");
	(void)expect(TOLD_LOST, "vip");
	(void)snprintf(aside, sizeof(aside), "%s.aside", watching.dir);
	assert_int_equal(rename(watching.dir, aside), 0);
	(void)expect(TOLD_SETTLED, "vip");
	assert_int_equal(rename(aside, watching.dir), 0);
	(void)expect(TOLD_LOST, "vip");
}

static void write_record(const char *file, const char *text)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", watching.dir, file);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static void rubbish_is_told_and_not_watched(void **state)
{
	(void)state;
	settle();
	write_record("watch-vip", "rubbish");
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text, "watch-vip"));
	assert_int_equal(watcher_count(watching.watcher), 0);
	add_addr("192.0.2.9", 24, "va");
	put_address("vip", "192.0.2.9", 24, "va");
	settle();
	assert_int_equal(watcher_count(watching.watcher), 1);
	for (int i = 0; i < 100; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "watch-bad%d", i);
		write_record(name, "rubbish");
	}
	settle();
	assert_in_range(told_count(TOLD_EVENT, "warning"), 2, 20);
	assert_int_equal(watcher_count(watching.watcher), 1);
	assert_int_equal(told_count(TOLD_LOST, "vip"), 0);
}

static void directory_of_others_is_told(void **state)
{
	(void)state;
	settle();
	assert_int_equal(chmod(watching.dir, 0777), 0);
	write_record("watch-vip", "");
	assert_non_null(strstr(expect(TOLD_EVENT, "warning")->text, "others could change it"));
	assert_int_equal(chmod(watching.dir, 0700), 0);
	settle();
}

static void record_written_anew_counts_anew(void **state)
{
	(void)state;
	put_address("vip", "192.0.2.9", 24, "va");
	(void)expect(TOLD_LOST, "vip");
	put_address("vip", "192.0.2.9", 24, "va");
	(void)expect(TOLD_SETTLED, "vip");
	(void)expect(TOLD_LOST, "vip");
	assert_int_equal(told_count(TOLD_LOST, "vip"), 2);
}

static void put_export(const char *resource, const char *client)
{
	char directory[] = "/srv/a b";
	char copy[64];
	struct haops_watch_object object = {.kind = HAOPS_WATCH_EXPORT};

	(void)snprintf(copy, sizeof(copy), "%s", client);
	object.nfs_export.client = copy;
	object.nfs_export.directory = directory;
	put_objects(resource, &object, 1);
}

/* As exportfs(8) writes it: a new file in the place of the old one. */
static void write_table(const char *text)
{
	FILE *file = fopen("/var/lib/nfs/etab.tmp", "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename("/var/lib/nfs/etab.tmp", haops_nfs_export_table()), 0);
}

/* Of two clients one loses its export, gets it back, and then another state is mounted over all. */
static void export_that_is_gone_is_lost(void **state)
{
	static const char both[] = "/srv/a\\040b\t192.0.2.0/24(rw,sync)\n/srv/a\\040b\t*.net(ro)\n";

	(void)state;
	end_watching();
	make_mounts_private();
	assert_int_equal(mount("none", "/var/lib", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir("/var/lib/nfs", 0755), 0);
	write_table(both);
	begin_watching();
	put_export("one", "192.0.2.0/24");
	put_export("two", "*.net");
	settle();
	assert_int_equal(told_count(TOLD_LOST, "one") + told_count(TOLD_LOST, "two"), 0);
	write_table("/srv/a\\040b\t*.net(ro)\n");
	expect_lost("one", "/srv/a b is not exported to 192.0.2.0/24 any more");
	write_table(both);
	(void)expect(TOLD_SETTLED, "one");
	assert_int_equal(told_count(TOLD_LOST, "two"), 0);
	assert_int_equal(mount("none", "/var/lib/nfs", "tmpfs", 0, NULL), 0);
	expect_lost("two", "/srv/a b is not exported to *.net any more");
	write_table(both);
	(void)expect(TOLD_SETTLED, "two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_WATCH(killed_process_is_lost),
		TEST_WATCH(stopped_process_is_none_that_ended),
		TEST_WATCH(process_gone_before_it_was_watched_is_lost),
		TEST_WATCH(same_number_is_not_the_same_process),
		TEST_WATCH(stop_of_a_process_is_no_loss),
		TEST_WATCH(without_descriptors_records_wait),
		TEST_WATCH(without_descriptors_processes_are_looked_at),
		TEST_WATCH(thousand_processes_end_at_once),
		TEST_WATCH(end_is_told_soon),
		TEST_WATCH(run_directory_may_come_and_go),
		TEST_WATCH(run_directory_may_be_moved),
		TEST_WATCH(rubbish_is_told_and_not_watched),
		TEST_WATCH(directory_of_others_is_told),
		TEST_WATCH(record_written_anew_counts_anew),
		TEST_WATCH(unmounted_is_lost),
		TEST_WATCH(export_that_is_gone_is_lost),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
