// A socket of nng that is told what to do, a line each on standard input, and answers each with a line:
//
//   nng-peer <protocol>      listen <url> | dial <url> | subscribe <prefix> | send <text> | fill <bytes> | receive | wait <ms>
//
// `receive` says `got <text>`, or `got <length> bytes of <letter>` for long ones; a failure is `error <reason>`.
#include <nng/nng.h>
#include <nng/protocol/bus0/bus.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pair1/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/protocol/survey0/respond.h>
#include <nng/protocol/survey0/survey.h>
#include <nng/supplemental/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_socket(const char *protocol, nng_socket *s) {
  if (!strcmp(protocol, "pair0")) return nng_pair0_open(s);
  if (!strcmp(protocol, "pair1")) return nng_pair1_open(s);
  if (!strcmp(protocol, "pub")) return nng_pub0_open(s);
  if (!strcmp(protocol, "sub")) return nng_sub0_open(s);
  if (!strcmp(protocol, "req")) return nng_req0_open(s);
  if (!strcmp(protocol, "rep")) return nng_rep0_open(s);
  if (!strcmp(protocol, "push")) return nng_push0_open(s);
  if (!strcmp(protocol, "pull")) return nng_pull0_open(s);
  if (!strcmp(protocol, "surveyor")) return nng_surveyor0_open(s);
  if (!strcmp(protocol, "respondent")) return nng_respondent0_open(s);
  if (!strcmp(protocol, "bus")) return nng_bus0_open(s);
  return NNG_ENOTSUP;
}

static void answer(int code) {
  if (code == 0) puts("ok");
  else printf("error %s\n", nng_strerror(code));
}

static void receive(nng_socket s) {
  char *bytes;
  size_t length;
  int code = nng_recv(s, &bytes, &length, NNG_FLAG_ALLOC);
  if (code != 0) {
    answer(code);
    return;
  }
  if (length > 200) printf("got %zu bytes of %c\n", length, bytes[length - 1]);
  else printf("got %.*s\n", (int) length, bytes);
  nng_free(bytes, length);
}

static int fill(nng_socket s, size_t length) {
  char *bytes = malloc(length);
  memset(bytes, 'z', length);
  int code = nng_send(s, bytes, length, 0);
  free(bytes);
  return code;
}

int main(int argc, char **argv) {
  nng_socket s;
  char line[4096];
  if (argc < 2 || open_socket(argv[1], &s) != 0) return 2;
  nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 8000);
  nng_socket_set_ms(s, NNG_OPT_SENDTIMEO, 8000);
  nng_socket_set_size(s, NNG_OPT_RECVMAXSZ, 0);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *rest = strchr(line, ' ');
    rest = rest ? rest + 1 : line + strlen(line);
    if (!strncmp(line, "listen ", 7)) answer(nng_listen(s, rest, NULL, 0));
    else if (!strncmp(line, "dial ", 5)) answer(nng_dial(s, rest, NULL, 0));
    else if (!strncmp(line, "subscribe", 9)) answer(nng_socket_set(s, NNG_OPT_SUB_SUBSCRIBE, rest, strlen(rest)));
    else if (!strncmp(line, "send ", 5)) answer(nng_send(s, rest, strlen(rest), 0));
    else if (!strncmp(line, "fill ", 5)) answer(fill(s, strtoul(rest, NULL, 10)));
    else if (!strncmp(line, "receive", 7)) receive(s);
    else if (!strncmp(line, "wait ", 5)) { nng_msleep(atoi(rest)); puts("ok"); }
    else puts("error unknown command");
  }
  nng_close(s);
  return 0;
}
