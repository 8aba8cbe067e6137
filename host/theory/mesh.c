/* Panels, graded towards the places where a solution changes fast. */
#include "host/theory/mesh.h"

#include <math.h>

static int add_edge(esc_mesh *mesh, double x)
{
  if (mesh->panels == ESC_PANELS_MAX)
    return 0;
  mesh->edge[++mesh->panels] = x;
  return 1;
}

/* From a to b: doubling up to the middle, then halving; two panels at least. */
static int grade_between(esc_mesh *mesh, double a, double b, double finest, double coarsest)
{
  const double middle = 0.5 * (a + b);
  double steps[ESC_PANELS_MAX];
  int count = 0;
  for (double at = 0.0, size = finest; at + 1.5 * size < middle - a && count < ESC_PANELS_MAX;
       size = fmin(2.0 * size, coarsest))
    steps[count++] = at += size;
  int fits = 1;
  for (int k = 0; fits && k < count; k++)
    fits = add_edge(mesh, a + steps[k]);
  fits = fits && add_edge(mesh, middle);
  for (int k = count - 1; fits && k >= 0; k--)
    fits = add_edge(mesh, b - steps[k]);
  return fits && add_edge(mesh, b);
}

int esc_mesh_grade(esc_mesh *mesh, const esc_gauss *rule, int count, const double *edges,
                   double finest, double coarsest)
{
  mesh->rule = rule;
  mesh->panels = 0;
  mesh->edge[0] = edges[0];
  for (int k = 0; k + 1 < count; k++)
    if (!grade_between(mesh, edges[k], edges[k + 1], finest, coarsest))
      return 0;
  return 1;
}

int esc_mesh_refine(esc_mesh *mesh, const unsigned char *marked)
{
  const esc_mesh before = *mesh;
  int panels = mesh->panels;
  for (int k = 0; k < before.panels; k++)
    panels += marked[k];
  if (panels > ESC_PANELS_MAX)
    return 0;
  mesh->panels = 0;
  for (int k = 0; k < before.panels; k++) {
    if (marked[k])
      add_edge(mesh, 0.5 * (before.edge[k] + before.edge[k + 1]));
    add_edge(mesh, before.edge[k + 1]);
  }
  return 1;
}

int esc_mesh_nodes(const esc_mesh *mesh)
{
  return mesh->panels * mesh->rule->order;
}

double esc_mesh_node(const esc_mesh *mesh, int i)
{
  const int panel = i / mesh->rule->order;
  const double a = mesh->edge[panel], b = mesh->edge[panel + 1];
  return 0.5 * (a + b) + 0.5 * (b - a) * mesh->rule->node[i % mesh->rule->order];
}
