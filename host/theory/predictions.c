/* A list of predictions, and the call that fills it. */
#include "host/theory/predictions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/fp_control.h"

#define NAME_MAX_ 160

typedef struct esc_entry_of_list {
  esc_prediction prediction;
  char of[NAME_MAX_];
} esc_entry_of_list;

struct esc_predictions {
  int count, capacity;
  int out_of_memory;
  esc_entry_of_list **entries;
  char note[400];
};

static int grow(esc_predictions *list)
{
  const int capacity = list->capacity ? 2 * list->capacity : 16;
  esc_entry_of_list **const entries =
      realloc(list->entries, (size_t)capacity * sizeof *list->entries);
  if (!entries)
    return 0;
  list->entries = entries;
  list->capacity = capacity;
  return 1;
}

void esc_predictions_add(esc_predictions *to, const esc_prediction *prediction, const char *of, ...)
{
  esc_entry_of_list *const entry = calloc(1, sizeof *entry);
  if (!entry || (to->count == to->capacity && !grow(to))) {
    free(entry);
    to->out_of_memory = 1;
    return;
  }
  va_list arguments;
  va_start(arguments, of);
  vsnprintf(entry->of, sizeof entry->of, of, arguments);
  va_end(arguments);
  entry->prediction = *prediction;
  entry->prediction.struct_size = sizeof entry->prediction;
  entry->prediction.of = entry->of;
  to->entries[to->count++] = entry;
}

void esc_predictions_add_new(esc_predictions *to, const esc_prediction *prediction, const char *of)
{
  for (int k = 0; k < to->count; k++)
    if (strcmp(to->entries[k]->of, of) == 0 && to->entries[k]->prediction.step == prediction->step)
      return;
  esc_predictions_add(to, prediction, "%s", of);
}

int esc_predictions_count(const esc_predictions *predictions)
{
  return predictions ? predictions->count : 0;
}

const esc_prediction *esc_predictions_at(const esc_predictions *predictions, int index)
{
  const int there = predictions && index >= 0 && index < predictions->count;
  return there ? &predictions->entries[index]->prediction : NULL;
}

const char *esc_predictions_note(const esc_predictions *predictions)
{
  return predictions ? predictions->note : "";
}

void esc_predictions_free(esc_predictions *predictions)
{
  if (!predictions)
    return;
  for (int k = 0; k < predictions->count; k++)
    free(predictions->entries[k]);
  free(predictions->entries);
  free(predictions);
}

/* --- what is known --- */

static void predict_closed(const esc_subject *subject, esc_predictions *to)
{
  esc_predict_linear_chain(subject, to);
  esc_predict_stable_chain(subject, to);
  esc_predict_parabolic_maximum(subject, to);
  esc_predict_sharp_maximum(subject, to);
  esc_predict_free_walk(subject, to);
  esc_predict_flat_maximum(subject, to);
  esc_predict_kramers(subject, to);
  esc_predict_heavy_tails(subject, to);
  esc_predict_window(subject, to);
  esc_predict_adaptive(subject, to);
  esc_predict_symmetry(subject, to);
}

static void predict_numeric(const esc_subject *subject, esc_predictions *to)
{
  const char *const why = esc_predict_chain(subject, to);
  if (why && strcmp(why, ESC_NO_MEMORY) == 0)
    to->out_of_memory = 1;
  if (why)
    snprintf(to->note, sizeof to->note, "the chain is not solved numerically: %s", why);
}

static esc_status predict(const esc_subject *subject, esc_predict_method method,
                          esc_predictions *to)
{
  if (method & ESC_PREDICT_CLOSED)
    predict_closed(subject, to);
  const int closed = to->count;
  if (method & ESC_PREDICT_NUMERIC)
    predict_numeric(subject, to);
  if ((method & ESC_PREDICT_CLOSED) && closed == 0)
    snprintf(to->note + strlen(to->note), sizeof to->note - strlen(to->note), "%s%s",
             to->note[0] ? "; " : "", "no closed form is known for this experiment");
  if (to->out_of_memory)
    return esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the predictions");
  return to->count > 0 ? ESC_STATUS_OK : esc_fail_at("predict", "%s", to->note);
}

esc_status esc_predict(const esc_experiment *experiment, esc_predict_method method,
                       esc_predictions **predictions)
{
  if (!predictions)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "predictions: expected a place for them, found NULL");
  if (method < ESC_PREDICT_CLOSED || method > ESC_PREDICT_BOTH)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "method: expected closed, numeric or both, found %d",
                    (int)method);
  esc_subject subject;
  esc_status status = esc_subject_begin(&subject, experiment);
  if (status)
    return status;
  const uint64_t caller = esc_fp_default();
  esc_predictions *const made = calloc(1, sizeof *made);
  status = made ? predict(&subject, method, made)
                : esc_fail(ESC_STATUS_OUT_OF_MEMORY, "out of memory for the predictions");
  esc_fp_restore(caller);
  esc_subject_end(&subject);
  if (status)
    esc_predictions_free(made);
  else
    *predictions = made;
  return status;
}
