package r4_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

func FuzzUnmarshal(f *testing.F) {
	for i, text := range official(f) {
		if len(text) < 4000 && i%8 == 0 {
			f.Add(text)
		}
	}
	for _, s := range []string{
		`{"resourceType":"Patient","_birthDate":{"id":"b"},"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`,
		`{"resourceType":"Lens","a":[1,{"b":null}],"id":"x"}`,
		`{"resourceType":"Patient","\u0067ender":"male","\u005fbirthDate":{"id":"b"},"sh\u006fe":{"\u0061":1}}`,
		`{"resourceType":"Patient","extension":[{"url":"a","_valueCode":{"id":"a"}}],"x":[-0.0e+1]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := r4.Unmarshal(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("what is not JSON is read: %q", text)
		}
		one, err := r.AppendJSON(nil)
		if err != nil {
			t.Fatalf("AppendJSON = %v of %q", err, text)
		}
		again, err := r4.Unmarshal(one)
		if err != nil {
			t.Fatalf("what is written is not read: %v in %q", err, one)
		}
		two, err := again.AppendJSON(nil)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("not stable: %q then %q, %v", one, two, err)
		}
	})
}
