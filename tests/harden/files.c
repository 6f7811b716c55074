// Files that change, shrink or go while they are in use.
//
// usage: files CERTS FOLDER
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../c/fixture.h"

static const char *folder;

static const char *in_folder(const char *name) {
  static char paths[4][600];
  static int next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static void write_file(const char *path, const char *data, size_t len) {
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

// Copies a certificate, or its first bytes.
static void copy(const char *name, const char *path, size_t most) {
  size_t len;
  char *data = read_file(cert(name), &len);
  write_file(path, data, len < most ? len : most);
  free(data);
}

static int shakes(tlsock_context *client, const char *server_name) {
  tlsock_context *server = new_server(server_name, 0);
  memory pair = memory_new(client, server, "localhost", NULL);
  int status = memory_try(&pair, NULL);
  memory_free(&pair);
  tlsock_context_free(server);
  return status;
}

static tlsock_context *empty_client(void) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, E));
  return context;
}

static void key_log_goes_and_shrinks(void) {
  tlsock_context *client = new_client(0);
  const char *path = in_folder("log");
  struct stat found;
  unlink(path);
  OK(tlsock_context_set_keylog_filename(client, path, E));
  EQUAL(shakes(client, "ecdsa"), TLSOCK_OK);
  CHECK(stat(path, &found) == 0 && found.st_size > 300);
  CHECK(truncate(path, 0) == 0);
  EQUAL(shakes(client, "ecdsa"), TLSOCK_OK);
  size_t len;
  char *log = read_file(path, &len);
  CHECK(len > 300 && strlen(log) == len);  // appended: no hole before it
  free(log);
  CHECK(unlink(path) == 0);
  EQUAL(shakes(client, "ecdsa"), TLSOCK_OK);
  CHECK(stat(path, &found) != 0);
  tlsock_context_free(client);
}

// The handshake goes on; the call that did it tells.
static void key_log_is_full(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  FAILS(TLSOCK_OS, NULL, tlsock_context_set_keylog_filename(client, in_folder("none/log"), E));
  SAME_TEXT(tlsock_error_filename(LAST), in_folder("none/log"));
  tlsock_bytes name = {NULL, 0};
  OK(tlsock_context_keylog_filename(client, &name, E));
  CHECK(!name.data);
  if (access("/dev/full", W_OK) != 0) {
    printf("SKIPPED /dev/full is not there\n");
  } else {
    int status = tlsock_context_set_keylog_filename(client, "/dev/full", E);
    if (status == TLSOCK_OK) {
      memory pair = memory_new(client, server, "localhost", NULL);
      EQUAL(memory_try(&pair, NULL), TLSOCK_OS);
      EQUAL(tlsock_error_os_errno(LAST), 28);
      SAME_TEXT(tlsock_error_filename(LAST), "/dev/full");
      EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
      memory_say(pair.client, pair.server, "all the same");
      memory_free(&pair);
    } else {
      EQUAL(tlsock_error_os_errno(LAST), 28);
      SAME_TEXT(tlsock_error_filename(LAST), "/dev/full");
      EQUAL(shakes(client, "ecdsa"), TLSOCK_OK);
    }
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// As `copy`, filled up with blank lines to one size, with one time of change, as "cp -p" may leave it.
static void copy_in_1000(const char *name, const char *path) {
  char data[1001];
  size_t len;
  char *pem = read_file(cert(name), &len);
  CHECK(len <= 1000);
  memset(data, '\n', sizeof data);
  memcpy(data, pem, len);
  write_file(path, data, 1000);
  free(pem);
  struct timespec long_ago[2] = {{1000000000, 0}, {1000000000, 0}};
  CHECK(utimensat(AT_FDCWD, path, long_ago, 0) == 0);
}

// Each context trusts what the file held when it was loaded, however fast it was changed, and also if it looks the same.
static void ca_file_is_replaced(void) {
  const char *path = in_folder("cas.pem");
  for (int turn = 0; turn < 30; turn++) {
    tlsock_context *before = empty_client(), *after = empty_client();
    copy_in_1000("ca.pem", path);
    OK(tlsock_context_load_verify_locations(before, path, NULL, NULL, 0, E));
    copy_in_1000("unknown-ca.pem", path);
    OK(tlsock_context_load_verify_locations(after, path, NULL, NULL, 0, E));
    EQUAL(shakes(before, "ecdsa"), TLSOCK_OK);
    EQUAL(shakes(after, "ecdsa"), TLSOCK_CERT_VERIFICATION);
    tlsock_context_free(before);
    tlsock_context_free(after);
  }
}

static void ca_file_is_cut(void) {
  const char *path = in_folder("cut.pem");
  size_t whole;
  free(read_file(cert("ca.pem"), &whole));
  for (size_t len = 0; len < whole - 1; len += whole / 23) {
    tlsock_context *client = empty_client();
    copy("ca.pem", path, len);
    FAILS(TLSOCK_SSL, NULL, tlsock_context_load_verify_locations(client, path, NULL, NULL, 0, E));
    EQUAL(shakes(client, "ecdsa"), TLSOCK_CERT_VERIFICATION);
    OK(tlsock_context_load_verify_locations(client, cert("ca.pem"), NULL, NULL, 0, E));
    EQUAL(shakes(client, "ecdsa"), TLSOCK_OK);
    tlsock_context_free(client);
  }
  tlsock_context *client = empty_client();
  CHECK(unlink(path) == 0);
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(client, path, NULL, NULL, 0, E));
  EQUAL(tlsock_error_os_errno(LAST), 2);
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_verify_locations(client, folder, NULL, NULL, 0, E));
  tlsock_context_free(client);
}

// A folder is looked into when a chain needs it.
static void ca_folder_loses_its_file(void) {
  char link[600] = "", path[1200];
  DIR *listing = opendir(in_folder("capath"));
  CHECK(listing);
  for (struct dirent *entry; (entry = readdir(listing));)
    if (strstr(entry->d_name, ".0")) snprintf(link, sizeof link, "%s", entry->d_name);
  closedir(listing);
  CHECK(link[0]);
  const char *own = in_folder("capath-own");
  mkdir(own, 0777);
  snprintf(path, sizeof path, "%s/%s", own, link);
  copy("ca.pem", path, SIZE_MAX);
  tlsock_context *early = empty_client(), *late = empty_client();
  OK(tlsock_context_load_verify_locations(early, NULL, own, NULL, 0, E));
  OK(tlsock_context_load_verify_locations(late, NULL, own, NULL, 0, E));
  EQUAL(shakes(early, "ecdsa"), TLSOCK_OK);
  copy("ca.pem", path, 200);
  EQUAL(shakes(late, "ecdsa"), TLSOCK_CERT_VERIFICATION);
  CHECK(unlink(path) == 0);
  EQUAL(shakes(late, "ecdsa"), TLSOCK_CERT_VERIFICATION);
  EQUAL(shakes(early, "ecdsa"), TLSOCK_OK);  // what was found once is kept
  tlsock_context_free(early);
  tlsock_context_free(late);
}

// A key that does not fit, or is cut, leaves the certificate that was there.
static void key_file_is_cut(void) {
  tlsock_context *server = new_server("ecdsa", 0), *client = new_client(0);
  const char *path = in_folder("cut.key");
  size_t whole;
  free(read_file(cert("rsa.key"), &whole));
  for (size_t len = 0; len < whole - 30; len += whole / 7) {
    copy("rsa.key", path, len);
    FAILS(TLSOCK_SSL, NULL, tlsock_context_load_cert_chain(server, cert("rsa.pem"), path, NULL, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    memory_free(&pair);
  }
  tlsock_context_free(client);
  tlsock_context_free(server);
}

int main(int argc, char **argv) {
  static const test_case cases[] = {CASE(key_log_goes_and_shrinks), CASE(key_log_is_full),  CASE(ca_file_is_replaced),
                                    CASE(ca_file_is_cut),           CASE(ca_folder_loses_its_file), CASE(key_file_is_cut)};
  test_certs = argv[1];
  folder = argc > 2 ? argv[2] : ".";
  return test_run(cases, sizeof cases / sizeof *cases);
}
