/* What tests of update rules share: variants of every rule, their keys by name, and random
 * gradients and states that a rule could meet. */
#ifndef TESTS_SUPPORT_RULES_H
#define TESTS_SUPPORT_RULES_H

#include "reference_updates.h"
#include "tests/support.h"

/* The k-th variant of a rule: what is not named is the rule's default. 0 past the last. */
int support_variant(int k, ref_optimizer *o);

/* The same rule in the words of an experiment or a group. Decay is not among its keys. */
void support_name_rule(const ref_optimizer *o, support_keys *keys);

/* A gradient: zero, tiny, huge, or of any size in between. */
double support_gradient(support_rng *rng);

/* A state that could have come of gradients of the size of g. */
void support_state(support_rng *rng, const ref_optimizer *o, double g, double state[4]);

#endif
