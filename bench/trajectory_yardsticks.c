/* The yardsticks of a CPU, and the command as a person runs it. */
#include "bench/trajectory_yardsticks.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "bench/bench_clock.h"
#include "kernels/backend.h"

/* --- words --- */

/* As tiles draw them (kernels/cpu/loops.h). */
typedef void philox_continue(int n, uint64_t seed, const uint32_t *block, uint32_t offset,
                             uint32_t *const head[4], uint32_t *const words[4]);
philox_continue esc_philox_continue_baseline;
#if ESC_HAVE_AVX2
philox_continue esc_philox_continue_avx2;
#endif
#if ESC_HAVE_AVX512
philox_continue esc_philox_continue_avx512;
#endif

static philox_continue *loop_of(const char *isa)
{
#if ESC_HAVE_AVX512
  if (strcmp(isa, "avx512") == 0)
    return esc_philox_continue_avx512;
#endif
#if ESC_HAVE_AVX2
  if (strcmp(isa, "avx2") == 0)
    return esc_philox_continue_avx2;
#endif
  return esc_philox_continue_baseline;
}

enum { LANES = 256 }; /* as a tile has them */

double yardstick_words(const char *isa, double share)
{
  static _Alignas(64) uint32_t blocks[LANES], heads[4][LANES], words[4][LANES];
  philox_continue *const loop = loop_of(isa);
  uint32_t *const head[4] = {heads[0], heads[1], heads[2], heads[3]};
  uint32_t *const out[4] = {words[0], words[1], words[2], words[3]};
  const int64_t times = (int64_t)(500000 * share) + 1;
  const double begin = bench_now();
  for (int64_t k = 0; k < times; k++)
    loop(LANES, 1, blocks, (uint32_t)k, head, out);
  return 4.0 * LANES * (double)times / (bench_now() - begin);
}

/* --- what one writes without a library --- */

static volatile float last_position; /* so that the loop is run */

double yardstick_scalar(double share)
{
  enum { STEPS = 10000 };
  const int64_t trajectories = (int64_t)(200 * share) + 1;
  const double begin = bench_now();
  for (int64_t id = 0; id < trajectories; id++) {
    float x = -1.0f;
    for (int t = 0; t < STEPS; t += 4) {
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
    last_position = x;
  }
  return (double)trajectories * STEPS / (bench_now() - begin);
}

double yardstick_numpy(void)
{
  double rate = 0.0;
  FILE *const peer = popen(
      "python3 '" ESC_SOURCE_DIR "/bench/peers/numpy_double_well.py' --rate 2>/dev/null", "r");
  if (!peer)
    return 0.0;
  if (fscanf(peer, "%lf", &rate) != 1)
    rate = 0.0;
  return pclose(peer) == 0 ? rate : 0.0;
}

/* --- the command --- */

static const char experiment[] = "landscape: {name: double_well}\n"
                                 "noise: {law: gaussian, scale: 1}\n"
                                 "optimizer: {name: sgd, lr: 0.1}\n"
                                 "start: -1\n"
                                 "stop: {outside: [-.inf, 1], steps: 1000000}\n";

/* The command beside this program. */
static int find_command(char path[4096])
{
  const ssize_t length = readlink("/proc/self/exe", path, 4000);
  if (length <= 0)
    return 0;
  path[length] = '\0';
  char *const slash = strrchr(path, '/');
  strcpy(slash ? slash + 1 : path, "escapement");
  return access(path, X_OK) == 0;
}

static double steps_said(FILE *said)
{
  char line[4096];
  double steps = 0.0;
  while (fgets(line, sizeof line, said)) {
    const char *const at = strstr(line, "\"steps_total\":");
    if (at)
      steps = strtod(at + strlen("\"steps_total\":"), NULL);
  }
  return steps;
}

double yardstick_command(const char *backend, int64_t trajectories, double *steps)
{
  char command[4096], line[5000], path[] = "/tmp/bench-trajectories-XXXXXX";
  *steps = 0.0;
  if (!find_command(command))
    return 0.0;
  const int descriptor = mkstemp(path);
  FILE *const file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  if (!file)
    return 0.0;
  fputs(experiment, file);
  fclose(file);
  snprintf(line, sizeof line, "'%s' run '%s' --json --quiet --backend %s --trajectories %" PRId64,
           command, path, backend, trajectories);
  const double begin = bench_now();
  FILE *const said = popen(line, "r");
  if (said)
    *steps = steps_said(said);
  const int status = said ? pclose(said) : -1;
  const double seconds = bench_now() - begin;
  unlink(path);
  return status == 0 && *steps > 0.0 ? seconds : 0.0;
}
