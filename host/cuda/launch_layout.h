/* Where the pieces of a launch stand in the GPU's memory, and what goes up and comes down. */
#ifndef ESC_LAUNCH_LAYOUT_H
#define ESC_LAUNCH_LAYOUT_H

#include "host/cuda/cuda_device.h"
#include "kernels/cuda/trajectory/trajectory_args.h"

/* Offsets of a piece. */
typedef struct esc_piece_layout {
  size_t plan, rows, start, points, steps, data;
  size_t values[ESC_SOURCES_MAX], roots[ESC_SOURCES_MAX];
  size_t next;
  size_t tally;
  size_t exit_steps, outcomes, finals; /* records, */
  int64_t records, final_records;      /* and how many of them */
  int tally_copies;
} esc_piece_layout;

/* Of all of them. What is uploaded comes first, then what is downloaded. */
typedef struct esc_launch_layout {
  esc_piece *const *pieces;
  esc_piece_layout *at; /* one for each */
  int count;
  int blocks;
  size_t points;     /* the kernel's */
  size_t lane_steps; /* the last that goes up and the first that comes down */
  size_t records;    /* where the tallies end */
  size_t lagged;
  size_t all;
} esc_launch_layout;

/* Lays out pieces that share a kernel. OUT_OF_MEMORY; else to be freed. */
esc_status esc_launch_lay_out(const esc_cuda_kernel *kernel, esc_piece *const *pieces, int count,
                              esc_launch_layout *layout);
void esc_launch_layout_free(esc_launch_layout *layout);

size_t esc_launch_bytes_up(const esc_launch_layout *layout);
size_t esc_launch_bytes_down(const esc_launch_layout *layout);

/* Writes what goes up into `up`; the GPU will have it at `device`. */
void esc_launch_fill(const esc_launch_layout *layout, unsigned char *device, unsigned char *up);

/* Adds the tallies that came down to those of the pieces; the lanes' steps. */
void esc_launch_add_tallies(const esc_launch_layout *layout, const unsigned char *down);
int64_t esc_launch_lane_steps(const unsigned char *down);

#endif
