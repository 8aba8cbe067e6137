/* A line cut into panels, each with the nodes of one Gauss-Legendre rule. */
#ifndef ESC_THEORY_MESH_H
#define ESC_THEORY_MESH_H

#include "host/theory/quadrature.h"

enum { ESC_PANELS_MAX = 80 };

typedef struct esc_mesh {
  const esc_gauss *rule;
  int panels;
  double edge[ESC_PANELS_MAX + 1]; /* rising */
} esc_mesh;

/* A mesh from edge[0] to edge[count - 1], which rise strictly. From each of these edges panels
 * begin at the size `finest` and double inwards, up to `coarsest`. 0 if there are too many. */
int esc_mesh_grade(esc_mesh *mesh, const esc_gauss *rule, int count, const double *edges,
                   double finest, double coarsest);

/* Halves the panels that are marked; 0, and nothing is done, if there would be too many. */
int esc_mesh_refine(esc_mesh *mesh, const unsigned char *marked);

int esc_mesh_nodes(const esc_mesh *mesh);
double esc_mesh_node(const esc_mesh *mesh, int i);

#endif
