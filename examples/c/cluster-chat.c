/* SPDX-License-Identifier: 0BSD */
/* A chat between the nodes of a Corosync cluster: each line of standard input goes to all members
 * of a group, ourselves included. Tells who comes and goes, and how the cluster is. Ends with its
 * input; 0: left in order, 1: failed, 2: wrong argument. */

#include <haops/cluster.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LEAVE_MS 2000
#define EVENTS_MAX 64

static void on_view(void *userdata, const struct haops_cluster_view *view)
{
	static const char *const states[] = {"down", "silent", "joining", "up"};

	(void)userdata;
	printf("-- %s, %zu in the group, %s%s\n", states[view->state], view->member_count,
	       view->is_quorate && view->is_settled ? "quorate" : "not quorate or not settled",
	       view->is_two_node && !view->has_qdevice ? " (two nodes: each half would be)" : "");
	if (view->trouble[0])
		printf("-- %s\n", view->trouble);
}

static void on_joined(void *userdata, const struct haops_cluster_member *member)
{
	(void)userdata;
	printf("-- %s (node %u) is here\n", member->name, member->nodeid);
}

static void on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	static const char *const reasons[] = {"said goodbye", "its process ended",
					      "its node is gone", "only a ghost of it is left"};

	(void)userdata;
	printf("-- %s (node %u) left: %s\n", member->name, member->nodeid, reasons[reason]);
}

static void on_message(void *userdata, const struct haops_cluster_message *message)
{
	(void)userdata;
	printf("%u%s: %.*s\n", message->nodeid, message->is_own ? " (we)" : "", (int)message->len,
	       (const char *)message->data);
}

/* Reads a line and sends it; 0 at the end of the input. */
static int say(struct haops_ctx *ctx, struct haops_cluster *cluster)
{
	char line[256];
	ssize_t len = read(STDIN_FILENO, line, sizeof(line)); /* a terminal gives lines */

	if (len <= 0)
		return 0;
	len -= line[len - 1] == '\n';
	if (haops_cluster_send(cluster, line, (size_t)len, 0, NULL) < 0)
		fprintf(stderr, "cluster-chat: %s\n", haops_ctx_error(ctx));
	return 1;
}

int main(int argc, char **argv)
{
	const struct haops_cluster_options options = {.group = argc == 2 ? argv[1] : ""};
	const struct haops_cluster_handlers handlers = {.view = on_view,
							.joined = on_joined,
							.left = on_left,
							.message = on_message};
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
	struct haops_cluster *cluster;
	struct haops_ctx *ctx;
	int is_on = 1, r;

	if (argc != 2) {
		fprintf(stderr, "usage: cluster-chat GROUP\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0)
		return 1;
	r = haops_cluster_join(ctx, &options, &handlers, NULL, &cluster);
	if (r == 0) {
		fds[1].fd = haops_cluster_fd(cluster);
		while (is_on && fflush(stdout) == 0 && poll(fds, 2, -1) > 0) {
			if (fds[1].revents)
				haops_cluster_dispatch(cluster, EVENTS_MAX);
			if (fds[0].revents)
				is_on = say(ctx, cluster);
		}
		r = haops_cluster_leave(cluster, haops_deadline_after(ctx, LEAVE_MS));
	}
	if (r < 0)
		fprintf(stderr, "cluster-chat: %s\n", haops_ctx_error(ctx));
	haops_ctx_free(ctx);
	return r < 0;
}
