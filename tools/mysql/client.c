/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs mariadb(1) and mariadb-binlog(1), see client.h. Decides nothing. */

#include "client.h"

#include "internal.h"
#include "util/cleanup.h"

#include <errno.h>
#include <haops/process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS_MAX 4096
#define ROWS_MAX 65536
#define PATH_SIZE 64
#define TERM_BEFORE_MS 1000
/* Where an array of arguments has the file of options, which has to come first. */
#define OPTIONS_AT 1

struct client client_for(const struct access *access, const struct db_node *node,
			 int64_t deadline_ms)
{
	return (struct client){.access = access,
			       .node = node,
			       .is_local = node->is_own && geteuid() == 0,
			       .deadline_ms = deadline_ms};
}

/* Quoted, as option files have it: backslashes escape. */
static int put_value(FILE *out, const char *name, const char *value)
{
	if (!value[0])
		return 0;
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if ((unsigned char)*value < ' ')
			return -EINVAL;
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputs("\"\n", out);
	return 0;
}

static int put_remote(FILE *out, const struct access *access, const struct db_node *node)
{
	const char *const values[][2] = {{"host", node->host},		 {"user", access->user},
					 {"password", access->password}, {"ssl-ca", access->ca},
					 {"ssl-cert", access->cert},	 {"ssl-key", access->key}};
	int r = 0;

	fprintf(out, "protocol=tcp\nport=%u\n", access->port);
	if (access->needs_tls)
		fputs("ssl\n", out);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && r == 0; i++)
		r = put_value(out, values[i][0], values[i][1]);
	return r;
}

int client_options_text(const struct client *client, char *buf, size_t size)
{
	FILE *out = fmemopen(buf, size, "w");
	int r;

	if (!out)
		return -ENOMEM;
	fputs("[client]\n", out);
	if (client->is_local) {
		fputs("user=root\n", out);
		r = put_value(out, "socket", client->access->socket);
	} else {
		r = put_remote(out, client->access, client->node);
	}
	if (fclose(out) != 0 && r == 0)
		r = -EINVAL;
	return r;
}

static bool find_program(const char *name, const char *other, char path[PATH_SIZE])
{
	const char *const names[] = {name, other};

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, PATH_SIZE, "/usr/bin/%s", names[i]);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* What it said at the end, in one line. */
static void shorten(char *output, char *buf, size_t size)
{
	size_t len = strlen(output);
	const char *line;

	while (len > 0 && strchr(" \n", output[len - 1]))
		output[--len] = '\0';
	line = strrchr(output, '\n');
	(void)snprintf(buf, size, "%s", line ? line + 1 : output);
}

static int judge_end(struct haops_ctx *ctx, const char *program,
		     struct haops_process_result *result)
{
	char said[256];

	if (result->end == HAOPS_PROCESS_EXITED && result->status == 0 && !result->is_truncated)
		return 0;
	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		return haops_fail(ctx, ETIMEDOUT, "%s did not end in time", program);
	shorten(result->output, said, sizeof(said));
	return haops_fail(ctx, EIO, "%s failed: %s", program,
			  result->is_truncated ? "it says too much" : said);
}

struct call {
	const char *name;  /* of the program */
	const char *other; /* the name that it has elsewhere */
	const char **argv; /* argv[0] is filled in */
	const char *input;
	int64_t deadline_ms;
};

static int run(struct haops_ctx *ctx, const struct call *call,
	       struct haops_process_result *ret_result)
{
	char path[PATH_SIZE];
	const struct haops_process_spec spec = {.argv = call->argv,
						.input = call->input,
						.output_max_bytes = ROWS_MAX,
						.term_before_ms = TERM_BEFORE_MS};
	int r;

	if (!find_program(call->name, call->other, path))
		return haops_fail(ctx, ENOENT, "%s is not in /usr/bin: install the client programs",
				  call->name);
	call->argv[0] = path;
	r = haops_process_run(ctx, &spec, call->deadline_ms, ret_result);
	if (r == 0)
		r = judge_end(ctx, call->name, ret_result);
	if (r < 0)
		haops_process_result_done(ret_result);
	return r;
}

/* A file in memory: nobody else can read it, and it is gone with this process. */
static int make_options(struct haops_ctx *ctx, const struct client *client, int *ret_fd)
{
	CLEANUP_FD int fd = memfd_create("options", MFD_CLOEXEC);
	char options[OPTIONS_MAX];
	int r = client_options_text(client, options, sizeof(options));
	size_t len = strlen(options);

	if (r < 0)
		return haops_fail(ctx, -r,
				  "a value of the account holds a control character, or is too "
				  "long "
				  "for the client programs");
	/* Programs pass over what others could have written. */
	if (fd < 0 || fchmod(fd, 0600) < 0 || write(fd, options, len) != (ssize_t)len)
		r = haops_fail(ctx, EIO, "a file in memory cannot be made: %s", strerror(errno));
	explicit_bzero(options, sizeof(options));
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

static int run_with_options(struct haops_ctx *ctx, const struct client *client, struct call *call,
			    struct haops_process_result *ret_result)
{
	CLEANUP_FD int fd = -1;
	char file[64];
	int r = make_options(ctx, client, &fd);

	if (r < 0)
		return r;
	(void)snprintf(file, sizeof(file), "--defaults-file=/proc/%d/fd/%d", (int)getpid(), fd);
	call->argv[OPTIONS_AT] = file;
	call->deadline_ms = client->deadline_ms;
	return run(ctx, call, ret_result);
}

int client_query(struct haops_ctx *ctx, const struct client *client, const char *sql,
		 char **ret_rows)
{
	const char *argv[] = {NULL,    "",	    "--batch", "--skip-column-names",
			      "--raw", "--execute", sql,       NULL};
	struct call call = {.name = "mariadb", .other = "mysql", .argv = argv};
	struct haops_process_result result = {0};
	int r = run_with_options(ctx, client, &call, &result);

	if (r < 0)
		return r;
	*ret_rows = result.output;
	result.output = NULL;
	haops_process_result_done(&result);
	return 0;
}

int client_read_log(struct haops_ctx *ctx, const struct client *client,
		    const struct client_log *log)
{
	char from[SNAPSHOT_GTID_MAX + 32];
	char file[SNAPSHOT_TEXT_MAX];
	/* The server finds the file by the position; the name has to be there all the same. */
	const char *argv[] = {NULL,
			      "",
			      "--read-from-remote-server",
			      "--to-last-log",
			      from,
			      file,
			      log->is_flashback ? "--flashback" : "--verbose",
			      log->is_flashback ? "--base64-output=auto"
						: "--base64-output=decode-rows",
			      "any",
			      NULL};
	struct call call = {.name = "mariadb-binlog", .other = "mariadb-binlog", .argv = argv};
	struct haops_process_result result = {0};
	int r;

	(void)snprintf(from, sizeof(from), "--start-position=%s", log->position);
	(void)snprintf(file, sizeof(file), "--result-file=%s", log->file);
	r = run_with_options(ctx, client, &call, &result);
	if (r == 0)
		haops_process_result_done(&result);
	return r;
}

int client_apply(struct haops_ctx *ctx, const struct client *client, const char *script)
{
	char socket[SNAPSHOT_NAME_MAX + 16];
	const char *argv[] = {NULL, "--no-defaults", socket, "--user=root", "--batch", NULL};
	const struct call call = {.name = "mariadb",
				  .other = "mysql",
				  .argv = argv,
				  .input = script,
				  .deadline_ms = client->deadline_ms};
	struct haops_process_result result = {0};
	int r;

	(void)snprintf(socket, sizeof(socket), "--socket=%s", client->access->socket);
	r = run(ctx, &call, &result);
	if (r == 0)
		haops_process_result_done(&result);
	return r;
}
