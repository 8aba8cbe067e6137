/* reference_storage.h says what this is. A type is its bits of fraction and its exponents. */
#include "reference_storage.h"

#include <math.h>
#include <string.h>

typedef struct layout {
  int fraction; /* bits */
  int least;    /* exponent of the smallest normal number */
  int most;     /* of the largest */
  int sign;     /* the place of the sign */
} layout;

static layout layout_of(int type)
{
  static const layout layouts[] = {{23, -126, 127, 31}, {7, -126, 127, 15}, {10, -14, 15, 15}};
  return layouts[type];
}

int ref_type_bytes(int type)
{
  return type == REF_F32 ? 4 : 2;
}

double ref_decode(int type, uint32_t pattern)
{
  const layout l = layout_of(type);
  const uint32_t fraction = pattern & ((1u << l.fraction) - 1u);
  const int exponent = (int)(pattern >> l.fraction) & (2 * l.most + 1);
  const double side = pattern >> l.sign & 1u ? -1.0 : 1.0;
  if (exponent == 2 * l.most + 1)
    return fraction ? (double)NAN : side * (double)INFINITY;
  const double whole = exponent ? (double)(fraction + (1u << l.fraction)) : (double)fraction;
  return side * ldexp(whole, (exponent ? exponent - l.most : l.least) - l.fraction);
}

static int exponent_at(const layout *l, double x)
{
  int exponent;
  frexp(x, &exponent);
  exponent -= 1;
  if (x == 0.0 || exponent < l->least)
    return l->least;
  return exponent > l->most ? l->most : exponent;
}

double ref_step_at(int type, double x)
{
  const layout l = layout_of(type);
  return ldexp(1.0, exponent_at(&l, x) - l.fraction);
}

double ref_largest(int type)
{
  const layout l = layout_of(type);
  return ldexp(2.0 - ldexp(1.0, -l.fraction), l.most);
}

double ref_smallest(int type)
{
  const layout l = layout_of(type);
  return ldexp(1.0, l.least - l.fraction);
}

/* Steps of the binade below x are whole numbers that rint rounds, ties to even; what comes to the
 * next power of two is the first pattern of the next binade all the same. */
uint32_t ref_encode(int type, double x)
{
  const layout l = layout_of(type);
  const uint32_t side = signbit(x) ? 1u << l.sign : 0u;
  const uint32_t infinite = (uint32_t)(2 * l.most + 1) << l.fraction;
  if (isnan(x))
    return side | infinite | 1u << (l.fraction - 1);
  const double size = fabs(x);
  if (isinf(x) || size >= ref_largest(type) + 0.5 * ref_step_at(type, ref_largest(type)))
    return side | infinite;
  const int exponent = exponent_at(&l, size);
  const uint32_t steps = (uint32_t)rint(ldexp(size, l.fraction - exponent));
  return side | (((uint32_t)(exponent - l.least) << l.fraction) + steps);
}

double ref_load(int type, const void *array, int64_t i)
{
  uint32_t pattern = 0;
  uint16_t half;
  if (type == REF_F32) {
    memcpy(&pattern, (const char *)array + 4 * i, 4);
  } else {
    memcpy(&half, (const char *)array + 2 * i, 2);
    pattern = half;
  }
  return ref_decode(type, pattern);
}

void ref_store(int type, void *array, int64_t i, double x)
{
  const uint32_t pattern = ref_encode(type, x);
  const uint16_t half = (uint16_t)pattern;
  if (type == REF_F32)
    memcpy((char *)array + 4 * i, &pattern, 4);
  else
    memcpy((char *)array + 2 * i, &half, 2);
}
