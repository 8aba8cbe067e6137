/* An experiment file: YAML (docs/experiment_file.md has its keys) as an esc_experiment that owns
 * all it points to. Keys, names and kinds are checked here, against the tables and the catalogues;
 * what the values mean is checked by esc_experiment_check, and esc_experiment_file_where turns the
 * key path of its sentence into a place in the file. */
#ifndef ESC_EXPERIMENT_FILE_H
#define ESC_EXPERIMENT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "escapement/experiment.h"

typedef struct esc_experiment_file esc_experiment_file;

/* A value put over the file's: "optimizer.lr=0.1", the right side being YAML. */
typedef struct esc_override {
  const char *text;  /* KEY.PATH=VALUE */
  const char *shown; /* what messages call it: "--set optimizer.lr=0.1" */
} esc_override;

/* Reads a file of at most 16 MiB and puts the overrides over it, in order. *file is the caller's,
 * to be freed. Errors, with the sentence in esc_io_error(): IO (cannot be read), BAD_EXPERIMENT,
 * OUT_OF_MEMORY. */
esc_status esc_experiment_file_read(const char *path, const esc_override *overrides, int count,
                                    esc_experiment_file **file);

/* The same of bytes in memory; name stands for the file in messages. */
esc_status esc_experiment_file_parse(const char *bytes, size_t size, const char *name,
                                     const esc_override *overrides, int count,
                                     esc_experiment_file **file);

/* NULL is allowed. */
void esc_experiment_file_free(esc_experiment_file *file);

/* These belong to the file. */
const esc_experiment *
esc_experiment_file_experiment(const esc_experiment_file *file);        /* of a sweep:
                                               point 0 (experiment_points.h: all) */
const char *esc_experiment_file_title(const esc_experiment_file *file); /* NULL: none */

/* observe.paths: how many trajectories to draw. */
int esc_experiment_file_paths(const esc_experiment_file *file);

/* What a key of the root says, with the overrides; NULL where it is absent. */
const struct esc_yaml_node *esc_experiment_file_node(const esc_experiment_file *file,
                                                     const char *key);

/* predict and fit. */
const struct esc_questions *esc_experiment_file_questions(const esc_experiment_file *file);

/* The line of a key path ("noise[1].scale"), or of its nearest ancestor that is there; from 1. */
int64_t esc_experiment_file_line(const esc_experiment_file *file, const char *key);

/* The same as "FILE:LINE"; as the option where an override put the value there, and with it where
 * an override put something inside it. */
void esc_experiment_file_where(const esc_experiment_file *file, const char *key, char *text,
                               size_t size);

#endif
