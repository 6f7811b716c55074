// The keys of session tickets.
#include "addon.h"

// (context, keys one behind the other, how long each is)
static napi_value set_ticket_keys(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied keys;
  if (!copy_bytes(&c, 1, &keys)) return NULL;
  int64_t key_len = to_int64(&c, 2);
  tlsock_error *error = NULL;
  tlsock_status status =
      tlsock_context_set_ticket_keys(to_context(&c, 0), keys.data, keys.len, key_len > 0 ? (size_t)key_len : 0, &error);
  copied_free(&keys);
  return done(&c, status, &error);
}

// (context, format, files)
static napi_value load_ticket_keys(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  texts files;
  if (!to_texts(&c, 2, &files)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_load_ticket_keys(to_context(&c, 0), (int)to_int64(&c, 1),
                                                         (const char *const *)files.items, files.count, &error);
  texts_free(&files);
  return done(&c, status, &error);
}

void export_tickets(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"setTicketKeys", set_ticket_keys},
      {"loadTicketKeys", load_ticket_keys},
  };
  EXPORT(functions);
}
