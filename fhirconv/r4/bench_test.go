package r4_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// example returns HL7's example of a type and id.
func example(b *testing.B, kind, id string) []byte {
	for _, text := range official(b) {
		r, err := r4.Unmarshal(text)
		if err == nil && r.ResourceType() == kind && r.ResourceID() == id {
			return text
		}
	}
	b.Fatalf("no example %s/%s", kind, id)
	return nil
}

func benchmark(b *testing.B, text []byte) {
	b.Helper()
	name := func() string { r, _ := r4.Unmarshal(text); return r.ResourceType() }()
	b.Run("both", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			r, err := r4.Unmarshal(text)
			if err == nil {
				buf, err = r.AppendJSON(buf[:0])
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		r, err := r4.Unmarshal(text)
		if err != nil || r.ResourceType() != name {
			b.Fatal(err)
		}
		var buf []byte
		for b.Loop() {
			buf, _ = r.AppendJSON(buf[:0])
		}
	})
}

func BenchmarkPatient(b *testing.B)   { benchmark(b, example(b, "Patient", "example")) }
func BenchmarkEncounter(b *testing.B) { benchmark(b, example(b, "Encounter", "f001")) }
func BenchmarkQuestionnaireResponse(b *testing.B) {
	benchmark(b, example(b, "QuestionnaireResponse", "3141"))
}

// bundle200 returns a Bundle of 200 typed entries, of some 600 kB.
func bundle200(b *testing.B) []byte {
	parts := [][]byte{example(b, "Patient", "example"), example(b, "Encounter", "f001"), example(b, "Observation", "f001"), example(b, "QuestionnaireResponse", "3141")}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range 200 {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"fullUrl":"urn:uuid:%s","resource":%s}`, strings.Repeat("0", 36), parts[i%len(parts)])
	}
	out.WriteString("]}")
	return out.Bytes()
}

func BenchmarkBundle200(b *testing.B) { benchmark(b, bundle200(b)) }
