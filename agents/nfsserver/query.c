/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the kernel's NFS server, see query.h. */

#include "nfsserver/query.h"

#include "ocf/child.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ENDING "ending"
#define ASK_MS 5000

static_assert(sizeof(struct haops_nfs_server) <= CHILD_TEXT_MAX, "an answer holds it");

void nfs_server_ends(struct ocf_run *run)
{
	ocf_note_write(run, ENDING, "");
}

void nfs_server_has_ended(struct ocf_run *run)
{
	ocf_note_remove(run, ENDING);
}

static void ask(const void *arg, struct child_answer *answer)
{
	struct haops_ctx *ctx = *(struct haops_ctx *const *)arg;
	struct haops_nfs_server server;

	answer->code = haops_nfs_server_query(ctx, &server);
	if (answer->code == 0)
		memcpy(answer->text, &server, sizeof(server));
	else
		(void)snprintf(answer->text, sizeof(answer->text), "%s", haops_ctx_error(ctx));
}

static int ask_child(struct ocf_run *run, struct haops_nfs_server *ret)
{
	struct haops_ctx *ctx = ocf_ctx(run);
	const struct child_question question = {.fn = ask, .arg = &ctx};
	int64_t limit = ocf_deadline_within(run, ASK_MS);
	struct child_answer answer;
	pid_t left;
	int r;

	r = child_ask(ctx, &question, limit, &answer, &left);
	if (r == -ETIMEDOUT)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"the NFS server is ending, and the kernel does not answer: does a "
				"device hang?");
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "the NFS server cannot be asked: %s",
				strerror(-r));
	if (answer.code < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", answer.text);
	memcpy(ret, answer.text, sizeof(*ret));
	return OCF_SUCCESS;
}

int nfs_server_query(struct ocf_run *run, struct haops_nfs_server *ret)
{
	int r;

	if (ocf_note_is_there(run, ENDING))
		return ask_child(run, ret);
	r = haops_nfs_server_query(ocf_ctx(run), ret);
	return r < 0 ? ocf_fail_haops(run, r, NULL) : OCF_SUCCESS;
}
