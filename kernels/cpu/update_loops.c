/* Update rules over lanes: a loop each, made from the rule by its number of states, and the loops
 * of the modifiers that any rule may have. */
#include "kernels/cpu/loops.h"
#include "kernels/rules/modifiers.h"

#define ESC_ARGUMENTS_0
#define ESC_ARGUMENTS_1 , &first
#define ESC_ARGUMENTS_2 , &first, &second
#define ESC_ARGUMENTS_3 , &first, &second, &third

/* One pass over the lanes. `row` is an expression in i; unused states stay untouched. */
#define ESC_PASS(name, count, row, result)                                                         \
  for (int i = 0; i < n; i++) {                                                                    \
    esc_real first = (count) > 0 ? s0[i] : 0, second = (count) > 1 ? s1[i] : 0;                    \
    esc_real third = (count) > 2 ? s2[i] : 0;                                                      \
    const esc_real u = esc_##name##_update(&c, row, g[i] ESC_ARGUMENTS_##count);                   \
    if ((count) > 0)                                                                               \
      s0[i] = first;                                                                               \
    if ((count) > 1)                                                                               \
      s1[i] = second;                                                                              \
    if ((count) > 2)                                                                               \
      s2[i] = third;                                                                               \
    (void)first, (void)second, (void)third;                                                        \
    next[i] = result;                                                                              \
  }

#define ESC_ROW_OF_LANE ((esc_row){lr[i], ra[i], rb[i], rc[i], rd[i]})

#define ESC_UPDATE_LOOP(name, count, ...)                                                          \
  static void update_##name(int n, const double *constants, const esc_rows *rows,                  \
                            const esc_real *restrict g, esc_real *const states[],                  \
                            const esc_real *restrict w, esc_real *restrict next)                   \
  {                                                                                                \
    union {                                                                                        \
      esc_##name c;                                                                                \
      esc_real number[sizeof(esc_##name) / sizeof(esc_real)];                                      \
    } load;                                                                                        \
    for (size_t k = 0; k < sizeof(load.c) / sizeof(esc_real); k++)                                 \
      load.number[k] = (esc_real)constants[k];                                                     \
    const esc_##name c = load.c;                                                                   \
    esc_real *const restrict s0 = states[0], *const restrict s1 = states[1];                       \
    esc_real *const restrict s2 = states[2];                                                       \
    (void)s0, (void)s1, (void)s2;                                                                  \
    const esc_real *const restrict lr = rows->lane[0], *const restrict ra = rows->lane[1];         \
    const esc_real *const restrict rb = rows->lane[2], *const restrict rc = rows->lane[3];         \
    const esc_real *const restrict rd = rows->lane[4];                                             \
    const esc_row row = rows->uniform;                                                             \
    if (w && !rows->by_lane)                                                                       \
      ESC_PASS(name, count, row, w[i] - u)                                                         \
    else if (w)                                                                                    \
      ESC_PASS(name, count, ESC_ROW_OF_LANE, w[i] - u)                                             \
    else if (!rows->by_lane)                                                                       \
      ESC_PASS(name, count, row, u)                                                                \
    else                                                                                           \
      ESC_PASS(name, count, ESC_ROW_OF_LANE, u)                                                    \
  }
ESC_UPDATE_CATALOGUE(ESC_UPDATE_LOOP)

/* Step sizes by lane: a loop for each kind of schedule, so that each has one formula. */
#define ESC_SCHEDULE_CASE(name, formula)                                                           \
  case ESC_SCHEDULE_##name: {                                                                      \
    esc_schedule schedule = plan->schedule;                                                        \
    schedule.kind = ESC_SCHEDULE_##name;                                                           \
    for (int i = 0; i < n; i++)                                                                    \
      size[i] = lr * (esc_real)esc_schedule_factor(&schedule, (int32_t)(now - begun[i]));          \
    return;                                                                                        \
  }

static void sizes_by_lane(int n, const esc_plan *plan, const uint32_t *restrict begun, uint32_t now,
                          esc_real *restrict size)
{
  const esc_real lr = (esc_real)plan->lr;
  switch (plan->schedule.kind) {
    ESC_SCHEDULE_CATALOGUE(ESC_SCHEDULE_CASE)
  default:
    return;
  }
}

/* Row t - 1 of the table is that of step t. Lanes out of use have any t and get some row. */
static void rows_by_lane(int n, const esc_plan *plan, const esc_real *restrict table,
                         const uint32_t *restrict begun, uint32_t now, esc_rows *rows)
{
  const uint32_t last = (uint32_t)plan->row_count - 1;
  sizes_by_lane(n, plan, begun, now, rows->lane[0]);
  for (int k = 0; k < ESC_ROW_WIDTH; k++) {
    esc_real *const restrict out = rows->lane[1 + k];
    const esc_real *const restrict column = table + k;
    for (int i = 0; i < n; i++) {
      const uint32_t row = now - begun[i] - 1;
      out[i] = column[(row < last ? row : last) * ESC_ROW_WIDTH];
    }
  }
}

static void ahead(int n, esc_real lookahead, const esc_real *restrict w,
                  const esc_real *restrict state, esc_real *restrict point)
{
  for (int i = 0; i < n; i++)
    point[i] = esc_ahead(lookahead, w[i], state[i]);
}

static void couple(int n, esc_real weight_decay, const esc_real *restrict w, esc_real *restrict g)
{
  for (int i = 0; i < n; i++)
    g[i] = esc_couple(weight_decay, w[i], g[i]);
}

static void decay(int n, esc_real weight_decay, const esc_rows *rows, const esc_real *restrict w,
                  esc_real *restrict u)
{
  const esc_real *const restrict lr = rows->lane[0];
  if (rows->by_lane)
    for (int i = 0; i < n; i++)
      u[i] = esc_decouple(lr[i] * weight_decay, w[i], u[i]);
  else
    for (int i = 0; i < n; i++)
      u[i] = esc_decouple(rows->uniform.lr * weight_decay, w[i], u[i]);
}

/* norm: scratch, 2 n. */
static void clip(int n, int stride, int dimension, esc_real bound, esc_real *restrict norm,
                 esc_real *restrict u)
{
  esc_real *const restrict unit = norm + stride;
  for (int i = 0; i < n; i++)
    norm[i] = unit[i] = 0;
  for (int j = 0; j < dimension; j++) {
    esc_real *const restrict column = u + (ptrdiff_t)j * stride;
    for (int i = 0; i < n; i++) {
      const esc_real size = esc_abs(column[i]);
      column[i] = esc_clip_finite(column[i]);
      unit[i] = size > unit[i] ? size : unit[i];
    }
  }
  for (int i = 0; i < n; i++)
    unit[i] = esc_clip_unit(unit[i]);
  for (int j = 0; j < dimension; j++)
    for (int i = 0; i < n; i++)
      norm[i] = esc_clip_add(norm[i], u[(ptrdiff_t)j * stride + i], unit[i]);
  for (int i = 0; i < n; i++)
    norm[i] = esc_clip_factor(bound, unit[i], norm[i]);
  for (int j = 0; j < dimension; j++)
    for (int i = 0; i < n; i++)
      u[(ptrdiff_t)j * stride + i] *= norm[i];
}

static void clip_update(int n, int stride, int dimension, esc_real bound, esc_real *restrict norm,
                        esc_real *restrict u)
{
  if (dimension > 1) {
    clip(n, stride, dimension, bound, norm, u);
    return;
  }
  for (int i = 0; i < n; i++)
    u[i] = esc_clip_one(u[i], bound);
}

static void apply(int n, esc_real lo, esc_real hi, const esc_real *restrict w,
                  const esc_real *restrict u, const float *restrict noise, esc_real *restrict next)
{
  for (int i = 0; i < n; i++)
    next[i] = w[i] - u[i];
  if (noise)
    for (int i = 0; i < n; i++)
      next[i] += (esc_real)noise[i];
  for (int i = 0; i < n; i++)
    next[i] = esc_project(next[i], lo, hi);
}

static void state_scale(int n, const float *c, const esc_real *restrict x, const float *restrict xi,
                        float *restrict out)
{
  const float c0 = c[0], c2 = c[1];
  for (int i = 0; i < n; i++)
    out[i] = esc_scaled_by_state(c0, c2, x[i], xi[i]);
}

static void loss_scale(int n, const esc_real *restrict u, float *restrict xi)
{
  for (int i = 0; i < n; i++)
    xi[i] = esc_scaled_by_loss(u[i], xi[i]);
}

static void signal_to_noise(int n, const esc_real *restrict m, const esc_real *restrict v,
                            esc_real *restrict ratio)
{
  for (int i = 0; i < n; i++)
    ratio[i] = esc_signal_to_noise(m[i], v[i]);
}

#define ESC_ENTER(name, ...) update_##name,
const esc_update_loops ESC_UPDATE_LOOPS = {
    .update = {ESC_UPDATE_CATALOGUE(ESC_ENTER)},
    .rows = rows_by_lane,
    .ahead = ahead,
    .couple = couple,
    .decay = decay,
    .clip = clip_update,
    .apply = apply,
    .state_scale = state_scale,
    .loss_scale = loss_scale,
    .signal_to_noise = signal_to_noise,
};
