/* A run in progress. Its points are experiments; threads take pieces of them, runs of ids, in
 * loads; a backend carries out a load; what it did is merged in the order of the ids of each point,
 * so that at any moment the merged tally of a point is that of an unbroken prefix. Each file
 * run_NAME.c has one part of it. */
#ifndef ESC_HOST_RUNNING_H
#define ESC_HOST_RUNNING_H

#include <omp.h>

#include "host/error.h"
#include "host/held_result.h"

/* Where plans come from and where results go. Both are called with the run's lock held. */
typedef struct esc_points {
  int64_t count, trajectories; /* of all of them together, at most */
  esc_status (*plan)(void *context, int64_t k, esc_planned **planned);
  esc_status (*done)(void *context, int64_t k, esc_result *result);
  void *context;
} esc_points;

/* A point that has begun. */
typedef struct esc_point {
  struct esc_point *before, *after; /* of those that are open; of those that are complete: after */
  int64_t number;
  esc_result *result;      /* with its plan, and the tally of what was merged */
  struct esc_taken *first; /* pieces taken and not yet merged, in the order of ids */
  struct esc_taken *last;
  int64_t taken;    /* trajectories in pieces taken so far, */
  int64_t decision; /* beyond so many it is a guess that they are needed */
  int64_t done;     /* trajectories merged */
  int64_t finished; /* trajectories in all pieces that ended, merged or not, */
  double busy;      /* and the seconds they took, of all threads together */
  double begun;
  int precise; /* enough: what is merged is the result */
} esc_point;

/* A piece, from when it is taken until it is merged. */
typedef struct esc_taken {
  esc_piece piece; /* comes first: the backend sees no more */
  struct esc_taken *next;
  esc_point *point;
  int64_t end; /* trajectories of the point up to with this piece */
  int64_t steps;
  esc_sink sink;
  enum { ESC_TAKEN_RUNS, ESC_TAKEN_COMPLETE, ESC_TAKEN_BROKEN } state;
} esc_taken;

typedef struct esc_running {
  const esc_backend *backend;
  void *opened;
  void *cpu; /* opened by esc_cpu_backend */
  const esc_run_options *options;
  const esc_points *points;
  esc_batching batching;
  int threads;

  omp_lock_t lock; /* guards what follows */
  int64_t begun;   /* points that have begun */
  esc_point *open; /* of them, those that are not complete, in order */
  esc_point *open_last;
  esc_point *complete;              /* those whose result is to be formed */
  int64_t outstanding;              /* pieces taken and not yet merged */
  int64_t ids_left;                 /* of all points, not yet taken */
  int64_t finished;                 /* trajectories in all pieces that ended, */
  double busy;                      /* and the seconds they took */
  int64_t done, points_done, steps; /* progress */
  double started, reported;
  esc_status status;
  char sentence[512], key[ESC_KEY_PATH_MAX]; /* of a failed status, from the thread that failed */
  int stop;
  int refused; /* the caller takes no more results */
} esc_running;

/* What a thread carries out at once. */
typedef struct esc_load {
  esc_running *run;
  esc_piece **piece; /* each the beginning of an esc_taken */
  int count;
  int64_t ids, bytes;
} esc_load;

static inline esc_taken *esc_taken_of(esc_piece *piece)
{
  return (esc_taken *)(void *)piece;
}

/* Runs all points. OK, or why not all were run. */
esc_status esc_run_points(esc_device *device, int on_cpu, const esc_points *points,
                          const esc_run_options *options);

/* --- all that follows: with the lock held, but for esc_point_close --- */

/* Ends the run with a status whose sentence is the thread's. */
void esc_run_fail(esc_running *run, esc_status status);

/* run_point.c: begins the next point; 0 if that failed. */
int esc_point_open(esc_running *run);
/* Forms the result of a point and hands it over; takes the lock for that. */
void esc_point_close(esc_running *run, esc_point *point);

/* run_load.c: a load for each thread, to be closed without the lock; NULL if there is no memory. */
esc_load *esc_loads_open(esc_running *run);
void esc_loads_close(esc_load *loads);
/* The next load; 1, or 0 if there is none, or -1 if it must wait for others. */
int esc_load_take(esc_load *load);

/* run_merge.c: hands in a load of which the first `complete` pieces are; the others are no part of
 * a result. What became ready to be closed is in run->complete. */
void esc_load_hand_in(esc_load *load, int complete, double seconds, int64_t lane_steps);
/* Whether a load is still worth its while. */
int esc_load_is_wanted(const esc_load *load);

#endif
