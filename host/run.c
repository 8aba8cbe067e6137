/* The calls that run experiments: one, a sweep, or a list. They check, say where plans come from
 * and take the results; run_threads.c does the rest. */
#include <stdio.h>
#include <unistd.h>

#include "host/opened_device.h"
#include "host/running.h"

/* --- what is wrong, before anything runs --- */

static esc_status check_run(const esc_device *device, const esc_run_options *options)
{
  if (!device)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "device: expected an open device, found NULL");
  if (options->struct_size < sizeof *options)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "options.struct_size: expected %zu, found %zu: begin with "
                    "ESC_RUN_OPTIONS_INIT",
                    sizeof *options, options->struct_size);
  if (options->batch < 0)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "options.batch: expected at least 0, found %lld",
                    (long long)options->batch);
  if (options->lanes != 0 && (options->lanes < 1 || options->lanes > ESC_LANES_MAX))
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "options.lanes: expected 0 or 1 to %d, found %d",
                    ESC_LANES_MAX, options->lanes);
  return ESC_STATUS_OK;
}

/* Samples of so many trajectories must fit into the machine: memory that is promised and not there
 * would end the process, not the call. */
static esc_status check_samples(const esc_planned *planned)
{
  const double bytes =
      (double)planned->trajectories * (double)(sizeof(int64_t) + sizeof(int32_t) +
                                               sizeof(double) * (size_t)planned->plan.dimension);
  const double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  if (!planned->samples || bytes <= 0.9 * there)
    return ESC_STATUS_OK;
  return esc_fail_at("observe.samples",
                     "expected samples that fit into memory (%.1f GB), found %.1f GB of them",
                     there * 1e-9, bytes * 1e-9);
}

static esc_status make_plan(const esc_experiment *experiment, esc_planned **planned)
{
  esc_planned *made = NULL;
  esc_status status = esc_plan_make(experiment, &made);
  if (!status)
    status = check_samples(made);
  if (status)
    esc_plan_free(made);
  else
    *planned = made;
  return status;
}

/* A device that was opened as "auto" takes the CPU for what its GPU cannot do. */
static int needs_cpu(const esc_device *device, const esc_planned *planned)
{
  return device->automatic && planned->plan.landscape_function;
}

/* --- one experiment --- */

typedef struct esc_single {
  const esc_run_options *options;
  esc_planned *planned;
  esc_result *result;
} esc_single;

static esc_status plan_of_single(void *context, int64_t k, esc_planned **planned)
{
  esc_single *const single = context;
  (void)k;
  *planned = single->planned;
  single->planned = NULL; /* belongs to the result from here on */
  return ESC_STATUS_OK;
}

static esc_status keep_single(void *context, int64_t k, esc_result *result)
{
  esc_single *const single = context;
  const esc_run_options *const options = single->options;
  (void)k;
  for (int w = 0; options->log && w < result->report.warning_count; w++)
    options->log(options->context, result->report.warnings[w]);
  single->result = result;
  return ESC_STATUS_OK;
}

esc_status esc_run(esc_device *device, const esc_experiment *experiment,
                   const esc_run_options *options, esc_result **result)
{
  const esc_run_options defaults = ESC_RUN_OPTIONS_INIT;
  esc_single single = {.options = options ? options : &defaults};
  esc_status status = check_run(device, single.options);
  if (!status && !result)
    status = esc_fail(ESC_STATUS_BAD_ARGUMENT, "result: expected a place for it, found NULL");
  if (!status)
    status = make_plan(experiment, &single.planned);
  if (status)
    return status;
  const esc_points points = {1, single.planned->trajectories, plan_of_single, keep_single, &single};
  status = esc_run_points(device, needs_cpu(device, single.planned), &points, single.options);
  esc_plan_free(single.planned); /* where it never began */
  if (single.result)
    *result = single.result;
  return status;
}

/* --- a sweep --- */

#define SWEEP_MAX (1 << 22) /* points of 2^40 ids each: all ids there are */

typedef struct esc_sweeping {
  const esc_sweep *sweep;
  const esc_run_options *options;
} esc_sweeping;

/* What was said, said of experiment k. */
static esc_status fail_of(int64_t k, esc_status status)
{
  char sentence[512], key[ESC_KEY_PATH_MAX];
  snprintf(sentence, sizeof sentence, "%s", esc_last_error());
  snprintf(key, sizeof key, "%s", esc_last_error_key());
  if (status == ESC_STATUS_BAD_EXPERIMENT)
    return esc_fail_at(key, "experiment %lld: %s", (long long)k, sentence);
  return esc_fail(status, "experiment %lld: %s", (long long)k, sentence);
}

static esc_status plan_of_sweep(void *context, int64_t k, esc_planned **planned)
{
  const esc_sweep *const sweep = ((const esc_sweeping *)context)->sweep;
  const esc_experiment *experiment = NULL;
  esc_status status = sweep->point(sweep->context, k, &experiment);
  if (status)
    return esc_fail(status, "experiment %lld: could not be made: %s", (long long)k,
                    esc_status_name(status));
  status = make_plan(experiment, planned);
  return status ? fail_of(k, status) : ESC_STATUS_OK;
}

static esc_status hand_over(void *context, int64_t k, esc_result *result)
{
  const esc_sweeping *const sweeping = context;
  const esc_run_options *const options = sweeping->options;
  char line[512];
  for (int w = 0; options->log && w < result->report.warning_count; w++) {
    snprintf(line, sizeof line, "experiment %lld: %s", (long long)k, result->report.warnings[w]);
    options->log(options->context, line);
  }
  const esc_status status = sweeping->sweep->done(sweeping->sweep->context, k, result);
  return status ? esc_fail(status, "experiment %lld: its result was not taken: %s", (long long)k,
                           esc_status_name(status))
                : ESC_STATUS_OK;
}

static esc_status check_sweep(const esc_sweep *sweep)
{
  if (!sweep)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep: expected a sweep, found NULL");
  const esc_status status = esc_check_size("sweep", sweep->struct_size, sizeof *sweep);
  if (status)
    return status;
  if (sweep->count < 1 || sweep->count > SWEEP_MAX)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep.count: expected 1 to %d, found %lld", SWEEP_MAX,
                    (long long)sweep->count);
  if (!sweep->point || !sweep->done)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT, "sweep: expected point and done, found NULL");
  return ESC_STATUS_OK;
}

esc_status esc_run_sweep(esc_device *device, const esc_sweep *sweep, const esc_run_options *options)
{
  const esc_run_options defaults = ESC_RUN_OPTIONS_INIT;
  esc_sweeping sweeping = {sweep, options ? options : &defaults};
  esc_status status = check_run(device, sweeping.options);
  if (!status)
    status = check_sweep(sweep);
  if (status)
    return status;
  esc_points points = {sweep->count, 0, plan_of_sweep, hand_over, &sweeping};
  int on_cpu = 0;
  for (int64_t k = 0; k < sweep->count; k++) {
    esc_planned *planned = NULL;
    status = plan_of_sweep(&sweeping, k, &planned);
    if (status)
      return status;
    points.trajectories += planned->trajectories;
    on_cpu |= needs_cpu(device, planned);
    esc_plan_free(planned);
  }
  return esc_run_points(device, on_cpu, &points, sweeping.options);
}

/* --- a list --- */

typedef struct esc_list {
  const esc_experiment *const *experiments;
  esc_result **results;
} esc_list;

static esc_status point_of_list(void *context, int64_t k, const esc_experiment **experiment)
{
  *experiment = ((const esc_list *)context)->experiments[k];
  return ESC_STATUS_OK;
}

static esc_status keep_in_list(void *context, int64_t k, esc_result *result)
{
  ((const esc_list *)context)->results[k] = result;
  return ESC_STATUS_OK;
}

esc_status esc_run_all(esc_device *device, const esc_experiment *const *experiments, int64_t count,
                       const esc_run_options *options, esc_result **results)
{
  if (!experiments || !results)
    return esc_fail(ESC_STATUS_BAD_ARGUMENT,
                    "expected experiments and a place for their results, found NULL");
  esc_list list = {experiments, results};
  esc_sweep sweep = ESC_SWEEP_INIT;
  sweep.count = count;
  sweep.point = point_of_list;
  sweep.done = keep_in_list;
  sweep.context = &list;
  return esc_run_sweep(device, &sweep, options);
}
