/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LOOKER_PROTOCOL_H
#define HAOPSD_LOOKER_PROTOCOL_H

/*
 * Between haopsd and a helper that looks at one watched thing, by prober/prober.h: asked by a byte,
 * answered by this struct.
 */

#include <stdint.h>

/* How it is, within LOOK_MS. */
#define LOOK_ASK 'q'
/* Once more, to confirm a fault: within LOOK_AGAIN_MS. */
#define LOOK_AGAIN 'a'

#define LOOK_MS 3000
#define LOOK_AGAIN_MS 1500

/* Of a sentence, in bytes with the NUL. */
#define LOOK_TEXT_MAX 200

enum look_verdict {
	LOOK_UNKNOWN, /* the text says why; "": not to be told, it passes or becomes a fault */
	LOOK_FINE,
	LOOK_FAULT, /* the text is the reason */
	LOOK_IDLE, /* the same: a database is well, but does not replicate; a monitor can mend it */
	LOOK_STUCK /* the text is to be told; it is fine otherwise */
};

struct look_answer {
	int32_t verdict; /* enum look_verdict */
	char text[LOOK_TEXT_MAX];
};

#endif
