/* From an experiment to a subject of theory. The settings are resolved a second time, because the
 * plan keeps them only as constants in the state's type. */
#include "host/theory/subject.h"

#include <math.h>
#include <string.h>

#include "host/theory/law.h"

static esc_status keys_of(esc_catalogue catalogue, const char *name, const esc_setting *settings,
                          int count, double *keys)
{
  const esc_entry *entry;
  esc_resolved resolved;
  int number;
  esc_status status = esc_find_entry(catalogue, name, "a rule", "predict", &entry, &number);
  if (!status)
    status = esc_resolve_settings(entry, settings, count, "predict", &resolved);
  if (!status)
    memcpy(keys, resolved.value, sizeof resolved.value);
  return status;
}

static esc_status add_source(esc_subject *subject, const esc_noise *noise)
{
  esc_theory_source *const source = &subject->source[subject->source_count];
  const esc_status status =
      keys_of(ESC_CATALOGUE_NOISES, noise->law, noise->settings, noise->setting_count, source->key);
  if (status)
    return status;
  source->noise = noise;
  source->planned = &subject->plan->noise[subject->source_count];
  source->law = source->planned->law;
  const double unit = esc_law_unit_variance(source);
  const double variance = isnan(noise->anneal[0]) ? noise->variance : 1.0;
  source->scale = isnan(noise->scale) ? 1.0 : noise->scale;
  if (noise->scales)
    source->scale = noise->scales[0];
  if (!isnan(variance))
    source->scale = unit > 0.0 ? sqrt(variance / unit) : 0.0;
  const int known = isinf(noise->clip) && !source->planned->scaled_by_loss && !noise->covariance;
  source->variance = known ? unit * source->scale * source->scale * noise->sparse : (double)NAN;
  subject->source_count++;
  return ESC_STATUS_OK;
}

static esc_status fill(esc_subject *subject)
{
  const esc_experiment *const e = subject->experiment;
  esc_status status = keys_of(ESC_CATALOGUE_OPTIMIZERS, e->optimizer->name, e->optimizer->settings,
                              e->optimizer->setting_count, subject->update_key);
  if (!status && !e->landscape->function)
    status = keys_of(ESC_CATALOGUE_LANDSCAPES, e->landscape->name, e->landscape->settings,
                     e->landscape->setting_count, subject->landscape_key);
  for (int k = 0; !status && k < e->noise_count; k++) {
    const esc_noise *const noise =
        (const esc_noise *)((const char *)e->noises + (size_t)k * e->noises->struct_size);
    if (strcmp(noise->law, "none") != 0)
      status = add_source(subject, noise);
  }
  return status;
}

esc_status esc_subject_begin(esc_subject *subject, const esc_experiment *experiment)
{
  *subject = (esc_subject){.experiment = experiment};
  esc_status status = esc_plan_make(experiment, &subject->planned);
  if (status)
    return status;
  subject->plan = &subject->planned->plan;
  status = fill(subject);
  if (status)
    esc_subject_end(subject);
  return status;
}

void esc_subject_end(esc_subject *subject)
{
  esc_plan_free(subject->planned);
  subject->planned = NULL;
}

/* --- how plain it is --- */

int esc_subject_is_line(const esc_subject *subject)
{
  return subject->plan->dimension == 1 && !subject->plan->landscape_function;
}

static int is_steady(const esc_plan *plan)
{
  return plan->schedule.kind == ESC_SCHEDULE_constant && plan->weight_decay == 0.0;
}

static int is_clipped(const esc_plan *plan)
{
  return isfinite(plan->clip_update);
}

static int is_projected(const esc_plan *plan)
{
  return isfinite(plan->project[0]) || isfinite(plan->project[1]);
}

int esc_subject_is_plain_rule(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  return is_steady(plan) && !is_clipped(plan) && !is_projected(plan);
}

int esc_subject_is_projected_sgd(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  return plan->update == ESC_UPDATE_sgd && is_steady(plan) && !is_clipped(plan);
}

int esc_subject_is_clipped_sgd(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  return plan->update == ESC_UPDATE_sgd && is_steady(plan) && is_clipped(plan) &&
         !is_projected(plan);
}

int esc_subject_is_plain_sgd(const esc_subject *subject)
{
  return subject->plan->update == ESC_UPDATE_sgd && esc_subject_is_plain_rule(subject);
}

int esc_subject_never_ends(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  return !plan->has_walls && plan->set_count == 0 && isinf(plan->beyond) && !plan->renew;
}

int esc_subject_ends_at_walls(const esc_subject *subject)
{
  const esc_plan *const plan = subject->plan;
  return plan->has_walls && !plan->renew && plan->walls[0] >= -plan->beyond &&
         plan->walls[1] <= plan->beyond;
}

const esc_theory_source *esc_subject_plain_noise(const esc_subject *subject)
{
  const esc_theory_source *const source = &subject->source[0];
  if (subject->source_count != 1)
    return NULL;
  const esc_noise *const noise = source->noise;
  const int plain = isinf(noise->clip) && noise->sparse == 1.0 && !source->planned->annealed &&
                    !source->planned->scaled_by_state && !source->planned->on_parameter &&
                    !source->planned->scaled_by_loss && !noise->covariance;
  return plain && source->scale > 0.0 ? source : NULL;
}

int esc_subject_start(const esc_subject *subject, double *x0)
{
  const esc_plan *const plan = subject->plan;
  const int fixed = plan->start_kind == ESC_START_POINT || plan->start_kind == ESC_START_POINTS;
  if (!fixed || plan->start_points != 1)
    return 0;
  *x0 = plan->start[0];
  return 1;
}

double esc_subject_slope(const esc_subject *subject, double x)
{
  double value, slope;
  esc_cpu_backend.landscape(NULL, subject->plan, 1, &x, &value, &slope);
  return slope;
}
