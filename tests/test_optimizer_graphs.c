/* Steps captured in a CUDA graph: replayed with other numbers in device memory, other gradients and
 * skipped steps, they give the bits of the same steps on the CPU; nothing of the host's memory is
 * read at a replay; what cannot be captured is refused. On the emulated device where this is linked
 * with it, else on a GPU. */
#include <criterion/criterion.h>
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support_expected.h"

enum { REPLAYS = 8 };

/* All numbers of the step in the device's memory, everything random switched on. */
static support_job graph_job(void)
{
  static const char *const rules[] = {"adam", "nadam", "lion"};
  support_job job = support_job_begin(500);
  job.size = SUPPORT_USUAL_SIZE;
  job.scalar_type = ESC_TYPE_F64;
  job.clip_norm = 4.0;
  job.skip_non_finite = 1;
  for (int k = 0; k < 3; k++) {
    ref_optimizer rule = ref_optimizer_defaults(rules[k]);
    rule.lr = 0.0625 + k;
    support_group *const group = support_add_group(&job, &rule);
    group->noise[0] = 0.25;
    group->lr_schedule = (ref_schedule){REF_EXPONENTIAL, {0.75}};
    for (int n = 0; n < 3; n++) {
      support_tensor *const tensor = support_add_tensor(&job, 700 * n + 3);
      tensor->type[SUPPORT_VALUE] = n;
      tensor->type[SUPPORT_MASTER] = n == 2 ? REF_F32 : SUPPORT_NONE;
      tensor->stochastic = 1;
    }
  }
  return job;
}

/* What a turn finds: other gradients, now and then no number among them, other step sizes and now
 * and then found_inf. */
static void turn_image(support_rig *rig, unsigned char *image, int turn)
{
  const support_job *const job = rig->job;
  support_rng rng = {(uint64_t)(501 + turn)};
  for (int k = 0; k < job->tensor_count; k++)
    for (int64_t i = 0; i < job->tensors[k].count; i++)
      support_set_element(job, image, k, SUPPORT_GRADIENT, i, support_normal(&rng));
  if (turn == 5)
    support_set_element(job, image, 4, SUPPORT_GRADIENT, 77, (double)NAN);
  for (int s = 0; s < rig->scalar_count; s++) {
    unsigned char *const scalar = image + rig->scalars_at + 8 * (size_t)s;
    double number = rig->scalar[s];
    for (int k = 0; k < job->group_count; k++)
      if (rig->scalar[s] == job->groups[k].rule.lr)
        number = job->groups[k].rule.lr + 0.5 * turn;
    if (s == rig->scalar_count - 2) /* loss_scale, found_inf, clip_norm */
      number = turn == 2;
    memcpy(scalar, &number, sizeof number);
  }
}

static void put(support_rig *rig, const unsigned char *image)
{
  cr_assert_eq(
      rig->device->backend->copy(rig->device->opened, rig->memory, image, rig->bytes, NULL),
      ESC_STATUS_OK);
}

typedef struct recorded {
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t replay;
} recorded;

/* A captured step; what the host held for it is spoilt afterwards. */
static recorded record(support_rig *rig)
{
  recorded r;
  cr_assert_eq(cudaStreamCreateWithFlags(&r.stream, cudaStreamNonBlocking), cudaSuccess);
  esc_step_options *const options = malloc(sizeof *options);
  cr_assert_not_null(options);
  *options = rig->step;
  options->stream = r.stream;
  cr_assert_eq(cudaStreamBeginCapture(r.stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  cr_assert_eq(esc_optimizer_step(rig->optimizer, options), ESC_STATUS_OK, "%s", esc_last_error());
  cr_assert_eq(cudaStreamEndCapture(r.stream, &r.graph), cudaSuccess);
  memset(options, 0xa5, sizeof *options);
  free(options);
  cr_assert_eq(cudaGraphInstantiate(&r.replay, r.graph, 0), cudaSuccess);
  return r;
}

static void forget(recorded *r)
{
  cudaGraphExecDestroy(r->replay);
  cudaGraphDestroy(r->graph);
  cudaStreamDestroy(r->stream);
}

static void replay(const recorded *r)
{
  cr_assert_eq(cudaGraphLaunch(r->replay, r->stream), cudaSuccess);
  cr_assert_eq(cudaStreamSynchronize(r->stream), cudaSuccess);
}

/* The cuda target, or no test. */
static support_target cuda_target(void)
{
  support_target targets[SUPPORT_TARGETS];
  const int count = support_targets(targets);
  if (strcmp(targets[count - 1].backend, "cuda") != 0)
    cr_skip("no GPU");
  return targets[count - 1];
}

static void check_steps(const support_rig *a, const support_rig *b)
{
  for (int k = 0; k < a->job->tensor_count; k++) {
    int64_t steps_a = -1, steps_b = -2;
    esc_optimizer_steps(a->optimizer, k, NULL, &steps_a);
    esc_optimizer_steps(b->optimizer, k, NULL, &steps_b);
    cr_assert_eq(steps_a, steps_b);
    cr_assert_eq(steps_a, REPLAYS - 2);
  }
}

Test(graphs, replays_are_steps)
{
  const support_target gpu = cuda_target(), cpu = {"cpu", "auto", 2};
  support_job job = graph_job();
  support_rig expected = support_rig_open(&cpu, &job), rig = support_rig_open(&gpu, &job);
  unsigned char *const image = support_rig_fill(&rig), *const other = malloc(rig.bytes);
  support_rig_load(&rig, image);
  recorded r = record(&rig);
  support_rig_fetch(&rig, other);
  cr_assert_eq(memcmp(image, other, rig.bytes), 0, "a step that is captured is not yet taken");
  for (int turn = 0; turn < REPLAYS; turn++) {
    turn_image(&rig, image, turn);
    put(&rig, image);
    put(&expected, image);
    replay(&r);
    support_rig_step(&expected);
    support_rig_fetch(&rig, other);
    cr_assert_eq(memcmp(image, other, rig.bytes) == 0, turn == 2 || turn == 5, "turn %d", turn);
    support_rig_fetch(&expected, image);
    support_same_image(&job, image, other, rig.bytes, "replay");
  }
  check_steps(&rig, &expected);
  forget(&r);
  free(image);
  free(other);
  support_rig_close(&rig);
  support_rig_close(&expected);
  support_job_end(&job);
}

/* Gradients bound after the capture are those of the next replay. */
Test(graphs, replays_follow_bind)
{
  const support_target gpu = cuda_target();
  support_job job = graph_job();
  support_rig rig = support_rig_open(&gpu, &job);
  unsigned char *const image = support_rig_fill(&rig), *const after = malloc(rig.bytes);
  support_rig_load(&rig, image);
  recorded r = record(&rig);
  void **const gradients = calloc((size_t)job.tensor_count, sizeof *gradients);
  for (int k = 1; k < job.tensor_count; k++)
    gradients[k] = rig.memory + job.tensors[k].at[SUPPORT_GRADIENT];
  cr_assert_eq(esc_optimizer_bind(rig.optimizer, gradients, job.tensor_count, r.stream),
               ESC_STATUS_OK, "%s", esc_last_error());
  memset(gradients, 0xa5, (size_t)job.tensor_count * sizeof *gradients);
  free(gradients);
  replay(&r);
  support_rig_fetch(&rig, after);
  job.tensors[0].unbound = 1;
  int64_t total;
  support_check_step(&job, image, after, rig.bytes, &total, "replay");
  forget(&r);
  free(image);
  free(after);
  support_rig_close(&rig);
  support_job_end(&job);
}

/* What copies from the host is refused while a stream captures, and the capture goes on. */
Test(graphs, what_cannot_be_captured_is_refused)
{
  const support_target gpu = cuda_target();
  support_job job = graph_job();
  support_rig rig = support_rig_open(&gpu, &job);
  cudaStream_t stream;
  cudaGraph_t graph;
  void **const gradients = calloc((size_t)job.tensor_count, sizeof *gradients);
  cr_assert_eq(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  cr_assert_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  cr_assert_eq(esc_optimizer_bind(rig.optimizer, gradients, job.tensor_count, stream),
               ESC_STATUS_BAD_ARGUMENT);
  cr_assert_eq(esc_optimizer_set(rig.optimizer, 0, "lr", (esc_scalar)ESC_SCALAR(1.0), stream),
               ESC_STATUS_BAD_ARGUMENT);
  rig.step.stream = stream;
  support_rig_step(&rig);
  cr_assert_eq(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  cr_assert_eq(esc_optimizer_bind(rig.optimizer, gradients, job.tensor_count, stream),
               ESC_STATUS_OK, "%s", esc_last_error());
  cudaStreamSynchronize(stream);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
  free(gradients);
  support_rig_close(&rig);
  support_job_end(&job);
}
