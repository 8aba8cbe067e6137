/* The reports of made_report.h, as constant data. */
#include "made_report.h"

#include <math.h>

#define NONE                                                                                       \
  {                                                                                                \
    NAN, NAN, NAN                                                                                  \
  }
#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

/* ---- the full one ---- */

static const esc_setting slopes[] = {ESC_NUMBER("left_slope", 0.2), ESC_NUMBER("right_slope", 0.6)};
static const double start_value = 0.0;
static const double top = 0.0;
static const int64_t steps[] = {0, 10, 100, 1000};
static const int64_t lags[] = {1, 5};
static const esc_near near_top = {sizeof(esc_near), "top", &top, 1, 0.3};
static const esc_histogram_request bins = {sizeof(esc_histogram_request), -2.0, 2.0, 4};

static const esc_moments last_all = {1000, {1.25, 1.0, 1.5}, {16.5, 15.0, 18.0}};
static const esc_moments last_left = {294, {-8.05, -8.06, -8.04}, {0.01, NAN, NAN}};
static const esc_moments last_right = {705, {8.08, 8.07, 8.09}, {0.02, NAN, NAN}};
static const esc_moments over_right = {705, {0.08, 0.07, 0.09}, {0.02, NAN, NAN}};
static const esc_estimate left_curve[] = {
    {0, 0, .004}, {0, 0, .004}, {.1, .08, .12}, {.294, .266, .323}};
static const esc_estimate right_curve[] = {
    {0, 0, .004}, {0, 0, .004}, {.5, .47, .53}, {.705, .676, .732}};
static const esc_estimate survival[] = {
    {1, .996, 1}, {1, .996, 1}, {.4, .37, .43}, {.001, .0002, .006}};
static const esc_estimate near_curve[] = {
    {1, .996, 1}, {.5, .47, .53}, {.1, .08, .12}, {0, 0, .004}};
static const esc_estimate stuck_curve[] = {
    {1, .996, 1}, {.25, .22, .28}, {.01, .005, .02}, {0, 0, .004}};
static const int64_t alive[] = {1000, 1000, 400, 1};
static const esc_moments moments[] = {{1000, {0, 0, 0}, {0, 0, 0}},
                                      {1000, {.5, .4, .6}, {1, .9, 1.1}},
                                      {400, {-1, -1.5, -.5}, {9, 8, 10}},
                                      {1, {-7, NAN, NAN}, NONE}};
static const esc_moments loss[] = {{1000, {0, 0, 0}, {0, 0, 0}},
                                   {1000, {-.2, -.3, -.1}, {.5, .4, .6}},
                                   {400, {-2, -2.5, -1.5}, {4, 3, 5}},
                                   {1, {-1.4, NAN, NAN}, NONE}};
static const int64_t time_edges[] = {90, 100, 120, 150, 200, 400, 800};
static const int64_t left_times[] = {0, 0, 4, 40, 200, 50};
static const int64_t right_times[] = {5, 200, 300, 150, 50, 0};
static const int64_t no_times[6] = {0};
static const int64_t histogram_counts[] = {1, 2, 3, 4};
static const int64_t below = 300, above = 690;
static const esc_estimate correlation[] = {{.9, .8, .95}, {.5, .3, .7}};
static const esc_estimate final_quantiles[] = {{-8.1, -8.2, -8}, {8.01, 8, 8.02}, {8.2, 8.1, 8.3}};
static const int64_t sample_steps[] = {120, -1, 350};
static const int32_t sample_outcomes[] = {1, 2, 0};
static const double sample_final[] = {8.25, -7.5, -8.125};
static const char *const warnings[] = {"fewer than 100 events stand behind the rate of \"left\""};

static const esc_outcome outcomes[] = {
    {"left",
     294,
     {.294, .266, .323},
     {294,
      {350.5, 340, 361},
      90.5,
      {350.5, 340, 361},
      {350.5, 340, 361},
      90.5,
      {{200, 195, 205}, {340, 335, 345}, {600, 580, 620}}},
     &last_left,
     NULL,
     left_curve,
     left_times},
    {"right",
     705,
     {.705, .676, .732},
     {705,
      {135.25, 133, 137.5},
      30.25,
      {135.25, 133, 137.5},
      {135.25, 133, 137.5},
      30.25,
      {{95, 94, 96}, {130, 129, 131}, {180, 178, 182}}},
     &last_right,
     &over_right,
     right_curve,
     right_times},
    {"running",
     1,
     {.001, .0002, .006},
     {0, NONE, NAN, NONE, NONE, NAN, {NONE, NONE, NONE}},
     NULL,
     NULL,
     NULL,
     no_times},
    {"diverged",
     0,
     {0, 0, .0038},
     {0, NONE, NAN, NONE, NONE, NAN, {NONE, NONE, NONE}},
     NULL,
     NULL,
     NULL,
     no_times},
};

static const esc_near_report near_report = {"top", near_curve, stuck_curve, {25.5, 24.5, 26.5}};

static const esc_basin basins[] = {
    {-INFINITY, 0.0, NAN, 295, {.295, .267, .324}, left_curve},
    {0.0, INFINITY, NAN, 705, {.705, .676, .732}, right_curve},
};

static const int64_t moves[9] = {290, 20, 0, 5, 685, 0, 0, 0, 0};
static const int64_t transitions[36] = {310, 0, 0, 0, 690, 0, 0, 0, 0, 300, 20, 0};
static const esc_moments snr[] = {{1000, {.2, .1, .3}, {.01, .009, .011}},
                                  {1000, {.3, .2, .4}, {.02, .01, .03}},
                                  {400, {.4, .3, .5}, {.03, .02, .04}},
                                  {1, {.5, NAN, NAN}, NONE}};
static const esc_estimate snr_quantiles[] = {
    {.1, 0, .2},  {.2, .1, .3}, {.3, .2, .4}, {.15, .1, .2}, {.25, .2, .3}, {.35, .3, .4},
    {.2, .1, .3}, {.3, .2, .4}, {.4, .3, .5}, {.5, .4, NAN}, {.5, .4, NAN}, {.5, .4, NAN}};
static const esc_tail_index tail = {1000, {1.5, 1.4, 1.6}, 8.5, 20, {1.25, 1, 1.75}, 31, 31};

const esc_experiment *made_full_experiment(void)
{
  static esc_landscape landscape = ESC_LANDSCAPE_INIT("sharp_maximum");
  static esc_noise noise = ESC_NOISE_INIT("laplace");
  static esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.1);
  static esc_start start = ESC_START_INIT;
  static esc_observe observe = ESC_OBSERVE_INIT;
  static esc_experiment experiment = ESC_EXPERIMENT_INIT;
  landscape.settings = slopes;
  landscape.setting_count = COUNT(slopes);
  noise.variance = 1.0;
  noise.clip = 5.0;
  start.values = &start_value;
  start.value_count = 1;
  observe.steps = steps;
  observe.step_count = COUNT(steps);
  observe.nears = &near_top;
  observe.near_count = 1;
  observe.histogram = &bins;
  observe.occupation = &bins;
  observe.correlation = lags;
  observe.correlation_count = COUNT(lags);
  observe.moments = observe.loss = observe.basins = observe.overshoot = observe.samples = 1;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.start = &start;
  experiment.stop_steps = 1000;
  experiment.outside[0] = -8.0;
  experiment.outside[1] = 8.0;
  experiment.rate_after = 20;
  experiment.trajectories = 1000;
  experiment.seed = 7;
  experiment.observe = &observe;
  return &experiment;
}

const esc_report *made_full_report(void)
{
  static esc_report report;
  report = (esc_report){.struct_size = sizeof report,
                        .version = "0.1.0",
                        .stream_version = 3,
                        .backend = "cpu",
                        .isa = "avx2",
                        .math = "exact",
                        .state = "f32",
                        .seed = 7,
                        .dimension = 1,
                        .trajectories = 1000,
                        .trajectories_asked = 1000,
                        .episodes = 1000,
                        .steps_total = 198765,
                        .seconds = 0.1234,
                        .steps_per_second = 1610737.4,
                        .lane_efficiency = 0.875,
                        .outcome_count = COUNT(outcomes),
                        .outcomes = outcomes,
                        .exit_steps = {999,
                                       NONE,
                                       NAN,
                                       {199, 192, 206},
                                       {198.2, 191, 205},
                                       110.5,
                                       {{98, 97, 99}, {145, 143, 147}, {420, 410, 430}}},
                        .rate = {{.005, .0047, .0053}, 999, 199800, 20},
                        .time_bin_count = COUNT(left_times),
                        .time_edges = time_edges,
                        .final = &last_all,
                        .final_quantiles = final_quantiles,
                        .final_loss = {1000, {-4, -4.1, -3.9}, {1, .9, 1.1}},
                        .histogram = {4, -2, 2, histogram_counts, &below, &above},
                        .occupation = {4, -2, 2, histogram_counts, &below, &above},
                        .curves = {COUNT(steps), steps, alive, survival, moments, loss},
                        .near_count = 1,
                        .nears = &near_report,
                        .correlation_count = COUNT(lags),
                        .correlation_lags = lags,
                        .correlation = correlation,
                        .basin_count = COUNT(basins),
                        .basins = basins,
                        .ridge_count = 0,
                        .sample_count = COUNT(sample_steps),
                        .sample_steps = sample_steps,
                        .sample_outcomes = sample_outcomes,
                        .sample_final = sample_final,
                        .warning_count = 1,
                        .warnings = warnings,
                        .basin_moves = moves,
                        .basin_transitions = transitions,
                        .snr = snr,
                        .snr_quantiles = snr_quantiles,
                        .tail_index = &tail};
  return &report;
}

/* ---- the bare one ---- */

static const esc_moments nowhere[2] = {{0, NONE, NONE}, {0, NONE, NONE}};

static const esc_outcome bare_outcomes[] = {
    {"running",
     10,
     {1, .72, 1},
     {0, NONE, NAN, NONE, NONE, NAN, {NONE, NONE, NONE}},
     NULL,
     NULL,
     NULL,
     NULL},
    {"diverged",
     0,
     {0, 0, .28},
     {0, NONE, NAN, NONE, NONE, NAN, {NONE, NONE, NONE}},
     NULL,
     NULL,
     NULL,
     NULL},
};

const esc_experiment *made_bare_experiment(void)
{
  static esc_landscape landscape = ESC_LANDSCAPE_INIT("himmelblau");
  static esc_update_rule optimizer = ESC_UPDATE_RULE_INIT("sgd", 0.01);
  static esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.optimizer = &optimizer;
  experiment.stop_steps = 50;
  experiment.trajectories = 20;
  experiment.seed = 18446744073709551615u;
  return &experiment;
}

const esc_report *made_bare_report(void)
{
  static esc_report report;
  report = (esc_report){.struct_size = sizeof report,
                        .version = "0.1.0",
                        .stream_version = 3,
                        .backend = "cpu",
                        .isa = "baseline",
                        .math = "exact",
                        .state = "f64",
                        .seed = 18446744073709551615u,
                        .dimension = 2,
                        .trajectories = 10,
                        .trajectories_asked = 20,
                        .episodes = 10,
                        .steps_total = 500,
                        .seconds = 0.0,
                        .steps_per_second = INFINITY,
                        .lane_efficiency = NAN,
                        .interrupted = 1,
                        .outcome_count = COUNT(bare_outcomes),
                        .outcomes = bare_outcomes,
                        .exit_steps = {0, NONE, NAN, {50, 50, 50}, NONE, NAN, {NONE, NONE, NONE}},
                        .rate = {NONE, 0, 500, 0},
                        .final = nowhere};
  return &report;
}
