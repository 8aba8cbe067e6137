/* The loops in the state's type, reached by tests in doubles; support_loops.h says how. Compiled in
 * float here and included by support_loops_f64.c. */
#include "tests/support_loops.h"

#include <string.h>

#define ESC_ISA baseline
#include "kernels/cpu/loops.h"

#if ESC_REAL_BITS == 64
#define NAME(name) name##_f64
#else
#define NAME(name) name##_f32
#endif

#define DECLARE(isa)                                                                               \
  extern const esc_update_loops ESC_PASTE(esc_update_loops_##isa, ESC_STATE_SUFFIX);               \
  extern const esc_landscape_loops ESC_PASTE(esc_landscape_loops_##isa, ESC_STATE_SUFFIX);
DECLARE(baseline)
#if ESC_HAVE_AVX2
DECLARE(avx2)
#endif
#if ESC_HAVE_AVX512
DECLARE(avx512)
#endif

static const struct {
  const char *isa;
  const esc_update_loops *update;
  const esc_landscape_loops *landscape;
} tables[] = {
#define ENTRY(isa)                                                                                 \
  {#isa, &ESC_PASTE(esc_update_loops_##isa, ESC_STATE_SUFFIX),                                     \
   &ESC_PASTE(esc_landscape_loops_##isa, ESC_STATE_SUFFIX)},
    ENTRY(baseline)
#if ESC_HAVE_AVX2
        ENTRY(avx2)
#endif
#if ESC_HAVE_AVX512
            ENTRY(avx512)
#endif
};

static int find(const char *isa)
{
  int k = 0;
  while (strcmp(tables[k].isa, isa) != 0)
    k++;
  return k;
}

typedef struct column {
  _Alignas(64) esc_real at[SUPPORT_LANES];
} column;

static column narrowed(const double *from)
{
  column c;
  for (int i = 0; i < SUPPORT_LANES; i++)
    c.at[i] = (esc_real)from[i];
  return c;
}

static void widen(const column *from, double *to)
{
  for (int i = 0; i < SUPPORT_LANES; i++)
    to[i] = (double)from->at[i];
}

static void choose_row(const support_step *step, esc_rows *rows, column lanes[5])
{
  const esc_plan *const plan = step->plan;
  const int64_t at = step->t < plan->row_count ? step->t : plan->row_count;
  const double *const row = plan->rows + (at - 1) * ESC_ROW_WIDTH;
  rows->by_lane = step->by_lane;
  rows->uniform = (esc_row){(esc_real)plan->lr, (esc_real)row[0], (esc_real)row[1],
                            (esc_real)row[2], (esc_real)row[3]};
  for (int k = 0; k < 5; k++) {
    for (int i = 0; i < SUPPORT_LANES; i++)
      lanes[k].at[i] = k ? (esc_real)row[k - 1] : (esc_real)plan->lr;
    rows->lane[k] = lanes[k].at;
  }
}

void NAME(support_step)(support_step *step)
{
  const esc_plan *const plan = step->plan;
  const esc_update_loops *const loops = tables[find(step->isa)].update;
  column g = narrowed(step->g), w = narrowed(step->w), state[ESC_UPDATE_STATES_MAX], u, next;
  column lanes[5];
  esc_rows rows;
  esc_real *states[ESC_UPDATE_STATES_MAX];
  const esc_real decay = (esc_real)plan->weight_decay;
  const int apart = decay > 0 && plan->decoupled;
  choose_row(step, &rows, lanes);
  for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++) {
    state[k] = narrowed(step->state[k]);
    states[k] = state[k].at;
  }
  if (decay > 0 && !plan->decoupled)
    loops->couple(SUPPORT_LANES, decay, w.at, g.at);
  loops->update[plan->update](SUPPORT_LANES, plan->update_constants, &rows, g.at, states,
                              apart ? NULL : w.at, apart ? u.at : next.at);
  if (apart) {
    loops->decay(SUPPORT_LANES, decay, &rows, w.at, u.at);
    loops->apply(SUPPORT_LANES, -(esc_real)INFINITY, (esc_real)INFINITY, w.at, u.at, NULL, next.at);
  }
  widen(&next, step->next);
  for (int k = 0; k < ESC_UPDATE_STATES_MAX; k++)
    widen(&state[k], step->state[k]);
}

void NAME(support_landscape)(const support_points *points)
{
  const esc_plan *const plan = points->plan;
  const esc_landscape_loops *const loops = tables[find(points->isa)].landscape;
  column x[ESC_DIMENSION_MAX], g[ESC_DIMENSION_MAX], u;
  for (int j = 0; j < plan->dimension; j++)
    x[j] = narrowed(points->x + j * SUPPORT_LANES);
  loops->slope[plan->landscape](SUPPORT_LANES, SUPPORT_LANES, plan, x->at, NULL, g->at);
  loops->value[plan->landscape](SUPPORT_LANES, SUPPORT_LANES, plan, x->at, u.at);
  widen(&u, points->values);
  for (int j = 0; j < plan->dimension; j++)
    widen(&g[j], points->gradients + j * SUPPORT_LANES);
}
