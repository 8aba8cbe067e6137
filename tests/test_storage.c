/* The storage types of kernels/rules/storage.h, exhaustively, against decoding and rounding in
 * double (tests/reference/reference_storage.h): every pattern of 16 bits, every float to both
 * types, and stochastic rounding counted over all its random words. A sanitizer's build looks at
 * every 61st float beside the edges. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "kernels/rules/storage.h"
#include "reference_storage.h"
#include "tests/support.h"

#ifdef __SANITIZE_ADDRESS__
enum { STRIDE = 61 };
#else
enum { STRIDE = 1 };
#endif

enum { WORDS = 65536, SIGN = 0x8000, INFINITE_BF16 = 0x7f80, INFINITE_F16 = 0x7c00 };

static float decoded(int type, uint32_t half)
{
  return type == REF_BF16 ? esc_f32_of_bf16((uint16_t)half) : esc_f32_of_f16((uint16_t)half);
}

static uint32_t rounded(int type, float x)
{
  return type == REF_BF16 ? esc_bf16_of_f32(x) : esc_f16_of_f32(x);
}

static uint32_t rounded_randomly(int type, float x, uint32_t random16)
{
  return type == REF_BF16 ? esc_bf16_of_f32_random(x, random16)
                          : esc_f16_of_f32_random(x, random16);
}

static uint32_t infinite(int type)
{
  return type == REF_BF16 ? INFINITE_BF16 : INFINITE_F16;
}

static const char *name_of(int type)
{
  return type == REF_BF16 ? "bf16" : "f16";
}

/* --- patterns ------------------------------------------------------------------------------------
 */

/* Every pattern means what it should, and comes back; a NaN comes back as one. */
Test(storage, every_pattern)
{
  for (int type = REF_BF16; type <= REF_F16; type++)
    for (uint32_t half = 0; half < WORDS; half++) {
      const double expected = ref_decode(type, half);
      const float found = decoded(type, half);
      const int nan = (half & 0x7fffu) > infinite(type);
      cr_assert_eq(!!isnan(found), nan, "%s %04x: %g", name_of(type), half, (double)found);
      cr_assert_eq(!!signbit(found), half >> 15, "%s %04x: %g", name_of(type), half, (double)found);
      cr_assert(nan || (double)found == expected, "%s %04x: %a, expected %a", name_of(type), half,
                (double)found, expected);
      const uint32_t back = rounded(type, found);
      cr_assert(nan ? (back & 0x7fffu) > infinite(type) : back == half,
                "%s %04x comes back as %04x", name_of(type), half, back);
      cr_assert_eq(back & SIGN, half & SIGN, "%s %04x loses its sign", name_of(type), half);
    }
}

/* --- every float ---------------------------------------------------------------------------------
 */

/* The first float, by its bits, that rounds to the pattern `half` or above: the middle between it
 * and the one below, or the next float if the middle goes to the even one below. Infinity begins
 * half a step beyond the largest number. */
static uint32_t first_to(int type, uint32_t half)
{
  if (half == 0)
    return 0;
  const double below = ref_decode(type, half - 1);
  const double above =
      half == infinite(type) ? below + ref_step_at(type, below) : ref_decode(type, half);
  const float middle = (float)(0.5 * (below + above)); /* exact: a float has a bit more */
  return esc_bits_of_f32(middle) + ((half - 1) % 2 == 0);
}

/* Floats from `first` to before `end`, of either sign, that do not round to the pattern. */
static uint32_t strays(int type, uint32_t first, uint32_t end, uint32_t step, uint32_t half)
{
  uint32_t wrong = 0;
  if (type == REF_BF16) {
    for (uint32_t bits = first; bits < end; bits += step)
      wrong += (esc_bf16_of_f32(esc_f32_of_bits(bits)) != half) +
               (esc_bf16_of_f32(esc_f32_of_bits(bits | 0x80000000u)) != (half | SIGN));
  } else {
    for (uint32_t bits = first; bits < end; bits += step)
      wrong += (esc_f16_of_f32(esc_f32_of_bits(bits)) != half) +
               (esc_f16_of_f32(esc_f32_of_bits(bits | 0x80000000u)) != (half | SIGN));
  }
  return wrong;
}

static uint32_t end_of(int type, uint32_t half)
{
  return half == infinite(type) ? 0x7f800001u : first_to(type, half + 1);
}

/* The floats next to every edge: where rounding changes its mind. */
Test(storage, edges_round_to_the_nearest_even)
{
  for (int type = REF_BF16; type <= REF_F16; type++)
    for (uint32_t half = 0; half <= infinite(type); half++) {
      const uint32_t first = first_to(type, half), end = end_of(type, half);
      const uint32_t near = first + 4 < end ? first + 4 : end;
      const uint32_t late = end - first > 4 ? end - 4 : first;
      cr_assert(first < end, "%s %04x has no floats", name_of(type), half);
      cr_assert_eq(strays(type, first, near, 1, half) + strays(type, late, end, 1, half), 0,
                   "%s %04x, of floats from %08x on before %08x", name_of(type), half, first, end);
    }
}

/* All 2^32 of them: those that should round to a pattern do. */
static void check_every_float(int type)
{
  uint32_t expected = 0;
  for (uint32_t half = 0; half <= infinite(type); half++) {
    const uint32_t first = first_to(type, half), end = end_of(type, half);
    cr_assert_eq(first, expected, "%s %04x: a gap", name_of(type), half);
    cr_assert_eq(strays(type, first, end, STRIDE, half), 0, "%s %04x, of floats from %08x to %08x",
                 name_of(type), half, first, end);
    expected = end;
  }
}

/* What is no number stays none, whatever its payload. */
Test(storage, nan_of_every_kind)
{
  for (int type = REF_BF16; type <= REF_F16; type++) {
    uint32_t numbers = 0; /* among those that are none */
    for (uint32_t bits = 0x7f800001u; bits < 0x80000000u; bits += STRIDE) {
      const uint32_t up = rounded(type, esc_f32_of_bits(bits));
      const uint32_t down = rounded(type, esc_f32_of_bits(bits | 0x80000000u));
      numbers += (up <= infinite(type)) + (up >= SIGN) + (down <= (infinite(type) | SIGN));
    }
    cr_assert_eq(numbers, 0, "%s: %u NaN are lost", name_of(type), numbers);
  }
}

Test(storage, every_float_to_bf16)
{
  check_every_float(REF_BF16);
}

Test(storage, every_float_to_f16)
{
  check_every_float(REF_F16);
}

/* The reference itself against the edges, which need none of it but what patterns mean. */
Test(storage, the_reference_rounds_alike)
{
  for (int type = REF_BF16; type <= REF_F16; type++)
    for (uint32_t half = 1; half <= infinite(type); half++) {
      const uint32_t edge = first_to(type, half);
      const double at = (double)esc_f32_of_bits(edge), before = (double)esc_f32_of_bits(edge - 1);
      cr_assert_eq(ref_encode(type, at), half);
      cr_assert_eq(ref_encode(type, before), half - 1);
      cr_assert_eq(ref_encode(type, -at), half | SIGN);
    }
}

/* --- stochastic rounding -------------------------------------------------------------------------
 */

/* How many of all random words round |x| away from zero; all others must go to the one below. */
static uint32_t count_up(int type, float x, uint32_t below, uint32_t *elsewhere)
{
  uint32_t up = 0, down = 0;
  if (type == REF_BF16) {
    for (uint32_t word = 0; word < WORDS; word++) {
      const uint32_t to = esc_bf16_of_f32_random(x, word);
      down += to == below;
      up += to == below + 1;
    }
  } else {
    for (uint32_t word = 0; word < WORDS; word++) {
      const uint32_t to = esc_f16_of_f32_random(x, word);
      down += to == below;
      up += to == below + 1;
    }
  }
  *elsewhere = WORDS - up - down;
  return up;
}

/* Any float that lies strictly between the pattern and the next one away from zero. */
static float between(support_rng *rng, int type, uint32_t half)
{
  const double low = ref_decode(type, half), step = ref_step_at(type, low);
  const double kind = support_between(rng, 0.0, 3.0);
  double share = support_between(rng, 0.0, 1.0);
  if (kind < 1.0) /* near an end */
    share = exp2(support_between(rng, -18.0, -1.0));
  else if (kind < 1.5)
    share = 1.0 - exp2(support_between(rng, -13.0, -1.0));
  return (float)(low + share * step);
}

/* The share that is cut off, in units of 2^-16 and cut there, is how many words round up. Beyond
 * the largest number the nearest is taken: it never becomes infinite but where that does. */
static void check_share(int type, float x, double seed)
{
  const uint32_t half = ref_encode(type, (double)x), side = half & SIGN;
  const double size = fabs((double)x);
  uint32_t below = half & 0x7fffu, elsewhere;
  if (ref_decode(type, below) > size)
    below--;
  const double low = ref_decode(type, below), share = (size - low) / ref_step_at(type, low);
  const uint32_t up = count_up(type, x, side | below, &elsewhere);
  uint32_t expected = (uint32_t)floor(share * WORDS);
  if (below + 1 == infinite(type))
    expected = (half & 0x7fffu) == infinite(type) ? expected : 0;
  cr_assert_eq(elsewhere, 0, "%s of %a: %u words lead elsewhere (seed %.0f)", name_of(type),
               (double)x, elsewhere, seed);
  cr_assert_eq(up, expected, "%s of %a: %u words round up, expected %u (seed %.0f)", name_of(type),
               (double)x, up, expected, seed);
}

static void check_shares(int type, int count, uint64_t seed)
{
  support_rng rng = {seed};
  for (int k = 0; k < count / STRIDE; k++) {
    const uint32_t half = (uint32_t)(support_draw(&rng) % infinite(type));
    const float x = between(&rng, type, half);
    check_share(type, support_draw(&rng) % 2 ? x : -x, (double)seed);
  }
  /* around zero, the smallest normal number and the largest number */
  const uint32_t normal = type == REF_BF16 ? 0x80 : 0x400, largest = infinite(type) - 1;
  const uint32_t edges[] = {0, 1, normal - 2, normal - 1, normal, largest - 1, largest};
  for (size_t k = 0; k < sizeof edges / sizeof *edges; k++)
    for (int turn = 0; turn < 40; turn++)
      check_share(type, between(&rng, type, edges[k]), (double)seed);
}

Test(storage, shares_of_bf16)
{
  check_shares(REF_BF16, 8000, 11);
}

Test(storage, shares_of_f16)
{
  check_shares(REF_F16, 8000, 12);
}

/* What a type can say stays, whatever the word; infinities and NaN stay what they are. */
Test(storage, stochastic_rounding_leaves_alone_what_fits)
{
  static const uint32_t words[] = {0, 1, 7, 8, 0x7fff, 0x8000, 0xfff7, 0xfff8, 0xffff};
  for (int type = REF_BF16; type <= REF_F16; type++)
    for (uint32_t half = 0; half < WORDS; half++)
      for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        const uint32_t found = rounded_randomly(type, decoded(type, half), words[k]);
        const int nan = (half & 0x7fffu) > infinite(type);
        cr_assert(nan ? (found & 0x7fffu) > infinite(type) : found == half,
                  "%s %04x with %04x: %04x", name_of(type), half, words[k], found);
        cr_assert_eq(found & SIGN, half & SIGN);
      }
}
