/* The rows of bench_trajectories: one experiment each, how it is run and how it is checked. */
#ifndef ESC_BENCH_TRAJECTORY_ROWS_H
#define ESC_BENCH_TRAJECTORY_ROWS_H

#include "escapement/escapement.h"

typedef struct trajectory_row {
  const char *name, *optimizer, *landscape, *law;
  double lr, scale, alpha; /* alpha: of the stable law, 0 for others */
  double outside[2];
  int64_t trajectories, steps; /* on a core, in half a second or so */
  int words;                   /* random words that a step takes */
  const char *only;            /* the one backend it is for; NULL: any */
  esc_math math;
  esc_state state;
  int threads; /* of a CPU */
} trajectory_row;

extern const trajectory_row trajectory_rows[];
extern const int trajectory_row_count;

typedef struct trajectory_figures {
  double rate; /* steps per second, per core or of the GPU */
  double mean_steps, lane_efficiency;
} trajectory_figures;

/* Whether the row is for this backend. */
int trajectory_row_fits(const trajectory_row *row, const char *backend);

/* Runs `share` times the row's trajectories, at least 256. Says what failed and gives 0. */
int trajectory_row_run(const trajectory_row *row, const esc_device_options *on, double share,
                       trajectory_figures *figures);

/* A small run against the plain loops of the CPU: exact in bits, fast in distribution. */
int trajectory_row_check(const trajectory_row *row, const esc_device_options *on);

#endif
