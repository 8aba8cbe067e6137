/* Float64 reference of every landscape of docs/numerics.md: value and gradient, derivatives written
 * out by hand, and a table of critical points. Nothing here comes from kernels/. */
#ifndef REFERENCE_LANDSCAPES_H
#define REFERENCE_LANDSCAPES_H

typedef enum ref_side { REF_ZERO = 0, REF_LEFT, REF_RIGHT } ref_side;

/* The parameters of all landscapes. ref_landscape_defaults() gives scale 1 and every other number
 * that a formula needs; a landscape reads only its own. */
typedef struct ref_landscape_keys {
  double scale;           /* multiplies U and its gradient */
  double k;               /* quadratic; saddle: along x */
  const double *spectrum; /* quadratic in d dimensions: one k per axis, or NULL for k in all */
  double tilt;            /* double_well: + tilt*x; washboard: - tilt*x */
  double p, q;            /* power_maximum: p; power_well: p, q */
  double c_left, c_right; /* power_maximum */
  double left_slope, right_slope; /* sharp_maximum, both > 0 */
  ref_side at_zero; /* which one-sided slope holds at exactly 0 where the two differ */
  double c;         /* saddle: along y */
  double amplitude; /* rastrigin: A */
} ref_landscape_keys;

ref_landscape_keys ref_landscape_defaults(void);

/* U(x), and its gradient where that is not NULL (dimension numbers). NaN for an unknown name or a
 * dimension the landscape does not have. Formulas are beside each function in the source. */
double ref_landscape(const char *name, const ref_landscape_keys *keys, int dimension,
                     const double *x, double *gradient);

/* Critical points at default keys (double_well: at `tilt`), to about the last printed digit. */
typedef enum ref_critical_kind { REF_MINIMUM, REF_SADDLE, REF_MAXIMUM } ref_critical_kind;

typedef struct ref_critical {
  const char *landscape;
  ref_critical_kind kind;
  int dimension;
  double tilt;
  double x[2];
  double value;
  int from_theory; /* 1: known beforehand; 0: found by this reference itself */
} ref_critical;

extern const ref_critical ref_criticals[];
extern const int ref_critical_count;

#endif
