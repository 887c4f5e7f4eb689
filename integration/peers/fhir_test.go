package peers

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	goccy "github.com/goccy/go-json"
	gofhir "github.com/gofhir/models/r4"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// official returns HL7's example of a type and id, as package r4 has it for its
// own tests.
func official(b *testing.B, kind, id string) []byte {
	b.Helper()
	f, err := os.Open("../../fhirconv/r4/testdata/examples.ndjson.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var head struct{ ResourceType, ID string }
		if json.Unmarshal(lines.Bytes(), &head) == nil && head.ResourceType == kind && head.ID == id {
			return bytes.Clone(lines.Bytes())
		}
	}
	b.Fatalf("no example %s/%s", kind, id)
	return nil
}

// fhirPeer reads a document into its type, and writes it again.
type fhirPeer struct {
	name string
	both func(text, buf []byte) ([]byte, error)
}

// structs are encoders that work by tags, over plain structs of the same elements.
func structs[T any](name string, decode func([]byte, any) error, encode func(any) ([]byte, error)) fhirPeer {
	return fhirPeer{name, func(text, _ []byte) ([]byte, error) {
		v := new(T)
		if err := decode(text, v); err != nil {
			return nil, err
		}
		return encode(v)
	}}
}

func goccyEncode(v any) ([]byte, error) { return goccy.MarshalWithOption(v, goccy.DisableHTMLEscape()) }

func goccyDecode(text []byte, v any) error { return goccy.Unmarshal(text, v) }

var fhirPeers = []fhirPeer{
	{"glabella", func(text, buf []byte) ([]byte, error) {
		r, err := r4.Unmarshal(text)
		if err != nil {
			return nil, err
		}
		return r.AppendJSON(buf[:0])
	}},
	{"gofhir", func(text, _ []byte) ([]byte, error) {
		r, err := gofhir.UnmarshalResource(text)
		if err != nil {
			return nil, err
		}
		return gofhir.Marshal(r)
	}},
}

// compare measures the peers on one document, after a look that each writes what
// it has read, apart from the order.
func compare(b *testing.B, text []byte, peers ...fhirPeer) {
	b.Helper()
	tree := func(text []byte) string {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			b.Fatal(err)
		}
		out, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		return string(out)
	}
	want := tree(text)
	for _, p := range append(append([]fhirPeer{}, fhirPeers...), peers...) {
		b.Run(p.name, func(b *testing.B) {
			got, err := p.both(text, nil)
			if err != nil {
				b.Fatal(err)
			}
			if tree(got) != want {
				b.Fatalf("%s writes something else than it has read", p.name)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			buf := got
			for b.Loop() {
				if buf, err = p.both(text, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPatient(b *testing.B) {
	compare(b, official(b, "Patient", "f001"), structs[plainPatient]("goccy", goccyDecode, goccyEncode))
}

func BenchmarkEncounter(b *testing.B) {
	compare(b, official(b, "Encounter", "f001"), structs[plainEncounter]("goccy", goccyDecode, goccyEncode))
}

func BenchmarkQuestionnaireResponse(b *testing.B) {
	compare(b, official(b, "QuestionnaireResponse", "3141"), structs[plainQuestionnaireResponse]("goccy", goccyDecode, goccyEncode))
}

func BenchmarkBundle200(b *testing.B) {
	parts := [][]byte{
		official(b, "Patient", "f001"), official(b, "Encounter", "f001"), official(b, "Observation", "f001"), official(b, "QuestionnaireResponse", "3141"),
	}
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range 200 {
		fmt.Fprintf(&out, `%s{"fullUrl":"urn:uuid:%036d","resource":%s}`, strings.Repeat(",", min(i, 1)), i, parts[i%len(parts)])
	}
	out.WriteString("]}")
	compare(b, out.Bytes())
}
