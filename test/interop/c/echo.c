/* Messages of everything.x through the codec that rpcgen made. A frame is a length in four bytes, most weight first, and
 * so many bytes.
 *
 *   echo read               for each frame of an XDR message on stdin: a frame of its text and a frame of it encoded again
 *   echo write COUNT SEED   so many random messages: for each a frame of its text and a frame of it encoded
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "everything.h"

#define MESSAGE_MAX 65536
#define DUMP_MAX 262144

static char dump[DUMP_MAX];
static size_t dumped;

#define PUT(...) (dumped += (size_t)snprintf(dump + dumped, DUMP_MAX - dumped, __VA_ARGS__))

static void put_bytes(const void *bytes, size_t length) {
  PUT("<");
  for (size_t n = 0; n < length; n++) PUT("%02x", ((const unsigned char *)bytes)[n]);
  PUT("> ");
}

static void put_text(const char *text) { put_bytes(text, strlen(text)); }

static void put_point(const point *one) { PUT("(%d %d) ", one->x, one->y); }

static void put_tree(const tree *one) {
  if (one == NULL) { PUT("- "); return; }
  PUT("[ ");
  put_tree(one->left);
  PUT("%d ", one->value);
  put_tree(one->right);
  PUT("] ");
}

static void put_unions(const everything *one) {
  PUT("%d ", one->r.kind);
  if (one->r.kind == 0) PUT("%lld ", (long long)one->r.by_number_u.wide);
  if (one->r.kind == 1 || one->r.kind == 2) put_text(one->r.by_number_u.words);
  PUT("%d ", one->s.hue);
  if (one->s.hue == RED) put_point(&one->s.by_colour_u.at);
  if (one->s.hue == BLUE) {
    uint64_t bits;
    memcpy(&bits, &one->s.by_colour_u.weight, 8);
    PUT("%016llx ", (unsigned long long)bits);
  }
  PUT("%d ", one->t.flag);
  if (one->t.flag) put_bytes(one->t.by_flag_u.bytes.blob_val, one->t.by_flag_u.bytes.blob_len);
  else PUT("%u ", one->t.by_flag_u.count);
}

static void put_everything(const everything *one) {
  uint32_t e;
  uint64_t f;
  memcpy(&e, &one->e, 4);
  memcpy(&f, &one->f, 8);
  dumped = 0;
  PUT("%d %u %lld %llu %08x %016llx ", one->a, one->b, (long long)one->c, (unsigned long long)one->d, e,
      (unsigned long long)f);
  PUT("%d %d %d %d %d %d ", one->g, one->h, one->i, one->j, one->k, one->l);
  put_bytes(one->m, 5);
  put_bytes(one->n.blob_val, one->n.blob_len);
  put_text(one->o);
  PUT("%d %d %d ", one->p[0], one->p[1], one->p[2]);
  for (u_int n = 0; n < one->q.q_len; n++) put_point(&one->q.q_val[n]);
  put_unions(one);
  if (one->u == NULL) PUT("- ");
  else put_point(one->u);
  for (const node *next = one->v; next != NULL; next = next->next) {
    put_text(next->name);
    PUT("%d ", next->value);
  }
  put_tree(&one->w);
  PUT("%llu", (unsigned long long)one->x);
}

static void write_frame(const char *bytes, uint32_t length) {
  unsigned char head[4] = {length >> 24, length >> 16, length >> 8, length};
  fwrite(head, 1, 4, stdout);
  fwrite(bytes, 1, length, stdout);
}

static void answer(everything *one) {
  static char bytes[MESSAGE_MAX];
  XDR to;
  put_everything(one);
  write_frame(dump, (uint32_t)dumped);
  xdrmem_create(&to, bytes, MESSAGE_MAX, XDR_ENCODE);
  if (!xdr_everything(&to, one)) { fprintf(stderr, "cannot encode\n"); exit(1); }
  write_frame(bytes, xdr_getpos(&to));
}

static uint32_t read_length(void) {
  unsigned char head[4];
  if (fread(head, 1, 4, stdin) != 4) return UINT32_MAX;
  return (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
}

static int read_all(void) {
  static char bytes[MESSAGE_MAX];
  for (;;) {
    uint32_t length = read_length();
    if (length == UINT32_MAX) return 0;
    if (length > MESSAGE_MAX || fread(bytes, 1, length, stdin) != length) return 1;
    everything one;
    XDR from;
    memset(&one, 0, sizeof one);
    xdrmem_create(&from, bytes, length, XDR_DECODE);
    if (!xdr_everything(&from, &one)) { fprintf(stderr, "cannot decode\n"); return 1; }
    if (xdr_getpos(&from) != length) { fprintf(stderr, "bytes are left\n"); return 1; }
    answer(&one);
    xdr_free((xdrproc_t)xdr_everything, (char *)&one);
  }
}

/* xorshift64: the same values everywhere. */
static uint64_t luck;
static uint64_t draw(void) {
  luck ^= luck << 13;
  luck ^= luck >> 7;
  luck ^= luck << 17;
  return luck;
}

static char *some_text(void) {
  size_t length = draw() % (TEXT_MAX + 1);
  char *text = malloc(length + 1);
  for (size_t n = 0; n < length; n++) text[n] = (char)(' ' + draw() % 95);
  text[length] = 0;
  return text;
}

static blob some_blob(void) {
  blob one;
  one.blob_len = (u_int)(draw() % 41);
  one.blob_val = malloc(one.blob_len + 1);
  for (u_int n = 0; n < one.blob_len; n++) one.blob_val[n] = (char)draw();
  return one;
}

static point some_point(void) {
  point one = {(int)draw(), (short)draw()};
  return one;
}

static colour some_colour(void) {
  static const colour all[3] = {RED, GREEN, BLUE};
  return all[draw() % 3];
}

static tree *some_tree(int depth) {
  if (depth == 0 || draw() % 3 == 0) return NULL;
  tree *one = malloc(sizeof *one);
  one->left = some_tree(depth - 1);
  one->value = (int)draw();
  one->right = some_tree(depth - 1);
  return one;
}

static void fill_unions(everything *one) {
  one->r.kind = (int)(draw() % 4);
  if (one->r.kind == 0) one->r.by_number_u.wide = (int64_t)draw();
  if (one->r.kind == 1 || one->r.kind == 2) one->r.by_number_u.words = some_text();
  one->s.hue = some_colour();
  if (one->s.hue == RED) one->s.by_colour_u.at = some_point();
  if (one->s.hue == BLUE) one->s.by_colour_u.weight = (double)(int64_t)draw() / 1000;
  one->t.flag = draw() % 2;
  if (one->t.flag) one->t.by_flag_u.bytes = some_blob();
  else one->t.by_flag_u.count = (u_int)draw();
}

static void fill(everything *one) {
  memset(one, 0, sizeof *one);
  one->a = (int)draw();
  one->b = (u_int)draw();
  one->c = (int64_t)draw();
  one->d = draw();
  one->e = (float)(int32_t)draw() / 7;
  one->f = (double)(int64_t)draw() / 7;
  one->g = draw() % 2;
  one->h = some_colour();
  one->i = (char)draw();
  one->j = (u_char)draw();
  one->k = (short)draw();
  one->l = (u_short)draw();
  for (int n = 0; n < 5; n++) one->m[n] = (char)draw();
  one->n = some_blob();
  one->o = some_text();
  for (int n = 0; n < 3; n++) one->p[n] = (int)draw();
  one->q.q_len = (u_int)(draw() % 5);
  one->q.q_val = calloc(one->q.q_len + 1, sizeof(point));
  for (u_int n = 0; n < one->q.q_len; n++) one->q.q_val[n] = some_point();
  fill_unions(one);
  if (draw() % 2) {
    one->u = malloc(sizeof(point));
    *one->u = some_point();
  }
  for (int n = (int)(draw() % 4); n > 0; n--) {
    node *next = malloc(sizeof *next);
    next->name = some_text();
    next->value = (int)draw();
    next->next = one->v;
    one->v = next;
  }
  one->w.left = some_tree(4);
  one->w.value = (int)draw();
  one->w.right = some_tree(4);
  one->x = draw();
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "read") == 0) return read_all();
  if (count != 4 || strcmp(words[1], "write") != 0) return 2;
  luck = strtoull(words[3], NULL, 10) | 1;
  for (long n = strtol(words[2], NULL, 10); n > 0; n--) {
    everything one;
    fill(&one);
    answer(&one);
    xdr_free((xdrproc_t)xdr_everything, (char *)&one);
  }
  return 0;
}
