/* ECHO_PROG with the stubs that rpcgen made, over libtirpc, on 127.0.0.1.
 *
 *   onc_bench serve tcp|udp          prints its port and serves until it is killed
 *   onc_bench call tcp|udp PORT      says `ready`; for each line {"inFlight":1,"ms":400} of stdin calls for so long, one call
 *                                    after the other, and prints what came of it, as peers/drive.ts does
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include "echo.h"

#define PAYLOAD_BYTES 100
#define TIMES_MAX (1 << 22)

void echo_prog_1(struct svc_req *request, SVCXPRT *transport);

payload *echo_1_svc(payload *argument, struct svc_req *request) {
  (void)request;
  return argument;
}

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void serve(int is_udp) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0) fail("binding");
  if (!is_udp && listen(fd, 16) < 0) fail("listening");
  getsockname(fd, (struct sockaddr *)&address, &length);
  SVCXPRT *transport = is_udp ? svcudp_create(fd) : svctcp_create(fd, 0, 0);
  if (transport == NULL) fail("svc_create");
  if (!svc_register(transport, ECHO_PROG, ECHO_V1, echo_prog_1, 0)) fail("svc_register");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  svc_run();
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void measure(CLIENT *server, double ms) {
  static double times[TIMES_MAX];
  static char bytes[PAYLOAD_BYTES];
  int calls = 0;
  const double cpu_before = cpu(), began = now();
  double last = began;
  while (last - began < ms * 1000 && calls < TIMES_MAX) {
    payload argument = {.payload_len = PAYLOAD_BYTES, .payload_val = bytes};
    payload *result = echo_1(&argument, server);
    if (result == NULL) fail(clnt_sperror(server, "ECHO"));
    if (result->payload_len != PAYLOAD_BYTES) fail("the length of an answer");
    xdr_free((xdrproc_t)xdr_payload, (char *)result);
    const double then = now();
    times[calls++] = then - last;
    last = then;
  }
  const double used = cpu() - cpu_before;
  qsort(times, calls, sizeof *times, by_size);
  printf("{\"calls\":%d,\"seconds\":%f,\"cpu\":%.0f,\"p50\":%.1f,\"p99\":%.1f}\n", calls, (last - began) / 1e6, used,
         times[(calls - 1) / 2], times[(int)((calls - 1) * 0.99)]);
  fflush(stdout);
}

static void call(int is_udp, int port) {
  struct sockaddr_in address = loopback(port);
  const struct timeval resend = {.tv_sec = 5};
  int fd = RPC_ANYSOCK, in_flight, ms;
  char line[128];
  CLIENT *server = is_udp ? clntudp_create(&address, ECHO_PROG, ECHO_V1, resend, &fd)
                          : clnttcp_create(&address, ECHO_PROG, ECHO_V1, &fd, 0, 0);
  if (server == NULL) fail("clnt_create");
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "{\"inFlight\":%d,\"ms\":%d}", &in_flight, &ms) != 2 || in_flight != 1) fail("reading an order");
    measure(server, ms);
  }
}

int main(int count, char **words) {
  const int is_udp = count > 2 && strcmp(words[2], "udp") == 0;
  if (count == 3 && strcmp(words[1], "serve") == 0) serve(is_udp);
  else if (count == 4 && strcmp(words[1], "call") == 0) call(is_udp, atoi(words[3]));
  else return 2;
  return 0;
}
