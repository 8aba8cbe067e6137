/* A tile: some hundred lanes, each carrying one trajectory, that advance together in groups of
 * ESC_GROUP steps and stay in the first-level cache. tile.c moves it, tile_noise.c draws for it,
 * tile_events.c looks at what happened, with kernels/ensemble, tile_memory.c holds it. Lane i of
 * an array of coordinates is at [j * stride + i]. */
#ifndef ESC_CPU_TILE_H
#define ESC_CPU_TILE_H

#include "kernels/cpu/loops.h"

typedef struct esc_tile {
  const esc_plan *plan;
  int64_t *tally;
  const esc_sink *sink;
  esc_control *control;

  int stride;         /* lanes allocated, a multiple of ESC_LANE_BLOCK */
  int active;         /* lanes in use: the first so many */
  int64_t now;        /* counts steps: lanes keep moments of it, so that they need not count */
  int64_t next, end;  /* ids not yet begun */
  int retired;        /* lanes without a trajectory, in this group */
  esc_real low, high; /* inside this interval no coordinate ends a trajectory by wall or bound */
  esc_real walls[2], beyond; /* the plan's, in the state's type */
  int64_t recorded;          /* ids below it leave a record in the sink */
  int stopped;               /* a visitor asked for the end */
  int bare;                  /* nothing is observed but outcomes, times and last positions */
  int quick; /* one dimension, no sets, no visitor: ends are found without branches */
  int plain; /* quick and bare, walls, one fixed start, one source, no further lives */

  /* by lane */
  uint64_t *id;
  int64_t *origin;    /* when the trajectory began; a group earlier for each end at a start */
  int64_t *taken;     /* steps of its earlier episodes (renew) */
  uint32_t *begun;    /* when the episode began, modulo 2^32 */
  uint32_t *due;      /* when something is due, modulo 2^32: an observation or the last step */
  int32_t *next_step; /* index into plan->steps */
  int32_t *next_lag;  /* index into plan->lags */
  int32_t *inside[ESC_NEARS_MAX];  /* steps in a watched ball */
  uint8_t *left[ESC_NEARS_MAX];    /* whether it was ever left */
  uint8_t *leaving[ESC_NEARS_MAX]; /* whether it was left in this group */
  int32_t *streak[ESC_SETS_MAX];   /* steps in a row in a set with stay > 1; NULL for others */
  uint8_t *first_basin;            /* of the episode's start */
  uint8_t *last_basin;             /* at the last observation, or of the start */
  uint8_t *flag;                   /* odd: to be looked at; plain: and twice the step of an end */

  esc_real *at[ESC_GROUP + 1]; /* positions before and after each step of the group */
  esc_real *gradient, *update, *point, *value, *norm;
  esc_real *state[ESC_UPDATE_STATES_MAX];
  esc_real *snr[ESC_GROUP + 1]; /* |m|/sqrt(v) after each step of the group, where observed */
  esc_real *lagged; /* per lag: positions */
  esc_rows rows;
  esc_real *table; /* plan->rows in the state's type */
  esc_real *start; /* the one fixed start; NULL: several, or random */
  double *scratch; /* for the caller's landscape */

  /* noise: per source, step and coordinate */
  float *xi[ESC_SOURCES_MAX], *mixed, *added, *spare;
  int64_t blocks[ESC_SOURCES_MAX]; /* of words that a group takes */
  /* by lane: its block at now = 0, had it been there; from it the same distance leads every lane
   * to the block at hand */
  uint64_t *block[ESC_SOURCES_MAX], *sparse_block[ESC_SOURCES_MAX];
  /* by lane, of sources whose blocks have numbers below 2^32: the head of its words (id, c0, c2,
   * c3) and the lower word of `block`; else NULL */
  uint32_t *head[ESC_SOURCES_MAX][4], *low_block[ESC_SOURCES_MAX];
  /* minibatches of a network: the words' block likewise, and the rows of the step at hand */
  uint64_t *batch_block;
  int32_t *picked;
  uint32_t *word[4];
  /* finite_sum: the step of the epoch, its first block, places left before this step and in it */
  int32_t *turn, *before, *left_to_take;
  uint64_t *epoch_block;

  void *memory;
} esc_tile;

static inline int esc_tile_lanes(const esc_tile *tile)
{
  return (tile->active + ESC_LANE_BLOCK - 1) / ESC_LANE_BLOCK * ESC_LANE_BLOCK;
}

/* U of n lanes whose positions begin at x. */
static inline void esc_tile_losses(const esc_tile *tile, int n, const esc_real *x, esc_real *u)
{
  const esc_plan *const plan = tile->plan;
  if (plan->landscape_function)
    ESC_LANDSCAPE_LOOPS.call(n, tile->stride, plan, x, NULL, NULL, u, tile->scratch);
  else
    ESC_LANDSCAPE_LOOPS.value[plan->landscape](n, tile->stride, plan, x, u);
}

#define ESC_OPEN_TILE    ESC_STATE_NAME(esc_open_tile)
#define ESC_BLOCKS_OF    ESC_STATE_NAME(esc_blocks_of)
#define ESC_HAS_HEADS    ESC_STATE_NAME(esc_has_heads)
#define ESC_BEGIN_HEADS  ESC_STATE_NAME(esc_begin_heads)
#define ESC_FILL_NOISE   ESC_STATE_NAME(esc_fill_noise)
#define ESC_PICK_ROWS    ESC_STATE_NAME(esc_pick_rows)
#define ESC_BEGIN_LANES  ESC_STATE_NAME(esc_begin_lanes)
#define ESC_HANDLE_GROUP ESC_STATE_NAME(esc_handle_group)

/* Takes the memory of a tile whose plan, sink and stride are set; 0 if there is none. The caller
 * frees tile->memory. */
int ESC_OPEN_TILE(esc_tile *tile);
/* Blocks of words that a group takes from a source. */
int64_t ESC_BLOCKS_OF(const esc_plan *plan, int source);
/* Whether all blocks of noise that a trajectory takes from a source have numbers below 2^32. */
int ESC_HAS_HEADS(const esc_plan *plan, int source);
/* Begins lane i's heads. */
void ESC_BEGIN_HEADS(esc_tile *tile, int i);
/* Draws the noise of the next group for every source. */
void ESC_FILL_NOISE(esc_tile *tile);
/* Draws the rows of a network's minibatch at step s = 1 .. ESC_GROUP of the group into picked. */
void ESC_PICK_ROWS(esc_tile *tile, int n, int s);
/* Gives trajectories to idle lanes up to the stride, at the positions at[0]. */
void ESC_BEGIN_LANES(esc_tile *tile);
/* Ends, observes and refills after a group; refilled lanes start at at[ESC_GROUP]. */
void ESC_HANDLE_GROUP(esc_tile *tile);

#define ESC_LANE static inline
#include "kernels/ensemble/lane_point.h"

#endif
