/* State files: what an optimizer remembers, as one safetensors file, to go on later as if it had
 * never stopped. In the library escapement_state (CMake: escapement::escapement_state, pkg-config:
 * escapement_state), which needs jansson, so not among what escapement.h includes.
 *
 *   if (esc_state_save("run.safetensors", optimizer, stream))
 *     fprintf(stderr, "%s\n", esc_state_error());
 *
 * A file holds, for each parameter P, the tensors "P.m", "P.v", ... (its states under their names,
 * "P.average" and "P.master" among them), "P.steps" (I64) and "P.product" (F64), both without
 * dimensions, and in the metadata "P.rule". Values of parameters are not in it, and neither are
 * hyper-parameters, schedules or the seed: they are the program's, and an optimizer created with the
 * same ones (and, for what is random, its parameters in the same order) goes on with the same bits.
 */
#ifndef ESCAPEMENT_STATE_FILE_H
#define ESCAPEMENT_STATE_FILE_H

#include "escapement/optimizer.h"
#include "escapement/status.h"

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* Writes path anew; it is complete or as it was before, whatever happens on the way (what is being
 * written is "path.part-" and the number of the process). A link is followed; what is not a regular
 * file is refused. Waits for the stream.
 * Errors: BAD_ARGUMENT (NULL; two parameters of one name; a name that is not UTF-8), IO,
 * OUT_OF_MEMORY, DEVICE_LOST. */
esc_status esc_state_save(const char *path, esc_optimizer *optimizer, void *stream);

/* Reads path into an optimizer whose parameters have the same names, rules, states, types and
 * numbers of elements, in any order. All of it is read and checked before anything is written, so a
 * failure changes nothing (but that of a device). Waits for the stream.
 * Errors: BAD_ARGUMENT (NULL), IO (no such file; not a state file; a name, rule, type, shape or
 * length other than the optimizer's, one too few or too many), OUT_OF_MEMORY, DEVICE_LOST. */
esc_status esc_state_load(const char *path, esc_optimizer *optimizer, void *stream);

/* The sentence about the last of these calls that failed on this thread; "" where none failed. */
const char *esc_state_error(void);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
