package fhirconv_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
)

// chance is a source of random codes that is the same in each run.
func chance() *rand.Rand { return rand.New(rand.NewSource(1)) }

func deidentify(t *testing.T, text []byte, zip3 ...string) fhirconv.Deidentified {
	t.Helper()
	got, err := fhirconv.Deidentify(text, fhirconv.DeidentifyOptions{On: glabella.MustParseDate("2026-06-01"), Zip3: zip3, Random: chance()})
	if err != nil {
		t.Fatalf("Deidentify = %v", err)
	}
	return got
}

// replace calls f with every place of a document: f returns the value to put there.
func replace(v any, f func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = replace(v[name], f)
		}
		return v
	case []any:
		for i, item := range v {
			v[i] = replace(item, f)
		}
		return v
	}
	return f(v)
}

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func compact(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNoCanarySurvivesDeidentification(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	random := rand.New(rand.NewSource(7))
	shapes := []func(n int) any{
		func(n int) any { return fmt.Sprintf("canary%06d", n) },
		func(n int) any { return fmt.Sprintf("2019-03-14 canary%06d", n) },
		func(n int) any { return map[string]any{"canary": fmt.Sprint("canary", n)} },
		func(n int) any { return []any{fmt.Sprint("canary", n), []any{"canary"}} },
		func(n int) any { return 987654321000 + n },
	}
	check := func(t *testing.T, doc any) {
		t.Helper()
		got := deidentify(t, compact(t, doc), "787")
		all := string(got.Bundle) + string(compact(t, got))
		if strings.Contains(all, "canary") || strings.Contains(all, "987654321") {
			t.Fatalf("a canary survived: %s", all)
		}
	}
	keep := func(v any) bool { // what makes the walk reach the elements
		s, _ := v.(string)
		_, kind := map[string]bool{"Bundle": true, "Patient": true, "Encounter": true, "Appointment": true, "Condition": true, "AllergyIntolerance": true,
			"MedicationStatement": true, "MedicationAdministration": true, "Medication": true, "Procedure": true}[s]
		return kind
	}
	t.Run("in every value at once", func(t *testing.T) {
		for _, shape := range shapes {
			n := 0
			check(t, replace(parse(t, text), func(v any) any {
				if keep(v) {
					return v
				}
				n++
				return shape(n)
			}))
		}
	})
	t.Run("in one value in ten", func(t *testing.T) {
		for range 100 {
			n := 0
			check(t, replace(parse(t, text), func(v any) any {
				if n++; v == "Bundle" || random.Intn(10) > 0 {
					return v
				}
				return shapes[random.Intn(len(shapes))](n)
			}))
		}
	})
	t.Run("in elements that are not known", func(t *testing.T) {
		doc := parse(t, text)
		var sow func(v any)
		sow = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, item := range v {
					sow(item)
				}
				v["canaryName"], v["_birthDate"], v["valueString"] = "canary", map[string]any{"id": "canary"}, "canary"
			case []any:
				for _, item := range v {
					sow(item)
				}
			}
		}
		sow(doc)
		check(t, doc)
	})
}

func TestDeidentifiedCopyHasNoDayAndNoIDOfTheRecord(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	got := deidentify(t, text)
	for _, pattern := range []string{`[0-9]{4}-[0-9]{2}`, `[0-9a-f]{8}-[0-9a-f]{4}`, `@`, `\+1`} {
		if found := regexp.MustCompile(pattern).Find(got.Bundle); found != nil {
			t.Errorf("the copy has %s", found)
		}
	}
	kinds := map[string]int{}
	for _, e := range parse(t, got.Bundle)["entry"].([]any) {
		kinds[e.(map[string]any)["resource"].(map[string]any)["resourceType"].(string)]++
	}
	for _, kind := range []string{"Patient", "Encounter", "Procedure", "AllergyIntolerance"} {
		if kinds[kind] == 0 {
			t.Errorf("the copy has no %s: %v", kind, kinds)
		}
	}
	for _, kind := range []string{"Practitioner", "Location", "DocumentReference", "Device", "Consent", "Invoice"} {
		if kinds[kind] != 0 {
			t.Errorf("the copy has a %s", kind)
		}
	}
	letters := map[string]bool{}
	for _, r := range got.Proof.Removed {
		letters[r.Identifier] = true
	}
	for _, l := range []string{"A", "B", "C", "D", "F", "H"} {
		if !letters[l] {
			t.Errorf("the proof removes nothing under (%s)", l)
		}
	}
	if got.Proof.Actual != fhirconv.ActualKnowledge {
		t.Error("the proof does not say what it does not show")
	}
}

func TestReferencesOfADeidentifiedCopyResolve(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	got := deidentify(t, text)
	there, references := map[string]bool{}, 0
	for _, e := range parse(t, got.Bundle)["entry"].([]any) {
		r := e.(map[string]any)["resource"].(map[string]any)
		there[fmt.Sprint(r["resourceType"], "/", r["id"])] = true
		contained, _ := r["contained"].([]any)
		for _, c := range contained {
			there["#"+c.(map[string]any)["id"].(string)] = true
		}
	}
	replace(parse(t, got.Bundle), func(v any) any {
		s, _ := v.(string)
		if strings.Contains(s, "/") && !strings.Contains(s, ":") || strings.HasPrefix(s, "#") {
			if references++; !there[s] {
				t.Errorf("%s refers to nothing", s)
			}
		}
		return v
	})
	if references == 0 {
		t.Error("the copy has no reference")
	}
}

func TestDeidentifyPatient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		zip3     []string
		want     map[string]any
	}{
		{name: "a birth date keeps its year", in: `{"birthDate":"1980-02-03"}`, want: map[string]any{"birthDate": "1980"}},
		{name: "89 years keep their year", in: `{"birthDate":"1937-12-31"}`, want: map[string]any{"birthDate": "1937"}},
		{name: "a year in which one may be 90 is one category", in: `{"birthDate":"1936-12-31"}`,
			want: map[string]any{"extension": []any{map[string]any{"url": fhirconv.Base + "/StructureDefinition/age-category", "valueCode": "90+"}}}},
		{name: "what is no date is left out", in: `{"birthDate":"1980 in Springfield"}`, want: map[string]any{}},
		{name: "a ZIP code of an area with few people is 000", in: `{"address":[{"postalCode":"78701","state":"TX","city":"Austin"}]}`,
			want: map[string]any{"address": []any{map[string]any{"postalCode": "000", "state": "TX"}}}},
		{name: "a ZIP code of an area with many people keeps three digits", in: `{"address":[{"postalCode":"78701-1234","line":["1 Main St"]}]}`, zip3: []string{"787"},
			want: map[string]any{"address": []any{map[string]any{"postalCode": "787"}}}},
		{name: "a postal code of another country is left out", in: `{"address":[{"postalCode":"78701","state":"TX","country":"MX"}]}`, zip3: []string{"787"}, want: map[string]any{}},
		{name: "a gender stays", in: `{"gender":"female"}`, want: map[string]any{"gender": "female"}},
		{name: "a gender that is text is left out", in: `{"gender":"Jane"}`, want: map[string]any{}},
		{name: "a picture is left out", in: `{"photo":[{"data":"aGVsbG8="}]}`, want: map[string]any{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resource := parse(t, []byte(tt.in))
			resource["resourceType"] = "Patient"
			got := deidentify(t, compact(t, map[string]any{"resourceType": "Bundle", "entry": []any{map[string]any{"resource": resource}}}), tt.zip3...)
			out := parse(t, got.Bundle)["entry"].([]any)[0].(map[string]any)["resource"].(map[string]any)
			delete(out, "resourceType")
			if diff := cmp.Diff(tt.want, out); diff != "" {
				t.Errorf("Deidentify (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCodesOfTwoCopiesDiffer(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	var all []string
	for range 2 {
		got, err := fhirconv.Deidentify(text, fhirconv.DeidentifyOptions{On: glabella.MustParseDate("2026-06-01")})
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range got.Codes {
			all = append(all, code)
		}
	}
	slices.Sort(all)
	if n := len(all); n == 0 || len(slices.Compact(all)) != n {
		t.Errorf("of %d codes some are the same", n)
	}
}

func TestDeidentifyRefusesWhatIsNoBundle(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `[]`, `null`, `{"resourceType":"Patient","id":"canary"}`} {
		_, err := fhirconv.Deidentify([]byte(text), fhirconv.DeidentifyOptions{On: glabella.MustParseDate("2026-06-01")})
		if !errors.Is(err, fhirconv.ErrNotBundle) || strings.Contains(err.Error(), "canary") {
			t.Errorf("Deidentify(%q) = %v", text, err)
		}
	}
	if _, err := fhirconv.Deidentify([]byte(`{"resourceType":"Bundle"}`), fhirconv.DeidentifyOptions{}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Deidentify without a day = %v", err)
	}
}
