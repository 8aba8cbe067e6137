/* The mesh of a chain: graded towards the walls and the kinks of the landscape, where solutions
 * change within a step's length, cut where they have kinks, and halved where they are not resolved.
 *
 * A solution u = g + K u is a smooth function of m(x) where the density is smooth, so it breaks
 * only at the landscape's kinks. A density with a jump or kink at w carries every break at b (the
 * walls among them) on to the points x with m(x) + s(x) w = b, one or two derivatives smoother. */
#include <math.h>
#include <stdlib.h>

#include "host/theory/chain_solver.h"

enum { EDGES_MAX = 64, SCAN = 2000, ROUNDS = 8 };
#define RESOLVED 1e-11
#define FINEST   2.0   /* panels next to an edge, in steps */
#define COARSEST 300.0 /* a step from the node next to a panel's end must reach across it */

typedef struct esc_edges {
  int count;
  double at[EDGES_MAX];
  double near; /* two that are nearer are one */
} esc_edges;

static void add_edge(esc_edges *edges, double x)
{
  int place = edges->count;
  for (int k = 0; k < edges->count; k++)
    if (fabs(edges->at[k] - x) < edges->near)
      return;
  if (edges->count == EDGES_MAX)
    return;
  while (place > 0 && edges->at[place - 1] > x) {
    edges->at[place] = edges->at[place - 1];
    place--;
  }
  edges->at[place] = x;
  edges->count++;
}

/* The points x with m(x) + s(x) w = b. */
static void add_preimages(const esc_chain *chain, esc_edges *edges, double w, double b)
{
  const double lower = chain->lower, run = (chain->upper - lower) / SCAN;
  double before = 0.0;
  for (int k = 0; k <= SCAN; k++) {
    const double x = k == 0 || k == SCAN ? (k ? chain->upper : lower) : lower + k * run;
    const double off = esc_chain_mean(chain, x) + esc_chain_scale(chain, x) * w - b;
    if (k > 0 && (before < 0.0) != (off < 0.0)) {
      double low = x - run, high = x;
      for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        const double at = esc_chain_mean(chain, middle) + esc_chain_scale(chain, middle) * w - b;
        if ((at < 0.0) == (before < 0.0))
          low = middle;
        else
          high = middle;
      }
      add_edge(edges, 0.5 * (low + high));
    }
    before = off;
  }
}

static void find_edges(const esc_chain *chain, esc_edges *edges)
{
  const esc_density *const d = &chain->density;
  *edges = (esc_edges){.near = 1e-9 * (chain->upper - chain->lower)};
  add_edge(edges, chain->lower);
  add_edge(edges, chain->upper);
  for (int k = 0; k < chain->kink_count; k++)
    if (chain->kink[k] > chain->lower && chain->kink[k] < chain->upper)
      add_edge(edges, chain->kink[k]);
  const int generations = d->rough_count == 0 ? 0 : 2;
  for (int generation = 0; generation < generations; generation++) {
    const esc_edges before = *edges;
    for (int k = 0; k < before.count; k++)
      for (int r = 0; r < d->rough_count; r++)
        add_preimages(chain, edges, d->rough[r], before.at[k]);
  }
}

/* --- what must be resolved --- */

/* Marks the panels on which a function of the nodes is not. */
static int mark(const esc_mesh *mesh, const double *values, unsigned char *marked)
{
  const int order = mesh->rule->order, n = esc_mesh_nodes(mesh);
  double most = 0.0;
  int count = 0;
  for (int i = 0; i < n; i++)
    most = fmax(most, fabs(values[i]));
  for (int panel = 0; panel < mesh->panels; panel++)
    if (esc_gauss_unresolved(mesh->rule, values + panel * order) > RESOLVED * most) {
      marked[panel] = 1;
      count++;
    }
  return count;
}

/* The functions that are known beforehand. */
static int mark_known(const esc_chain *chain, const esc_mesh *mesh, double *values,
                      unsigned char *marked)
{
  const int n = esc_mesh_nodes(mesh);
  const esc_plan *const plan = chain->subject->plan;
  int count = 0;
  for (int ending = 0; ending < ESC_ENDINGS; ending++) {
    for (int i = 0; i < n; i++)
      values[i] = esc_chain_ending(chain, esc_mesh_node(mesh, i), (esc_ending)ending);
    count += mark(mesh, values, marked);
  }
  for (int ball = 0; plan->step_count > 0 && ball < plan->near_count; ball++) {
    for (int i = 0; i < n; i++)
      values[i] = esc_chain_into_ball(chain, esc_mesh_node(mesh, i), ball);
    count += mark(mesh, values, marked);
  }
  return count;
}

/* The mean time and the chance of each side, from one solution on the mesh so far. */
static int mark_solutions(const esc_chain *chain, const esc_mesh *mesh, double *values,
                          unsigned char *marked, const char **why)
{
  esc_operator op;
  int count = 0;
  *why = esc_operator_begin(&op, chain, mesh, ESC_ORDER);
  if (!*why)
    *why = esc_operator_factor(&op);
  for (int column = -1; !*why && column < ESC_ENDINGS; column++) {
    for (int i = 0; i < op.n; i++)
      values[i] = column < 0 ? 1.0 : op.ending[column][i];
    esc_operator_solve(&op, values);
    count += mark(mesh, values, marked);
  }
  esc_operator_end(&op);
  return count;
}

/* Where panels run out the mesh stays as it is: the error of what is solved on it tells. */
const char *esc_chain_mesh(const esc_chain *chain, const esc_gauss *rule, esc_mesh *mesh)
{
  esc_edges edges;
  double values[ESC_PANELS_MAX * ESC_ORDER + 2];
  const double centre = fmin(fmax(0.0, chain->lower), chain->upper);
  const double s = esc_chain_scale(chain, centre); /* the least there is */
  find_edges(chain, &edges);
  if (!esc_mesh_grade(mesh, rule, edges.count, edges.at, FINEST * s, COARSEST * s))
    return "its steps are too small for the distances";
  int more = 1;
  for (int round = 0; more && round < ROUNDS; round++) {
    unsigned char marked[ESC_PANELS_MAX] = {0};
    more = mark_known(chain, mesh, values, marked) > 0 && esc_mesh_refine(mesh, marked);
  }
  more = chain->leaves;
  for (int round = 0; more && round < ROUNDS; round++) {
    unsigned char marked[ESC_PANELS_MAX] = {0};
    const char *why = NULL;
    more = mark_solutions(chain, mesh, values, marked, &why) > 0 && esc_mesh_refine(mesh, marked);
    if (why)
      return why;
  }
  return NULL;
}
