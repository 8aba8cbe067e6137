/* Composing the source of a trajectory kernel. */
#include "host/cuda/compose_kernel.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/cuda/trajectory/trajectory_args.h"

#define ESC_NAME_OF(name, ...)         #name,
#define ESC_SHAPE_OF(name, shape, ...) #shape,
static const char *const updates[] = {ESC_UPDATE_CATALOGUE(ESC_NAME_OF)};
static const char *const landscapes[] = {ESC_LANDSCAPE_CATALOGUE(ESC_NAME_OF)};
static const char *const laws[] = {ESC_NOISE_CATALOGUE(ESC_NAME_OF)};
static const char *const law_shapes[] = {ESC_NOISE_CATALOGUE(ESC_SHAPE_OF)};

typedef struct composition {
  char *text;
  size_t used;
  int members; /* written so far */
} composition;

static void write(composition *c, const char *format, ...)
{
  va_list values;
  va_start(values, format);
  const int written = vsnprintf(c->text + c->used, ESC_COMPOSED_BYTES - c->used, format, values);
  va_end(values);
  c->used += written > 0 ? (size_t)written : 0;
}

static void fix(composition *c, const char *what, int64_t value)
{
  write(c, "#define ESC_%s %lld\n", what, (long long)value);
}

static int is_below_infinity(double value)
{
  return value < (double)INFINITY;
}

/* --- the step --- */

static int options_of(const esc_plan_noise *noise)
{
  int options = 0;
  options |= noise->annealed ? ESC_SOURCE_ANNEALED : 0;
  options |= noise->clip < INFINITY ? ESC_SOURCE_CLIPPED : 0;
  options |= noise->sparse_below ? ESC_SOURCE_SPARSE : 0;
  options |= noise->scaled_by_state ? ESC_SOURCE_BY_STATE : 0;
  options |= noise->on_parameter ? ESC_SOURCE_ON_PARAMETER : 0;
  options |= noise->replace ? ESC_SOURCE_REPLACES : 0;
  options |= noise->scaled_by_loss ? ESC_SOURCE_BY_LOSS : 0;
  options |= noise->epoch_steps > 1 ? ESC_SOURCE_BY_EPOCH : 0;
  options |= noise->root ? ESC_SOURCE_CORRELATED : 0;
  return options;
}

/* Fast mode: what plain SGD makes of the noise on the gradient is -lr times it, whatever the
 * gradient, and can be added to the position at once: a step has fewer roundings, and two
 * instructions less. */
static int moves_noise(const esc_plan *plan)
{
  int moves = plan->fast && strcmp(updates[plan->update], "sgd") == 0 && plan->noise_count > 0 &&
              plan->schedule.kind == 0 && plan->row_count == 1 && plan->weight_decay == 0.0 &&
              !is_below_infinity(plan->clip_update) && plan->dimension == 1;
  for (int k = 0; k < plan->noise_count; k++)
    moves = moves && options_of(&plan->noise[k]) == 0;
  return moves;
}

static void fix_noise(composition *c, const esc_plan *plan)
{
  const int moves = moves_noise(plan);
  int on_gradient = 0, on_parameter = moves, by_loss = 0;
  for (int k = 0; k < plan->noise_count; k++) {
    on_gradient |= !plan->noise[k].on_parameter && !moves;
    on_parameter |= plan->noise[k].on_parameter;
    by_loss |= plan->noise[k].scaled_by_loss;
  }
  fix(c, "HAS_NOISE", on_gradient);
  fix(c, "ADDS_NOISE", on_parameter);
  fix(c, "MOVES_NOISE", moves);
  fix(c, "NEEDS_LOSS", by_loss);
  write(c, "#define ESC_SOURCES(SOURCE)");
  for (int k = 0; k < plan->noise_count; k++)
    write(c, " SOURCE(%d, %s, %s, %d)", k, laws[plan->noise[k].law], law_shapes[plan->noise[k].law],
          options_of(&plan->noise[k]) | (moves ? ESC_SOURCE_ON_PARAMETER : 0));
  write(c, "\n");
}

static void fix_network(composition *c, const esc_plan_network *network)
{
  const esc_network_shape *const shape = &network->shape;
  int units = 0;
  write(c, "#define ESC_NETWORK_SHAPE {%d, {", shape->layers);
  for (int l = 0; l < shape->layers; l++) {
    write(c, "%s%d", l ? ", " : "", shape->units[l]);
    units += shape->units[l];
  }
  write(c, "}, %d, %d}\n", shape->activation, shape->output);
  fix(c, "NETWORK_UNITS", units);
  fix(c, "NETWORK_DRAWS",
      network->batch == 0 ? ESC_DRAWS_NONE : network->replace ? ESC_DRAWS_AGAIN : ESC_DRAWS_ONCE);
}

static void fix_step(composition *c, const esc_plan *plan)
{
  write(c, "#define ESC_LANDSCAPE_NAME %s\n", landscapes[plan->landscape]);
  fix(c, "LANDSCAPE_IS_CHAIN", plan->landscape_shape == ESC_SHAPE_CHAIN);
  fix(c, "LANDSCAPE_IS_NETWORK", plan->landscape_shape == ESC_SHAPE_NETWORK);
  if (plan->landscape_shape == ESC_SHAPE_NETWORK)
    fix_network(c, &plan->network);
  write(c, "#define ESC_UPDATE_NAME %s\n", updates[plan->update]);
  fix(c, "STATES", plan->states);
  fix(c, "HAS_ROWS", plan->row_count > 1);
  fix(c, "SCHEDULE", plan->schedule.kind);
  fix(c, "LOOKS_AHEAD", plan->traits.lookahead > 0.0);
  fix(c, "COUPLES", plan->weight_decay > 0.0 && !plan->decoupled);
  fix(c, "DECOUPLES", plan->weight_decay > 0.0 && plan->decoupled);
  fix(c, "CLIPS_UPDATE", is_below_infinity(plan->clip_update));
  fix(c, "PROJECTS", is_below_infinity(-plan->project[0]) || is_below_infinity(plan->project[1]));
}

/* --- ends and observers: members of the plan that hide those of the same name --- */

static void know(composition *c, const char *member, int64_t value)
{
  write(c, "%s%s = %lld", c->members++ ? ", " : "", member, (long long)value);
}

/* What only says how much there is of something is known only where there is none. */
static void know_if_none(composition *c, const char *member, int64_t value)
{
  if (value == 0)
    know(c, member, 0);
}

static void know_members(composition *c, const esc_plan *plan)
{
  write(c, "#define ESC_KNOWN_MEMBERS ");
  if (plan->dimension <= ESC_UNROLLED_MAX) /* the compiler would unroll loops over it */
    know(c, "dimension", plan->dimension);
  know(c, "states", plan->states);
  know(c, "start_kind", plan->start_kind);
  know(c, "has_walls", plan->has_walls);
  know(c, "set_count", plan->set_count);
  know(c, "renew", plan->renew);
  know(c, "near_count", plan->near_count);
  know(c, "lag_count", plan->lag_count);
  know(c, "observe_moments", plan->observe_moments);
  know(c, "observe_loss", plan->observe_loss);
  know(c, "observe_overshoot", plan->observe_overshoot);
  know(c, "observe_transitions", plan->observe_transitions);
  know(c, "observe_snr", plan->observe_snr);
  know(c, "observe_tail", plan->observe_tail);
  know_if_none(c, "step_count", plan->step_count);
  know_if_none(c, "histogram_bins", plan->histogram_bins);
  know_if_none(c, "occupation_bins", plan->occupation_bins);
  know_if_none(c, "basin_count", plan->basin_count);
  know_if_none(c, "rate_after", plan->rate_after);
  write(c, "\n");
}

void esc_compose_kernel(const esc_plan *plan, char source[ESC_COMPOSED_BYTES])
{
  composition c = {source, 0, 0};
  fix(&c, "IS_FAST", plan->fast);
  fix(&c, "REAL_BITS", plan->state_bits);
  fix(&c, "DIMENSION", plan->dimension);
  fix(&c, "OBSERVES_SNR", plan->observe_snr);
  fix(&c, "IS_BARE", esc_plan_is_bare(plan));
  fix(&c, "IS_QUICK", plan->dimension == 1 && plan->set_count == 0);
  fix(&c, "IS_BOUNDED", plan->has_walls || is_below_infinity(plan->beyond));
  fix_step(&c, plan);
  fix_noise(&c, plan);
  know_members(&c, plan);
  write(&c, "#include \"kernels/cuda/trajectory/trajectory_kernel.cuh\"\n");
}
