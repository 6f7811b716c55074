// MemoryBIO.

#include "addon.h"

static void bio_free(void *pointer) { tlsock_bio_free(pointer); }

tlsock_bio *to_bio(const call *c, size_t index) { return handle_get(c, index, KIND_BIO); }

static napi_value bio_new(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bio *bio = NULL;
  tlsock_error *error = NULL;
  return check(&c, tlsock_bio_new(&bio, &error), &error) ? handle_new(env, KIND_BIO, bio, bio_free, 256) : NULL;
}

static napi_value bio_pending(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, (int64_t)tlsock_bio_pending(to_bio(&c, 0)));
}

static napi_value bio_eof(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_bio_eof(to_bio(&c, 0)));
}

// bioRead(bio, most): a Buffer. No JavaScript runs while a BIO copies.
static napi_value bio_read(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  int64_t most = to_int64(&c, 1);
  size_t len = tlsock_bio_pending(to_bio(&c, 0));
  if (most >= 0 && (uint64_t)most < len) len = (size_t)most;
  void *data = NULL;
  napi_value result = NULL;
  if (napi_create_buffer(env, len, &data, &result) != napi_ok) return NULL;
  tlsock_error *error = NULL;
  return check(&c, tlsock_bio_read(to_bio(&c, 0), data, len, &len, &error), &error) ? result : NULL;
}

static napi_value bio_write(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice in;
  borrow(env, c.argv[1], &in);
  tlsock_error *error = NULL;
  return done(&c, tlsock_bio_write(to_bio(&c, 0), in.data, in.len, &error), &error);
}

static napi_value bio_write_eof(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_bio_write_eof(to_bio(&c, 0), &error), &error);
}

void export_bio(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"bioNew", bio_new},   {"bioPending", bio_pending}, {"bioEof", bio_eof},
      {"bioRead", bio_read}, {"bioWrite", bio_write},     {"bioWriteEof", bio_write_eof},
  };
  EXPORT(functions);
}
