package layers

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README shows how to embed the library by the body of an example that is
// compiled and run with the tests.
func TestTheReadmeShowsTheExampleThatRuns(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../practice/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)func ExampleNew\(\) \{\n(.*?)\n\t// Output:`).FindSubmatch(source)
	if m == nil {
		t.Fatal("practice/example_test.go has no ExampleNew with output")
	}
	var body []string
	for line := range strings.Lines(string(m[1])) {
		body = append(body, strings.TrimPrefix(strings.TrimRight(line, "\n"), "\t"))
	}
	want := strings.TrimSpace(strings.Join(body, "\n"))
	if len(body) > 26 {
		t.Errorf("the example has %d lines; it should be about twenty", len(body))
	}
	if !strings.Contains(string(readme), "```go\n"+want+"\n```") {
		t.Errorf("README.md does not show the body of ExampleNew, which is\n%s", want)
	}
}
