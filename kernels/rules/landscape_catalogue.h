/* Every landscape, a line each:
 *   LANDSCAPE(name, shape, dimension, lo, hi, formula)
 * Shapes as landscapes/landscape.h says; dimension 0: as many as its key says. Its critical points
 * are looked for in [lo, hi] in each coordinate. */
#ifndef ESC_LANDSCAPE_CATALOGUE_H
#define ESC_LANDSCAPE_CATALOGUE_H

#include "kernels/rules/landscapes/double_well.h"
#include "kernels/rules/landscapes/maximum.h"
#include "kernels/rules/landscapes/muller_brown.h"
#include "kernels/rules/landscapes/network.h"
#include "kernels/rules/landscapes/plane.h"
#include "kernels/rules/landscapes/quadratic.h"
#include "kernels/rules/landscapes/wang_oh_rhee.h"
#include "kernels/rules/landscapes/waves.h"

#define ESC_LANDSCAPE_CATALOGUE(LANDSCAPE)                                                         \
  LANDSCAPE(quadratic, SINGLE, 0, -1.0, 1.0, "sum_j k_j x_j^2/2; k = 0 is a free walk")            \
  LANDSCAPE(double_well, SINGLE, 1, -4.0, 4.0, "x^4/4 - x^2/2 + tilt*x")                           \
  LANDSCAPE(power_maximum, SINGLE, 1, -1.0, 1.0, "-(c/p)|x|^p, c by side")                         \
  LANDSCAPE(sharp_maximum, SINGLE, 1, -1.0, 1.0, "left_slope*x (x < 0), -right_slope*x (x > 0)")   \
  LANDSCAPE(power_well, SINGLE, 1, -2.0, 2.0, "-|x|^p/p + |x|^q/q")                                \
  LANDSCAPE(washboard, SINGLE, 1, -15.0, 15.0, "-cos(x) - tilt*x")                                 \
  LANDSCAPE(wang_oh_rhee, SINGLE, 1, -1.59, 1.64,                                                  \
            "(x+1.6)(x+1.3)^2(x-.2)^2(x-.7)^2(x-1.6)(.05|1.65-x|)^.6 "                             \
            "(1+1/(.01+4(x-.5)^2))(1+1/(.1+4(x+1.5)^2))(1-exp(-5(x+.8)^2)/4)")                     \
  LANDSCAPE(styblinski_tang, SINGLE, 0, -5.0, 5.0, "sum_j (x_j^4 - 16 x_j^2 + 5 x_j)/2")           \
  LANDSCAPE(rastrigin, SINGLE, 0, -5.12, 5.12, "sum_j A + x_j^2 - A cos(2 pi x_j)")                \
  LANDSCAPE(rosenbrock, CHAIN, 0, -2.0, 2.0, "sum_j 100(x_{j+1} - x_j^2)^2 + (1 - x_j)^2")         \
  LANDSCAPE(saddle, SINGLE, 2, -1.0, 1.0, "(k x^2 - c y^2)/2")                                     \
  LANDSCAPE(monkey_saddle, CHAIN, 2, -1.0, 1.0, "x^3 - 3 x y^2")                                   \
  LANDSCAPE(himmelblau, CHAIN, 2, -5.0, 5.0, "(x^2+y-11)^2 + (x+y^2-7)^2")                         \
  LANDSCAPE(beale, CHAIN, 2, -4.5, 4.5,                                                            \
            "(1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2")                                   \
  LANDSCAPE(muller_brown, CHAIN, 2, -1.5, 2.0, "sum_i A_i exp(quadratic form i), four terms")      \
  LANDSCAPE(six_hump_camel, CHAIN, 2, -2.0, 2.0, "(4-2.1x^2+x^4/3)x^2 + xy + (4y^2-4)y^2")         \
  LANDSCAPE(three_hump_camel, CHAIN, 2, -2.0, 2.0, "2x^2 - 1.05x^4 + x^6/6 + xy + y^2")   \
  LANDSCAPE(network, NETWORK, 0, -1.0, 1.0, "mean loss of a fully connected network over data")

#endif
