/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network interfaces by name or number, setting one up, and entering a network namespace. Knows
 * nothing of addresses. */
#include "internal.h"
#include "rtnl-msg.h"
#include "rtnl.h"

#include <ctype.h>
#include <fcntl.h>
#include <haops/link.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>

#define NETNS_DIR "/run/netns"
#define NETNS_NAME_MAX 200

static int take_link(void *arg, const struct nlmsghdr *nlh)
{
	struct rtnl_link *link = arg;

	/* A link that cannot be read leaves the number 0. */
	if (rtnl_msg_parse_link(nlh, link) < 0)
		link->link.ifindex = 0;
	return 0;
}

static int get_link(struct rtnl *rtnl, int ifindex, const char *name, struct haops_link *ret_link)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct rtnl_link link = {0};
	int code;

	rtnl->what = "look an interface up";
	code = rtnl_get(rtnl, rtnl_msg_put_link_get(buf, ifindex, name), take_link, &link);
	if (code < 0)
		return code;
	if (!link.link.ifindex)
		return rtnl_fail(rtnl, -EIO, "the kernel's answer makes no sense");
	*ret_link = link.link;
	return 0;
}

/* Only what the kernel's own rule for names forbids (dev_valid_name), and what is too long. */
static bool is_name(const char *name)
{
	size_t len = name ? strnlen(name, RTNL_MSG_ALTNAME_MAX) : 0;

	if (len == 0 || len == RTNL_MSG_ALTNAME_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (const char *c = name; *c; c++) {
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return false;
	}
	return true;
}

int haops_link_get(struct haops_ctx *ctx, const char *name, int64_t deadline_ms,
		   struct haops_link *ret_link)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	int code;

	if (!ctx)
		return -EINVAL;
	if (!ret_link || !is_name(name))
		return haops_fail(ctx, EINVAL, "\"%.60s\" cannot be the name of an interface",
				  name ? name : "");
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	code = get_link(&rtnl, 0, name, ret_link);
	if (code < 0 && rtnl.refused == -ENODEV)
		return haops_fail(ctx, ENODEV, "there is no interface %s on this host", name);
	return code;
}

int haops_link_get_by_index(struct haops_ctx *ctx, int ifindex, int64_t deadline_ms,
			    struct haops_link *ret_link)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	int code;

	if (!ctx)
		return -EINVAL;
	if (!ret_link || ifindex < 1)
		return haops_fail(ctx, EINVAL, "%d cannot be the number of an interface", ifindex);
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	code = get_link(&rtnl, ifindex, NULL, ret_link);
	if (code < 0 && rtnl.refused == -ENODEV)
		return haops_fail(ctx, ENODEV, "there is no interface number %d on this host",
				  ifindex);
	return code;
}

static struct nlmsghdr *build_up(void *arg, size_t index, void *buf)
{
	const int *ifindex = arg;

	(void)index;
	return rtnl_msg_put_link_up(buf, *ifindex);
}

struct up_result {
	int ifindex;
	int code;
	char text[RTNL_MSG_TEXT_MAX];
};

static int ack_up(void *arg, size_t index, int code, const char *text)
{
	struct up_result *result = arg;

	(void)index;
	result->code = code;
	(void)snprintf(result->text, sizeof(result->text), "%s", text);
	return 0;
}

int haops_link_set_up(struct haops_ctx *ctx, int ifindex, int64_t deadline_ms)
{
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	struct up_result result = {.ifindex = ifindex};
	const struct rtnl_batch batch = {.count = 1,
					 .build = build_up,
					 .ack = ack_up,
					 .arg = &result};
	int code;

	if (!ctx)
		return -EINVAL;
	if (ifindex < 1)
		return haops_fail(ctx, EINVAL, "%d cannot be the number of an interface", ifindex);
	code = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (code < 0)
		return code;
	rtnl_be_strict(&rtnl);
	rtnl.what = "set an interface up";
	code = rtnl_run(&rtnl, &batch);
	if (code < 0 || result.code == 0)
		return code;
	if (result.code == -ENODEV)
		return haops_fail(ctx, ENODEV, "there is no interface number %d on this host",
				  ifindex);
	if (result.code == -EPERM)
		return haops_fail(ctx, EPERM, "cannot set interface number %d up: run as root",
				  ifindex);
	return rtnl_fail(&rtnl, result.code, result.text);
}

int haops_netns_enter(struct haops_ctx *ctx, const char *name)
{
	char path[sizeof(NETNS_DIR) + NETNS_NAME_MAX + 1];
	int fd, code;

	if (!ctx)
		return -EINVAL;
	if (!name || !*name || strnlen(name, NETNS_NAME_MAX + 1) > NETNS_NAME_MAX ||
	    strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return haops_fail(ctx, EINVAL,
				  "\"%.60s\" cannot be the name of a network namespace",
				  name ? name : "");
	(void)snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	fd = ctx->sys->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd == -ENOENT)
		return haops_fail(ctx, ENOENT,
				  "there is no network namespace %s: make it with \"ip netns add\"",
				  name);
	if (fd < 0)
		return haops_fail(ctx, fd == -EACCES ? EPERM : EIO, "cannot open %s: %s", path,
				  strerror(-fd));
	code = ctx->sys->setns(fd, CLONE_NEWNET);
	(void)ctx->sys->close(fd);
	if (code == -EINVAL)
		return haops_fail(ctx, EIO, "%s is no network namespace", path);
	if (code < 0)
		return haops_fail(ctx, code == -EPERM ? EPERM : EIO,
				  "cannot enter the network namespace %s: %s", name,
				  strerror(-code));
	return 0;
}
