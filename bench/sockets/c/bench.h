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

/* Takes all and says how fast the later three quarters came. */
static void receive_all(void (*receive_one)(void *), void *socket, long count) {
  long warm = count / 4;
  for (long n = 0; n < warm; n++) receive_one(socket);
  double began = now_us();
  for (long n = warm; n < count; n++) receive_one(socket);
  printf("{\"rate\":%f}\n", (double)(count - warm) * 1e6 / (now_us() - began));
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void print_round_trips(double *times, long count) {
  times += count / 4;
  count -= count / 4;
  qsort(times, (size_t)count, sizeof *times, by_value);
  printf("{\"p50\":%f,\"p99\":%f}\n", times[count / 2], times[count * 99 / 100]);
}

/* Asks, and says how long the later three quarters took. */
static void ask_all(void (*send_one)(void *), void (*receive_one)(void *), void *socket, long count) {
  double *times = malloc(sizeof *times * (size_t)count);
  for (long n = 0; n < count; n++) {
    double began = now_us();
    send_one(socket);
    receive_one(socket);
    times[n] = now_us() - began;
  }
  print_round_trips(times, count);
}

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}
