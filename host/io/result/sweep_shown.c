/* Which number of a sweep's results is shown. */
#include "sweep_shown.h"

#include <math.h>
#include <string.h>

/* Whether every point with a result has a number there. */
static bool is_everywhere(const esc_sweep_record *record, int column)
{
  for (int64_t k = 0; k < record->point_count; k++)
    if (record->points[k].json && !isfinite(esc_sweep_record_value(record, k, column).value))
      return false;
  return true;
}

static double most_of(const esc_sweep_record *record, int column)
{
  double most = 0.0;
  for (int64_t k = 0; k < record->point_count; k++) {
    const double value = esc_sweep_record_value(record, k, column).value;
    if (value > most)
      most = value;
  }
  return most;
}

int esc_sweep_shown(const esc_sweep_record *record)
{
  static const char *const times[] = {"exit_steps.mean", "exit_steps.restricted_mean",
                                      "exit_steps.mean_of_exited"};
  const int asked = record->asked[0] ? esc_sweep_record_column(record, record->asked) : -1;
  const int exits = esc_sweep_record_column(record, "exit_steps.count");
  if (asked >= 0 || exits < 0)
    return asked;
  for (size_t i = 0; most_of(record, exits) > 0.0 && i < sizeof times / sizeof times[0]; i++) {
    const int column = esc_sweep_record_column(record, times[i]);
    if (is_everywhere(record, column))
      return column;
  }
  const int variance = esc_sweep_record_column(record, "final.variance");
  return variance >= 0 && is_everywhere(record, variance) ? variance : 0;
}
