/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes as a sequence of datagrams (two bytes of length, then so many) to a query of
 * addresses: it ends, and it has an answer exactly when it says so. */

#include "internal.h"

#include <haops/vip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *left;
static size_t left_len;

static int fuzz_socket(int domain, int type, int protocol)
{
	return domain + type + protocol;
}

static ssize_t fuzz_sendto(int fd, const void *data, size_t len, int flags,
			   const struct sockaddr *addr, socklen_t addr_len)
{
	(void)fd, (void)data, (void)flags, (void)addr, (void)addr_len;
	return left_len ? (ssize_t)len : -ENOTCONN;
}

static ssize_t fuzz_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			     socklen_t *addr_len)
{
	size_t got;

	(void)fd, (void)flags, (void)addr, (void)addr_len;
	if (left_len < 2)
		return -ECONNRESET;
	got = (size_t)(left[0] | left[1] << 8);
	if (got > left_len - 2)
		got = left_len - 2;
	memcpy(buf, left + 2, got < len ? got : len);
	left += got + 2;
	left_len -= got + 2;
	return (ssize_t)got;
}

static int fuzz_close(int fd)
{
	return fd < 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct haops_sys sys = haops_sys_linux;
	struct haops_addr addr = {AF_INET, {192, 0, 2, 9}};
	struct haops_vip_found found = {.state = HAOPS_VIP_UNKNOWN};
	struct haops_ctx *ctx = NULL;
	int code;

	if (haops_ctx_new(&ctx) < 0)
		abort();
	sys.socket = fuzz_socket;
	sys.sendto = fuzz_sendto;
	sys.recvfrom = fuzz_recvfrom;
	sys.close = fuzz_close;
	haops_ctx_set_sys(ctx, &sys);
	left = data;
	left_len = size;
	code = haops_vip_query(ctx, &addr, 1, 0, INT64_MAX / 1000000, &found);
	if ((code == 0) != (found.state != HAOPS_VIP_UNKNOWN))
		abort();
	(void)haops_ctx_free(ctx);
	return 0;
}
