/* Symmetric stable laws against numbers formed apart from them, by their power series in 80 digits
 * (mpmath); the pieces of the table against each other; and the limit of Cauchy's law. */
#include <criterion/criterion.h>
#include <math.h>

#include "host/theory/stable_law.h"

static const double known[][4] = {
    /* index, x, density, P(X > x) */
    {0.5, 0.25, 0.29564544568174757, 0.38711966500017481},
    {0.5, 1.7, 0.047454023468766982, 0.2268485906826688},
    {0.5, 6, 0.0097069366256254412, 0.13857926817357388},
    {0.5, 40, 0.00069392067105649182, 0.059230619675027405},
    {0.8, 0.25, 0.31516316356889966, 0.41391552327589745},
    {0.8, 1.7, 0.06885433691506915, 0.18907880135460785},
    {0.8, 6, 0.0097813324221877294, 0.078874809092191099},
    {0.8, 40, 0.00035908063800181615, 0.018192896498079831},
    {1.5, 0.0005, 0.28735272492634213, 0.49985632362869489},
    {1.5, 0.25, 0.28081620083165789, 0.42870967328970223},
    {1.5, 1.7, 0.11325695754064215, 0.13453651905685548},
    {1.5, 6, 0.004223463222547379, 0.015176223149543726},
    {1.5, 40, 2.9944009860522238e-5, 0.00079347945160984351},
    {1.9, 0.0005, 0.28245649741971716, 0.49985877174506831},
    {1.9, 0.25, 0.27782984130348128, 0.42977274709645487},
    {1.9, 1.7, 0.1330872771771731, 0.11787172205776122},
    {1.9, 6, 0.00079297080744739049, 0.0019523917238155879},
    {1.9, 40, 2.0741426451572053e-6, 4.347494884036744e-5},
};

Test(stable_law, known_values)
{
  esc_stable_law law;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    cr_assert(esc_stable_law_begin(&law, known[k][0]));
    const double density = esc_stable_law_at(&law, known[k][1]);
    const double tail = esc_stable_law_above(&law, known[k][1]);
    cr_assert(fabs(density / known[k][2] - 1.0) < 1e-9, "%g at %g: density %.15g", known[k][0],
              known[k][1], density);
    cr_assert(fabs(tail / known[k][3] - 1.0) < 1e-9, "%g at %g: tail %.15g", known[k][0],
              known[k][1], tail);
  }
}

/* Where series and table meet nothing jumps, and the tail falls by the density. */
Test(stable_law, of_one_piece)
{
  static const double indices[] = {0.5, 0.7, 0.98, 1.02, 1.3, 1.98};
  static const double joints[] = {0x1p-10, 0x1p-3, 1.0, 16.0};
  esc_stable_law law;
  for (size_t i = 0; i < sizeof indices / sizeof *indices; i++) {
    cr_assert(esc_stable_law_begin(&law, indices[i]));
    for (size_t j = 0; j < sizeof joints / sizeof *joints; j++) {
      const double x = joints[j], h = 1e-4 * x;
      const double before = esc_stable_law_at(&law, x * (1.0 - 1e-14));
      cr_assert(fabs(esc_stable_law_at(&law, x) / before - 1.0) < 1e-8, "%g at %g", indices[i], x);
      const double fall = esc_stable_law_above(&law, x - h) - esc_stable_law_above(&law, x + h);
      cr_assert(fabs(fall / (2.0 * h * before) - 1.0) < 1e-5, "%g at %g: %g", indices[i], x, fall);
    }
  }
  cr_assert(esc_stable_law_begin(&law, 1.02));
  cr_assert_float_eq(esc_stable_law_above(&law, 1.0), 0.25, 0.003, "near Cauchy's");
}

Test(stable_law, indices_without_a_table)
{
  static const double indices[] = {0.3, 0.99, 1.0, 1.01, 1.99, 2.0};
  esc_stable_law law;
  for (size_t i = 0; i < sizeof indices / sizeof *indices; i++)
    cr_assert(!esc_stable_law_begin(&law, indices[i]), "%g", indices[i]);
}
