/* What the tests of the engine share: an experiment that owns what it points to, so that a test
 * sets it up in a few lines; devices; a seeded generator of test data. No test is in here. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "escapement/escapement.h"

/* The generator: splitmix64. Every test seeds its own and prints the seed where it fails. */
typedef struct support_rng {
  uint64_t state;
} support_rng;

uint64_t support_draw(support_rng *rng);
double support_between(support_rng *rng, double low, double high);
double support_normal(support_rng *rng);

typedef struct support_keys {
  esc_setting at[12];
  int count;
} support_keys;

void support_number(support_keys *keys, const char *key, double value);
void support_word(support_keys *keys, const char *key, const char *word);
void support_list(support_keys *keys, const char *key, const double *list, int64_t count);

enum { SUPPORT_SOURCES = 3 };

/* An experiment. Change any part, then call support_experiment(), which ties the parts together;
 * copies are good until then. */
typedef struct support_case {
  esc_landscape landscape;
  support_keys landscape_keys;
  esc_noise noise[SUPPORT_SOURCES];
  support_keys noise_keys[SUPPORT_SOURCES];
  int noise_count;
  esc_update_rule optimizer;
  support_keys optimizer_keys, schedule_keys;
  esc_start start;
  double start_values[64]; /* start.value_count of them; 0: the origin */
  esc_observe observe;
  esc_experiment experiment;
} support_case;

support_case support_begin(const char *landscape, const char *noise, const char *optimizer,
                           double lr);
/* A further source of noise; the place of its keys. */
esc_noise *support_add_noise(support_case *c, const char *law);
void support_start_at(support_case *c, double x);
/* How a start is drawn, and its two numbers. */
void support_start_in(support_case *c, esc_start_kind kind, double a, double b);
void support_outside(support_case *c, double lo, double hi);
const esc_experiment *support_experiment(support_case *c);

/* The instruction sets to be tested, NULL at the end; those not on this machine left out. */
const char *const *support_isas(void);

/* A device; the test fails if it cannot be opened. isa NULL: the best. */
esc_device *support_device(const char *isa, int threads);

/* Runs to the end; the test fails if that fails. */
const esc_report *support_run(esc_device *device, support_case *c, esc_result **result);

/* The outcome of that name; the test fails if there is none. */
const esc_outcome *support_outcome(const esc_report *report, const char *name);

#endif
