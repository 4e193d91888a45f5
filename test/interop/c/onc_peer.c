/* Both ends of EVERYTHING_PROG with the stubs that rpcgen made, over libtirpc, on 127.0.0.1.
 *
 *   onc_peer serve tcp|udp BUFFER         prints its port and serves ECHO until stdin ends; BUFFER cuts its messages
 *   onc_peer call tcp|udp PORT BUFFER     for each frame of an encoded value on stdin: calls ECHO, writes a frame of the
 *                                         encoded result. A frame is a length in four bytes, most weight first, and its bytes
 *   onc_peer batch PORT                   for each frame of an encoded value on stdin: calls ECHO without waiting for an answer;
 *                                         then calls procedure 0 and waits; prints the status in words
 *   onc_peer fail PORT PROGRAM VERSION PROCEDURE   calls without argument, as uid 7 of desk; prints the status in words
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "everything.h"

#define MESSAGE_MAX (1 << 20)

void everything_prog_1(struct svc_req *request, SVCXPRT *transport);

everything *echo_1_svc(everything *argument, struct svc_req *request) {
  (void)request;
  return argument;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static void serve(int is_udp, unsigned buffer) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0) fail("binding");
  if (!is_udp && listen(fd, 16) < 0) fail("listening");
  getsockname(fd, (struct sockaddr *)&address, &length);
  SVCXPRT *transport = is_udp ? svcudp_create(fd) : svctcp_create(fd, buffer, buffer);
  if (transport == NULL) fail("svc_create");
  if (!svc_register(transport, EVERYTHING_PROG, EVERYTHING_V1, everything_prog_1, 0)) fail("svc_register");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd all[64];
    int count = 0;
    all[count++] = (struct pollfd){.fd = 0, .events = POLLIN};
    for (int n = 0; n < svc_max_pollfd && count < 64; n++)
      if (svc_pollfd[n].fd >= 0) all[count++] = svc_pollfd[n];
    if (poll(all, (nfds_t)count, -1) < 0) fail("poll");
    if (all[0].revents != 0) exit(0);
    svc_getreq_poll(all + 1, count - 1);
  }
}

static CLIENT *client(int is_udp, int port, unsigned long program, unsigned long version, unsigned buffer) {
  struct sockaddr_in address = loopback(port);
  const struct timeval resend = {.tv_sec = 1};
  int fd = RPC_ANYSOCK;
  CLIENT *made = is_udp ? clntudp_create(&address, program, version, resend, &fd)
                        : clnttcp_create(&address, program, version, &fd, buffer, buffer);
  if (made == NULL) fail("clnt_create");
  return made;
}

static int read_frame(char *bytes) {
  unsigned char head[4];
  if (fread(head, 1, 4, stdin) != 4) return -1;
  uint32_t length = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
  if (length > MESSAGE_MAX || fread(bytes, 1, length, stdin) != length) fail("reading a frame");
  return (int)length;
}

static void write_frame(const char *bytes, uint32_t length) {
  const unsigned char head[4] = {length >> 24, length >> 16, length >> 8, length};
  fwrite(head, 1, 4, stdout);
  fwrite(bytes, 1, length, stdout);
}

static void call(int is_udp, int port, unsigned buffer) {
  static char bytes[MESSAGE_MAX];
  CLIENT *server = client(is_udp, port, EVERYTHING_PROG, EVERYTHING_V1, buffer);
  for (int length = read_frame(bytes); length >= 0; length = read_frame(bytes)) {
    everything argument;
    XDR xdrs;
    memset(&argument, 0, sizeof argument);
    xdrmem_create(&xdrs, bytes, (unsigned)length, XDR_DECODE);
    if (!xdr_everything(&xdrs, &argument)) fail("decoding");
    everything *result = echo_1(&argument, server);
    if (result == NULL) fail(clnt_sperror(server, "ECHO"));
    xdrmem_create(&xdrs, bytes, MESSAGE_MAX, XDR_ENCODE);
    if (!xdr_everything(&xdrs, result)) fail("encoding");
    write_frame(bytes, xdr_getpos(&xdrs));
  }
  clnt_destroy(server);
}

static void batch(int port) {
  static char bytes[MESSAGE_MAX];
  CLIENT *server = client(0, port, EVERYTHING_PROG, EVERYTHING_V1, 0);
  const struct timeval at_once = {0}, wait = {.tv_sec = 20};
  for (int length = read_frame(bytes); length >= 0; length = read_frame(bytes)) {
    everything argument;
    XDR xdrs;
    memset(&argument, 0, sizeof argument);
    xdrmem_create(&xdrs, bytes, (unsigned)length, XDR_DECODE);
    if (!xdr_everything(&xdrs, &argument)) fail("decoding");
    clnt_call(server, ECHO, (xdrproc_t)xdr_everything, (char *)&argument, NULL, NULL, at_once);
  }
  printf("%s", clnt_sperrno(clnt_call(server, NULLPROC, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait)));
}

static void fail_on_purpose(int port, unsigned long program, unsigned long version, unsigned long procedure) {
  CLIENT *server = client(0, port, program, version, 0);
  gid_t groups[1] = {9};
  struct timeval wait = {.tv_sec = 20};
  server->cl_auth = authunix_create("desk", 7, 8, 1, groups);
  enum clnt_stat status =
      clnt_call(server, procedure, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait);
  struct rpc_err error;
  clnt_geterr(server, &error);
  printf("%s", clnt_sperrno(status));
  if (status == RPC_PROGVERSMISMATCH) printf(" %lu-%lu", (unsigned long)error.re_vers.low, (unsigned long)error.re_vers.high);
}

int main(int count, char **words) {
  const int is_udp = count > 2 && strcmp(words[2], "udp") == 0;
  if (count == 4 && strcmp(words[1], "serve") == 0) serve(is_udp, (unsigned)atoi(words[3]));
  else if (count == 5 && strcmp(words[1], "call") == 0) call(is_udp, atoi(words[3]), (unsigned)atoi(words[4]));
  else if (count == 3 && strcmp(words[1], "batch") == 0) batch(atoi(words[2]));
  else if (count == 6 && strcmp(words[1], "fail") == 0)
    fail_on_purpose(atoi(words[2]), strtoul(words[3], NULL, 0), strtoul(words[4], NULL, 0), strtoul(words[5], NULL, 0));
  else return 2;
  return 0;
}
