// A peer of libzmq that does what it is told: zmq_peer TYPE bind|connect ENDPOINT STEPS [key=value ...]
//
// STEPS are separated by commas: send:a|b  recv:a|b (exactly these frames)  echo:N  sub:prefix  spam:a|b (for 2 s).
// A frame `L100000` stands for that many x. Keys: plain_server, plain_user, plain_password, curve_server, curve_secret,
// curve_public, curve_serverkey, id. Says `up` when it is bound or connected; exit code 0 when all steps were right.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define FRAMES_MAX 16

struct frame { char *bytes; size_t size; };

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "%s: %s (%s)\n", what, detail, zmq_strerror(zmq_errno()));
  exit(1);
}

static int type_of(const char *name) {
  const char *names[] = {"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"};
  for (int at = 0; at < 12; at++) if (strcmp(name, names[at]) == 0) return at;
  fail("type", name);
  return -1;
}

static int parse(char *text, struct frame *frames) {
  int count = 0;
  for (char *at = text; at != NULL && count < FRAMES_MAX;) {
    char *bar = strchr(at, '|');
    if (bar != NULL) *bar = 0;
    if (at[0] == 'L' && at[1] >= '0' && at[1] <= '9') {
      frames[count].size = (size_t)atol(at + 1);
      frames[count].bytes = malloc(frames[count].size);
      memset(frames[count].bytes, 'x', frames[count].size);
    } else {
      frames[count].bytes = at;
      frames[count].size = strlen(at);
    }
    count++;
    at = bar == NULL ? NULL : bar + 1;
  }
  return count;
}

static void send_frames(void *socket, struct frame *frames, int count) {
  for (int at = 0; at < count; at++)
    if (zmq_send(socket, frames[at].bytes, frames[at].size, at + 1 < count ? ZMQ_SNDMORE : 0) < 0) fail("send", "");
}

static int receive(void *socket, zmq_msg_t *parts) {
  int count = 0, more = 1;
  while (more) {
    if (count == FRAMES_MAX) fail("recv", "too many frames");
    zmq_msg_init(&parts[count]);
    if (zmq_msg_recv(&parts[count], socket, 0) < 0) fail("recv", "");
    more = zmq_msg_more(&parts[count++]);
  }
  return count;
}

static void expect(void *socket, struct frame *frames, int wanted) {
  zmq_msg_t parts[FRAMES_MAX];
  int count = receive(socket, parts);
  if (count != wanted) fail("recv", "another number of frames");
  for (int at = 0; at < count; at++)
    if (zmq_msg_size(&parts[at]) != frames[at].size || memcmp(zmq_msg_data(&parts[at]), frames[at].bytes, frames[at].size) != 0)
      fail("recv", frames[at].size < 100 ? frames[at].bytes : "a long frame");
}

static void echo(void *socket, int times) {
  zmq_msg_t parts[FRAMES_MAX];
  while (times-- > 0) {
    int count = receive(socket, parts);
    for (int at = 0; at < count; at++)
      if (zmq_msg_send(&parts[at], socket, at + 1 < count ? ZMQ_SNDMORE : 0) < 0) fail("echo", "");
  }
}

static void set(void *socket, char *pair) {
  char *value = strchr(pair, '=');
  *value++ = 0;
  int one = 1, option = 0;
  if (strcmp(pair, "plain_server") == 0) { zmq_setsockopt(socket, ZMQ_PLAIN_SERVER, &one, sizeof one); return; }
  if (strcmp(pair, "curve_server") == 0) { zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, sizeof one); return; }
  if (strcmp(pair, "plain_user") == 0) option = ZMQ_PLAIN_USERNAME;
  if (strcmp(pair, "plain_password") == 0) option = ZMQ_PLAIN_PASSWORD;
  if (strcmp(pair, "curve_secret") == 0) option = ZMQ_CURVE_SECRETKEY;
  if (strcmp(pair, "curve_public") == 0) option = ZMQ_CURVE_PUBLICKEY;
  if (strcmp(pair, "curve_serverkey") == 0) option = ZMQ_CURVE_SERVERKEY;
  if (strcmp(pair, "id") == 0) option = ZMQ_ROUTING_ID;
  if (option == 0 || zmq_setsockopt(socket, option, value, strlen(value)) < 0) fail("option", pair);
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  void *context = zmq_ctx_new();
  void *socket = zmq_socket(context, type_of(argv[1]));
  int wait = 15000, linger = 3000;
  zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
  zmq_setsockopt(socket, ZMQ_SNDTIMEO, &wait, sizeof wait);
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  for (int at = 5; at < argc; at++) set(socket, argv[at]);
  int failed = strcmp(argv[2], "bind") == 0 ? zmq_bind(socket, argv[3]) : zmq_connect(socket, argv[3]);
  if (failed < 0) fail(argv[2], argv[3]);
  printf("up\n");
  fflush(stdout);
  for (char *step = strtok(argv[4], ","); step != NULL; step = strtok(NULL, ",")) {
    char *rest = strchr(step, ':') + 1;
    struct frame frames[FRAMES_MAX];
    if (strncmp(step, "sub:", 4) == 0) zmq_setsockopt(socket, ZMQ_SUBSCRIBE, rest, strlen(rest));
    else if (strncmp(step, "echo:", 5) == 0) echo(socket, atoi(rest));
    else if (strncmp(step, "send:", 5) == 0) send_frames(socket, frames, parse(rest, frames));
    else if (strncmp(step, "recv:", 5) == 0) expect(socket, frames, parse(rest, frames));
    else if (strncmp(step, "spam:", 5) == 0) {
      int count = parse(rest, frames);
      for (int times = 0; times < 100; times++) { send_frames(socket, frames, count); usleep(20000); }
    } else fail("step", step);
  }
  zmq_close(socket);
  zmq_ctx_term(context);
  return 0;
}
