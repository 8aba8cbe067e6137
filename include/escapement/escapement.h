/* escapement: the update rules of first-order optimizers, for two jobs. experiment.h: ensembles of
 * trajectories, and the statistics of how they escape. optimizer.h: fused steps over parameters of
 * your own. Both begin with a complete program. theory.h: what theory says of an experiment. */
#ifndef ESCAPEMENT_H
#define ESCAPEMENT_H

#include "escapement/status.h"
#include "escapement/device.h"
#include "escapement/catalogue.h"
#include "escapement/result.h"
#include "escapement/experiment.h"
#include "escapement/optimizer.h"
#include "escapement/theory.h"

#endif
