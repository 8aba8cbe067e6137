/* escapement info: what this build is and what this machine lets it do. */
#include "command.h"

#include <stdio.h>

#include "escapement/escapement.h"
#include "host/io/library_versions.h"
#include "options.h"

static void print_backends(void)
{
  static const char *const backends[] = {"cpu", "cuda", "auto"};
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
    const char *why = "";
    const int there = esc_backend_available(backends[i], &why);
    printf("%-18s %s%s%s\n", backends[i], there ? "yes" : "no", why && *why ? ": " : "",
           why ? why : "");
  }
}

static void print_instruction_sets(void)
{
  static const char *const sets[] = {"baseline", "avx2", "avx512"};
  esc_device *device = NULL;
  esc_device_info info = ESC_DEVICE_INFO_INIT;
  esc_device_options options = ESC_DEVICE_OPTIONS_INIT;
  options.backend = "cpu";
  if (esc_device_open(&options, &device) || esc_device_describe(device, &info))
    info.isa = NULL;
  printf("%-18s", "instruction sets");
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
    if (esc_isa_available(sets[i]))
      printf(" %s", sets[i]);
  if (info.isa)
    printf(" (takes %s, %d threads)", info.isa, info.threads);
  printf("\n");
  esc_device_close(device);
}

static int print_info(void)
{
  esc_library_version libraries[ESC_LIBRARIES];
  printf("%-18s %s\n", "escapement", esc_version());
  printf("%-18s %d\n", "stream version", esc_stream_version());
  print_backends();
  print_instruction_sets();
  esc_library_versions(libraries);
  for (int i = 0; i < ESC_LIBRARIES; i++)
    printf("%-18s %s (%s)\n", libraries[i].name, libraries[i].version, libraries[i].use);
  return ESC_EXIT_DONE;
}

int esc_command_info(int argc, char **argv)
{
  esc_options options;
  int status = esc_options_read(&options, argc, argv, ESC_FOR_OTHERS);
  if (!status && options.operand_count > 0)
    status =
        esc_usage_error(argv[0], "expected nothing more, found \"%.60s\"", options.operands[0]);
  else if (!status && options.help)
    printf("escapement info\n\nVersion, backends, instruction sets, libraries.\n");
  else if (!status)
    status = print_info();
  esc_options_free(&options);
  return status;
}
