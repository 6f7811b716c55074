// What the steps of one case have made, and how the words of a step become arguments.
#ifndef TABLE_SCENE_H
#define TABLE_SCENE_H

#include "table_outcome.h"

typedef enum kind { CONTEXT, IDENTITY, SESSION, BYTES } kind;

typedef struct value {
  char name[32];
  kind kind;
  void *handle;  // for BYTES memory of len bytes
  size_t len;
} value;

typedef struct scene {
  int version;
  value values[40];
  size_t count;
  memory pair;
  sentence said;
  outcome outcome;
  tlsock_error *error;
  outcome hello;           // what a callback saw of a ClientHello
  int questions, hellos;   // how often it was asked, and how many it has answered
  void *lent[MOST_WORDS];  // memory of this step's arguments
  size_t lent_count;
} scene;

static inline void free_value(value *one) {
  if (one->kind == CONTEXT) tlsock_context_free(one->handle);
  if (one->kind == IDENTITY) tlsock_identity_free(one->handle);
  if (one->kind == SESSION) tlsock_session_free(one->handle);
  if (one->kind == BYTES) free(one->handle);
}

static inline value *find(scene *in, const char *name) {
  for (size_t i = 0; i < in->count; i++)
    if (strcmp(in->values[i].name, name) == 0) return &in->values[i];
  return NULL;
}

// Keeps what a step made under the name that the step gives; without one it is freed.
static inline void keep(scene *in, kind kind, void *handle, size_t len) {
  value made = {"", kind, handle, len}, *old = in->said.stored ? find(in, in->said.stored) : NULL;
  if (!in->said.stored) return free_value(&made);
  snprintf(made.name, sizeof made.name, "%s", in->said.stored);
  if (old) {
    free_value(old);
    *old = made;
  } else {
    CHECK(in->count < sizeof in->values / sizeof *in->values);
    in->values[in->count++] = made;
  }
}

static inline _Noreturn void step_broken(const scene *in, const char *what) {
  fprintf(stderr, "the table is wrong in \"%s\": %s: %s\n", test_name, in->said.words[0].text, what);
  exit(2);
}

// ---- the words of a step: 0 is its name ----

static inline const char *word_at(scene *in, size_t at) {
  if (at >= in->said.count) step_broken(in, "an argument is missing");
  return in->said.words[at].text;
}

// Whether it is there and says something; - says nothing.
static inline bool given(scene *in, size_t at) {
  return at < in->said.count && (in->said.words[at].quoted || strcmp(in->said.words[at].text, "-") != 0);
}

static inline void *handle_at(scene *in, size_t at, kind kind) {
  if (!given(in, at)) return NULL;
  value *found = find(in, word_at(in, at));
  if (!found || found->kind != kind) step_broken(in, "there is nothing of this kind and name");
  return found->handle;
}

static inline tlsock_object *object_at(scene *in, size_t at) {
  const char *side = word_at(in, at);
  if (!given(in, at)) return NULL;
  if (strcmp(side, "client") != 0 && strcmp(side, "server") != 0) step_broken(in, "this is neither client nor server");
  return *side == 'c' ? in->pair.client : in->pair.server;
}

// The numbers that the table calls by name.
static inline long long named_number(scene *in, const char *name, size_t len) {
  static const struct {
    const char *name;
    long long number;
  } names[] = {
#define NAMED(name) {#name, (long long)TLSOCK_##name}
      NAMED(CERT_NONE),
      NAMED(CERT_OPTIONAL),
      NAMED(CERT_REQUIRED),
      NAMED(OCSP_IGNORE),
      NAMED(OCSP_REQUEST),
      NAMED(OCSP_REQUIRE),
      NAMED(OP_NO_RENEGOTIATION),
      NAMED(OP_NO_TICKET),
      NAMED(PROTOCOL_TLS),
      NAMED(PROTOCOL_TLS_CLIENT),
      NAMED(PROTOCOL_TLS_SERVER),
      NAMED(TICKET_KEYS_HAPROXY),
      NAMED(TICKET_KEYS_NGINX),
      NAMED(VERIFY_CRL_CHECK_CHAIN),
      NAMED(VERIFY_CRL_CHECK_LEAF),
      NAMED(VERIFY_X509_PARTIAL_CHAIN),
      NAMED(VERIFY_X509_STRICT),
      NAMED(VERIFY_X509_TRUSTED_FIRST),
#undef NAMED
  };
  char *end = NULL;
  long long number = strtoll(name, &end, 0);
  if (end == name + len) return number;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i].name) == len && strncmp(names[i].name, name, len) == 0) return names[i].number;
  step_broken(in, "this is no number and no name of one");
}

// A number, a name of one, or several with | between them.
static inline long long number_at(scene *in, size_t at) {
  const char *text = word_at(in, at);
  long long sum = 0;
  while (true) {
    size_t len = strcspn(text, "|");
    sum |= named_number(in, text, len);
    if (!text[len]) return sum;
    text += len + 1;
  }
}

static inline bool flag_at(scene *in, size_t at) { return strcmp(word_at(in, at), "true") == 0; }

static inline void *lend(scene *in, void *memory) {
  CHECK(in->lent_count < MOST_WORDS);
  return in->lent[in->lent_count++] = memory;
}

// ---- bytes: parts with + between them, each with an optional [from:to] behind it ----

typedef struct bytes {
  unsigned char *data;
  size_t len;
} bytes;

static inline bytes pattern_bytes(size_t len, unsigned seed, unsigned step) {
  bytes made = {malloc(len + 1), len};
  CHECK(made.data != NULL);
  for (size_t i = 0; i < len; i++) made.data[i] = (unsigned char)(seed + i * step);
  return made;
}

// key:LENGTH:SEED, zeros:LENGTH, x00ff, @FILE, $NAME of bytes, or text:WORDS.
static inline bytes part_of(scene *in, const char *name) {
  bytes made = {NULL, 0};
  unsigned len = 0, seed = 0, byte = 0;
  if (*name == '@') {
    made.data = (unsigned char *)read_file(cert(name + 1), &made.len);
  } else if (sscanf(name, "key:%u:%u", &len, &seed) == 2) {
    made = pattern_bytes(len, seed, 7);
  } else if (sscanf(name, "zeros:%u", &len) == 1) {
    made = pattern_bytes(len, 0, 0);
  } else if (*name == 'x') {
    made = pattern_bytes(strlen(name + 1) / 2, 0, 0);
    for (size_t i = 0; i < made.len && sscanf(name + 1 + 2 * i, "%2x", &byte) == 1; i++)
      made.data[i] = (unsigned char)byte;
  } else if (*name == '$') {
    value *found = find(in, name + 1);
    if (!found || found->kind != BYTES) step_broken(in, "there are no bytes of this name");
    made = pattern_bytes(found->len, 0, 0);
    memcpy(made.data, found->handle, found->len);
  } else if (begins(name, "text:")) {
    made = pattern_bytes(strlen(name + 5), 0, 0);
    memcpy(made.data, name + 5, made.len);
  } else {
    step_broken(in, "these are no bytes");
  }
  return made;
}

static inline bytes cut(bytes whole, const char *range) {
  unsigned from = 0, to = (unsigned)whole.len;
  if (sscanf(range, "%u:%u", &from, &to) == 0) sscanf(range, ":%u", &to);
  if (to > whole.len) to = (unsigned)whole.len;
  if (from > to) from = to;
  memmove(whole.data, whole.data + from, to - from);
  return (bytes){whole.data, to - from};
}

// No bytes at all for -, which is NULL.
static inline bytes bytes_at(scene *in, size_t at) {
  char parts[LONGEST_LINE], *next = parts;
  bytes all = {malloc(1), 0};
  if (!given(in, at)) {
    free(all.data);
    return (bytes){NULL, 0};
  }
  snprintf(parts, sizeof parts, "%s", word_at(in, at));
  while (*next) {
    char *part = next, *plus = strchr(next, '+');
    next = plus ? plus + 1 : part + strlen(part);
    if (plus) *plus = '\0';
    char *range = strchr(part, '[');
    if (range) *range++ = '\0';
    bytes one = part_of(in, part);
    if (range) one = cut(one, range);
    all.data = realloc(all.data, all.len + one.len + 1);
    CHECK(all.data != NULL);
    memcpy(all.data + all.len, one.data, one.len);
    all.len += one.len;
    free(one.data);
  }
  all.data[all.len] = '\0';
  lend(in, all.data);
  return all;
}

// Text is what it says, or what is in the file after an @. NULL for -.
static inline const char *text_at(scene *in, size_t at) {
  if (!given(in, at)) return NULL;
  return *word_at(in, at) == '@' ? (const char *)bytes_at(in, at).data : word_at(in, at);
}

// A path in the folder of the certificates; an absolute one stays. NULL for -.
static inline const char *path_at(scene *in, size_t at) {
  if (!given(in, at)) return NULL;
  const char *name = word_at(in, at);
  return *name == '/' || !*name ? name : lend(in, strdup(cert(name)));
}

static inline void end_step(scene *in) {
  tlsock_error_free(in->error);
  in->error = NULL;
  while (in->lent_count > 0) free(in->lent[--in->lent_count]);
}

static inline void end_pair(scene *in) {
  memory_free(&in->pair);
  in->pair = (memory){NULL, NULL, NULL, NULL};
}

static inline void end_scene(scene *in) {
  end_step(in);
  end_pair(in);
  while (in->count > 0) free_value(&in->values[--in->count]);
  clear_outcome(&in->outcome);
  clear_outcome(&in->hello);
}

#endif
