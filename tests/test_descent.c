/* Plain sgd goes through loops of its own, a group of steps at once (kernels/cpu/landscape_loops.c,
 * plain_descent in tile.c). Momentum with nothing kept takes the same steps one by one through the
 * loops that all rules share: it must give the same bits, on every landscape, and also where sgd
 * has something besides and must not take the loops of its own. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "kernels/backend.h"
#include "tests/support.h"

enum { TRAJECTORIES = 700, STEPS = 37 };

typedef void change(support_case *c);

static void add_nothing(support_case *c)
{
  (void)c;
}

static void add_decay(support_case *c)
{
  c->optimizer.weight_decay = 0.25;
}

static void add_schedule(support_case *c)
{
  c->optimizer.schedule = "inverse_sqrt";
}

static void add_projection(support_case *c)
{
  c->optimizer.project[0] = -0.125;
}

static void add_source(support_case *c)
{
  support_add_noise(c, "laplace");
}

static void add_state_scale(support_case *c)
{
  c->noise[0].state_scale[0] = 0.5;
  c->noise[0].state_scale[1] = 0.25;
}

static void three_dimensions(support_case *c)
{
  static const double spectrum[3] = {0.5, 1.0, -0.25};
  support_list(&c->landscape_keys, "spectrum", spectrum, 3);
}

static const esc_report *run(const char *rule, const char *landscape, esc_state state, change *add,
                             const char *isa, esc_result **result)
{
  support_case c = support_begin(landscape, "gaussian", rule, 0.0625);
  if (strcmp(rule, "momentum") == 0)
    support_number(&c.optimizer_keys, "momentum", 0.0);
  c.landscape.scale = 0.75;
  add(&c);
  c.experiment.state = state;
  c.experiment.trajectories = TRAJECTORIES;
  c.experiment.stop_steps = STEPS;
  c.observe.samples = 1;
  esc_device *const device = support_device(isa, 1);
  const esc_report *const report = support_run(device, &c, result);
  esc_device_close(device);
  return report;
}

static void check(const char *landscape, int dimension, change *add)
{
  for (int state = 0; state < 2; state++)
    for (const char *const *isa = support_isas(); *isa; isa++) {
      esc_result *one, *other;
      const esc_report *const a = run("sgd", landscape, (esc_state)state, add, *isa, &one);
      const esc_report *const b = run("momentum", landscape, (esc_state)state, add, *isa, &other);
      for (int i = 0; i < TRAJECTORIES * dimension; i++)
        cr_assert(memcmp(&a->sample_final[i], &b->sample_final[i], sizeof(double)) == 0 ||
                      (isnan(a->sample_final[i]) && isnan(b->sample_final[i])),
                  "%s, %s, state %d: place %d is %a, step by step %a", landscape, *isa, state, i,
                  a->sample_final[i], b->sample_final[i]);
      esc_result_free(one);
      esc_result_free(other);
    }
}

Test(descent, every_landscape)
{
#define CHECK_SINGLE(name, dimension) check(name, dimension, add_nothing);
#define CHECK_CHAIN(name, dimension)  check(name, dimension, add_nothing);
#define CHECK_NETWORK(name, dimension) /* it has no such loops */
#define CHECK(name, shape, dimension, ...)                                                         \
  CHECK_##shape(#name, (dimension) ? (dimension) : strcmp(#name, "rosenbrock") == 0 ? 2 : 1)
  ESC_LANDSCAPE_CATALOGUE(CHECK)
}

Test(descent, dimensions)
{
  check("quadratic", 3, three_dimensions);
}

Test(descent, besides)
{
  change *const changes[] = {add_decay, add_schedule, add_projection, add_source, add_state_scale};
  for (size_t k = 0; k < sizeof changes / sizeof *changes; k++)
    check("double_well", 1, changes[k]);
}
