// What a step gave: fields with a name and a value, all of an error's facts that say something.
#ifndef TABLE_OUTCOME_H
#define TABLE_OUTCOME_H

#include "table_read.h"

enum { MOST_FIELDS = 64, LONGEST_LIST = 3000 };

typedef struct field {
  char name[32];
  char *value;
} field;

typedef struct outcome {
  field fields[MOST_FIELDS];
  size_t count;
} outcome;

static inline void clear_outcome(outcome *of) {
  while (of->count > 0) free(of->fields[--of->count].value);
}

// Adds a field; the folder of the certificates is told as CERTS.
static inline void tell(outcome *into, const char *prefix, const char *name, const char *value) {
  size_t used = 0, folder = strlen(test_certs), size = 5 * strlen(value) + 1;
  char *made = malloc(size);
  CHECK(made != NULL && into->count < MOST_FIELDS);
  *made = '\0';
  while (*value) {
    bool found = strncmp(value, test_certs, folder) == 0;
    used += (size_t)snprintf(made + used, size - used, found ? "CERTS" : *value == '\n' ? "\\n" : "%c", *value);
    value += found ? folder : 1;
  }
  snprintf(into->fields[into->count].name, sizeof into->fields->name, "%s%s", prefix, name);
  into->fields[into->count++].value = made;
}

static inline void tell_text(outcome *into, const char *prefix, const char *name, const char *value) {
  if (value && *value) tell(into, prefix, name, value);
}

// Tells a number unless it is the neutral one.
static inline void tell_number(outcome *into, const char *prefix, const char *name, int64_t number, int64_t neutral) {
  char text[32];
  if (number == neutral) return;
  snprintf(text, sizeof text, "%lld", (long long)number);
  tell(into, prefix, name, text);
}

static inline void tell_verification(outcome *into, const char *prefix, const tlsock_error *error) {
  char names[LONGEST_LIST] = "";
  for (size_t i = 0; i < tlsock_error_offered_name_count(error); i++) {
    tlsock_text name = tlsock_error_offered_name_at(error, i);
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%.*s", i ? "," : "", (int)name.len, name.data);
  }
  tell_number(into, prefix, "verify_code", tlsock_error_verify_code(error), 0);
  tell_text(into, prefix, "verify_message", tlsock_error_verify_message(error));
  tell_number(into, prefix, "depth", tlsock_error_depth(error), -1);
  tell_text(into, prefix, "expected_name", tlsock_error_expected_name(error));
  tell_text(into, prefix, "offered_names", names);
  tell_number(into, prefix, "verify_flag", (int64_t)tlsock_error_verify_flag(error), 0);
}

static inline void tell_error(outcome *into, const char *prefix, tlsock_status status, const tlsock_error *error) {
  static const char *const phases[] = {"",          "configure", "resolve", "connect", "accept",
                                       "handshake", "read",      "write",   "shutdown"};
  char below[32];
  tell(into, prefix, "class", tlsock_status_name(status));
  if (!error) return;
  tell_text(into, prefix, "text", tlsock_error_message(error));
  tell_text(into, prefix, "library", tlsock_error_library(error));
  tell_text(into, prefix, "reason", tlsock_error_reason(error));
  // Of an error of the system it is the system's number, which os_errno is as well.
  if (status / 10 == 1) tell_number(into, prefix, "code", tlsock_error_code(error), 0);
  tell_text(into, prefix, "phase", phases[tlsock_error_phase(error)]);
  tell_number(into, prefix, "os_errno", tlsock_error_os_errno(error), 0);
  tell_text(into, prefix, "filename", tlsock_error_filename(error));
  tell_number(into, prefix, "alert_sent", tlsock_error_alert_sent(error), -1);
  tell_number(into, prefix, "alert_received", tlsock_error_alert_received(error), -1);
  if (status == TLSOCK_CERT_VERIFICATION) tell_verification(into, prefix, error);
  const tlsock_error *cause = tlsock_error_cause(error);
  if (!cause) return;
  snprintf(below, sizeof below, "%scause.", prefix);
  tell_error(into, below, tlsock_error_status(cause), cause);
}

// A line that has all fields.
static inline void write_outcome(FILE *into, const outcome *of) {
  for (size_t i = 0; i < of->count; i++)
    fprintf(into, "%s%s=%s", i ? " | " : "", of->fields[i].name, of->fields[i].value);
  fputc('\n', into);
}

// Whether a text is as a pattern says, in which each * stands for any text.
static inline bool fits(const char *text, const char *pattern) {
  if (*pattern == '*') return fits(text, pattern + 1) || (*text && fits(text + 1, pattern));
  return *text == *pattern && (!*text || fits(text + 1, pattern + 1));
}

// A field that is missing fits the empty pattern.
static inline bool has_field(const outcome *of, const char *name, const char *pattern) {
  for (size_t i = 0; i < of->count; i++)
    if (strcmp(of->fields[i].name, name) == 0) return fits(of->fields[i].value, pattern);
  return !*pattern;
}

static inline bool is_good(const outcome *of) { return strcmp(of->fields[0].name, "ok") == 0; }

// Whether one word of an expectation holds: the first is ok or a class, then values, texts in quotes, and name=value.
static inline bool holds(const outcome *of, const word *wanted, size_t at, bool is_ok) {
  char name[32];
  const char *value = strchr(wanted->text, '=');
  if (at == 0) return is_ok ? is_good(of) : has_field(of, "class", wanted->text);
  if (wanted->quoted || !value) return has_field(of, is_ok ? "ok" : "text", wanted->text);
  snprintf(name, sizeof name, "%.*s", (int)(value - wanted->text), wanted->text);
  return has_field(of, name, value + 1);
}

// The first word that does not hold, or NULL. Without an expectation a step has to succeed.
static inline const char *differs(const outcome *of, const sentence *said) {
  if (said->wanted_count == 0) return is_good(of) ? NULL : "ok";
  bool is_ok = strcmp(said->wanted[0].text, "ok") == 0;
  for (size_t i = 0; i < said->wanted_count; i++)
    if (!holds(of, &said->wanted[i], i, is_ok)) return said->wanted[i].text;
  return NULL;
}

#endif
