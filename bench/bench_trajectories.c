/* Steps per second of the ensemble engine, per core or on a GPU, for the common combinations,
 * beside what limits it (the random numbers alone) and what a user would otherwise write (a scalar
 * loop over Philox and libm), all in one run. Each combination is checked before it is timed, timed
 * several times in turn with the others, and shown with its spread; a noisy run is flagged.
 *
 *   bench_trajectories [--json] [--backend cpu|cuda] [--isa auto|baseline|avx2|avx512] [--seconds
 * S]
 *
 * On a GPU each combination takes several thousand times as many trajectories, and the rows beside
 * them, which are of a CPU, are left out. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escapement/escapement.h"
#include "kernels/backend.h"

#define REPEATS 7
#define NOISY   0.05 /* a spread above this share of the median is said to be noisy */

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- the yardstick: what one writes without a library --- */

/* One trajectory after another: Philox, Box-Muller with libm, the double well. */
static double scalar_loop(int64_t trajectories, int steps, double *sum)
{
  const double begin = now();
  for (int64_t id = 0; id < trajectories; id++) {
    float x = -1.0f;
    for (int t = 0; t < steps; t += 4) {
      const esc_words words = esc_philox(1, (uint64_t)t / 4, (uint64_t)id);
      float xi[4];
      for (int k = 0; k < 4; k += 2) {
        const float u = ((float)words.w[k] + 0.5f) * 0x1p-32f;
        const float radius = sqrtf(-2.0f * logf(u)),
                    angle = 6.2831853f * 0x1p-32f * (float)words.w[k + 1];
        xi[k] = radius * cosf(angle);
        xi[k + 1] = radius * sinf(angle);
      }
      for (int k = 0; k < 4; k++)
        x -= 0.1f * (x * x * x - x + xi[k]);
    }
    *sum += (double)x;
  }
  return (double)trajectories * steps / (now() - begin);
}

/* --- the combinations --- */

typedef struct combination {
  const char *name, *optimizer, *landscape, *law;
  double lr, scale, alpha; /* alpha: of the stable law, 0 for others */
  double outside[2];
  int64_t trajectories, steps;
  esc_state state;
  int threads;
} combination;

#define GPU_SHARE 5000.0 /* times the trajectories of a core */

static const char *backend = "cpu";

static int on_gpu(void)
{
  return strcmp(backend, "cuda") == 0;
}

#define NO_WALLS                                                                                   \
  {                                                                                                \
    -INFINITY, INFINITY                                                                            \
  }
#define LONG 2000 /* trajectories of ten thousand steps */

#define WELL  "double_well"
#define WALK  "quadratic"
#define GAUSS "gaussian"

/* clang-format off */
static const combination combinations[] = {
    /* name, optimizer, landscape, law, lr, scale, alpha, walls, trajectories, steps, state,
       threads */
    {"sgd, double well, gaussian", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"  walk, exits of 100", "sgd", WALK, GAUSS, 0.1, 1, 0, {-0.943, 0.943}, 200000, 100000, 0, 1},
    {"  the same walk without exits", "sgd", WALK, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"  exits of 40 steps", "sgd", WALK, GAUSS, 0.1, 1, 0, {-0.574, 0.574}, 500000, 100000, 0, 1},
    {"  exits of 7055 steps", "sgd", WELL, GAUSS, 0.1, 1, 0, {-INFINITY, 1}, 20000, 1000000, 0, 1},
    {"  two threads", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, 2 * LONG, 10000, 0, 2},
    {"  state f64", "sgd", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 1, 1},
    {"momentum", "momentum", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"nesterov", "nesterov", WELL, GAUSS, 0.1, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"rmsprop", "rmsprop", WELL, GAUSS, 0.01, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"adam", "adam", WELL, GAUSS, 0.01, 1, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"sgd, laplace", "sgd", WELL, "laplace", 0.1, 0.7, 0, NO_WALLS, LONG, 10000, 0, 1},
    {"sgd, stable 1.5", "sgd", WALK, "stable", 0.1, 0.1, 1.5, NO_WALLS, LONG, 10000, 0, 1},
    {"sgd, himmelblau", "sgd", "himmelblau", GAUSS, 0.001, 1, 0, NO_WALLS, LONG, 5000, 0, 1},
};
/* clang-format on */
enum { COMBINATIONS = sizeof combinations / sizeof *combinations };

/* Rows of the table beside the combinations. */
enum { SCALAR = COMBINATIONS, WORDS, NUMPY, ROWS };

typedef struct measured {
  double rate[REPEATS];
  double median, spread; /* spread: (largest - smallest)/median over the middle of the repeats */
  double mean_steps;
} measured;

static int run_combination(const combination *c, const char *isa, double share, double *rate,
                           double *mean_steps)
{
  const esc_setting curvature[] = {ESC_NUMBER("k", 0.0)}, tail[] = {ESC_NUMBER("alpha", c->alpha)};
  const double start_value = strcmp(c->landscape, "double_well") == 0 ? -1.0 : 0.0;
  esc_landscape landscape = ESC_LANDSCAPE_INIT(c->landscape);
  if (strcmp(c->landscape, "quadratic") == 0 && c->alpha == 0.0) {
    landscape.settings = curvature;
    landscape.setting_count = 1;
  }
  esc_noise noise = ESC_NOISE_INIT(c->law);
  noise.scale = c->scale;
  noise.settings = tail;
  noise.setting_count = c->alpha > 0.0;
  const esc_update_rule optimizer = ESC_UPDATE_RULE_INIT(c->optimizer, c->lr);
  esc_start start = ESC_START_INIT;
  start.values = &start_value;
  start.value_count = 1;
  esc_experiment experiment = ESC_EXPERIMENT_INIT;
  experiment.landscape = &landscape;
  experiment.noises = &noise;
  experiment.noise_count = 1;
  experiment.optimizer = &optimizer;
  experiment.start = &start;
  experiment.stop_steps = c->steps;
  experiment.outside[0] = c->outside[0];
  experiment.outside[1] = c->outside[1];
  experiment.state = c->state;
  const int64_t asked = (int64_t)((double)c->trajectories * share);
  experiment.trajectories = asked > 256 ? asked : 256;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.threads = c->threads;
  options.isa = on_gpu() ? "auto" : isa;
  options.backend = backend;
  esc_device *device = NULL;
  esc_result *result = NULL;
  const esc_status status = esc_device_open(&options, &device)
                                ? ESC_STATUS_DEVICE_REFUSED
                                : esc_run(device, &experiment, NULL, &result);
  if (status) {
    fprintf(stderr, "bench_trajectories: %s: %s\n", c->name, esc_last_error());
    return 0;
  }
  const esc_report *const report = esc_result_report(result);
  *rate = report->steps_per_second / (on_gpu() ? 1 : c->threads);
  *mean_steps = (double)report->steps_total / (double)report->episodes;
  const double diverged = report->outcomes[report->outcome_count - 1].fraction.value;
  esc_result_free(result);
  esc_device_close(device);
  if (diverged > 0.01) {
    fprintf(stderr, "bench_trajectories: %s: %g of the trajectories diverged\n", c->name, diverged);
    return 0;
  }
  return 1;
}

/* Philox words per second of the instruction set's loop, over tiles as the engine has them. */
typedef void philox_fill(int n, uint64_t seed, const uint64_t *block, uint64_t offset,
                         const uint64_t *id, uint32_t *const words[4]);
philox_fill esc_philox_fill_baseline;
#if ESC_HAVE_AVX2
philox_fill esc_philox_fill_avx2;
#endif
#if ESC_HAVE_AVX512
philox_fill esc_philox_fill_avx512;
#endif

static philox_fill *fill_of(const char *isa)
{
#if ESC_HAVE_AVX512
  if (strcmp(isa, "avx512") == 0)
    return esc_philox_fill_avx512;
#endif
#if ESC_HAVE_AVX2
  if (strcmp(isa, "avx2") == 0)
    return esc_philox_fill_avx2;
#endif
  return esc_philox_fill_baseline;
}

enum { LANES = 256 };
static _Alignas(64) uint64_t blocks[LANES], ids[LANES];
static _Alignas(64) uint32_t words[4][LANES];

static double words_rate(const char *isa, int64_t fills)
{
  philox_fill *const fill = fill_of(isa);
  uint32_t *const out[4] = {words[0], words[1], words[2], words[3]};
  for (int i = 0; i < LANES; i++)
    ids[i] = (uint64_t)i;
  const double begin = now();
  for (int64_t k = 0; k < fills; k++)
    fill(LANES, 1, blocks, (uint64_t)k, ids, out);
  return 4.0 * LANES * (double)fills / (now() - begin);
}

/* The same loop in NumPy, where there is one: 0 where not. */
static double numpy_rate(void)
{
  double rate = 0.0;
  FILE *const peer =
      popen("python3 '" ESC_SOURCE_DIR "/bench/peers/numpy_double_well.py' 2>/dev/null", "r");
  if (!peer)
    return 0.0;
  if (fscanf(peer, "%lf", &rate) != 1)
    rate = 0.0;
  return pclose(peer) == 0 ? rate : 0.0;
}

/* --- measuring --- */

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void summarise(measured *row)
{
  qsort(row->rate, REPEATS, sizeof *row->rate, by_size);
  row->median = row->rate[REPEATS / 2];
  row->spread = row->median > 0.0 ? (row->rate[REPEATS - 2] - row->rate[1]) / row->median : 0.0;
}

/* Kernels are compiled before the clock runs. */
static int warm_up(const char *isa)
{
  double rate, mean_steps;
  for (int i = 0; i < COMBINATIONS; i++)
    if (!run_combination(&combinations[i], isa, 0.0, &rate, &mean_steps))
      return 0;
  return 1;
}

/* Rows that are measured: on a GPU the combinations alone. */
static int row_count(void)
{
  return on_gpu() ? COMBINATIONS : ROWS;
}

static int measure(const char *isa, double share, measured rows[ROWS])
{
  double sum = 0.0;
  if (on_gpu() && !warm_up(isa))
    return 0;
  for (int k = 0; k < REPEATS; k++) {
    for (int i = 0; i < COMBINATIONS; i++)
      if (!run_combination(&combinations[i], isa, share, &rows[i].rate[k], &rows[i].mean_steps))
        return 0;
    if (on_gpu())
      continue;
    rows[SCALAR].rate[k] = scalar_loop((int64_t)(200 * share) + 1, 10000, &sum);
    rows[WORDS].rate[k] = words_rate(isa, (int64_t)(50000 * share) + 1);
    rows[NUMPY].rate[k] = k > 0 && rows[NUMPY].rate[0] == 0.0 ? 0.0 : numpy_rate();
  }
  for (int i = 0; i < row_count(); i++)
    summarise(&rows[i]);
  return sum == sum; /* also keeps the scalar loop from being dropped */
}

static const char *row_name(int i)
{
  if (i == SCALAR)
    return "scalar Philox and libm loop";
  if (i == NUMPY)
    return "the same loop in NumPy (0: none here)";
  return i == WORDS ? "random words alone" : combinations[i].name;
}

static void print_gpu_table(const char *isa, const measured rows[ROWS])
{
  printf("steps per second, %s, median of %d (spread)\n\n", isa, REPEATS);
  printf("%-38s %10s %8s %9s\n", "", "rate", "spread", "mean T");
  for (int i = 0; i < row_count(); i++)
    printf("%-38s %10.3g %7.1f%% %9.4g%s\n", row_name(i), rows[i].median, 100.0 * rows[i].spread,
           rows[i].mean_steps, rows[i].spread > NOISY ? "  noisy" : "");
}

static void print_table(const char *isa, const measured rows[ROWS])
{
  if (on_gpu()) {
    print_gpu_table(isa, rows);
    return;
  }
  printf("steps per second per core, %s, median of %d (spread)\n\n", isa, REPEATS);
  printf("%-38s %10s %8s %9s %9s\n", "", "rate", "spread", "x scalar", "mean T");
  for (int i = 0; i < ROWS; i++)
    printf("%-38s %10.3g %7.1f%% %9.2f %9.4g%s\n", row_name(i), rows[i].median,
           100.0 * rows[i].spread, rows[i].median / rows[SCALAR].median, rows[i].mean_steps,
           rows[i].spread > NOISY ? "  noisy" : "");
  const double plain = rows[0].median;
  printf("\nratios\n");
  printf("  sgd to the scalar loop            %8.2f\n", plain / rows[SCALAR].median);
  if (rows[NUMPY].median > 0.0)
    printf("  sgd to NumPy                      %8.2f\n", plain / rows[NUMPY].median);
  printf("  sgd to its floor, random words    %8.2f\n", plain / rows[WORDS].median);
  printf("  exits of 100 steps cost           %7.1f%%\n",
         100.0 * (rows[2].median / rows[1].median - 1.0));
  printf("  exits of 7055 steps cost          %7.1f%%\n", 100.0 * (plain / rows[4].median - 1.0));
  printf("  two threads to one                %8.2f\n", 2.0 * rows[5].median / plain);
  printf("  momentum costs                    %7.1f%%\n", 100.0 * (plain / rows[7].median - 1.0));
  printf("  sgd to adam                       %8.2f\n", plain / rows[10].median);
  printf("  gaussian to stable                %8.2f\n", plain / rows[12].median);
}

static void print_json(const char *isa, const measured rows[ROWS])
{
  printf("{\"benchmark\": \"trajectories\", \"version\": \"%s\", \"backend\": \"%s\", "
         "\"isa\": \"%s\", \"unit\": \"steps per second%s\", \"rows\": [\n",
         esc_version(), backend, isa, on_gpu() ? "" : " per core");
  for (int i = 0; i < row_count(); i++) {
    printf("  {\"name\": \"%s\", \"median\": %.6g, \"spread\": %.4f",
           row_name(i) + strspn(row_name(i), " "), rows[i].median, rows[i].spread);
    if (!on_gpu())
      printf(", \"x_scalar\": %.4f", rows[i].median / rows[SCALAR].median);
    printf("}%s\n", i + 1 < row_count() ? "," : "");
  }
  printf("]}\n");
}

int main(int argc, char **argv)
{
  static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                          {"backend", required_argument, NULL, 'b'},
                                          {"isa", required_argument, NULL, 'i'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
  const char *isa = "auto";
  double share = 1.0;
  int json = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'j')
      json = 1;
    else if (option == 'i')
      isa = optarg;
    else if (option == 'b' && (strcmp(optarg, "cpu") == 0 || strcmp(optarg, "cuda") == 0))
      backend = optarg;
    else if (option == 's' && atof(optarg) > 0.0)
      share = atof(optarg) / 10.0; /* the whole takes about ten seconds */
    else {
      fprintf(stderr, "usage: bench_trajectories [--json] [--backend cpu|cuda] [--isa ISA] "
                      "[--seconds S]\n");
      return 2;
    }
  }
  esc_device_options asked = ESC_DEVICE_OPTIONS_INIT;
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  esc_device *device = NULL;
  asked.isa = isa;
  asked.backend = backend;
  share *= on_gpu() ? GPU_SHARE : 1.0;
  if (esc_device_open(&asked, &device) || esc_device_describe(device, &info)) {
    fprintf(stderr, "bench_trajectories: %s\n", esc_last_error());
    return 3;
  }
  static char name[32]; /* the device's own goes with it */
  snprintf(name, sizeof name, "%s", info.isa);
  esc_device_close(device);
  static measured rows[ROWS];
  if (!measure(name, share, rows))
    return 1;
  (json ? print_json : print_table)(name, rows);
  return 0;
}
