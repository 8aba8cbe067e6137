/* The update of all tensors of one rule: a persistent launch whose warps take chunk after chunk.
 * Element types are codes in the table, so there is one kernel for each rule. */
#include "kernels/cuda/kernel.cuh"
#include "kernels/cuda/launch_args.h"
#include "kernels/cuda/octet.cuh"
#include "kernels/rules/noises/gaussian.h"
#include "kernels/rules/uniform.h"
#include "kernels/step/random.h"

/* The rule's constants out of the scalars. */
template <class Constants> ESC_RULE Constants esc_constants_of(const esc_step_scalars &s)
{
  union {
    Constants c;
    float number[ESC_UPDATE_CONSTANTS_MAX];
  } load;
#pragma unroll
  for (int k = 0; k < ESC_UPDATE_CONSTANTS_MAX; k++)
    load.number[k] = s.constants[k];
  return load.c;
}

ESC_RULE void esc_draw_noise(const esc_step_tables &tables, int32_t tensor, int32_t t,
                             const esc_place &at, float normal[8])
{
  const uint64_t id = esc_step_draw_id(tensor, ESC_ARRAY_GRADIENT, t);
  esc_normals_of_four(tables.seed, at.first, id, normal);
  esc_normals_of_four(tables.seed, at.first + at.second, id, normal + 4);
}

/* What the threads of a warp are at: one row of a chunk. */
struct esc_row_of_chunk {
  const esc_step_tables &tables;
  const esc_step_tensor &tensor;
  const esc_step_scalars &scalars;
  int32_t number; /* of the tensor */
  void *gradient;
  esc_place at;
};

/* Stores eight floats into an array of the tensor, rounded as it asks for. */
ESC_RULE void esc_store(const esc_row_of_chunk &row, int array_number, void *array, int type,
                        const float value[8])
{
  const bool stochastic = row.tensor.stochastic >> array_number & 1;
  esc_words random = {{0, 0, 0, 0}};
  if (stochastic)
    random = esc_step_words(row.tables.seed, row.at.first,
                            esc_step_draw_id(row.number, array_number, row.scalars.t));
  esc_put(array, type, row.at, esc_pack(value, type, stochastic, random));
}

ESC_RULE void esc_update_average(const esc_row_of_chunk &row, const float w[8])
{
  const esc_step_tensor &tensor = row.tensor;
  float average[8];
  esc_unpack(esc_fetch(tensor.average, tensor.average_type, row.at), tensor.average_type, average);
#pragma unroll
  for (int i = 0; i < 8; i++)
    average[i] = esc_parameter_average(&row.scalars, average[i], w[i]);
  esc_store(row, ESC_ARRAY_AVERAGE, tensor.average, tensor.average_type, average);
}

/* One rule on eight elements. */
template <class Rule, int STATES> ESC_RULE void esc_update_octet(const esc_row_of_chunk &row)
{
  const esc_step_tensor &tensor = row.tensor;
  const esc_step_scalars &s = row.scalars;
  float normal[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  if (s.noise > 0.0f)
    esc_draw_noise(row.tables, row.number, s.t, row.at, normal);

  void *const parameter = tensor.master ? tensor.master : tensor.value;
  const int parameter_type = tensor.master ? tensor.master_type : tensor.value_type;
  const esc_packed packed_g = esc_fetch(row.gradient, tensor.gradient_type, row.at);
  const esc_packed packed_w = esc_fetch(parameter, parameter_type, row.at);
  esc_packed packed_state[ESC_UPDATE_STATES_MAX];
#pragma unroll
  for (int k = 0; k < STATES; k++) {
    packed_state[k].low = packed_state[k].high = make_uint4(0, 0, 0, 0);
    if (tensor.state[k])
      packed_state[k] = esc_fetch(tensor.state[k], tensor.state_type[k], row.at);
  }

  float g[8], w[8], state[ESC_UPDATE_STATES_MAX][8];
  esc_unpack(packed_g, tensor.gradient_type, g);
  esc_unpack(packed_w, parameter_type, w);
#pragma unroll
  for (int k = 0; k < STATES; k++)
    esc_unpack(packed_state[k], tensor.state_type[k], state[k]);

  const typename Rule::Constants c = esc_constants_of<typename Rule::Constants>(s);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    float one[ESC_UPDATE_STATES_MAX] = {state[0][i], state[1][i], state[2][i]};
    w[i] = Rule::element(&c, &s, g[i], normal[i], w[i], one);
#pragma unroll
    for (int k = 0; k < STATES; k++)
      state[k][i] = one[k];
  }

#pragma unroll
  for (int k = 0; k < STATES; k++)
    if (tensor.state[k])
      esc_store(row, ESC_ARRAY_STATE + k, tensor.state[k], tensor.state_type[k], state[k]);
  if (tensor.master)
    esc_store(row, ESC_ARRAY_MASTER, tensor.master, tensor.master_type, w);
  esc_store(row, ESC_ARRAY_VALUE, tensor.value, tensor.value_type, w);
  if (tensor.average)
    esc_update_average(row, w);
}

ESC_RULE void esc_zero_octet(const esc_row_of_chunk &row)
{
  const uint32_t zero[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  esc_put(row.gradient, row.tensor.gradient_type, row.at, esc_pack_words(zero));
}

template <class Rule, int STATES>
ESC_RULE void esc_update_chunk(const esc_update_args &args, esc_step_chunk chunk, int lane)
{
  const esc_step_tensor &tensor = args.tables.tensors[chunk.tensor];
  void *const gradient = args.tables.gradients[chunk.tensor];
  const int32_t mine = args.tables.scalars_of[chunk.tensor];
  const bool steps = mine >= 0, zeroes = args.call.zero_gradients && gradient;
  if (!steps && !zeroes)
    return;
  const int64_t begin = tensor.origin + (int64_t)chunk.index * ESC_CHUNK;
  const int spread = tensor.split ? 4 : 8, second = tensor.split ? 4 * ESC_WARP : 4;
#pragma unroll 1
  for (int k = 0; k < ESC_CHUNK; k += 8 * ESC_WARP) {
    const int64_t first = begin + k + lane * spread;
    if (first >= tensor.count)
      break;
    const esc_row_of_chunk row = {
        args.tables,  tensor,   args.tables.scalars[steps ? mine : 0],
        chunk.tensor, gradient, esc_place_of(first, second, tensor.count)};
    if (steps)
      esc_update_octet<Rule, STATES>(row);
    if (zeroes)
      esc_zero_octet(row);
  }
}

#define ESC_UPDATE_KERNEL(name, states, ...)                                                       \
  struct esc_##name##_rule {                                                                       \
    typedef esc_##name Constants;                                                                  \
    ESC_RULE float element(const esc_##name *c, const esc_step_scalars *s, float g, float normal,  \
                           float w, float *state)                                                  \
    {                                                                                              \
      return esc_##name##_element(c, s, g, normal, w, state);                                      \
    }                                                                                              \
  };                                                                                               \
  ESC_KERNEL(esc_update_##name, esc_update_args, ESC_UPDATE_THREADS)                               \
  {                                                                                                \
    const int lane = threadIdx.x % ESC_WARP;                                                       \
    const int64_t warps = (int64_t)gridDim.x * (blockDim.x / ESC_WARP);                            \
    int64_t k = (int64_t)blockIdx.x * (blockDim.x / ESC_WARP) + threadIdx.x / ESC_WARP;            \
    for (; k < args.count; k += warps)                                                             \
      esc_update_chunk<esc_##name##_rule, states>(args, args.tables.chunks[args.first + k], lane); \
  }

ESC_UPDATE_CATALOGUE(ESC_UPDATE_KERNEL)
