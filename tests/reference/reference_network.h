/* Float64 reference of small networks: the mean loss over rows and its gradient, from the textbook's
 * matrices and libm. Nothing here comes from kernels/. */
#ifndef REFERENCE_NETWORK_H
#define REFERENCE_NETWORK_H

enum { REF_TANH, REF_SIGMOID, REF_RELU, REF_LINEAR };

typedef struct ref_network {
  int layers, units[8];
  int hidden, output; /* of the above */
  int logistic;       /* the loss: -t log s(z) - (1-t) log(1-s(z)), z what output units take in */
} ref_network;

int ref_network_parameters(const ref_network *network);

/* The mean over rows (of inputs, then targets) and outputs; the gradient where that is not NULL. */
double ref_network_loss(const ref_network *network, int rows, const double *data, const double *x,
                        double *gradient);

#endif
