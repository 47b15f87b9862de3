/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server's programs expect in /var/lib/nfs, which may be an empty shared directory. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "ocf/child.h"

#include <stdio.h>
#include <string.h>

#define OWNER_TEXT_MAX 128

static const char *const folders[] = {NFSSERVER_STATE "/v4recovery", NULL};
static const char *const files[] = {NFSSERVER_STATE "/etab", NFSSERVER_STATE "/xtab",
				    NFSSERVER_STATE "/rmtab", NULL};
/* rpc.statd and sm-notify take the rights of the owner of "sm". */
static const char *const statd_users[] = {"statd", "rpcuser", NULL};

const char *nfsserver_statd_folder(void)
{
	return host_is_folder(NFSSERVER_STATE "/statd/sm") ? NFSSERVER_STATE "/statd"
							   : NFSSERVER_STATE;
}

static const char *const lists[] = {"sm", "sm.bak", NULL};

/* What of the lists is to outlive the end of the threads; as the stock agent has it. */
static void kept_folder(const char *list, char buf[OWNER_TEXT_MAX])
{
	(void)snprintf(buf, OWNER_TEXT_MAX, "%s/sm.ha/%s", nfsserver_statd_folder(), list);
}

static int save_list(const char *list)
{
	char from[OWNER_TEXT_MAX];
	char to[OWNER_TEXT_MAX];
	int r;

	(void)snprintf(from, sizeof(from), "%s/%s", nfsserver_statd_folder(), list);
	kept_folder(list, to);
	r = host_make_folders(to);
	if (r == 0)
		r = host_empty(to);
	return r == 0 ? host_copy_files(from, to) : r;
}

static void save_lists(const void *arg, struct child_answer *answer)
{
	(void)arg;
	for (size_t i = 0; lists[i] && answer->code == 0; i++)
		answer->code = save_list(lists[i]);
}

/* With its last thread the kernel has rpc.statd forget all clients, though they have their locks
 * yet, and are to be told when the next node serves them. In a child: the device may hang. */
void nfsserver_state_save(struct ocf_run *run)
{
	const struct child_question question = {.fn = save_lists};
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	struct child_answer answer;
	pid_t left_pid;
	int r;

	if (ocf_bool(run, P_NFSV4_ONLY))
		return;
	r = child_ask(ocf_ctx(run), &question, haops_deadline_after(ocf_ctx(run), left / 4),
		      &answer, &left_pid);
	if (r == 0)
		r = answer.code;
	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING,
			"NFSv3 clients will not be told to take their locks back: sm.ha below %s: "
			"%s",
			NFSSERVER_STATE, strerror(-r));
}

static int restore_list(const char *list, const char *to)
{
	char from[OWNER_TEXT_MAX];
	int r;

	kept_folder(list, from);
	r = host_copy_files(from, to);
	return r == 0 ? host_empty(from) : r;
}

static void find_owner(uid_t *ret_uid, gid_t *ret_gid)
{
	char path[OWNER_TEXT_MAX];

	for (size_t i = 0; statd_users[i]; i++)
		if (host_account(statd_users[i], ret_uid, ret_gid))
			return;
	(void)snprintf(path, sizeof(path), "%s/sm", nfsserver_statd_folder());
	if (host_owner(path, ret_uid, ret_gid) < 0)
		*ret_uid = *ret_gid = 0;
}

/* Numbers of accounts may differ from those of the node that wrote them last. */
static int prepare_statd(void)
{
	const char *folder = nfsserver_statd_folder();
	char path[OWNER_TEXT_MAX];
	uid_t uid;
	gid_t gid;
	int r = 0;

	find_owner(&uid, &gid);
	for (size_t i = 0; lists[i] && r == 0; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, lists[i]);
		r = host_make_folders(path);
		if (r == 0)
			r = restore_list(lists[i], path);
		if (r == 0)
			r = host_give(path, uid, gid);
	}
	(void)snprintf(path, sizeof(path), "%s/state", folder);
	if (r == 0 && host_is_file(path))
		r = host_give(path, uid, gid);
	return r;
}

int nfsserver_state_prepare(struct ocf_run *run)
{
	int r = 0;

	for (size_t i = 0; folders[i] && r == 0; i++)
		r = host_make_folders(folders[i]);
	for (size_t i = 0; files[i] && r == 0; i++)
		r = host_touch(files[i]);
	if (r == 0)
		r = prepare_statd();
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "cannot prepare %s%s%.60s: %s",
				NFSSERVER_STATE, ocf_is_set(run, P_SHARED_INFODIR) ? " on " : "",
				ocf_str(run, P_SHARED_INFODIR), strerror(-r));
	return OCF_SUCCESS;
}
