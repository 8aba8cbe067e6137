/* What is kept of a sweep while it runs: of each point its part of result.json as text, its row of
 * the table, and what warned. Results are handed in as they come, in any order, and need not stay.
 */
#ifndef ESC_SWEEP_RECORD_H
#define ESC_SWEEP_RECORD_H

#include "escapement/escapement.h"
#include "host/io/experiment/sweep_axes.h"
#include "result_quantities.h"

/* A point that has a result, if only a prefix of one. */
typedef struct esc_sweep_point {
  char *json;           /* NULL: no result */
  esc_estimate *values; /* one for each column that was known when it came */
  int value_count;
  int64_t trajectories, trajectories_asked;
} esc_sweep_point;

/* A sentence that some points warn with. */
typedef struct esc_sweep_warning {
  char *sentence;
  int64_t points; /* how many */
  int64_t first;  /* the first of them to come */
} esc_sweep_warning;

typedef struct esc_sweep_record {
  const esc_sweep_axes *axes;
  int64_t point_count;
  esc_sweep_point *points;
  char (*columns)[ESC_QUANTITY_NAME];
  int column_count;
  esc_sweep_warning *warnings;
  int warning_count;
  int64_t done;  /* points with a result */
  int64_t whole; /* of these, with all their trajectories */
  int64_t trajectories, trajectories_asked, steps_total;
  char *origin;        /* of the first result: members of the root of result.json */
  char machine[96];    /* of the first result: "cpu avx512, exact, f32" */
  int dimension;       /* of the first result */
  int64_t unpredicted; /* points that theory was asked about and knows nothing of */
  int64_t unreached;   /* points that did not become as precise as asked */

  /* the caller's, before the results come: the number to show, "" for none in particular */
  char asked[ESC_QUANTITY_NAME];

  /* the caller's, when it is over */
  double seconds;
  int interrupted;
} esc_sweep_record;

/* A record without results, of a sweep with at least one point. Errors: OUT_OF_MEMORY. Free it in
 * either case. */
esc_status esc_sweep_record_begin(esc_sweep_record *record, const esc_sweep_axes *axes);

/* What theory says of a point. */
typedef struct esc_sweep_theory {
  esc_predictions *predictions; /* NULL: nothing */
  char *reason;                 /* why nothing; NULL: not said */
} esc_sweep_theory;

/* Takes up the result of a point, and what theory says of it (NULL: not asked). Errors, the
 * sentence in esc_io_error(): OUT_OF_MEMORY. */
esc_status esc_sweep_record_add(esc_sweep_record *record, int64_t point, const esc_report *report,
                                const esc_sweep_theory *theory);

/* The column of a name, or -1. */
int esc_sweep_record_column(const esc_sweep_record *record, const char *name);

/* A point's value in a column; NaN where it has none. */
esc_estimate esc_sweep_record_value(const esc_sweep_record *record, int64_t point, int column);

void esc_sweep_record_free(esc_sweep_record *record);

#endif
