/* Eight elements of an array in registers: how a thread of an update reads and writes them. Eight
 * elements of 16 bits are one packet of 16 bytes, of floats two; each packet moves by the widest
 * access its address allows. The switch on type and width is the same for a whole warp. Packets are
 * fetched first and unpacked later, so that the loads of all arrays are under way together. */
#ifndef ESC_CUDA_OCTET_CUH
#define ESC_CUDA_OCTET_CUH

#include "kernels/rules/philox.h"
#include "kernels/rules/storage.h"

/* Where the eight lie: four from element `first` on, four from first + second on. Of the elements
 * behind `first` those from low on and below high exist. */
struct esc_place {
  int64_t first;
  int second; /* 4, but for arrays of floats (step_tables.h) */
  int low, high;
};

ESC_RULE esc_place esc_place_of(int64_t first, int second, int64_t count)
{
  const int64_t left = count - first;
  esc_place at;
  at.first = first;
  at.second = second;
  at.low = first < 0 ? -(int)first : 0;
  at.high = left < second + 4 ? (int)left : second + 4;
  return at;
}

ESC_RULE bool esc_is_whole(const esc_place &at)
{
  return at.low == 0 && at.high == at.second + 4;
}

/* Whether the eight move in packets: all of them exist, and 4 bytes can be moved at once. */
ESC_RULE bool esc_moves_in_packets(const void *array, int type, const esc_place &at)
{
  const unsigned int parity = (unsigned int)((uintptr_t)array >> 1) + (unsigned int)at.first;
  return esc_is_whole(at) && (type == ESC_STORE_F32 || parity % 2 == 0);
}

/* The k-th of the eight, behind `first`. */
ESC_RULE int esc_offset_of(const esc_place &at, int k)
{
  return k < 4 ? k : at.second + k - 4;
}

ESC_RULE bool esc_exists(const esc_place &at, int k)
{
  const int offset = esc_offset_of(at, k);
  return offset >= at.low && offset < at.high;
}

/* All arrays are global memory, which nvcc cannot know of pointers that come out of a table; and it
 * would take a store of 16 bytes apart to share its code with the one of four times 4. */
#if defined(__NVCC__)
#define ESC_IS_GLOBAL(address) __builtin_assume(__isGlobal(address))
ESC_RULE void esc_store_whole(void *address, uint4 packet)
{
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(address)),
               "r"(packet.x), "r"(packet.y), "r"(packet.z), "r"(packet.w)
               : "memory");
}
#else
#define ESC_IS_GLOBAL(address) ((void)0)
ESC_RULE void esc_store_whole(void *address, uint4 packet)
{
  *(uint4 *)address = packet;
}
#endif

ESC_RULE uint4 esc_load_packet(const void *address)
{
  const unsigned int phase = (unsigned int)(uintptr_t)address & 15u;
  uint4 packet;
  if (phase == 0) {
    packet = *(const uint4 *)address;
  } else if (phase == 8) {
    const uint2 *const p = (const uint2 *)address;
    const uint2 low = p[0], high = p[1];
    packet = make_uint4(low.x, low.y, high.x, high.y);
  } else {
    const uint32_t *const p = (const uint32_t *)address;
    packet = make_uint4(p[0], p[1], p[2], p[3]);
  }
  return packet;
}

ESC_RULE void esc_store_packet(void *address, uint4 packet)
{
  const unsigned int phase = (unsigned int)(uintptr_t)address & 15u;
  if (phase == 0) {
    esc_store_whole(address, packet);
  } else if (phase == 8) {
    uint2 *const p = (uint2 *)address;
    p[0] = make_uint2(packet.x, packet.y);
    p[1] = make_uint2(packet.z, packet.w);
  } else {
    uint32_t *const p = (uint32_t *)address;
    p[0] = packet.x, p[1] = packet.y, p[2] = packet.z, p[3] = packet.w;
  }
}

/* Eight elements as they are stored: `low` alone where they have 16 bits. */
struct esc_packed {
  uint4 low, high;
};

ESC_RULE float esc_f32_of_half(uint32_t half, int type)
{
  return type == ESC_STORE_BF16 ? esc_f32_of_bf16((uint16_t)half) : esc_f32_of_f16((uint16_t)half);
}

ESC_RULE uint32_t esc_half_of_f32(float value, int type, bool stochastic, uint32_t random16)
{
  if (type == ESC_STORE_BF16)
    return stochastic ? esc_bf16_of_f32_random(value, random16) : esc_bf16_of_f32(value);
  return stochastic ? esc_f16_of_f32_random(value, random16) : esc_f16_of_f32(value);
}

ESC_RULE esc_packed esc_pack_halves(const uint32_t half[8])
{
  esc_packed p;
  p.low = make_uint4(half[0] | half[1] << 16, half[2] | half[3] << 16, half[4] | half[5] << 16,
                     half[6] | half[7] << 16);
  p.high = make_uint4(0, 0, 0, 0);
  return p;
}

ESC_RULE esc_packed esc_pack_words(const uint32_t word[8])
{
  esc_packed p;
  p.low = make_uint4(word[0], word[1], word[2], word[3]);
  p.high = make_uint4(word[4], word[5], word[6], word[7]);
  return p;
}

ESC_RULE void esc_unpack(const esc_packed &p, int type, float out[8])
{
  const uint32_t word[8] = {p.low.x,  p.low.y,  p.low.z,  p.low.w,
                            p.high.x, p.high.y, p.high.z, p.high.w};
#pragma unroll
  for (int k = 0; k < 8; k++)
    out[k] = type == ESC_STORE_F32 ? esc_f32_of_bits(word[k])
                                   : esc_f32_of_half(word[k / 2] >> k % 2 * 16 & 0xffffu, type);
}

/* random: eight times 16 bits, for stochastic rounding. */
ESC_RULE esc_packed esc_pack(const float value[8], int type, bool stochastic, esc_words random)
{
  uint32_t part[8];
  if (type == ESC_STORE_F32) {
#pragma unroll
    for (int k = 0; k < 8; k++)
      part[k] = esc_bits_of_f32(value[k]);
    return esc_pack_words(part);
  }
#pragma unroll
  for (int k = 0; k < 8; k++)
    part[k] = esc_half_of_f32(value[k], type, stochastic, random.w[k / 2] >> k % 2 * 16 & 0xffffu);
  return esc_pack_halves(part);
}

/* Those of the eight that exist, one by one; the others are 0. So do halves at odd places. */
ESC_RULE esc_packed esc_fetch_ragged(const void *array, int type, const esc_place &at)
{
  uint32_t part[8];
#pragma unroll
  for (int k = 0; k < 8; k++) {
    const int64_t i = at.first + esc_offset_of(at, k);
    part[k] = 0;
    if (esc_exists(at, k))
      part[k] = type == ESC_STORE_F32 ? ((const uint32_t *)array)[i] : ((const uint16_t *)array)[i];
  }
  return type == ESC_STORE_F32 ? esc_pack_words(part) : esc_pack_halves(part);
}

ESC_RULE esc_packed esc_fetch(const void *array, int type, const esc_place &at)
{
  ESC_IS_GLOBAL(array);
  esc_packed p;
  p.high = make_uint4(0, 0, 0, 0);
  if (!esc_moves_in_packets(array, type, at)) {
    p = esc_fetch_ragged(array, type, at);
  } else if (type == ESC_STORE_F32) {
    p.low = esc_load_packet((const float *)array + at.first);
    p.high = esc_load_packet((const float *)array + at.first + at.second);
  } else {
    p.low = esc_load_packet((const uint16_t *)array + at.first);
  }
  return p;
}

ESC_RULE void esc_put_ragged(void *array, int type, const esc_place &at, const esc_packed &p)
{
  const uint32_t word[8] = {p.low.x,  p.low.y,  p.low.z,  p.low.w,
                            p.high.x, p.high.y, p.high.z, p.high.w};
#pragma unroll
  for (int k = 0; k < 8; k++) {
    const int64_t i = at.first + esc_offset_of(at, k);
    if (esc_exists(at, k) && type == ESC_STORE_F32)
      ((uint32_t *)array)[i] = word[k];
    else if (esc_exists(at, k))
      ((uint16_t *)array)[i] = (uint16_t)(word[k / 2] >> k % 2 * 16);
  }
}

ESC_RULE void esc_put(void *array, int type, const esc_place &at, const esc_packed &p)
{
  ESC_IS_GLOBAL(array);
  if (!esc_moves_in_packets(array, type, at)) {
    esc_put_ragged(array, type, at, p);
  } else if (type == ESC_STORE_F32) {
    esc_store_packet((float *)array + at.first, p.low);
    esc_store_packet((float *)array + at.first + at.second, p.high);
  } else {
    esc_store_packet((uint16_t *)array + at.first, p.low);
  }
}

#endif
