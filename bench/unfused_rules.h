/* The update rules as one writes them from a library of vectors: a list of passes over whole
 * arrays, one elementary operation each. It is what fused steps are measured against, and, carried
 * out in double, what they are checked against. Written from the papers, not from kernels/. */
#ifndef ESC_UNFUSED_RULES_H
#define ESC_UNFUSED_RULES_H

/* Arrays of a tensor: parameter, gradient, states, room for results on the way. */
enum { ARRAY_W, ARRAY_G, ARRAY_S0, ARRAY_S1, ARRAY_S2, ARRAY_T, ARRAY_Q, ARRAYS };

typedef enum pass_kind {
  PASS_SCALE,    /* x = a x          BLAS scal */
  PASS_AXPY,     /* y = y + a x      BLAS axpy */
  PASS_COPY,     /* y = x            BLAS copy */
  PASS_NORM,     /* the norm of x    BLAS nrm2 */
  PASS_ADD,      /* x = x + a */
  PASS_MULTIPLY, /* z = x y */
  PASS_DIVIDE,   /* z = x / y */
  PASS_ROOT,     /* y = sqrt(x) */
  PASS_LARGER,   /* y = max(x, y) */
  PASS_SIZE,     /* y = |x| */
  PASS_SIGN      /* y = sign(x) */
} pass_kind;

typedef struct pass {
  pass_kind kind;
  double a;
  int x, y, z;
} pass;

enum { PASSES_MAX = 24 };

typedef struct unfused_program {
  pass passes[PASSES_MAX];
  int count;
  int states; /* arrays of state in use */
} unfused_program;

/* The step number t (from 1) of a rule with its default keys; 0 if the rule is not known. */
int unfused_program_make(const char *rule, double lr, int t, unfused_program *program);

/* Puts the two passes of clipping in front: the norm, and a factor on the gradient. */
void unfused_program_clip(unfused_program *program);

/* All rules, NULL after the last. */
extern const char *const unfused_rule_names[];

#endif
