/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Depth 10: whether each program answers a call that does nothing. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "nfsserver/rpc-msg.h"

#include "util/cleanup.h"

#include <string.h>

#define CALL_MS 5000
#define PORTMAP_PORT 111
#define PORTLIST_MAX 4096

static int64_t limit_for(struct ocf_run *run)
{
	return ocf_deadline_within(run, CALL_MS);
}

static int call(struct ocf_run *run, unsigned int port, const unsigned char *data, size_t len,
		uint32_t *ret_value)
{
	int64_t limit = limit_for(run);
	unsigned char answer[RPC_MSG_MAX];
	CLEANUP_FD int fd = host_connect(ocf_ctx(run), port, limit);
	const struct host_call what = {data, len, answer, sizeof(answer)};
	ssize_t n = fd;

	if (fd >= 0)
		n = host_converse(ocf_ctx(run), fd, &what, limit);
	if (n < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "port %u of 127.0.0.1 does not answer: %s",
				port, strerror((int)-n));
	switch (rpc_msg_parse(answer, (size_t)n, 1, ret_value)) {
	case RPC_MSG_OK:
		return OCF_SUCCESS;
	case RPC_MSG_NO_PROGRAM:
	case RPC_MSG_NO_VERSION:
		return ocf_fail(run, OCF_ERR_GENERIC,
				"who answers on port %u does not serve this version", port);
	case RPC_MSG_REFUSED:
		return ocf_fail(run, OCF_ERR_GENERIC, "port %u refuses the call", port);
	case RPC_MSG_BAD:
		break;
	}
	return ocf_fail(run, OCF_ERR_GENERIC, "port %u answers with what is no answer", port);
}

static int check_null(struct ocf_run *run, unsigned int port, uint32_t program, uint32_t version)
{
	const struct rpc_msg_call what = {1, program, version};
	unsigned char data[RPC_MSG_MAX];
	size_t len = rpc_msg_null(&what, data);

	return call(run, port, data, len, NULL);
}

/* By rpcbind, as clients find it. */
static int check_registered(struct ocf_run *run, const char *name, uint32_t program,
			    uint32_t version)
{
	const struct rpc_msg_call what = {.xid = 1};
	unsigned char data[RPC_MSG_MAX];
	size_t len = rpc_msg_getport(&what, program, version, data);
	uint32_t port = 0;
	int r = call(run, PORTMAP_PORT, data, len, &port);

	if (r != OCF_SUCCESS)
		return r;
	if (port == 0 || port > 65535)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"rpcbind does not know %s: was rpcbind started anew?", name);
	return check_null(run, port, program, version);
}

static int check_v3(struct ocf_run *run, unsigned int port)
{
	int r = check_null(run, port, RPC_PROGRAM_NFS, 3);

	if (r == OCF_SUCCESS)
		r = check_registered(run, "nfsd", RPC_PROGRAM_NFS, 3);
	if (r == OCF_SUCCESS)
		r = check_registered(run, "rpc.mountd", RPC_PROGRAM_MOUNT, 3);
	if (r == OCF_SUCCESS)
		r = check_registered(run, "rpc.statd", RPC_PROGRAM_STATUS, 1);
	return r;
}

int nfsserver_check(struct ocf_run *run, const struct nfsserver_seen *seen)
{
	CLEANUP_FREE char *portlist = NULL;
	unsigned int port;
	size_t len;
	int r = OCF_SUCCESS;

	if (host_read("/proc/fs/nfsd/portlist", PORTLIST_MAX, &portlist, &len) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "cannot read /proc/fs/nfsd/portlist");
	port = rpc_msg_nfsd_port(portlist);
	/* A server for RDMA or UDP alone. */
	if (!port)
		return OCF_SUCCESS;
	if (seen->server.serves_v4)
		r = check_null(run, port, RPC_PROGRAM_NFS, 4);
	if (r == OCF_SUCCESS && seen->server.serves_v3 && !ocf_bool(run, P_NFSV4_ONLY))
		r = check_v3(run, port);
	return r;
}
