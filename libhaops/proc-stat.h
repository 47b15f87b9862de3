/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_PROC_STAT_H
#define HAOPS_PROC_STAT_H

#include <haops/process.h>

/*
 * Reads the text of /proc/PID/stat (proc(5)) into pid, ppid, pgid, sid, state and start_ticks; the
 * other members are left alone. The program's name in it may hold blanks and parentheses.
 * 0, or -EINVAL when the text is none.
 */
int proc_stat_parse(const char *text, struct haops_process *process);

/* Turns the content of /proc/PID/cmdline, len bytes with NULs between, into text with blanks;
 * control characters become '?'. */
void proc_cmdline_format(const char *data, size_t len, char ret_text[HAOPS_PROCESS_TEXT_MAX]);

/* Cuts " (deleted)" off the target of /proc/PID/exe; true when it was there. */
bool proc_exe_cut_deleted(char *path);

#endif
