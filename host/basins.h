/* Basins in several dimensions, from the last positions of the first trajectories. */
#ifndef ESC_HOST_BASINS_H
#define ESC_HOST_BASINS_H

#include "host/held_result.h"

#define ESC_BASINS_OF        10000 /* so many of them at most */
#define ESC_BASIN_POINTS_MAX 64    /* reported, of points and of levels */
#define ESC_BASIN_CANDIDATES 1024  /* told apart before the most frequent are chosen */

/* Forms report.settled where the experiment asks for it; 0 if there was no memory for it. */
int esc_form_settled(esc_result *result);

#endif
