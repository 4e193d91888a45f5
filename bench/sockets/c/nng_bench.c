// One end of a measurement with nng: nng_bench ROLE ADDRESS SIZE COUNT, as bench/sockets/peer.ts.
#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#include "bench.h"

#define BUFFERS 1000
#define FAREWELL_MS 1000

static nng_socket sock;
static size_t size;
static long count;

static void check(int result, const char *what) {
  if (result != 0) {
    fprintf(stderr, "%s: %s\n", what, nng_strerror(result));
    exit(1);
  }
}

static void send_one(void *unused) {
  (void)unused;
  nng_msg *message;
  check(nng_msg_alloc(&message, size), "alloc");
  memset(nng_msg_body(message), 0, size);
  check(nng_sendmsg(sock, message, 0), "send");
}

static void receive_one(void *unused) {
  (void)unused;
  nng_msg *message;
  check(nng_recvmsg(sock, &message, 0), "recv");
  if (nng_msg_len(message) != size) fail("size");
  nng_msg_free(message);
}

int main(int argc, char **argv) {
  if (argc < 5) fail("arguments");
  const char *role = argv[1], *address = argv[2];
  size = (size_t)atol(argv[3]);
  count = atol(argv[4]);
  if (strcmp(role, "pull") == 0) {
    check(nng_pull0_open(&sock), "open");
    check(nng_socket_set_int(sock, NNG_OPT_RECVBUF, BUFFERS), "buffer");
    check(nng_listen(sock, address, NULL, 0), address);
    ready();
    receive_all(receive_one, NULL, count);
  } else if (strcmp(role, "push") == 0) {
    check(nng_push0_open(&sock), "open");
    check(nng_socket_set_int(sock, NNG_OPT_SENDBUF, BUFFERS), "buffer");
    check(nng_dial(sock, address, NULL, 0), address);
    for (long n = 0; n < count; n++) send_one(NULL);
    nng_msleep(FAREWELL_MS); // closing loses what is in its buffer
  } else if (strcmp(role, "rep") == 0) {
    check(nng_rep0_open(&sock), "open");
    check(nng_listen(sock, address, NULL, 0), address);
    ready();
    for (long n = 0; n < count; n++) {
      receive_one(NULL);
      send_one(NULL);
    }
    nng_msleep(FAREWELL_MS);
  } else if (strcmp(role, "req") == 0) {
    check(nng_req0_open(&sock), "open");
    check(nng_dial(sock, address, NULL, 0), address);
    ask_all(send_one, receive_one, NULL, count);
  }
  nng_close(sock);
  return 0;
}
