package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file")

// identity matches what is fresh each time.
var identity = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

func TestStory(t *testing.T) {
	var b bytes.Buffer
	if err := play(t.Context(), &b); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	got := identity.ReplaceAllString(b.String(), "(identity)")
	if *update {
		if err := os.WriteFile("testdata/story.golden", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/story.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
}
