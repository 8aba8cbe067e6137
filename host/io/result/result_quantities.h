/* The numbers of a result that a column of a sweep's table, a fit or a figure can be about, by
 * their paths in result.json ("exit_steps.mean"). */
#ifndef ESC_RESULT_QUANTITIES_H
#define ESC_RESULT_QUANTITIES_H

#include <stdbool.h>

#include "escapement/escapement.h"

/* The longest name of a quantity, its end included. */
enum { ESC_QUANTITY_NAME = 128 };

/* Calls visit for each of them, in the order of result.json. A value without an interval has NaN
 * for its ends; the name lives during the call. */
typedef void esc_quantity_visit(void *context, const char *name, esc_estimate value);
void esc_quantities_visit(const esc_report *report, esc_quantity_visit *visit, void *context);

/* Whether results of an experiment have a quantity of that name. */
bool esc_quantity_known(const esc_experiment *experiment, const char *name);

#endif
