package r4_test

import (
	"encoding/json"
	"go/build"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// TestTextIsThatOfEncodingJSON puts characters that need care at every place of
// texts of many lengths, as both directions look at several bytes at once.
func TestTextIsThatOfEncodingJSON(t *testing.T) {
	t.Parallel()
	check := func(s string) {
		t.Helper()
		got, err := (&r4.Patient{Name: []r4.HumanName{{Family: s, Given: []string{s}}}}).AppendJSON(nil)
		if err != nil {
			t.Fatalf("AppendJSON(%q) = %v", s, err)
		}
		var std struct {
			Name []struct {
				Family string
				Given  []string
			}
		}
		if err := json.Unmarshal(got, &std); err != nil || std.Name[0].Family != s || std.Name[0].Given[0] != s {
			t.Fatalf("%q is written as %s (%v)", s, got, err)
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		r, err := r4.Unmarshal([]byte(`{"resourceType":"Patient","name":[{"family":` + string(quoted) + `}],"` + strings.Repeat("x", len(s)) + `":0}`))
		if err != nil || r.(*r4.Patient).Name[0].Family != s {
			t.Fatalf("%s is read as %+v (%v)", quoted, r, err)
		}
	}
	cares := []string{`"`, `\`, "\n", "\x00", "\x1f", "\x7f", "é", "漢", "😀", "\u2028", "<", ",", "]"}
	for _, fill := range []string{"a", "é", "漢"} {
		for n := range 70 {
			for _, c := range cares {
				check(strings.Repeat(fill, n) + c)
				check(strings.Repeat(fill, n) + c + strings.Repeat(fill, 69-n))
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var s strings.Builder
		for range 1 + rng.IntN(100) {
			if rng.IntN(8) == 0 {
				s.WriteString(cares[rng.IntN(len(cares))])
			} else {
				s.WriteByte(byte('a' + rng.IntN(26)))
			}
		}
		check(s.String())
	}
}

func TestTextThatIsNotUTF8IsRefusedAtEveryPlace(t *testing.T) {
	t.Parallel()
	for n := range 70 {
		for _, bad := range []string{"\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
			s := strings.Repeat("a", n) + bad + strings.Repeat("b", 69-n)
			if got, err := (&r4.Patient{Gender: s}).AppendJSON(nil); err == nil {
				t.Errorf("AppendJSON(%q) = %q", s, got)
			}
			if r, err := r4.Unmarshal([]byte(`{"resourceType":"Patient","gender":"` + s + `"}`)); err == nil {
				t.Errorf("Unmarshal of %q = %+v", s, r)
			}
		}
	}
}

func TestWhiteSpaceMayStandBetweenTokens(t *testing.T) {
	t.Parallel()
	tokens := []string{"{", `"resourceType"`, ":", `"Patient"`, ",", `"active"`, ":", "true", ",", `"name"`, ":", "[", "{", `"given"`, ":", "[", `"A"`, ",", `"B"`, "]", "}", "]", ",", `"multipleBirthInteger"`, ":", "-12", "}"}
	want := strings.Join(tokens, "")
	rng := rand.New(rand.NewPCG(3, 4))
	space := func() string {
		if rng.IntN(2) == 0 {
			return strings.Repeat(" ", rng.IntN(20))
		}
		b := make([]byte, rng.IntN(20))
		for i := range b {
			b[i] = " \n\t\r"[rng.IntN(4)]
		}
		return string(b)
	}
	for range 2000 {
		var in strings.Builder
		for _, token := range tokens {
			in.WriteString(space() + token)
		}
		in.WriteString(space())
		r, err := r4.Unmarshal([]byte(in.String()))
		if err != nil {
			t.Fatalf("Unmarshal(%q) = %v", in.String(), err)
		}
		if got, err := r.AppendJSON(nil); err != nil || len(got) != len(want) {
			t.Fatalf("Unmarshal(%q) is %s, %v", in.String(), got, err)
		}
	}
	for _, other := range []string{"\v", "\f", "\u00a0", "\ufeff"} {
		if r, err := r4.Unmarshal([]byte(`{"resourceType":` + other + `"Patient"}`)); err == nil {
			t.Errorf("%q is white space: %+v", other, r)
		}
	}
}

// TestProgramsStaySmall keeps out what would be linked, or compiled, into each
// program that reads a Patient.
func TestProgramsStaySmall(t *testing.T) {
	t.Parallel()
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"encoding/json", "encoding/xml", "reflect", "regexp", "compress/gzip", "math/big", "embed"} {
		if slices.Contains(p.Imports, heavy) {
			t.Errorf("package r4 imports %s", heavy)
		}
	}
}
