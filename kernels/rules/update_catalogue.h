/* Every update rule, a line each:
 *   UPDATE(name, number of states, default lr, default weight decay, decay is decoupled by default,
 *          formula, source) */
#ifndef ESC_UPDATE_CATALOGUE_H
#define ESC_UPDATE_CATALOGUE_H

#include "kernels/rules/updates/adadelta.h"
#include "kernels/rules/updates/adagrad.h"
#include "kernels/rules/updates/adam.h"
#include "kernels/rules/updates/adamax.h"
#include "kernels/rules/updates/lion.h"
#include "kernels/rules/updates/momentum.h"
#include "kernels/rules/updates/nadam.h"
#include "kernels/rules/updates/nesterov.h"
#include "kernels/rules/updates/radam.h"
#include "kernels/rules/updates/rmsprop.h"
#include "kernels/rules/updates/sgd.h"

#define ESC_UPDATE_CATALOGUE(UPDATE)                                                               \
  UPDATE(sgd, 0, 1e-3, 0.0, 0, "w -= lr*g", "Robbins and Monro 1951")                              \
  UPDATE(momentum, 1, 1e-3, 0.0, 0, "b = mu*b + (1-tau)*g; w -= lr*b", "Polyak 1964")              \
  UPDATE(nesterov, 1, 1e-3, 0.0, 0,                                                                \
         "bengio: b = mu*b + (1-tau)*g, w -= lr*(g + mu*b); "                                      \
         "lookahead: v = mu*v + lr*g(w - mu*v), w -= v",                                           \
         "Nesterov 1983; Bengio et al. 2013; Ruder 2016")                                          \
  UPDATE(adagrad, 1, 1e-2, 0.0, 0, "s += g^2; w -= lr/(1+(t-1)*lr_decay) * g/(sqrt(s)+eps)",       \
         "Duchi, Hazan and Singer 2011")                                                           \
  UPDATE(adadelta, 2, 1.0, 0.0, 0,                                                                 \
         "v = rho*v+(1-rho)*g^2; d = sqrt(u+eps)/sqrt(v+eps)*g; "                                  \
         "u = rho*u+(1-rho)*d^2; w -= lr*d",                                                       \
         "Zeiler 2012")                                                                            \
  UPDATE(rmsprop, 3, 1e-2, 0.0, 0,                                                                 \
         "v = a*v+(1-a)*g^2; b = mu*b + g/(sqrt(v [- m^2])+eps); w -= lr*b",                       \
         "Tieleman and Hinton 2012")                                                               \
  UPDATE(adam, 2, 1e-3, 0.0, 0,                                                                    \
         "m = b1*m+(1-b1)*g; v = b2*v+(1-b2)*g^2; w -= lr*mhat/(sqrt(vhat)+eps)",                  \
         "Kingma and Ba 2015")                                                                     \
  UPDATE(adamw, 2, 1e-3, 1e-2, 1, "adam with w -= lr*wd*w beside it",                              \
         "Loshchilov and Hutter 2019")                                                             \
  UPDATE(amsgrad, 3, 1e-3, 0.0, 0, "adam with the largest v so far", "Reddi et al. 2018")          \
  UPDATE(adamax, 2, 2e-3, 0.0, 0,                                                                  \
         "m = b1*m+(1-b1)*g; n = max(b2*n, |g|+eps); w -= lr/(1-b1^t)*m/n", "Kingma and Ba 2015")  \
  UPDATE(nadam, 2, 2e-3, 0.0, 0, "w -= lr*(a_t*g + b_t*m)/(sqrt(vhat)+eps)", "Dozat 2016")         \
  UPDATE(radam, 2, 1e-3, 0.0, 0,                                                                   \
         "w -= lr*mhat*r_t*sqrt(1-b2^t)/(sqrt(v)+eps) once rho_t > threshold, else lr*mhat",       \
         "Liu et al. 2020")                                                                        \
  UPDATE(lion, 1, 1e-4, 0.0, 1, "w -= lr*sign(b1*m+(1-b1)*g); m = b2*m+(1-b2)*g",                  \
         "Chen et al. 2023")                                                                       \
  UPDATE(sign_sgd, 0, 1e-3, 0.0, 0, "w -= lr*sign(g)", "Bernstein et al. 2018")

/* Rules by number. */
#define ESC_ENUM_UPDATE(name, ...) ESC_UPDATE_##name,
enum { ESC_UPDATE_CATALOGUE(ESC_ENUM_UPDATE) ESC_UPDATE_COUNT };

#endif
