/* reference_modifiers.h says what these are. */
#include "reference_modifiers.h"

#include <math.h>

#include "reference_storage.h"

static const double pi = 3.14159265358979324;

double ref_schedule_factor(const ref_schedule *s, int64_t t)
{
  const double n = (double)t, *const key = s->key;
  double fall;
  switch (s->kind) {
  case REF_INVERSE_SQRT:
    return 1.0 / sqrt(n);
  case REF_POWER:
    return pow(n, -key[0]);
  case REF_EXPONENTIAL:
    return pow(key[0], n - 1.0);
  case REF_STEP:
    return pow(key[1], floor((n - 1.0) / key[0]));
  case REF_WARMUP_COSINE:
    if (n <= key[0])
      return n / key[0];
    fall = fmin((n - key[0]) / (key[1] - key[0]), 1.0);
    return key[2] + (1.0 - key[2]) * 0.5 * (1.0 + cos(pi * fall));
  default:
    return 1.0;
  }
}

double ref_nadam_progress(double beta1, double momentum_decay, int64_t steps)
{
  double product = 1.0;
  for (int64_t t = 1; t <= steps; t++)
    product *= beta1 * (1.0 - 0.5 * pow(0.96, (double)t * momentum_decay));
  return product;
}

double ref_gradient_factor(double scale, double raw_norm, double most, double eps)
{
  if (isinf(most))
    return 1.0 / scale;
  return fmin(1.0, most / (raw_norm / fabs(scale) + eps)) / scale;
}

double ref_noise_deviation(double eta0, double gamma, int64_t t)
{
  return sqrt(eta0 / pow((double)t, gamma));
}

void ref_philox(uint64_t key, uint64_t low, uint64_t high, uint32_t word[4])
{
  uint32_t c[4] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high, (uint32_t)(high >> 32)};
  uint32_t k[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
  for (int round = 0; round < 10; round++) {
    const uint64_t a = (uint64_t)c[0] * 0xD2511F53u, b = (uint64_t)c[2] * 0xCD9E8D57u;
    const uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                              (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
    for (int i = 0; i < 4; i++)
      c[i] = next[i];
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  for (int i = 0; i < 4; i++)
    word[i] = c[i];
}

enum { ROUNDING = 128, NOISE = 129, GRADIENT = 7 }; /* streams; the gradient among arrays */

static void words_of(uint64_t seed, int stream, uint64_t block, int64_t tensor, int array,
                     int64_t t, uint32_t word[4])
{
  const uint64_t id = ((uint64_t)tensor * 8 + (uint64_t)array) << 32 | (uint64_t)t;
  ref_philox(seed, (uint64_t)stream << 56 | block, id, word);
}

/* Box and Muller 1958. The angle's word: two bits of quadrant, in the order 0, pi/2 (mirrored), pi
 * (mirrored), -pi/2, and the rest as a signed share of a quarter turn about it. */
double ref_noise_normal(uint64_t seed, int64_t tensor, int64_t t, int64_t i, double *spread)
{
  uint32_t word[4];
  words_of(seed, NOISE, (uint64_t)i >> 2, tensor, GRADIENT, t, word);
  const uint32_t first = word[i % 4 / 2 * 2], second = word[i % 4 / 2 * 2 + 1];
  const double uniform = ((double)(first & 0x7fffffffu) + 0.5) * 0x1p-31;
  const double radius = sqrt(-2.0 * log(uniform));
  *spread = radius + 1.0 / radius;
  double share = (double)(second & 0x3fffffffu) * 0x1p-30;
  share = (share >= 0.5 ? share - 1.0 : share) * 0.5 * pi;
  const double side = second >> 31 ? -1.0 : 1.0;
  const double sine = sin(share), cosine = side * cos(share);
  const int swapped = second >> 30 & 1, is_cosine = i % 2 == 0;
  return radius * (is_cosine != swapped ? cosine : sine);
}

uint32_t ref_rounding_word(uint64_t seed, int64_t tensor, int array, int64_t t, int64_t i)
{
  uint32_t word[4];
  words_of(seed, ROUNDING, (uint64_t)i >> 3, tensor, array, t, word);
  return word[i % 8 / 2] >> (i % 2 * 16) & 0xffffu;
}

uint32_t ref_encode_random(int type, double x, uint32_t word16)
{
  const uint32_t nearest = ref_encode(type, x);
  const double found = fabs(ref_decode(type, nearest)), size = fabs(x);
  if (!isfinite(x) || found == size || (size > ref_largest(type) && isfinite(found)))
    return nearest;
  const uint32_t below = found > size ? nearest - 1 : nearest;
  const double low = fabs(ref_decode(type, below));
  const double share = floor((size - low) / ref_step_at(type, low) * 65536.0);
  return below + (share + (double)word16 >= 65536.0);
}
