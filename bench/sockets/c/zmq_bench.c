// One end of a measurement with libzmq: zmq_bench ROLE ADDRESS SIZE COUNT, as bench/sockets/peer.ts; inproc has two threads.
#include <pthread.h>
#include <zmq.h>
#include "bench.h"

static void *context;
static const char *address;
static size_t size;
static long count;

static void check(int result, const char *what) {
  if (result < 0) fail(what);
}

static void *open_socket(int type, int binds) {
  void *socket = zmq_socket(context, type);
  const char *public_key = getenv("CURVE_PUBLIC"), *secret_key = getenv("CURVE_SECRET");
  if (binds && secret_key != NULL) {
    int on = 1;
    check(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on), "curve server");
    check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40), "curve secret key");
  } else if (!binds && public_key != NULL) {
    char ours[41], secret[41];
    check(zmq_curve_keypair(ours, secret), "curve key pair");
    check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 40), "curve server key");
    check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, ours, 40), "curve public key");
    check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, 40), "curve secret key");
  }
  check(binds ? zmq_bind(socket, address) : zmq_connect(socket, address), address);
  return socket;
}

static void send_one(void *socket) {
  zmq_msg_t message;
  check(zmq_msg_init_size(&message, size), "init");
  memset(zmq_msg_data(&message), 0, size);
  check(zmq_msg_send(&message, socket, 0), "send");
}

static void receive_one(void *socket) {
  zmq_msg_t message;
  zmq_msg_init(&message);
  check(zmq_msg_recv(&message, socket, 0), "recv");
  if (zmq_msg_size(&message) != size) fail("size");
  zmq_msg_close(&message);
}

static void *push_all(void *unused) {
  (void)unused;
  void *push = open_socket(ZMQ_PUSH, 0);
  for (long n = 0; n < count; n++) send_one(push);
  zmq_close(push);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 5) fail("arguments");
  const char *role = argv[1];
  address = argv[2];
  size = (size_t)atol(argv[3]);
  count = atol(argv[4]);
  context = zmq_ctx_new();
  void *socket = NULL;
  if (strcmp(role, "pull") == 0) {
    socket = open_socket(ZMQ_PULL, 1);
    ready();
    receive_all(receive_one, socket, count);
  } else if (strcmp(role, "push") == 0) {
    push_all(NULL);
  } else if (strcmp(role, "rep") == 0) {
    socket = open_socket(ZMQ_REP, 1);
    ready();
    for (long n = 0; n < count; n++) {
      receive_one(socket);
      send_one(socket);
    }
  } else if (strcmp(role, "req") == 0) {
    socket = open_socket(ZMQ_REQ, 0);
    ask_all(send_one, receive_one, socket, count);
  } else if (strcmp(role, "inproc") == 0) {
    socket = open_socket(ZMQ_PULL, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, push_all, NULL);
    receive_all(receive_one, socket, count);
    pthread_join(thread, NULL);
  }
  if (socket != NULL) zmq_close(socket);
  zmq_ctx_term(context);
  return 0;
}
