/* An experiment: an optimizer on a landscape under noise, from a start to a stop, many times.
 *
 * A complete program:
 *
 *   #include <escapement/escapement.h>
 *   #include <stdio.h>
 *
 *   int main(void)
 *   {
 *     const esc_setting slopes[] = {ESC_NUMBER("left_slope", 0.2), ESC_NUMBER("right_slope", 0.6)};
 *     esc_landscape landscape = ESC_LANDSCAPE_INIT("sharp_maximum");
 *     landscape.settings = slopes;
 *     landscape.setting_count = 2;
 *     esc_noise noise = ESC_NOISE_INIT("laplace");
 *     noise.variance = 1.0;
 *     esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.1);
 *     esc_experiment experiment = ESC_EXPERIMENT_INIT;
 *     experiment.landscape = &landscape;
 *     experiment.noises = &noise;
 *     experiment.noise_count = 1;
 *     experiment.optimizer = &optimizer;
 *     experiment.stop_steps = 100000;
 *     experiment.outside[0] = -8.0;
 *     experiment.outside[1] = 8.0;
 *
 *     esc_device *device = NULL;
 *     esc_result *result = NULL;
 *     if (esc_device_open(NULL, &device) || esc_run(device, &experiment, NULL, &result)) {
 *       fprintf(stderr, "%s\n", esc_last_error());
 *       return 1;
 *     }
 *     const esc_report *report = esc_result_report(result);
 *     for (int i = 0; i < report->outcome_count; i++)
 *       printf("%-10s %.5f [%.5f, %.5f]\n", report->outcomes[i].name,
 *              report->outcomes[i].fraction.value, report->outcomes[i].fraction.low,
 *              report->outcomes[i].fraction.high);
 *     esc_result_free(result);
 *     esc_device_close(device);
 *     return 0;
 *   }
 *
 * The chain is x' = x - lr*(U'(x) + xi) for sgd; every other rule receives the gradient U'(x) + xi.
 * What is stored, observed and tested for exit is the rule's stored parameter. A step is: draw,
 * update, project, then test; step 0 is the start. The noise of step n of trajectory i depends on
 * (seed, i, n) alone, never on threads, batches or lanes.
 *
 * All structs here are plain; what they point to must live until the call that takes them returns,
 * and is never kept. An initialiser shows every default and sets struct_size; a struct that says
 * less than its size is BAD_ARGUMENT, and the elements of an array all have the size of its first.
 * NULL is allowed only where said. */
#ifndef ESCAPEMENT_EXPERIMENT_H
#define ESCAPEMENT_EXPERIMENT_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/device.h"
#include "escapement/result.h"
#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
#define ESC_NAN_ (__builtin_nan(""))
#define ESC_INF_ (__builtin_inf())
#else
#include <math.h>
#define ESC_NAN_ ((double)NAN)
#define ESC_INF_ ((double)INFINITY)
#endif

/* One key of a rule, as `escapement list` shows them: a number, a word or a list. */
typedef struct esc_setting {
  const char *key;
  double value;       /* the number (a switch: 0 or 1) */
  const char *word;   /* the word, else NULL */
  const double *list; /* the list, else NULL */
  int64_t list_count;
} esc_setting;

#define ESC_NUMBER(key, value) {(key), (value), NULL, NULL, 0}
#define ESC_WORD(key, word) {(key), 0.0, (word), NULL, 0}
#define ESC_LIST(key, list, count) {(key), 0.0, NULL, (list), (count)}

/* A landscape of the caller's: values (count) and gradients (dimension x count, coordinate j of
 * point i at [j*count + i]) at points (laid out as the gradients). values may be NULL: not wanted.
 * It is called from many threads at once, on the CPU backend only, and must depend on nothing but
 * the points, so that results stay reproducible. Idle lanes are passed too: points may be any
 * numbers, infinities and NaN included. */
typedef void esc_landscape_function(void *context, int64_t count, int dimension,
                                    const double *points, double *values, double *gradients);

/* The rows that a network is trained on. */
typedef struct esc_network_data {
  size_t struct_size;
  int64_t rows;         /* 1 to 4096 */
  int inputs, targets;  /* numbers in a row of each: the units of the first and the last layer */
  const double *values; /* rows x (inputs + targets): a row's inputs, then its targets */
} esc_network_data;

#define ESC_NETWORK_DATA_INIT {sizeof(esc_network_data), 0, 0, 0, NULL}

typedef struct esc_landscape {
  size_t struct_size;
  const char *name;            /* of the catalogue; ignored where function is set */
  const esc_setting *settings; /* its keys; may be NULL with setting_count 0 */
  int setting_count;
  double scale;                /* multiplies U; finite, not 0 */
  esc_landscape_function *function; /* the caller's own landscape, or NULL */
  void *context;                    /* handed to it */
  int dimension;               /* of the caller's landscape (1 to 64); 0: the catalogue's own */
  const esc_network_data *data; /* of a network, instead of its key data; else NULL */
} esc_landscape;

#define ESC_LANDSCAPE_INIT(name) {sizeof(esc_landscape), (name), NULL, 0, 1.0, NULL, NULL, 0, NULL}

typedef enum esc_noise_target {
  ESC_NOISE_ON_GRADIENT = 0, /* added to the gradient, so multiplied by lr */
  ESC_NOISE_ON_PARAMETER = 1 /* added to the parameter after the update */
} esc_noise_target;

typedef enum esc_noise_proportion {
  ESC_PROPORTIONAL_TO_NOTHING = 0,
  ESC_PROPORTIONAL_TO_LOSS = 1 /* multiplies xi by sqrt(2 U(x)), by 0 where U is below 0 */
} esc_noise_proportion;

typedef struct esc_noise {
  size_t struct_size;
  const char *law;             /* of the catalogue */
  const esc_setting *settings; /* its keys; may be NULL with setting_count 0 */
  int setting_count;
  double scale;          /* NaN: not given; 1 where neither this nor variance is */
  double variance;       /* NaN: not given; of the unclipped law, where that is finite (finite_sum:
                            of the mean of a batch) */
  const double *scales;  /* one scale per dimension instead of `scale`, or NULL */
  int scale_count;
  double clip;           /* truncates each component to [-clip, clip] after centring; inf: none */
  double sparse;         /* xi is zero with probability 1 - sparse; 1e-9 to 1; 1: never */
  double state_scale[2]; /* multiplies xi by sqrt(c0 + c2 x^2), per component; {1, 0}: none */
  double anneal[2];      /* {eta0, gamma}: variance eta0/(1+t)^gamma, t = 0 at the first step;
                            NaN: none. Excludes scale, scales, variance and covariance. */
  esc_noise_target target;
  const double *covariance; /* gaussian: dimension x dimension numbers, row by row, symmetric and
                               positive semi-definite, instead of scale; or NULL */
  int covariance_count;
  esc_noise_proportion proportional_to;
} esc_noise;

#define ESC_NOISE_INIT(law)                                                                        \
  {sizeof(esc_noise), (law), NULL, 0, ESC_NAN_, ESC_NAN_, NULL, 0, ESC_INF_, 1.0, {1.0, 0.0},      \
   {ESC_NAN_, ESC_NAN_}, ESC_NOISE_ON_GRADIENT, NULL, 0, ESC_PROPORTIONAL_TO_NOTHING}

typedef enum esc_decay {
  ESC_DECAY_DEFAULT = 0, /* decoupled for adamw and lion, coupled for the others */
  ESC_DECAY_COUPLED = 1, /* g += wd*w before the rule */
  ESC_DECAY_DECOUPLED = 2 /* w - fma(lr*wd, w, u) */
} esc_decay;

typedef struct esc_update_rule {
  size_t struct_size;
  const char *name;            /* of the catalogue */
  double lr;                   /* > 0; NaN: the rule's default */
  const esc_setting *settings; /* its keys; may be NULL with setting_count 0 */
  int setting_count;
  double weight_decay;         /* >= 0; NaN: the rule's default (0; adamw 1e-2) */
  esc_decay decay;
  double clip_update;          /* largest Euclidean norm of the whole update; inf: none. An infinite
                                  component counts as the largest number. */
  double project[2];           /* the iterate is kept in [lo, hi]; {-inf, inf}: not at all */
  const char *schedule;        /* of lr: a name of the catalogue; NULL: constant */
  const esc_setting *schedule_settings;
  int schedule_setting_count;
} esc_update_rule;

#define ESC_UPDATE_RULE_INIT(name, lr)                                                             \
  {sizeof(esc_update_rule), (name), (lr), NULL, 0, ESC_NAN_, ESC_DECAY_DEFAULT, ESC_INF_,          \
   {-ESC_INF_, ESC_INF_}, NULL, NULL, 0}

typedef enum esc_start_kind {
  ESC_START_POINT = 0,   /* values: dimension numbers (one number serves every coordinate) */
  ESC_START_UNIFORM = 1, /* values: lo, hi; each coordinate independent */
  ESC_START_NORMAL = 2,  /* values: mean, sd; each coordinate independent */
  ESC_START_POINTS = 3   /* values: count x dimension numbers, cycled: trajectory first_id + i
                            begins at point i modulo count */
} esc_start_kind;

typedef struct esc_start {
  size_t struct_size;
  esc_start_kind kind;
  const double *values;
  int64_t value_count;
} esc_start;

#define ESC_START_INIT {sizeof(esc_start), ESC_START_POINT, NULL, 0}

typedef enum esc_set_kind {
  ESC_SET_OUTSIDE_BOX = 0, /* values: lo_1..lo_d, hi_1..hi_d (or one lo, one hi for all): some
                              coordinate is outside its open interval */
  ESC_SET_BALL = 1,        /* values: point_1..point_d, radius: |x - point| < radius */
  ESC_SET_HALFSPACE = 2,   /* values: normal_1..normal_d, offset: normal.x >= offset */
  ESC_SET_LOSS_BELOW = 3   /* values: level: U(x) < level */
} esc_set_kind;

/* A named set that ends a trajectory. */
typedef struct esc_set {
  size_t struct_size;
  const char *name; /* the outcome */
  esc_set_kind kind;
  const double *values;
  int value_count;
  int64_t stay;     /* a ball: so many steps in a row inside; 1 */
} esc_set;

#define ESC_SET_INIT(name) {sizeof(esc_set), (name), ESC_SET_OUTSIDE_BOX, NULL, 0, 1}

/* A named ball to watch. */
typedef struct esc_near {
  size_t struct_size;
  const char *name;
  const double *point; /* dimension numbers */
  int point_count;
  double radius;       /* > 0 */
} esc_near;

#define ESC_NEAR_INIT(name) {sizeof(esc_near), (name), NULL, 0, 0.0}

/* A histogram over one coordinate; bins equal bins in [lo, hi), what falls outside is counted. */
typedef struct esc_histogram_request {
  size_t struct_size;
  double low, high;
  int bins; /* 1 to 100000; 0: none asked for */
} esc_histogram_request;

#define ESC_HISTOGRAM_REQUEST_INIT {sizeof(esc_histogram_request), 0.0, 0.0, 0}

/* The tail index of the distance of the last position from a point. */
typedef struct esc_tail_request {
  size_t struct_size;
  const double *point; /* dimension numbers; NULL: the origin */
  int point_count;
  double share;        /* Hill's estimate is of so many of the largest, in (0, 0.5]; 0.01 */
} esc_tail_request;

#define ESC_TAIL_REQUEST_INIT {sizeof(esc_tail_request), NULL, 0, 0.01}

/* What to look at on the way. */
typedef struct esc_observe {
  size_t struct_size;
  const int64_t *steps;   /* strictly rising, each in [0, stop_steps] */
  int64_t step_count;     /* at most 100 000 */
  const esc_near *nears;  /* at most 16 */
  int near_count;
  const esc_histogram_request *histogram;  /* of the final position; NULL: none */
  const esc_histogram_request *occupation; /* over all steps; NULL: none */
  const int64_t *correlation; /* lags m: correlation of x at stop_steps - m and at stop_steps over
                                 the trajectories that reach the last step; rising, <= stop_steps */
  int correlation_count;
  int moments;            /* nonzero: mean and variance at the steps, which must be given */
  int loss;               /* nonzero: mean and variance of U at the steps and at the last one */
  int basins;             /* nonzero: which basin holds the position: on the line the interval
                             between maxima, and the moves from the start's; else where the last
                             position settles without noise (not with renew); 2: moves between the
                             steps too, on the line */
  int overshoot;          /* nonzero: how far beyond the wall an exit lands (needs outside) */
  int samples;            /* nonzero: keep exit step, outcome and last position of each one */
  const esc_tail_request *tail_index; /* of the last position; NULL: none */
  int snr;                /* nonzero: |m|/sqrt(v) at the steps, for rules with these states */
} esc_observe;

#define ESC_OBSERVE_INIT                                                                           \
  {sizeof(esc_observe), NULL, 0, NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0}

/* When a run is precise enough to end before `trajectories`, which are then the most it takes. It
 * is asked after 1024, 2048, 4096, ... trajectories and depends on nothing else: never on batches,
 * threads or time. What stopping so does to intervals: docs/statistics.md, "Precise enough". */
typedef struct esc_until {
  size_t struct_size;
  const char *of;        /* "exit_steps.mean", "exit_steps.restricted_mean",
                            "exit_steps.mean_of_exited", "exit_steps.rate.per_step" or
                            "outcomes.NAME.fraction" */
  double relative_error; /* in (0, 1): half the width of the 95 % interval over the estimate is at
                            most this */
  int64_t least_events;  /* at least 1: and there are so many exits, or for a fraction so many
                            that ended so */
} esc_until;

#define ESC_UNTIL_INIT(of, relative_error) {sizeof(esc_until), (of), (relative_error), 100}

typedef enum esc_math { ESC_MATH_EXACT = 0, ESC_MATH_FAST = 1 } esc_math;
typedef enum esc_state { ESC_STATE_F32 = 0, ESC_STATE_F64 = 1 } esc_state;

typedef enum esc_beyond {
  ESC_BEYOND_AUTO = 0, /* the landscape's overshoot bound, for sgd, momentum and nesterov at a
                          constant lr without clip_update; none elsewhere, and where it has none */
  ESC_BEYOND_NONE = 1,
  ESC_BEYOND_AT = 2    /* |x_j| > beyond_at for some coordinate */
} esc_beyond;

typedef struct esc_experiment {
  size_t struct_size;
  const esc_landscape *landscape;
  const esc_noise *noises;  /* the sources; NULL with noise_count 0: no noise */
  int noise_count;          /* at most 8 */
  const esc_update_rule *optimizer;
  const esc_start *start;   /* NULL: the origin. A single point is inside outside and beyond. */
  int64_t stop_steps;       /* needed: the most steps a trajectory takes, 1 to 2e9 */
  double outside[2];        /* 1-D: leaving the open interval ends it, outcomes left and right */
  const esc_set *sets;      /* outcomes by name; excludes outside; NULL: none */
  int set_count;            /* at most 32 */
  esc_beyond beyond;
  double beyond_at;
  int renew;                /* nonzero: restart after every exit, exactly stop_steps steps each */
  int64_t rate_after;       /* the rate counts events and steps at risk after this step, which is
                               below stop_steps */
  int64_t trajectories;     /* 1 to 2^40 */
  uint64_t seed;
  esc_math math;
  esc_state state;
  const esc_observe *observe; /* NULL: only the outcome, its time and the last position */
  int64_t first_id;           /* the id of the first trajectory, from 0; first_id + trajectories is
                                 at most 2^62. Point k of a sweep takes k * 2^40, or 0 where all
                                 points are to meet the same noise. */
  const esc_until *until;     /* NULL: all the trajectories */
} esc_experiment;

#define ESC_EXPERIMENT_INIT                                                                        \
  {sizeof(esc_experiment), NULL, NULL, 0, NULL, NULL, 0, {-ESC_INF_, ESC_INF_}, NULL, 0,           \
   ESC_BEYOND_AUTO, 0.0, 0, 0, 1000000, 1, ESC_MATH_EXACT, ESC_STATE_F32, NULL, 0, NULL}

/* Checks an experiment without running it: everything esc_run would refuse. Errors as there. */
esc_status esc_experiment_check(const esc_experiment *experiment);

/* How far a run is. Shares are of trajectories, of all points together; those that a precise
 * point leaves out count as done. steps counts those of unfinished batches too. */
typedef struct esc_progress {
  size_t struct_size;
  int64_t trajectories_done, trajectories_total;
  int64_t steps;
  double seconds;
  int64_t points_done, points_total; /* of a sweep; 1 of 1 of an experiment alone */
} esc_progress;

typedef struct esc_run_options {
  size_t struct_size;
  void (*progress)(void *context, const esc_progress *progress); /* NULL: none */
  int (*cancel)(void *context); /* nonzero ends the run; NULL: never */
  void (*log)(void *context, const char *line); /* the warnings, at the end; NULL: none */
  void *context;                /* handed to the three; they are called by one thread at a time, the
                                   caller's or a worker, some ten times a second */
  int64_t batch;                /* trajectories per batch; 0: chosen. Never changes a result. */
  int lanes;                    /* lanes per tile (1 to 1024); 0: chosen. Never changes a result. */
} esc_run_options;

#define ESC_RUN_OPTIONS_INIT {sizeof(esc_run_options), NULL, NULL, NULL, NULL, 0, 0}

/* Runs an experiment to its end. Synchronous. options may be NULL. *result is the caller's, to be
 * freed. Errors: BAD_ARGUMENT, BAD_EXPERIMENT (esc_last_error_key says where), UNSUPPORTED,
 * OUT_OF_MEMORY, DEVICE_LOST, INTERRUPTED. A run that was interrupted, or failed in the middle,
 * hands back its valid prefix in *result, to be freed as well: an unbroken run of the first
 * trajectories. *result is left alone where not one batch was complete: set it to NULL before. */
esc_status esc_run(esc_device *device, const esc_experiment *experiment,
                   const esc_run_options *options, esc_result **result);

/* Experiments to be run together, one for each point of a grid. They are asked for one by one, so
 * that a sweep of a million points need not stand in memory. The two functions are called by one
 * thread at a time, the caller's or a worker. */
typedef struct esc_sweep {
  size_t struct_size;
  int64_t count; /* 1 to 2^22 */
  /* Experiment k, from 0, into *experiment; it and what it points to must live until the next call
   * only. Asked for twice, in order: to be checked before anything runs, and when its turn comes;
   * both times the same. Another status than OK ends the run with it. */
  esc_status (*point)(void *context, int64_t k, const esc_experiment **experiment);
  /* Takes the result of experiment k, which is then the callee's, to be freed. Results come as they
   * are complete, in any order; when a run is interrupted or fails, those of the points that had
   * begun come too, as far as they are valid prefixes. Another status than OK ends the run with
   * it. */
  esc_status (*done)(void *context, int64_t k, esc_result *result);
  void *context; /* handed to both */
} esc_sweep;

#define ESC_SWEEP_INIT {sizeof(esc_sweep), 0, NULL, NULL, NULL}

/* Runs all experiments of a sweep, their batches together, so that neither threads nor a GPU idle
 * where one has few trajectories. Everything is checked before anything runs; the sentence of a bad
 * experiment begins with its number ("experiment 3: ..."). Each result has the bits that esc_run
 * gives, whatever runs beside it; its `seconds` are those from its first batch to its last.
 * Synchronous; errors as esc_run. */
esc_status esc_run_sweep(esc_device *device, const esc_sweep *sweep,
                         const esc_run_options *options);

/* The same for experiments and results that fit into memory (a result takes some hundred KB).
 * results has count entries; those of experiments with a valid prefix are set, for the caller to
 * free, the others left alone: set them to NULL before. */
esc_status esc_run_all(esc_device *device, const esc_experiment *const *experiments, int64_t count,
                       const esc_run_options *options, esc_result **results);

/* One step of a replayed trajectory. The arrays have dimension numbers and live during the call. */
typedef struct esc_replay_step {
  size_t struct_size;
  int64_t step;
  const double *position;
  const char *outcome; /* "" while it runs; else the name of how it ended with this step */
} esc_replay_step;

/* Replays one trajectory alone, bit for bit as in a run, and hands every step from 0 on to `visit`
 * until it ends or visit returns nonzero. Errors as esc_run; BAD_ARGUMENT for an id outside
 * [first_id, 2^62) or a NULL visit. With renew a walker's restarts are steps of their own. */
esc_status esc_replay(esc_device *device, const esc_experiment *experiment, int64_t id,
                      int (*visit)(void *context, const esc_replay_step *step), void *context);

/* What the library knows of a landscape as the experiment sets it up: dimension, and in one
 * dimension (or for the plane landscapes) its critical points. */
typedef struct esc_critical_point {
  double position[2]; /* x, and y in the plane */
  double value;       /* U there */
  int kind;           /* -1 a minimum, 0 a saddle, +1 a maximum */
} esc_critical_point;

typedef struct esc_landscape_info {
  size_t struct_size;
  int dimension;
  int critical_count;
  esc_critical_point critical[32];
  double overshoot[2]; /* 1-D: beyond these a noise-free sgd step overshoots (lo, hi); infinite
                          where there is no such bound */
} esc_landscape_info;

#define ESC_LANDSCAPE_INFO_INIT {sizeof(esc_landscape_info), 0, 0, {{{0, 0}, 0, 0}}, {0, 0}}

/* Describes a landscape, with the overshoot bound for step size lr. Errors: BAD_ARGUMENT,
 * BAD_EXPERIMENT. */
esc_status esc_landscape_describe(const esc_landscape *landscape, double lr,
                                  esc_landscape_info *info);

/* Values (count) and gradients (dimension x count, laid out as for esc_landscape_function) of a
 * landscape in double; either may be NULL. For pictures and checks. Errors: BAD_ARGUMENT,
 * BAD_EXPERIMENT, OUT_OF_MEMORY. */
esc_status esc_landscape_evaluate(const esc_landscape *landscape, int64_t count,
                                  const double *points, double *values, double *gradients);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
