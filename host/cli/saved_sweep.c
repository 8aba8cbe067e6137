/* The result of a sweep on its way out. */
#include "saved_sweep.h"

#include "command.h"
#include "host/io/io_error.h"
#include "host/io/result/sweep_csv.h"
#include "host/io/result/sweep_json.h"
#include "saved_result.h"

typedef struct writing {
  const esc_loaded_experiment *loaded;
  const esc_sweep_record *record;
  const esc_sweep_fits *fits;
} writing;

static esc_status write_json(void *context, FILE *stream)
{
  const writing *const w = context;
  return esc_sweep_json_write(w->loaded->file, w->record, w->fits, stream);
}

static esc_status write_csv(void *context, FILE *stream)
{
  const writing *const w = context;
  return esc_sweep_csv_write(w->record, stream);
}

int esc_saved_sweep_write(const esc_result_folder *folder, const esc_loaded_experiment *loaded,
                          const esc_sweep_record *record, const esc_sweep_fits *fits, int *kept)
{
  writing w = {loaded, record, fits};
  esc_result_folder_clear(folder);
  esc_status status = esc_result_folder_put(folder, "result.json", write_json, &w);
  *kept = status == ESC_STATUS_OK;
  if (!status)
    status = esc_result_folder_put(folder, "sweep.csv", write_csv, &w);
  return status ? esc_complain(status, esc_io_error()) : esc_saved_result_draw(folder);
}

int esc_saved_sweep_print(const esc_loaded_experiment *loaded, const esc_sweep_record *record,
                          const esc_sweep_fits *fits)
{
  const esc_status status = esc_sweep_json_write(loaded->file, record, fits, stdout);
  return status ? esc_complain(status, esc_io_error()) : 0;
}
