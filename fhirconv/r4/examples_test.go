package r4_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// official returns HL7's own examples of the resource types of the package.
func official(t testing.TB) [][]byte {
	t.Helper()
	f, err := os.Open("testdata/examples.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		out = append(out, bytes.Clone(s.Bytes()))
	}
	if s.Err() != nil || len(out) < 397 {
		t.Fatalf("%d examples, %v", len(out), s.Err())
	}
	return out
}

// tree returns a document with its numbers as they are written.
func tree(t testing.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %.2000s", err, text)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("something follows: %v", err)
	}
	return v
}

func TestOfficialExamplesSurvive(t *testing.T) {
	t.Parallel()
	for _, text := range official(t) {
		r, err := r4.Unmarshal(text)
		if err != nil {
			t.Errorf("Unmarshal: %v in %.120s", err, text)
			continue
		}
		if _, raw := r.(*r4.Raw); raw {
			t.Errorf("%s is not typed", r.ResourceType())
		}
		got, err := r.AppendJSON(nil)
		if err != nil {
			t.Errorf("AppendJSON(%s %s) = %v", r.ResourceType(), r.ResourceID(), err)
			continue
		}
		if diff := cmp.Diff(tree(t, text), tree(t, got)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", r.ResourceType(), r.ResourceID(), diff)
		}
	}
}
