/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A member of a process group that a test drives: commands come in by lines, what happens goes out
 * as JSON, one object on each line. See usage() for the commands. */
#include <fcntl.h>
#include <haops/cluster.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define SENDERS_MAX 256
#define DISPATCH_MAX 64

struct sender {
	uint64_t incarnation;
	uint64_t count;
	uint64_t last_seq;
	uint64_t disorder; /* doubles, and numbers that went back */
};

struct driver {
	struct haops_ctx *ctx;
	struct haops_cluster *cluster;
	struct haops_cluster_options options;
	struct sender senders[SENDERS_MAX];
	uint64_t sent_ok;
	uint64_t sent_failed;
	int64_t longest_us; /* a dispatch */
	int64_t beat_ms;
	int64_t next_beat_ms;
	int64_t beats;
	bool is_ended;
};

static const char *const state_names[] = {"down", "silent", "joining", "up"};
static const char *const reason_names[] = {"left", "process-gone", "node-gone", "ghost"};
static const char *const bool_names[] = {"false", "true"};

static int64_t now_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void print_text(const char *key, const char *text, size_t len)
{
	printf(",\"%s\":\"", key);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == '"' || c == '\\' || c > 0x7e)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void begin(const char *event)
{
	printf("{\"event\":\"%s\",\"t\":%" PRId64, event, now_us() / 1000);
}

static void print_member(const struct haops_cluster_member *member)
{
	printf("\"nodeid\":%u,\"pid\":%u,\"incarnation\":\"%016" PRIx64 "\",\"in_ring\":%s",
	       member->nodeid, member->pid, member->incarnation, bool_names[member->is_in_ring]);
	print_text("name", member->name, strlen(member->name));
}

static void print_votes(const struct haops_cluster_view *view)
{
	printf(",\"two_node\":%s,\"qdevice\":%s,\"wait_for_all\":%s,\"expected_votes\":%u,"
	       "\"total_votes\":%u,\"quorum\":%u,\"token_ms\":%u,\"consensus_ms\":%u",
	       bool_names[view->is_two_node], bool_names[view->has_qdevice],
	       bool_names[view->waits_for_all], view->expected_votes, view->total_votes,
	       view->quorum, view->token_ms, view->consensus_ms);
}

static void on_view(void *userdata, const struct haops_cluster_view *view)
{
	(void)userdata;
	begin("view");
	printf(",\"state\":\"%s\",\"nodeid\":%u,\"incarnation\":\"%016" PRIx64
	       "\",\"ring\":\"%u.%" PRIu64 "\",\"quorum_ring\":\"%u.%" PRIu64
	       "\",\"quorate\":%s,\"settled\":%s",
	       state_names[view->state], view->nodeid, view->incarnation, view->ring.nodeid,
	       view->ring.seq, view->quorum_ring.nodeid, view->quorum_ring.seq,
	       bool_names[view->is_quorate], bool_names[view->is_settled]);
	print_votes(view);
	print_text("trouble", view->trouble, strlen(view->trouble));
	printf(",\"nodes\":[");
	for (size_t i = 0; i < view->ring_count; i++)
		printf("%s%u", i ? "," : "", view->ring_nodes[i]);
	printf("],\"members\":[");
	for (size_t i = 0; i < view->member_count; i++) {
		printf("%s{", i ? "," : "");
		print_member(&view->members[i]);
		putchar('}');
	}
	printf("]}\n");
}

static void on_joined(void *userdata, const struct haops_cluster_member *member)
{
	(void)userdata;
	begin("joined");
	putchar(',');
	print_member(member);
	printf("}\n");
}

static void on_left(void *userdata, const struct haops_cluster_member *member,
		    enum haops_cluster_reason reason)
{
	(void)userdata;
	begin("left");
	printf(",\"reason\":\"%s\",", reason_names[reason]);
	print_member(member);
	printf("}\n");
}

static void count_message(struct driver *driver, const struct haops_cluster_message *message)
{
	struct sender *sender = driver->senders;

	while (sender < driver->senders + SENDERS_MAX && sender->incarnation &&
	       sender->incarnation != message->incarnation)
		sender++;
	if (sender == driver->senders + SENDERS_MAX)
		return;
	sender->incarnation = message->incarnation;
	sender->disorder += message->seq <= sender->last_seq;
	sender->last_seq = message->seq;
	sender->count++;
}

/* What begins with # is counted only. */
static void on_message(void *userdata, const struct haops_cluster_message *message)
{
	count_message(userdata, message);
	if (message->len && *(const char *)message->data == '#')
		return;
	begin("message");
	printf(",\"nodeid\":%u,\"pid\":%u,\"incarnation\":\"%016" PRIx64 "\",\"seq\":%" PRIu64
	       ",\"own\":%s,\"quorate\":%s,\"took_ms\":%" PRId64,
	       message->nodeid, message->pid, message->incarnation, message->seq,
	       bool_names[message->is_own], bool_names[message->is_quorate],
	       message->received_ms - message->sent_ms);
	print_text("text", message->data, message->len < 64 ? message->len : 64);
	printf("}\n");
}

static void on_sent(void *userdata, uint64_t seq, int result)
{
	struct driver *driver = userdata;

	driver->sent_ok += result == 0;
	driver->sent_failed += result != 0;
	if (driver->options.queue_max)
		return;
	begin("sent");
	printf(",\"seq\":%" PRIu64 ",\"result\":%d}\n", seq, result);
}

static void on_links(void *userdata, const struct haops_cluster_link *links, size_t count)
{
	(void)userdata;
	begin("links");
	printf(",\"links\":[");
	for (size_t i = 0; i < count; i++)
		printf("%s{\"nodeid\":%u,\"link\":%u,\"enabled\":%s,\"connected\":%s,"
		       "\"latency_us\":%u,\"down_count\":%u,\"local_address\":\"%s\"}",
		       i ? "," : "", links[i].nodeid, links[i].link,
		       bool_names[links[i].is_enabled], bool_names[links[i].is_connected],
		       links[i].latency_us, links[i].down_count, links[i].local_address);
	printf("]}\n");
}

static void on_log(void *userdata, enum haops_log_level level, const char *message)
{
	(void)userdata;
	if (level > HAOPS_LOG_WARNING)
		return;
	begin("log");
	print_text("text", message, strlen(message));
	printf("}\n");
}

static void do_join(struct driver *driver, const char *arg)
{
	const struct haops_cluster_handlers handlers = {.view = on_view,
							.joined = on_joined,
							.left = on_left,
							.message = on_message,
							.sent = on_sent,
							.links = on_links};
	int r;

	(void)arg;
	r = haops_cluster_join(driver->ctx, &driver->options, &handlers, driver, &driver->cluster);
	begin("join");
	printf(",\"result\":%d}\n", r);
}

static void do_leave(struct driver *driver, const char *arg)
{
	int64_t began_us = now_us();
	int r;

	if (!driver->cluster)
		return;
	r = haops_cluster_leave(driver->cluster,
				haops_deadline_after(driver->ctx, strtol(arg, NULL, 10)));
	driver->cluster = NULL;
	begin("leave");
	printf(",\"result\":%d,\"took_ms\":%" PRId64 "}\n", r, (now_us() - began_us) / 1000);
}

static int send_text(struct driver *driver, const char *text, unsigned int flags, uint64_t *ret_seq)
{
	*ret_seq = 0;
	return haops_cluster_send(driver->cluster, text, strlen(text), flags, ret_seq);
}

static void do_send(struct driver *driver, const char *arg)
{
	uint64_t seq;
	int r = send_text(driver, arg, 0, &seq);

	begin("send");
	printf(",\"seq\":%" PRIu64 ",\"result\":%d}\n", seq, r);
}

static void do_volatile(struct driver *driver, const char *arg)
{
	uint64_t seq;
	int r = send_text(driver, arg, HAOPS_CLUSTER_VOLATILE, &seq);

	begin("send");
	printf(",\"seq\":%" PRIu64 ",\"result\":%d}\n", seq, r);
}

/* flood COUNT BYTES: as many as are accepted at once. */
static void do_flood(struct driver *driver, const char *arg)
{
	static char data[HAOPS_CLUSTER_MESSAGE_MAX];
	char *rest = NULL;
	long count = strtol(arg, &rest, 10), accepted = 0;
	size_t len = (size_t)strtol(rest, NULL, 10);
	int r = 0;

	memset(data, '#', sizeof(data));
	while (accepted < count && r == 0) {
		r = haops_cluster_send(driver->cluster, data, len < sizeof(data) ? len : 1, 0,
				       NULL);
		accepted += r == 0;
	}
	begin("flood");
	printf(",\"accepted\":%ld,\"result\":%d}\n", accepted, r);
}

static void do_links(struct driver *driver, const char *arg)
{
	int r = haops_cluster_ask_links(driver->cluster);

	(void)arg;
	if (r < 0) {
		begin("links");
		printf(",\"result\":%d}\n", r);
	}
}

/* Figure of a line of /proc/self/status. */
static long status_line(const char *key)
{
	char line[256];
	long figure = -1;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			figure = strtol(line + strlen(key), NULL, 10);
	if (file)
		(void)fclose(file);
	return figure;
}

static void do_stats(struct driver *driver, const char *arg)
{
	struct rusage usage = {0};
	unsigned int fds = 0;

	(void)arg;
	(void)getrusage(RUSAGE_SELF, &usage);
	for (int fd = 0; fd < 1024; fd++)
		fds += fcntl(fd, F_GETFD) >= 0;
	begin("stats");
	printf(",\"cpu_ms\":%ld,\"rss_kb\":%ld,\"threads\":%ld,\"fds\":%u,\"longest_us\":%" PRId64
	       ",\"stuck_ms\":%" PRId64 ",\"sent_ok\":%" PRIu64 ",\"sent_failed\":%" PRIu64
	       ",\"beats\":%" PRId64 "}\n",
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
	       status_line("VmRSS:"), status_line("Threads:"), fds, driver->longest_us,
	       driver->cluster ? haops_cluster_stuck_ms(driver->cluster) : 0, driver->sent_ok,
	       driver->sent_failed, driver->beats);
}

static void do_counts(struct driver *driver, const char *arg)
{
	const char *comma = "";

	(void)arg;
	begin("counts");
	printf(",\"senders\":{");
	for (size_t i = 0; i < SENDERS_MAX && driver->senders[i].incarnation; i++) {
		const struct sender *sender = &driver->senders[i];

		printf("%s\"%016" PRIx64 "\":[%" PRIu64 ",%" PRIu64 "]", comma, sender->incarnation,
		       sender->count, sender->disorder);
		comma = ",";
	}
	printf("}}\n");
}

static void do_beat(struct driver *driver, const char *arg)
{
	driver->beat_ms = strtol(arg, NULL, 10);
	driver->next_beat_ms = now_us() / 1000;
}

/* The caller who does not come. */
static void do_stall(struct driver *driver, const char *arg)
{
	(void)driver;
	(void)poll(NULL, 0, (int)strtol(arg, NULL, 10));
	begin("stalled");
	printf("}\n");
}

static void do_quit(struct driver *driver, const char *arg)
{
	(void)arg;
	driver->is_ended = true;
}

static const struct {
	const char *word;
	void (*run)(struct driver *driver, const char *arg);
	bool is_for_member;
} commands[] = {
	{"join", do_join, false},	 {"leave", do_leave, true},    {"send", do_send, true},
	{"volatile", do_volatile, true}, {"flood", do_flood, true},    {"links", do_links, true},
	{"stats", do_stats, false},	 {"counts", do_counts, false}, {"beat", do_beat, false},
	{"stall", do_stall, false},	 {"quit", do_quit, false},
};

static void run_command(struct driver *driver, char *line)
{
	char *arg = strchr(line, ' ');

	if (arg)
		*arg++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].word, line))
			continue;
		if (driver->cluster || !commands[i].is_for_member)
			commands[i].run(driver, arg ? arg : "");
		return;
	}
	fprintf(stderr, "cluster-driver: no command %s\n", line);
}

static void dispatch(struct driver *driver)
{
	int64_t began_us = now_us();
	int64_t took_us;

	(void)haops_cluster_dispatch(driver->cluster, DISPATCH_MAX);
	took_us = now_us() - began_us;
	if (took_us > driver->longest_us)
		driver->longest_us = took_us;
}

static void beat(struct driver *driver)
{
	uint64_t seq;

	if (!driver->cluster || !driver->beat_ms || now_us() / 1000 < driver->next_beat_ms)
		return;
	driver->next_beat_ms += driver->beat_ms;
	driver->beats += send_text(driver, "#beat", HAOPS_CLUSTER_VOLATILE, &seq) == 0;
}

static void take_input(struct driver *driver)
{
	static char buf[LINE_MAX_BYTES];
	static size_t len;
	ssize_t got = read(STDIN_FILENO, buf + len, sizeof(buf) - 1 - len);
	char *end;

	if (got <= 0) {
		driver->is_ended = true;
		return;
	}
	len += (size_t)got;
	while ((end = memchr(buf, '\n', len))) {
		size_t used = (size_t)(end - buf) + 1;

		*end = '\0';
		run_command(driver, buf);
		len -= used;
		memmove(buf, buf + used, len);
	}
	if (len == sizeof(buf) - 1)
		driver->is_ended = true;
}

static int usage(void)
{
	fprintf(stderr, "usage: cluster-driver GROUP [QUEUE_MAX [SILENT_MS]]\n"
			"commands on standard input: join, leave MS, send TEXT, volatile TEXT,\n"
			"flood COUNT BYTES, links, stats, counts, beat MS, stall MS, quit\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct driver driver;
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};

	if (argc < 2 || argc > 4)
		return usage();
	driver.options.group = argv[1];
	if (argc > 2)
		driver.options.queue_max = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		driver.options.silent_ms = (uint32_t)strtoul(argv[3], NULL, 10);
	if (haops_ctx_new(&driver.ctx) < 0)
		return 1;
	haops_ctx_set_log(driver.ctx, HAOPS_LOG_WARNING, on_log, NULL);
	do_join(&driver, "");
	while (!driver.is_ended) {
		fflush(stdout);
		fds[1].fd = driver.cluster ? haops_cluster_fd(driver.cluster) : -1;
		if (poll(fds, 2, driver.beat_ms ? (int)driver.beat_ms : -1) > 0 && fds[0].revents)
			take_input(&driver);
		if (driver.cluster && fds[1].revents)
			dispatch(&driver);
		beat(&driver);
	}
	do_leave(&driver, "2000");
	haops_ctx_free(driver.ctx);
	return 0;
}
