/* Every noise law, a line each: LAW(name, shape, formula, source), shapes as noises/noise.h says;
 * NONE draws nothing, BATCH is drawn by the minibatch loop. Formulas are for scale 1. */
#ifndef ESC_NOISE_CATALOGUE_H
#define ESC_NOISE_CATALOGUE_H

#include "kernels/rules/noises/finite_sum.h"
#include "kernels/rules/noises/gaussian.h"
#include "kernels/rules/noises/laplace.h"
#include "kernels/rules/noises/pareto.h"
#include "kernels/rules/noises/stable.h"
#include "kernels/rules/noises/student_t.h"
#include "kernels/rules/noises/uniform_law.h"

#define ESC_KEYS_none(KEY)

#define ESC_NOISE_CATALOGUE(LAW)                                                                   \
  LAW(none, NONE, "xi = 0", "")                                                                    \
  LAW(gaussian, PAIR, "xi ~ N(0, 1); scale is the standard deviation", "Box and Muller 1958")      \
  LAW(uniform, ONE, "xi ~ U(-1, 1); scale is the half-width", "")                                  \
  LAW(rademacher, ONE, "xi = +-1", "")                                                             \
  LAW(laplace, ONE, "xi = sgn*(-log U); variance 2 scale^2", "")                                   \
  LAW(logistic, ONE, "xi = log(U/(1-U)); variance scale^2 pi^2/3", "")                             \
  LAW(student_t, TWO, "sqrt(nu*(U^(-2/nu)-1))*cos(2 pi V)", "Bailey 1994")                         \
  LAW(pareto, ONE, "sgn*U^(-1/alpha), right with weight_right, centred if alpha > 1", "")          \
  LAW(stable, TWO, "S1(alpha, beta); alpha = 2 has variance 2 scale^2",                            \
      "Chambers, Mallows and Stuck 1976; Weron 1996; Nolan 2020")                                  \
  LAW(finite_sum, BATCH, "mean of `batch` of the centred slopes h_i", "Knuth, Algorithm S")

#endif
