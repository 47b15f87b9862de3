/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_RPC_MSG_H
#define NFSSERVER_RPC_MSG_H

/* Calls of ONC RPC (RFC 5531) over a stream and what comes back, and rpcbind's "which port"
 * (RFC 1833, version 2). Pure. */

#include <stddef.h>
#include <stdint.h>

#define RPC_MSG_MAX 512
#define RPC_PROGRAM_PORTMAP 100000U
#define RPC_PROGRAM_NFS 100003U
#define RPC_PROGRAM_MOUNT 100005U
#define RPC_PROGRAM_STATUS 100024U

struct rpc_msg_call {
	uint32_t xid;
	uint32_t program;
	uint32_t version;
};

enum rpc_msg_answer {
	RPC_MSG_OK,	    /* it serves this version */
	RPC_MSG_NO_PROGRAM, /* whoever answers does not have the program */
	RPC_MSG_NO_VERSION, /* or not in this version */
	RPC_MSG_REFUSED,    /* another refusal */
	RPC_MSG_BAD	    /* no answer to this call */
};

/* A call of procedure 0, which does nothing. The length of what is in buf. */
size_t rpc_msg_null(const struct rpc_msg_call *call, unsigned char buf[RPC_MSG_MAX]);
/* A call of rpcbind for the TCP port of a program. xid is the only member of call that counts. */
size_t rpc_msg_getport(const struct rpc_msg_call *call, uint32_t program, uint32_t version,
		       unsigned char buf[RPC_MSG_MAX]);
/* Reads an answer with its record mark. ret_value: the first number of the result, or 0; may be
 * NULL. */
enum rpc_msg_answer rpc_msg_parse(const unsigned char *data, size_t len, uint32_t xid,
				  uint32_t *ret_value);

/* The first TCP port of /proc/fs/nfsd/portlist, or 0. */
unsigned int rpc_msg_nfsd_port(const char *portlist);

#endif
