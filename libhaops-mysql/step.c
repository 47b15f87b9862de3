/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps of a plan. */
#include "internal.h"
#include "plan.h"
#include "text.h"

#include <stdio.h>

int step_done(struct step *step)
{
	step->kind = STEP_DONE;
	return 0;
}

int step_refuse(struct step *step, int err, const char *fmt, ...)
{
	va_list args;

	step->kind = STEP_REFUSE;
	step->err = err;
	va_start(args, fmt);
	(void)vsnprintf(step->sentence, sizeof(step->sentence), fmt, args);
	va_end(args);
	return 0;
}

int step_pause(struct step *step, int64_t pause_ms, const char *fmt, ...)
{
	va_list args;

	step->kind = STEP_PAUSE;
	step->pause_ms = pause_ms;
	va_start(args, fmt);
	(void)vsnprintf(step->sentence, sizeof(step->sentence), fmt, args);
	va_end(args);
	return 0;
}

int step_set(struct step *step, char *text)
{
	step->kind = STEP_RUN;
	step->statement = text;
	step->changes = true;
	return text ? 0 : -ENOMEM;
}

int step_change(struct step *step, char *text)
{
	step->looks = true;
	return step_set(step, text);
}

int step_word(struct step *step, const struct view *view, enum word word)
{
	return step_change(step, strdup(view->dialect->words[word]));
}
