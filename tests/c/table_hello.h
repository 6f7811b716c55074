// The steps of the table about a ClientHello: one sets the callback that sees it, the other tells what it saw.
#ifndef TABLE_HELLO_H
#define TABLE_HELLO_H

#include "table_callbacks.h"

typedef struct hello_answer {
  scene *in;
  tlsock_context *other;  // lent by the scene
  bool waits, refuses;
  int alert;  // 0: the one that is there
} hello_answer;

typedef int (*number_in_hello)(const tlsock_client_hello *hello, size_t index);

// Tells numbers with commas between them.
static inline void tell_numbers(outcome *into, const char *name, const tlsock_client_hello *hello, size_t count,
                                number_in_hello at) {
  char all[LONGEST_LIST] = "";
  for (size_t i = 0, used = 0; i < count; i++) {
    CHECK(used + 16 < sizeof all);
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%d", i ? "," : "", at(hello, i));
  }
  tell_text(into, "", name, all);
}

// Extensions with the lengths of their data: TYPE:LENGTH.
static inline void tell_extensions(outcome *into, const tlsock_client_hello *hello) {
  char all[LONGEST_LIST] = "";
  for (size_t i = 0, used = 0; i < tlsock_client_hello_extension_count(hello); i++) {
    CHECK(used + 32 < sizeof all);
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%d:%zu", i ? "," : "",
                             tlsock_client_hello_extension_type_at(hello, i),
                             tlsock_client_hello_extension_data_at(hello, i).len);
  }
  tell_text(into, "", "extensions", all);
}

static inline void tell_protocols(outcome *into, const tlsock_client_hello *hello) {
  char all[LONGEST_LIST] = "";
  for (size_t i = 0, used = 0; i < tlsock_client_hello_alpn_count(hello); i++) {
    tlsock_slice one = tlsock_client_hello_alpn_at(hello, i);
    CHECK(used + one.len + 2 < sizeof all);
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%.*s", i ? "," : "", (int)one.len, one.data);
  }
  tell_text(into, "", "alpn", all);
}

static inline void tell_hello(outcome *into, const tlsock_client_hello *hello) {
  const char *name = tlsock_client_hello_server_name(hello);
  tell(into, "", "ok", name ? name : "none");
  tell_number(into, "", "second", tlsock_client_hello_is_second(hello), 0);
  tell_protocols(into, hello);
  tell_number(into, "", "legacy_version", tlsock_client_hello_legacy_version(hello), 0);
  tell_number(into, "", "session_id", (long long)tlsock_client_hello_session_id(hello).len, 0);
  tell_numbers(into, "versions", hello, tlsock_client_hello_version_count(hello), tlsock_client_hello_version_at);
  tell_numbers(into, "ciphers", hello, tlsock_client_hello_cipher_count(hello), tlsock_client_hello_cipher_at);
  tell_numbers(into, "groups", hello, tlsock_client_hello_group_count(hello), tlsock_client_hello_group_at);
  tell_numbers(into, "signature_algorithms", hello, tlsock_client_hello_signature_algorithm_count(hello),
               tlsock_client_hello_signature_algorithm_at);
  tell_extensions(into, hello);
  tell(into, "", "ja3", tlsock_client_hello_ja3(hello));
  tell(into, "", "ja3_string", tlsock_client_hello_ja3_string(hello));
  tell(into, "", "ja4", tlsock_client_hello_ja4(hello));
}

static inline int see_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello,
                            int *alert, tlsock_error **error) {
  const hello_answer *it = userdata;
  scene *in = it->in;
  clear_outcome(&in->hello);
  tell_hello(&in->hello, hello);
  in->questions++;
  if (it->waits && in->questions % 2 == 1) return TLSOCK_WANT_CALLBACK;
  in->hellos++;
  if (it->other) return (int)tlsock_object_set_context(connection->object, it->other, error);
  if (!it->refuses) return TLSOCK_OK;
  if (it->alert) *alert = it->alert;
  *error = tlsock_error_new(TLSOCK_OS, "not on the list");
  return TLSOCK_OS;
}

// set_client_hello_callback CONTEXT accept|wait|refuse [ALERT]|use OTHER: wait has an answer at every second question.
static inline int run_set_client_hello_callback(scene *in) {
  const char *what = word_at(in, 2);
  hello_answer *made = calloc(1, sizeof *made);
  CHECK(made != NULL);
  made->in = in;
  made->waits = strcmp(what, "wait") == 0;
  made->refuses = strcmp(what, "refuse") == 0;
  if (made->refuses && given(in, 3)) made->alert = (int)number_at(in, 3);
  if (strcmp(what, "use") == 0) made->other = handle_at(in, 3, CONTEXT);
  tlsock_status status =
      tlsock_context_set_client_hello_callback(handle_at(in, 1, CONTEXT), see_hello, made, free, &in->error);
  if (status != TLSOCK_OK) free(made);
  return (int)status;
}

// client_hello: what the last callback saw, and how often one has answered since the last such step.
static inline int run_client_hello(scene *in) {
  for (size_t i = 0; i < in->hello.count; i++)
    tell(&in->outcome, "", in->hello.fields[i].name, in->hello.fields[i].value);
  if (!in->hello.count) tell(&in->outcome, "", "ok", "unseen");
  tell_number(&in->outcome, "", "answered", in->hellos, 0);
  clear_outcome(&in->hello);
  in->hellos = 0;
  return TOLD;
}

#endif
