package r4_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

func entries(n int) func(func(r4.BundleEntry, error) bool) {
	return func(yield func(r4.BundleEntry, error) bool) {
		for i := range n {
			if !yield(r4.BundleEntry{Resource: &r4.Patient{ID: fmt.Sprint(i), Gender: "other"}}, nil) {
				return
			}
		}
	}
}

func TestBundleIsStreamed(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	own := r4.Bundle{ID: "b", Type: "collection", Entry: []r4.BundleEntry{{FullURL: "urn:x"}}}
	if err := r4.WriteBundle(&text, own, entries(3)); err != nil {
		t.Fatal(err)
	}
	whole, err := r4.Unmarshal(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var head r4.Bundle
	var got []r4.BundleEntry
	for e, err := range r4.ReadBundle(iotest.OneByteReader(strings.NewReader(" "+text.String()+"\n")), &head) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if len(got) != 4 || got[3].Resource.ResourceID() != "2" {
		t.Errorf("%d entries", len(got))
	}
	head.Entry = got
	if diff := cmp.Diff(whole, r4.Resource(&head)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text.Reset()
	if err := r4.WriteBundle(&text, r4.Bundle{Type: "collection"}, entries(0)); err != nil || text.String() != `{"resourceType":"Bundle","type":"collection"}` {
		t.Errorf("an empty Bundle is %s, %v", &text, err)
	}
	for range r4.ReadBundle(strings.NewReader(`{"resourceType":"Bundle","entry":[{"fullUrl":"a"},{"fullUrl":"b"}]} wrong`), nil) {
		break
	}
}

func TestStreamedBundleIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, path string }{
		{"a wrong entry", `{"resourceType":"Bundle","entry":[{"fullUrl":"a"},{"resource":{"resourceType":"Patient","active":1}}]}`, "Bundle.entry[1].resource.active"},
		{"an entry that does not end", `{"resourceType":"Bundle","entry":[{"fullUrl":"a"`, "Bundle.entry[0]"},
		{"a Bundle that does not end", `{"resourceType":"Bundle","entry":[{"fullUrl":"a"}]`, "Bundle"},
		{"entries twice", `{"resourceType":"Bundle","entry":[{"fullUrl":"a"}],"entry":[{"fullUrl":"a"}]}`, "Bundle.entry"},
		{"no entry", `{"resourceType":"Bundle","entry":[]}`, "Bundle.entry[0]"},
		{"another type", `{"resourceType":"Patient"}`, "Bundle.resourceType"},
		{"no type", `{"entry":[{"fullUrl":"a"}]}`, "Bundle"},
		{"a wrong value beside the entries", `{"resourceType":"Bundle","total":1.5,"entry":[{"fullUrl":"a"}]}`, "Bundle.total"},
		{"something after it", `{"resourceType":"Bundle"} 1`, "Bundle"},
		{"nothing", ``, "Bundle"},
		{"nothing in it", `{}`, "Bundle"},
	} {
		var last error
		for _, err := range r4.ReadBundle(strings.NewReader(tt.in), nil) {
			last = err
		}
		var syntax *r4.SyntaxError
		if !errors.As(last, &syntax) || syntax.Path != tt.path {
			t.Errorf("%s: %v, want the path %s", tt.name, last, tt.path)
		}
	}
	broken := errors.New("broken")
	for _, in := range []string{``, `{"resourceType":"Bundle"`, `{"resourceType":"Bundle","entry":[`, `{"resourceType":"Bundle","entry":[{"fullUrl":"a"}`} {
		var last error
		for _, err := range r4.ReadBundle(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), nil) {
			last = err
		}
		if !errors.Is(last, broken) {
			t.Errorf("%s: %v, want the reader's error", in, last)
		}
	}
}

func TestStreamTakesBoundedMemory(t *testing.T) {
	const n = 60000
	read, write := io.Pipe()
	go func() { write.CloseWithError(r4.WriteBundle(write, r4.Bundle{Type: "collection"}, entries(n))) }()
	var most uint64
	got := 0
	for _, err := range r4.ReadBundle(read, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; got%20000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if got != n || most > 64<<20 {
		t.Errorf("%d entries with %d bytes", got, most)
	}
	var last error
	for _, err := range r4.ReadBundle(strings.NewReader(`{"resourceType":"Bundle","entry":[{"fullUrl":"`+strings.Repeat("a", r4.MaxStreamed)+`"}]}`), nil) {
		last = err
	}
	if !errors.Is(last, r4.ErrTooLong) {
		t.Errorf("an entry without end: %v", last)
	}
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	err := r4.WriteNDJSON(&text, func(yield func(r4.Resource, error) bool) {
		_ = yield(&r4.Patient{ID: "1"}, nil) && yield(&r4.Device{ID: "2", Extra: &r4.Extra{Unknown: []r4.Unknown{{Name: "x", JSON: "{\n\"a\":1}"}}}}, nil)
	})
	if want := `{"resourceType":"Patient","id":"1"}` + "\n" + `{"resourceType":"Device","id":"2","x":{"a":1}}` + "\n"; err != nil || text.String() != want {
		t.Fatalf("WriteNDJSON = %q, %v", text.String(), err)
	}
	in := text.String() + "\n" + `{"resourceType":"Patient","active":1}` + "\r\n" + `{"resourceType":"Lens","id":"3"}`
	var got []string
	for r, err := range r4.ReadNDJSON(strings.NewReader(in)) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, r.ResourceType()+"/"+r.ResourceID())
	}
	want := []string{"Patient/1", "Device/2", "line 4: Patient.active: true or false is expected, at byte 35", "Lens/3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	broken := errors.New("broken")
	fail := func(yield func(r4.Resource, error) bool) { yield(nil, broken) }
	if err := r4.WriteNDJSON(io.Discard, fail); !errors.Is(err, broken) {
		t.Errorf("WriteNDJSON = %v", err)
	}
}
