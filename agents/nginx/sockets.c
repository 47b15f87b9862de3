/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads listening addresses and the tables of /proc/net, see sockets.h and proc_pid_net(5). */

#include "nginx/sockets.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_LISTEN 0x0A
#define UNIX_LISTENS 0x00010000 /* __SO_ACCEPTCON in the column Flags */

static bool parse_port(const char *text, uint16_t *ret_port)
{
	char *end;
	unsigned long port;

	if (text[0] < '0' || text[0] > '9')
		return false;
	port = strtoul(text, &end, 10);
	if (*end || port == 0 || port > 65535)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static bool copy_host(struct listen_addr *a, const char *text, size_t len)
{
	if (len >= sizeof(a->host))
		return false;
	memcpy(a->host, text, len);
	a->host[len] = '\0';
	return true;
}

static enum listen_kind kind_of(const char *host)
{
	struct in_addr v4;

	if (!host[0] || strcmp(host, "*") == 0)
		return LISTEN_ANY;
	return inet_pton(AF_INET, host, &v4) == 1 ? LISTEN_V4 : LISTEN_NAME;
}

static bool parse_v6(const char *text, struct listen_addr *a)
{
	const char *end = strchr(text, ']');
	struct in6_addr v6;

	if (!end || !copy_host(a, text, (size_t)(end - text)) ||
	    inet_pton(AF_INET6, a->host, &v6) != 1)
		return false;
	a->kind = LISTEN_V6;
	return end[1] == '\0' || (end[1] == ':' && parse_port(end + 2, &a->port));
}

bool listen_parse(const char *text, struct listen_addr *ret)
{
	struct listen_addr a;
	const char *colon = strrchr(text, ':');

	memset(&a, 0, sizeof(a));
	a.port = 80;
	if (strncmp(text, "unix:", 5) == 0) {
		a.kind = LISTEN_UNIX;
		if (text[5] != '/' || !copy_host(&a, text + 5, strlen(text + 5)))
			return false;
	} else if (text[0] == '[') {
		if (!parse_v6(text + 1, &a))
			return false;
	} else if (colon) {
		if (!copy_host(&a, text, (size_t)(colon - text)) || !parse_port(colon + 1, &a.port))
			return false;
		a.kind = kind_of(a.host);
	} else if (parse_port(text, &a.port)) {
		a.kind = LISTEN_ANY;
	} else {
		if (!text[0] || !copy_host(&a, text, strlen(text)))
			return false;
		a.kind = kind_of(a.host);
	}
	*ret = a;
	return true;
}

bool listen_is_any(const struct listen_addr *a)
{
	struct in6_addr v6;

	return a->kind == LISTEN_ANY || (a->kind == LISTEN_V4 && !strcmp(a->host, "0.0.0.0")) ||
	       (a->kind == LISTEN_V6 && inet_pton(AF_INET6, a->host, &v6) == 1 &&
		IN6_IS_ADDR_UNSPECIFIED(&v6));
}

/* local: the address in hexadecimal, each 32 bits as a number of this machine. */
static bool is_local(const char *local, const struct listen_addr *a)
{
	char wanted[33] = "00000000";
	struct in_addr v4;
	struct in6_addr v6;

	if (a->kind == LISTEN_V4 && inet_pton(AF_INET, a->host, &v4) == 1)
		(void)snprintf(wanted, sizeof(wanted), "%08X", v4.s_addr);
	else if (a->kind == LISTEN_V6 && inet_pton(AF_INET6, a->host, &v6) == 1)
		(void)snprintf(wanted, sizeof(wanted), "%08X%08X%08X%08X", v6.s6_addr32[0],
			       v6.s6_addr32[1], v6.s6_addr32[2], v6.s6_addr32[3]);
	else if (a->kind == LISTEN_NAME)
		return true; /* names are not resolved */
	return strcmp(local, wanted) == 0;
}

/* "  0: 0100007F:1F90 00000000:0000 0A tx:rx tr:when retr uid timeout inode ..." */
static unsigned long tcp_line(const char *line, const struct listen_addr *a)
{
	char local[33];
	unsigned int port;
	unsigned int state;
	unsigned long inode;

	if (sscanf(line, " %*u: %32[0-9A-F]:%4X %*32[0-9A-F]:%*4X %2X %*s %*s %*s %*u %*u %lu",
		   local, &port, &state, &inode) != 4)
		return 0;
	if (state != STATE_LISTEN || port != a->port || (a->is_exact && !is_local(local, a)))
		return 0;
	return inode;
}

/* "Num: RefCount Protocol Flags Type St Inode Path" */
static unsigned long unix_line(const char *line, const struct listen_addr *a)
{
	unsigned int flags;
	unsigned long inode;
	int end = 0;

	if (sscanf(line, "%*x: %*x %*x %x %*x %*x %lu %n", &flags, &inode, &end) != 2 || !end)
		return 0;
	if (!(flags & UNIX_LISTENS) || strncmp(line + end, a->host, strlen(a->host)) != 0)
		return 0;
	return line[(size_t)end + strlen(a->host)] == '\n' ? inode : 0;
}

size_t sockets_find(const char *table, const struct listen_addr *a, unsigned long *inodes,
		    size_t max)
{
	size_t count = 0;

	while (*table && count < max) {
		unsigned long inode =
			a->kind == LISTEN_UNIX ? unix_line(table, a) : tcp_line(table, a);

		if (inode)
			inodes[count++] = inode;
		table += strcspn(table, "\n");
		table += *table == '\n';
	}
	return count;
}
