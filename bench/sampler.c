/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints each tenth of a second what the clock says, how long the processors have been idle since
 * the boot, in seconds, and how many bytes the NFS server was given to write. Ends when nobody
 * reads it. */

#include <stdio.h>
#include <time.h>

#define EACH_NS 100000000L
#define LINE_SIZE 4096

static int read_idle(double *ret_idle)
{
	FILE *file = fopen("/proc/uptime", "re");
	double up;
	int count;

	if (!file)
		return -1;
	count = fscanf(file, "%lf %lf", &up, ret_idle);
	(void)fclose(file);
	return count == 2 ? 0 : -1;
}

/* None before the server's module is loaded. */
static unsigned long long read_written(void)
{
	FILE *file = fopen("/proc/net/rpc/nfsd", "re");
	unsigned long long written = 0;
	char line[LINE_SIZE];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "io %*u %llu", &written) == 1)
			break;
	if (file)
		(void)fclose(file);
	return written;
}

int main(void)
{
	const struct timespec pause = {.tv_nsec = EACH_NS};
	struct timespec now;
	double idle;

	while (read_idle(&idle) == 0) {
		(void)clock_gettime(CLOCK_REALTIME, &now);
		if (printf("%lld.%03ld %.2f %llu\n", (long long)now.tv_sec, now.tv_nsec / 1000000,
			   idle, read_written()) < 0 ||
		    fflush(stdout) != 0)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return 1;
}
