// As nng-peer.c, with a socket of nanomsg.
#include <nanomsg/bus.h>
#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/pubsub.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/survey.h>
#include <nanomsg/ws.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int protocol_of(const char *name) {
  if (!strcmp(name, "pair0")) return NN_PAIR;
  if (!strcmp(name, "pub")) return NN_PUB;
  if (!strcmp(name, "sub")) return NN_SUB;
  if (!strcmp(name, "req")) return NN_REQ;
  if (!strcmp(name, "rep")) return NN_REP;
  if (!strcmp(name, "push")) return NN_PUSH;
  if (!strcmp(name, "pull")) return NN_PULL;
  if (!strcmp(name, "surveyor")) return NN_SURVEYOR;
  if (!strcmp(name, "respondent")) return NN_RESPONDENT;
  if (!strcmp(name, "bus")) return NN_BUS;
  return -1;
}

static void answer(int result) {
  if (result >= 0) puts("ok");
  else printf("error %s\n", nn_strerror(nn_errno()));
}

static void receive(int s) {
  char *bytes;
  int length = nn_recv(s, &bytes, NN_MSG, 0);
  if (length < 0) {
    answer(length);
    return;
  }
  if (length > 200) printf("got %d bytes of %c\n", length, bytes[length - 1]);
  else printf("got %.*s\n", length, bytes);
  nn_freemsg(bytes);
}

static int fill(int s, size_t length) {
  char *bytes = nn_allocmsg(length, 0);
  memset(bytes, 'z', length);
  return nn_send(s, &bytes, NN_MSG, 0);
}

int main(int argc, char **argv) {
  char line[4096];
  int timeout = 8000, limit = -1, binary = NN_WS_MSG_TYPE_BINARY;
  int s = argc < 2 ? -1 : nn_socket(AF_SP, protocol_of(argv[1]));
  if (s < 0) return 2;
  nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout);
  nn_setsockopt(s, NN_SOL_SOCKET, NN_SNDTIMEO, &timeout, sizeof timeout);
  nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &limit, sizeof limit);
  nn_setsockopt(s, NN_WS, NN_WS_MSG_TYPE, &binary, sizeof binary);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *rest = strchr(line, ' ');
    rest = rest ? rest + 1 : line + strlen(line);
    if (!strncmp(line, "listen ", 7)) answer(nn_bind(s, rest));
    else if (!strncmp(line, "dial ", 5)) answer(nn_connect(s, rest));
    else if (!strncmp(line, "subscribe", 9)) answer(nn_setsockopt(s, NN_SUB, NN_SUB_SUBSCRIBE, rest, strlen(rest)));
    else if (!strncmp(line, "send ", 5)) answer(nn_send(s, rest, strlen(rest), 0));
    else if (!strncmp(line, "fill ", 5)) answer(fill(s, strtoul(rest, NULL, 10)));
    else if (!strncmp(line, "receive", 7)) receive(s);
    else if (!strncmp(line, "wait ", 5)) { usleep(atoi(rest) * 1000); puts("ok"); }
    else puts("error unknown command");
  }
  nn_close(s);
  return 0;
}
