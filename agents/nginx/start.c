/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts nginx and waits until it serves. What an earlier life left is cleared first. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX 65536
#define TERM_BEFORE_MS 1000
/* A master that was not seen this long after the start has failed behind our back. */
#define APPEAR_MS 3000

static int already(struct ocf_run *run, struct nginx_site *site, const struct haops_process *master)
{
	int r;

	nginx_record_write(run, site, master);
	/* It has to answer as one that was started now. */
	r = nginx_check(run, site, ocf_check_level(run));
	if (r != OCF_SUCCESS)
		return r;
	nginx_watch(run, master);
	ocf_log(run, HAOPS_LOG_INFO, "nginx runs already, process %d", (int)master->pid);
	return OCF_SUCCESS;
}

/* The kernel leaves the file of a unix socket whose process was killed, and nginx cannot bind it.
 */
static void clear_sockets(struct ocf_run *run, const struct conf_facts *facts)
{
	for (size_t i = 0; i < facts->listen_count; i++) {
		const char *addr = facts->listens[i].addr;

		if (strncmp(addr, "unix:", 5) == 0 && host_remove_dead_socket(addr + 5))
			ocf_log(run, HAOPS_LOG_INFO, "removed %s, which nobody listened on",
				addr + 5);
	}
}

static int port_taken(struct ocf_run *run, const char *address)
{
	char holder[128];

	nginx_holder_describe(run, address, holder, sizeof(holder));
	if (holder[0])
		return ocf_fail(run, OCF_ERR_GENERIC, "%.50s is taken by %s: stop that process",
				address, holder);
	return ocf_fail(run, OCF_ERR_GENERIC, "%.60s is taken by another process: stop that",
			address);
}

static int judge_output(struct ocf_run *run, const struct nginx_site *site,
			const struct haops_process_result *result)
{
	char text[256];

	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s did not go into the background in time",
				site->binary);
	if (result->end == HAOPS_PROCESS_EXITED && result->status == 0)
		return OCF_SUCCESS;
	if (conf_bind_error(result->output, text, sizeof(text)))
		return port_taken(run, text);
	conf_first_error(result->output, text, sizeof(text));
	if (!text[0])
		(void)snprintf(text, sizeof(text), "%s %d",
			       result->end == HAOPS_PROCESS_SIGNALED ? "signal" : "exit status",
			       result->status);
	return ocf_fail(run, OCF_ERR_GENERIC, "nginx does not start: %s", text);
}

static int spawn(struct ocf_run *run, const struct nginx_site *site)
{
	/* -c first: it has to be found in what ps shows, which is cut. */
	const char *argv[ARGS_MAX + 8] = {site->binary, "-c", site->config};
	const struct haops_process_spec spec = {.argv = argv,
						.output_max_bytes = OUTPUT_MAX,
						.term_before_ms = TERM_BEFORE_MS,
						.is_daemon = true};
	struct haops_process_result result;
	int r;

	for (size_t i = 0; i < site->options.count; i++)
		argv[3 + i] = site->options.words[i];
	r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);
	if (r < 0)
		return ocf_fail_haops(run, r, site->binary);
	r = judge_output(run, site, &result);
	haops_process_result_done(&result);
	return r;
}

/* The number in nginx's pid file is a hint that saves the search; the process itself is asked. */
static bool master_by_pid_file(struct ocf_run *run, const struct nginx_site *site, const char *path,
			       struct haops_process *ret_master)
{
	struct group_record none;
	struct group_want want = {.config = site->config,
				  .is_default_known = true,
				  .record = &none};
	struct haops_process p;
	enum group_role role;
	char *text;
	size_t len;
	long pid;

	memset(&none, 0, sizeof(none));
	if (path[0] != '/' || host_read(path, 64, &text, &len) < 0)
		return false;
	pid = strtol(text, NULL, 10);
	free(text);
	if (pid < 1 || pid > 0x7fffffff || haops_process_get(ocf_ctx(run), (pid_t)pid, &p) < 0 ||
	    strcmp(p.exe, site->binary) != 0 || !group_classify(&p, 1, &want, &role) ||
	    role != GROUP_MASTER || !host_shares_namespaces(p.pid))
		return false;
	*ret_master = p;
	return true;
}

static int find_master(struct ocf_run *run, struct nginx_site *site,
		       struct haops_process *ret_master)
{
	struct nginx_instance in;
	int r = nginx_instance_scan(run, site, &in);

	if (r < 0)
		return nginx_scan_fail(run, site, r);
	r = in.master ? OCF_SUCCESS : OCF_NOT_RUNNING;
	if (in.master)
		*ret_master = *in.master;
	nginx_instance_free(&in);
	return r;
}

static int ended(struct ocf_run *run)
{
	return ocf_fail(run, OCF_ERR_GENERIC,
			"nginx ended right after its start: see its error log");
}

static int wait_master(struct ocf_run *run, struct nginx_site *site, const char *pid_file,
		       struct haops_process *ret_master)
{
	int64_t limit = ocf_deadline_within(run, APPEAR_MS);
	int r = OCF_NOT_RUNNING;

	for (;;) {
		r = OCF_SUCCESS;
		if (!master_by_pid_file(run, site, pid_file, ret_master))
			r = find_master(run, site, ret_master);
		/* Before its setsid(2) its session is ours, and says nothing of its workers. */
		if (r != OCF_NOT_RUNNING &&
		    (r != OCF_SUCCESS || ret_master->sid == ret_master->pid))
			return r;
		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return r == OCF_SUCCESS ? r : ended(run);
		host_pause(ocf_ctx(run), limit);
	}
}

/* As the stock agent: start ends when the monitor of this level is content. */
static int wait_ready(struct ocf_run *run, struct nginx_site *site)
{
	struct haops_process master;
	int r = nginx_alive(run, site, &master);

	if (r == OCF_NOT_RUNNING)
		return ended(run);
	return r == OCF_SUCCESS ? nginx_check(run, site, ocf_check_level(run)) : r;
}

static int launch(struct ocf_run *run, struct nginx_site *site, const struct verdict *verdict)
{
	const char *pid_file = verdict->facts.pid[0] ? verdict->facts.pid : site->default_pid;
	struct haops_process master;
	int r;

	/* One that an earlier start left is not true any more. */
	ocf_watch_remove(run);
	clear_sockets(run, &verdict->facts);
	nginx_starting_set(run, true);
	r = spawn(run, site);
	if (r == OCF_SUCCESS)
		r = wait_master(run, site, pid_file, &master);
	if (r == OCF_SUCCESS)
		nginx_record_write(run, site, &master);
	nginx_starting_set(run, false);
	if (r != OCF_SUCCESS)
		return r;
	r = wait_ready(run, site);
	if (r != OCF_SUCCESS)
		return r;
	nginx_watch(run, &master);
	ocf_log(run, HAOPS_LOG_INFO, "nginx started, process %d", (int)master.pid);
	return OCF_SUCCESS;
}

/* remains: what is to be ended before. */
static int start_anew(struct ocf_run *run, struct nginx_site *site, enum nginx_end remains)
{
	struct verdict verdict;
	int r = nginx_verdict_require(run, site, &verdict);

	if (r != OCF_SUCCESS)
		return r;
	r = nginx_end(run, site, remains);
	if (r == OCF_SUCCESS)
		r = launch(run, site, &verdict);
	verdict_free(&verdict);
	return r;
}

int nginx_start(struct ocf_run *run)
{
	struct nginx_site site;
	struct haops_process master;
	int r;

	nginx_site_find(run, &site);
	r = nginx_site_require(run, &site);
	if (r != OCF_SUCCESS)
		return r;
	r = find_master(run, &site, &master);
	/* Not known: a second one could be started. */
	if (r != OCF_SUCCESS && r != OCF_NOT_RUNNING)
		return r;
	if (r == OCF_NOT_RUNNING)
		return start_anew(run, &site, NGINX_END_ORPHANS);
	if (nginx_service(run, &master) == NGINX_SERVES)
		return already(run, &site, &master);
	ocf_log(run, HAOPS_LOG_WARNING,
		"nginx's master process %d takes no requests: ended, with what it waits for",
		(int)master.pid);
	return start_anew(run, &site, NGINX_END_AT_ONCE);
}
