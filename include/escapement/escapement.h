/* escapement: ensembles of optimizer trajectories, and the statistics of how they escape.
 * Read experiment.h first: it begins with a complete program. */
#ifndef ESCAPEMENT_H
#define ESCAPEMENT_H

#include "escapement/status.h"
#include "escapement/device.h"
#include "escapement/catalogue.h"
#include "escapement/result.h"
#include "escapement/experiment.h"

#endif
