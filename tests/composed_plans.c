/* The table of composed experiments and what its words mean. Its rows were found by a search that
 * prefers new pairs of values; the first two are the kernels whose speed counts, the last ones
 * those of exact values. */
#include "tests/composed_plans.h"

#include <stdio.h>
#include <string.h>

#include "kernels/backend.h"

typedef enum stop { WALLS, SETS, STAY, NEVER, UNBOUNDED, RENEW } stop;
typedef enum start { AT, UNIFORM, NORMAL, POINTS } start;
typedef enum option {
  PLAIN,
  CLIPPED,
  ANNEALED,
  SPARSE,
  BY_STATE,
  ON_PARAMETER,
  TWO_SOURCES,
  THREE_SOURCES,
  BY_LOSS,
  CORRELATED,
  EPOCHS
} option;
typedef enum modifier { NOTHING, COUPLED, DECOUPLED, CLIP_UPDATE, PROJECT } modifier;
typedef enum observed { BARE, CURVES, NEAR, BINS, PAIRS, EDGES, ALL, SIZES } observed;
enum { F32 = ESC_STATE_F32, F64 = ESC_STATE_F64 };

typedef struct row {
  const char *landscape;
  int dimension;
  const char *law, *rule;
  int state;
  stop ends;
  start begins;
  option noise;
  modifier around;
  const char *schedule;
  observed watched;
} row;

static const row rows[] = {
    {"double_well", 1, "gaussian", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"double_well", 1, "gaussian", "sgd", F32, UNBOUNDED, AT, PLAIN, NOTHING, "constant", BARE},
    {"beale", 2, "rademacher", "adam", F32, RENEW, POINTS, THREE_SOURCES, DECOUPLED, "exponential",
     NEAR},
    {"power_maximum", 1, "student_t", "amsgrad", F64, STAY, UNIFORM, BY_STATE, PROJECT,
     "inverse_sqrt", EDGES},
    {"himmelblau", 2, "stable", "lion", F64, NEVER, NORMAL, ON_PARAMETER, CLIP_UPDATE, "step",
     CURVES},
    {"quadratic", 5, "uniform", "amsgrad", F32, SETS, UNIFORM, ANNEALED, COUPLED, "power", CURVES},
    {"styblinski_tang", 8, "finite_sum", "lion", F64, RENEW, AT, SPARSE, PROJECT, "warmup_cosine",
     BINS},
    {"rosenbrock", 3, "none", "adadelta", F64, RENEW, POINTS, TWO_SOURCES, COUPLED, "constant",
     ALL},
    {"six_hump_camel", 2, "logistic", "radam", F32, STAY, NORMAL, CLIPPED, NOTHING, "warmup_cosine",
     PAIRS},
    {"rastrigin", 17, "laplace", "sign_sgd", F64, SETS, POINTS, THREE_SOURCES, PROJECT, "step",
     NEAR},
    {"styblinski_tang", 17, "stable", "sgd", F32, SETS, NORMAL, BY_STATE, DECOUPLED, "exponential",
     ALL},
    {"sharp_maximum", 1, "uniform", "nesterov", F64, NEVER, POINTS, PLAIN, DECOUPLED,
     "inverse_sqrt", PAIRS},
    {"power_well", 1, "rademacher", "adagrad", F32, STAY, AT, TWO_SOURCES, CLIP_UPDATE, "step",
     BINS},
    {"washboard", 1, "laplace", "adamax", F32, WALLS, NORMAL, SPARSE, COUPLED, "inverse_sqrt",
     NEAR},
    {"rosenbrock", 5, "pareto", "rmsprop", F64, NEVER, UNIFORM, CLIPPED, CLIP_UPDATE, "power",
     BARE},
    {"monkey_saddle", 2, "none", "adamax", F64, NEVER, UNIFORM, THREE_SOURCES, NOTHING,
     "exponential", BINS},
    {"saddle", 2, "gaussian", "adamw", F64, RENEW, AT, ANNEALED, CLIP_UPDATE, "inverse_sqrt", NEAR},
    {"wang_oh_rhee", 1, "finite_sum", "sign_sgd", F32, WALLS, POINTS, ON_PARAMETER, PROJECT,
     "exponential", EDGES},
    {"quadratic", 8, "stable", "adamw", F32, STAY, NORMAL, PLAIN, DECOUPLED, "power", BINS},
    {"muller_brown", 2, "student_t", "adadelta", F32, SETS, POINTS, SPARSE, CLIP_UPDATE,
     "exponential", PAIRS},
    {"washboard", 1, "logistic", "nadam", F64, WALLS, AT, ANNEALED, DECOUPLED, "constant", CURVES},
    {"rastrigin", 3, "gaussian", "sgd", F32, STAY, UNIFORM, ON_PARAMETER, COUPLED, "warmup_cosine",
     ALL},
    {"three_hump_camel", 2, "none", "momentum", F64, SETS, NORMAL, PLAIN, PROJECT, "warmup_cosine",
     BARE},
    {"rastrigin", 8, "uniform", "lookahead", F32, RENEW, UNIFORM, SPARSE, NOTHING, "step", ALL},
    {"styblinski_tang", 5, "logistic", "adagrad", F64, STAY, POINTS, ANNEALED, NOTHING,
     "inverse_sqrt", BARE},
    {"sharp_maximum", 1, "student_t", "lookahead", F32, NEVER, AT, CLIPPED, PROJECT, "power", ALL},
    {"rosenbrock", 3, "uniform", "radam", F32, NEVER, AT, BY_STATE, CLIP_UPDATE, "warmup_cosine",
     NEAR},
    {"himmelblau", 2, "pareto", "nesterov", F64, STAY, AT, THREE_SOURCES, COUPLED, "constant",
     PAIRS},
    {"power_maximum", 1, "pareto", "momentum", F32, RENEW, NORMAL, TWO_SOURCES, DECOUPLED, "step",
     EDGES},
    {"sharp_maximum", 1, "rademacher", "adamw", F32, SETS, NORMAL, BY_STATE, NOTHING, "constant",
     CURVES},
    {"double_well", 1, "finite_sum", "rmsprop", F32, WALLS, UNIFORM, TWO_SOURCES, DECOUPLED,
     "warmup_cosine", PAIRS},
    {"quadratic", 17, "stable", "nesterov", F32, RENEW, POINTS, CLIPPED, NOTHING, "exponential",
     BARE},
    {"rosenbrock", 3, "none", "nadam", F32, STAY, NORMAL, THREE_SOURCES, PROJECT, "step", CURVES},
    {"three_hump_camel", 2, "finite_sum", "nadam", F64, SETS, POINTS, CLIPPED, NOTHING, "power",
     NEAR},
    {"wang_oh_rhee", 1, "stable", "radam", F64, RENEW, UNIFORM, THREE_SOURCES, CLIP_UPDATE,
     "inverse_sqrt", ALL},
    {"six_hump_camel", 2, "laplace", "amsgrad", F64, RENEW, UNIFORM, PLAIN, COUPLED, "constant",
     ALL},
    {"styblinski_tang", 17, "stable", "momentum", F64, NEVER, UNIFORM, SPARSE, COUPLED, "constant",
     BINS},
    {"rastrigin", 17, "logistic", "adamax", F64, SETS, AT, TWO_SOURCES, DECOUPLED, "inverse_sqrt",
     BARE},
    {"styblinski_tang", 8, "pareto", "adam", F64, SETS, AT, ON_PARAMETER, CLIP_UPDATE,
     "inverse_sqrt", BARE},
    {"quadratic", 5, "finite_sum", "adam", F64, STAY, NORMAL, PLAIN, CLIP_UPDATE, "constant", NEAR},
    {"rastrigin", 5, "student_t", "lion", F32, SETS, NORMAL, BY_STATE, COUPLED, "step", BINS},
    {"quadratic", 5, "gaussian", "rmsprop", F32, STAY, POINTS, THREE_SOURCES, PROJECT,
     "warmup_cosine", CURVES},
    {"double_well", 1, "uniform", "adadelta", F64, WALLS, NORMAL, ANNEALED, PROJECT, "step", PAIRS},
    {"muller_brown", 2, "gaussian", "lookahead", F64, SETS, NORMAL, TWO_SOURCES, NOTHING,
     "inverse_sqrt", CURVES},
    {"power_well", 1, "gaussian", "sgd", F64, WALLS, POINTS, PLAIN, NOTHING, "constant", ALL},
    {"beale", 2, "logistic", "momentum", F64, SETS, UNIFORM, CLIPPED, NOTHING, "power", EDGES},
    {"monkey_saddle", 2, "student_t", "nesterov", F32, STAY, AT, SPARSE, PROJECT, "step", ALL},
    {"saddle", 2, "laplace", "adagrad", F32, NEVER, NORMAL, ANNEALED, COUPLED, "power", PAIRS},
    {"quadratic", 3, "gaussian", "sgd", F32, NEVER, AT, CORRELATED, NOTHING, "constant", CURVES},
    {"styblinski_tang", 17, "gaussian", "adam", F64, SETS, NORMAL, CORRELATED, PROJECT, "constant",
     BARE},
    {"double_well", 1, "laplace", "lookahead", F64, WALLS, UNIFORM, BY_LOSS, COUPLED, "constant",
     CURVES},
    {"himmelblau", 2, "rademacher", "rmsprop", F32, STAY, POINTS, BY_LOSS, CLIP_UPDATE, "constant",
     NEAR},
    {"double_well", 1, "finite_sum", "sgd", F32, RENEW, UNIFORM, EPOCHS, NOTHING, "constant", BINS},
    {"quadratic", 5, "finite_sum", "adamax", F64, SETS, NORMAL, EPOCHS, NOTHING, "step", CURVES},
    /* what test_emulated_theory.c holds against exact values, with the first */
    {"power_maximum", 1, "gaussian", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"sharp_maximum", 1, "laplace", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"quadratic", 1, "stable", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"quadratic", 1, "gaussian", "momentum", F32, NEVER, AT, PLAIN, NOTHING, "constant", CURVES},
    {"network", 9, "finite_sum", "sgd", F32, SETS, NORMAL, PLAIN, NOTHING, "constant", CURVES},
    {"network", 16, "laplace", "lookahead", F64, RENEW, UNIFORM, TWO_SOURCES, DECOUPLED, "power",
     ALL},
    {"network", 17, "none", "adam", F32, NEVER, POINTS, PLAIN, NOTHING, "constant", CURVES},
    {"double_well", 1, "gaussian", "adam", F32, WALLS, UNIFORM, PLAIN, NOTHING, "constant", SIZES},
    {"rosenbrock", 5, "student_t", "amsgrad", F64, SETS, NORMAL, CLIPPED, PROJECT, "constant",
     SIZES},
    {"washboard", 1, "stable", "nadam", F64, RENEW, POINTS, PLAIN, NOTHING, "constant", SIZES},
    {"quadratic", 17, "laplace", "radam", F32, NEVER, UNIFORM, PLAIN, NOTHING, "constant", SIZES},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* math: fast. The first three are kernels whose speed counts; together they have every law whose
 * special functions are others then, and rules with roots and quotients. */
static const row fast_rows[] = {
    {"double_well", 1, "gaussian", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"double_well", 1, "gaussian", "sgd", F32, UNBOUNDED, AT, PLAIN, NOTHING, "constant", BARE},
    {"double_well", 1, "stable", "sgd", F32, WALLS, AT, PLAIN, NOTHING, "constant", BARE},
    {"sharp_maximum", 1, "student_t", "adam", F32, WALLS, UNIFORM, ANNEALED, DECOUPLED,
     "inverse_sqrt", BARE},
    {"washboard", 1, "pareto", "rmsprop", F32, WALLS, AT, CLIPPED, NOTHING, "warmup_cosine",
     CURVES},
    {"muller_brown", 2, "gaussian", "nadam", F32, SETS, POINTS, PLAIN, COUPLED, "exponential",
     BARE},
    {"wang_oh_rhee", 1, "laplace", "adadelta", F64, WALLS, AT, TWO_SOURCES, NOTHING, "step", BARE},
    {"rastrigin", 3, "logistic", "adagrad", F32, SETS, AT, BY_STATE, NOTHING, "power", NEAR},
};
enum { FAST_ROWS = sizeof fast_rows / sizeof *fast_rows };

static const row *row_of(int k)
{
  return k < ROWS ? &rows[k] : &fast_rows[k - ROWS];
}

static const int64_t steps[] = {0, 1, 2, 3, 7, 40, 41, 150, 300};
static const int64_t lags[] = {0, 1, 3, 10};
static const double slopes[] = {1.0, -2.0, 0.5, 3.0, 7.0, -1.0};

int composed_count(void)
{
  return ROWS + FAST_ROWS;
}

int composed_exact_count(void)
{
  return ROWS;
}

const char *composed_name(int k)
{
  static char name[160];
  const row *const r = row_of(k);
  snprintf(name, sizeof name, "%d: %s in %d, %s, %s, f%d%s", k, r->landscape, r->dimension, r->law,
           r->rule, r->state == F64 ? 64 : 32, k < ROWS ? "" : ", fast");
  return name;
}

static int is(const char *word, const char *name)
{
  return strcmp(word, name) == 0;
}

static void number(esc_setting *keys, int *count, const char *key, double value)
{
  keys[(*count)++] = (esc_setting)ESC_NUMBER(key, value);
}

/* By the number of parameters: minibatches without and with replacement, and all of the rows. */
static void set_network(const row *r, composed_experiment *e)
{
  static const double small[] = {2, 2, 1}, middle[] = {1, 5, 1}, wide[] = {2, 3, 2};
  static const double values[] = {0.5, -1.0, 1, 0,   -0.25, 2.0,  0, 0.5, 1.5,
                                  0.5, 0,    1, 0.0, -2.0,  0.25, 1, -1.0, -0.5, 0, 0};
  esc_setting *const keys = e->landscape_keys;
  int *const count = &e->landscape.setting_count;
  const double *const layers = r->dimension == 9 ? small : r->dimension == 16 ? middle : wide;
  keys[(*count)++] = (esc_setting)ESC_LIST("layers", layers, 3);
  if (r->dimension == 9)
    number(keys, count, "batch", 3);
  if (r->dimension == 16) {
    keys[(*count)++] = (esc_setting)ESC_WORD("activation", "sigmoid");
    keys[(*count)++] = (esc_setting)ESC_WORD("output", "tanh");
    keys[(*count)++] = (esc_setting)ESC_WORD("data", "regression");
    keys[(*count)++] = (esc_setting)ESC_WORD("replace", "yes");
    number(keys, count, "batch", 5);
  }
  if (r->dimension == 17) {
    keys[(*count)++] = (esc_setting)ESC_WORD("activation", "relu");
    keys[(*count)++] = (esc_setting)ESC_WORD("loss", "logistic");
    e->data = (esc_network_data){sizeof e->data, 5, 2, 2, values};
    e->landscape.data = &e->data;
  }
}

/* Landscapes so scaled that a step of 0.1 of the gradient stays near. */
static void set_landscape(const row *r, composed_experiment *e)
{
  static const struct {
    const char *name;
    double scale;
  } steep[] = {{"himmelblau", 0.02},   {"rosenbrock", 0.005},    {"beale", 0.01},
               {"muller_brown", 0.02}, {"styblinski_tang", 0.1}, {"rastrigin", 0.05},
               {"wang_oh_rhee", 0.1},  {"monkey_saddle", 0.3}};
  esc_landscape *const l = &e->landscape;
  *l = (esc_landscape)ESC_LANDSCAPE_INIT(r->landscape);
  for (size_t k = 0; k < sizeof steep / sizeof *steep; k++)
    if (is(r->landscape, steep[k].name))
      l->scale = steep[k].scale;
  l->settings = e->landscape_keys;
  if (is(r->landscape, "network"))
    set_network(r, e);
  else if (is(r->landscape, "quadratic")) {
    for (int j = 0; j < r->dimension; j++)
      e->spectrum[j] = 1.0 - 0.25 * (j % 6);
    e->landscape_keys[l->setting_count++] =
        (esc_setting)ESC_LIST("spectrum", e->spectrum, r->dimension);
  } else if (is(r->landscape, "styblinski_tang") || is(r->landscape, "rastrigin") ||
             is(r->landscape, "rosenbrock"))
    number(e->landscape_keys, &l->setting_count, "dimension", r->dimension);
  else if (is(r->landscape, "power_maximum"))
    number(e->landscape_keys, &l->setting_count, "p", 3.5);
  else if (is(r->landscape, "power_well")) {
    number(e->landscape_keys, &l->setting_count, "p", 1.5);
    number(e->landscape_keys, &l->setting_count, "q", 3.5);
  } else if (is(r->landscape, "double_well") || is(r->landscape, "washboard"))
    number(e->landscape_keys, &l->setting_count, "tilt", 0.05);
}

static void set_law(const char *law, int state, esc_noise *noise, esc_setting keys[3])
{
  *noise = (esc_noise)ESC_NOISE_INIT(law);
  noise->settings = keys;
  int *const count = &noise->setting_count;
  if (is(law, "student_t"))
    number(keys, count, "nu", 2.5);
  if (is(law, "pareto")) {
    number(keys, count, "alpha", 1.4);
    number(keys, count, "weight_right", 0.4);
  }
  if (is(law, "stable")) {
    number(keys, count, "alpha", state == F64 ? 1.0 : 1.5);
    number(keys, count, "beta", 0.5);
  }
  if (is(law, "finite_sum")) { /* with replacement in double alone */
    keys[(*count)++] = (esc_setting)ESC_LIST("values", slopes, 5);
    number(keys, count, "batch", state == F64 ? 7 : 2);
    keys[(*count)++] = (esc_setting)ESC_WORD("replace", state == F64 ? "yes" : "no");
  }
}

/* Of rank 2: products of (1, j/4) in pairs; and a coordinate without noise. */
static void set_covariance(const row *r, composed_experiment *e)
{
  const int d = r->dimension;
  for (int j = 0; j < d; j++)
    for (int k = 0; k < d; k++)
      e->covariance[j * d + k] = j == 1 || k == 1 ? 0.0 : 0.25 * (1.0 + 0.0625 * j * k);
  e->noise[0].scales = NULL;
  e->noise[0].scale_count = 0;
  e->noise[0].covariance = e->covariance;
  e->noise[0].covariance_count = d * d;
}

/* Three steps an epoch. */
static void set_epochs(composed_experiment *e)
{
  e->noise_keys[0][0] = (esc_setting)ESC_LIST("values", slopes, 6);
  e->noise_keys[0][1] = (esc_setting)ESC_NUMBER("batch", 2);
  e->noise_keys[0][2] = (esc_setting)ESC_WORD("replace", "epoch");
  e->noise[0].settings = e->noise_keys[0];
  e->noise[0].setting_count = 3;
}

static void set_noise(const row *r, composed_experiment *e)
{
  const int count = r->noise == TWO_SOURCES ? 2 : r->noise == THREE_SOURCES ? 3 : 1;
  set_law(r->law, r->state, &e->noise[0], e->noise_keys[0]);
  set_law(r->dimension % 2 ? "laplace" : "gaussian", r->state, &e->noise[1], e->noise_keys[1]);
  set_law(r->dimension % 2 ? "finite_sum" : "student_t", r->state, &e->noise[2], e->noise_keys[2]);
  e->experiment.noises = e->noise;
  e->experiment.noise_count = count;
  for (int j = 0; j < r->dimension; j++)
    e->scales[j] = 0.75 + 0.125 * (j % 3);
  if (r->dimension > 1) {
    e->noise[0].scales = e->scales;
    e->noise[0].scale_count = r->dimension;
  }
  e->noise[1].state_scale[1] = 0.25;
  e->noise[2].target = ESC_NOISE_ON_PARAMETER;
  e->noise[2].scale = 0.05;
  e->noise[2].sparse = 0.25;
  if (r->noise == CLIPPED || r->noise == THREE_SOURCES)
    e->noise[0].clip = 1.5;
  if (r->noise == BY_STATE || r->noise == THREE_SOURCES) {
    e->noise[0].state_scale[0] = 0.5;
    e->noise[0].state_scale[1] = 0.5;
  }
  if (r->noise == SPARSE)
    e->noise[0].sparse = 0.5;
  if (r->noise == BY_LOSS) {
    e->noise[0].state_scale[1] = 0.5;
    e->noise[0].proportional_to = ESC_PROPORTIONAL_TO_LOSS;
  }
  if (r->noise == CORRELATED)
    set_covariance(r, e);
  if (r->noise == EPOCHS)
    set_epochs(e);
  if (r->noise == ON_PARAMETER) {
    e->noise[0].target = ESC_NOISE_ON_PARAMETER;
    for (int j = 0; j < r->dimension; j++)
      e->scales[j] *= 0.1;
    if (r->dimension == 1)
      e->noise[0].scale = 0.1;
  }
  if (r->noise == ANNEALED) {
    e->noise[0].scales = NULL;
    e->noise[0].scale_count = 0;
    e->noise[0].anneal[0] = 0.5;
    e->noise[0].anneal[1] = 0.55;
  }
}

static void set_schedule(const row *r, composed_experiment *e)
{
  esc_update_rule *const o = &e->optimizer;
  int *const count = &o->schedule_setting_count;
  if (is(r->schedule, "constant"))
    return;
  o->schedule = r->schedule;
  o->schedule_settings = e->schedule_keys;
  if (is(r->schedule, "power"))
    number(e->schedule_keys, count, "exponent", 0.3);
  if (is(r->schedule, "exponential"))
    number(e->schedule_keys, count, "gamma", 0.995);
  if (is(r->schedule, "step")) {
    number(e->schedule_keys, count, "every", 37);
    number(e->schedule_keys, count, "gamma", 0.75);
  }
  if (is(r->schedule, "warmup_cosine")) {
    number(e->schedule_keys, count, "warmup", 10);
    number(e->schedule_keys, count, "total", 250);
  }
}

static void set_rule(const row *r, composed_experiment *e)
{
  esc_update_rule *const o = &e->optimizer;
  const int looks_ahead = is(r->rule, "lookahead");
  *o = (esc_update_rule)ESC_UPDATE_RULE_INIT(looks_ahead ? "nesterov" : r->rule, 0.1);
  o->settings = e->rule_keys;
  if (looks_ahead)
    e->rule_keys[o->setting_count++] = (esc_setting)ESC_WORD("form", "lookahead");
  if (is(r->rule, "rmsprop")) {
    number(e->rule_keys, &o->setting_count, "momentum", 0.5);
    number(e->rule_keys, &o->setting_count, "centered", 1.0);
  }
  if (is(r->rule, "adadelta"))
    o->lr = 1.0;
  set_schedule(r, e);
  if (r->around == COUPLED || r->around == DECOUPLED) {
    o->weight_decay = 0.02;
    o->decay = r->around == COUPLED ? ESC_DECAY_COUPLED : ESC_DECAY_DECOUPLED;
  }
  if (r->around == CLIP_UPDATE)
    o->clip_update = 0.125;
  if (r->around == PROJECT) {
    o->project[0] = -1.75;
    o->project[1] = 2.0;
  }
}

static void set_start(const row *r, composed_experiment *e)
{
  static const esc_start_kind kinds[] = {ESC_START_POINT, ESC_START_UNIFORM, ESC_START_NORMAL,
                                         ESC_START_POINTS};
  e->start = (esc_start)ESC_START_INIT;
  e->start.kind = kinds[r->begins];
  e->start.values = e->start_values;
  const int count = (r->begins == POINTS ? 4 : 1) * r->dimension;
  for (int k = 0; k < count; k++)
    e->start_values[k] = 0.25 * (k % 7) - 0.625;
  e->start.value_count = count;
  if (r->begins == UNIFORM || r->begins == NORMAL) { /* some end where they begin */
    e->start_values[0] = r->begins == UNIFORM ? -1.75 : 0.0;
    e->start_values[1] = r->begins == UNIFORM ? 1.5 : 0.75;
    e->start.value_count = 2;
  }
  e->experiment.start = &e->start;
}

static void set_set(composed_experiment *e, int k, const char *name, esc_set_kind kind,
                    const double *values, int count)
{
  e->sets[k] = (esc_set)ESC_SET_INIT(name);
  e->sets[k].kind = kind;
  e->sets[k].values = values;
  e->sets[k].value_count = count;
}

static void set_stop(const row *r, composed_experiment *e)
{
  esc_experiment *const x = &e->experiment;
  const int d = r->dimension;
  x->stop_steps = r->ends == RENEW ? 123 : 300;
  x->renew = r->ends == RENEW;
  if (r->ends == NEVER || r->ends == UNBOUNDED) {
    x->beyond = r->ends == NEVER ? ESC_BEYOND_AT : ESC_BEYOND_NONE;
    x->beyond_at = 6.0;
    return;
  }
  if (r->ends == WALLS || (r->ends == RENEW && d == 1)) {
    x->outside[0] = -1.5;
    x->outside[1] = 1.25;
    return;
  }
  for (int j = 0; j < d; j++) {
    e->ball[j] = 0.25 * (j % 3);
    e->normal[j] = 1.0 - 0.5 * (j % 3);
  }
  e->ball[d] = 0.4 + 0.1 * d;
  e->normal[d] = 2.0 + 0.1 * d;
  e->box[0] = -2.25;
  e->box[1] = 3.0;
  e->level[0] = -0.75;
  set_set(e, 0, "reached", ESC_SET_BALL, e->ball, d + 1);
  set_set(e, 1, "beyond_plane", ESC_SET_HALFSPACE, e->normal, d + 1);
  set_set(e, 2, "out", ESC_SET_OUTSIDE_BOX, e->box, 2);
  set_set(e, 3, "low", ESC_SET_LOSS_BELOW, e->level, 1);
  e->sets[0].stay = r->ends == SETS ? 1 : 5;
  x->sets = e->sets;
  x->set_count = r->ends == STAY ? 1 : 4;
}

static void watch_steps(const row *r, composed_experiment *e)
{
  if (r->ends == RENEW)
    return; /* its walkers restart */
  e->observe.steps = steps;
  e->observe.step_count = sizeof steps / sizeof *steps;
}

static void watch_edges(const row *r, composed_experiment *e)
{
  e->observe.basins = r->dimension == 1;
  e->observe.overshoot = e->experiment.outside[1] < 2.0;
  e->experiment.rate_after = 5;
}

static void watch_sizes(const row *r, composed_experiment *e)
{
  watch_steps(r, e);
  e->tail = (esc_tail_request)ESC_TAIL_REQUEST_INIT;
  e->tail.point = e->start_values; /* any numbers */
  e->tail.point_count = r->dimension;
  e->observe.tail_index = &e->tail;
  e->observe.snr = e->observe.step_count > 0;
  e->observe.basins = r->dimension > 1 ? 0 : e->observe.step_count > 0 ? 2 : 1;
}

static void watch_balls(const row *r, composed_experiment *e)
{
  for (int b = 0; b < 2; b++) {
    e->nears[b] = (esc_near)ESC_NEAR_INIT(b ? "start" : "middle");
    e->nears[b].point = b ? e->start_values : e->spectrum; /* any numbers */
    e->nears[b].point_count = r->dimension;
    e->nears[b].radius = 0.5 + 0.25 * b;
  }
  e->observe.nears = e->nears;
  e->observe.near_count = 2;
}

static void set_observers(const row *r, composed_experiment *e)
{
  esc_observe *const o = &e->observe;
  const int curves = r->watched == CURVES || r->watched == ALL;
  *o = (esc_observe)ESC_OBSERVE_INIT;
  if (curves || r->watched == NEAR)
    watch_steps(r, e);
  if (curves) {
    o->moments = o->step_count > 0;
    o->loss = 1;
  }
  if (r->watched == NEAR || r->watched == ALL)
    watch_balls(r, e);
  if (r->watched == BINS || r->watched == ALL) {
    e->bins = (esc_histogram_request){sizeof e->bins, -3.0, 3.0, 37};
    o->histogram = o->occupation = &e->bins;
  }
  if ((r->watched == PAIRS || r->watched == ALL) && r->ends != RENEW) {
    o->correlation = lags;
    o->correlation_count = sizeof lags / sizeof *lags;
  }
  if (r->watched == EDGES || r->watched == ALL)
    watch_edges(r, e);
  if (r->watched == SIZES)
    watch_sizes(r, e);
  e->experiment.observe = o;
}

static void make(const row *r, uint64_t seed, composed_experiment *e)
{
  memset(e, 0, sizeof *e);
  e->experiment = (esc_experiment)ESC_EXPERIMENT_INIT;
  e->experiment.landscape = &e->landscape;
  e->experiment.optimizer = &e->optimizer;
  e->experiment.state = (esc_state)r->state;
  e->experiment.seed = seed;
  e->experiment.trajectories = r->dimension > 3 ? 120 : 400;
  set_landscape(r, e);
  set_noise(r, e);
  set_rule(r, e);
  set_start(r, e);
  set_stop(r, e);
  set_observers(r, e);
}

void composed_make(int k, composed_experiment *e)
{
  make(row_of(k), 4000 + (uint64_t)k, e);
  e->experiment.math = k < ROWS ? ESC_MATH_EXACT : ESC_MATH_FAST;
}

/* --- any combination --- */

static int dimension_of(const char *landscape, int k)
{
#define ESC_DIMENSION_ROW(name, shape, dimension, ...) {#name, dimension},
  static const struct {
    const char *name;
    int dimension; /* 0: by its key */
  } landscapes[] = {ESC_LANDSCAPE_CATALOGUE(ESC_DIMENSION_ROW)};
  static const int free_dimensions[] = {2, 3, 5, 8, COMPOSED_WIDEST}, networks[] = {9, 16, 17};
  for (size_t j = 0; j < sizeof landscapes / sizeof *landscapes; j++)
    if (is(landscape, landscapes[j].name) && landscapes[j].dimension > 0)
      return landscapes[j].dimension;
  if (is(landscape, "network"))
    return networks[k % 3];
  return free_dimensions[k % 5];
}

/* Annealing gives a variance, which not every law has. */
static option options_of(const char *law, int k)
{
  const option o = (option)(k % (THREE_SOURCES + 1));
  const int has_none = is(law, "none") || is(law, "pareto") || is(law, "stable");
  return o == ANNEALED && has_none ? PLAIN : o;
}

void composed_mix(const char *landscape, const char *law, const char *rule, esc_state state, int k,
                  composed_experiment *e)
{
  static const char *const schedules[] = {"constant",    "inverse_sqrt", "power",
                                          "exponential", "step",         "warmup_cosine"};
  const int dimension = dimension_of(landscape, k / 3);
  const stop ends = (stop)(k % (RENEW + 1));
  const row r = {.landscape = landscape,
                 .dimension = dimension,
                 .law = law,
                 .rule = rule,
                 .state = state,
                 .ends = ends == WALLS && dimension > 1 ? SETS : ends,
                 .begins = (start)(k / 2 % (POINTS + 1)),
                 .noise = options_of(law, k),
                 .around = (modifier)(k / 4 % (PROJECT + 1)),
                 .schedule = schedules[k / 5 % 6],
                 .watched = (observed)(k % (ALL + 1))};
  make(&r, (uint64_t)k, e);
}
