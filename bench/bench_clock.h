/* What every benchmark does with its times: rounds in turn with the others, a median, a spread. */
#ifndef ESC_BENCH_CLOCK_H
#define ESC_BENCH_CLOCK_H

#define BENCH_ROUNDS 7
#define BENCH_NOISY  0.05 /* a spread above this share of the median is said to be noisy */

typedef struct bench_rounds {
  double round[BENCH_ROUNDS];
  double median, spread; /* spread: (largest - smallest)/median, the two outermost left out */
  double least;
} bench_rounds;

/* Seconds, from any beginning. */
double bench_now(void);

/* Median, spread and least of the rounds, which stay in their order. */
void bench_summarise(bench_rounds *rounds);

#endif
