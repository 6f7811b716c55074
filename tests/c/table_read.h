// Reads the table of steps and outcomes: tests/README.md has its format.
#ifndef TABLE_READ_H
#define TABLE_READ_H

#include "fixture.h"

enum { MOST_LINES = 60, MOST_WORDS = 32, LONGEST_LINE = 1000 };

// One case at one version (0: any), with the columns of its row filled in.
typedef struct table_case {
  char *title;
  int version;
  char *lines[MOST_LINES];
  size_t count;
} table_case;

typedef struct table {
  table_case *cases;
  size_t count;
} table;

// A case as it stands in the file.
typedef struct outline {
  char *title;
  char *lines[MOST_LINES];
  size_t count;
  char *columns[MOST_WORDS];
  size_t column_count;
  int versions[2];
  size_t version_count;
  bool elsewhere;  // not for C, or it needs what this library has not
} outline;

static inline _Noreturn void table_broken(const char *what, const char *line) {
  fprintf(stderr, "the table is wrong, %s: %s\n", what, line);
  exit(2);
}

static inline char *trimmed(char *text) {
  while (*text == ' ') text++;
  char *end = text + strlen(text);
  while (end > text && (end[-1] == ' ' || end[-1] == '\n')) *--end = '\0';
  return text;
}

// Splits at every '|', into places of the text itself.
static inline size_t cells(char *text, char **into) {
  size_t count = 0;
  for (char *bar = text; bar; text = bar + 1) {
    if (count == MOST_WORDS) table_broken("too many columns", text);
    bar = strchr(text, '|');
    if (bar) *bar = '\0';
    into[count++] = trimmed(text);
    if (!bar) break;
  }
  return count;
}

// A copy in which every {name} has been replaced.
static inline char *filled(const char *line, char **names, char **values, size_t count) {
  char made[LONGEST_LINE] = "";
  size_t used = 0;
  while (*line) {
    size_t i = 0, len = 0;
    for (; *line == '{' && i < count; i++) {
      len = strlen(names[i]);
      if (strncmp(line + 1, names[i], len) == 0 && line[1 + len] == '}') break;
    }
    bool found = *line == '{' && i < count;
    const char *added = found ? values[i] : line;
    size_t more = found ? strlen(added) : 1;
    if (used + more + 1 > sizeof made) table_broken("a line is too long", line);
    memcpy(made + used, added, more);
    used += more;
    line += found ? len + 2 : 1;
  }
  made[used] = '\0';
  return strdup(made);
}

static inline const char *version_name(int version) {
  return version == TLSOCK_TLS_VERSION_TLSV1_2 ? "TLSv1.2" : "TLSv1.3";
}

// Adds the case of one row at one version.
static inline void add_case(table *into, const outline *from, char **values, int version) {
  char *names[MOST_WORDS + 1], *filling[MOST_WORDS + 1], title[LONGEST_LINE];
  for (size_t i = 0; i < from->column_count; i++) names[i] = from->columns[i], filling[i] = values[i];
  names[from->column_count] = "version";
  filling[from->column_count] = (char *)version_name(version);
  table_case made = {NULL, version, {NULL}, 0};
  size_t count = from->column_count + 1;
  char *whole = filled(from->title, names, filling, count);
  snprintf(title, sizeof title, version ? "%s [%s]" : "%s", whole, version_name(version));
  free(whole);
  made.title = strdup(title);
  for (size_t i = 0; i < from->count; i++) made.lines[made.count++] = filled(from->lines[i], names, filling, count);
  for (size_t i = 0; i < into->count; i++)
    if (strcmp(into->cases[i].title, title) == 0) table_broken("two cases of one title", title);
  into->cases = realloc(into->cases, (into->count + 1) * sizeof *into->cases);
  into->cases[into->count++] = made;
}

// With TLSOCK_TEST_HALF each row has one of its two versions, by turns; which comes first is drawn by TLSOCK_TEST_SEED.
static inline bool is_left_out(size_t version) {
  static size_t versions;
  const char *half = getenv("TLSOCK_TEST_HALF"), *seed = getenv("TLSOCK_TEST_SEED");
  if (!half) return false;
  if (version == 0) versions++;
  return (versions + (seed ? strtoul(seed, NULL, 10) : 0) + version) % 2 == 0;
}

static inline void add_row(table *into, const outline *from, char **values) {
  if (from->elsewhere) return;
  for (size_t i = 0; i < from->version_count; i++) {
    if (from->version_count == 1 || !is_left_out(i)) add_case(into, from, values, from->versions[i]);
  }
}

// The case that ends here: without rows it is itself one.
static inline void end_outline(table *into, outline *from) {
  if (from->title && from->column_count == 0) add_row(into, from, NULL);
  free(from->title);
  for (size_t i = 0; i < from->count; i++) free(from->lines[i]);
  if (from->column_count) free(from->columns[0]);
  *from = (outline){.versions = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3}, .version_count = 2};
}

static inline void take_versions(outline *into, const char *names, const char *line) {
  into->version_count = 0;
  if (strcmp(names, "any") == 0) into->versions[into->version_count++] = 0;
  if (strstr(names, "1.2")) into->versions[into->version_count++] = TLSOCK_TLS_VERSION_TLSV1_2;
  if (strstr(names, "1.3")) into->versions[into->version_count++] = TLSOCK_TLS_VERSION_TLSV1_3;
  if (into->version_count == 0) table_broken("a version is missing", line);
}

static inline bool begins(const char *line, const char *with) { return strncmp(line, with, strlen(with)) == 0; }

// Of a line's language list, words separated by blanks.
static inline bool lists_c(const char *list) {
  char padded[LONGEST_LINE];
  snprintf(padded, sizeof padded, " %s ", list);
  return strstr(padded, " c ") != NULL;
}

// What a case needs that not every library has.
static inline bool is_there(const char *need, const char *line) {
  if (strcmp(need, "ech") == 0) return tlsock_has(TLSOCK_HAS_ECH);
  if (strcmp(need, "pha") == 0) return tlsock_has(TLSOCK_HAS_PHA);
  if (strcmp(need, "psk13") == 0) return tlsock_has(TLSOCK_HAS_PSK_TLS13);
  if (strcmp(need, "openssl") == 0) return strcmp(tlsock_backend(), "openssl") == 0;
  table_broken("a need that nobody knows", line);
}

static inline void take_line(table *into, outline *current, char *line) {
  char *values[MOST_WORDS];
  if (!*line || *line == '#') return;
  if (begins(line, "== ")) {
    end_outline(into, current);
    current->title = strdup(line + 3);
  } else if (!current->title) {
    table_broken("a line before any case", line);
  } else if (current->column_count) {
    if (cells(line, values) != current->column_count) table_broken("a row with other columns", line);
    add_row(into, current, values);
  } else if (begins(line, "rows ")) {
    char *kept = strdup(line + 5);
    current->column_count = cells(kept, current->columns);
    if (current->columns[0] != kept) table_broken("blanks before the first column", line);
  } else if (begins(line, "versions ")) {
    take_versions(current, line + 9, line);
  } else if (begins(line, "languages ")) {
    current->elsewhere |= !lists_c(line + 10);
  } else if (begins(line, "needs ")) {
    current->elsewhere |= !is_there(line + 6, line);
  } else if (current->count == MOST_LINES) {
    table_broken("too many lines", line);
  } else {
    current->lines[current->count++] = strdup(line);
  }
}

static inline void read_table(table *into, const char *path) {
  char line[LONGEST_LINE];
  outline current = {0};
  FILE *file = fopen(path, "r");
  if (!file) table_broken("a file cannot be read", path);
  end_outline(into, &current);
  while (fgets(line, sizeof line, file)) take_line(into, &current, trimmed(line));
  end_outline(into, &current);
  fclose(file);
}

// ---- one line ----

typedef struct word {
  const char *text;
  bool quoted;  // from its start
} word;

typedef struct sentence {
  char letters[LONGEST_LINE];
  const char *stored;  // under which name the result is kept; NULL for none
  word words[MOST_WORDS], wanted[MOST_WORDS];
  size_t count, wanted_count;
  bool loose;  // the rest of the outcome is of the language
} sentence;

// Takes one word; quotes keep blanks together and are left out. Returns the place after it.
static inline const char *take_word(const char *line, char **into, word *made) {
  bool quoted = false;
  made->text = *into;
  made->quoted = *line == '"';
  for (; *line && (quoted || *line != ' '); line++) {
    if (*line == '"') {
      quoted = !quoted;
    } else {
      *(*into)++ = *line;
    }
  }
  *(*into)++ = '\0';
  while (*line == ' ') line++;
  return line;
}

static inline void read_sentence(sentence *into, const char *line) {
  char *place = into->letters;
  bool wanted = false;
  into->loose = false;
  into->stored = NULL;
  into->count = into->wanted_count = 0;
  while (*line) {
    word one;
    line = take_word(line, &place, &one);
    if (!one.quoted && (strcmp(one.text, "->") == 0 || strcmp(one.text, "=>") == 0)) {
      wanted = true;
      into->loose = one.text[0] == '=';
    } else if (wanted) {
      into->wanted[into->wanted_count++] = one;
    } else if (into->count == 1 && !into->stored && !one.quoted && strcmp(one.text, "=") == 0) {
      into->stored = into->words[0].text;
      into->count = 0;
    } else {
      into->words[into->count++] = one;
    }
    if (into->count == MOST_WORDS || into->wanted_count == MOST_WORDS) table_broken("too many words", line);
  }
}

#endif
