/* The sentences of setting_text.h. */
#include "setting_text.h"

#include <inttypes.h>
#include <math.h>

#include "host/io/short_number.h"
#include "paragraph.h"

enum { LIST_SHOWN = 8 };

static void list_text(const esc_setting *setting, char *text, size_t size)
{
  size_t used = (size_t)snprintf(text, size, "%s", setting->key);
  for (int64_t i = 0; i < setting->list_count && used + 1 < size; i++)
    used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : " [",
                             esc_short_plain(setting->list[i]).text);
  if (used + 1 < size)
    snprintf(text + used, size - used, "]");
}

static void setting_text(const esc_setting *setting, char *text, size_t size)
{
  if (setting->list && setting->list_count <= LIST_SHOWN)
    list_text(setting, text, size);
  else if (setting->list)
    snprintf(text, size, "%s of %" PRId64, setting->key, setting->list_count);
  else if (setting->word)
    snprintf(text, size, "%s %s", setting->key, setting->word);
  else
    snprintf(text, size, "%s %s", setting->key, esc_short_plain(setting->value).text);
}

/* "name (key value, key value)": what was set, not what is the default anyway. */
static void rule_text(const char *name, const esc_setting *settings, int count, const char *last,
                      char *text, size_t size)
{
  size_t used = (size_t)snprintf(text, size, "%s", name);
  const char *before = " (";
  for (int i = 0; i < count && used + 64 < size; i++) {
    char one[64];
    setting_text(&settings[i], one, sizeof one);
    used += (size_t)snprintf(text + used, size - used, "%s%s", before, one);
    before = ", ";
  }
  if (last[0] && used + 64 < size)
    used += (size_t)snprintf(text + used, size - used, "%s%s", before, last);
  if ((last[0] || count > 0) && used + 1 < size)
    snprintf(text + used, size - used, ")");
}

static void landscape_text(const esc_landscape *landscape, char *text, size_t size)
{
  char scale[64] = "";
  if (landscape->function) {
    snprintf(text, size, "the caller's landscape");
    return;
  }
  if (landscape->scale != 1.0)
    snprintf(scale, sizeof scale, "scale %s", esc_short_plain(landscape->scale).text);
  rule_text(landscape->name, landscape->settings, landscape->setting_count, scale, text, size);
}

static void noise_text(const esc_noise *noise, char *text, size_t size)
{
  char amount[64] = "";
  if (!isnan(noise->anneal[0]))
    snprintf(amount, sizeof amount, "annealed from %s", esc_short_plain(noise->anneal[0]).text);
  else if (noise->covariance)
    snprintf(amount, sizeof amount, "correlated");
  else if (!isnan(noise->variance))
    snprintf(amount, sizeof amount, "variance %s", esc_short_plain(noise->variance).text);
  else if (!isnan(noise->scale))
    snprintf(amount, sizeof amount, "scale %s", esc_short_plain(noise->scale).text);
  rule_text(noise->law, noise->settings, noise->setting_count, amount, text, size);
}

static void optimizer_text(const esc_update_rule *optimizer, char *text, size_t size)
{
  char lr[64] = "";
  if (!isnan(optimizer->lr))
    snprintf(lr, sizeof lr, "lr %s", esc_short_plain(optimizer->lr).text);
  rule_text(optimizer->name, optimizer->settings, optimizer->setting_count, lr, text, size);
}

void esc_setting_print(const esc_experiment *experiment, FILE *stream)
{
  char text[512];
  esc_paragraph lines = {stream, 0};
  optimizer_text(experiment->optimizer, text, sizeof text);
  esc_paragraph_say(&lines, "%s", text);
  landscape_text(experiment->landscape, text, sizeof text);
  esc_paragraph_say(&lines, "on %s", text);
  if (experiment->noise_count == 0)
    esc_paragraph_say(&lines, "without noise");
  for (int i = 0; i < experiment->noise_count; i++) {
    noise_text(&experiment->noises[i], text, sizeof text);
    esc_paragraph_say(&lines, "%s %s", i ? "and" : "under", text);
  }
  esc_paragraph_end(&lines);
}

void esc_size_print(const esc_experiment *experiment, const esc_report *report, FILE *stream)
{
  esc_paragraph lines = {stream, 0};
  esc_paragraph_count(&lines, report->trajectories);
  if (report->interrupted) {
    esc_paragraph_say(&lines, "of");
    esc_paragraph_count(&lines, report->trajectories_asked);
  }
  esc_paragraph_say(&lines, "%s", experiment->renew ? "walkers of" : "trajectories of at most");
  esc_paragraph_count(&lines, experiment->stop_steps);
  esc_paragraph_say(&lines, "%s", experiment->renew ? "steps each" : "steps");
  if (experiment->renew) {
    char episodes[64];
    snprintf(episodes, sizeof episodes, "(%s episodes)", esc_short_count(report->episodes).text);
    esc_paragraph_word(&lines, episodes);
  }
  if (report->interrupted)
    esc_paragraph_say(&lines, "(interrupted)");
  esc_paragraph_end(&lines);
}
