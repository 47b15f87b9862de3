/* SPDX-License-Identifier: 0BSD */
/* Lists who is connected to a port of an address of this host; or, on the host that has taken the
 * address over, makes one of them connect anew at once. */

#include <errno.h>
#include <haops/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000

static int list(struct haops_ctx *ctx, const struct haops_addr *addr, uint16_t port)
{
	struct haops_tcp_connection *found;
	char text[HAOPS_ADDR_TEXT_MAX];
	size_t count;
	int r = haops_tcp_list(ctx, addr, 1, port, haops_deadline_after(ctx, TIMEOUT_MS), &found,
			       &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		printf("%s %u\n", haops_addr_format(&found[i].peer, text),
		       (unsigned int)found[i].peer_port);
	free(found);
	return 0;
}

static int tickle(struct haops_ctx *ctx, const struct haops_addr *addr, uint16_t port,
		  char *const *peer)
{
	struct haops_tcp_connection connection = {.local = *addr, .local_port = port};
	int r = haops_addr_parse(ctx, peer[0], &connection.peer);

	connection.peer_port = (uint16_t)strtoul(peer[1], NULL, 10);
	return r < 0 ? r : haops_tcp_tickle(ctx, &connection, 1, NULL);
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	struct haops_addr addr;
	uint16_t port;
	int r;

	if ((argc != 4 || strcmp(argv[1], "list") != 0) &&
	    (argc != 6 || strcmp(argv[1], "tickle") != 0)) {
		fprintf(stderr, "usage: tcp-clients list ADDRESS PORT\n"
				"       tcp-clients tickle ADDRESS PORT PEER PEER_PORT\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0)
		return 1;
	port = (uint16_t)strtoul(argv[3], NULL, 10);
	r = haops_addr_parse(ctx, argv[2], &addr);
	if (r == 0)
		r = argc == 4 ? list(ctx, &addr, port) : tickle(ctx, &addr, port, argv + 4);
	if (r < 0)
		fprintf(stderr, "tcp-clients: %s\n", haops_ctx_error(ctx));
	haops_ctx_free(ctx);
	return r == 0 ? 0 : r == -EINVAL ? 2 : r == -ETIMEDOUT ? 3 : 1;
}
