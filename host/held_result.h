/* A result as the host holds it: the plan, the merged tally, the samples, and the report formed
 * from them. */
#ifndef ESC_HOST_RESULT_H
#define ESC_HOST_RESULT_H

#include "host/plan.h"

/* How many of the first trajectories keep their last position for the quantiles. */
#define ESC_FINALS_KEPT 65536

struct esc_result {
  esc_planned *planned;
  int64_t *tally;
  int64_t trajectories; /* the valid prefix */
  double seconds;
  int64_t lane_steps; /* idle lanes included */
  int interrupted, precise;
  const char *backend, *isa;
  void *cpu; /* opened by esc_cpu_backend */
  int64_t *sample_steps;
  int32_t *sample_outcomes;
  double *finals; /* of all with samples, else of the first ESC_FINALS_KEPT */
  int64_t finals_kept;

  esc_report report;
  struct esc_block *blocks; /* the memory of the report */
};

/* Forms the report (report.c). */
esc_status esc_result_form_report(struct esc_result *result);

/* A part of it (report_sizes.c). */
void esc_result_form_sizes(struct esc_result *result, int *failed);

/* Zeroed memory that lives as long as the result; NULL if there is none (result_memory.c). */
void *esc_result_own(struct esc_result *result, int64_t count, size_t size);

#endif
