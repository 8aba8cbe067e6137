/* The numbers of a solution: a list that grows, and what becomes of it. */
#include "host/theory/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void esc_numbers_put(esc_numbers *to, double value, double deviation, int64_t step, const char *of)
{
  if (to->count == to->capacity) {
    const int capacity = to->capacity ? 2 * to->capacity : 64;
    esc_number *const at = realloc(to->at, (size_t)capacity * sizeof *at);
    to->out_of_memory |= !at;
    if (!at)
      return;
    to->at = at;
    to->capacity = capacity;
  }
  esc_number *const number = &to->at[to->count++];
  *number = (esc_number){.step = step, .value = value, .deviation = deviation};
  snprintf(number->of, sizeof number->of, "%s", of);
}

void esc_numbers_put_share(esc_numbers *to, double share, int64_t step, const char *format,
                           const char *name)
{
  char of[96];
  const double p = fmin(fmax(share, 0.0), 1.0);
  snprintf(of, sizeof of, format, name);
  esc_numbers_put(to, p, sqrt(p * (1.0 - p)), step, of);
  if (!to->out_of_memory)
    to->at[to->count - 1].share = 1;
}

/* The difference of two orders, and what rounding leaves of a time of so many steps. */
static double error_of(const esc_number *high, const esc_number *low, const esc_numbers *numbers)
{
  const double rounding = 1e-15 * (10.0 + numbers->longest);
  const double lost =
      fmax(numbers->lost, 0.0) * (fabs(high->value) > 1.0 ? fabs(high->value) : 1.0);
  return fabs(high->value - low->value) + rounding * (high->share ? 1.0 : fabs(high->value)) + lost;
}

/* The same number of the other solution, in the same order; NULL where that lacks it. */
static const esc_number *counterpart(const esc_numbers *low, const esc_number *high, int *from)
{
  for (int k = *from; k < low->count; k++)
    if (low->at[k].step == high->step && strcmp(low->at[k].of, high->of) == 0) {
      *from = k + 1;
      return &low->at[k];
    }
  return NULL;
}

/* That none of the trajectories will be running or have diverged is no prediction worth a z. */
static int is_never(const esc_number *number, const esc_subject *subject)
{
  const double expected = number->value * (double)subject->experiment->trajectories;
  return expected < 1e-3 && (strcmp(number->of, "outcomes.running.fraction") == 0 ||
                             strcmp(number->of, "outcomes.diverged.fraction") == 0);
}

void esc_numbers_say(const esc_subject *subject, const esc_numbers *high, const esc_numbers *low,
                     esc_predictions *to)
{
  int from = 0;
  const int clean = high->diverged < 1e-12; /* times are null where any diverged */
  for (int k = 0; k < high->count; k++) {
    const esc_number *const number = &high->at[k];
    const esc_number *const other = counterpart(low, number, &from);
    const double error = other ? error_of(number, other, high) : (double)NAN;
    const int time = strncmp(number->of, "exit_steps.", 11) == 0 && !strstr(number->of, "exited") &&
                     !strstr(number->of, "factor");
    if (is_never(number, subject))
      continue;
    if (!(error <= 1e-3 * fmax(fabs(number->value), 1e-3)) || (time && !clean))
      continue;
    const esc_prediction p = {.value = number->value,
                              .error = error,
                              .deviation = number->deviation,
                              .step = number->step,
                              .numeric = 1,
                              .eventual = number->eventual,
                              .source = "the discrete chain as an integral equation (Nystroem)"};
    esc_predictions_add(to, &p, "%s", number->of);
  }
}
