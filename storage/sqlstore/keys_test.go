package sqlstore

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

func TestKeysRoundTrip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		keys []docstore.Key
	}{
		{name: "no keys", keys: nil},
		{name: "the empty key", keys: []docstore.Key{{}}},
		{name: "several keys", keys: []docstore.Key{{}, {Index: "code", Value: "peel"}, {Index: "gtin", Value: "00312345678906"}}},
		{name: "any bytes", keys: []docstore.Key{{Index: "é", Value: "\x00\xff|"}, {Index: "\x00", Value: ""}}},
		{name: "a long value", keys: []docstore.Key{{Index: "a", Value: string(bytes.Repeat([]byte("x"), 70000))}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodeKeys(encodeKeys(tt.keys))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.keys, got); diff != "" {
				t.Errorf("keys after encoding and decoding (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzDecodeKeys(f *testing.F) {
	f.Add(encodeKeys([]docstore.Key{{}, {Index: "code", Value: "peel"}}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{3, 'a', 'b'})
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := decodeKeys(b)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("decodeKeys(%q) = %v, want an error that wraps ErrInvalid", b, err)
			}
			return
		}
		again, err := decodeKeys(encodeKeys(keys))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(keys, again); diff != "" {
			t.Errorf("keys decoded twice (-first +second):\n%s", diff)
		}
	})
}

func TestKeySets(t *testing.T) {
	t.Parallel()
	a, b, c := docstore.Key{Index: "i", Value: "a"}, docstore.Key{Index: "i", Value: "b"}, docstore.Key{Index: "j", Value: "a"}
	if got, want := unique([]docstore.Key{a, b, a, c, b}), []docstore.Key{a, b, c}; !cmp.Equal(got, want) {
		t.Errorf("unique() = %v, want %v", got, want)
	}
	if got, want := without([]docstore.Key{a, b, c}, []docstore.Key{b}), []docstore.Key{a, c}; !cmp.Equal(got, want) {
		t.Errorf("without() = %v, want %v", got, want)
	}
}
