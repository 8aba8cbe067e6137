/* A law of the reference as an experiment; support_noise.h says what it is for. */
#include "tests/support_noise.h"

#include <string.h>

static void name_law(const ref_noise *law, support_keys *keys)
{
  if (strcmp(law->law, "student_t") == 0)
    support_number(keys, "nu", law->nu);
  if (strcmp(law->law, "pareto") == 0) {
    support_number(keys, "alpha", law->alpha);
    support_number(keys, "weight_right", law->weight_right);
  }
  if (strcmp(law->law, "stable") == 0) {
    support_number(keys, "alpha", law->alpha);
    support_number(keys, "beta", law->beta);
  }
}

support_case support_free_step(const ref_noise *law, int dimension, int64_t trajectories)
{
  support_case c = support_begin("quadratic", law->law, "sgd", 1.0);
  support_number(&c.landscape_keys, "k", 0.0);
  support_number(&c.landscape_keys, "dimension", dimension);
  name_law(law, &c.noise_keys[0]);
  c.noise[0].scale = law->scale;
  c.experiment.stop_steps = 1;
  c.experiment.trajectories = trajectories;
  c.experiment.beyond = ESC_BEYOND_NONE;
  c.experiment.seed = 20260101;
  c.observe.samples = 1;
  return c;
}
