// SSLSession.

#include "addon.h"

static void session_free(void *pointer) { tlsock_session_free(pointer); }

handle *session_handle(napi_env env, tlsock_session *session) {
  return handle_make(env, KIND_SESSION, session, session_free, 4096);
}

napi_value from_session(napi_env env, tlsock_session *session) {
  return session ? handle_give(env, session_handle(env, session)) : null_value(env);
}

tlsock_session *to_session(const call *c, size_t index) { return handle_get(c, index, KIND_SESSION); }

static napi_value session_facts(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const tlsock_session *session = to_session(&c, 0);
  tlsock_slice id = tlsock_session_id(session);
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "id", from_bytes(env, id.len ? (const void *)id.data : "", id.len));
  set(env, result, "time", from_int(env, tlsock_session_time(session)));
  set(env, result, "timeout", from_int(env, tlsock_session_timeout(session)));
  set(env, result, "ticketLifetimeHint", from_int(env, (int64_t)tlsock_session_ticket_lifetime_hint(session)));
  set(env, result, "hasTicket", from_bool(env, tlsock_session_has_ticket(session)));
  return result;
}

static napi_value session_equal(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_session_equal(to_session(&c, 0), to_session(&c, 1)));
}

static napi_value session_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes data = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_session_data(to_session(&c, 0), &data, &error);
  return check(&c, status, &error) ? from_owned(env, &data) : NULL;
}

// sessionNewData(context, data)
static napi_value session_new_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied data;
  if (!copy_bytes(&c, 1, &data)) return NULL;
  tlsock_session *session = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_session_new_data(to_context(&c, 0), data.data, data.len, &session, &error);
  copied_free(&data);
  return check(&c, status, &error) ? from_session(env, session) : NULL;
}

void export_session(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"sessionFacts", session_facts},
      {"sessionEqual", session_equal},
      {"sessionData", session_data},
      {"sessionNewData", session_new_data},
  };
  EXPORT(functions);
}
