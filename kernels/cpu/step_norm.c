/* The square of the norm by the tree of kernels/rules/norm.h: a leaf, and the sum of all leaves. A
 * leaf is read twice, for its largest element and for its squares; the second time it is in the
 * first-level cache. */
#include "kernels/cpu/step_loops.h"

static uint32_t largest_size(const float *restrict g, int n)
{
  uint32_t largest = 0;
  for (int i = 0; i < n; i++) {
    const uint32_t size = esc_norm_size(g[i]);
    largest = size > largest ? size : largest;
  }
  return largest;
}

static void whole_columns(const float *restrict g, float scale, float *restrict sum)
{
  for (int a = 0; a < ESC_NORM_ROW; a++) {
    float column = 0.0f;
    for (int r = 0; r < ESC_NORM_ROWS; r++)
      column = esc_norm_add(column, g[r * ESC_NORM_ROW + a], scale);
    sum[a] = column;
  }
}

/* Elements that are not there would add 0 to a sum that is not negative, and so would columns that
 * are empty: a short leaf has fewer. Gives their number. */
static int ragged_columns(const float *restrict g, int n, float scale, float *restrict sum)
{
  int columns = 16;
  while (columns < n && columns < ESC_NORM_ROW)
    columns *= 2;
  for (int a = 0; a < columns; a++)
    sum[a] = 0.0f;
  for (int begin = 0; begin < n; begin += ESC_NORM_ROW) {
    const int left = n - begin, width = left < ESC_NORM_ROW ? left : ESC_NORM_ROW;
    for (int a = 0; a < width; a++)
      sum[a] = esc_norm_add(sum[a], g[begin + a], scale);
  }
  return columns;
}

static float fold(float *sum, int width)
{
  for (int half = width / 2; half > 0; half /= 2)
    for (int a = 0; a < half; a++)
      sum[a] = sum[a] + sum[a + half];
  return sum[0];
}

double ESC_STEP_NORM_LEAF(const void *gradient, int type, int64_t first, int n, float *buffer,
                          uint32_t *largest)
{
  _Alignas(64) float sum[ESC_NORM_ROW];
  const float *g = (const float *)gradient + first;
  if (type != ESC_STORE_F32) {
    ESC_STEP_LOAD(gradient, type, first, n, buffer);
    g = buffer;
  }
  *largest = largest_size(g, n);
  const float scale = esc_norm_scale(*largest);
  int columns = ESC_NORM_ROW;
  if (n == ESC_NORM_LEAF)
    whole_columns(g, scale, sum);
  else
    columns = ragged_columns(g, n, scale, sum);
  return (double)fold(sum, columns) * esc_norm_weight(*largest);
}

double ESC_STEP_SUM_LEAVES(const double *partial, int64_t count)
{
  _Alignas(64) double column[ESC_NORM_COLUMNS];
  for (int c = 0; c < ESC_NORM_COLUMNS; c++)
    column[c] = 0.0;
  for (int64_t begin = 0; begin < count; begin += ESC_NORM_COLUMNS) {
    const int64_t left = count - begin;
    const int width = left < ESC_NORM_COLUMNS ? (int)left : ESC_NORM_COLUMNS;
    for (int c = 0; c < width; c++)
      column[c] = column[c] + partial[begin + c];
  }
  for (int half = ESC_NORM_COLUMNS / 2; half > 0; half /= 2)
    for (int c = 0; c < half; c++)
      column[c] = column[c] + column[c + half];
  return column[0];
}
