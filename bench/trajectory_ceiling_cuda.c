/* The ceiling on a GPU (device_words.cu): measured, and held against the CPU's words. */
#include "bench/device_words.h"
#include "bench/trajectory_yardsticks.h"
#include "kernels/cuda/trajectory/trajectory_args.h"

double yardstick_device_words(void)
{
  enum { BLOCKS = 100000 };
  const int64_t threads = device_words_threads();
  const esc_philox_key key = esc_philox_key_of(1);
  const double seconds = threads > 0 ? device_words(key.round[0], threads, BLOCKS, NULL) : -1.0;
  return seconds > 0.0 ? 4.0 * BLOCKS * (double)threads / seconds : 0.0;
}

int yardstick_device_words_right(void)
{
  enum { FOLDS = 512, BLOCKS = 9 };
  static uint32_t folds[FOLDS];
  const uint64_t seed = 0x123456789abcdef0u;
  const esc_philox_key key = esc_philox_key_of(seed);
  int right = device_words(key.round[0], FOLDS, BLOCKS, folds) >= 0.0;
  for (uint64_t id = 0; id < FOLDS && right; id++) {
    uint32_t fold = 0;
    for (uint64_t block = 0; block < BLOCKS; block++) {
      const esc_words four = esc_philox(seed, block, id);
      fold ^= four.w[0] ^ four.w[1] ^ four.w[2] ^ four.w[3];
    }
    right = fold == folds[id];
  }
  return right;
}
