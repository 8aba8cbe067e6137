/* Steps and norms: options are checked here, the work is queued by the backend. Nothing is
 * allocated. */
#include <math.h>
#include <stddef.h>

#include "host/held_optimizer.h"
#include "host/settings.h"

static esc_status bad(const char *field, const char *expected, double found)
{
  return esc_fail(ESC_STATUS_BAD_ARGUMENT, "%s: expected %s, found %g", field, expected, found);
}

static esc_status check_flag(const char *field, int flag)
{
  return flag == 0 || flag == 1 ? ESC_STATUS_OK : bad(field, "0 or 1", flag);
}

static esc_status check_flags(const esc_step_options *options)
{
  esc_status status = check_flag("skip_non_finite", options->skip_non_finite);
  if (!status)
    status = check_flag("norm_taken", options->norm_taken);
  if (!status)
    status = check_flag("zero_gradients", options->zero_gradients);
  return status;
}

/* Where scalars lie is not asked for at every step; what the host can see of them is. */
static esc_status check_scalars(const esc_optimizer *held, const esc_step_options *options)
{
  esc_status status = esc_check_scalar(held, "loss_scale", &options->loss_scale, 0);
  if (!status)
    status = esc_check_scalar(held, "found_inf", &options->found_inf, 0);
  if (!status)
    status = esc_check_scalar(held, "clip_norm", &options->clip_norm, 0);
  return status;
}

static int is_scale(double scale)
{
  const float inverse = (float)(1.0 / scale);
  return isfinite((float)scale) && isfinite(inverse) && inverse != 0.0f;
}

static esc_status check_options(const esc_optimizer *held, const esc_step_options *options)
{
  const double scale = options->loss_scale.value, norm = options->clip_norm.value;
  esc_status status = check_scalars(held, options);
  if (!status)
    status = check_flags(options);
  if (status)
    return status;
  if (!options->loss_scale.device && !is_scale(scale))
    return bad("loss_scale", "a number that float holds, and its inverse too, other than 0", scale);
  if (!options->clip_norm.device && !(norm > 0.0))
    return bad("clip_norm", "a number above 0 or infinity", norm);
  if (!esc_in_range(options->clip_eps, ESC_RANGE_NOT_NEGATIVE))
    return bad("clip_eps", "a finite number of at least 0", options->clip_eps);
  return ESC_STATUS_OK;
}

esc_status esc_optimizer_step(esc_optimizer *optimizer, const esc_step_options *options)
{
  const esc_step_options defaults = ESC_STEP_OPTIONS_INIT;
  const esc_step_options *const asked = options ? options : &defaults;
  esc_status status = esc_check_usable(optimizer);
  if (!status)
    status = esc_check_size("options", asked->struct_size, sizeof *asked);
  if (!status)
    status = check_options(optimizer, asked);
  if (status)
    return status;
  const esc_step_call call = {
      .loss_scale = asked->loss_scale,
      .found_inf = asked->found_inf,
      .clip_norm = asked->clip_norm,
      .clip_eps = asked->clip_eps,
      .skip_non_finite = asked->skip_non_finite,
      .zero_gradients = asked->zero_gradients,
  };
  if (esc_step_needs_norm(&call) && !asked->norm_taken)
    status = optimizer->backend->norm(optimizer->opened, &optimizer->plan, asked->stream);
  if (!status)
    status = optimizer->backend->update(optimizer->opened, &optimizer->plan, &call, asked->stream);
  return esc_remember_loss(optimizer, status);
}

esc_status esc_optimizer_norm(esc_optimizer *optimizer, void *stream)
{
  const esc_status status = esc_check_usable(optimizer);
  if (status)
    return status;
  return esc_remember_loss(optimizer,
                           optimizer->backend->norm(optimizer->opened, &optimizer->plan, stream));
}

/* Only addresses are formed: the memory may be the device's. */
esc_status esc_optimizer_norm_scalars(esc_optimizer *optimizer, double **squared,
                                      int32_t **non_finite)
{
  if (!optimizer)
    return esc_check_usable(optimizer);
  unsigned char *const control = (unsigned char *)optimizer->plan.tables.control;
  if (squared)
    *squared = (double *)(void *)(control + offsetof(esc_step_control, norm_squared));
  if (non_finite)
    *non_finite = (int32_t *)(void *)(control + offsetof(esc_step_control, non_finite));
  return ESC_STATUS_OK;
}

esc_status esc_optimizer_norm_read(esc_optimizer *optimizer, void *stream, double *norm,
                                   int *non_finite)
{
  esc_step_control control;
  esc_status status = esc_check_usable(optimizer);
  if (status)
    return status;
  status = esc_remember_loss(optimizer, optimizer->backend->copy(optimizer->opened, &control,
                                                                 optimizer->plan.tables.control,
                                                                 sizeof control, stream));
  if (status)
    return status;
  if (norm)
    *norm = sqrt(control.norm_squared);
  if (non_finite)
    *non_finite = control.non_finite != 0;
  return ESC_STATUS_OK;
}

esc_status esc_optimizer_refill(esc_optimizer *optimizer, void *stream)
{
  const esc_status status = esc_check_usable(optimizer);
  if (status)
    return status;
  return esc_remember_loss(optimizer, optimizer->backend->start(optimizer->opened, &optimizer->plan,
                                                                ESC_START_COPIES, stream));
}
