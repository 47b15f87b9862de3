/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes calls of ONC RPC and reads the answers, see rpc-msg.h. */

#include "nfsserver/rpc-msg.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LAST_FRAGMENT 0x80000000U
#define RPC_VERSION 2U
#define MSG_CALL 0U
#define MSG_REPLY 1U
#define PROC_GETPORT 3U
#define PROTO_TCP 6U
#define VERIFIER_MAX 400U

static size_t put(unsigned char *buf, size_t at, uint32_t value)
{
	buf[at] = (unsigned char)(value >> 24);
	buf[at + 1] = (unsigned char)(value >> 16);
	buf[at + 2] = (unsigned char)(value >> 8);
	buf[at + 3] = (unsigned char)value;
	return at + 4;
}

static uint32_t get(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* Behind the record mark, which finish() writes. */
static size_t begin(const struct rpc_msg_call *call, uint32_t procedure, unsigned char *buf)
{
	const uint32_t words[] =
		{call->xid, MSG_CALL, RPC_VERSION, call->program, call->version, procedure, 0, 0,
		 0,	    0};
	size_t at = 4;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		at = put(buf, at, words[i]);
	return at;
}

static size_t finish(unsigned char *buf, size_t len)
{
	(void)put(buf, 0, LAST_FRAGMENT | (uint32_t)(len - 4));
	return len;
}

size_t rpc_msg_null(const struct rpc_msg_call *call, unsigned char buf[RPC_MSG_MAX])
{
	return finish(buf, begin(call, 0, buf));
}

size_t rpc_msg_getport(const struct rpc_msg_call *call, uint32_t program, uint32_t version,
		       unsigned char buf[RPC_MSG_MAX])
{
	const struct rpc_msg_call portmap = {call->xid, RPC_PROGRAM_PORTMAP, 2};
	size_t at = begin(&portmap, PROC_GETPORT, buf);

	at = put(buf, at, program);
	at = put(buf, at, version);
	at = put(buf, at, PROTO_TCP);
	at = put(buf, at, 0);
	return finish(buf, at);
}

/* accept_stat of RFC 5531. */
static enum rpc_msg_answer accepted(uint32_t status)
{
	switch (status) {
	case 0:
		return RPC_MSG_OK;
	case 1:
		return RPC_MSG_NO_PROGRAM;
	case 2:
		return RPC_MSG_NO_VERSION;
	default:
		return RPC_MSG_REFUSED;
	}
}

enum rpc_msg_answer rpc_msg_parse(const unsigned char *data, size_t len, uint32_t xid,
				  uint32_t *ret_value)
{
	enum rpc_msg_answer answer;
	size_t at = 16;
	uint32_t verifier;

	if (ret_value)
		*ret_value = 0;
	/* Mark, xid, kind, and whether it was accepted. */
	if (len < 16 || (get(data) & ~LAST_FRAGMENT) != len - 4 || get(data + 4) != xid ||
	    get(data + 8) != MSG_REPLY)
		return RPC_MSG_BAD;
	if (get(data + 12) != 0)
		return RPC_MSG_REFUSED;
	if (len < at + 8)
		return RPC_MSG_BAD;
	verifier = get(data + at + 4);
	if (verifier > VERIFIER_MAX || len < at + 12 + verifier)
		return RPC_MSG_BAD;
	at += 8 + ((verifier + 3) & ~UINT32_C(3));
	if (len < at + 4)
		return RPC_MSG_BAD;
	answer = accepted(get(data + at));
	if (answer == RPC_MSG_OK && ret_value && len >= at + 8)
		*ret_value = get(data + at + 4);
	return answer;
}

unsigned int rpc_msg_nfsd_port(const char *portlist)
{
	while (*portlist) {
		size_t len = strcspn(portlist, "\n");

		if (strncmp(portlist, "tcp ", 4) == 0) {
			unsigned long port = strtoul(portlist + 4, NULL, 10);

			return port > 0 && port < 65536 ? (unsigned int)port : 0;
		}
		portlist += len + (portlist[len] == '\n');
	}
	return 0;
}
