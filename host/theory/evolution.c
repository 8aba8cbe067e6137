/* The chain in time. The law of the position is a row vector that K multiplies from the right; when
 * the row keeps its shape from one step to the next, only the slowest mode is left and all that
 * follows is a geometric series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/theory/chain_solver.h"

/* --- where a trajectory begins --- */

static void add_point(esc_entry_law *entry, const esc_operator *op, double x, double share,
                      double *row)
{
  const esc_chain *const chain = op->chain;
  esc_chain_row(chain, &op->mesh, &op->fine, x, row);
  for (int i = 0; i < op->n; i++)
    entry->row[i] += share * row[i];
  for (int k = 0; k < ESC_ENDINGS; k++)
    entry->ended[k] += share * esc_chain_ending(chain, x, (esc_ending)k);
  for (int k = 0; k < chain->subject->plan->near_count; k++)
    entry->inside[k] += share * esc_chain_into_ball(chain, x, k);
}

/* Points are dealt out by trajectory id, one after another. */
static void enter_points(esc_entry_law *entry, const esc_operator *op, double *row)
{
  const esc_plan *const plan = op->chain->subject->plan;
  const int64_t all = op->chain->subject->experiment->trajectories, points = plan->start_points;
  for (int64_t k = 0; k < points; k++) {
    const int64_t times = all / points + (k < all % points);
    add_point(entry, op, plan->start[k], (double)times / (double)all, row);
  }
}

static double between(const esc_position *start, double low, double high)
{
  return esc_density_between(start->density, (low - start->m) / start->s,
                             (high - start->m) / start->s);
}

/* A drawn start may lie outside already: an exit at 0 steps. */
static void enter_law(esc_entry_law *entry, const esc_operator *op)
{
  const esc_chain *const chain = op->chain;
  const esc_plan *const plan = chain->subject->plan;
  const int uniform = plan->start_kind == ESC_START_UNIFORM;
  const double a = plan->start[0], b = plan->start[1];
  esc_density density;
  const esc_position start = {&density, uniform ? 0.5 * (a + b) : a, uniform ? 0.5 * (b - a) : b};
  esc_density_of_start(&density, uniform ? ESC_LAW_uniform : ESC_LAW_gaussian);
  esc_chain_start_row(chain, &op->mesh, &op->fine, &start, entry->row);
  for (int k = 0; k < chain->region_count; k++)
    entry->ended[chain->region[k].ending] +=
        between(&start, chain->region[k].low, chain->region[k].high);
  for (int k = 0; k < plan->near_count; k++) {
    double low, high;
    if (esc_chain_ball(chain, k, &low, &high))
      entry->inside[k] = between(&start, low, high);
  }
}

const char *esc_entry_law_begin(esc_entry_law *entry, const esc_operator *op)
{
  const esc_start_kind kind = op->chain->subject->plan->start_kind;
  const int drawn = kind == ESC_START_UNIFORM || kind == ESC_START_NORMAL;
  double *const row = calloc((size_t)op->n, sizeof *row);
  *entry = (esc_entry_law){.time = !drawn, .row = calloc((size_t)op->n, sizeof *entry->row)};
  const int there = row && entry->row;
  if (there && drawn)
    enter_law(entry, op);
  else if (there)
    enter_points(entry, op, row);
  free(row);
  return there ? NULL : ESC_NO_MEMORY;
}

void esc_entry_law_end(esc_entry_law *entry)
{
  free(entry->row);
  entry->row = NULL;
}

/* --- from step to step --- */

const char *esc_evolution_begin(esc_evolution *e, const esc_operator *op,
                                const esc_entry_law *entry)
{
  *e = (esc_evolution){.op = op, .n = entry->time};
  e->row = calloc((size_t)op->n, sizeof *e->row);
  e->before = calloc((size_t)op->n, sizeof *e->before);
  if (!e->row || !e->before)
    return ESC_NO_MEMORY;
  memcpy(e->row, entry->row, (size_t)op->n * sizeof *e->row);
  memcpy(e->by.ended, entry->ended, sizeof e->by.ended);
  memcpy(e->inside, entry->inside, sizeof e->inside);
  for (int i = 0; i < op->n; i++)
    e->by.survival += e->row[i];
  for (int k = 0; k < ESC_ENDINGS; k++)
    e->by.timed[k] = entry->time * e->by.ended[k];
  e->by.at_risk = e->by.squares = entry->time;
  const double most = op->mesh.panels * ESC_ORDER; /* the same for every order */
  e->products = (int64_t)(4e9 / (most * most)) + 1;
  return NULL;
}

void esc_evolution_end(esc_evolution *e)
{
  free(e->row);
  free(e->before);
  e->row = e->before = NULL;
}

/* to = row K. */
static void multiply(const esc_operator *op, const double *row, double *restrict to)
{
  const int n = op->n;
  memset(to, 0, (size_t)n * sizeof *to);
  for (int i = 0; i < n; i++) {
    const double weight = row[i], *const restrict line = op->matrix + (size_t)i * (size_t)n;
    for (int j = 0; weight != 0.0 && j < n; j++)
      to[j] += weight * line[j];
  }
}

static void look_inside(esc_evolution *e, double since)
{
  for (int k = 0; k < e->op->chain->subject->plan->near_count; k++)
    e->inside[k] = since * esc_row_times(e->op->n, e->before, e->op->inside[k]);
}

static void one_step(esc_evolution *e)
{
  const esc_operator *const op = e->op;
  double *const next = e->before;
  const double n = (double)e->n, alive = e->by.survival;
  double ends[ESC_ENDINGS];
  for (int k = 0; k < ESC_ENDINGS; k++)
    ends[k] = esc_row_times(op->n, e->row, op->ending[k]);
  multiply(op, e->row, next);
  e->before = e->row;
  e->row = next;
  e->n++;
  e->by.survival = 0.0;
  for (int i = 0; i < op->n; i++)
    e->by.survival += next[i];
  for (int k = 0; k < ESC_ENDINGS; k++) {
    e->by.ended[k] += ends[k];
    e->by.timed[k] += (n + 1.0) * ends[k];
  }
  e->by.at_risk += alive;
  e->by.squares += (2.0 * n + 1.0) * alive;
  look_inside(e, 1.0);
}

/* Whether the last step only shrank the row. */
static int is_one_mode(const esc_evolution *e, double *factor)
{
  double before = 0.0, most = 0.0, off = 0.0;
  for (int i = 0; i < e->op->n; i++)
    before += e->before[i];
  *factor = e->by.survival / before;
  for (int i = 0; i < e->op->n; i++) {
    most = fmax(most, fabs(e->row[i]));
    off = fmax(off, fabs(e->row[i] - *factor * e->before[i]));
  }
  return off <= 1e-11 * most;
}

/* sum of f^k and of k f^k over k < count. */
static void geometric_sums(double f, double count, double *plain, double *weighted)
{
  const double rest = 1.0 - f, power = pow(f, count);
  if (rest * count < 1e-3) { /* the first terms in `rest`: what is left out is of order 1e-9 */
    *plain = count * (1.0 - rest * (count - 1.0) / 2.0 * (1.0 - rest * (count - 2.0) / 3.0));
    *weighted = count * (count - 1.0) / 2.0 *
                (1.0 - rest * (2.0 * count - 1.0) / 3.0 * (1.0 - rest * count * 3.0 / 8.0));
    return;
  }
  *plain = -expm1(count * log(f)) / rest;
  *weighted = (f * *plain - count * power) / rest;
}

static void many_steps(esc_evolution *e, int64_t target)
{
  const double count = (double)(target - e->n), n = (double)e->n, f = e->factor;
  const double since = pow(f, count);
  double plain, weighted;
  geometric_sums(f, count, &plain, &weighted);
  for (int k = 0; k < ESC_ENDINGS; k++) {
    const double end = esc_row_times(e->op->n, e->row, e->op->ending[k]);
    e->by.ended[k] += end * plain;
    e->by.timed[k] += end * ((n + 1.0) * plain + weighted);
  }
  e->by.at_risk += e->by.survival * plain;
  e->by.squares += e->by.survival * ((2.0 * n + 1.0) * plain + 2.0 * weighted);
  e->by.survival *= since;
  look_inside(e, since);
  for (int i = 0; i < e->op->n; i++) {
    e->row[i] *= since;
    e->before[i] *= since;
  }
  e->n = target;
}

int esc_evolution_advance(esc_evolution *e, int64_t target)
{
  while (e->n < target && e->factor == 0.0 && e->by.survival > 0.0) {
    if (e->products-- == 0)
      return 0;
    one_step(e);
    double factor;
    if (e->n % 8 == 0 && is_one_mode(e, &factor))
      e->factor = factor;
  }
  if (e->n < target)
    many_steps(e, target);
  return 1;
}
