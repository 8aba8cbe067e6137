/* An optimizer as the host holds it: mirrors of the tables it laid out on the device, and what the
 * settings of groups were resolved to. Private to host/optimizer*.c. */
#ifndef ESC_HOST_HELD_OPTIMIZER_H
#define ESC_HOST_HELD_OPTIMIZER_H

#include "escapement/catalogue.h"
#include "escapement/optimizer.h"
#include "host/error.h"
#include "host/opened_device.h"

/* Random words are keyed by eight times the tensor's number, in 32 bits (step/random.h). */
#define ESC_TENSORS_MAX (((int64_t)1 << 29) - 1)

#define ESC_STATE_ALIGNMENT 256

/* Buffers of a tensor that can be asked for: the rule's states, the average, the master. */
#define ESC_BUFFERS_MAX (ESC_UPDATE_STATES_MAX + 2)

/* What is known of a group beside what its table holds. */
typedef struct esc_group_facts {
  const esc_entry *entry;
  int states;    /* of the rule */
  unsigned idle; /* those that its keys leave idle: no memory */
  int noisy;     /* noise on the gradient is drawn, or may be */
  int average;
  uint8_t state_type[ESC_UPDATE_STATES_MAX], average_type;
} esc_group_facts;

struct esc_optimizer {
  const esc_backend *backend;
  void *opened; /* the backend's device */
  int lost;     /* it failed: no more steps */
  esc_step_plan plan;
  esc_step_launch *launches;

  /* Mirrors of tables; `bound`, gradients and leaders in one block, is only what was sent last. */
  esc_step_group *groups;
  esc_step_tensor *tensors;
  unsigned char *bound;
  esc_group_facts *facts;
  const char **names;
  char *name_bytes;

  int32_t group_count, tensor_count;
  size_t state_bytes;
  void *table_memory;
  void *state_memory, *own_state_memory; /* own: NULL if it is the caller's */
};

static inline size_t esc_type_size(int type)
{
  static const size_t sizes[] = {4, 2, 2, 8, 4, 1};
  return sizes[type];
}

static inline int esc_is_element_type(esc_type type)
{
  return (int)type >= ESC_TYPE_F32 && type <= ESC_TYPE_F16;
}

/* The gradients of a block of bound ones, and behind them the leaders of groups. */
static inline void **esc_bound_gradients(unsigned char *bound)
{
  return (void **)(void *)bound;
}

static inline int32_t *esc_bound_leaders(const struct esc_optimizer *held, unsigned char *bound)
{
  return (int32_t *)(void *)(bound + (size_t)held->tensor_count * sizeof(void *));
}

static inline size_t esc_bound_bytes(const struct esc_optimizer *held)
{
  return (size_t)held->tensor_count * sizeof(void *) + (size_t)held->group_count * sizeof(int32_t);
}

/* Element i of an array of the caller's structs, walked by the size of the first. */
static inline const void *esc_walk(const void *first, int64_t i)
{
  return (const char *)first + (size_t)i * *(const size_t *)first;
}

/* --- optimizer_traits.c: what the catalogue says of a rule --- */

/* The number of a rule's states and the name of one. */
int esc_rule_states(int update);
const char *esc_rule_state_name(int update, int k);

/* What a group's rule asks of the engine, with its keys as they are; what lives in device memory
 * counts as `stand_in`. */
esc_update_traits esc_rule_traits(const esc_step_group *group, double stand_in);

/* --- optimizer_groups.c: settings into tables --- */

/* A number of a step: its type, alignment and place are checked if it is in device memory
 * (`placed`: that it lies in memory of the device, too). */
esc_status esc_check_scalar(const esc_optimizer *held, const char *place, const esc_scalar *scalar,
                            int placed);

esc_status esc_resolve_group(const esc_optimizer *held, const esc_group *group, int number,
                             esc_step_group *to, esc_group_facts *facts);

/* Changes one number of a group's table; nothing on failure. */
esc_status esc_change_group(const esc_optimizer *held, int number, const char *key,
                            const esc_scalar *scalar, esc_step_group *to);

/* --- optimizer_check.c: parameters --- */

/* Types, alignment, sizes, places; a parameter as it was given. */
esc_status esc_check_parameter(const esc_optimizer *held, const esc_parameter *parameter,
                               int64_t index);

/* That no two arrays of the parameters overlap, nor one of them the state memory (may be NULL). */
esc_status esc_check_overlaps(const esc_optimizer_options *options, const void *state,
                              size_t state_bytes);

/* --- optimizer_tables.c: the layout --- */

/* The tensor of a parameter, but for the addresses of its states and its origin. */
void esc_fill_tensor(const esc_optimizer *held, const esc_parameter *parameter,
                     esc_step_tensor *tensor);

/* The size of all states; places them from `base` on if that is not NULL. Fails if it overflows. */
esc_status esc_place_states(esc_optimizer *held, void *base, size_t *bytes);

/* The first tensor of each group that has a gradient, -1 where there is none. */
void esc_find_leaders(const esc_optimizer *held, unsigned char *bound);

/* Allocates the tables on the device and fills them. With masters_first_in_value the tensors on the
 * device hold the master in place of the value, until esc_upload_tensors. */
esc_status esc_make_tables(esc_optimizer *held, const esc_optimizer_options *options,
                           int masters_first_in_value);
esc_status esc_upload_tensors(esc_optimizer *held, void *stream);

/* --- optimizer.c --- */

/* NULL and a lost device are refused. */
esc_status esc_check_usable(const esc_optimizer *optimizer);

/* Remembers that the device was lost; returns status. */
esc_status esc_remember_loss(esc_optimizer *optimizer, esc_status status);

/* Memory of the device, with the sentence if there is none. */
esc_status esc_device_memory(const esc_optimizer *held, size_t bytes, void **memory);

/* --- optimizer_state.c --- */

typedef struct esc_buffer {
  const char *name;
  void *data;
  int type;
} esc_buffer;

/* The buffers of a tensor; their number. */
int esc_list_buffers(const esc_optimizer *held, int64_t index, esc_buffer buffers[ESC_BUFFERS_MAX]);

#endif
