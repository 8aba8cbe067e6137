/* Experiments that between them need every part of a composed kernel: the generator writes the
 * source of each before the tests are built, and the tests run each on the emulated device. */
#ifndef TESTS_COMPOSED_PLANS_H
#define TESTS_COMPOSED_PLANS_H

#include "escapement/experiment.h"

enum { COMPOSED_SOURCES = 3, COMPOSED_WIDEST = 17 };

/* An experiment with all it points to; it points into itself, so it must not be copied. */
typedef struct composed_experiment {
  esc_landscape landscape;
  esc_network_data data;
  esc_noise noise[COMPOSED_SOURCES];
  esc_update_rule optimizer;
  esc_start start;
  esc_set sets[4];
  esc_near nears[2];
  esc_histogram_request bins;
  esc_tail_request tail;
  esc_observe observe;
  esc_setting landscape_keys[6], noise_keys[COMPOSED_SOURCES][3], rule_keys[2], schedule_keys[2];
  double spectrum[COMPOSED_WIDEST], scales[COMPOSED_WIDEST], start_values[4 * COMPOSED_WIDEST];
  double covariance[COMPOSED_WIDEST * COMPOSED_WIDEST];
  double ball[COMPOSED_WIDEST + 1], normal[COMPOSED_WIDEST + 1], box[2], level[1];
  esc_experiment experiment;
} composed_experiment;

/* How many there are: those of exact mode, then those of math: fast. */
int composed_count(void);
int composed_exact_count(void);

/* Makes the k-th; its name is good until the next call. */
void composed_make(int k, composed_experiment *e);
const char *composed_name(int k);

/* An experiment of any landscape, law and rule (lookahead: Nesterov's, in that form). What else
 * there is follows from k: kinds of ends, starts, sources, modifiers, schedules and observers, so
 * that k and its successors pass through all of them. */
void composed_mix(const char *landscape, const char *law, const char *rule, esc_state state, int k,
                  composed_experiment *e);

#endif
