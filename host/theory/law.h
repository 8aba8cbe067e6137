/* The noise laws as analysis has them: moments, and distribution functions for the laws that have
 * one in closed form. */
#ifndef ESC_THEORY_LAW_H
#define ESC_THEORY_LAW_H

#include "host/theory/subject.h"

/* The variance at scale 1; NaN where there is none. */
double esc_law_unit_variance(const esc_theory_source *source);

/* The mean at scale 1, NaN where there is none: 0 for every law that is centred. */
double esc_law_unit_mean(const esc_theory_source *source);

/* The fourth moment at scale 1; NaN where there is none or it is not known. */
double esc_law_unit_fourth(const esc_theory_source *source);

#endif
