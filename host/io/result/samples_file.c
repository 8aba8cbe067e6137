/* The HDF5 side of samples.h5. HDF5 prints its errors by itself; here that is off for the length of
 * a call, and a sentence takes its place. HDF5 only ever writes to memory: on a full disk it can
 * neither write nor close a file, and says so when the process ends. */
#include "samples_file.h"

#include <errno.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/io_error.h"

/* Trajectories per chunk: some hundred kilobytes, of which a reader can take one at a time. */
enum { CHUNK = 65536 };

/* By how much the file in memory grows at a time. */
enum { GROWTH = 1 << 22 };

typedef struct file_image {
  void *bytes;
  size_t size;
} file_image;

typedef struct array_shape {
  int rank;
  hsize_t size[2];
} array_shape;

/* Whether the close that HDF5 answered, and what led to it, went well. */
static bool closed(herr_t answer, bool so_far)
{
  return answer >= 0 && so_far;
}

/* Chunked, and compressed where the filter is there: exit times repeat a lot. */
static hid_t chunked(const array_shape *shape)
{
  hsize_t chunk[2] = {shape->size[0] < CHUNK ? shape->size[0] : CHUNK, shape->size[1]};
  const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
  if (layout < 0)
    return layout;
  bool fine = H5Pset_chunk(layout, shape->rank, chunk) >= 0;
  if (fine && H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0)
    fine = H5Pset_shuffle(layout) >= 0 && H5Pset_deflate(layout, 1) >= 0;
  if (fine)
    return layout;
  H5Pclose(layout);
  return H5I_INVALID_HID;
}

/* Creates a dataset and writes `values` (of type `memory`) to it; negative on failure. */
static hid_t write_array(hid_t file, const char *name, const array_shape *shape, hid_t stored,
                         hid_t memory, const void *values)
{
  const hid_t space = H5Screate_simple(shape->rank, shape->size, NULL);
  const hid_t layout = chunked(shape);
  hid_t array = H5I_INVALID_HID;
  if (space >= 0 && layout >= 0)
    array = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, layout, H5P_DEFAULT);
  if (array >= 0 && H5Dwrite(array, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    H5Dclose(array);
    array = H5I_INVALID_HID;
  }
  if (layout >= 0)
    H5Pclose(layout);
  if (space >= 0)
    H5Sclose(space);
  return array;
}

/* One attribute of `count` elements; count 0 writes a scalar. */
static bool write_attribute(hid_t place, const char *name, hid_t type, hsize_t count,
                            const void *values)
{
  const hid_t space = count > 0 ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_SCALAR);
  if (space < 0)
    return false;
  const hid_t attribute = H5Acreate2(place, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool fine = attribute >= 0 && H5Awrite(attribute, type, values) >= 0;
  if (attribute >= 0)
    fine = closed(H5Aclose(attribute), fine);
  return closed(H5Sclose(space), fine);
}

/* Text attributes are stored as UTF-8 of variable length; `values` points to char pointers. */
static bool write_texts(hid_t place, const char *name, hsize_t count, const void *values)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0)
    return false;
  const bool fine = H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
                    write_attribute(place, name, type, count, values);
  return closed(H5Tclose(type), fine);
}

static bool write_outcome_names(hid_t array, const esc_report *report)
{
  const size_t count = (size_t)report->outcome_count;
  const char **names = calloc(count > 0 ? count : 1, sizeof *names);
  if (!names)
    return false;
  for (size_t i = 0; i < count; i++)
    names[i] = report->outcomes[i].name;
  const bool fine = count == 0 || write_texts(array, "names", count, names);
  free(names);
  return fine;
}

static bool write_origin(hid_t file, const esc_report *report)
{
  const int32_t stream_version = report->stream_version;
  const char *version = report->version ? report->version : "";
  return write_attribute(file, "seed", H5T_NATIVE_UINT64, 0, &report->seed) &&
         write_texts(file, "version", 0, &version) &&
         write_attribute(file, "stream_version", H5T_NATIVE_INT32, 0, &stream_version);
}

static bool write_arrays(hid_t file, const esc_report *report)
{
  const array_shape line = {1, {(hsize_t)report->sample_count, 1}};
  const array_shape table = {2, {(hsize_t)report->sample_count, (hsize_t)report->dimension}};
  hid_t array =
      write_array(file, "exit_steps", &line, H5T_STD_I64LE, H5T_NATIVE_INT64, report->sample_steps);
  if (array < 0 || H5Dclose(array) < 0)
    return false;
  array =
      write_array(file, "outcome", &line, H5T_STD_I32LE, H5T_NATIVE_INT32, report->sample_outcomes);
  if (array < 0)
    return false;
  const bool named = write_outcome_names(array, report);
  if (!closed(H5Dclose(array), named))
    return false;
  array =
      write_array(file, "final", &table, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, report->sample_final);
  return array >= 0 && H5Dclose(array) >= 0;
}

/* A copy of the file in memory; its bytes are NULL where there is no room for one. */
static file_image image_of(hid_t file)
{
  file_image image = {NULL, 0};
  const ssize_t size = H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 ? H5Fget_file_image(file, NULL, 0) : 0;
  if (size <= 0)
    return image;
  image.size = (size_t)size;
  image.bytes = malloc(image.size);
  if (image.bytes && H5Fget_file_image(file, image.bytes, image.size) != size) {
    free(image.bytes);
    image.bytes = NULL;
  }
  return image;
}

/* The whole file in memory, its bytes to be freed; NULL where HDF5 refused. */
static file_image build_file(const esc_report *report)
{
  file_image image = {NULL, 0};
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  hid_t file = H5I_INVALID_HID;
  if (access >= 0 && H5Pset_fapl_core(access, GROWTH, 0) >= 0)
    file = H5Fcreate("samples.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  if (file >= 0 && write_origin(file, report) && write_arrays(file, report))
    image = image_of(file);
  if (file >= 0)
    H5Fclose(file);
  if (access >= 0)
    H5Pclose(access);
  return image;
}

/* errno tells why not. */
static bool write_image(const file_image *image, const char *path)
{
  FILE *const stream = fopen(path, "wb");
  if (!stream)
    return false;
  const bool fine = fwrite(image->bytes, 1, image->size, stream) == image->size;
  const int why = errno;
  const bool whole = fclose(stream) == 0;
  if (!fine)
    errno = why;
  return fine && whole;
}

static esc_status write_and_rename(const esc_report *report, const char *path)
{
  file_image image = build_file(report);
  if (!image.bytes)
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY,
                       "%s: the samples could not be put together: out of memory", path);
  const size_t size = strlen(path) + sizeof ".part";
  char *part = malloc(size);
  if (!part) {
    free(image.bytes);
    return esc_io_fail(ESC_STATUS_OUT_OF_MEMORY, "%s: out of memory", path);
  }
  snprintf(part, size, "%s.part", path);
  esc_status status = ESC_STATUS_OK;
  if (!write_image(&image, part)) {
    status = esc_io_fail(esc_io_status(errno), "%s: the samples could not be written (%s)", path,
                         strerror(errno));
    unlink(part);
  } else if (rename(part, path)) {
    status = esc_io_fail(ESC_STATUS_IO, "%s: %s", path, strerror(errno));
    unlink(part);
  }
  free(part);
  free(image.bytes);
  return status;
}

esc_status esc_samples_write(const esc_report *report, const char *path)
{
  if (!report || !path)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "samples need a report and a path; one is NULL");
  if (report->sample_count <= 0 || report->dimension <= 0 || !report->sample_steps ||
      !report->sample_outcomes || !report->sample_final)
    return esc_io_fail(ESC_STATUS_BAD_ARGUMENT, "%s: this result has no samples", path);
  H5E_auto2_t handler = NULL;
  void *context = NULL;
  H5Eget_auto2(H5E_DEFAULT, &handler, &context);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  const esc_status status = write_and_rename(report, path);
  H5Eset_auto2(H5E_DEFAULT, handler, context);
  return status;
}
