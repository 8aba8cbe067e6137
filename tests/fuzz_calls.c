/* The public calls under arbitrary bytes: libFuzzer's entry. The bytes are read as a sequence of
 * calls on a device and a result that are kept between them, with settings from sane to absurd but
 * small budgets. Beside crashes it looks for: an error without a sentence, or with something handed
 * out; an experiment that the check accepts and a run refuses, or the reverse; a report that does
 * not add up; other bits with other threads, lanes and batches; a replay that ends elsewhere. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escapement/escapement.h"
#include "tests/support_fingerprint.h"

enum { CALLS = 10, KEYS = 4, SOURCES = 3, SETS = 3, NEARS = 2, VALUES = 8, WORD = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "fuzz_calls: %s (%s: %s)\n", what, esc_last_error_key(), esc_last_error());
  abort();
}

/* --- bytes into choices --- */

typedef struct input {
  const uint8_t *at;
  size_t left;
} input;

/* Below `count`; 0 where no byte is left. */
static int pick(input *in, int count)
{
  if (in->left == 0)
    return 0;
  in->left--;
  return *in->at++ % count;
}

/* 1 in `rarity`, and never where no byte is left. */
static int rarely(input *in, int rarity)
{
  return pick(in, rarity) == rarity - 1;
}

/* Mostly small; no number that a budget could be made of. */
static double number(input *in)
{
  static const double odd[] = {0.0,   -0.0,  1e-300, 1e-30,    1e-9,      1e6, 1e15, 1e30,
                               1e308, -1e30, -1e308, INFINITY, -INFINITY, NAN, 0.5,  2.0};
  const int kind = pick(in, 32);
  if (kind == 31)
    return odd[pick(in, (int)(sizeof odd / sizeof *odd))];
  const double small = pick(in, 256) + 1.0;
  return kind < 16 ? small / 256.0 : kind < 24 ? small / 32.0 - 4.0 : floor(small / 16.0) + 1.0;
}

/* Mostly in the range of a key. */
static double number_in(input *in, esc_range range)
{
  if (rarely(in, 64))
    return number(in);
  const double share = pick(in, 256) / 256.0;
  switch (range) {
  case ESC_RANGE_FRACTION:
  case ESC_RANGE_SHARE:
    return share;
  case ESC_RANGE_STABLE:
    return 2.0 - share;
  case ESC_RANGE_SKEW:
    return 2.0 * share - 1.0;
  case ESC_RANGE_COUNT:
    return floor(6.0 * share) + 1.0;
  case ESC_RANGE_AT_LEAST_ONE:
    return 1.0 + 4.0 * share;
  case ESC_RANGE_ANY:
    return number(in);
  default:
    return share + 0.001;
  }
}

static int64_t count(input *in)
{
  static const int64_t odd[] = {0, -1, INT64_MIN, INT64_MAX, (int64_t)1 << 41, 1, 2, 3};
  return rarely(in, 32) ? odd[pick(in, 8)] : 1 + pick(in, 24);
}

/* --- an experiment, and all that it points to --- */

typedef struct keys {
  esc_setting at[KEYS];
  double list[KEYS][VALUES];
  char word[KEYS][WORD];
} keys;

typedef struct made {
  esc_landscape landscape;
  esc_noise noises[SOURCES];
  esc_update_rule optimizer;
  esc_start start;
  esc_set sets[SETS];
  esc_near nears[NEARS];
  esc_histogram_request histogram;
  esc_observe observe;
  esc_experiment experiment;
  keys landscape_keys, noise_keys[SOURCES], optimizer_keys, schedule_keys;
  double scales[VALUES], start_values[VALUES], set_values[SETS][VALUES], point[NEARS][VALUES];
  int64_t steps[4], lags[3];
  int dimension; /* of the landscape; 1 where it has none */
} made;

/* Mostly what is expected. */
static int around(input *in, int expected)
{
  return rarely(in, 32) ? pick(in, VALUES) : expected < VALUES ? expected : VALUES;
}

static void own_landscape(void *context, int64_t n, int dimension, const double *points,
                          double *values, double *gradients)
{
  (void)context;
  for (int64_t i = 0; i < n * dimension; i++)
    gradients[i] = points[i] / (1.0 + points[i] * points[i]);
  for (int64_t i = 0; values && i < n; i++)
    values[i] = points[i];
}

/* One of the words of a key, or another. */
static void choose_word(input *in, const char *choices, char word[WORD])
{
  const char *at = choices ? choices : "";
  for (int skip = pick(in, 4); skip > 0 && strchr(at, '|'); skip--)
    at = strchr(at, '|') + 1;
  snprintf(word, WORD, "%.*s", (int)strcspn(at, "|"), rarely(in, 16) ? "nonsense" : at);
}

static void choose_setting(input *in, const esc_key *key, keys *to, int k)
{
  esc_setting *const setting = &to->at[k];
  *setting = (esc_setting)ESC_NUMBER(key->name, number_in(in, key->range));
  if (key->kind == ESC_KEY_WORD || rarely(in, 32)) {
    choose_word(in, key->choices, to->word[k]);
    setting->word = to->word[k];
  }
  if (key->kind == ESC_KEY_SWITCH && !rarely(in, 16))
    setting->value = pick(in, 2);
  if (key->kind == ESC_KEY_LIST || rarely(in, 32)) {
    setting->list = to->list[k];
    setting->list_count = rarely(in, 16) ? count(in) % VALUES : 1 + pick(in, 4);
    for (int i = 0; i < VALUES; i++)
      to->list[k][i] = number_in(in, key->range);
  }
}

/* An entry of a catalogue with some of its keys; returns its name. */
static const char *choose_entry(input *in, esc_catalogue catalogue, keys *to, int *key_count)
{
  int entries = 0;
  const esc_entry *const all = esc_catalogue_entries(catalogue, &entries);
  const esc_entry *const entry = &all[pick(in, entries)];
  *key_count = 0;
  for (int k = 0; k < entry->key_count && *key_count < KEYS; k++)
    if (isnan(entry->keys[k].value) ? !rarely(in, 8) : rarely(in, 3))
      choose_setting(in, &entry->keys[k], to, (*key_count)++);
  return rarely(in, 128) ? NULL : rarely(in, 128) ? "nothing" : entry->name;
}

static void choose_landscape(input *in, made *m)
{
  int setting_count = 0;
  m->landscape = (esc_landscape)ESC_LANDSCAPE_INIT(NULL);
  m->landscape.name =
      choose_entry(in, ESC_CATALOGUE_LANDSCAPES, &m->landscape_keys, &setting_count);
  m->landscape.settings = m->landscape_keys.at;
  m->landscape.setting_count = setting_count;
  if (rarely(in, 8))
    m->landscape.scale = number(in);
  if (rarely(in, 8)) {
    m->landscape.function = own_landscape;
    m->landscape.dimension = rarely(in, 8) ? 65 - pick(in, 3) : 1 + pick(in, 3);
  }
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  m->dimension = esc_landscape_describe(&m->landscape, 0.1, &info) ? 1 : info.dimension;
}

static void choose_noise(input *in, made *m, int k)
{
  esc_noise *const noise = &m->noises[k];
  *noise = (esc_noise)ESC_NOISE_INIT(NULL);
  noise->law = choose_entry(in, ESC_CATALOGUE_NOISES, &m->noise_keys[k], &noise->setting_count);
  noise->settings = m->noise_keys[k].at;
  const int size = pick(in, 8);
  if (size < 2)
    noise->scale = number_in(in, ESC_RANGE_POSITIVE);
  else if (size < 4)
    noise->variance = number_in(in, ESC_RANGE_POSITIVE);
  if (size == 4) {
    noise->scales = m->scales;
    noise->scale_count = around(in, m->dimension);
  }
  if (rarely(in, 6))
    noise->clip = number_in(in, ESC_RANGE_POSITIVE);
  if (rarely(in, 6))
    noise->sparse = number_in(in, ESC_RANGE_POSITIVE);
  if (rarely(in, 6))
    noise->state_scale[pick(in, 2)] = number_in(in, ESC_RANGE_SHARE);
  if (size == 5)
    noise->anneal[0] = number_in(in, ESC_RANGE_POSITIVE),
    noise->anneal[1] = number_in(in, ESC_RANGE_SHARE);
  noise->target = (esc_noise_target)pick(in, 2);
}

static void choose_optimizer(input *in, made *m)
{
  esc_update_rule *const optimizer = &m->optimizer;
  *optimizer = (esc_update_rule)ESC_UPDATE_RULE_INIT(NULL, ESC_NAN_);
  optimizer->name =
      choose_entry(in, ESC_CATALOGUE_OPTIMIZERS, &m->optimizer_keys, &optimizer->setting_count);
  optimizer->settings = m->optimizer_keys.at;
  if (!rarely(in, 4))
    optimizer->lr = number_in(in, ESC_RANGE_POSITIVE);
  if (rarely(in, 4))
    optimizer->weight_decay = number_in(in, ESC_RANGE_SHARE);
  optimizer->decay = (esc_decay)pick(in, 3);
  if (rarely(in, 6))
    optimizer->clip_update = number_in(in, ESC_RANGE_POSITIVE);
  if (rarely(in, 6))
    optimizer->project[0] = -number_in(in, ESC_RANGE_POSITIVE),
    optimizer->project[1] = number_in(in, ESC_RANGE_AT_LEAST_ONE);
  if (rarely(in, 4)) {
    optimizer->schedule = choose_entry(in, ESC_CATALOGUE_SCHEDULES, &m->schedule_keys,
                                       &optimizer->schedule_setting_count);
    optimizer->schedule_settings = m->schedule_keys.at;
  }
}

static void choose_stop(input *in, made *m)
{
  static const char *const names[SETS] = {"a", "b", "running"};
  esc_experiment *const e = &m->experiment;
  e->stop_steps = rarely(in, 64) ? -1 : 1 + pick(in, 80);
  const int walls = m->dimension == 1 ? rarely(in, 2) : rarely(in, 32);
  if (walls)
    e->outside[0] = -number_in(in, ESC_RANGE_POSITIVE),
    e->outside[1] = number_in(in, ESC_RANGE_POSITIVE);
  e->set_count = walls ? rarely(in, 32) : rarely(in, 2) ? pick(in, SETS) + rarely(in, 32) : 0;
  e->sets = m->sets;
  for (int k = 0; k < e->set_count; k++) {
    const int counts[] = {2, m->dimension + 1, m->dimension + 1, 1, 1};
    m->sets[k] = (esc_set)ESC_SET_INIT(rarely(in, 32) ? NULL : names[k]);
    m->sets[k].kind = (esc_set_kind)(rarely(in, 32) ? 4 : pick(in, 4));
    m->sets[k].values = m->set_values[k];
    m->sets[k].value_count = around(in, counts[m->sets[k].kind]);
    m->sets[k].stay = m->sets[k].kind == ESC_SET_BALL ? count(in) : 1;
    for (int i = 0; i < VALUES; i++)
      m->set_values[k][i] = (i == 0 ? -1.0 : 1.0) * number_in(in, ESC_RANGE_POSITIVE);
  }
  e->beyond = (esc_beyond)pick(in, 3);
  e->beyond_at = e->beyond == ESC_BEYOND_AT ? number(in) : 0.0;
  e->renew = rarely(in, 4);
  e->rate_after = rarely(in, 4) ? count(in) % 8 : 0;
}

static void choose_observers(input *in, made *m)
{
  static const char *const names[NEARS] = {"here", "there"};
  esc_observe *const observe = &m->observe;
  *observe = (esc_observe)ESC_OBSERVE_INIT;
  int64_t at = 0;
  const int curves = !m->experiment.renew || rarely(in, 16);
  for (int k = 0; k < 4; k++)
    m->steps[k] = at += rarely(in, 32) ? -1 : pick(in, 12) + (k > 0);
  observe->steps = m->steps;
  observe->step_count = curves ? pick(in, 5) : 0;
  m->lags[0] = pick(in, 3), m->lags[1] = m->lags[0] + 1 + pick(in, 4), m->lags[2] = 40;
  observe->correlation = m->lags;
  observe->correlation_count = curves && rarely(in, 3) ? pick(in, 4) : 0;
  observe->near_count = pick(in, NEARS + 1);
  observe->nears = m->nears;
  for (int k = 0; k < observe->near_count; k++) {
    m->nears[k] = (esc_near)ESC_NEAR_INIT(names[k]);
    m->nears[k].point = m->point[k];
    m->nears[k].point_count = around(in, m->dimension);
    m->nears[k].radius = number_in(in, ESC_RANGE_POSITIVE);
    for (int i = 0; i < VALUES; i++)
      m->point[k][i] = rarely(in, 4) ? number(in) : 0.0;
  }
  static const int bins[] = {8, 1, 100, 0, 3, 4, 20, 9, 2, 6, 7, 30, -1, 100001, 5, 10};
  m->histogram = (esc_histogram_request){sizeof m->histogram, -number_in(in, ESC_RANGE_POSITIVE),
                                         number_in(in, ESC_RANGE_POSITIVE), bins[pick(in, 16)]};
  observe->histogram = rarely(in, 2) ? &m->histogram : NULL;
  observe->occupation = rarely(in, 3) ? &m->histogram : NULL;
  static const esc_tail_request tail = ESC_TAIL_REQUEST_INIT;
  const int switches = pick(in, 128);
  observe->moments = switches & 1 && observe->step_count > 0;
  observe->loss = switches & 2;
  observe->basins = switches & 4 && (m->dimension == 1 || rarely(in, 32));
  observe->basins += observe->basins && switches & 64;
  observe->snr = switches & 64 && observe->step_count > 0 && rarely(in, 2);
  observe->tail_index = switches & 32 ? &tail : NULL;
  observe->overshoot = switches & 8 && (isfinite(m->experiment.outside[0]) || rarely(in, 32));
  observe->samples = switches & 16 && curves;
}

static void make_experiment(input *in, made *m)
{
  esc_experiment *const e = &m->experiment;
  *e = (esc_experiment)ESC_EXPERIMENT_INIT;
  choose_landscape(in, m);
  e->landscape = rarely(in, 128) ? NULL : &m->landscape;
  choose_optimizer(in, m);
  e->optimizer = rarely(in, 128) ? NULL : &m->optimizer;
  e->noise_count = rarely(in, 3) ? pick(in, SOURCES + 1) : 1;
  e->noises = rarely(in, 128) ? NULL : m->noises;
  for (int k = 0; k < e->noise_count; k++)
    choose_noise(in, m, k);
  m->start = (esc_start)ESC_START_INIT;
  m->start.kind = (esc_start_kind)(rarely(in, 32) ? 4 : pick(in, 4));
  m->start.values = m->start_values;
  const int point = m->start.kind == ESC_START_POINT || m->start.kind == ESC_START_POINTS;
  m->start.value_count = around(in, point ? m->dimension : 2);
  for (int i = 0; i < VALUES; i++) {
    m->start_values[i] = (i == 0 ? -1.0 : 1.0) * number_in(in, ESC_RANGE_SHARE) / 8.0;
    m->scales[i] = fabs(m->start_values[i]);
  }
  e->start = rarely(in, 2) ? &m->start : NULL;
  choose_stop(in, m);
  choose_observers(in, m);
  e->observe = rarely(in, 8) ? NULL : &m->observe;
  e->trajectories = count(in);
  e->trajectories = e->trajectories > 100 ? -e->trajectories : e->trajectories;
  e->seed = (uint64_t)pick(in, 256);
  e->math = rarely(in, 64) ? (esc_math)9 : ESC_MATH_EXACT;
  e->state = (esc_state)(rarely(in, 64) ? 9 : pick(in, 2));
  if (rarely(in, 64))
    e->struct_size = 8;
}

/* --- what must hold --- */

static void require_sentence(void)
{
  const char *at = esc_last_error();
  require(at[0] != '\0', "an error without a sentence");
  for (; *at; at++)
    require((unsigned char)*at >= 0x20 && *at != 0x7f, "a control character in a sentence");
}

static void require_estimates(const esc_estimate *estimates, int64_t n)
{
  for (int64_t k = 0; estimates && k < n; k++)
    require(!(estimates[k].low > estimates[k].value) && !(estimates[k].value > estimates[k].high),
            "a value beside its interval");
}

static void require_histogram(const esc_report *report, const esc_histogram *histogram,
                              int64_t each)
{
  for (int j = 0; histogram->bins > 0 && j < report->dimension; j++) {
    int64_t all = histogram->below[j] + histogram->above[j];
    for (int k = 0; k < histogram->bins; k++)
      all += histogram->counts[(int64_t)j * histogram->bins + k];
    require(each < 0 || all == each, "a histogram that does not add up");
  }
}

static void require_report(const esc_report *report)
{
  int64_t all = 0, basins = report->ridge_count;
  for (int k = 0; k < report->outcome_count; k++) {
    all += report->outcomes[k].count;
    require_estimates(&report->outcomes[k].fraction, 1);
    require_estimates(report->outcomes[k].incidence, report->curves.step_count);
  }
  require(all == report->episodes, "outcomes that do not add up");
  for (int64_t k = 0; k + 1 < report->curves.step_count; k++)
    require(report->curves.alive[k] >= report->curves.alive[k + 1], "the dead live again");
  require_estimates(report->curves.survival, report->curves.step_count);
  require_estimates(&report->rate.per_step, 1);
  for (int k = 0; k < report->basin_count; k++)
    basins += report->basins[k].count;
  require(report->basin_count == 0 || basins <= report->episodes, "too many in the basins");
  require_histogram(report, &report->histogram, report->episodes);
  require_histogram(report, &report->occupation, -1);
  for (int64_t k = 0; k < report->sample_count; k++)
    require(report->sample_outcomes[k] >= 0 && report->sample_outcomes[k] < report->outcome_count,
            "a sample without an outcome");
}

/* --- the calls --- */

typedef struct state {
  input in;
  esc_device *device;
  esc_result *result;
  made made;
} state;

static void open_device(state *s)
{
  static const char *const words[] = {"auto", "baseline", "avx2", "avx512", NULL, "mmx"};
  static const char *const backends[] = {"cpu", "auto", "cuda", "abacus",
                                         NULL,  "cpu",  "cpu",  "cpu"};
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  esc_device *const untouched = s->device;
  options.backend = backends[pick(&s->in, 8)];
  options.isa = words[pick(&s->in, 6)];
  options.threads = rarely(&s->in, 16) ? 5000 - 5001 * pick(&s->in, 2) : 1 + pick(&s->in, 2);
  if (rarely(&s->in, 32))
    options.struct_size = 0;
  esc_device *opened = untouched;
  if (esc_device_open(&options, &opened)) {
    require(opened == untouched, "a device handed out with an error");
    require_sentence();
    return;
  }
  esc_device_close(s->device);
  s->device = opened;
}

static int cancel(void *context)
{
  return *(const int *)context;
}

static void choose_options(input *in, esc_run_options *options)
{
  static const int lanes[] = {0, 1, 7, 33, 1024, -1, 1025, 16};
  *options = (esc_run_options)ESC_RUN_OPTIONS_INIT;
  options->lanes = lanes[pick(in, 8)];
  options->batch = rarely(in, 2) ? count(in) : 0;
}

static int valid(const esc_run_options *options)
{
  return options->lanes >= 0 && options->lanes <= 1024 && options->batch >= 0;
}

typedef struct last_step {
  char outcome[64];
  int64_t step;
  int dimension;
  double position[64];
} last_step;

static int keep_step(void *context, const esc_replay_step *step)
{
  last_step *const last = context;
  snprintf(last->outcome, sizeof last->outcome, "%s", step->outcome);
  last->step = step->step;
  memcpy(last->position, step->position, (size_t)last->dimension * sizeof *last->position);
  return 0;
}

/* A sample is where the replay of its trajectory ends. */
static void compare_replay(state *s, const esc_report *report)
{
  const int64_t id = pick(&s->in, 64) % report->sample_count;
  const char *const outcome = report->outcomes[report->sample_outcomes[id]].name;
  last_step last = {.dimension = report->dimension};
  require(esc_replay(s->device, &s->made.experiment, id, keep_step, &last) == ESC_STATUS_OK,
          "a trajectory that ran and cannot be replayed");
  require(strcmp(last.outcome, outcome) == 0, "a replay with another outcome");
  require(report->sample_steps[id] < 0 || last.step == report->sample_steps[id],
          "a replay of another length");
  for (int j = 0; j < report->dimension; j++) {
    const double x = report->sample_final[id * report->dimension + j];
    require(x == last.position[j] || (isnan(x) && isnan(last.position[j])),
            "a replay that ends elsewhere");
  }
}

/* The same bits with other lanes and batches. */
static void compare_runs(state *s, const esc_report *report)
{
  esc_run_options options;
  esc_result *again = NULL;
  choose_options(&s->in, &options);
  if (!valid(&options))
    return;
  require(!esc_run(s->device, &s->made.experiment, &options, &again), "no second run");
  const support_fingerprint a = support_fingerprint_of(report);
  const support_fingerprint b = support_fingerprint_of(esc_result_report(again));
  require(!support_difference(&a, &b),
          support_difference(&a, &b) ? support_difference(&a, &b) : "");
  esc_result_free(again);
}

static void run(state *s)
{
  esc_run_options options;
  esc_result *const untouched = s->result, *result = untouched;
  int stop = rarely(&s->in, 16);
  choose_options(&s->in, &options);
  options.cancel = cancel;
  options.context = &stop;
  const esc_status status = esc_run(s->device, &s->made.experiment, &options, &result);
  if (status)
    require_sentence();
  if (s->device && valid(&options) && !stop && rarely(&s->in, 2))
    require(status == esc_experiment_check(&s->made.experiment),
            "the check and the run do not agree");
  require(!status || status == ESC_STATUS_INTERRUPTED || result == untouched,
          "a result handed out with an error");
  if (result == untouched)
    return;
  esc_result_free(s->result);
  s->result = result;
  const esc_report *const report = esc_result_report(result);
  require_report(report);
  if (report->sample_count > 0)
    compare_replay(s, report);
  if (!status)
    compare_runs(s, report);
}

static int visit_some(void *context, const esc_replay_step *step)
{
  (void)step;
  return --*(int *)context == 0;
}

static void replay(state *s)
{
  int visits = pick(&s->in, 8);
  const esc_status status = esc_replay(s->device, &s->made.experiment, count(&s->in),
                                       rarely(&s->in, 32) ? NULL : visit_some, &visits);
  if (status)
    require_sentence();
}

static void describe(state *s)
{
  esc_landscape_info info = ESC_LANDSCAPE_INFO_INIT;
  if (esc_landscape_describe(rarely(&s->in, 32) ? NULL : &s->made.landscape, number(&s->in),
                             &info)) {
    require_sentence();
    require(info.dimension == 0 && info.critical_count == 0, "an info handed out with an error");
    return;
  }
  double points[64 * 3], values[3], gradients[64 * 3];
  const int wanted = pick(&s->in, 4);
  for (int i = 0; i < 64 * 3; i++)
    points[i] = i < 6 ? number(&s->in) : 0.25 * i;
  require(!esc_landscape_evaluate(&s->made.landscape, pick(&s->in, 4), points,
                                  wanted & 1 ? values : NULL, wanted & 2 ? gradients : NULL),
          "a landscape that is described and not evaluated");
}

static void ask(state *s)
{
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  int entries = 0;
  const int catalogue = pick(&s->in, 8);
  require((esc_catalogue_entries((esc_catalogue)catalogue, &entries) != NULL) == (catalogue < 5),
          "a catalogue that is not there");
  require(esc_range_name((esc_range)pick(&s->in, 12)) != NULL, "a range without words");
  require(esc_status_name((esc_status)(pick(&s->in, 16) - 2)) != NULL, "a status without a name");
  if (esc_device_describe(s->device, &info))
    require_sentence();
  else
    require(info.threads > 0 && esc_isa_available(info.isa), "a device without its set");
}

static void do_next(state *s)
{
  switch (pick(&s->in, 8)) {
  case 0:
    open_device(s);
    break;
  case 1:
    make_experiment(&s->in, &s->made);
    run(s);
    break;
  case 2:
    run(s);
    break;
  case 3:
    replay(s);
    break;
  case 4:
    choose_landscape(&s->in, &s->made);
    describe(s);
    break;
  case 5:
    ask(s);
    break;
  case 6:
    esc_device_close(s->device);
    s->device = NULL;
    break;
  default: /* the report outlives the device */
    if (s->result)
      require_report(esc_result_report(s->result));
    esc_result_free(s->result);
    s->result = NULL;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static state s;
  s = (state){.in = {data, size}};
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.threads = 1;
  require(!esc_device_open(&options, &s.device), "no device");
  make_experiment(&s.in, &s.made);
  run(&s);
  for (int k = 0; k < CALLS && s.in.left > 0; k++)
    do_next(&s);
  esc_result_free(s.result);
  esc_device_close(s.device);
  return 0;
}
