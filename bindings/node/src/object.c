// SSLObject: a connection over MemoryBIOs.

#include <stdlib.h>
#include <string.h>

#include "addon.h"

typedef tlsock_status (*operation)(tlsock_object *object, tlsock_error **error);

static napi_value perform(napi_env env, napi_callback_info info, operation run) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, run(to_object(&c, 0), &error), &error);
}

static napi_value do_handshake(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_do_handshake);
}

static napi_value no_memory(const call *c) {
  tlsock_error *none = NULL;
  return done(c, TLSOCK_NO_MEMORY, &none);
}

// Reads into the scratch: a callback may run JavaScript meanwhile.
static bool read_into(const call *c, scratch *scratch, size_t most, size_t *len) {
  size_t size = most < sizeof scratch->plaintext ? most : sizeof scratch->plaintext;
  tlsock_error *error = NULL;
  return check(c, tlsock_object_read(to_object(c, 0), scratch->plaintext, size, len, &error), &error);
}

// read(object, most): a Buffer of its own.
static napi_value object_read(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  scratch *scratch = scratch_take(c.addon);
  if (!scratch) return no_memory(&c);
  size_t len = 0;
  int64_t most = to_int64(&c, 1);
  bool good = read_into(&c, scratch, most > 0 ? (size_t)most : 0, &len);
  napi_value result = good ? fresh_buffer(env, scratch->plaintext, len) : NULL;
  scratch_give(c.addon, scratch);
  return good && !result ? no_memory(&c) : result;
}

// Copies the data to the given buffer, if that still exists.
static napi_value hand_over(const call *c, const uint8_t *data, size_t len) {
  tlsock_slice theirs;
  borrow(c->env, c->argv[1], &theirs);
  if (theirs.len < len) {
    tlsock_error *error = tlsock_error_new(TLSOCK_VALUE, "the buffer was detached or resized while it was read into");
    return done(c, TLSOCK_VALUE, &error);
  }
  if (len) memcpy((void *)theirs.data, data, len);
  return from_int(c->env, (int64_t)len);
}

// readInto(object, buffer): how many bytes it put there.
static napi_value object_read_into(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice theirs;
  borrow(env, c.argv[1], &theirs);
  scratch *scratch = scratch_take(c.addon);
  if (!scratch) return no_memory(&c);
  size_t len = 0;
  napi_value result = read_into(&c, scratch, theirs.len, &len) ? hand_over(&c, scratch->plaintext, len) : NULL;
  scratch_give(c.addon, scratch);
  return result;
}

static napi_value object_write(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied in;
  if (!copy_bytes(&c, 1, &in)) return NULL;
  size_t written = 0;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_write(to_object(&c, 0), in.data, in.len, &written, &error);
  copied_free(&in);
  return check(&c, status, &error) ? from_int(env, (int64_t)written) : NULL;
}

static napi_value object_pending(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, (int64_t)tlsock_object_pending(to_object(&c, 0)));
}

static napi_value object_unwrap(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_unwrap);
}

static napi_value object_close_write(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_close_write);
}

void export_object(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"doHandshake", do_handshake},      {"read", object_read},
      {"readInto", object_read_into},     {"write", object_write},
      {"pending", object_pending},        {"unwrap", object_unwrap},
      {"closeWrite", object_close_write},
  };
  EXPORT(functions);
}
