/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: this program itself, started again, plays them. */
#include "notify-text.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <haops/process.h>
#include <signal.h>
#include <stdio.h>
#include <sys/un.h>
#include <sys/wait.h>

#define SELF "/proc/self/exe"
#define WAIT_MS 20000
#define SHORT_MS 200

/* What the service does ----------------------------------------------------------------------- */

static int say(const char *text)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!name || name[0] != '@' || strlen(name) >= sizeof(addr.sun_path) || fd < 0)
		return -1;
	memcpy(addr.sun_path + 1, name + 1, strlen(name) - 1);
	if (sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&addr,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) < 0)
		return -1;
	return close(fd);
}

static int serve_by_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(say("STATUS=not me\nREADY=1") < 0);
	(void)waitpid(pid, NULL, 0);
	return pause();
}

/* 0 if there is nothing but 0 to 2. */
static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		found += entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
			 strtol(entry->d_name, NULL, 10) > 2;
	(void)closedir(dir);
	/* The folder's own. */
	return found - 1;
}

/* This program as a service: what it is to do is its one argument. */
static int serve(const char *what)
{
	if (strcmp(what, "ready") == 0)
		return say("STATUS=warming\tup") < 0 || say("X=1\nREADY=1\nSTATUS=serving") < 0 ||
		       pause();
	if (strcmp(what, "ends") == 0)
		return say("STATUS=no table\nERRNO=2") < 0 ? 9 : 3;
	if (strcmp(what, "dies") == 0)
		return raise(SIGKILL);
	if (strcmp(what, "silent") == 0)
		return pause();
	if (strcmp(what, "other") == 0)
		return serve_by_child();
	if (strcmp(what, "where") == 0)
		return puts("hello") < 0 || count_descriptors();
	for (;;)
		(void)say("STATUS=again and again");
}

/* The tests ----------------------------------------------------------------------------------- */

static int start(struct haops_ctx *ctx, struct haops_process_service service, const char *what,
		 struct haops_process_started *ret_started)
{
	const char *const argv[] = {SELF, what, NULL};
	int64_t ms = strcmp(what, "silent") == 0 || strcmp(what, "other") == 0 ||
				     strcmp(what, "endless") == 0
			     ? SHORT_MS
			     : WAIT_MS;

	service.argv = argv;
	return haops_process_start(ctx, &service, haops_deadline_after(ctx, ms), ret_started);
}

static void end(struct haops_ctx *ctx, const struct haops_process_started *started)
{
	assert_int_equal(haops_process_signal(ctx, &started->process, SIGKILL), 0);
	assert_int_equal(waitpid(started->process.pid, NULL, 0), started->process.pid);
}

static void waits_until_it_is_ready(void **state)
{
	struct haops_process_started started;

	assert_int_equal(start(*state, (struct haops_process_service){.notifies = true}, "ready",
			       &started),
			 0);
	assert_int_equal(started.progress, HAOPS_PROCESS_READY);
	assert_string_equal(started.text, "serving");
	assert_int_equal(started.process.sid, started.process.pid);
	assert_true(started.process.start_ticks > 0);
	end(*state, &started);
}

static void tells_how_it_ended(void **state)
{
	struct haops_process_service service = {.notifies = true};
	struct haops_process_started started;

	assert_int_equal(start(*state, service, "ends", &started), 0);
	assert_int_equal(started.progress, HAOPS_PROCESS_ENDED);
	assert_int_equal(started.end, HAOPS_PROCESS_EXITED);
	assert_int_equal(started.status, 3);
	assert_string_equal(started.text, "no table");
	assert_int_equal(start(*state, service, "dies", &started), 0);
	assert_int_equal(started.progress, HAOPS_PROCESS_ENDED);
	assert_int_equal(started.end, HAOPS_PROCESS_SIGNALED);
	assert_int_equal(started.status, SIGKILL);
	assert_string_equal(started.text, "");
}

static void leaves_it_running_at_the_deadline(void **state)
{
	static const char *const what[] = {"silent", "other", "endless"};

	for (size_t i = 0; i < ARRAY_LEN(what); i++) {
		struct haops_process_started started;
		int64_t begin = haops_sys_linux.now_ns();

		assert_int_equal(start(*state, (struct haops_process_service){.notifies = true},
				       what[i], &started),
				 0);
		assert_int_equal(started.progress, HAOPS_PROCESS_STARTING);
		assert_string_equal(started.text, i == 2 ? "again and again" : "");
		assert_in_range(haops_sys_linux.now_ns() - begin, 199000000, 10000000000);
		end(*state, &started);
	}
}

static void waits_for_nothing_unless_asked(void **state)
{
	struct haops_process_started started;

	assert_int_equal(start(*state, (struct haops_process_service){.notifies = false}, "silent",
			       &started),
			 0);
	assert_int_equal(started.progress, HAOPS_PROCESS_STARTING);
	end(*state, &started);
}

struct place {
	char folder[64];
	char file[96];
};

static void make_place(struct place *place)
{
	(void)snprintf(place->folder, sizeof(place->folder), "/tmp/haops-start-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(place->file, sizeof(place->file), "%s/log", place->folder);
}

static void remove_place(const struct place *place)
{
	(void)unlink(place->file);
	assert_int_equal(rmdir(place->folder), 0);
}

static size_t read_back(const struct place *place, char *buf, size_t size)
{
	int fd = open(place->file, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, buf, size - 1);

	assert_true(fd >= 0 && len >= 0);
	(void)close(fd);
	buf[len] = '\0';
	return (size_t)len;
}

static void output_is_appended(void **state)
{
	struct place place;
	struct haops_process_service service = {.output = place.file,
						.folder = place.folder,
						.notifies = true};
	struct haops_process_started started;
	char text[64];
	struct stat st;

	make_place(&place);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(start(*state, service, "where", &started), 0);
		assert_int_equal(started.progress, HAOPS_PROCESS_ENDED);
		assert_int_equal(started.end, HAOPS_PROCESS_EXITED);
		assert_int_equal(started.status, 0);
	}
	assert_int_equal(read_back(&place, text, sizeof(text)), 12);
	assert_string_equal(text, "hello\nhello\n");
	assert_int_equal(stat(place.file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	remove_place(&place);
}

static void output_is_a_file_and_no_link(void **state)
{
	struct place place;
	struct haops_process_service service = {.output = place.file};
	struct haops_process_started started;

	make_place(&place);
	assert_int_equal(symlink("/etc/passwd", place.file), 0);
	assert_int_equal(start(*state, service, "silent", &started), -EINVAL);
	assert_non_null(strstr(haops_ctx_error(*state), "symbolic link"));
	assert_int_equal(unlink(place.file), 0);
	assert_int_equal(mkfifo(place.file, 0600), 0);
	assert_int_equal(start(*state, service, "silent", &started), -EINVAL);
	assert_int_equal(unlink(place.file), 0);
	service.output = place.folder;
	assert_int_equal(start(*state, service, "silent", &started), -EINVAL);
	service.output = "/no/such/folder/log";
	assert_int_equal(start(*state, service, "silent", &started), -ENOENT);
	remove_place(&place);
}

static void what_cannot_be_started(void **state)
{
	const char *const missing[] = {"/no/such/program", NULL};
	const char *const no_program[] = {"/etc/passwd", NULL};
	const char *const relative[] = {"true", NULL};
	const char *const right[] = {"/bin/true", NULL};
	const struct {
		struct haops_process_service service;
		int code;
	} cases[] = {
		{{.argv = missing, .notifies = true}, -ENOENT},
		{{.argv = no_program}, -EACCES},
		{{.argv = relative}, -EINVAL},
		{{.argv = NULL}, -EINVAL},
		{{.argv = right, .folder = "tmp"}, -EINVAL},
		{{.argv = right, .output = "log"}, -EINVAL},
		{{.argv = right, .folder = "/no/such/folder"}, -ENOENT},
		{{.argv = right, .folder = "/etc/passwd"}, -ENOENT},
	};
	struct haops_process_started started;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(haops_process_start(*state, &cases[i].service, 0, &started),
				 cases[i].code);
	assert_int_equal(haops_process_start(NULL, &cases[0].service, 0, &started), -EINVAL);
	assert_int_equal(haops_process_start(*state, NULL, 0, &started), -EINVAL);
}

static void too_large_an_environment_is_refused(void **state)
{
	const char *const argv[] = {"/bin/true", NULL};
	const char *env[300];
	const struct haops_process_service service = {.argv = argv, .env = env};
	struct haops_process_started started;

	for (size_t i = 0; i < ARRAY_LEN(env); i++)
		env[i] = i + 1 < ARRAY_LEN(env) ? "A=1" : NULL;
	assert_int_equal(haops_process_start(*state, &service, 0, &started), -EINVAL);
}

/* Faults of the system ------------------------------------------------------------------------ */

static pid_t last_pid;
static int spawn_result;

static int spawn_fails(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	(void)spawn;
	(void)ret_pid;
	return spawn_result;
}

static void refused_by_the_system(void **state)
{
	static const int codes[][2] = {{-EPERM, -EPERM},
				       {-ENOMEM, -ENOMEM},
				       {-EAGAIN, -EIO},
				       {-EACCES, -EACCES}};
	const struct haops_process_user user = {.uid = 12345};
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_started started;

	sys.spawn = spawn_fails;
	haops_ctx_set_sys(*state, &sys);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		spawn_result = codes[i][0];
		assert_int_equal(start(*state, (struct haops_process_service){.user = &user},
				       "silent", &started),
				 codes[i][1]);
		assert_true(*haops_ctx_error(*state));
	}
}

static int spawn_noting_pid(const struct haops_spawn *spawn, pid_t *ret_pid)
{
	int r = haops_sys_linux.spawn(spawn, ret_pid);

	last_pid = *ret_pid;
	return r;
}

static int no_pidfd(pid_t pid)
{
	(void)pid;
	return -EMFILE;
}

static int no_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	(void)fds;
	(void)count;
	(void)deadline_ms;
	return -EINVAL;
}

static void what_cannot_be_watched_is_ended(void **state)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_process_started started;

	sys.spawn = spawn_noting_pid;
	sys.pidfd_open = no_pidfd;
	haops_ctx_set_sys(*state, &sys);
	assert_int_equal(start(*state, (struct haops_process_service){.output = NULL}, "silent",
			       &started),
			 -EIO);
	assert_int_equal(kill(last_pid, 0), -1);
	sys.pidfd_open = haops_sys_linux.pidfd_open;
	sys.poll = no_poll;
	assert_int_equal(start(*state, (struct haops_process_service){.notifies = true}, "silent",
			       &started),
			 -EIO);
	assert_int_equal(kill(last_pid, 0), -1);
}

/* Messages ------------------------------------------------------------------------------------ */

static void messages(void **state)
{
	static const struct {
		const char *message;
		bool is_ready;
		const char *text;
	} cases[] = {
		{"READY=1", true, "old"},
		{"READY=1\n", true, "old"},
		{"READY=0", false, "old"},
		{"READY=11", false, "old"},
		{"XREADY=1", false, "old"},
		{"STATUS=a\rb\nREADY=1", true, "a b"},
		{"\n\nSTATUS=\n\n", false, ""},
		{"STATUS", false, "old"},
		{"", false, "old"},
		{"STATUS=1\nSTATUS=2", false, "2"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[HAOPS_PROCESS_TEXT_MAX] = "old";
		bool is_ready = false;

		notify_text_read(cases[i].message, strlen(cases[i].message), &is_ready, text);
		assert_int_equal(is_ready, cases[i].is_ready);
		assert_string_equal(text, cases[i].text);
	}
}

static void a_long_status_is_cut(void **state)
{
	char message[1000] = "STATUS=";
	char text[HAOPS_PROCESS_TEXT_MAX];
	bool is_ready = false;

	(void)state;
	memset(message + 7, 'x', sizeof(message) - 7);
	notify_text_read(message, sizeof(message), &is_ready, text);
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_false(is_ready);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(waits_until_it_is_ready),
		TEST_CTX(tells_how_it_ended),
		TEST_CTX(leaves_it_running_at_the_deadline),
		TEST_CTX(waits_for_nothing_unless_asked),
		TEST_CTX(output_is_appended),
		TEST_CTX(output_is_a_file_and_no_link),
		TEST_CTX(what_cannot_be_started),
		TEST_CTX(too_large_an_environment_is_refused),
		TEST_CTX(refused_by_the_system),
		TEST_CTX(what_cannot_be_watched_is_ended),
		TEST_CTX(messages),
		TEST_CTX(a_long_status_is_cut),
	};

	if (argc > 1)
		return serve(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
