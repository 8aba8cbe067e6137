/* The libraries behind the file formats. */
#include "library_versions.h"

#include <hdf5.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

/* gnuplot is a program that runs beside us: it is here if PATH finds it. */
static void find_gnuplot(char *text, size_t size)
{
  snprintf(text, size, "not found");
  const char *folder = getenv("PATH");
  while (folder && *folder) {
    char path[4096];
    const size_t length = strcspn(folder, ":");
    snprintf(path, sizeof path, "%.*s/gnuplot", (int)(length < 4000 ? length : 4000), folder);
    if (length > 0 && access(path, X_OK) == 0) {
      snprintf(text, size, "%.*s", (int)size - 1, strlen(path) < size ? path : "found");
      return;
    }
    folder += length;
    folder += *folder == ':';
  }
}

void esc_library_versions(esc_library_version libraries[ESC_LIBRARIES])
{
  unsigned major = 0, minor = 0, release = 0;
  static const char *const names[] = {"libyaml", "jansson", "HDF5", "gnuplot"};
  static const char *const uses[] = {"experiment files", "results", "samples", "figures"};
  for (int i = 0; i < ESC_LIBRARIES; i++) {
    libraries[i].name = names[i];
    libraries[i].use = uses[i];
  }
  const size_t size = sizeof libraries[0].version;
  snprintf(libraries[0].version, size, "%s", yaml_get_version_string());
  snprintf(libraries[1].version, size, "%s", jansson_version_str());
  if (H5get_libversion(&major, &minor, &release) < 0)
    major = minor = release = 0;
  snprintf(libraries[2].version, size, "%u.%u.%u", major, minor, release);
  find_gnuplot(libraries[3].version, size);
}
