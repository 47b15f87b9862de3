/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints each tenth of a second what the clock says, and how long the processors have been idle
 * since the boot, in seconds. Ends when nobody reads it. */

#include <stdio.h>
#include <time.h>

#define EACH_NS 100000000L

int main(void)
{
	const struct timespec pause = {.tv_nsec = EACH_NS};
	struct timespec now;
	double up, idle;

	for (;;) {
		FILE *file = fopen("/proc/uptime", "re");

		if (!file || fscanf(file, "%lf %lf", &up, &idle) != 2 || fclose(file) != 0)
			return 1;
		(void)clock_gettime(CLOCK_REALTIME, &now);
		if (printf("%lld.%03ld %.2f\n", (long long)now.tv_sec, now.tv_nsec / 1000000,
			   idle) < 0 ||
		    fflush(stdout) != 0)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
}
