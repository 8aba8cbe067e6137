/* The last page of the section in which shared variables lie: with it no other data shares a page
 * with them. It is last because archives are linked behind the kernels. */
extern char esc_emu_shared_filler[];
char esc_emu_shared_filler[ESC_EMU_SHARED_ALIGN]
    __attribute__((section("esc_emu_shared"), aligned(ESC_EMU_SHARED_ALIGN)));
