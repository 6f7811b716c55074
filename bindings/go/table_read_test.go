package tlsock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tlsock"
)

const tableFolder = "../../tests/table"

// tableCase is one case of the table at one version (0: any), with the columns of its row filled in.
type tableCase struct {
	title     string
	version   tlsock.TLSVersion
	languages string // "" for all
	lines     []string
}

// outline is a case as it stands in the file.
type outline struct {
	title, languages string
	absent           bool // it needs what this library has not
	lines, columns   []string
	rows             [][]string
	versions         []tlsock.TLSVersion
}

// readTable reads all files of the table: tests/README.md has the format.
func readTable(t *testing.T) (all []tableCase) {
	t.Helper()
	files, err := filepath.Glob(tableFolder + "/*.table")
	must(t, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		must(t, err)
		for _, one := range readOutlines(t, string(text)) {
			all = append(all, one.cases()...)
		}
	}
	if len(all) == 0 {
		t.Fatal("the table is empty")
	}
	return all
}

func readOutlines(t *testing.T, text string) (all []*outline) {
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "== "):
			all = append(all, &outline{title: line[3:], versions: []tlsock.TLSVersion{tlsock.TLSVersionTLSv12, tlsock.TLSVersionTLSv13}})
		case len(all) == 0:
			t.Fatalf("a line before any case: %s", line)
		default:
			all[len(all)-1].take(t, line)
		}
	}
	return all
}

func cells(line string) []string {
	all := strings.Split(line, "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func (o *outline) take(t *testing.T, line string) {
	switch {
	case o.columns != nil:
		row := cells(line)
		if len(row) != len(o.columns) {
			t.Fatalf("a row with other columns: %s", line)
		}
		o.rows = append(o.rows, row)
	case strings.HasPrefix(line, "rows "):
		o.columns = cells(line[5:])
	case strings.HasPrefix(line, "versions "):
		o.versions = nil
		for _, known := range []struct {
			name   string
			number tlsock.TLSVersion
		}{{"any", 0}, {"1.2", tlsock.TLSVersionTLSv12}, {"1.3", tlsock.TLSVersionTLSv13}} {
			if strings.Contains(line, known.name) {
				o.versions = append(o.versions, known.number)
			}
		}
	case strings.HasPrefix(line, "languages "):
		o.languages = " " + line[10:] + " "
	case strings.HasPrefix(line, "needs "):
		o.absent = o.absent || !isThere(t, line[6:])
	default:
		o.lines = append(o.lines, line)
	}
}

// isThere tells whether there is what a case needs, which not every library has.
func isThere(t *testing.T, need string) bool {
	switch need {
	case "ech":
		return tlsock.Has(tlsock.HasECH)
	case "pha":
		return tlsock.Has(tlsock.HasPHA)
	case "psk13":
		return tlsock.Has(tlsock.HasPSKTLS13)
	case "openssl":
		return tlsock.Backend() == "openssl"
	}
	t.Fatalf("a need that nobody knows: %s", need)
	return false
}

var versionNames = map[tlsock.TLSVersion]string{0: "", tlsock.TLSVersionTLSv12: "TLSv1.2", tlsock.TLSVersionTLSv13: "TLSv1.3"}

func (o *outline) cases() (all []tableCase) {
	if o.absent {
		return nil
	}
	rows := o.rows
	if o.columns == nil {
		rows = [][]string{nil}
	}
	for _, row := range rows {
		for _, version := range o.versions {
			pairs := []string{"{version}", versionNames[version]}
			for i, column := range o.columns {
				pairs = append(pairs, "{"+column+"}", row[i])
			}
			fill := strings.NewReplacer(pairs...)
			one := tableCase{title: fill.Replace(o.title), version: version, languages: o.languages}
			if version != 0 {
				one.title += " [" + versionNames[version] + "]"
			}
			for _, line := range o.lines {
				one.lines = append(one.lines, fill.Replace(line))
			}
			all = append(all, one)
		}
	}
	return all
}

// word is a part of a line; quotes keep blanks together and are left out.
type word struct {
	text   string
	quoted bool // from its start
}

// sentence is one step and what it has to give.
type sentence struct {
	stored        string // under which name the result is kept
	words, wanted []word
	loose         bool // the rest of the outcome is of the language
}

func readSentence(line string) (s sentence) {
	into := &s.words
	for _, one := range splitWords(line) {
		switch {
		case !one.quoted && (one.text == "->" || one.text == "=>"):
			into, s.loose = &s.wanted, one.text == "=>"
		case !one.quoted && one.text == "=" && len(s.words) == 1 && s.stored == "":
			s.stored, s.words = s.words[0].text, nil
		default:
			*into = append(*into, one)
		}
	}
	return s
}

func splitWords(line string) (all []word) {
	var text strings.Builder
	inside, begun, quoted := false, false, false
	for i := 0; i <= len(line); i++ {
		switch {
		case i == len(line) || line[i] == ' ' && !inside:
			if begun {
				all = append(all, word{text.String(), quoted})
			}
			text.Reset()
			begun, quoted = false, false
		case line[i] == '"':
			quoted = quoted || !begun
			begun, inside = true, !inside
		default:
			begun = true
			text.WriteByte(line[i])
		}
	}
	return all
}

// readGaps gives the steps that a language lacks, with the reasons.
func readGaps(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tableFolder, "gaps.txt"))
	must(t, err)
	gaps := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) == 3 && parts[0] == language {
			gaps[parts[1]] = parts[2]
		}
	}
	return gaps
}
