/* What run and replay begin with: the experiment read and checked, the device opened. */
#ifndef ESC_LOADED_EXPERIMENT_H
#define ESC_LOADED_EXPERIMENT_H

#include "host/io/experiment/experiment_points.h"
#include "host/io/result/sweep_record.h"
#include "options.h"

typedef struct esc_loaded_experiment {
  esc_experiment_file *file;
  const esc_experiment *experiment; /* belongs to the file; of a sweep, that of point 0 */
  esc_experiment_points *point;     /* of a sweep: the point that was read last; else NULL */
  int64_t point_index;
  esc_sweep_theory *theory; /* of each point; NULL where it is not asked for */
  esc_device *device;
} esc_loaded_experiment;

/* Reads and checks the experiment the only operand names, every point of it. 0, or the exit status
 * after a line on standard error. Free in either case. */
int esc_loaded_experiment_read(esc_loaded_experiment *loaded, const esc_options *options);

/* Asks theory about every point, where the file does (`predict`). As above. */
int esc_loaded_experiment_predict(esc_loaded_experiment *loaded, const esc_options *options);

/* Reads a point of a sweep into loaded->point. The sentence of an error is in esc_io_error(). */
esc_status esc_loaded_experiment_point(esc_loaded_experiment *loaded, int64_t index);

/* Opens the device the options ask for. As above. */
int esc_loaded_experiment_open(esc_loaded_experiment *loaded, const esc_options *options);

/* The line for an error of the core about this experiment, or the point that was read last: its
 * place in the file and the sentence. */
int esc_loaded_experiment_complain(const esc_loaded_experiment *loaded, esc_status status);

void esc_loaded_experiment_free(esc_loaded_experiment *loaded);

#endif
