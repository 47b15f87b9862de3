/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has nginx check its configuration, and remembers the verdict until a file changes. */

#include "nginx/host.h"
#include "nginx/nginx.h"

#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG "config"
#define DUMP_MAX 1048576
/* The kernel stamps files with a clock that is up to one timer tick behind. */
#define CLOCK_STEP_NS 20000000U
/* This long before its end a check gets SIGTERM, so that its reason can still be told. */
#define TERM_BEFORE_MS 1000
/* The part of a monitor's time that a check may take: what runs is to be looked at as well. */
#define MONITOR_PART 3

static void make_key(const struct nginx_site *site, char key[VERDICT_KEY_MAX])
{
	size_t len = (size_t)snprintf(key, VERDICT_KEY_MAX, "%s -c %s", site->binary, site->config);

	for (size_t i = 0; i < site->options.count && len + 1 < VERDICT_KEY_MAX; i++)
		len += (size_t)snprintf(key + len, VERDICT_KEY_MAX - len, " %s",
					site->options.words[i]);
}

bool nginx_verdict_last(struct ocf_run *run, const struct nginx_site *site, struct verdict *ret)
{
	CLEANUP_FREE char *text = NULL;
	char key[VERDICT_KEY_MAX];

	make_key(site, key);
	return ocf_note_read(run, CONFIG, &text) == 0 && verdict_parse(text, key, ret) == 0;
}

static void keep(struct ocf_run *run, const struct nginx_site *site, const struct verdict *verdict)
{
	CLEANUP_FREE char *text = NULL;
	char key[VERDICT_KEY_MAX];
	size_t len;

	if (ocf_is_probe(run))
		return;
	make_key(site, key);
	if (verdict_format(verdict, key, &text, &len) == 0)
		ocf_note_write(run, CONFIG, text);
}

static bool is_unchanged(const struct verdict *v)
{
	for (size_t i = 0; i < v->facts.watch_count; i++) {
		struct file_stamp now = host_stamp(v->facts.watch[i]);

		if (memcmp(&now, &v->stamps[i], sizeof(now)) != 0)
			return false;
	}
	return v->facts.watch_count > 0;
}

/* What changed while nginx read it may be what nginx did not read: it counts as changed. */
static int stamp_all(struct verdict *v, uint64_t begin_ns)
{
	v->stamps = calloc(v->facts.watch_count + 1, sizeof(*v->stamps));
	if (!v->stamps)
		return -ENOMEM;
	for (size_t i = 0; i < v->facts.watch_count; i++) {
		v->stamps[i] = host_stamp(v->facts.watch[i]);
		if (v->stamps[i].ctime_ns + CLOCK_STEP_NS >= begin_ns)
			v->stamps[i].ctime_ns = 1;
	}
	return 0;
}

static bool is_monitor(const struct ocf_run *run)
{
	return strcmp(ocf_action_name(run), "monitor") == 0;
}

static int run_check(struct ocf_run *run, const struct nginx_site *site,
		     struct haops_process_result *result)
{
	const char *argv[ARGS_MAX + 8] = {site->binary, "-T", "-c", site->config};
	struct haops_process_spec spec = {.argv = argv,
					  .output_max_bytes = DUMP_MAX,
					  .term_before_ms = TERM_BEFORE_MS};
	int64_t left_ms = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	if (is_monitor(run))
		left_ms /= MONITOR_PART;
	if (spec.term_before_ms > left_ms / 2)
		spec.term_before_ms = left_ms / 2;
	for (size_t i = 0; i < site->options.count; i++)
		argv[4 + i] = site->options.words[i];
	return haops_process_run(ocf_ctx(run), &spec, haops_deadline_after(ocf_ctx(run), left_ms),
				 result);
}

static int take_options(const struct nginx_site *site, struct conf_facts *facts)
{
	int r = 0;

	for (size_t i = 0; i + 1 < site->options.count && r == 0; i++)
		if (strcmp(site->options.words[i], "-g") == 0)
			r = conf_parse_global(site->options.words[i + 1], facts);
	return r;
}

static void explain(const struct haops_process_result *result, char message[VERDICT_MESSAGE_MAX])
{
	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		(void)snprintf(message, VERDICT_MESSAGE_MAX,
			       "its check (nginx -t) did not end in time: does it wait for DNS?");
	else
		conf_first_error(result->output, message, VERDICT_MESSAGE_MAX);
}

/* result: NULL if nginx could not be asked, with the reason in v->message. */
static int judge(const struct nginx_site *site, const struct verdict *last,
		 const struct haops_process_result *result, struct verdict *v)
{
	int r;

	v->is_good = result && result->end == HAOPS_PROCESS_EXITED && result->status == 0;
	v->is_fresh = true;
	if (result && !v->is_good)
		explain(result, v->message);
	if (v->is_good) {
		r = conf_parse(result->output, result->output_len, &v->facts);
		if (r == 0)
			r = take_options(site, &v->facts);
		v->facts.is_watch_full |= result->is_truncated;
	} else {
		/* nginx names no files then; and what runs still runs by the last ones. */
		r = last ? verdict_copy_facts(last, v) : 0;
	}
	v->is_news = !last || last->is_good != v->is_good || strcmp(last->message, v->message) != 0;
	if (r == 0)
		r = conf_watch_add(&v->facts, site->config, strlen(site->config));
	/* Another program may judge otherwise; what it said before still tells where nginx listens.
	 */
	if (r == 0)
		r = conf_watch_add(&v->facts, site->binary, strlen(site->binary));
	return r;
}

static int ask(struct ocf_run *run, const struct nginx_site *site, const struct verdict *last,
	       struct verdict *ret)
{
	struct haops_process_result result;
	struct verdict v;
	uint64_t begin_ns = host_clock_ns();
	int r;

	memset(&v, 0, sizeof(v));
	r = run_check(run, site, &result);
	/* A monitor says how nginx is, not how its check is: that is a warning. */
	if (r < 0 && !is_monitor(run))
		return ocf_fail_haops(run, r, site->binary);
	if (r < 0) {
		conf_first_error(haops_ctx_error(ocf_ctx(run)), v.message, sizeof(v.message));
		r = judge(site, last, NULL, &v);
	} else {
		r = judge(site, last, &result, &v);
		haops_process_result_done(&result);
	}
	if (r == 0)
		r = stamp_all(&v, begin_ns);
	if (r < 0) {
		verdict_free(&v);
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	}
	keep(run, site, &v);
	*ret = v;
	return OCF_SUCCESS;
}

int nginx_verdict_now(struct ocf_run *run, const struct nginx_site *site, struct verdict *ret)
{
	struct verdict last;
	bool is_known = nginx_verdict_last(run, site, &last);
	int r;

	if (is_known && is_unchanged(&last)) {
		*ret = last;
		return OCF_SUCCESS;
	}
	r = ask(run, site, is_known ? &last : NULL, ret);
	if (is_known)
		verdict_free(&last);
	return r;
}

static int refused(struct ocf_run *run, const struct verdict *v)
{
	char address[64];

	/* nginx tries to bind while it checks. On a standby node that is as it should be. */
	if (!conf_bind_absent(v->message, address, sizeof(address)))
		return ocf_fail(run, OCF_ERR_GENERIC, "nginx refuses its configuration: %s",
				v->message);
	if (strcmp(ocf_action_name(run), "validate-all") != 0)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"%s is not on this node: start its IPaddr2 first (one group), or "
				"set "
				"net.ipv4.ip_nonlocal_bind",
				address);
	ocf_log(run, HAOPS_LOG_INFO,
		"the address %s is not on this node; the configuration is right up to there",
		address);
	return OCF_SUCCESS;
}

int nginx_verdict_require(struct ocf_run *run, const struct nginx_site *site, struct verdict *ret)
{
	struct verdict v;
	int r = nginx_verdict_now(run, site, &v);

	/* What was wrong may have been outside of the files that are watched. */
	if (r == OCF_SUCCESS && !v.is_fresh && (!v.is_good || v.facts.is_watch_full)) {
		struct verdict last = v;

		r = ask(run, site, &last, &v);
		verdict_free(&last);
	}
	if (r != OCF_SUCCESS)
		return r;
	if (!v.is_good)
		r = refused(run, &v);
	else if (v.facts.is_foreground)
		r = ocf_fail(run, OCF_ERR_GENERIC,
			     "the configuration says \"daemon off\", and nginx would never return: "
			     "remove that from %s or options",
			     site->config);
	if (r == OCF_SUCCESS)
		*ret = v;
	else
		verdict_free(&v);
	return r;
}
