/* Tables of keys: how a mapping of an experiment file becomes a plain struct. A row names a key,
 * the function that reads its value, and where in the struct the value goes; unknown keys, missing
 * ones and values of the wrong kind are told here, with file, line and path. The rows themselves
 * are in the files that know a part of an experiment. */
#ifndef ESC_KEY_TABLE_H
#define ESC_KEY_TABLE_H

#include "arena.h"
#include "escapement/catalogue.h"
#include "escapement/experiment.h"
#include "yaml_tree.h"

/* One reading: where things go, and the path of keys down to the value at hand. */
typedef struct esc_reader {
  esc_arena *arena;
  const char *file_name;
  char path[256];
  size_t path_length;
} esc_reader;

typedef struct esc_key_row esc_key_row;

/* Reads the value of a key into its field. The path of the reader already names the key. */
typedef esc_status esc_read_function(esc_reader *reader, const esc_yaml_node *node,
                                     const esc_key_row *row, void *field);

struct esc_key_row {
  const char *name;
  esc_read_function *read;
  size_t offset;      /* of the field in the struct */
  const char *words;  /* for esc_read_word: "exact|fast" */
  const char *needed; /* not NULL: the key must be there, and this is what is expected */
};

/* A catalogue entry whose keys a mapping takes besides its own, and where they go. */
typedef struct esc_rule_slot {
  const esc_entry *entry;
  const esc_setting **settings;
  int *setting_count;
} esc_rule_slot;

/* Reads a mapping by a table that ends with a row without a name. rule may be NULL. */
esc_status esc_read_mapping(esc_reader *reader, const esc_yaml_node *node, const esc_key_row *rows,
                            const esc_rule_slot *rule, void *target);

/* The path: enter a key or an index, and leave again with what enter gave. */
size_t esc_reader_enter(esc_reader *reader, const char *key);
size_t esc_reader_enter_index(esc_reader *reader, int64_t index);
void esc_reader_leave(esc_reader *reader, size_t mark);

/* "FILE:LINE: PATH: MESSAGE", BAD_EXPERIMENT. */
esc_status esc_reader_fail(const esc_reader *reader, const esc_yaml_node *node, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* The same with "expected EXPECTED, found (what the node is)". */
esc_status esc_reader_expected(const esc_reader *reader, const esc_yaml_node *node,
                               const char *expected);

esc_status esc_reader_no_memory(void);

/* A few words for what a node is: `-1`, `"abc"`, `a list of 3`, `nothing`. */
void esc_node_text(const esc_yaml_node *node, char *text, size_t size);

/* "FILE:LINE", or the option's own text. */
void esc_node_where(const esc_yaml_node *node, const char *file_name, char *text, size_t size);

#endif
