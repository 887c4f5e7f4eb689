package fhirconv_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
)

func patients(text string, how patient.Reading) ([]patient.Row, error) {
	how.Provenance = told()
	var out []patient.Row
	for row, err := range fhirconv.ReadPatients(strings.NewReader(text), patient.Source{Name: "patients.ndjson", System: "urn:example:ehr", Region: "US"}, how) {
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

// What this library writes of a patient, it reads back, but for what it says is
// not carried over.
func TestAPatientThatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	r := sample()
	text, _ := export(t, r)
	rows, err := patients(string(text), patient.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(row patient.Row) bool { return row.Key != "" })
	if i < 0 {
		t.Fatalf("no patient among %d rows", len(rows))
	}
	for k, row := range rows {
		if k != i && !slices.Contains(row.Codes(), fhirconv.CodeReadResource) {
			t.Errorf("row %d is no patient and says %v", row.Number, row.Codes())
		}
	}
	got, want := rows[i].Intake, r.Patient
	if rows[i].Key != want.ID.String() || len(rows[i].Issues) > 0 {
		t.Errorf("key %q, issues %+v", rows[i].Key, rows[i].Issues)
	}
	same := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreTypes(glabella.Provenance{})}
	if diff := cmp.Diff(want.Names, got.Names, same...); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	written := func(c patient.Contact) patient.Contact {
		if c.From, c.To = (glabella.Date{}), (glabella.Date{}); c.Use == "newsletter" { // lost where it is written
			c.Use = ""
		}
		return c
	}
	for k, c := range want.Contacts {
		if k >= len(got.Contacts) || !cmp.Equal(written(c), got.Contacts[k], same...) {
			t.Errorf("contact %d: got %+v, want %+v", k, got.Contacts, c)
		}
	}
	if len(got.Addresses) != len(want.Addresses) || got.BirthDate != want.BirthDate || got.Gender != want.Gender || got.SexAtBirth != want.SexAtBirth || got.Pronouns != want.Pronouns {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(got.Languages, want.Languages) || len(got.Identifiers) != len(want.Identifiers)+1 {
		t.Errorf("languages %v, identifiers %v", got.Languages, got.Identifiers)
	}
}

const foreign = `{"resourceType":"Patient","id":"p%d","active":true,"text":{"status":"generated","div":"<div>x</div>"},` +
	`"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/individual-pronouns","valueCodeableConcept":{"coding":[{"code":"LA29519-8","display":"she/her"}]}},{"url":"urn:example:other","valueCode":"x"}],` +
	`"name":[{"use":"official","family":"Example","given":["Avery"],"period":{"start":"2010"}},{"use":"anonymous","text":"A."}],` +
	`"telecom":[{"system":"phone","value":"(512) 555-0142","use":"mobile","rank":1},{"system":"fax","value":"+15125550143"},{"system":"email","value":"avery@example.com"}],` +
	`"gender":"female","birthDate":"1990-02-27","address":[{"line":["12 Long Street"],"district":"Travis","country":"USA"}],` +
	`"communication":[{"language":{"coding":[{"code":"en"}]}},{"language":{"coding":[{"code":"es"}]},"preferred":true}],"maritalStatus":{"text":"married"}}`

func TestAForeignPatientIsReadWithWhatIsLeft(t *testing.T) {
	t.Parallel()
	rows, err := patients(fmt.Sprintf(foreign, 1)+"\n"+fmt.Sprintf(foreign, 2)+"\n", patient.Reading{})
	if err != nil || len(rows) != 2 || len(rows[0].Issues) > 0 {
		t.Fatalf("ReadPatients = %+v, %v", rows, err)
	}
	in := rows[0].Intake
	want := patient.Intake{
		Names: []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Avery"}}}, Pronouns: "she/her",
		BirthDate: glabella.MustParseDate("1990-02-27"), Gender: patient.Female,
		Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550142", Use: "mobile", Preferred: true}, {System: patient.Email, Value: "avery@example.com"}},
		Addresses:   []patient.Address{{Lines: []string{"12 Long Street"}}},
		Languages:   []string{"es", "en"},
		Identifiers: []patient.Identifier{{System: "urn:example:ehr", Value: "p1"}},
	}
	if diff := cmp.Diff(want, in, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("intake (-want +got):\n%s", diff)
	}
	var left []string
	for _, n := range rows[0].Notes {
		left = append(left, n.Path)
	}
	slices.Sort(left)
	if diff := cmp.Diff([]string{"/address/0/country", "/address/0/district", "/extension/1", "/maritalStatus", "/name/0/period/start", "/name/1", "/telecom/1"}, left); diff != "" {
		t.Errorf("not carried over (-want +got):\n%s", diff)
	}
}

func TestAWrongResourceSpoilsNoOther(t *testing.T) {
	t.Parallel()
	good := func(n int) string { return fmt.Sprintf(foreign, n) }
	edit := func(old, new string) string { return strings.Replace(good(2), old, new, 1) }
	for _, tt := range []struct {
		name, text string
		want       glabella.Code
	}{
		{"another type", `{"resourceType":"Group","id":"g"}`, fhirconv.CodeReadResource},
		{"no type", `{}`, fhirconv.CodeReadResource},
		{"an element that may change the meaning", edit(`"active":true`, `"modifierExtension":[{"url":"urn:example:not","valueBoolean":true}]`), fhirconv.CodeReadModifier},
		{"rules that are not known", edit(`"active":true`, `"implicitRules":"urn:example"`), fhirconv.CodeReadModifier},
		{"part of a date", edit("1990-02-27", "1990"), patient.CodeImportDate},
		{"a number for a name", edit(`"family":"Example"`, `"family":7`), glabella.CodeFormat},
		{"an object for a list", edit(`"given":["Avery"]`, `"given":{"a":1}`), glabella.CodeFormat},
		{"a phone that is none", edit("(512) 555-0142", "call me"), patient.CodePhone},
		{"no identity", edit(`"id":"p2",`, ""), glabella.CodeRequired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bundle := `{"entry":[{"resource":` + good(1) + `},{"resource":` + tt.text + `},{"fullUrl":"urn:x","resource":` + good(3) + `}],"resourceType":"Bundle","type":"collection"}`
			for form, text := range map[string]string{"NDJSON": good(1) + "\n" + tt.text + "\n" + good(3), "a Bundle": bundle} {
				rows, err := patients(text, patient.Reading{})
				if err != nil || len(rows) != 3 {
					t.Fatalf("%s: %d rows, %v, want 3", form, len(rows), err)
				}
				if len(rows[0].Issues)+len(rows[2].Issues) > 0 || rows[2].Key != "p3" {
					t.Errorf("%s: the resources around it: %+v, %+v", form, rows[0].Issues, rows[2].Issues)
				}
				if !slices.Contains(rows[1].Codes(), tt.want) {
					t.Errorf("%s: issues %+v, want %s", form, rows[1].Issues, tt.want)
				}
				for _, i := range append(rows[1].Issues, rows[1].Notes...) {
					if strings.Contains(i.Path+i.Text, "Avery") {
						t.Errorf("%s: issue %+v names a person", form, i)
					}
				}
			}
		})
	}
	for name, text := range map[string]string{
		"a file that ends within a resource": good(1)[:200], "no JSON": "hello", "a list": "[1]", "entries that are none": `{"resourceType":"Bundle","entry":7}`,
		"more than the limit": good(1) + good(2) + good(3), "a resource of any length": strings.Replace(good(1), "Avery", strings.Repeat("x", 1<<18), 1) + good(2),
	} {
		if _, err := patients(text, patient.Reading{MaxRows: 2, MaxRow: 4 << 10}); err == nil || strings.Contains(err.Error(), "Avery") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a file holds, reading it ends, finds the same twice, and gives for each
// resource either a person or what is wrong.
func FuzzReadPatients(f *testing.F) {
	f.Add(fmt.Sprintf(foreign, 1))
	f.Add(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":[{"text":"x"}]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		how := patient.Reading{MaxRow: 4 << 10, MaxRows: 100}
		a, errA := patients(text, how)
		b, errB := patients(text, how)
		if (errA == nil) != (errB == nil) || !cmp.Equal(a, b, cmpopts.EquateEmpty()) {
			t.Fatal("two readings differ")
		}
		for _, row := range a {
			if len(row.Issues) == 0 && (row.Key == "" || len(row.Intake.Names) == 0) {
				t.Fatalf("a row without issues and without a person: %+v", row)
			}
		}
	})
}

func ExampleReadPatients() {
	file := bytes.NewReader([]byte(`{"resourceType":"Patient","id":"0042","name":[{"family":"Example","given":["Ann"]}],"photo":[{"url":"https://ehr.example.org/7"}]}`))
	for row, err := range fhirconv.ReadPatients(file, patient.Source{Name: "patients.ndjson", System: "https://ehr.example.org"}, patient.Reading{Provenance: told()}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row.Key, row.Intake.Names[0], row.Notes[0].Path, row.Notes[0].Text)
	}
	// Output: 0042 Ann Example /photo is not carried over
}
