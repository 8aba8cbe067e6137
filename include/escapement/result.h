/* What a run gives: a result, owned by the caller, and its report, a plain tree of numbers that
 * belongs to the result. Names are those of result.json. A number that does not exist (the mean of
 * times some of which were censored, the variance of a law that has none) is NaN; an array that was
 * not asked for is NULL with count 0. Intervals are at 95 %. */
#ifndef ESCAPEMENT_RESULT_H
#define ESCAPEMENT_RESULT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

typedef struct esc_result esc_result;

/* A value with its 95 % interval. */
typedef struct esc_estimate {
  double value, low, high;
} esc_estimate;

/* Exit times of one group of trajectories. */
typedef struct esc_times {
  int64_t count;                /* that ended */
  esc_estimate mean;            /* NaN where any was censored or diverged */
  double sd;                    /* likewise */
  esc_estimate restricted_mean; /* E min(T, steps), over all of the group; NaN with renew */
  esc_estimate mean_of_exited;
  double sd_of_exited;
  esc_estimate quantiles[3];    /* .05, .5, .95 of T over all of the group, none past stop_steps;
                                   NaN if not reached, and with renew */
} esc_times;

/* Mean and variance of one coordinate, or of the loss. Under noise without a variance that nothing
 * bounds, variance and the interval of the mean are NaN; without a mean, the mean is too. */
typedef struct esc_moments {
  int64_t count;
  esc_estimate mean;
  esc_estimate variance; /* the interval is that of a normal sample (chi-square) */
} esc_moments;

typedef struct esc_outcome {
  const char *name; /* left, right, NAME of a set; then running, diverged */
  int64_t count;
  esc_estimate fraction;      /* Wilson */
  esc_times exit_steps;       /* of those that ended so */
  const esc_moments *final;   /* dimension entries: their last positions */
  const esc_moments *overshoot; /* one entry: distance beyond the wall; NULL if not asked for */
  const esc_estimate *incidence; /* curves.step_count entries: cumulative share; NULL if none */
  const int64_t *time_counts; /* time_bin_count entries */
} esc_outcome;

/* Presence in a watched ball. */
typedef struct esc_near_report {
  const char *name;
  const esc_estimate *fraction; /* per step of curves: in the ball; of all trajectories */
  const esc_estimate *stuck;    /* per step of curves: has not left it since the start */
  esc_estimate residence;       /* mean number of steps in the ball per trajectory */
} esc_near_report;

typedef struct esc_histogram {
  int bins;
  double low, high;
  const int64_t *counts; /* dimension x bins */
  const int64_t *below;  /* dimension entries */
  const int64_t *above;  /* above or at high, or not a number */
} esc_histogram;

typedef struct esc_basin {
  double low, high, minimum; /* the interval between two maxima, and its minimum (NaN: none) */
  int64_t count;             /* last positions in it */
  esc_estimate fraction;
  const esc_estimate *curve; /* per step of curves: share of all trajectories; or NULL */
} esc_basin;

/* Whether a run became as precise as its experiment's `until` asked for. */
typedef enum esc_precision {
  ESC_PRECISION_NOT_ASKED = 0,
  ESC_PRECISION_REACHED = 1,
  ESC_PRECISION_NOT_REACHED = 2 /* by the last trajectory, or because the run was interrupted */
} esc_precision;

/* A point where last positions settle, going down the landscape without noise. */
typedef struct esc_basin_point {
  const double *point;   /* dimension numbers */
  double loss;           /* U there */
  int64_t count;         /* last positions that settle there */
  esc_estimate fraction; /* of settled.of */
} esc_basin_point;

/* All that settle at one loss, wherever that is. */
typedef struct esc_basin_level {
  double loss; /* the lowest of them */
  int64_t count;
  esc_estimate fraction; /* of settled.of */
} esc_basin_level;

/* Two estimates of a tail index, with what each was formed from; they err in different ways
 * (docs/statistics.md). NaN where there is too little. */
typedef struct esc_tail_index {
  int64_t count;          /* last positions at a finite distance */
  esc_estimate hill;
  double threshold;       /* a distance, and how many reach it */
  int64_t beyond;
  esc_estimate block;     /* of the first positions, block_count sums of block_size each */
  int64_t block_size, block_count;
} esc_tail_index;

typedef struct esc_report {
  size_t struct_size;
  const char *version;
  int stream_version;
  const char *backend, *isa, *math, *state;
  uint64_t seed;
  int dimension;
  int64_t trajectories;       /* that this result is about: the valid prefix */
  int64_t trajectories_asked;
  int64_t episodes;           /* with renew: lives, ended or cut off; else trajectories */
  int64_t steps_total;
  double seconds, steps_per_second, lane_efficiency;
  int interrupted;            /* nonzero: a shorter run than was asked for */

  int outcome_count;
  const esc_outcome *outcomes; /* add up to episodes */

  esc_times exit_steps;        /* all outcomes but running and diverged together */
  struct {
    esc_estimate per_step;
    int64_t events, steps_at_risk, after; /* an exit at step 0 is no event */
  } rate;
  int64_t time_bin_count;      /* of outcomes[].time_counts, trailing empty bins left out */
  const int64_t *time_edges;   /* time_bin_count + 1: bin k holds edges[k] <= T < edges[k+1] */

  const esc_moments *final;    /* dimension entries: last positions of all, ended or not */
  const esc_estimate *final_quantiles; /* dimension x 3 (.05, .5, .95), of the first 65 536 */
  esc_moments final_loss;      /* count 0 if not asked for */
  esc_histogram histogram;     /* bins 0 if not asked for */
  esc_histogram occupation;

  struct {
    int64_t step_count;
    const int64_t *steps;
    const int64_t *alive;         /* trajectories that have not ended at the step */
    const esc_estimate *survival; /* share with no end of any kind yet */
    const esc_moments *moments;   /* step_count x dimension, over the living; NULL if not asked */
    const esc_moments *loss;      /* step_count; likewise */
  } curves;
  int near_count;
  const esc_near_report *nears;
  int correlation_count;
  const int64_t *correlation_lags;
  const esc_estimate *correlation; /* correlation_count x dimension */
  int basin_count;
  const esc_basin *basins;
  int64_t ridge_count;         /* last positions exactly on a maximum */

  int64_t sample_count;        /* trajectories whose samples were kept */
  const int64_t *sample_steps; /* exit step; -1: never ended */
  const int32_t *sample_outcomes; /* index into outcomes */
  const double *sample_final;  /* sample_count x dimension */

  int warning_count;
  const char *const *warnings;

  int64_t first_id;        /* of the first trajectory; samples are in the order of ids */
  esc_precision precision; /* of what `until` asked about */
  double relative_error;   /* half its interval's width over its estimate; NaN if not asked */

  struct {                 /* basins in more than one dimension, and of landscapes of the caller's */
    int64_t of;            /* last positions asked: of the first trajectories, at most 10 000; 0:
                              not asked for */
    int64_t unsettled;     /* those that settled nowhere */
    int64_t other;         /* those that settled at points not listed */
    int point_count;       /* at most 64, the most frequent first */
    const esc_basin_point *points;
    int level_count;       /* at most 64, by rising loss */
    const esc_basin_level *levels;
  } settled;

  /* (basin_count + 1)^2 counts: [from * (basin_count + 1) + to], the ridge last */
  const int64_t *basin_moves;       /* from the start's to the last position's; NULL: no basins */
  const int64_t *basin_transitions; /* curves.step_count times as many: from the one at the step
                                       before (first: of the start); NULL if not asked for */
  const esc_moments *snr;            /* curves.step_count x dimension, over the living; or NULL */
  const esc_estimate *snr_quantiles; /* curves.step_count x dimension x 3 (.05, .5, .95); or NULL */
  const esc_tail_index *tail_index;  /* NULL if not asked for */
} esc_report;

/* The report of a result; it belongs to the result. NULL for NULL. */
const esc_report *esc_result_report(const esc_result *result);

/* Frees a result and its report; NULL is allowed. */
void esc_result_free(esc_result *result);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
