/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets and clock for the talk between haopsd and its helper. Decides nothing, never waits.
 */
#include "system.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000

int pcmk_system_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

int pcmk_system_send(int fd, const struct packet *packet)
{
	uint8_t data[PACKET_BYTES_MAX];
	int len = packet_encode(packet, data, sizeof(data));
	ssize_t sent;

	if (len < 0)
		return len;
	do {
		sent = send(fd, data, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int pcmk_system_receive(int fd, struct packet *ret_packet)
{
	/* One byte more than a packet has, so that a longer one is seen to be longer. */
	uint8_t data[PACKET_BYTES_MAX + 1];
	ssize_t len;
	int r;

	do {
		len = recv(fd, data, sizeof(data), MSG_DONTWAIT);
	} while (len < 0 && errno == EINTR);
	if (len <= 0)
		return len < 0 ? -errno : 0;
	r = packet_decode(data, (size_t)len, ret_packet);
	return r < 0 ? -EBADMSG : 1;
}

int64_t pcmk_system_boottime_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

uint64_t pcmk_system_random(void)
{
	uint64_t number = 0;

	/* Fails only before the kernel's pool is filled, which is long over when a cluster runs. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = ((uint64_t)getpid() << 32) ^ (uint64_t)pcmk_system_boottime_ms();
	return number ? number : 1;
}
