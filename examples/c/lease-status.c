/* SPDX-License-Identifier: 0BSD */
/* Tells whether an address could be held by lease here now, and how long a lease can be. With -d
 * the page is in another directory than haopsd's. Exit status 0 yes, 1 no, 2 not known. */

#include <haops/lease.h>
#include <stdio.h>
#include <string.h>

static const char *reason(enum haops_lease_verdict verdict)
{
	switch (verdict) {
	case HAOPS_LEASE_OK:
		return "proof is fresh";
	case HAOPS_LEASE_NO_DAEMON:
		return "haopsd does not run";
	case HAOPS_LEASE_TWO_NODE:
		return "two_node without qdevice: no majority";
	case HAOPS_LEASE_NO_QUORUM:
		return "no quorum";
	case HAOPS_LEASE_NO_ECHO:
		return "own messages do not come back";
	case HAOPS_LEASE_NO_PACEMAKER:
		return "Pacemaker does not answer";
	case HAOPS_LEASE_PAUSED:
		return "stood still, not recovered yet";
	case HAOPS_LEASE_HELD:
		return "a node outside of the ring may still have one";
	}
	return "not known";
}

static int show(struct haops_ctx *ctx)
{
	struct haops_lease_status status;

	if (haops_lease_query(ctx, &status) < 0) {
		fprintf(stderr, "lease-status: %s\n", haops_ctx_error(ctx));
		return 2;
	}
	printf("%s\n", reason(status.verdict));
	if (status.token_ms > 0) {
		uint32_t longest = haops_lease_longest_ms(status.token_ms, status.consensus_ms);

		printf("longest lease: %u s\n", longest / 1000);
		if (longest > 0)
			printf("on a proof up to %lld ms old; this one: %lld ms\n",
			       (long long)haops_lease_proof_max_ms(longest, status.token_ms,
								   status.consensus_ms),
			       (long long)status.proof_age_ms);
	}
	return status.verdict == HAOPS_LEASE_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int status = 2;

	if (haops_ctx_new(&ctx) < 0)
		return 2;
	if (argc == 1 ||
	    (argc == 3 && strcmp(argv[1], "-d") == 0 && haops_ctx_set_run_dir(ctx, argv[2]) == 0))
		status = show(ctx);
	else
		fprintf(stderr, "usage: lease-status [-d /DIRECTORY]\n");
	haops_ctx_free(ctx);
	return status;
}
