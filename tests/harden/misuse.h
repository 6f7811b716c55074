// Handles for the program that misuse.py makes: one of each type that lives, and one that was freed.
#ifndef MISUSE_H
#define MISUSE_H

#include "../c/null_fixture.h"

static tlsock_error *some_error, *dead_error;
static tlsock_certificate_list *some_certificate_list, *dead_certificate_list;
static tlsock_cipher_list *some_cipher_list, *dead_cipher_list;
static tlsock_verify_paths *some_verify_paths, *dead_verify_paths;
static tlsock_context *dead_context;
static tlsock_bio *dead_bio;
static tlsock_object *dead_object;
static tlsock_socket *dead_socket;
static tlsock_session *dead_session;
static tlsock_certificate *dead_certificate;
static tlsock_identity *dead_identity;
static char no_handle[64];

static int warned;
static char warning[300];

static inline int on_warning(void *userdata, const char *category, const char *message) {
  (void)userdata;
  if (strcmp(category, "RuntimeWarning") != 0) return TLSOCK_OK;
  warned++;
  snprintf(warning, sizeof warning, "%s", message);
  return TLSOCK_VALUE;  // nothing comes of it
}

static inline void make_lists(void) {
  OK(tlsock_context_get_ca_certs(some_context, &some_certificate_list, E));
  OK(tlsock_context_get_ciphers(some_context, &some_cipher_list, E));
  OK(tlsock_get_default_verify_paths(&some_verify_paths, E));
  some_error = tlsock_error_new(TLSOCK_VALUE, "a message");
}

static inline void free_lists(void) {
  tlsock_certificate_list_free(some_certificate_list);
  tlsock_cipher_list_free(some_cipher_list);
  tlsock_verify_paths_free(some_verify_paths);
  tlsock_error_free(some_error);
}

static inline void make_some(void) {
  make_handles();
  if (setjmp(test_end) != 0) exit(1);
  make_lists();
  free_lists();
  free_handles();
  dead_certificate_list = some_certificate_list;
  dead_cipher_list = some_cipher_list;
  dead_verify_paths = some_verify_paths;
  dead_error = some_error;
  dead_context = some_context;
  dead_bio = some_bio;
  dead_object = some_object;
  dead_socket = some_socket;
  dead_session = some_session;
  dead_certificate = some_certificate;
  dead_identity = some_identity;
  make_handles();
  if (setjmp(test_end) != 0) exit(1);
  make_lists();
  OK(tlsock_set_warning_callback(on_warning, NULL, NULL, E));
}

static inline void free_some(void) {
  free_lists();
  free_handles();
}

// The same bytes through two structs.
static void bytes_twice(void) {
  tlsock_bytes bytes = {NULL, 0};
  OK(tlsock_der_cert_to_pem_cert("x", 1, &bytes, E));
  tlsock_bytes copy = bytes;
  size_t handles = tlsock_handle_count();
  tlsock_bytes_free(&bytes);
  warned = 0;
  tlsock_bytes_free(&copy);
  CHECK(warned == 1 && !copy.data);
  EQUAL(tlsock_handle_count(), handles - 1);
}

static void lent_is_not_freed(void) {
  warned = 0;
  const tlsock_certificate *lent = tlsock_certificate_list_at(some_certificate_list, 0);
  CHECK(lent && tlsock_certificate_subject_count(lent) > 0 && warned == 0);
  tlsock_certificate_free((tlsock_certificate *)lent);
  EQUAL(warned, 1);
  SAME_TEXT(warning, "the handle is not a live tlsock_certificate: it is lent, not yours");
  CHECK(tlsock_certificate_subject_count(lent) > 0 && warned == 1);
}

static void lent_ends_with_its_lender(void) {
  tlsock_certificate_list *list = NULL;
  OK(tlsock_context_get_ca_certs(some_context, &list, E));
  const tlsock_certificate *lent = tlsock_certificate_list_at(list, 0);
  tlsock_certificate_list_free(list);
  warned = 0;
  EQUAL(tlsock_certificate_subject_count(lent), 0);
  EQUAL(warned, 1);
}

#endif
