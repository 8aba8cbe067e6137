/* cuRAND's device Philox, compiled for the host: what test_philox.c compares with ours. */
#define QUALIFIERS static inline
#include <curand_philox4x32_x.h>

extern "C" void support_curand_words(uint64_t seed, uint64_t block, uint64_t id, uint32_t words[4]);

void support_curand_words(uint64_t seed, uint64_t block, uint64_t id, uint32_t words[4])
{
  const uint4 counter = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)id,
                         (uint32_t)(id >> 32)};
  const uint2 key = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  const uint4 drawn = curand_Philox4x32_10(counter, key);
  words[0] = drawn.x;
  words[1] = drawn.y;
  words[2] = drawn.z;
  words[3] = drawn.w;
}
