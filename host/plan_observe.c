/* The observers' part of a plan, and where everything stands in the tally. */
#include <math.h>
#include <string.h>

#include "host/error.h"
#include "host/plan.h"
#include "host/settings.h"

#define STEPS_MAX 100000

static esc_status plan_steps(esc_planned *planned, const esc_observe *observe)
{
  esc_plan *const plan = &planned->plan;
  const int64_t count = observe->step_count;
  if (count < 0 || count > STEPS_MAX || (count > 0 && !observe->steps))
    return esc_fail_at("observe.steps", "expected at most %d steps, found %lld", STEPS_MAX,
                       (long long)count);
  if (count > 0 && plan->renew)
    return esc_fail_at("observe.steps", "expected no steps with renew: its walkers restart");
  int64_t *const steps = esc_plan_own(planned, (size_t)count + 1, sizeof *steps);
  if (!steps)
    return ESC_STATUS_OUT_OF_MEMORY;
  for (int64_t k = 0; k < count; k++) {
    steps[k] = observe->steps[k];
    if (steps[k] < 0 || steps[k] > plan->stop_steps || (k > 0 && steps[k] <= steps[k - 1]))
      return esc_fail_at("observe.steps",
                         "expected rising steps from 0 to stop.steps = %lld, found %lld",
                         (long long)plan->stop_steps, (long long)steps[k]);
  }
  plan->steps = steps;
  plan->step_count = count;
  return ESC_STATUS_OK;
}

static esc_status plan_near(esc_planned *planned, const esc_near *near, int k)
{
  esc_plan *const plan = &planned->plan;
  char path[ESC_KEY_PATH_MAX];
  esc_key_path(path, "observe.near[%d]", k);
  if (!near->name || !near->name[0])
    return esc_fail_at(path, "expected a name, found nothing");
  for (int other = 0; other < k; other++)
    if (strcmp(planned->names.near[other], near->name) == 0)
      return esc_fail_at(path, "expected a name of its own, found \"%s\" again", near->name);
  esc_key_path(path, "observe.near[%d].point", k);
  if (!near->point || near->point_count != plan->dimension)
    return esc_fail_at(path, "expected a point of %d number%s, found %d", plan->dimension,
                       plan->dimension > 1 ? "s" : "", near->point_count);
  for (int j = 0; j < plan->dimension; j++)
    if (!esc_is_sized(plan->near[k].point[j] = near->point[j]))
      return esc_fail_at(path, "expected numbers of at most 1e30 in size, found %g",
                         near->point[j]);
  esc_key_path(path, "observe.near[%d].radius", k);
  if (!(near->radius > 0.0) || !(near->radius <= 1e15)) /* its square is compared */
    return esc_fail_at(path, "expected a radius above 0 and at most 1e15, found %g", near->radius);
  plan->near[k].squared_radius = near->radius * near->radius;
  planned->names.near[k] = esc_plan_own_text(planned, near->name);
  return planned->names.near[k] ? ESC_STATUS_OK : ESC_STATUS_OUT_OF_MEMORY;
}

/* Whether bins are wider than the spacing of numbers at either end, and not beyond it. */
static int bins_apart(const esc_histogram_request *request, int state_bits)
{
  const double ulp = state_bits == 64 ? 0x1p-52 : 0x1p-23, tiny = state_bits == 64 ? 1e-290 : 1e-30;
  const double width = (request->high - request->low) / request->bins;
  return width > tiny && width > ulp * fmax(fabs(request->low), fabs(request->high));
}

static esc_status plan_histogram(const esc_histogram_request *request, const char *key,
                                 int state_bits, esc_histogram_request *kept, int *bins,
                                 double *low, double *per_width)
{
  if (!request || request->bins == 0)
    return ESC_STATUS_OK;
  if (!isfinite(request->low) || !isfinite(request->high) || !(request->low < request->high))
    return esc_fail_at(key, "expected range: [lo, hi] with lo < hi, found [%g, %g]", request->low,
                       request->high);
  if (request->bins < 1 || request->bins > 100000)
    return esc_fail_at(key, "expected 1 to 100000 bins, found %d", request->bins);
  if (!esc_is_sized(request->low) || !esc_is_sized(request->high) ||
      !bins_apart(request, state_bits))
    return esc_fail_at(key,
                       "expected a range whose bins a position of %d bits can tell apart, found "
                       "[%g, %g]",
                       state_bits, request->low, request->high);
  *kept = *request;
  *bins = request->bins;
  *low = request->low;
  *per_width = request->bins / (request->high - request->low);
  return ESC_STATUS_OK;
}

static esc_status plan_lags(esc_planned *planned, const esc_observe *observe)
{
  esc_plan *const plan = &planned->plan;
  const int count = observe->correlation_count;
  if (count < 0 || count > ESC_LAGS_MAX || (count > 0 && !observe->correlation))
    return esc_fail_at("observe.correlation", "expected at most %d lags, found %d", ESC_LAGS_MAX,
                       count);
  if (count > 0 && plan->renew)
    return esc_fail_at("observe.correlation", "expected no lags with renew: its walkers restart");
  for (int k = 0; k < count; k++) {
    const int64_t lag = observe->correlation[k];
    if (lag < 0 || lag > plan->stop_steps || (k > 0 && lag <= observe->correlation[k - 1]))
      return esc_fail_at("observe.correlation",
                         "expected rising lags from 0 to stop.steps, found %lld", (long long)lag);
    plan->lags[count - 1 - k] = lag;
  }
  plan->lag_count = count;
  return ESC_STATUS_OK;
}

static esc_status plan_tail(esc_planned *planned, const esc_tail_request *request)
{
  esc_plan *const plan = &planned->plan;
  if (!request)
    return ESC_STATUS_OK;
  if (request->point && request->point_count != plan->dimension)
    return esc_fail_at("observe.tail_index.point", "expected a point of %d number%s, found %d",
                       plan->dimension, plan->dimension > 1 ? "s" : "", request->point_count);
  for (int j = 0; request->point && j < plan->dimension; j++)
    if (!esc_is_sized(plan->tail_point[j] = request->point[j]))
      return esc_fail_at("observe.tail_index.point",
                         "expected numbers of at most 1e30 in size, found %g", request->point[j]);
  if (!(request->share > 0.0 && request->share <= 0.5))
    return esc_fail_at("observe.tail_index.share", "expected a share in (0, 0.5], found %g",
                       request->share);
  planned->tail_share = request->share;
  plan->observe_tail = 1;
  return ESC_STATUS_OK;
}

static esc_status plan_snr(esc_planned *planned, const esc_observe *observe)
{
  esc_plan *const plan = &planned->plan;
  if (!observe->snr)
    return ESC_STATUS_OK;
  if (!esc_plan_has_snr(plan))
    return esc_fail_at("observe.snr", "expected a rule with the states m and v (adam, adamw, "
                                      "amsgrad, nadam, radam), found another");
  if (plan->step_count == 0)
    return esc_fail_at("observe.snr", "expected observe.steps beside it, found none");
  plan->observe_snr = 1;
  return ESC_STATUS_OK;
}

static esc_status plan_basins(esc_planned *planned, int basins)
{
  esc_plan *const plan = &planned->plan;
  const esc_landscape_info *const info = &planned->landscape;
  const int on_a_line = plan->dimension == 1 && !plan->landscape_function;
  if (basins == 2 && !on_a_line)
    return esc_fail_at("observe.basins",
                       "expected auto: transitions are between the basins of one dimension");
  if (!on_a_line) {
    planned->settles = 1;
    return plan->renew ? esc_fail_at("observe.basins",
                                     "expected a landscape of the catalogue in one dimension with "
                                     "renew: its walkers leave no last position")
                       : ESC_STATUS_OK;
  }
  for (int k = 0; k < info->critical_count; k++)
    if (info->critical[k].kind > 0)
      plan->ridges[plan->basin_count++] = info->critical[k].position[0];
  plan->basin_count++;
  plan->observe_transitions = basins == 2;
  if (plan->observe_transitions && plan->step_count == 0)
    return esc_fail_at("observe.basins", "expected observe.steps beside transitions, found none");
  return ESC_STATUS_OK;
}

esc_status esc_plan_observe(esc_planned *planned, const esc_experiment *experiment)
{
  esc_plan *const plan = &planned->plan;
  const esc_observe nothing = ESC_OBSERVE_INIT;
  const esc_observe *const observe = experiment->observe ? experiment->observe : &nothing;
  esc_status status = plan_steps(planned, observe);
  if (status)
    return status;
  if (observe->near_count < 0 || observe->near_count > ESC_NEARS_MAX ||
      (observe->near_count > 0 && !observe->nears))
    return esc_fail_at("observe.near", "expected at most %d balls, found %d", ESC_NEARS_MAX,
                       observe->near_count);
  for (int k = 0; !status && k < observe->near_count; k++)
    status = plan_near(
        planned,
        (const esc_near *)((const char *)observe->nears + (size_t)k * observe->nears->struct_size),
        k);
  if (!status)
    status = plan_histogram(observe->histogram, "observe.histogram", plan->state_bits,
                            &planned->histogram, &plan->histogram_bins, &plan->histogram_low,
                            &plan->histogram_per_width);
  if (!status)
    status = plan_histogram(observe->occupation, "observe.occupation", plan->state_bits,
                            &planned->occupation, &plan->occupation_bins, &plan->occupation_low,
                            &plan->occupation_per_width);
  if (!status)
    status = plan_lags(planned, observe);
  if (!status && observe->basins)
    status = plan_basins(planned, observe->basins);
  if (!status)
    status = plan_tail(planned, observe->tail_index);
  if (!status)
    status = plan_snr(planned, observe);
  if (!status && observe->moments && plan->step_count == 0)
    status = esc_fail_at("observe.moments", "expected observe.steps beside it, found none");
  if (!status && observe->overshoot && !plan->has_walls)
    status = esc_fail_at("observe.overshoot", "expected stop.outside, found none");
  if (!status && observe->samples && plan->renew)
    status = esc_fail_at("observe.samples", "expected no samples with renew");
  if (!status && observe->samples && planned->trajectories > (int64_t)1 << 32)
    status =
        esc_fail_at("observe.samples", "expected at most 4294967296 trajectories with samples");
  plan->near_count = observe->near_count;
  plan->observe_moments = observe->moments != 0;
  plan->observe_loss = observe->loss != 0;
  plan->observe_overshoot = observe->overshoot != 0;
  planned->samples = observe->samples != 0;
  return status;
}

/* --- the tally --- */

/* The offset of the next `words` words. (Layouts beyond int are refused by their size: plan.c.) */
static int next(esc_tally_layout *tally, int64_t words)
{
  const int64_t at = tally->words;
  tally->words += words;
  return at <= INT32_MAX ? (int)at : 0;
}

static void place_outcomes(const esc_plan *plan, esc_tally_layout *tally)
{
  const int moments = esc_moment_words(plan->state_bits);
  tally->outcome_times = 0;
  tally->outcome_squares = tally->outcome_times + ESC_WHOLE_DIGITS;
  tally->outcome_final = tally->outcome_squares + ESC_WHOLE_DIGITS;
  tally->outcome_overshoot = tally->outcome_final + plan->dimension * moments;
  tally->outcome_bins = tally->outcome_overshoot + (plan->observe_overshoot ? moments : 0);
  tally->time_bins = esc_time_bin(plan->stop_steps) + 1;
  tally->outcome_words = tally->outcome_bins + tally->time_bins;
  tally->outcome = next(tally, (int64_t)plan->outcomes * tally->outcome_words);
}

void esc_plan_tally(esc_planned *planned)
{
  esc_plan *const plan = &planned->plan;
  esc_tally_layout *const tally = &plan->tally;
  const int64_t moments = esc_moment_words(plan->state_bits), steps = plan->step_count;
  place_outcomes(plan, tally);
  tally->rate_events = next(tally, 1);
  tally->rate_at_risk = next(tally, ESC_WHOLE_DIGITS);
  tally->final_loss = next(tally, plan->observe_loss ? moments : 0);
  tally->histogram =
      next(tally, plan->histogram_bins ? (int64_t)plan->dimension * (plan->histogram_bins + 2) : 0);
  tally->occupation = next(
      tally, plan->occupation_bins ? (int64_t)plan->dimension * (plan->occupation_bins + 2) : 0);
  tally->alive = next(tally, steps);
  tally->ends = next(tally, plan->outcomes * steps);
  tally->curve_moments = next(tally, plan->observe_moments ? steps * plan->dimension * moments : 0);
  tally->curve_loss = next(tally, plan->observe_loss ? steps * moments : 0);
  tally->curve_basins = next(tally, plan->basin_count ? steps * (plan->basin_count + 1) : 0);
  tally->near = next(tally, plan->near_count * steps);
  tally->stuck = next(tally, plan->near_count * steps);
  tally->residence = next(tally, (int64_t)plan->near_count * 2 * ESC_WHOLE_DIGITS);
  tally->correlation = next(tally, (int64_t)plan->lag_count * plan->dimension *
                                       esc_correlation_words(plan->state_bits));
  const int64_t basins = plan->basin_count ? plan->basin_count + 1 : 0;
  tally->basins = next(tally, basins);
  tally->basin_moves = next(tally, basins * basins);
  tally->basin_transitions = next(tally, plan->observe_transitions ? steps * basins * basins : 0);
  tally->snr = next(
      tally, plan->observe_snr ? steps * plan->dimension * esc_snr_words(plan->state_bits) : 0);
  tally->tail = next(tally, plan->observe_tail ? ESC_TAIL_BINS : 0);
}
