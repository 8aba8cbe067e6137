/* What every call answers. A function that can fail returns an esc_status; what it was to hand out
 * goes through pointers, which stay untouched on failure (an interrupted or failed run still hands
 * back its valid prefix: experiment.h). Nothing here prints, exits or aborts. */
#ifndef ESCAPEMENT_STATUS_H
#define ESCAPEMENT_STATUS_H

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* Few, pinned for ever, and each calls for another reaction. */
typedef enum esc_status {
  ESC_STATUS_OK = 0,
  ESC_STATUS_BAD_ARGUMENT = 1,   /* the call is wrong: mend the program */
  ESC_STATUS_BAD_EXPERIMENT = 2, /* a value of the experiment is wrong: mend the experiment */
  ESC_STATUS_OUT_OF_MEMORY = 3,
  ESC_STATUS_UNSUPPORTED = 4,    /* right, but this build or backend cannot do it */
  ESC_STATUS_DEVICE_REFUSED = 5, /* no such device, or it cannot be opened */
  ESC_STATUS_DEVICE_LOST = 6,    /* a device failed while it worked */
  ESC_STATUS_IO = 7,             /* a file could not be read or written */
  ESC_STATUS_INTERRUPTED = 8,    /* the cancel callback asked for the end */
  ESC_STATUS_INTERNAL = 9        /* a defect of this library: please report it */
} esc_status;

/* A few fixed words for a status ("bad argument"). Never NULL; valid for ever. */
const char *esc_status_name(esc_status status);

/* The sentence that says what was wrong with the last call that failed on this thread: which
 * argument, what was expected, what was found. Never NULL ("" where none failed). Owned by the
 * library; valid until the next call on the same thread. */
const char *esc_last_error(void);

/* The place in the experiment that sentence is about, as a path of keys ("optimizer.lr",
 * "noise[1].scale", "stop.sets[0].ball.radius"), or "" where there is none. Same lifetime. */
const char *esc_last_error_key(void);

/* The library's version, "0.1.0". Valid for ever. */
const char *esc_version(void);

/* The number of the random streams' layout: it changes when, and only when, a release gives other
 * bits for the same experiment, and stands in every result. */
int esc_stream_version(void);

#ifdef __cplusplus
}
#endif
#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
