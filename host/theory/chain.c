/* One step of the chain; chain.h says how its integrals are taken. */
#include "host/theory/chain.h"

#include <math.h>
#include <string.h>

double esc_chain_mean(const esc_chain *chain, double x)
{
  return x - chain->subject->plan->lr * esc_subject_slope(chain->subject, x);
}

double esc_chain_scale(const esc_chain *chain, double x)
{
  return chain->scale * sqrt(chain->c0 + chain->c2 * x * x);
}

double esc_chain_into(const esc_chain *chain, double x, double low, double high)
{
  const double m = esc_chain_mean(chain, x), s = esc_chain_scale(chain, x);
  return esc_density_between(&chain->density, (low - m) / s, (high - m) / s);
}

int esc_chain_ball(const esc_chain *chain, int ball, double *low, double *high)
{
  const esc_plan_ball *const at = &chain->subject->plan->near[ball];
  const double radius = sqrt(at->squared_radius);
  *low = fmax(at->point[0] - radius, chain->lower);
  *high = fmin(at->point[0] + radius, chain->upper);
  return *low < *high;
}

int esc_chain_ends_held(const esc_chain *chain)
{
  return chain->held[0] + chain->held[1];
}

double esc_chain_end(const esc_chain *chain, int end)
{
  return end == 0 && chain->held[0] ? chain->lower : chain->upper;
}

double esc_chain_to_end(const esc_chain *chain, double x, int end)
{
  const double infinite = (double)INFINITY;
  return end == 0 && chain->held[0] ? esc_chain_into(chain, x, -infinite, chain->lower)
                                    : esc_chain_into(chain, x, chain->upper, infinite);
}

double esc_chain_into_ball(const esc_chain *chain, double x, int ball)
{
  const esc_plan_ball *const at = &chain->subject->plan->near[ball];
  double low, high, share = 0.0;
  if (esc_chain_ball(chain, ball, &low, &high))
    share = esc_chain_into(chain, x, low, high);
  for (int end = 0; end < esc_chain_ends_held(chain); end++)
    if (fabs(esc_chain_end(chain, end) - at->point[0]) < sqrt(at->squared_radius))
      share += esc_chain_to_end(chain, x, end);
  return share;
}

double esc_chain_ending(const esc_chain *chain, double x, esc_ending ending)
{
  double share = 0.0;
  for (int k = 0; k < chain->region_count; k++)
    if (chain->region[k].ending == ending)
      share += esc_chain_into(chain, x, chain->region[k].low, chain->region[k].high);
  return share;
}

/* --- rows --- */

/* The whole panel lies between two cuts: its own nodes serve. */
static void add_smooth(const esc_position *step, const esc_gauss *rule, double a, double b,
                       double *row)
{
  const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  for (int k = 0; k < rule->order; k++) {
    const double w = (middle + half * rule->node[k] - step->m) / step->s;
    row[k] += rule->weight[k] * half / step->s * esc_density_at(step->density, w);
  }
}

/* A part (low, high) of the panel (a, b): a finer rule for density times polynomials. */
static void add_part(const esc_position *step, const esc_gauss *rule, const esc_gauss *fine,
                     const double panel[2], double low, double high, double *row)
{
  const double a = panel[0], b = panel[1], middle = 0.5 * (low + high), half = 0.5 * (high - low);
  double at[ESC_GAUSS_MAX];
  for (int q = 0; q < fine->order; q++) {
    const double y = middle + half * fine->node[q];
    const double weight =
        fine->weight[q] * half / step->s * esc_density_at(step->density, (y - step->m) / step->s);
    if (weight == 0.0)
      continue;
    esc_gauss_lagrange(rule, (2.0 * y - a - b) / (b - a), at);
    for (int k = 0; k < rule->order; k++)
      row[k] += weight * at[k];
  }
}

static void add_panel(const esc_position *step, const esc_gauss *rule, const esc_gauss *fine,
                      const double panel[2], double *row)
{
  const esc_density *const d = step->density;
  const double low = fmax(panel[0], step->m - d->reach * step->s);
  const double high = fmin(panel[1], step->m + d->reach * step->s);
  double from = low;
  int cut = 0;
  if (!(low < high))
    return;
  while (cut < d->cut_count && step->m + d->cut[cut] * step->s <= low)
    cut++;
  for (; cut < d->cut_count && step->m + d->cut[cut] * step->s < high; cut++) {
    const double to = step->m + d->cut[cut] * step->s;
    add_part(step, rule, fine, panel, from, to, row);
    from = to;
  }
  if (from == panel[0] && high == panel[1])
    add_smooth(step, rule, panel[0], panel[1], row);
  else
    add_part(step, rule, fine, panel, from, high, row);
}

/* The weights of a row are scaled so that they sum to the probability of being in the domain, which
 * is known better than quadrature gives it: a chain that escapes once in a million steps needs it.
 */
static void fill_row(const esc_position *step, const esc_mesh *mesh, const esc_gauss *fine,
                     double stays, double *row)
{
  const int n = esc_mesh_nodes(mesh), order = mesh->rule->order;
  double sum = 0.0;
  memset(row, 0, (size_t)n * sizeof *row);
  for (int panel = 0; panel < mesh->panels; panel++)
    add_panel(step, mesh->rule, fine, &mesh->edge[panel], row + panel * order);
  for (int i = 0; i < n; i++)
    sum += row[i];
  for (int i = 0; sum > 0.0 && i < n; i++)
    row[i] *= stays / sum;
}

void esc_chain_row(const esc_chain *chain, const esc_mesh *mesh, const esc_gauss *fine, double x,
                   double *row)
{
  const esc_position step = {&chain->density, esc_chain_mean(chain, x), esc_chain_scale(chain, x)};
  double stays = 1.0;
  for (int ending = 0; ending < ESC_ENDINGS; ending++)
    stays -= esc_chain_ending(chain, x, (esc_ending)ending);
  for (int end = 0; end < esc_chain_ends_held(chain); end++)
    stays -= row[esc_mesh_nodes(mesh) + end] = esc_chain_to_end(chain, x, end);
  if (stays < 1e-3) /* then the difference of near equals is the worse of the two */
    stays = esc_chain_into(chain, x, chain->lower, chain->upper);
  fill_row(&step, mesh, fine, stays, row);
}

void esc_chain_start_row(const esc_chain *chain, const esc_mesh *mesh, const esc_gauss *fine,
                         const esc_position *start, double *row)
{
  const double stays = esc_density_between(start->density, (chain->lower - start->m) / start->s,
                                           (chain->upper - start->m) / start->s);
  fill_row(start, mesh, fine, stays, row);
}
