/* What nvcc knows by itself, for kernels that g++ or clang compile for the host: every kernel's
 * source is compiled with this header in front of it. ESC_KERNEL also enters the kernel into the
 * emulator's list. Only what kernels/cuda uses is here. */
#ifndef ESC_EMU_DEVICE_CODE_H
#define ESC_EMU_DEVICE_CODE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Before any system header that is still to come: forced inlining of all rules into all kernels
 * multiplies the time of compilation by ten and gains nothing here. */
#define always_inline ESC_EMU_INLINE

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#ifdef ESC_EMU_SHARED_SECTION /* so that the emulator can fill it before each block */
#define __shared__ static __attribute__((section("esc_emu_shared")))
#else
#define __shared__ static
#endif

struct alignas(8) uint2 {
  unsigned int x, y;
};

struct alignas(16) uint4 {
  unsigned int x, y, z, w;
};

static inline uint2 make_uint2(unsigned int x, unsigned int y)
{
  return {x, y};
}

static inline uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w)
{
  return {x, y, z, w};
}

extern "C" {

/* kernel_list.h has the same. */
struct esc_emu_kernel {
  const char *name;
  size_t args_bytes;
  unsigned int most_threads;
  void (*run)(const void *args);
  esc_emu_kernel *next;
};
void esc_emu_add_kernel(esc_emu_kernel *kernel);

struct esc_emu_composed {
  const char *source;
  esc_emu_kernel *kernel;
  esc_emu_composed *next;
};
void esc_emu_add_composed(esc_emu_composed *composed);
void esc_emu_yield(void);

struct esc_emu_index {
  unsigned int x, y, z;
};
extern esc_emu_index threadIdx, blockIdx, blockDim, gridDim;

void __syncthreads(void);
void __syncwarp(unsigned int mask);
void __threadfence(void);

/* The 32 values of the warp's lanes, once all of them are there. */
const uint64_t *esc_emu_gather(unsigned int mask, uint64_t value);
}

#define ESC_KERNEL(name, args_type, threads)                                                       \
  extern "C" void name(const args_type args);                                                      \
  static void name##_run(const void *args)                                                         \
  {                                                                                                \
    name(*static_cast<const args_type *>(args));                                                   \
  }                                                                                                \
  static esc_emu_kernel name##_entry = {#name, sizeof(args_type), threads, name##_run, nullptr};   \
  __attribute__((constructor)) static void name##_add(void)                                        \
  {                                                                                                \
    esc_emu_add_kernel(&name##_entry);                                                             \
  }                                                                                                \
  extern "C" void name(const args_type args)

/* At the end of a composed source: its text, by which it is found. */
#define ESC_EMU_COMPOSED(text)                                                                     \
  static esc_emu_composed composed_entry = {text, &esc_trajectories_entry, nullptr};               \
  __attribute__((constructor)) static void composed_add(void)                                      \
  {                                                                                                \
    esc_emu_add_composed(&composed_entry);                                                         \
  }

template <class Value> static inline Value __shfl_xor_sync(unsigned int mask, Value value, int with)
{
  static_assert(sizeof(Value) <= 8, "a register or two");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = esc_emu_gather(mask, bits)[(threadIdx.x % 32) ^ (unsigned int)with];
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline unsigned int __reduce_max_sync(unsigned int mask, unsigned int value)
{
  const uint64_t *const all = esc_emu_gather(mask, value);
  for (int lane = 0; lane < 32; lane++)
    value = mask >> lane & 1 && (unsigned int)all[lane] > value ? (unsigned int)all[lane] : value;
  return value;
}

/* The lanes of the mask whose value is not zero. */
static inline unsigned int __ballot_sync(unsigned int mask, int value)
{
  const uint64_t *const all = esc_emu_gather(mask, value != 0);
  unsigned int lanes = 0;
  for (int lane = 0; lane < 32; lane++)
    lanes |= (unsigned int)all[lane] << lane;
  return lanes & mask;
}

static inline int __any_sync(unsigned int mask, int value)
{
  return __ballot_sync(mask, value) != 0;
}

static inline int __all_sync(unsigned int mask, int value)
{
  return __ballot_sync(mask, value) == mask;
}

template <class Value> static inline Value atomicAdd(Value *address, Value value)
{
  return __atomic_fetch_add(address, value, __ATOMIC_ACQ_REL);
}

/* Lanes take ids and count in words of this type: others may come in between. */
static inline unsigned long long atomicAdd(unsigned long long *address, unsigned long long value)
{
  const unsigned long long before = __atomic_fetch_add(address, value, __ATOMIC_ACQ_REL);
  esc_emu_yield();
  return before;
}

template <class Value> static inline Value atomicOr(Value *address, Value value)
{
  return __atomic_fetch_or(address, value, __ATOMIC_ACQ_REL);
}

#endif
