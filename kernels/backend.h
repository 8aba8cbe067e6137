/* The seam between host/ and kernels/: what a backend is, the plan it carries out and the tally it
 * fills. The host checks and resolves an experiment into a plan; a backend runs a batch of its
 * trajectories and adds what they did to a tally of integers; the host merges tallies and forms
 * estimates. Nothing else crosses. */
#ifndef ESC_BACKEND_H
#define ESC_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/experiment.h"
#include "escapement/status.h"
#include "kernels/rules/landscape_catalogue.h"
#include "kernels/rules/noise_catalogue.h"
#include "kernels/rules/observer_catalogue.h"
#include "kernels/rules/philox.h"
#include "kernels/rules/schedule.h"
#include "kernels/rules/update_catalogue.h"
#include "kernels/step/step_tables.h"

/* Rules by number, in the order of their catalogues. */
#define ESC_ENUM_LAW(name, ...) ESC_LAW_##name,
enum { ESC_NOISE_CATALOGUE(ESC_ENUM_LAW) ESC_LAW_COUNT };
#define ESC_ENUM_LANDSCAPE(name, ...) ESC_LANDSCAPE_##name,
enum { ESC_LANDSCAPE_CATALOGUE(ESC_ENUM_LANDSCAPE) ESC_LANDSCAPE_COUNT };

enum { ESC_SHAPE_SINGLE, ESC_SHAPE_CHAIN, ESC_SHAPE_NETWORK }; /* of landscapes */
enum {
  ESC_SHAPE_NONE,
  ESC_SHAPE_ONE,
  ESC_SHAPE_PAIR,
  ESC_SHAPE_TWO,
  ESC_SHAPE_BATCH
}; /* of laws */

#define ESC_LANES_MAX     1024 /* of a tile */
#define ESC_DIMENSION_MAX 64
#define ESC_SOURCES_MAX   8
#define ESC_SETS_MAX      32
#define ESC_NEARS_MAX     16
#define ESC_LAGS_MAX      64
#define ESC_BASINS_MAX    64

/* Trajectories advance in groups of four steps, and a walker that starts afresh does so at the next
 * group: noise blocks serve 4 or 2 steps in one dimension, so a group is a whole number of them. */
#define ESC_GROUP 4

/* A trajectory takes at most so many steps, so that ages stay within 31 bits, a group beyond too.
 */
#define ESC_STEPS_MAX 2000000000

/* Ids are below it. */
#define ESC_IDS_MAX ((int64_t)1 << 62)

typedef struct esc_plan_noise {
  int law, shape;
  int per_block; /* variates in a block of four words: 4 or 2 */
  float constants[ESC_NOISE_CONSTANTS_MAX];
  float scale[ESC_DIMENSION_MAX];
  float clip;            /* infinity: none */
  uint32_t sparse_below; /* the noise is zero unless its word is below; 0: not sparse */
  int scaled_by_state;
  float state_scale[2];
  int annealed;
  float anneal_root, anneal_power;
  int on_parameter;
  const float *values; /* finite_sum: centred slopes over the batch size */
  int value_count, batch, replace;
  int epoch_steps; /* finite_sum: steps that share their terms' places; 1: none does */
  int scaled_by_loss;
  const float *root; /* correlated: the covariance is that of root z, dimension x dimension numbers
                        in rows, lower triangular; NULL: not correlated */
} esc_plan_noise;

/* A network and its data: a row has its inputs, then its targets. Where steps take minibatches,
 * words for them come from the stream of the source after the last. */
typedef struct esc_plan_network {
  esc_network_shape shape;
  int rows, batch, replace; /* batch 0: all rows at every step */
  const float *data_f32;    /* rows x esc_network_width(&shape), in both of the states' types */
  const double *data_f64;
} esc_plan_network;

typedef struct esc_plan_set {
  int kind;                        /* esc_set_kind */
  double point[ESC_DIMENSION_MAX]; /* lower corner, centre or normal */
  double upper[ESC_DIMENSION_MAX]; /* upper corner */
  double level;                    /* squared radius, offset or loss */
  int64_t stay;
} esc_plan_set;

typedef struct esc_plan_ball {
  double point[ESC_DIMENSION_MAX];
  double squared_radius;
} esc_plan_ball;

/* Where things stand in a tally, an array of `words` int64. What was not asked for takes no room. A
 * sum takes its digits (observers/exact_sum.h); a `moments` is a count, a sum of values and a sum
 * of squares, esc_moment_words(bits) words. */
typedef struct esc_tally_layout {
  int64_t words;
  int time_bins;                      /* per outcome */
  int rate_events, rate_at_risk;      /* after rate_after steps: a count; a whole sum */
  int outcome;                        /* per outcome: outcome_words */
  int outcome_words;                  /* and within them: */
  int outcome_times, outcome_squares; /* whole sums, of times of at least ESC_TIME_EXACT only */
  int outcome_bins;                   /* time_bins counts: their sum is the outcome's count */
  int outcome_final;                  /* per dimension: moments */
  int outcome_overshoot;              /* moments */
  int final_loss;                     /* moments */
  int histogram, occupation;          /* per dimension: bins + 2 counts, below first, above last */
  int alive;                          /* per step */
  int ends;              /* per outcome and step: ends after the step before, up to it */
  int curve_moments;     /* per step and dimension: moments */
  int curve_loss;        /* per step: moments */
  int curve_basins;      /* per step: basins + 1 counts */
  int near, stuck;       /* per ball and step */
  int residence;         /* per ball: whole sum, whole sum of squares */
  int correlation;       /* per lag and dimension: count, x, y, xx, yy, xy */
  int basins;            /* basins + 1 counts, the ridge last */
  int basin_moves;       /* (basins + 1)^2 counts: from the start's to the last position's */
  int basin_transitions; /* per step as many: from the one at the step before to this one's */
  int snr;               /* per step and dimension: moments, ESC_SNR_BINS counts */
  int tail;              /* ESC_TAIL_BINS counts */
} esc_tally_layout;

typedef struct esc_plan {
  int dimension, state_bits;
  int fast; /* math: fast, for backends that have it */
  uint64_t seed;
  int64_t first_id; /* of trajectories */

  int landscape, landscape_shape;
  double landscape_constants[ESC_DIMENSION_MAX][ESC_LANDSCAPE_CONSTANTS_MAX];
  double landscape_scale;
  esc_plan_network network; /* of ESC_LANDSCAPE_network */
  esc_landscape_function *landscape_function; /* the caller's, or NULL */
  void *landscape_context;

  int noise_count;
  esc_plan_noise noise[ESC_SOURCES_MAX];

  int update, states;
  double update_constants[ESC_UPDATE_CONSTANTS_MAX];
  esc_update_traits traits;
  double lr;
  esc_schedule schedule;
  double *rows; /* row_count x ESC_ROW_WIDTH: scalars of steps 1, 2, ...; the last holds on */
  int64_t row_count;
  double weight_decay;
  int decoupled;
  double clip_update;
  double project[2];

  esc_start_kind start_kind;
  const double *start; /* as esc_start.values, whole points */
  int64_t start_points;

  int64_t stop_steps;
  double beyond; /* |x_j| above it is diverged; infinity: none */
  int has_walls; /* outside: outcomes left and right */
  double walls[2];
  int set_count;
  esc_plan_set set[ESC_SETS_MAX];
  int renew;
  int64_t rate_after;
  int outcomes; /* walls or sets, then running, then diverged */

  const int64_t *steps; /* observation steps */
  int64_t step_count;
  int observe_moments, observe_loss, observe_overshoot;
  int near_count;
  esc_plan_ball near[ESC_NEARS_MAX];
  int histogram_bins, occupation_bins;
  double histogram_low, histogram_per_width, occupation_low, occupation_per_width;
  int lag_count;
  int64_t lags[ESC_LAGS_MAX]; /* falling, so that their steps rise */
  int basin_count;
  double ridges[ESC_BASINS_MAX + 1]; /* maxima between the basins: basin_count - 1 of them */
  int observe_transitions, observe_snr, observe_tail;
  double tail_point[ESC_DIMENSION_MAX];

  esc_tally_layout tally;
} esc_plan;

/* Words that a step's minibatch takes, one for each row drawn or (Algorithm S) considered; and the
 * blocks they come in. */
ESC_SETUP int esc_network_words(const esc_plan_network *network)
{
  return network->replace ? network->batch : network->batch > 0 ? network->rows : 0;
}

ESC_SETUP int esc_network_blocks(const esc_plan_network *network)
{
  return (esc_network_words(network) + 3) / 4;
}

/* What a gradient costs, in coordinates of a plain landscape: for how often a run looks up. */
ESC_SETUP int64_t esc_gradient_cost(const esc_plan *plan)
{
  const esc_plan_network *const network = &plan->network;
  const int64_t rows = network->batch > 0 ? network->batch : network->rows > 0 ? network->rows : 1;
  return plan->dimension * rows + esc_network_words(network);
}

ESC_SETUP int esc_plan_running(const esc_plan *plan)
{
  return plan->outcomes - 2;
}

ESC_SETUP int esc_plan_diverged(const esc_plan *plan)
{
  return plan->outcomes - 1;
}

/* Whether nothing is observed but outcomes, their times and last positions. */
ESC_SETUP int esc_plan_is_bare(const esc_plan *plan)
{
  return plan->step_count == 0 && plan->near_count == 0 && plan->lag_count == 0 &&
         plan->histogram_bins == 0 && plan->occupation_bins == 0 && plan->basin_count == 0 &&
         plan->rate_after == 0 && !plan->observe_loss && !plan->observe_overshoot &&
         !plan->observe_tail;
}

ESC_SETUP int esc_moment_words(int state_bits)
{
  return 1 + ESC_VALUE_DIGITS(state_bits) + ESC_PRODUCT_DIGITS(state_bits);
}

ESC_SETUP int esc_snr_words(int state_bits)
{
  return esc_moment_words(state_bits) + ESC_SNR_BINS;
}

ESC_SETUP int esc_correlation_words(int state_bits)
{
  return 1 + 2 * ESC_VALUE_DIGITS(state_bits) + 3 * ESC_PRODUCT_DIGITS(state_bits);
}

/* Where the records of single trajectories go, by id: at [id - first]; NULL: not wanted. Without
 * renew each id below `limit` is written exactly once. */
typedef struct esc_sink {
  int64_t first, limit;
  int64_t *steps; /* exit step, -1 if it never ended */
  int32_t *outcomes;
  double *finals; /* dimension numbers each */
  int64_t finals_limit;
  /* every position of the trajectory as it goes, when only one is run; NULL: not wanted */
  int (*visit)(void *context, int64_t step, const double *position, int outcome);
  void *visit_context;
} esc_sink;

/* How a backend reports on its way and hears that it shall stop: called now and then with the steps
 * taken since the last call; nonzero asks it to return at once with ESC_STATUS_INTERRUPTED. */
typedef struct esc_control {
  int (*poll)(void *context, int64_t steps);
  void *context;
  int lanes;          /* lanes per tile, 0: the backend's choice */
  int64_t lane_steps; /* out: steps computed, idle lanes included */
  int complete; /* out, of a call that failed: so many pieces, from the first, were complete */
} esc_control;

/* How a run is best cut into batches for a backend. */
typedef struct esc_batching {
  int64_t first;   /* trajectories in a first batch, when nothing is known of how long they take */
  int64_t least;   /* fewer take as long */
  int64_t largest; /* that a batch ever takes */
  double seconds;  /* that one should take: about what an interruption loses */
  int threads;     /* that call `trajectories` at once; 0: as many as the caller has */
  int pieces;      /* that one call takes at most */
} esc_batching;

/* A batch of trajectories: ids first .. first + count - 1. */
typedef struct esc_batch {
  int64_t first, count;
} esc_batch;

/* A piece of work: trajectories of a plan, and where what they did goes. */
typedef struct esc_piece {
  const esc_plan *plan;
  esc_batch batch;
  int64_t *tally; /* added to; if the call fails, of no use in the pieces that were not complete */
  const esc_sink *sink;
} esc_piece;

/* An optimizer's step over parameters: the tables in the device's memory, and what to launch. */
typedef struct esc_step_plan {
  esc_step_tables tables;
  const esc_step_launch *launches; /* host memory: the chunks of each rule in use */
  int launch_count;
  int64_t chunk_count;
  int threads; /* of a CPU */
} esc_step_plan;

/* A backend: one table. Calls get checked arguments. What can fail has kept its sentence. A stream
 * is a cudaStream_t on a GPU and ignored on a CPU, where all is done when a call returns. */
typedef struct esc_backend {
  const char *name;
  /* isa NULL or "auto": the best. Returns a device or, with *why set, NULL. */
  void *(*open)(const char *isa, const char **why);
  void (*close)(void *device);
  const char *(*isa)(const void *device);
  esc_batching (*batching)(void *device);
  /* Runs pieces, at least one; as many calls at once as there are threads. */
  esc_status (*trajectories)(void *device, esc_piece *const *pieces, int count,
                             esc_control *control);
  /* Values and gradients of the plan's landscape in double; for pictures and checks. */
  esc_status (*landscape)(void *device, const esc_plan *plan, int64_t count, const double *points,
                          double *values, double *gradients);

  /* Down the landscape without noise, in double, from `count` points of `dimension` numbers each,
   * which go to where they settle; values get U there, settled whether they did. A cpu's alone. */
  esc_status (*settle)(void *device, const esc_plan *plan, int64_t count, double *points,
                       double *values, unsigned char *settled);

  /* Memory of the device, aligned to 256 bytes. */
  esc_status (*alloc)(void *device, size_t bytes, void **memory);
  void (*free)(void *device, void *memory);
  /* Whether [memory, memory + bytes) lies in one allocation of the device. */
  int (*owns)(void *device, const void *memory, size_t bytes);
  /* Between memory of the device and of the host, in the order of the stream; waits. */
  esc_status (*copy)(void *device, void *to, const void *from, size_t bytes, void *stream);
  /* From the host to the device, queued; `from` is free again when it returns. Refused with
   * BAD_ARGUMENT while the stream is being captured. */
  esc_status (*upload)(void *device, void *to, const void *from, size_t bytes, void *stream);
  esc_status (*sync)(void *device, void *stream); /* waits for a stream */
  esc_status (*wait)(void *device);               /* waits for all of them */

  /* Steps of an optimizer, queued. Update takes the norm as it stands in the tables' control. */
  esc_status (*start)(void *device, const esc_step_plan *plan, int what, void *stream);
  esc_status (*norm)(void *device, const esc_step_plan *plan, void *stream);
  esc_status (*update)(void *device, const esc_step_plan *plan, const esc_step_call *call,
                       void *stream);
} esc_backend;

extern const esc_backend esc_cpu_backend;
int esc_cpu_isa_available(const char *isa);

#endif
