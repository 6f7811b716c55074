// Runs the table of steps and outcomes, which drives C, Go and Node: tests/README.md has its format. Each case is a test.
// With TLSOCK_TABLE_OUTCOMES=FILE it writes what each step gave into the file, for the others to compare.
#include <glob.h>

#include "table_hello.h"

static const step steps[] = {
    {"client", .run = run_client},
    {"server", .run = run_server},
    {"context_new", .run = run_context_new},
    {"copy", .run = run_copy},
    {"wrap", .run = run_wrap},
    {"handshake", .run = run_handshake},
    {"interrupt", .run = run_interrupt},
    {"connect", .run = run_connect},
    {"say", .run = run_say},
    {"read", .run = run_read},
    {"same", .run = run_same},
    {"load_cert_chain", .run = run_load_cert_chain},
    {"load_cert_chain_data", .run = run_load_cert_chain_data},
    {"load_verify_locations", .run = run_load_verify_locations},
    {"cert_store_stats", .run = run_cert_store_stats},
    {"use_identity", .run = run_use_identity},
    {"set_ticket_keys", .run = run_set_ticket_keys},
    {"load_ticket_keys", .run = run_load_ticket_keys},
    {"identity_new_files", .run = run_identity_new_files},
    {"identity_new_data", .run = run_identity_new_data},
    {"identity_new_pkcs12", .run = run_identity_new_pkcs12},
    {"identity_new_uri", .run = run_identity_new_uri},
    {"identity_with_ocsp_response", .run = run_identity_with_ocsp_response},
    {"identity_with_scts", .run = run_identity_with_scts},
    {"identity_new_signer", .run = run_identity_new_signer},
    {"set_identity_callback", .run = run_set_identity_callback},
    {"set_verify_callback", .run = run_set_verify_callback},
    {"set_psk_client_callback", .run = run_set_psk_client_callback},
    {"set_psk_server_callback", .run = run_set_psk_server_callback},
    {"set_alpn_callback", .run = run_set_alpn_callback},
    {"set_client_hello_callback", .run = run_set_client_hello_callback},
    {"client_hello", .run = run_client_hello},
    {"identity_certificates", .run = run_identity_certificates},
    {"session", .run = run_session},
    {"set_session", .run = run_set_session},
    {"session_new_data", .run = run_session_new_data},
    {"session_data", .run = run_session_data},
    {"set_expected_names", .run = run_set_expected_names},
    {"set_server_name", .run = run_set_server_name},
    {"get_channel_binding", .run = run_get_channel_binding},
    {"export_keying_material", .run = run_export_keying_material},
    {"finished", .run = run_finished},
    {"key_update", .run = run_key_update},
    {"verify_result", .run = run_verify_result},
    {"ocsp_status", .run = run_ocsp_status},
    {"info_json", .run = run_info_json},
    {"own_certificate", .run = run_own_certificate},
    {"peer_certificate", .run = run_peer_certificate},
    {"get_groups", .run = run_get_groups},
    {"get_sigalgs", .run = run_get_sigalgs},
    {"load_ech_keys", .run = run_load_ech_keys},
    {"generate_ech_keys", .run = run_generate_ech_keys},
    {"ech_status", .run = run_ech_status},
    {"set_verify_mode", .set_int = tlsock_context_set_verify_mode},
    {"set_verify_depth", .set_int = tlsock_context_set_verify_depth},
    {"set_ocsp", .set_int = tlsock_context_set_ocsp},
    {"set_num_tickets", .set_int = tlsock_context_set_num_tickets},
    {"set_max_cert_list", .set_size = tlsock_context_set_max_cert_list},
    {"set_options", .set_word = tlsock_context_set_options},
    {"set_verify_flags", .set_word = tlsock_context_set_verify_flags},
    {"set_check_hostname", .set_flag = tlsock_context_set_check_hostname},
    {"set_psk_required", .set_flag = tlsock_context_set_psk_required},
    {"set_alpn_strict", .set_flag = tlsock_context_set_alpn_strict},
    {"set_scts_requested", .set_flag = tlsock_context_set_scts_requested},
    {"set_ech_grease", .set_flag = tlsock_context_set_ech_grease},
    {"set_ciphers", .set_text = tlsock_context_set_ciphers},
    {"set_ciphersuites", .set_text = tlsock_context_set_ciphersuites},
    {"set_groups", .set_text = tlsock_context_set_groups},
    {"set_server_sigalgs", .set_text = tlsock_context_set_server_sigalgs},
    {"set_client_sigalgs", .set_text = tlsock_context_set_client_sigalgs},
    {"set_pins", .set_texts = tlsock_context_set_pins},
    {"set_alpn_protocols", .set_texts = tlsock_context_set_alpn_protocols},
    {"set_ocsp_response", .set_bytes = tlsock_context_set_ocsp_response},
    {"set_ech_configs", .set_bytes = tlsock_context_set_ech_configs},
    {"set_crl_data", .set_bytes = tlsock_context_set_crl_data},
    {"load_crl_data", .set_bytes = tlsock_context_load_crl_data},
    {"set_client_ca_names", .set_bytes = tlsock_context_set_client_ca_names},
    {"verify_mode", .tell_int = tlsock_context_verify_mode},
    {"verify_depth", .tell_int = tlsock_context_verify_depth},
    {"ocsp", .tell_int = tlsock_context_ocsp},
    {"max_cert_list", .tell_size = tlsock_context_max_cert_list},
    {"verify_flags", .tell_word = tlsock_context_verify_flags},
    {"check_hostname", .tell_flag = tlsock_context_check_hostname},
    {"psk_required", .tell_flag = tlsock_context_psk_required},
    {"ech_grease", .tell_flag = tlsock_context_ech_grease},
    {"scts_requested", .tell_flag = tlsock_context_scts_requested},
    {"alpn_strict", .tell_flag = tlsock_context_alpn_strict},
    {"version", .ask_text = tlsock_object_version},
    {"server_name", .ask_text = tlsock_object_server_name},
    {"server_hostname", .ask_text = tlsock_object_server_hostname},
    {"client_sigalg", .ask_text = tlsock_object_client_sigalg},
    {"server_sigalg", .ask_text = tlsock_object_server_sigalg},
    {"selected_alpn_protocol", .ask_text = tlsock_object_selected_alpn_protocol},
    {"ech_outer_name", .ask_text = tlsock_object_ech_outer_name},
    {"group", .ask_text = tlsock_object_group},
    {"session_reused", .ask_flag = tlsock_object_session_reused},
    {"verify_overridden", .ask_flag = tlsock_object_verify_overridden},
    {"ocsp_response", .ask_bytes = tlsock_object_ocsp_response},
    {"scts", .ask_bytes = tlsock_object_scts},
};

static table cases;
static scene stage;
static FILE *outcomes;

static int set_texts(scene *in, const step *one) {
  const char *texts[MOST_WORDS];
  size_t count = 0;
  for (size_t at = 2; at < in->said.count; at++) texts[count++] = text_at(in, at);
  return (int)one->set_texts(handle_at(in, 1, CONTEXT), texts, count, &in->error);
}

static int set_bytes(scene *in, const step *one) {
  bytes data = bytes_at(in, 2);
  return (int)one->set_bytes(handle_at(in, 1, CONTEXT), data.data, data.len, &in->error);
}

static int ask_bytes(scene *in, const step *one) {
  tlsock_bytes made = {NULL, 0};
  return took_bytes(in, one->ask_bytes(object_at(in, 1), &made, &in->error), &made);
}

// Returns a status, or TOLD.
static int run_step(scene *in, const step *one) {
  if (one->run) return one->run(in);
  if (one->set_texts) return set_texts(in, one);
  if (one->set_bytes) return set_bytes(in, one);
  if (one->ask_bytes) return ask_bytes(in, one);
  if (one->ask_text) return told_text(in, one->ask_text(object_at(in, 1)));
  if (one->ask_flag) return told_flag(in, one->ask_flag(object_at(in, 1)));
  tlsock_context *context = handle_at(in, 1, CONTEXT);
  if (one->tell_int) return told_number(in, one->tell_int(context));
  if (one->tell_size) return told_number(in, (long long)one->tell_size(context));
  if (one->tell_word) return told_number(in, (long long)one->tell_word(context));
  if (one->tell_flag) return told_flag(in, one->tell_flag(context));
  if (one->set_int) return (int)one->set_int(context, (int)number_at(in, 2), &in->error);
  if (one->set_size) return (int)one->set_size(context, (size_t)number_at(in, 2), &in->error);
  if (one->set_word) return (int)one->set_word(context, (uint64_t)number_at(in, 2), &in->error);
  if (one->set_flag) return (int)one->set_flag(context, flag_at(in, 2), &in->error);
  return (int)one->set_text(context, text_at(in, 2), &in->error);
}

static const step *find_step(scene *in) {
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (strcmp(steps[i].name, in->said.words[0].text) == 0) return &steps[i];
  step_broken(in, "there is no such step");
}

static void fail(scene *in, const char *line, const char *missing) {
  char *told = NULL;
  size_t len = 0;
  FILE *text = open_memstream(&told, &len);
  write_outcome(text, &in->outcome);
  fclose(text);
  fprintf(stderr, "%s\n  %s\n  was: %s  not so: %s\n", test_name, line, told, missing);
  free(told);
  __atomic_add_fetch(&test_failures, 1, __ATOMIC_SEQ_CST);
}

// "1.2: STEP" is for that version alone.
static const char *for_version(const char *line, int version) {
  if (!begins(line, "1.2: ") && !begins(line, "1.3: ")) return line;
  bool is_ours = (line[2] == '2') == (version == TLSOCK_TLS_VERSION_TLSV1_2);
  return is_ours ? line + 5 : NULL;
}

static void run_line(scene *in, const char *line, size_t number) {
  line = for_version(line, in->version);
  if (!line) return;
  read_sentence(&in->said, line);
  clear_outcome(&in->outcome);
  int status = run_step(in, find_step(in));
  if (status == TLSOCK_OK) tell(&in->outcome, "", "ok", "");
  if (status > TLSOCK_OK) tell_error(&in->outcome, "", (tlsock_status)status, in->error);
  if (outcomes) {
    fprintf(outcomes, "%s\t%zu\t", test_name, number);
    in->said.loose ? fputs("*\n", outcomes) : write_outcome(outcomes, &in->outcome);
  }
  const char *missing = differs(&in->outcome, &in->said);
  if (missing) fail(in, line, missing);
  end_step(in);
}

static void run_case(void) {
  const table_case *one = cases.cases;
  while (strcmp(one->title, test_name) != 0) one++;
  stage = (scene){.version = one->version};
  for (size_t i = 0; i < one->count; i++) run_line(&stage, one->lines[i], i);
  end_scene(&stage);
}

static void read_all(void) {
  glob_t found;
  if (glob(TLSOCK_TABLE "/*.table", 0, NULL, &found) != 0) table_broken("there are no files", TLSOCK_TABLE);
  for (size_t i = 0; i < found.gl_pathc; i++) read_table(&cases, found.gl_pathv[i]);
  globfree(&found);
}

int main(int argc, char **argv) {
  const char *into = getenv("TLSOCK_TABLE_OUTCOMES");
  test_set_up(argc, argv);
  read_all();
  if (into) outcomes = fopen(into, "w");
  test_case *all = calloc(cases.count, sizeof *all);
  for (size_t i = 0; i < cases.count; i++) all[i] = (test_case){cases.cases[i].title, run_case};
  int result = test_run(all, cases.count);
  free(all);
  if (outcomes) fclose(outcomes);
  return result;
}
