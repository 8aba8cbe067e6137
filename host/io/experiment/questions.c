/* predict: yes|closed|numeric|both, and fit: {power_law: [KEY, NUMBER OF THE RESULT]}, or a list of
 * those. */
#include "questions.h"

#include <string.h>

#include "read_values.h"
#include "scalar_text.h"

enum { FEWEST_POINTS = 3 };

static esc_status read_predict(esc_reader *reader, const esc_yaml_node *node,
                               esc_questions *questions)
{
  static const char *const words = "no|closed|numeric|both";
  const int is_switch =
      node->kind == ESC_YAML_SCALAR && !node->quoted ? esc_text_switch(node->text) : -1;
  const int index = node->kind == ESC_YAML_SCALAR ? esc_word_index(words, node->text) : -1;
  if (is_switch < 0 && index < 0)
    return esc_unknown_word(reader, node, "yes|no|closed|numeric|both");
  questions->predict = (esc_predict_choice)(is_switch >= 0 ? is_switch : index);
  return ESC_STATUS_OK;
}

/* Adds a number to those met so far, of which FEWEST_POINTS are enough; how many there are. */
static int add_different(double met[FEWEST_POINTS], int count, double number)
{
  for (int k = 0; k < count; k++)
    if (met[k] == number)
      return count;
  if (count < FEWEST_POINTS)
    met[count++] = number;
  return count;
}

/* A power law has logarithms, and a line needs a third point to be more than two points. */
static esc_status check_axis(const esc_reader *reader, const esc_yaml_node *node,
                             const esc_sweep_axis *axis)
{
  if (axis->count < FEWEST_POINTS)
    return esc_reader_fail(reader, node, "expected at least 3 values of %.60s to fit, found %lld",
                           axis->path, (long long)axis->count);
  double met[FEWEST_POINTS];
  int different = 0;
  for (int64_t i = 0; i < axis->count; i++) {
    char found[96];
    double number = 0.0;
    esc_node_text(axis->values[i], found, sizeof found);
    if (!esc_node_number(axis->values[i], &number) || !(number > 0.0))
      return esc_reader_fail(reader, node,
                             "expected numbers above 0 of %.60s to fit a power law, found %s",
                             axis->path, found);
    different = add_different(met, different, number);
  }
  if (different < FEWEST_POINTS)
    return esc_reader_fail(reader, node,
                           "expected at least 3 different values of %.60s to fit, found %d",
                           axis->path, different);
  return ESC_STATUS_OK;
}

static int is_text(const esc_yaml_node *node)
{
  double number = 0.0;
  return node && node->kind == ESC_YAML_SCALAR && node->text[0] && !esc_node_number(node, &number);
}

static esc_status read_power_law(esc_reader *reader, const esc_yaml_node *node,
                                 const esc_sweep_axes *sweep, esc_power_law *law)
{
  const esc_yaml_node *const x = esc_yaml_item(node, 0), *const y = esc_yaml_item(node, 1);
  if (node->count != 2 || !is_text(x) || !is_text(y))
    return esc_reader_expected(reader, node,
                               "[a swept key, a number of the result], as [optimizer.lr, "
                               "exit_steps.mean]");
  *law = (esc_power_law){x->text, y->text};
  const int axis = esc_sweep_axes_find(sweep, x->text);
  if (axis < 0)
    return esc_reader_fail(reader, x, "expected a key of the sweep, found \"%.60s\"", x->text);
  return check_axis(reader, x, &sweep->axes[axis]);
}

static esc_status read_fit(esc_reader *reader, const esc_yaml_node *node,
                           const esc_sweep_axes *sweep, esc_questions *questions)
{
  const esc_yaml_node *const law = esc_yaml_child(node, "power_law");
  if (!law || node->count != 1)
    return esc_reader_expected(reader, node, "{power_law: [a swept key, a number of the result]}");
  const size_t mark = esc_reader_enter(reader, "power_law");
  const esc_status status =
      read_power_law(reader, law, sweep, &questions->fits[questions->fit_count++]);
  esc_reader_leave(reader, mark);
  return status;
}

static esc_status read_fits(esc_reader *reader, const esc_yaml_node *node,
                            const esc_sweep_axes *sweep, esc_questions *questions)
{
  int64_t i = 0;
  if (sweep->points == 0)
    return esc_reader_fail(reader, node, "expected a sweep to fit through, found none");
  if (node->kind != ESC_YAML_LIST)
    return read_fit(reader, node, sweep, questions);
  if (node->count > ESC_QUESTIONS_FITS)
    return esc_reader_expected(reader, node, "at most 16 fits");
  for (const esc_yaml_node *item = node->first; item; item = item->next) {
    const size_t mark = esc_reader_enter_index(reader, i++);
    const esc_status status = read_fit(reader, item, sweep, questions);
    esc_reader_leave(reader, mark);
    if (status)
      return status;
  }
  return ESC_STATUS_OK;
}

esc_status esc_read_questions(esc_reader *reader, const esc_yaml_node *root,
                              const esc_sweep_axes *sweep, esc_questions *questions)
{
  const esc_yaml_node *const predict = esc_yaml_child(root, "predict");
  const esc_yaml_node *const fit = esc_yaml_child(root, "fit");
  size_t mark = esc_reader_enter(reader, "predict");
  esc_status status = predict ? read_predict(reader, predict, questions) : ESC_STATUS_OK;
  esc_reader_leave(reader, mark);
  mark = esc_reader_enter(reader, "fit");
  if (!status && fit)
    status = read_fits(reader, fit, sweep, questions);
  esc_reader_leave(reader, mark);
  return status;
}
