/* From an experiment as the caller wrote it to a plan that a backend carries out: every check,
 * every default, every constant formed once in double. A plan owns what it points to. */
#ifndef ESC_HOST_PLAN_H
#define ESC_HOST_PLAN_H

#include "kernels/backend.h"

/* What the report needs beside the plan. */
typedef struct esc_plan_names {
  const char *outcome[ESC_SETS_MAX + 2];
  const char *near[ESC_NEARS_MAX];
} esc_plan_names;

/* When the run is precise enough. */
enum {
  ESC_UNTIL_NEVER, /* nothing was asked */
  ESC_UNTIL_MEAN,
  ESC_UNTIL_RESTRICTED_MEAN,
  ESC_UNTIL_MEAN_OF_EXITED,
  ESC_UNTIL_RATE,
  ESC_UNTIL_FRACTION
};

typedef struct esc_plan_precision {
  int of;
  int outcome; /* of a fraction */
  double relative_error;
  int64_t least_events;
} esc_plan_precision;

typedef struct esc_planned {
  esc_plan plan;
  esc_plan_names names;
  esc_landscape_info landscape;
  esc_histogram_request histogram, occupation;
  double tail_share;
  double snr_keeps[2]; /* of a rule with states m and v: the betas of its bias correction */
  int64_t trajectories;
  esc_plan_precision until;
  int samples;
  int settles;              /* basins are told by where last positions settle */
  int moments;              /* that positions have: 2 mean and variance, 1 a mean, 0 none */
  int moments_on_parameter; /* that noise on the parameter leaves: no rule bounds it */
  void *owned[96];          /* everything to be freed */
  int owned_count;
} esc_planned;

/* Makes a plan. *planned is untouched on failure; else the caller frees it. */
esc_status esc_plan_make(const esc_experiment *experiment, esc_planned **planned);
void esc_plan_free(esc_planned *planned);
/* Frees what it owns, not itself. */
void esc_plan_release(esc_planned *planned);

/* Whether a step is proportional to the gradient (sgd, momentum, nesterov). */
int esc_plan_is_linear(const esc_plan *plan);

/* Whether the rule keeps means of the gradient and of its square, m and v (adam and its kin). */
int esc_plan_has_snr(const esc_plan *plan);

/* --- the parts, each in a file of its own (plan_NAME.c) --- */

/* Memory that belongs to the plan, zeroed; NULL if there is none (esc_fail has been called). */
void *esc_plan_own(esc_planned *planned, size_t count, size_t size);
char *esc_plan_own_text(esc_planned *planned, const char *text);

struct esc_resolved;
esc_status esc_plan_network_of(esc_planned *planned, const esc_landscape *landscape,
                               const struct esc_resolved *keys);
esc_status esc_plan_landscape(esc_planned *planned, const esc_landscape *landscape);
esc_status esc_plan_noises(esc_planned *planned, const esc_experiment *experiment);
esc_status esc_plan_optimizer(esc_planned *planned, const esc_experiment *experiment);
esc_status esc_plan_start(esc_planned *planned, const esc_experiment *experiment);
esc_status esc_plan_stop(esc_planned *planned, const esc_experiment *experiment);
esc_status esc_plan_observe(esc_planned *planned, const esc_experiment *experiment);
esc_status esc_plan_until(esc_planned *planned, const esc_experiment *experiment);
void esc_plan_tally(esc_planned *planned);

/* The covariance of a source of noise at a key path (plan_covariance.c), for plan_noise.c. */
esc_status esc_plan_covariance(esc_planned *planned, const esc_noise *noise, const char *place,
                               esc_plan_noise *to);

/* Critical points and overshoot bounds of the plan's landscape (landscape.c). */
void esc_landscape_study(const esc_plan *plan, double lr, esc_landscape_info *info);

#endif
