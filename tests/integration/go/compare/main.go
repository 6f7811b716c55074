// Program compare compares two runs of the same tests, as `go test -json` tells of them:
//
//	compare BASELINE OURS DIFFERENCES
//
// Every test must end as it ended in the baseline. DIFFERENCES lists those that need not, with the tests inside them: a
// name and a reason a line. They count as skipped, and must differ, unless the reason begins with "sometimes".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
)

// shown is how many differences are told one by one.
const shown = 50

// mayPass begins the reason of a difference that is not always there.
const mayPass = "sometimes"

type event struct{ Action, Package, Test string }

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: compare BASELINE OURS DIFFERENCES")
		os.Exit(2)
	}
	baseline, ours, known := results(os.Args[1]), results(os.Args[2]), differences(os.Args[3])
	passed, failed, skipped := 0, 0, 0
	differ := map[string]bool{}
	for _, name := range names(baseline, ours) {
		was, is := baseline[name], ours[name]
		entry := covering(known, name)
		switch {
		case was == "skip" && is == "skip":
			skipped++
		case was == is:
			passed++
		case entry != "":
			differ[entry] = true
			skipped++
		default:
			failed++
			if failed <= shown {
				fmt.Printf("%s: %q with crypto/tls, %q with tlsock\n", name, was, is)
			}
		}
	}
	for name, reason := range known {
		if !differ[name] && !strings.HasPrefix(reason, mayPass) {
			failed++
			fmt.Printf("%s: no difference any more, take it off the list (%s)\n", name, reason)
		}
	}
	if passed == 0 {
		failed++
		fmt.Println("no test was run")
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 {
		os.Exit(1)
	}
}

// covering gives the entry that a test falls under, "" for none.
func covering(known map[string]string, name string) string {
	for name != "" {
		if _, found := known[name]; found {
			return name
		}
		name = name[:max(0, strings.LastIndexByte(name, '/'))]
	}
	return ""
}

// Names of temporary folders get into names of tests.
var temporary = regexp.MustCompile(`/tmp/\w+/`)

// results gives how each test ended. One that never did, as its program crashed, has "run".
func results(path string) map[string]string {
	file, err := os.Open(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer file.Close()
	ended := map[string]string{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		name := temporary.ReplaceAllString(strings.TrimSuffix(e.Package+" "+e.Test, " "), "/tmp/")
		switch e.Action {
		case "run", "start", "pass", "fail", "skip":
			ended[name] = e.Action
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	blame(ended)
	return ended
}

// blame lets a package, or a test with tests inside, fail by itself only if none of those inside did.
func blame(ended map[string]string) {
	var failed []string
	for name, action := range ended {
		if action == "fail" {
			failed = append(failed, name)
		}
	}
	for _, name := range failed {
		owner, test, found := strings.Cut(name, " ")
		if !found {
			continue
		}
		ended[owner] = "pass"
		for at := strings.LastIndexByte(test, '/'); at > 0; at = strings.LastIndexByte(test[:at], '/') {
			ended[owner+" "+test[:at]] = "pass"
		}
	}
}

func differences(path string) map[string]string {
	data, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	known := map[string]string{}
	for _, line := range strings.Split(string(data), "\n") {
		name, reason, found := strings.Cut(line, ": ")
		if found && !strings.HasPrefix(line, "#") {
			known[name] = reason
		}
	}
	return known
}

func names(maps ...map[string]string) (all []string) {
	seen := map[string]bool{}
	for _, m := range maps {
		for name := range m {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	sort.Strings(all)
	return all
}
