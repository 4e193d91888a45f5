// What both C programs have: the clock, and percentiles of round trips.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void ready(void) {
  puts("ready");
  fflush(stdout);
}

static void print_seconds(double began) {
  printf("{\"seconds\":%f}\n", (now_us() - began) / 1e6);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void print_round_trips(double *times, long count) {
  qsort(times, (size_t)count, sizeof *times, by_value);
  printf("{\"p50\":%f,\"p99\":%f}\n", times[count / 2], times[count * 99 / 100]);
}

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}
