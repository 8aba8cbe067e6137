/* The sizes themselves. A network is a table of runs: a size, and how often it follows. */
#include "bench/tensor_lists.h"

#include <stdlib.h>
#include <string.h>

typedef struct run {
  int64_t count;
  int times;
} run;

const char *const list_names[] = {"gpt2", "resnet50", "10000x64", "1000x1024", "mixed500", NULL};

enum { MOST_TENSORS = 10000 };

static void append(tensor_list *list, int64_t count, int times)
{
  for (int k = 0; k < times; k++) {
    list->counts[list->tensor_count++] = count;
    list->element_count += count;
  }
}

/* --- GPT-2, 124 M: 148 tensors (Radford et al. 2019; the output shares the token embedding) --- */

enum { WIDTH = 768 };

static const run gpt2_block[] = {
    {WIDTH, 2}, /* norm before the attention: weight, bias */
    {(int64_t)WIDTH * 3 * WIDTH, 1},
    {3 * WIDTH, 1}, /* queries, keys, values */
    {(int64_t)WIDTH * WIDTH, 1},
    {WIDTH, 1}, /* projection */
    {WIDTH, 2}, /* norm before the perceptron */
    {(int64_t)WIDTH * 4 * WIDTH, 1},
    {4 * WIDTH, 1}, /* up */
    {(int64_t)4 * WIDTH * WIDTH, 1},
    {WIDTH, 1}, /* down */
};

static void make_gpt2(tensor_list *list)
{
  append(list, (int64_t)50257 * WIDTH, 1); /* tokens */
  append(list, (int64_t)1024 * WIDTH, 1);  /* positions */
  for (int block = 0; block < 12; block++)
    for (size_t k = 0; k < sizeof gpt2_block / sizeof *gpt2_block; k++)
      append(list, gpt2_block[k].count, gpt2_block[k].times);
  append(list, WIDTH, 2); /* the last norm */
}

/* --- ResNet-50: 161 tensors (He et al. 2016, as torchvision has it) --- */

/* A convolution without bias, and the two of its batch norm. */
static void append_convolution(tensor_list *list, int64_t from, int64_t to, int64_t side)
{
  append(list, from * to * side * side, 1);
  append(list, to, 2);
}

static void make_resnet50(tensor_list *list)
{
  static const int blocks[] = {3, 4, 6, 3};
  int64_t from = 64;
  append_convolution(list, 3, 64, 7);
  for (int stage = 0; stage < 4; stage++) {
    const int64_t width = (int64_t)64 << stage;
    for (int block = 0; block < blocks[stage]; block++) {
      append_convolution(list, from, width, 1);
      append_convolution(list, width, width, 3);
      append_convolution(list, width, 4 * width, 1);
      if (block == 0)
        append_convolution(list, from, 4 * width, 1); /* the shortcut */
      from = 4 * width;
    }
  }
  append(list, 2048 * 1000, 1);
  append(list, 1000, 1);
}

/* --- 500 tensors of 1 to 1 M elements, even in the logarithm, most of them odd --- */

static void make_mixed(tensor_list *list)
{
  uint64_t state = 1;
  for (int k = 0; k < 500; k++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const int octave = (int)((state >> 33) % 20);
    append(list, ((int64_t)1 << octave) + (int64_t)((state >> 40) & (((uint64_t)1 << octave) - 1)),
           1);
  }
}

static int64_t number_of(const char *name)
{
  char *end;
  const long long number = strtoll(name, &end, 10);
  const int64_t unit = *end == 'K' ? 1 << 10 : *end == 'M' ? 1 << 20 : 1;
  if (number <= 0 || strlen(end) > (unit > 1))
    return 0;
  return number * unit;
}

int tensor_list_make(const char *name, tensor_list *list)
{
  const tensor_list none = {0, 0, malloc(MOST_TENSORS * sizeof(int64_t))};
  *list = none;
  if (!list->counts)
    return 0;
  if (strcmp(name, "gpt2") == 0)
    make_gpt2(list);
  else if (strcmp(name, "resnet50") == 0)
    make_resnet50(list);
  else if (strcmp(name, "10000x64") == 0)
    append(list, 64, 10000);
  else if (strcmp(name, "1000x1024") == 0)
    append(list, 1024, 1000);
  else if (strcmp(name, "mixed500") == 0)
    make_mixed(list);
  else
    append(list, number_of(name), number_of(name) > 0);
  if (list->tensor_count > 0)
    return 1;
  tensor_list_free(list);
  return 0;
}

void tensor_list_free(tensor_list *list)
{
  free(list->counts);
  list->counts = NULL;
}
