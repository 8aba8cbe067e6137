/* The core library when memory runs out: every call of it is made again and again, the k-th
 * allocation refused (alone, or with all after it), until k is past the last. Each time: no crash,
 * no block left over, OUT_OF_MEMORY with a sentence, what was to be handed out untouched; and in
 * the end the same bits as ever. A run that fails in the middle may hand back its prefix, which
 * must be one. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"
#include "tests/support_faults.h"
#include "tests/support_fingerprint.h"

enum { MOST = 60 }; /* trajectories */

/* What a call gave. */
typedef struct attempt {
  esc_status status;
  int touched;          /* something was handed out although it failed */
  int64_t trajectories; /* of the result, if there was one */
  support_fingerprint bits;
} attempt;

typedef attempt operation(void *context);

static void check_refused(const char *name, int64_t k, const attempt *found)
{
  cr_assert_eq(found->status, ESC_STATUS_OUT_OF_MEMORY, "%s, %lld: %s", name, (long long)k,
               esc_status_name(found->status));
  cr_assert(strstr(esc_last_error(), "memory"), "%s, %lld: \"%s\"", name, (long long)k,
            esc_last_error());
  cr_assert(!found->touched, "%s, %lld: handed out something", name, (long long)k);
}

/* The call with allocation after allocation refused. prefix (or NULL) checks a result that is there
 * all the same. Returns how many allocations the call makes. */
static int64_t sweep(const char *name, operation *call, void *context,
                     void (*prefix)(void *context, const attempt *found))
{
  const attempt whole = call(context);
  int64_t k = 0;
  cr_assert_eq(whole.status, ESC_STATUS_OK, "%s: %s", name, esc_last_error());
  for (int lasting = 0; lasting < 2; lasting++)
    for (k = 0;; k++) {
      const int64_t held = faults_held();
      faults_begin((faults_plan){FAULTS_MEMORY, k, lasting});
      const attempt found = call(context);
      const int64_t refused = faults_end();
      cr_assert_eq(faults_held(), held, "%s, %lld: %lld blocks leak", name, (long long)k,
                   (long long)(faults_held() - held));
      if (refused == 0) {
        cr_assert_eq(found.status, ESC_STATUS_OK, "%s: %s", name, esc_last_error());
        cr_assert(!support_difference(&whole.bits, &found.bits), "%s: other %s", name,
                  support_difference(&whole.bits, &found.bits));
        break;
      }
      check_refused(name, k, &found);
      if (prefix && found.trajectories > 0)
        prefix(context, &found);
    }
  cr_assert_gt(k, 0, "%s: no allocation was seen", name);
  return k;
}

/* --- experiments that between them use all that takes memory --- */

typedef struct fixture {
  support_case c;
  esc_near nears[2];
  esc_set sets[2];
  esc_run_options options;
  int threads;
  support_fingerprint prefixes[MOST + 1];
  int known[MOST + 1];
} fixture;

static const int64_t watched[] = {0, 1, 7, 20, 40};
static const int64_t lags[] = {1, 5};
static const double terms[] = {1.0, -2.0, 0.5};
static const double here[] = {0.25, -0.5}, ball[] = {0.0, 0.0, 0.5}, below[] = {-0.5};
static const double starts[] = {1.0, 1.0, -1.0, 0.5, 0.75, -1.25};
static const esc_histogram_request bins = {sizeof bins, -2.0, 2.0, 8};

static void slope(void *context, int64_t count, int dimension, const double *at, double *values,
                  double *gradients)
{
  (void)context;
  for (int64_t i = 0; i < count * dimension; i++)
    gradients[i] = sin(at[i]);
  for (int64_t i = 0; values && i < count; i++)
    values[i] = -cos(at[i]);
}

static void watch(fixture *f, int dimension)
{
  for (int k = 0; k < 2; k++) {
    f->nears[k] = (esc_near)ESC_NEAR_INIT(k ? "there" : "here");
    f->nears[k].point = here;
    f->nears[k].point_count = dimension;
    f->nears[k].radius = 0.5 + k;
  }
  f->c.observe.nears = f->nears;
  f->c.observe.near_count = 2;
  f->c.observe.histogram = f->c.observe.occupation = &bins;
  f->c.observe.steps = watched;
  f->c.observe.step_count = 5;
  f->c.observe.correlation = lags;
  f->c.observe.correlation_count = 2;
  f->c.observe.moments = f->c.observe.loss = f->c.observe.samples = 1;
}

static void begin(fixture *f, support_case c, int threads)
{
  f->c = c;
  f->threads = threads;
  f->options = (esc_run_options)ESC_RUN_OPTIONS_INIT;
  f->c.experiment.stop_steps = 60;
  f->c.experiment.trajectories = MOST;
}

static void everything_on_a_line(fixture *f, int threads)
{
  begin(f, support_begin("double_well", "stable", "adam", 0.05), threads);
  support_number(&f->c.noise_keys[0], "alpha", 1.5);
  support_add_noise(&f->c, "finite_sum");
  support_list(&f->c.noise_keys[1], "values", terms, 3);
  f->c.optimizer.schedule = "inverse_sqrt";
  support_outside(&f->c, -1.5, 1.5);
  watch(f, 1);
  f->c.observe.basins = f->c.observe.overshoot = 1;
}

static void sets_in_the_plane(fixture *f, int threads)
{
  begin(f, support_begin("himmelblau", "gaussian", "momentum", 0.001), threads);
  f->sets[0] = (esc_set)ESC_SET_INIT("in");
  f->sets[0].kind = ESC_SET_BALL;
  f->sets[0].values = ball;
  f->sets[0].value_count = 3;
  f->sets[1] = (esc_set)ESC_SET_INIT("low");
  f->sets[1].kind = ESC_SET_LOSS_BELOW;
  f->sets[1].values = below;
  f->sets[1].value_count = 1;
  f->c.experiment.sets = f->sets;
  f->c.experiment.set_count = 2;
  f->c.experiment.state = ESC_STATE_F64;
  f->c.start.kind = ESC_START_POINTS;
  memcpy(f->c.start_values, starts, sizeof starts);
  f->c.start.value_count = 6;
  watch(f, 2);
  f->c.observe.basins = 1;
  f->options.batch = 4;
}

static void renewed_on_a_callers_landscape(fixture *f, int threads)
{
  begin(f, support_begin(NULL, "laplace", "sgd", 0.1), threads);
  f->c.landscape.function = slope;
  f->c.landscape.dimension = 1;
  f->c.noise[0].target = ESC_NOISE_ON_PARAMETER;
  f->c.optimizer.weight_decay = 0.1;
  f->c.optimizer.decay = ESC_DECAY_DECOUPLED;
  f->c.optimizer.clip_update = 0.5;
  support_outside(&f->c, -1.0, 1.0);
  f->c.experiment.renew = 1;
  f->options.batch = 7;
}

static esc_status open_device(int threads, esc_device **device)
{
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = "cpu";
  options.threads = threads;
  return esc_device_open(&options, device);
}

/* --- the calls --- */

static attempt open_and_close(void *context)
{
  esc_device *const untouched = context, *device = untouched;
  attempt found = {.status = open_device(2, &device)};
  found.touched = found.status && device != untouched;
  if (!found.status)
    esc_device_close(device);
  return found;
}

Test(faults, device, .timeout = 60)
{
  char place;
  sweep("device", open_and_close, &place, NULL);
}

static attempt check(void *context)
{
  return (attempt){.status = esc_experiment_check(support_experiment(&((fixture *)context)->c))};
}

static attempt describe(void *context)
{
  const fixture *const f = context;
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT, before = info;
  attempt found = {.status = esc_landscape_describe(&f->c.landscape, 0.1, &info)};
  found.touched = found.status && memcmp(&info, &before, sizeof info) != 0;
  return found;
}

static attempt evaluate(void *context)
{
  const fixture *const f = context;
  double value = 7.0;
  attempt found = {.status = esc_landscape_evaluate(&f->c.landscape, 1, here, &value, NULL)};
  found.touched = found.status && value != 7.0;
  memcpy(&found.bits.part[0], &value, sizeof value);
  return found;
}

/* Describing takes no memory, nor does evaluating a landscape of the catalogue. */
Test(faults, landscape, .timeout = 60)
{
  fixture f = {.threads = 0};
  renewed_on_a_callers_landscape(&f, 1);
  support_experiment(&f.c);
  sweep("evaluate", evaluate, &f, NULL);
  faults_begin((faults_plan){FAULTS_MEMORY, 0, 1});
  const esc_status described = describe(&f).status;
  everything_on_a_line(&f, 1);
  support_experiment(&f.c);
  const esc_status known = describe(&f).status, evaluated = evaluate(&f).status;
  cr_assert_eq(faults_end(), 0);
  cr_assert(!described && !known && !evaluated);
}

/* One thread opens the device, so that a failure of the run is not mistaken for one of the
 * device's.
 */
static attempt run(void *context)
{
  fixture *const f = context;
  esc_device *device = NULL;
  esc_result *const untouched = (esc_result *)context, *result = untouched;
  attempt found = {.status = open_device(f->threads, &device)};
  if (found.status)
    return found;
  found.status = esc_run(device, support_experiment(&f->c), &f->options, &result);
  esc_device_close(device);
  if (result == untouched)
    return found;
  const esc_report *const report = esc_result_report(result);
  found.trajectories = report->trajectories;
  found.touched = found.status && !report->interrupted;
  found.bits = support_fingerprint_of(report);
  esc_result_free(result);
  return found;
}

/* A prefix has the bits of a run of so many trajectories. */
static void check_prefix(void *context, const attempt *found)
{
  fixture *const f = context;
  const int64_t count = found->trajectories;
  cr_assert_leq(count, MOST);
  if (!f->known[count]) {
    fixture shorter = *f;
    shorter.c.experiment.trajectories = count;
    const attempt alone = run(&shorter);
    cr_assert_eq(alone.status, ESC_STATUS_OK);
    f->prefixes[count] = alone.bits;
    f->known[count] = 1;
  }
  const char *const differs = support_difference(&f->prefixes[count], &found->bits);
  cr_assert(!differs, "a prefix of %lld has other %s", (long long)count, differs);
}

static attempt replay_and_add(void *context);

static void sweep_experiment(const char *name, fixture *f)
{
  const int64_t planned = sweep(name, check, f, NULL);
  const int64_t all = sweep(name, run, f, check_prefix);
  cr_assert_gt(all, planned, "%s: a run takes no more than a plan", name);
  sweep(name, replay_and_add, f, NULL);
}

/* Every step of a replay goes into the bits. */
static int add_step(void *context, const esc_replay_step *step)
{
  support_fingerprint *const bits = context;
  uint64_t word;
  memcpy(&word, step->position, sizeof word);
  bits->part[0] = bits->part[0] * 31 + (word ^ (uint64_t)step->step);
  return 0;
}

/* A replay that fails shows no step. */
static attempt replay_and_add(void *context)
{
  fixture *const f = context;
  esc_device *device = NULL;
  attempt found = {.status = open_device(1, &device)};
  if (found.status)
    return found;
  found.status = esc_replay(device, support_experiment(&f->c), 17, add_step, &found.bits);
  found.touched = found.status && found.bits.part[0] != 0;
  esc_device_close(device);
  return found;
}

Test(faults, everything_on_a_line, .timeout = 60)
{
  fixture f = {.threads = 0};
  everything_on_a_line(&f, 1);
  sweep_experiment("a line", &f);
}

Test(faults, sets_in_the_plane, .timeout = 60)
{
  fixture f = {.threads = 0};
  sets_in_the_plane(&f, 1);
  sweep_experiment("a plane", &f);
}

Test(faults, renewed_on_a_callers_landscape, .timeout = 60)
{
  fixture f = {.threads = 0};
  renewed_on_a_callers_landscape(&f, 1);
  sweep_experiment("renewed", &f);
}

/* The values go into the bits. */
static attempt predict(void *context)
{
  fixture *const f = context;
  esc_predictions *const untouched = (esc_predictions *)context, *predictions = untouched;
  attempt found = {.status =
                       esc_predict(support_experiment(&f->c), ESC_PREDICT_BOTH, &predictions)};
  found.touched = found.status && predictions != untouched;
  for (int i = 0; !found.status && i < esc_predictions_count(predictions); i++) {
    uint64_t word;
    memcpy(&word, &esc_predictions_at(predictions, i)->value, sizeof word);
    found.bits.part[0] = found.bits.part[0] * 31 + word;
  }
  if (!found.status)
    esc_predictions_free(predictions);
  return found;
}

Test(faults, predictions, .timeout = 60)
{
  static const int64_t steps[] = {1, 2};
  fixture f = {.threads = 0};
  begin(&f, support_begin("quadratic", "gaussian", "sgd", 0.5), 1);
  support_number(&f.c.landscape_keys, "k", -1.0);
  support_outside(&f.c, -1.0, 1.0);
  f.c.observe.steps = steps;
  f.c.observe.step_count = 2;
  f.nears[0] = (esc_near)ESC_NEAR_INIT("here");
  f.nears[0].point = here;
  f.nears[0].point_count = 1;
  f.nears[0].radius = 0.5;
  f.c.observe.nears = f.nears;
  f.c.observe.near_count = 1;
  sweep("predictions", predict, &f, NULL);
}

/* With many threads at work one of them fails, and the others stop. */
Test(faults, threads, .timeout = 60)
{
  fixture f = {.threads = 0};
  sets_in_the_plane(&f, 4);
  sweep("4 threads", run, &f, check_prefix);
  everything_on_a_line(&f, 3);
  memset(f.known, 0, sizeof f.known);
  f.options.batch = 5;
  sweep("3 threads", run, &f, check_prefix);
}

/* --- a sweep: complete points, begun ones as prefixes, the others not at all --- */

enum { POINTS = 3 };

typedef struct many {
  fixture point[POINTS];
  attempt found[POINTS];
  int threads;
} many;

static attempt run_many(void *context)
{
  many *const m = context;
  const esc_experiment *experiments[POINTS];
  esc_result *results[POINTS] = {NULL};
  esc_device *device = NULL;
  attempt all = {.status = open_device(m->threads, &device)};
  if (all.status)
    return all;
  for (int k = 0; k < POINTS; k++)
    experiments[k] = support_experiment(&m->point[k].c);
  all.status = esc_run_all(device, experiments, POINTS, &m->point[0].options, results);
  esc_device_close(device);
  for (int k = 0; k < POINTS; k++) {
    m->found[k] = (attempt){.status = all.status};
    if (!results[k])
      continue;
    const esc_report *const report = esc_result_report(results[k]);
    m->found[k].trajectories = report->trajectories;
    m->found[k].bits = support_fingerprint_of(report);
    all.touched |= report->interrupted != (report->trajectories < report->trajectories_asked);
    all.trajectories += report->trajectories;
    for (int part = 0; part < SUPPORT_PARTS; part++)
      all.bits.part[part] = all.bits.part[part] * 31 + m->found[k].bits.part[part];
    esc_result_free(results[k]);
  }
  return all;
}

static void check_prefixes(void *context, const attempt *found)
{
  many *const m = context;
  (void)found;
  for (int k = 0; k < POINTS; k++)
    if (m->found[k].trajectories > 0)
      check_prefix(&m->point[k], &m->found[k]);
}

Test(faults, sweeps, .timeout = 60)
{
  for (int threads = 1; threads <= 3; threads += 2) {
    many m = {.threads = threads};
    everything_on_a_line(&m.point[0], 1);
    sets_in_the_plane(&m.point[1], 1);
    renewed_on_a_callers_landscape(&m.point[2], 1);
    m.point[0].options.batch = 25;
    sweep("a sweep", run_many, &m, check_prefixes);
  }
}
