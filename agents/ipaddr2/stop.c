/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stop action: ends the sender, then the addresses, wherever they are. Needs no parameter but
 * ip, no route, no interface; success means that the kernel lists none of the addresses any more.
 */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <haops/process.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

static bool is_sender_like(const struct haops_process *process, void *userdata)
{
	const char *slash = strrchr(process->exe, '/');

	(void)userdata;
	return slash && strcmp(slash + 1, "IPaddr2") == 0 && process->pid != getpid();
}

/*
 * A namespace whose name was removed lives on, and its addresses with it, as long as a process is
 * in it: the sender of this resource is one. So it is looked for among the senders.
 */
static int enter_unnamed(struct ocf_run *run, const struct ipaddr2_config *cfg, bool *ret_is_there)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	size_t count = 0;
	int rc = haops_process_list(ocf_ctx(run), is_sender_like, NULL, &list, &count);

	if (rc < 0)
		return ocf_fail_haops(run, rc, NULL);
	for (size_t i = 0; i < count; i++) {
		if (ipaddr2_enter_netns_of(list[i].pid) == 0 && ipaddr2_has_sender(run, cfg)) {
			*ret_is_there = true;
			return OCF_SUCCESS;
		}
	}
	return OCF_SUCCESS;
}

/* Whether there is a network namespace in which to look. */
static int enter(struct ocf_run *run, const struct ipaddr2_config *cfg, bool *ret_is_there)
{
	int rc;

	*ret_is_there = true;
	if (!ocf_is_set(run, P_NETWORK_NAMESPACE))
		return OCF_SUCCESS;
	rc = haops_netns_enter(ocf_ctx(run), ocf_str(run, P_NETWORK_NAMESPACE));
	if (rc != -ENOENT && rc != -EINVAL)
		return rc < 0 ? ocf_fail_haops(run, rc, NULL) : OCF_SUCCESS;
	*ret_is_there = false;
	ocf_log(run, HAOPS_LOG_INFO, "%s", haops_ctx_error(ocf_ctx(run)));
	return enter_unnamed(run, cfg, ret_is_there);
}

/* A failure here is no failure of stop: the address goes, and connections without it time out. */
static void kill_connections(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	size_t ended = 0;
	int rc;

	if (!ocf_bool(run, P_KILL_CONNECTIONS_ON_STOP))
		return;
	rc = haops_vip_kill_connections(ocf_ctx(run), cfg->addrs, cfg->count, ocf_deadline(run),
					&ended);
	if (rc < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "connections are not ended: %s",
			haops_ctx_error(ocf_ctx(run)));
	else if (ended > 0)
		ocf_log(run, HAOPS_LOG_INFO, "ended %zu connections", ended);
}

static int remove_addrs(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	size_t removed = 0;
	int rc =
		haops_vip_remove(ocf_ctx(run), cfg->addrs, cfg->count, ocf_deadline(run), &removed);

	if (rc < 0)
		return ocf_fail_haops(run, rc, NULL);
	if (removed > 0)
		ocf_log(run, HAOPS_LOG_INFO, "removed %s%s",
			haops_addr_format(&cfg->addrs[0], text),
			cfg->count > 1 ? " and the others of its list" : "");
	return OCF_SUCCESS;
}

static int stop_addrs(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	int rc;

	if (cfg->count == 0)
		return OCF_SUCCESS;
	kill_connections(run, cfg);
	rc = remove_addrs(run, cfg);
	if (rc == OCF_SUCCESS && ocf_bool(run, P_FLUSH_ROUTES) &&
	    haops_vip_flush_routes(ocf_ctx(run)) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "cached routes are not flushed: %s",
			haops_ctx_error(ocf_ctx(run)));
	return rc;
}

int ipaddr2_stop(struct ocf_run *run)
{
	CLEANUP_CONFIG struct ipaddr2_config cfg = {0};
	bool is_there = false;
	int sender_rc;
	int rc;

	ocf_watch_remove(run);
	rc = ipaddr2_config_read(run, &cfg);
	/* What could not be read may be there. */
	if (rc == OCF_ERR_GENERIC)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", cfg.problem);
	/* What is no address was never started: there is nothing of it to be stopped. */
	if (rc != OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_WARNING, "stopped in spite of: %s", cfg.problem);
	rc = enter(run, &cfg, &is_there);
	if (rc != OCF_SUCCESS || !is_there)
		return rc;
	sender_rc = ipaddr2_senders_stop(run, &cfg);
	rc = stop_addrs(run, &cfg);
	if (rc == OCF_SUCCESS && sender_rc < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "a background sender may still run");
	return rc;
}
