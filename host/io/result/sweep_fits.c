/* Power laws through the points of a sweep. */
#include "sweep_fits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/experiment/read_values.h"
#include "host/io/io_error.h"
#include "host/io/short_number.h"

/* The normal quantile of a 95 % interval. */
static const double normal_95 = 1.959963984540054;

enum { FEWEST_POINTS = 3 };

typedef struct place {
  double x, y, error; /* error 0: not known */
} place;

/* The k-th point of the series that begins at `first`. */
static int64_t point_of(const esc_sweep_axes *axes, int axis, int64_t first, int64_t k)
{
  int64_t inner = 1;
  for (int i = axis + 1; !axes->zip && i < axes->axis_count; i++)
    inner *= axes->axes[i].count;
  return first + k * inner;
}

/* Those of a series that a logarithm can be taken of; how many. */
static int64_t gather(const esc_sweep_record *record, const esc_sweep_fit *fit, place *places)
{
  const esc_sweep_axes *const axes = record->axes;
  const int axis = esc_sweep_axes_find(axes, fit->law->x);
  const int column = esc_sweep_record_column(record, fit->law->y);
  int64_t count = 0;
  for (int64_t k = 0; k < axes->axes[axis].count; k++) {
    const esc_estimate y =
        esc_sweep_record_value(record, point_of(axes, axis, fit->first, k), column);
    const double error = esc_short_uncertainty(y) / normal_95;
    if (!(y.value > 0.0) || !isfinite(y.value))
      continue;
    places[count] = (place){0.0, y.value, error > 0.0 && isfinite(error) ? error : 0.0};
    esc_node_number(axes->axes[axis].values[k], &places[count++].x);
  }
  return count;
}

static int compare_places(const void *a, const void *b)
{
  const double x = ((const place *)a)->x, y = ((const place *)b)->x;
  return (x > y) - (x < y);
}

static bool rises(const place *places, int64_t count)
{
  for (int64_t k = 1; k < count; k++)
    if (!(places[k].x > places[k - 1].x))
      return false;
  return true;
}

/* Numbers in columns, as the fit takes them. false where memory ran out. */
static bool fit_places(esc_sweep_fit *fit, const place *places)
{
  const size_t count = (size_t)fit->count;
  bool errors = true;
  double *const y = calloc(2 * count, sizeof *y);
  fit->x = calloc(count, sizeof *fit->x);
  if (rises(places, fit->count))
    fit->slopes = calloc(count, sizeof *fit->slopes);
  for (size_t k = 0; y && fit->x && k < count; k++) {
    fit->x[k] = places[k].x;
    y[k] = places[k].y;
    y[count + k] = places[k].error;
    errors = errors && places[k].error > 0.0;
  }
  const bool made = y && fit->x && (fit->slopes || !rises(places, fit->count));
  if (made && esc_fit_power_law(fit->count, fit->x, y, errors ? y + count : NULL, &fit->fit))
    fit->fit = (esc_fit)ESC_FIT_INIT;
  if (made && fit->slopes &&
      esc_local_slopes(fit->count, fit->x, y, errors ? y + count : NULL, fit->slopes)) {
    free(fit->slopes);
    fit->slopes = NULL;
  }
  free(y);
  return made;
}

static bool make_fit(const esc_sweep_record *record, esc_sweep_fit *fit)
{
  const int axis = esc_sweep_axes_find(record->axes, fit->law->x);
  place *const places = calloc((size_t)record->axes->axes[axis].count, sizeof *places);
  if (!places)
    return false;
  fit->fit = (esc_fit)ESC_FIT_INIT;
  fit->count = gather(record, fit, places);
  qsort(places, (size_t)fit->count, sizeof *places, compare_places);
  const bool made = fit->count < FEWEST_POINTS || fit_places(fit, places);
  free(places);
  return made;
}

/* A series for every point that takes the first value of x; with zip there is one. */
static int64_t series_of(const esc_sweep_axes *axes, const esc_power_law *law)
{
  return axes->zip ? 1 : axes->points / axes->axes[esc_sweep_axes_find(axes, law->x)].count;
}

static bool begins_series(const esc_sweep_axes *axes, const esc_power_law *law, int64_t point)
{
  return esc_sweep_axes_choice(axes, esc_sweep_axes_find(axes, law->x), point) == 0;
}

static bool make_series(const esc_sweep_record *record, const esc_power_law *law,
                        esc_sweep_fits *fits)
{
  for (int64_t point = 0; point < record->point_count; point++) {
    if (!begins_series(record->axes, law, point))
      continue;
    esc_sweep_fit *const fit = &fits->list[fits->count++];
    *fit = (esc_sweep_fit){.law = law, .first = point};
    if (!make_fit(record, fit))
      return false;
  }
  return true;
}

/* What theory says of the exponent. */
static const esc_prediction *exponent_of(const esc_predictions *predictions,
                                         const esc_power_law *law)
{
  for (int i = 0; i < esc_predictions_count(predictions); i++) {
    const esc_prediction *const p = esc_predictions_at(predictions, i);
    if (p->against && strcmp(p->against, law->x) == 0 && strcmp(p->of, law->y) == 0)
      return p;
  }
  return NULL;
}

esc_status esc_sweep_fits_make(const esc_sweep_record *record, const esc_questions *questions,
                               const esc_sweep_theory *theory, esc_sweep_fits *fits)
{
  int64_t count = 0;
  *fits = (esc_sweep_fits){NULL, 0};
  for (int i = 0; i < questions->fit_count; i++)
    count += series_of(record->axes, &questions->fits[i]);
  fits->list = calloc((size_t)count + 1, sizeof *fits->list);
  bool made = fits->list != NULL;
  for (int i = 0; i < questions->fit_count && made; i++)
    made = make_series(record, &questions->fits[i], fits);
  for (int64_t i = 0; theory && i < fits->count; i++)
    fits->list[i].theory = exponent_of(theory[fits->list[i].first].predictions, fits->list[i].law);
  return made ? ESC_STATUS_OK : esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory");
}

void esc_sweep_fit_series(const esc_sweep_record *record, const esc_sweep_fit *fit, char *text,
                          size_t size)
{
  const esc_sweep_axes *const axes = record->axes;
  text[0] = '\0';
  for (int i = 0; i < axes->axis_count && !axes->zip; i++) {
    char value[96];
    const size_t used = strlen(text);
    if (strcmp(axes->axes[i].path, fit->law->x) == 0)
      continue;
    esc_node_text(esc_sweep_axes_value(axes, i, fit->first), value, sizeof value);
    snprintf(text + used, size - used, "%s%s %s", used ? ", " : "", axes->axes[i].path, value);
  }
}

void esc_sweep_fits_free(esc_sweep_fits *fits)
{
  for (int64_t i = 0; i < fits->count; i++) {
    free(fits->list[i].x);
    free(fits->list[i].slopes);
  }
  free(fits->list);
}
