package tlsock_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tlsock"
)

// methods gives the methods of types by the names of the table: set_ocsp_response is SetOCSPResponse.
func methods(of ...any) map[string]bool {
	found := map[string]bool{}
	for _, one := range of {
		kind := reflect.TypeOf(one)
		for i := 0; i < kind.NumMethod(); i++ {
			found[strings.ToLower(kind.Method(i).Name)] = true
		}
	}
	return found
}

func folded(step string) string { return strings.ReplaceAll(step, "_", "") }

func methodOf(subject any, step string) reflect.Value {
	kind := reflect.TypeOf(subject)
	for i := 0; i < kind.NumMethod(); i++ {
		if strings.ToLower(kind.Method(i).Name) == folded(step) {
			return reflect.ValueOf(subject).Method(i)
		}
	}
	return reflect.Value{}
}

// stepsOf gives the steps that a case consists of.
func stepsOf(one tableCase) (names []string) {
	for _, line := range one.lines {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "1.2: "), "1.3: ")
		names = append(names, readSentence(line).words[0].text)
	}
	return names
}

// checkGaps fails for a step that is missing here and is not listed, and for one that is listed and there.
func checkGaps(t *testing.T, cases []tableCase, gaps map[string]string) {
	there, used := methods((*tlsock.Context)(nil), (*tlsock.Object)(nil), (*tlsock.Identity)(nil), (*tlsock.Session)(nil)), map[string]bool{}
	for _, one := range cases {
		for _, step := range stepsOf(one) {
			if used[step] {
				continue
			}
			used[step] = true
			isHere := tableSteps[step] != nil || there[folded(step)]
			if _, isListed := gaps[step]; isHere == isListed {
				t.Errorf("%s: is there: %v, is listed as missing: %v", step, isHere, isListed)
			}
		}
	}
	for step := range gaps {
		if !used[step] {
			t.Errorf("%s is listed as missing, but the table has no such step", step)
		}
	}
}

// reference runs the table in C on the same files, and gives what each step of each case gave.
func reference(t *testing.T) map[string]string {
	folder := t.TempDir()
	command := exec.Command("sh", tableFolder+"/reference.sh", file(""), folder)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the table in C: %v\n%s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(folder, "outcomes"))
	must(t, err)
	outcomes := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		parts := strings.SplitN(line, "\t", 3)
		outcomes[parts[0]+"\t"+parts[1]] = parts[2]
	}
	return outcomes
}

func (s *scene) run(line string) {
	s.said, s.told = readSentence(line), nil
	name := s.word(0)
	var err error
	if step := tableSteps[name]; step != nil {
		err = step(s)
	} else if method := methodOf(s.subject(1), name); method.IsValid() {
		err = s.call(method)
	} else {
		s.broken("there is no such step")
	}
	if err != nil {
		s.told.tellError("", err)
	} else if len(s.told) == 0 {
		s.tell(nil)
	}
}

func runCase(t *testing.T, one tableCase, inC map[string]string) {
	s := &scene{t: t, version: one.version, values: map[string]any{}}
	defer s.end()
	for number, line := range one.lines {
		if only := line[:4]; only == "1.2:" || only == "1.3:" {
			if versionNames[one.version] != "TLSv"+only[:3] {
				continue
			}
			line = line[5:]
		}
		s.run(line)
		if missing := s.told.differs(s.said.wanted); missing != "" {
			t.Errorf("%s\n  was: %v\n  not so: %s", line, s.told, missing)
		}
		theirs, known := inC[one.title+"\t"+strconv.Itoa(number)]
		if known == (one.languages != "" && !strings.Contains(one.languages, " c ")) {
			t.Errorf("%s: known in C: %v", line, known)
		}
		if known && !s.said.loose && theirs != s.told.String() {
			t.Errorf("%s\n  is:   %v\n  in C: %s", line, s.told, theirs)
		}
	}
}

// TestTable runs the table of steps and outcomes, and compares all that each step gives with what it gives in C.
func TestTable(t *testing.T) {
	cases, gaps, inC := readTable(t), readGaps(t, "go"), reference(t)
	checkGaps(t, cases, gaps)
	for _, one := range cases {
		if one.languages != "" && !strings.Contains(one.languages, " go ") {
			continue
		}
		one := one
		t.Run(one.title, func(t *testing.T) {
			for _, step := range stepsOf(one) {
				if reason, isMissing := gaps[step]; isMissing {
					t.Skipf("%s: %s", step, reason)
				}
			}
			runCase(t, one, inC)
		})
	}
}
