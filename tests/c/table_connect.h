// The steps that connect: a handshake in memory, what follows it, and what the other side sees of a failure.
#ifndef TABLE_CONNECT_H
#define TABLE_CONNECT_H

#include "table_scene.h"

// What a step tells in place of "ok" or an error alone: it has filled the outcome itself.
enum { TOLD = -1 };

// Options of a step are the words name=value after the others.
static inline const char *option(scene *in, const char *name) {
  size_t len = strlen(name);
  for (size_t i = 1; i < in->said.count; i++) {
    const char *word = in->said.words[i].text;
    if (strncmp(word, name, len) == 0 && word[len] == '=') return word + len + 1;
  }
  return NULL;
}

// wrap CLIENT SERVER [host=NAME] [session=NAME]: the two ends, called client and server; no byte moves.
static inline int run_wrap(scene *in) {
  const char *host = option(in, "host"), *session = option(in, "session");
  value *resumed = session ? find(in, session) : NULL;
  tlsock_context *client = handle_at(in, 1, CONTEXT), *server = handle_at(in, 2, CONTEXT);
  if (session && (!resumed || resumed->kind != SESSION)) step_broken(in, "there is no session of this name");
  end_pair(in);
  OK(tlsock_bio_new(&in->pair.up, E));
  OK(tlsock_bio_new(&in->pair.down, E));
  tlsock_status status = tlsock_context_wrap_bio(client, in->pair.down, in->pair.up, 0, host ? host : "localhost",
                                                 resumed ? resumed->handle : NULL, &in->pair.client, &in->error);
  if (status == TLSOCK_OK)
    status = tlsock_context_wrap_bio(server, in->pair.up, in->pair.down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL,
                                     &in->pair.server, &in->error);
  return (int)status;
}

static inline tlsock_status read_one(tlsock_object *from, tlsock_error **error) {
  char byte;
  size_t len = 0;
  return tlsock_object_read(from, &byte, 1, &len, error);
}

// Tells that one side has failed, and then what the other meets.
static inline int tell_failure(scene *in, bool at_client, tlsock_status status, bool other_done) {
  tlsock_object *other = at_client ? in->pair.server : in->pair.client;
  tlsock_error *error = NULL;
  tell_error(&in->outcome, "", status, in->error);
  tell(&in->outcome, "", "at", at_client ? "client" : "server");
  status = other_done ? read_one(other, &error) : tlsock_object_do_handshake(other, &error);
  if (status == TLSOCK_OK) {
    tell(&in->outcome, "then.", "ok", "");
  } else {
    tell_error(&in->outcome, "then.", status, error);
  }
  tlsock_error_free(error);
  return TOLD;
}

// A byte to the client, which reads its tickets before it, and one back.
static inline int talk(scene *in) {
  tlsock_object *sides[] = {in->pair.server, in->pair.client};
  for (int from = 0; from < 2; from++) {
    tlsock_status status = tlsock_object_write(sides[from], "!", 1, NULL, &in->error);
    if (status != TLSOCK_OK) return tell_failure(in, from == 1, status, true);
    status = read_one(sides[1 - from], &in->error);
    if (status != TLSOCK_OK) return tell_failure(in, from == 0, status, true);
  }
  return TLSOCK_OK;
}

// handshake: of both sides in turn, the client first, then a byte each way.
static inline int run_handshake(scene *in) {
  tlsock_object *sides[] = {in->pair.client, in->pair.server};
  bool done[] = {false, false};
  for (int turn = 0; turn < 40 && !(done[0] && done[1]); turn++) {
    int side = turn % 2;
    if (done[side]) continue;
    tlsock_status status = tlsock_object_do_handshake(sides[side], &in->error);
    done[side] = status == TLSOCK_OK;
    bool goes_on = status == TLSOCK_OK || status == TLSOCK_WANT_READ || status == TLSOCK_WANT_CALLBACK;
    if (!goes_on) return tell_failure(in, side == 0, status, done[1 - side]);
  }
  CHECK(done[0] && done[1]);
  int result = talk(in);
  if (result != TLSOCK_OK) return result;
  bool resumed = tlsock_object_session_reused(in->pair.client);
  EQUAL(resumed, tlsock_object_session_reused(in->pair.server));
  tell(&in->outcome, "", "ok", resumed ? "resumed" : "full");
  return TOLD;
}

// interrupt SIDE BYTES: once a client has asked, these come and nothing from the peer, then the end of the stream.
static inline int run_interrupt(scene *in) {
  tlsock_object *side = object_at(in, 1);
  bool at_client = side == in->pair.client;
  tlsock_bio *incoming = at_client ? in->pair.down : in->pair.up;
  bytes sent = bytes_at(in, 2);
  if (at_client) EQUAL(tlsock_object_do_handshake(side, NULL), TLSOCK_WANT_READ);
  OK(tlsock_bio_write(incoming, sent.data, sent.len, E));
  OK(tlsock_bio_write_eof(incoming, E));
  return (int)tlsock_object_do_handshake(side, &in->error);
}

// connect: wrap and handshake.
static inline int run_connect(scene *in) {
  int status = run_wrap(in);
  return status == TLSOCK_OK ? run_handshake(in) : status;
}

// say FROM: one byte to the other side.
static inline int run_say(scene *in) {
  tlsock_object *from = object_at(in, 1), *to = from == in->pair.client ? in->pair.server : in->pair.client;
  tlsock_status status = tlsock_object_write(from, "!", 1, NULL, &in->error);
  return (int)(status == TLSOCK_OK ? read_one(to, &in->error) : status);
}

// read SIDE: one byte.
static inline int run_read(scene *in) { return (int)read_one(object_at(in, 1), &in->error); }

#endif
