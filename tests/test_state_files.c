/* State files: an optimizer that was saved and loaded goes on with the same bits; what a file says,
 * byte by byte; every wrong file, which is refused and changes nothing; disks that are full. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escapement/state_file.h"
#include "tests/support_calls.h"

static char folder[64];

static void make_folder(void)
{
  strcpy(folder, "/tmp/escapement_state_XXXXXX");
  cr_assert(mkdtemp(folder) != NULL);
}

static const char *path_of(const char *name)
{
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void remove_folder(void)
{
  static const char *const names[] = {"a", "b", "a.part"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    unlink(path_of(names[k]));
  cr_expect_eq(rmdir(folder), 0, "something was left in the folder");
}

/* --- going on
 * --------------------------------------------------------------------------------------- */

/* Every rule in turn with states in all types, stochastic rounding, noise, schedules. */
static void vary(calls_case *c, int variant)
{
  static const char *const rules[] = {"nadam", "amsgrad", "lion", "adadelta", "radam", "momentum"};
  c->groups[0].rule = rules[variant];
  c->groups[0].hyper_count = 0;
  c->groups[0].lr.value = 0.01;
  c->groups[0].schedule = "inverse_sqrt";
  c->groups[0].state_type[0] = ESC_TYPE_F16;
  c->groups[0].average_type = ESC_TYPE_BF16;
  c->groups[1].noise[0].value = 0.5;
  c->groups[2].rule = "nadam";
  for (int p = 0; p < CALLS_PARAMETERS; p++)
    c->parameters[p].stochastic = variant % 2;
  c->parameters[3].name = "layer.3.weight";
  c->parameters[5].name = "name with \"quotes\" and \xc3\xa9";
}

/* Some steps are skipped for all, some tensors have no gradient at some steps. */
static void run(esc_optimizer *optimizer, calls_case *c, int from, int to)
{
  for (int t = from; t < to; t++) {
    esc_step_options options = ESC_STEP_OPTIONS_INIT;
    void *gradients[CALLS_PARAMETERS];
    for (int p = 0; p < CALLS_PARAMETERS; p++)
      gradients[p] = (t + p) % 7 == 0 ? NULL : c->gradients[p];
    options.found_inf.value = t % 11 == 3;
    options.clip_norm.value = 3.0;
    calls_draw_gradients(c, (uint64_t)t);
    cr_assert_eq(esc_optimizer_bind(optimizer, gradients, CALLS_PARAMETERS, NULL), ESC_STATUS_OK);
    cr_assert_eq(esc_optimizer_step(optimizer, &options), ESC_STATUS_OK);
  }
}

static void expect_same_states(esc_optimizer *a, esc_optimizer *b, int variant)
{
  static unsigned char x[CALLS_ROOM], y[CALLS_ROOM];
  for (int64_t p = 0; p < CALLS_PARAMETERS; p++) {
    esc_parameter_progress one = ESC_PARAMETER_PROGRESS_INIT, other = ESC_PARAMETER_PROGRESS_INIT;
    for (int k = 0; k < esc_optimizer_state_count(a, p); k++) {
      esc_state_buffer state = ESC_STATE_BUFFER_INIT;
      cr_assert_eq(esc_optimizer_state(a, p, k, &state), ESC_STATUS_OK);
      const size_t bytes = (size_t)state.count * (state.array.type == ESC_TYPE_F32 ? 4 : 2);
      cr_assert_eq(esc_optimizer_state_read(a, p, k, x, bytes, NULL), ESC_STATUS_OK);
      cr_assert_eq(esc_optimizer_state_read(b, p, k, y, bytes, NULL), ESC_STATUS_OK);
      cr_expect(memcmp(x, y, bytes) == 0, "variant %d, parameter %d: other %s", variant, (int)p,
                state.name);
    }
    esc_optimizer_progress_read(a, p, &one, NULL);
    esc_optimizer_progress_read(b, p, &other, NULL);
    cr_expect(one.steps == other.steps && one.product == other.product,
              "variant %d, parameter %d: other progress", variant, (int)p);
  }
}

static calls_case whole, cut, again;

/* 100 steps, saved, loaded into another optimizer, 40 more, against 140 in one go. */
Test(state_files, going_on, .init = make_folder, .fini = remove_folder)
{
  esc_device *const device = calls_device_open();
  for (int variant = 0; variant < 6; variant++) {
    calls_begin(&whole, 1), calls_begin(&cut, 1), calls_begin(&again, 2);
    vary(&whole, variant), vary(&cut, variant), vary(&again, variant);
    esc_optimizer *const a = calls_make(device, &whole), *const b = calls_make(device, &cut);
    esc_optimizer *const c = calls_make(device, &again);
    run(a, &whole, 0, 140);
    run(b, &cut, 0, 100);
    cr_assert_eq(esc_state_save(path_of("a"), b, NULL), ESC_STATUS_OK, "%s", esc_state_error());
    memcpy(again.values, cut.values, sizeof cut.values); /* which the caller keeps */
    run(c, &again, 0, 3);                                /* and not as it was made */
    memcpy(again.values, cut.values, sizeof cut.values);
    cr_assert_eq(esc_state_load(path_of("a"), c, NULL), ESC_STATUS_OK, "%s", esc_state_error());
    expect_same_states(b, c, variant);
    run(c, &again, 100, 140);
    expect_same_states(a, c, variant);
    cr_expect(memcmp(whole.values, again.values, sizeof whole.values) == 0,
              "variant %d: other parameters", variant);
    int64_t steps = 0;
    cr_assert_eq(esc_optimizer_steps(a, 0, NULL, &steps), ESC_STATUS_OK);
    cr_expect(steps > 90 && steps < 130, "%d steps: were some skipped?", (int)steps);
    esc_optimizer_free(a), esc_optimizer_free(b), esc_optimizer_free(c);
  }
  cr_expect_eq(access(path_of("a.part"), F_OK), -1);
}

/* --- a file as bytes
 * ---------------------------------------------------------------------------------- */

typedef struct file {
  unsigned char bytes[1 << 16];
  size_t size;
} file;

static file read_file(const char *name)
{
  file f = {.size = 0};
  FILE *const stream = fopen(path_of(name), "rb");
  cr_assert(stream != NULL);
  f.size = fread(f.bytes, 1, sizeof f.bytes, stream);
  fclose(stream);
  return f;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
  FILE *const stream = fopen(path_of(name), "wb");
  cr_assert(stream != NULL);
  cr_assert_eq(fwrite(bytes, 1, size, stream), size);
  fclose(stream);
}

static uint64_t header_size(const file *f)
{
  uint64_t size;
  memcpy(&size, f->bytes, sizeof size);
  return size;
}

static json_t *header_of(const file *f)
{
  json_error_t error;
  json_t *const root =
      json_loadb((const char *)f->bytes + 8, header_size(f), JSON_REJECT_DUPLICATES, &error);
  cr_assert(root != NULL, "no JSON: %s", error.text);
  return root;
}

static const unsigned char *data_of(const file *f, const json_t *root, const char *name,
                                    const char *type, int64_t count, size_t bytes)
{
  const char *found_type = "";
  json_int_t begin = -1, end = -1;
  const json_t *const entry = json_object_get(root, name);
  cr_assert(entry != NULL, "no tensor %s", name);
  cr_assert_eq(json_unpack((json_t *)(uintptr_t)entry, "{s:s, s:[I,I]}", "dtype", &found_type,
                           "data_offsets", &begin, &end),
               0);
  const json_t *const shape = json_object_get(entry, "shape");
  cr_expect_str_eq(found_type, type, "%s", name);
  cr_expect_eq(json_array_size(shape), count < 0 ? 0u : 1u);
  if (count >= 0)
    cr_expect_eq(json_integer_value(json_array_get(shape, 0)), count);
  cr_expect_eq((size_t)(end - begin), bytes, "%s", name);
  return f->bytes + 8 + header_size(f) + begin;
}

/* The file as its format says, read by no code of ours. */
Test(state_files, layout, .init = make_folder, .fini = remove_folder)
{
  esc_device *const device = calls_device_open();
  static unsigned char m[400];
  calls_begin(&whole, 1);
  whole.parameters[0].name = "first";
  esc_optimizer *const a = calls_make(device, &whole);
  run(a, &whole, 1, 4);
  cr_assert_eq(esc_state_save(path_of("a"), a, NULL), ESC_STATUS_OK, "%s", esc_state_error());
  const file f = read_file("a");
  json_t *const root = header_of(&f);
  cr_expect_eq(header_size(&f) % 8, 0u);
  cr_expect_eq(f.bytes[8], '{');
  const json_t *const metadata = json_object_get(root, "__metadata__");
  cr_expect_str_eq(json_string_value(json_object_get(metadata, "format")), "escapement.state");
  cr_expect_str_eq(json_string_value(json_object_get(metadata, "version")), "1");
  cr_expect_str_eq(json_string_value(json_object_get(metadata, "first.rule")), "adam");
  cr_expect_str_eq(json_string_value(json_object_get(metadata, "5.rule")), "rmsprop");
  int64_t steps;
  double product;
  memcpy(&steps, data_of(&f, root, "first.steps", "I64", -1, 8), 8);
  memcpy(&product, data_of(&f, root, "first.product", "F64", -1, 8), 8);
  cr_expect(steps == 2 && product == 1.0, "%d steps", (int)steps); /* step 3 was skipped */
  cr_assert_eq(esc_optimizer_state_read(a, 0, 0, m, sizeof m, NULL), ESC_STATUS_OK);
  cr_expect(memcmp(data_of(&f, root, "first.m", "F32", 100, 400), m, 400) == 0);
  data_of(&f, root, "first.v", "BF16", 100, 200);
  cr_expect(memcmp(data_of(&f, root, "1.master", "F32", 257, 1028), whole.masters[1], 1028) == 0);
  data_of(&f, root, "4.average", "F32", 5, 20);
  data_of(&f, root, "5.v", "F32", 33, 132);
  /* Two numbers of progress for each, and the states: 3, 4, 0, 0, 3, 1. */
  cr_expect_eq(json_object_size(root), 1u + 2 * CALLS_PARAMETERS + 11);
  json_decref(root);
  esc_optimizer_free(a);
}

/* Whatever names are long, every tensor lies at a multiple of its elements' size. */
Test(state_files, alignment, .init = make_folder, .fini = remove_folder)
{
  static const char name[] = "abcdefgh";
  esc_device *const device = calls_device_open();
  for (int length = 1; length <= 8; length++) {
    calls_begin(&whole, 1);
    whole.parameters[0].name = name + 8 - length;
    esc_optimizer *const a = calls_make(device, &whole);
    cr_assert_eq(esc_state_save(path_of("a"), a, NULL), ESC_STATUS_OK, "%s", esc_state_error());
    const file f = read_file("a");
    json_t *const root = header_of(&f);
    cr_expect_eq(header_size(&f) % 8, 0u, "a name of %d letters", length);
    cr_expect_eq((data_of(&f, root, "5.v", "F32", 33, 132) - f.bytes) % 4, 0);
    cr_expect_eq((data_of(&f, root, "5.product", "F64", -1, 8) - f.bytes) % 8, 0);
    json_decref(root);
    esc_optimizer_free(a);
  }
}

/* --- files that are wrong
 * ------------------------------------------------------------------------------ */

/* Writes `root` and the data of a file, the header as long as it says (or `length`). */
static void rewrite(const file *f, const json_t *root, const unsigned char *data, size_t size)
{
  static unsigned char bytes[1 << 17];
  char *const text = json_dumps(root, JSON_COMPACT);
  const uint64_t length = strlen(text);
  (void)f;
  memcpy(bytes, &length, 8);
  memcpy(bytes + 8, text, length);
  memcpy(bytes + 8 + length, data, size);
  write_file("b", bytes, 8 + length + size);
  free(text);
}

static calls_case kept;
static esc_optimizer *loaded;

/* Refused with a sentence, and nothing of the optimizer has changed. */
static void expect_refused(const char *what, const char *sentence)
{
  static calls_case before;
  esc_device *const device = calls_device_open();
  memcpy(&before, &kept, sizeof kept);
  esc_optimizer *const same = calls_make(device, &before);
  const esc_status status = esc_state_load(path_of("b"), loaded, NULL);
  cr_expect_eq(status, ESC_STATUS_IO, "%s: status %d", what, (int)status);
  cr_expect(strstr(esc_state_error(), sentence), "%s: expected \"%s\", found \"%s\"", what,
            sentence, esc_state_error());
  expect_same_states(loaded, same, 0);
  esc_optimizer_free(same);
}

/* A file with other numbers than the optimizer that is to load it. */
static file good_file(void)
{
  esc_device *const device = calls_device_open();
  calls_begin(&whole, 1), calls_begin(&kept, 3);
  esc_optimizer *const a = calls_make(device, &whole);
  run(a, &whole, 1, 4);
  cr_assert_eq(esc_state_save(path_of("a"), a, NULL), ESC_STATUS_OK, "%s", esc_state_error());
  esc_optimizer_free(a);
  loaded = calls_make(device, &kept);
  return read_file("a");
}

typedef struct edit {
  const char *name, *member; /* of the header */
  const char *value;         /* JSON; NULL: take it out */
  const char *sentence;
} edit;

static const edit edits[] = {
    {"0.m", NULL, NULL, "expected a tensor \"0.m\", found none"},
    {"3.steps", NULL, NULL, "expected a tensor \"3.steps\", found none"},
    {"1.master", NULL, NULL, "expected a tensor \"1.master\", found none"},
    {"0.q", NULL, "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
     "the optimizer has no tensor \"0.q\""},
    {"0.m", NULL, "3", "0.m: expected dtype, shape and data_offsets"},
    {"0.m", "dtype", "\"BF16\"", "0.m: expected F32, found BF16"},
    {"0.v", "dtype", "\"F16\"", "0.v: expected BF16, found F16"},
    {"0.m", "dtype", NULL, "0.m: expected F32, found no type"},
    {"0.m", "shape", "[101]", "0.m: expected the shape [100], found [101]"},
    {"0.m", "shape", "[10, 10]", "0.m: expected the shape [100], found 2 dimensions"},
    {"0.m", "shape", "[]", "0.m: expected the shape [100], found 0 dimensions"},
    {"0.m", "shape", "[100.0]", "0.m: expected the shape [100]"},
    {"0.m", "shape", NULL, "0.m: expected the shape [100], found no list"},
    {"0.steps", "shape", "[1]", "0.steps: expected the shape [], found [1]"},
    {"0.m", "data_offsets", "[0, 4]", "0.m: expected data_offsets of 400 bytes"},
    {"0.m", "data_offsets", "[400, 0]", "0.m: expected data_offsets"},
    {"0.m", "data_offsets", "[-400, 0]", "0.m: expected data_offsets"},
    {"0.m", "data_offsets", "[9000000, 9000400]", "0.m: expected data_offsets"},
    {"0.m", "data_offsets", "[0]", "0.m: expected data_offsets"},
    {"0.m", "data_offsets", "[0.0, 400.0]", "0.m: expected data_offsets"},
    {"0.m", "data_offsets", "[0, 400]", "found an overlap"},
    {"0.m", "data_offsets", "[92, 492]", ": expected it right behind"},
    {"__metadata__", NULL, NULL, "the format in its metadata"},
    {"__metadata__", "format", "\"other\"", "expected escapement.state, found other"},
    {"__metadata__", "version", "\"2\"", "expected 1, found 2"},
    {"__metadata__", "0.rule", "\"nadam\"", "0.rule: expected adam, found nadam"},
    {"__metadata__", "3.rule", NULL, "3.rule: expected sgd, found nothing"},
};

static void apply(json_t *root, const edit *e)
{
  json_t *const value = e->value ? json_loads(e->value, JSON_DECODE_ANY, NULL) : NULL;
  json_t *const object = e->member ? json_object_get(root, e->name) : root;
  const char *const key = e->member ? e->member : e->name;
  cr_assert(object && (value || !e->value), "bad edit of %s", e->name);
  if (value)
    json_object_set_new(object, key, value);
  else
    cr_assert_eq(json_object_del(object, key), 0);
}

Test(state_files, wrong_headers, .init = make_folder, .fini = remove_folder)
{
  const file f = good_file();
  const unsigned char *const data = f.bytes + 8 + header_size(&f);
  const size_t size = f.size - 8 - header_size(&f);
  for (size_t k = 0; k < sizeof edits / sizeof *edits; k++) {
    json_t *const root = header_of(&f);
    apply(root, &edits[k]);
    rewrite(&f, root, data, size);
    expect_refused(edits[k].sentence, edits[k].sentence);
    json_decref(root);
  }
  json_t *const root = header_of(&f); /* and the file unspoiled is good */
  rewrite(&f, root, data, size);
  cr_expect_eq(esc_state_load(path_of("b"), loaded, NULL), ESC_STATUS_OK, "%s", esc_state_error());
  json_decref(root);
  esc_optimizer_free(loaded);
}

static void expect_bytes_refused(const char *what, const void *bytes, size_t size,
                                 const char *sentence)
{
  write_file("b", bytes, size);
  expect_refused(what, sentence);
}

/* A header as it is written. */
static void expect_text_refused(const char *text, const char *sentence)
{
  unsigned char bytes[256];
  const uint64_t length = strlen(text);
  memcpy(bytes, &length, 8);
  memcpy(bytes + 8, text, length);
  expect_bytes_refused(text, bytes, 8 + length, sentence);
}

Test(state_files, wrong_bytes, .init = make_folder, .fini = remove_folder)
{
  static file f;
  f = good_file();
  const uint64_t header = header_size(&f);
  const size_t ends[] = {0, 7, 8, 9, 8 + header - 1, 8 + header, f.size - 1};
  for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
    expect_bytes_refused("a file cut short", f.bytes, ends[k], "b: ");
  expect_bytes_refused("a byte too much", f.bytes, f.size + 1, "bytes that belong to no tensor");
  const uint64_t lengths[] = {0, 1, header - 1, header + 1, f.size, UINT64_MAX, (uint64_t)1 << 63};
  for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
    memcpy(f.bytes, &lengths[k], 8);
    expect_bytes_refused("a wrong length of the header", f.bytes, f.size, "expected a state file");
  }
  expect_text_refused("", "a header that is no JSON object");
  expect_text_refused("[]", "a header that is no JSON object");
  expect_text_refused("{", "no good JSON");
  expect_text_refused("{}", "the format in its metadata");
  expect_text_refused("{\"a\":1,\"a\":2}", "no good JSON");
  expect_text_refused("{\"a\":\"\xff\"}", "no good JSON");
  expect_text_refused("{\"__metadata__\":[]}", "the format in its metadata");
  expect_text_refused("{\"__metadata__\":{\"format\":7}}", "the format in its metadata");
  esc_optimizer_free(loaded);
}

/* Numbers of progress that no optimizer has. */
Test(state_files, wrong_progress, .init = make_folder, .fini = remove_folder)
{
  const file f = good_file();
  json_t *const root = header_of(&f);
  const size_t steps = (size_t)(data_of(&f, root, "1.steps", "I64", -1, 8) - f.bytes);
  const size_t product = (size_t)(data_of(&f, root, "1.product", "F64", -1, 8) - f.bytes);
  static file spoiled;
  spoiled = f;
  memcpy(spoiled.bytes + steps, &(int64_t){-1}, 8);
  expect_bytes_refused("steps", spoiled.bytes, f.size, "1.steps: expected 0 to 2147483647");
  spoiled = f;
  memcpy(spoiled.bytes + product, &(double){1.5}, 8);
  expect_bytes_refused("product", spoiled.bytes, f.size, "1.product: expected a number in [0, 1]");
  memset(spoiled.bytes + product, 0xff, 8); /* not a number */
  expect_bytes_refused("product", spoiled.bytes, f.size, "1.product: ");
  json_decref(root);
  esc_optimizer_free(loaded);
}

/* --- calls
 * ---------------------------------------------------------------------------------------- */

Test(state_files, bad_calls, .init = make_folder, .fini = remove_folder)
{
  const file f = good_file();
  (void)f;
  cr_expect_eq(esc_state_save(NULL, loaded, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_state_save("", loaded, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_state_save(path_of("b"), NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_state_load(NULL, loaded, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_state_load(path_of("a"), NULL, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect_eq(esc_state_load(path_of("b"), loaded, NULL), ESC_STATUS_IO);
  cr_expect(strstr(esc_state_error(), "no such file"), "%s", esc_state_error());
  cr_expect_eq(esc_state_load(folder, loaded, NULL), ESC_STATUS_IO);
  cr_expect(strstr(esc_state_error(), "no plain file"), "%s", esc_state_error());
  cr_expect_eq(esc_state_save("/nowhere/at/all", loaded, NULL), ESC_STATUS_IO);
  cr_expect(strstr(esc_state_error(), "/nowhere/at/all: cannot be written"), "%s",
            esc_state_error());
  cr_expect_eq(esc_state_save(folder, loaded, NULL), ESC_STATUS_IO); /* a folder is in the way */
  cr_expect(strstr(esc_state_error(), "not a regular file"), "%s", esc_state_error());
  cr_assert_eq(mkfifo(path_of("pipe"), 0600), 0);
  cr_expect_eq(esc_state_save(path_of("pipe"), loaded, NULL), ESC_STATUS_IO);
  struct stat pipe;
  cr_expect(stat(path_of("pipe"), &pipe) == 0 && S_ISFIFO(pipe.st_mode), "the pipe was replaced");
  cr_assert_eq(unlink(path_of("pipe")), 0);
  esc_optimizer_free(loaded);
}

/* What a link leads to is replaced, not the link. */
Test(state_files, links, .init = make_folder, .fini = remove_folder)
{
  good_file();
  struct stat link, before, after;
  char to[200];
  snprintf(to, sizeof to, "%s", path_of("a"));
  cr_assert_eq(symlink(to, path_of("b")), 0);
  cr_assert_eq(stat(to, &before), 0);
  cr_expect_eq(esc_state_save(path_of("b"), loaded, NULL), ESC_STATUS_OK, "%s", esc_state_error());
  cr_expect(lstat(path_of("b"), &link) == 0 && S_ISLNK(link.st_mode), "the link was replaced");
  cr_expect(stat(to, &after) == 0 && after.st_ino != before.st_ino, "nothing was written");
  cr_assert_eq(unlink(path_of("b")), 0);
  esc_optimizer_free(loaded);
}

Test(state_files, names, .init = make_folder, .fini = remove_folder)
{
  esc_device *const device = calls_device_open();
  calls_begin(&whole, 1);
  whole.parameters[0].name = whole.parameters[5].name = "w";
  esc_optimizer *optimizer = calls_make(device, &whole);
  cr_expect_eq(esc_state_save(path_of("b"), optimizer, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(strstr(esc_state_error(), "found \"w.steps\" twice"), "%s", esc_state_error());
  esc_optimizer_free(optimizer);
  whole.parameters[5].name = "\xff";
  optimizer = calls_make(device, &whole);
  cr_expect_eq(esc_state_save(path_of("b"), optimizer, NULL), ESC_STATUS_BAD_ARGUMENT);
  cr_expect(strstr(esc_state_error(), "UTF-8"), "%s", esc_state_error());
  esc_optimizer_free(optimizer);
  cr_expect_eq(access(path_of("b"), F_OK), -1);
}

/* Parameters are found by name: the order of the list does not matter. */
Test(state_files, another_order, .init = make_folder, .fini = remove_folder)
{
  static unsigned char x[400], y[400];
  int64_t steps = 0;
  esc_device *const device = calls_device_open();
  calls_begin(&whole, 1), calls_begin(&again, 2);
  static char names[CALLS_PARAMETERS][16];
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    snprintf(names[p], sizeof names[p], "p%d", p);
    whole.parameters[p].name = names[p];
    again.parameters[CALLS_PARAMETERS - 1 - p] = whole.parameters[p];
  }
  for (int p = 0; p < CALLS_PARAMETERS; p++) {
    esc_parameter *const parameter = &again.parameters[CALLS_PARAMETERS - 1 - p];
    parameter->value.data = again.values[p];
    parameter->gradient.data = again.gradients[p];
    parameter->master.data = p == 1 ? again.masters[p] : NULL;
  }
  esc_optimizer *const a = calls_make(device, &whole), *const b = calls_make(device, &again);
  run(a, &whole, 0, 9);
  cr_assert_eq(esc_state_save(path_of("a"), a, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_state_load(path_of("a"), b, NULL), ESC_STATUS_OK, "%s", esc_state_error());
  cr_assert_eq(esc_optimizer_state_read(a, 0, 0, x, 400, NULL), ESC_STATUS_OK);
  cr_assert_eq(esc_optimizer_state_read(b, 5, 0, y, 400, NULL), ESC_STATUS_OK);
  cr_expect_arr_eq(x, y, 400);
  cr_assert_eq(esc_optimizer_steps(b, 5, NULL, &steps), ESC_STATUS_OK);
  cr_expect_eq(steps, 6); /* of 9 one was skipped, two had no gradient */
  esc_optimizer_free(a), esc_optimizer_free(b);
}

/* A disk that is full after so many bytes: the sentence says so, and the file that was there stays.
 */
Test(state_files, full_disk, .init = make_folder, .fini = remove_folder)
{
  const rlim_t room[] = {0, 100, 2000, 5000};
  const file f = good_file();
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
  for (size_t k = 0; k < sizeof room / sizeof *room; k++) {
    cr_assert(room[k] < f.size);
    const struct rlimit small = {room[k], limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    const esc_status status = esc_state_save(path_of("a"), loaded, NULL);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(status, ESC_STATUS_IO);
    cr_expect(strstr(esc_state_error(), "cannot be written: "), "%s", esc_state_error());
    char part[40];
    snprintf(part, sizeof part, "a.part-%ld", (long)getpid());
    cr_expect_eq(access(path_of(part), F_OK), -1, "the unfinished file was left");
    const file now = read_file("a");
    cr_expect(now.size == f.size && memcmp(now.bytes, f.bytes, f.size) == 0, "the file changed");
  }
  esc_optimizer_free(loaded);
}

/* A device that fails on the way: no file, and the sentence of the core. */
Test(state_files, lost_device, .init = make_folder, .fini = remove_folder)
{
  for (int k = 1; k < 20; k += 3) {
    esc_device *const device = calls_device_open();
    calls_begin(&whole, 1);
    esc_optimizer *const optimizer = calls_make(device, &whole);
    calls_watch.fail_at = calls_watch.made + k;
    cr_expect_eq(esc_state_save(path_of("a"), optimizer, NULL), ESC_STATUS_DEVICE_LOST);
    cr_expect(access(path_of("a"), F_OK) != 0 && access(path_of("a.part"), F_OK) != 0);
    esc_optimizer_free(optimizer);
  }
}
