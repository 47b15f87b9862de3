/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for the programs of an NFS server where the kernel has none: put over one of them, it
 * does by its name what the agent waits for. In /run/box: "args-NAME" gets its arguments,
 * "fail-NAME" makes it fail with that text, "deaf-NAME" makes it ignore SIGTERM, "slow-NAME" keeps
 * it in the foreground.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NFSD "/proc/fs/nfsd/"

static const char *name;

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(9);
	fprintf(f, "%s\n", text);
	(void)fclose(f);
}

static bool has(const char *what)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "/run/box/%s-%s", what, name);
	return access(path, F_OK) == 0;
}

static void note_args(char **argv)
{
	char path[256];
	char host[128] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/run/box/args-%s", name);
	f = fopen(path, "a");
	if (!f)
		exit(9);
	(void)gethostname(host, sizeof(host) - 1);
	fprintf(f, "%s:", host);
	for (int i = 1; argv[i]; i++)
		fprintf(f, " %s", argv[i]);
	fprintf(f, "\n");
	(void)fclose(f);
}

static void fail_if_told(void)
{
	char path[256];
	char text[256] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/run/box/fail-%s", name);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fgets(text, sizeof(text), f))
		fprintf(stderr, "%s: %s", name, text);
	exit(1);
}

/* rpc.nfsd [-L lease] [-G grace] [-N version] [threads] */
static int nfsd(char **argv)
{
	const char *threads = "8";

	for (int i = 1; argv[i]; i++) {
		if (strcmp(argv[i], "-L") == 0)
			put(NFSD "nfsv4leasetime", argv[++i]);
		else if (strcmp(argv[i], "-G") == 0)
			put(NFSD "nfsv4gracetime", argv[++i]);
		else if (strcmp(argv[i], "-N") == 0)
			i++;
		else
			threads = argv[i];
	}
	put(NFSD "threads", threads);
	return 0;
}

static void listen_as_rpcbind(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "/run/rpcbind.sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)unlink(addr.sun_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 9) < 0)
		exit(9);
}

/* The caller sees it end when the child has a session of its own, and nothing of the caller's. */
static int go_into_background(void)
{
	int null = open("/dev/null", O_RDWR);
	int ready[2];
	char c = 0;
	pid_t pid;

	if (null < 0 || pipe(ready) < 0)
		return 9;
	pid = fork();
	if (pid < 0)
		return 9;
	if (pid) {
		(void)close(ready[1]);
		_exit(read(ready[0], &c, 1) == 1 ? 0 : 9);
	}
	(void)setsid();
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	return write(ready[1], &c, 1) == 1 ? 0 : 9;
}

static int serve(void)
{
	if (has("deaf"))
		(void)signal(SIGTERM, SIG_IGN);
	if (!has("slow") && go_into_background())
		return 9;
	if (strcmp(name, "rpcbind") == 0)
		listen_as_rpcbind();
	for (;;)
		(void)pause();
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	(void)argc;
	name = slash ? slash + 1 : argv[0];
	note_args(argv);
	fail_if_told();
	if (strcmp(name, "rpc.nfsd") == 0)
		return nfsd(argv);
	if (strcmp(name, "sm-notify") == 0 && !has("slow"))
		return 0;
	return serve();
}
