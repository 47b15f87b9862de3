/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses by lease: given on haopsd's proof only, and when nobody else has them any more. haopsd
 * renews them; nothing here does. */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <haops/lease.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* How long start waits for proof: a ring that has just changed settles, haopsd starts again. */
#define PROOF_WAIT_MS 10000
#define DAEMON_WAIT_MS 3000
#define POLL_MS 50
/* What start still has to do afterwards. */
#define RESERVE_MS 2000
/* A link answers within milliseconds; the failover waits for this. */
#define ASK_COUNT 3
#define ASK_INTERVAL_MS 100
#define ASK_WAIT_MS 200
#define ASK_AGAIN_MS 100

static bool is_leased(const struct ipaddr2_config *cfg)
{
	return cfg->lease_ms > 0;
}

/* An end within the action's own deadline. */
static int64_t end_after(struct ocf_run *run, int64_t ms)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - RESERVE_MS;

	return haops_deadline_after(ocf_ctx(run), left < ms ? left : ms);
}

/* Proof ------------------------------------------------------------------------------------------
 */

static int fail_verdict(struct ocf_run *run, enum haops_lease_verdict verdict)
{
	switch (verdict) {
	case HAOPS_LEASE_NO_DAEMON:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: haopsd does not run on this node or has hung: start it");
	case HAOPS_LEASE_TWO_NODE:
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"lease: a two_node cluster without qdevice has no majority and "
				"cannot be given a lease");
	case HAOPS_LEASE_NO_QUORUM:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: this part of the cluster has no quorum");
	case HAOPS_LEASE_NO_ECHO:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: messages of this node do not come back through Corosync");
	case HAOPS_LEASE_NO_PACEMAKER:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: Pacemaker (its controller, or pacemakerd) does not answer "
				"haopsd");
	case HAOPS_LEASE_PAUSED:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: this node or haopsd stood still, and nothing is proven "
				"since");
	case HAOPS_LEASE_HELD:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"lease: a node that is not in the ring may still have it");
	case HAOPS_LEASE_OK:
		break;
	}
	return ocf_fail(run, OCF_ERR_GENERIC,
			"lease: haopsd's proof is too old each time: is its keepalive too long?");
}

static int fail_too_long(struct ocf_run *run, const struct ipaddr2_config *cfg,
			 const struct haops_lease_status *status)
{
	uint32_t longest_s = haops_lease_longest_ms(status->token_ms, status->consensus_ms) / 1000;

	if (longest_s == 0)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"lease: token %u ms and consensus %u ms leave no room for one: "
				"raise token (3000 gives 3 s)",
				status->token_ms, status->consensus_ms);
	return ocf_fail(run, OCF_ERR_CONFIGURED,
			"lease of %u s is too long for token %u ms and consensus %u ms: at most "
			"%u s",
			cfg->lease_ms / 1000, status->token_ms, status->consensus_ms, longest_s);
}

static bool is_too_long(const struct ipaddr2_config *cfg, const struct haops_lease_status *status)
{
	return status->token_ms > 0 && status->consensus_ms > 0 &&
	       cfg->lease_ms > haops_lease_longest_ms(status->token_ms, status->consensus_ms);
}

static bool is_proven(const struct ipaddr2_config *cfg, const struct haops_lease_status *status)
{
	return status->verdict == HAOPS_LEASE_OK && status->proof_age_ms >= 0 &&
	       status->proof_age_ms <= haops_lease_proof_max_ms(cfg->lease_ms, status->token_ms,
								status->consensus_ms);
}

static int query(struct ocf_run *run, struct haops_lease_status *ret_status)
{
	int rc = haops_lease_query(ocf_ctx(run), ret_status);

	return rc < 0 ? ocf_fail_haops(run, rc, "lease") : OCF_SUCCESS;
}

/* How long what is missing may take to come. */
static int64_t patience_ms(const struct haops_lease_status *status)
{
	int64_t ring_ms = (int64_t)status->token_ms + status->consensus_ms;

	if (status->verdict == HAOPS_LEASE_NO_DAEMON)
		return DAEMON_WAIT_MS;
	return PROOF_WAIT_MS > 2 * ring_ms ? PROOF_WAIT_MS : 2 * ring_ms;
}

/* Whether start has waited long enough for proof since begin. */
static bool is_enough(struct ocf_run *run, int64_t begin, const struct haops_lease_status *status)
{
	struct haops_ctx *ctx = ocf_ctx(run);

	return haops_deadline_left_ms(ctx, begin + patience_ms(status)) == 0 ||
	       haops_deadline_left_ms(ctx, ocf_deadline(run)) <= RESERVE_MS;
}

int ipaddr2_lease_prove(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	struct haops_ctx *ctx = ocf_ctx(run);
	int64_t begin = haops_deadline_after(ctx, 0);
	struct haops_lease_status status = {.verdict = HAOPS_LEASE_OK};

	if (!is_leased(cfg))
		return OCF_SUCCESS;
	for (;;) {
		int rc = query(run, &status);

		if (rc != OCF_SUCCESS)
			return rc;
		if (is_too_long(cfg, &status))
			return fail_too_long(run, cfg, &status);
		if (is_proven(cfg, &status))
			return OCF_SUCCESS;
		if (status.verdict == HAOPS_LEASE_TWO_NODE || is_enough(run, begin, &status))
			return fail_verdict(run, status.verdict);
		ipaddr2_sleep_ms(POLL_MS);
	}
}

int ipaddr2_lease_validate(struct ocf_run *run, const struct ipaddr2_config *cfg)
{
	struct haops_lease_status status;
	int rc = is_leased(cfg) ? query(run, &status) : OCF_SUCCESS;

	if (rc != OCF_SUCCESS || !is_leased(cfg))
		return rc;
	if (status.verdict == HAOPS_LEASE_NO_DAEMON || status.verdict == HAOPS_LEASE_TWO_NODE)
		return fail_verdict(run, status.verdict);
	if (is_too_long(cfg, &status))
		return fail_too_long(run, cfg, &status);
	ocf_log(run, HAOPS_LOG_INFO,
		"lease of %u s fits token %u ms and consensus %u ms: at most %u s",
		cfg->lease_ms / 1000, status.token_ms, status.consensus_ms,
		haops_lease_longest_ms(status.token_ms, status.consensus_ms) / 1000);
	return OCF_SUCCESS;
}

/* Claim ------------------------------------------------------------------------------------------
 */

/* One round of IPv4. 0: nobody answers; 1: somebody does, told in text; or -errno. */
static int ask_group(struct ocf_run *run, const struct ipaddr2_group *group, char *text,
		     size_t size)
{
	const struct haops_arp_probe_spec probe = {.ifindex = group->ifindex,
						   .addrs = group->addrs,
						   .addr_count = group->count,
						   .count = ASK_COUNT,
						   .interval_ms = ASK_INTERVAL_MS,
						   .wait_ms = ASK_WAIT_MS};
	struct haops_arp_conflict conflict;
	char addr[HAOPS_ADDR_TEXT_MAX];
	bool has_conflict = false;
	int rc = haops_arp_probe(ocf_ctx(run), &probe, ocf_deadline(run), &has_conflict, &conflict);

	if (rc == -EOPNOTSUPP)
		return 0;
	if (rc < 0 || !has_conflict)
		return rc;
	(void)snprintf(text, size, "%s is still in use by %02x:%02x:%02x:%02x:%02x:%02x",
		       haops_addr_format(&conflict.addr, addr), conflict.mac[0], conflict.mac[1],
		       conflict.mac[2], conflict.mac[3], conflict.mac[4], conflict.mac[5]);
	return 1;
}

static int take_back(struct ocf_run *run, const struct haops_vip *vips, size_t count)
{
	CLEANUP_FREE struct haops_addr *addrs = calloc(count, sizeof(*addrs));

	if (!addrs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		addrs[i] = vips[i].addr;
	return haops_vip_remove(ocf_ctx(run), addrs, count,
				haops_deadline_after(ocf_ctx(run), 1000), NULL);
}

/* Whether the proof holds now; without a reason. */
static bool is_proven_now(struct ocf_run *run, const struct ipaddr2_config *cfg,
			  struct haops_lease_status *status)
{
	return haops_lease_query(ocf_ctx(run), status) == 0 && is_proven(cfg, status);
}

struct claim {
	const struct ipaddr2_config *cfg;
	struct ipaddr2_groups groups; /* IPv4 ones */
	struct haops_vip *v6;
	size_t v6_count;
	char text[160]; /* who has one */
};

/*
 * One round of IPv6: the kernel's duplicate address detection, which needs the address there. What
 * is tentative answers nobody; when it is not any more, the proof has to hold.
 */
static int ask_kernel(struct ocf_run *run, struct claim *claim)
{
	struct haops_lease_status status = {.verdict = HAOPS_LEASE_NO_DAEMON};
	struct haops_ctx *ctx = ocf_ctx(run);
	int rc = haops_vip_add(ctx, claim->v6, claim->v6_count, ocf_deadline(run));

	if (rc == 0)
		rc = haops_vip_wait_dad(ctx, claim->v6, claim->v6_count, ocf_deadline(run));
	if (rc == 0 && is_proven_now(run, claim->cfg, &status))
		return 0;
	(void)snprintf(claim->text, sizeof(claim->text), "%s",
		       rc == 0 ? "the proof is too old" : haops_ctx_error(ctx));
	if (take_back(run, claim->v6, claim->v6_count) < 0)
		return -EIO;
	/* Absent: its lifetime was over before detection was. Once more. */
	return rc == 0 || rc == -EADDRINUSE || rc == -ENOENT ? 1 : rc;
}

static void claim_done(struct claim *claim)
{
	ipaddr2_groups_done(&claim->groups);
	free(claim->v6);
}

#define CLEANUP_CLAIM __attribute__((cleanup(claim_done)))

static int claim_make(struct claim *claim, const struct haops_vip *vips, size_t count)
{
	CLEANUP_FREE struct haops_vip *v4 = calloc(count + 1, sizeof(*v4));
	size_t v4_count = 0;

	claim->v6 = calloc(count + 1, sizeof(*claim->v6));
	if (!v4 || !claim->v6)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (vips[i].addr.family == AF_INET)
			v4[v4_count++] = vips[i];
		else
			claim->v6[claim->v6_count++] = vips[i];
	}
	return v4_count > 0 ? ipaddr2_groups_make(v4, v4_count, &claim->groups) : 0;
}

static int ask_all(struct ocf_run *run, struct claim *claim)
{
	int rc = 0;

	for (size_t i = 0; i < claim->groups.count && rc == 0; i++)
		rc = ask_group(run, &claim->groups.list[i], claim->text, sizeof(claim->text));
	if (rc == 0 && claim->v6_count > 0)
		rc = ask_kernel(run, claim);
	return rc;
}

/*
 * The others may know of a loss long before the lease of the lost one is over: when its Pacemaker
 * died and its Corosync did not, or its Corosync was started again at once. Then the wire is whole,
 * and the old owner's kernel answers on it until the lifetime is over. Where the wire is cut, token
 * and consensus took longer than that.
 */
int ipaddr2_lease_claim(struct ocf_run *run, const struct ipaddr2_config *cfg,
			const struct haops_vip *vips, size_t count)
{
	CLEANUP_CLAIM struct claim claim = {.cfg = cfg};
	int64_t end = end_after(run, (int64_t)cfg->lease_ms + HAOPS_LEASE_KERNEL_LATE_MS +
					     HAOPS_LEASE_RENEW_AGE_MS + 1000);
	bool is_told = false;
	int rc = is_leased(cfg) && count > 0 ? claim_make(&claim, vips, count) : 0;

	if (!is_leased(cfg) || count == 0)
		return OCF_SUCCESS;
	if (rc < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	while ((rc = ask_all(run, &claim)) > 0) {
		if (!is_told)
			ocf_log(run, HAOPS_LOG_INFO, "%s: waiting for the end of its lease",
				claim.text);
		is_told = true;
		if (haops_deadline_left_ms(ocf_ctx(run), end) == 0)
			return ocf_fail(run, OCF_ERR_GENERIC,
					"%s: its lease goes on, or it has none: stop it there",
					claim.text);
		ipaddr2_sleep_ms(ASK_AGAIN_MS);
	}
	if (rc < 0)
		return ocf_fail(run, rc == -EPERM ? OCF_ERR_PERM : OCF_ERR_GENERIC,
				"not known whether another host has the address: %s",
				haops_ctx_error(ocf_ctx(run)));
	return OCF_SUCCESS;
}

/* Begin ----------------------------------------------------------------------------------------*/

/*
 * This process may have been stopped between the proof and the addition. So there is a second look,
 * right after: what is not proven now is taken away again before it is announced.
 */
int ipaddr2_lease_begin(struct ocf_run *run, const struct ipaddr2_config *cfg,
			const struct haops_vip *vips, size_t count)
{
	struct haops_lease_status status = {.verdict = HAOPS_LEASE_NO_DAEMON};
	int rc;

	if (!is_leased(cfg) || count == 0)
		return OCF_SUCCESS;
	/* Some may be there for a while, since detection; now all have the whole of it. */
	rc = haops_vip_renew(ocf_ctx(run), vips, count, ocf_deadline(run));
	if (rc == 0 && is_proven_now(run, cfg, &status))
		return OCF_SUCCESS;
	rc = rc == 0 ? fail_verdict(run, status.verdict) : ocf_fail_haops(run, rc, "lease");
	ocf_watch_remove(run);
	if (take_back(run, vips, count) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "not taken back, the lifetime ends it: %s",
			haops_ctx_error(ocf_ctx(run)));
	return rc;
}

/* Nobody renews what has no record: it would end with its lifetime, and be started again, for ever.
 */
int ipaddr2_lease_watched(struct ocf_run *run, const struct ipaddr2_config *cfg,
			  const struct haops_vip *vips)
{
	bool is_put = false;

	if (!is_leased(cfg) ||
	    (haops_watch_is_put(ocf_ctx(run), ocf_instance(run), &is_put) == 0 && is_put))
		return OCF_SUCCESS;
	if (take_back(run, vips, cfg->count) < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "not taken back, the lifetime ends it: %s",
			haops_ctx_error(ocf_ctx(run)));
	return ocf_fail(run, OCF_ERR_GENERIC,
			"lease: haopsd cannot be told of the address (see the log): is %s full?",
			haops_watch_dir(ocf_ctx(run)));
}

/* Whether all of them have a lifetime. */
static int has_lifetimes(struct ocf_run *run, const struct haops_vip *vips, size_t count,
			 bool *ret_has)
{
	int rc = haops_vip_renew(ocf_ctx(run), vips, count, ocf_deadline(run));

	if (rc < 0 && rc != -ENOENT)
		return ocf_fail_haops(run, rc, NULL);
	*ret_has = rc == 0;
	return OCF_SUCCESS;
}

int ipaddr2_lease_adopt(struct ocf_run *run, const struct ipaddr2_config *cfg, bool *ret_is_leased)
{
	CLEANUP_FREE struct haops_vip *vips = calloc(cfg->count + 1, sizeof(*vips));
	int rc = ipaddr2_lease_prove(run, cfg);

	*ret_is_leased = true;
	if (rc != OCF_SUCCESS || !is_leased(cfg))
		return rc;
	if (!vips)
		return ocf_fail(run, OCF_ERR_GENERIC, "memory is short");
	for (size_t i = 0; i < cfg->count; i++)
		vips[i] = (struct haops_vip){.addr = cfg->addrs[i],
					     .valid_lft_s = cfg->lease_ms / 1000};
	rc = has_lifetimes(run, vips, cfg->count, ret_is_leased);
	if (rc != OCF_SUCCESS)
		return rc;
	if (*ret_is_leased)
		return ipaddr2_lease_begin(run, cfg, vips, cfg->count);
	ocf_log(run, HAOPS_LOG_WARNING, "%s: replaced by a leased one",
		haops_ctx_error(ocf_ctx(run)));
	ocf_watch_remove(run);
	return take_back(run, vips, cfg->count) < 0 ? ocf_fail_haops(run, -EIO, NULL) : OCF_SUCCESS;
}
