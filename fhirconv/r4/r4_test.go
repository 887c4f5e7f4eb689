package r4_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// nested returns an object of so many levels.
func nested(levels int, inner string) string {
	return strings.Repeat(`{"x":`, levels) + inner + strings.Repeat("}", levels)
}

func TestWhatIsReadIsWrittenBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"decimals keep their text", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":0.10},"component":[{"code":{"text":"y"},"valueQuantity":{"value":-1.50e-3}},{"code":{"text":"z"},"valueQuantity":{"value":100000000000000000000.000}}]}`},
		{"a partial date keeps its precision", `{"resourceType":"Patient","birthDate":"1974"}`},
		{"an offset of minus nothing stays", `{"resourceType":"Patient","deceasedDateTime":"2015-02-07T13:28:17-00:00"}`},
		{"an extension of a primitive", `{"resourceType":"Patient","birthDate":"1974","_birthDate":{"id":"b","extension":[{"url":"http://example.org/x","valueCode":"y"}]}}`},
		{"an extension of a primitive without value", `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://example.org/x","valueCode":"unknown"}]}}`},
		{"nulls in both lists", `{"resourceType":"Patient","name":[{"given":["A",null,"C"],"_given":[null,{"extension":[{"url":"http://example.org/x","valueCode":"masked"}]},null]}]}`},
		{"a list of extensions only", `{"resourceType":"Patient","name":[{"_given":[null,{"id":"g"}]}]}`},
		{"an id with an extension", `{"resourceType":"Patient","id":"p","_id":{"extension":[{"url":"http://example.org/x","valueCode":"y"}]}}`},
		{"an extension of a choice without value", `{"resourceType":"Patient","_deceasedBoolean":{"extension":[{"url":"http://example.org/x","valueCode":"unknown"}]}}`},
		{"an extension of a value of any type", `{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"http://example.org/x","valueString":"a","_valueString":{"id":"v"}}]}`},
		{"a choice that is false", `{"resourceType":"Patient","deceasedBoolean":false,"multipleBirthInteger":0}`},
		{"elements that FHIR does not have", `{"resourceType":"Patient","shoeSize":41.50,"name":[{"family":"A","moon":{"a":[1,null,"<&>"],"b":{}}}]}`},
		{"a name with an underscore that FHIR does not have", `{"resourceType":"Patient","_shoeSize":{"id":"s"},"_":1}`},
		{"a resource of a type that is not known", `{"resourceType":"VisionPrescription","id":"v","lensSpecification":[{"sphere":-2.00}]}`},
		{"a contained resource of a type that is not known", `{"resourceType":"Patient","contained":[{"resourceType":"VisionPrescription","id":"v","x":1.0}]}`},
		{"a Bundle with an entry that is not known", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}},{"resource":{"resourceType":"Lens","id":"2"}}]}`},
		{"the type after the rest", `{"id":"p","name":[{"family":"resourceType"}],"resourceType":"Patient"}`},
		{"a nested type after the rest", `{"type":"collection","entry":[{"resource":{"id":"1","contained":[{"id":"o","resourceType":"Organization"}],"resourceType":"Patient"}}],"resourceType":"Bundle"}`},
		{"escapes", `{"resourceType":"Patient","name":[{"family":"a\"b\\c\/d\b\f\n\r\t\u0001é\uD83D\uDE00漢"}]}`},
		{"what HTML would escape", `{"resourceType":"Patient","name":[{"family":"<a> & 'b' \u2028"}]}`},
		{"the least and the greatest integer", `{"resourceType":"Parameters","parameter":[{"name":"a","valueInteger":-2147483648},{"name":"b","valueInteger":2147483647}]}`},
		{"a name with an escape", `{"resourceType":"Patient","\u0067ender":"male","\u005fbirthDate":{"id":"b"},"_\u0067ender":{"id":"g"},"sh\u006fe":1,"\"":2}`},
		{"a deep questionnaire", `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"decimal","initial":[{"valueDecimal":1.0}]}]}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := r4.Unmarshal([]byte(tt.in))
			if err != nil {
				t.Fatalf("Unmarshal = %v", err)
			}
			got, err := r.AppendJSON([]byte("before"))
			if err != nil {
				t.Fatalf("AppendJSON = %v", err)
			}
			got, ok := bytes.CutPrefix(got, []byte("before"))
			if diff := cmp.Diff(tree(t, []byte(tt.in)), tree(t, got)); !ok || diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, escaped := range []string{`\u003c`, `\u003e`, `\u0026`} {
				if bytes.Contains(got, []byte(escaped)) {
					t.Errorf("HTML is escaped in %s", got)
				}
			}
			var spaced bytes.Buffer
			if err := json.Indent(&spaced, []byte(tt.in), "", "\t"); err != nil {
				t.Fatal(err)
			}
			again, err := r4.Unmarshal(spaced.Bytes())
			if err != nil {
				t.Fatalf("Unmarshal with white space = %v", err)
			}
			if second, err := again.AppendJSON(nil); err != nil || !bytes.Equal(second, got) {
				t.Errorf("with white space it is %s, %v; without %s", second, err, got)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, path string }{
		{"two values of a choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, "Patient.deceasedDateTime"},
		{"two values of a choice within a list", `{"resourceType":"Patient","extension":[{"url":"a","valueCode":"b"},{"url":"a","valueCode":"b","valueString":"c"}]}`, "Patient.extension[1].valueString"},
		{"a value and the extension of another", `{"resourceType":"Patient","deceasedBoolean":true,"_deceasedDateTime":{"id":"a"}}`, "Patient._deceasedDateTime"},
		{"the extension of one type and a value of another", `{"resourceType":"Patient","_deceasedDateTime":{"id":"a"},"deceasedBoolean":true}`, "Patient.deceasedBoolean"},
		{"extensions of two types", `{"resourceType":"Patient","_deceasedDateTime":{"id":"a"},"_deceasedBoolean":{"id":"a"}}`, "Patient._deceasedBoolean"},
		{"extensions of two types of any value", `{"resourceType":"Patient","extension":[{"url":"a","_valueCode":{"id":"a"},"_valueString":{"id":"a"}}]}`, "Patient.extension[0]._valueString"},
		{"a name twice", `{"resourceType":"Patient","gender":"male","gender":"male"}`, "Patient.gender"},
		{"a list twice", `{"resourceType":"Patient","name":[{"family":"A"}],"name":[{"family":"B"}]}`, "Patient.name"},
		{"an unknown name twice", `{"resourceType":"Patient","x":1,"x":1}`, "Patient.x"},
		{"a name twice within an unknown element", `{"resourceType":"Patient","x":[{"y":1,"z":2,"y":3}]}`, "Patient.x[0].y"},
		{"a name twice, once with an escape", `{"resourceType":"Patient","gender":"male","\u0067ender":"male"}`, "Patient.gender"},
		{"an extension of a primitive twice", `{"resourceType":"Patient","_gender":{"id":"1"},"_gender":{"id":"1"}}`, "Patient._gender"},
		{"the type twice", `{"resourceType":"Patient","resourceType":"Patient"}`, "Patient.resourceType"},
		{"no type", `{"id":"1"}`, "Resource"},
		{"no type of a contained resource", `{"resourceType":"Patient","contained":[{"id":"1"}]}`, "Patient.contained[0]"},
		{"a string for a boolean", `{"resourceType":"Patient","active":"true"}`, "Patient.active"},
		{"a number for a string", `{"resourceType":"Patient","gender":1}`, "Patient.gender"},
		{"a string for a number", `{"resourceType":"Observation","valueQuantity":{"value":"1"}}`, "Observation.valueQuantity.value"},
		{"an object for a list", `{"resourceType":"Patient","name":{"family":"A"}}`, "Patient.name"},
		{"a list for an object", `{"resourceType":"Patient","maritalStatus":[]}`, "Patient.maritalStatus"},
		{"null for a string", `{"resourceType":"Patient","gender":null}`, "Patient.gender"},
		{"null in a list of objects", `{"resourceType":"Patient","name":[null]}`, "Patient.name[0]"},
		{"an empty string", `{"resourceType":"Patient","name":[{"given":["A",""]}]}`, "Patient.name[0].given[1]"},
		{"an empty list", `{"resourceType":"Patient","name":[]}`, "Patient.name"},
		{"an empty object", `{"resourceType":"Patient","name":[{}]}`, "Patient.name[0]"},
		{"NaN", `{"resourceType":"Observation","valueQuantity":{"value":NaN}}`, "Observation.valueQuantity.value"},
		{"infinity", `{"resourceType":"Observation","valueQuantity":{"value":-Infinity}}`, "Observation.valueQuantity.value"},
		{"a plus sign", `{"resourceType":"Observation","valueQuantity":{"value":+1}}`, "Observation.valueQuantity.value"},
		{"a leading zero", `{"resourceType":"Observation","valueQuantity":{"value":01}}`, "Observation.valueQuantity.value"},
		{"a fraction without digits", `{"resourceType":"Observation","valueQuantity":{"value":1.}}`, "Observation.valueQuantity.value"},
		{"hexadecimal", `{"resourceType":"Observation","valueQuantity":{"value":0x1}}`, "Observation.valueQuantity.value"},
		{"an exponent without digits", `{"resourceType":"Observation","valueQuantity":{"value":1e+}}`, "Observation.valueQuantity.value"},
		{"no digits", `{"resourceType":"Observation","valueQuantity":{"value":-}}`, "Observation.valueQuantity.value"},
		{"a number with a letter", `{"resourceType":"Observation","valueQuantity":{"value":1a}}`, "Observation.valueQuantity.value"},
		{"two numbers", `{"resourceType":"Observation","valueQuantity":{"value":1 2}}`, "Observation.valueQuantity"},
		{"minus nothing for an integer", `{"resourceType":"Observation","valueInteger":-0}`, "Observation.valueInteger"},
		{"an integer below 32 bits", `{"resourceType":"Observation","valueInteger":-2147483649}`, "Observation.valueInteger"},
		{"an integer of many digits", `{"resourceType":"Observation","valueInteger":18446744073709551616}`, "Observation.valueInteger"},
		{"an exponent for an integer", `{"resourceType":"Observation","valueInteger":1e3}`, "Observation.valueInteger"},
		{"a fraction for an integer", `{"resourceType":"Observation","valueInteger":1.0}`, "Observation.valueInteger"},
		{"an integer of more than 32 bits", `{"resourceType":"Observation","valueInteger":2147483648}`, "Observation.valueInteger"},
		{"bytes that are not UTF-8", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"a\xffb\"}]}", "Patient.name[0].family"},
		{"bytes that are not UTF-8 in an unknown element", "{\"resourceType\":\"Patient\",\"x\":{\"y\":\"\xc0\x80\"}}", "Patient.x.y"},
		{"half a pair of surrogates", `{"resourceType":"Patient","gender":"\ud800"}`, "Patient.gender"},
		{"the second half of a pair of surrogates", `{"resourceType":"Patient","gender":"\udc00"}`, "Patient.gender"},
		{"half a pair of surrogates and something else", `{"resourceType":"Patient","gender":"\ud83d\u0041"}`, "Patient.gender"},
		{"an escape with a sign", `{"resourceType":"Patient","gender":"\u+041"}`, "Patient.gender"},
		{"an escape that ends early", `{"resourceType":"Patient","gender":"\u004"}`, "Patient.gender"},
		{"a control character after a long text", "{\"resourceType\":\"Patient\",\"gender\":\"" + strings.Repeat("é", 40) + "\x1f\"}", "Patient.gender"},
		{"an empty name", `{"resourceType":"Patient","":1}`, "Patient"},
		{"a control character", "{\"resourceType\":\"Patient\",\"gender\":\"a\tb\"}", "Patient.gender"},
		{"an escape that JSON does not have", `{"resourceType":"Patient","gender":"\x"}`, "Patient.gender"},
		{"objects too deep", `{"resourceType":"Patient","x":` + nested(32, "1") + `}`, "Patient.x" + strings.Repeat(".x", 31)},
		{"lists too deep", `{"resourceType":"Patient","x":` + strings.Repeat("[", 100000), "Patient.x" + strings.Repeat("[0]", 31)},
		{"extensions too deep", `{"resourceType":"Patient","extension":` + strings.Repeat(`[{"url":"a","extension":`, 100000), "Patient.extension[0]" + strings.Repeat(".extension[0]", 15)},
		{"something after it", `{"resourceType":"Patient","id":"1"} {}`, "Patient"},
		{"an end too early", `{"resourceType":"Patient","id":"1`, "Patient.id"},
		{"a comma at the end", `{"resourceType":"Patient","id":"1",}`, "Patient"},
		{"the type of another resource", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","gender":7}}]}`, "Bundle.entry[0].resource.gender"},
		{"nothing", ``, "Resource"},
		{"a list", `[]`, "Resource"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := r4.Unmarshal([]byte(tt.in))
			var syntax *r4.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Unmarshal = %v, %v", r, err)
			}
			if syntax.Path != tt.path {
				t.Errorf("%v, want the path %s", err, tt.path)
			}
		})
	}
	var p r4.Patient
	if err := json.Unmarshal([]byte(`{"resourceType":"Device"}`), &p); err == nil || !strings.Contains(err.Error(), "Patient.resourceType") {
		t.Errorf("a Device as a Patient = %v", err)
	}
}

func TestWithinResourcesAreTyped(t *testing.T) {
	t.Parallel()
	var m r4.MedicationAdministration
	if err := json.Unmarshal([]byte(`{"resourceType":"MedicationAdministration","contained":[{"resourceType":"Medication","id":"m","batch":{"lotNumber":"L1"}}]}`), &m); err != nil {
		t.Fatal(err)
	}
	if c, ok := m.Contained[0].(*r4.Medication); !ok || c.Batch.LotNumber != "L1" {
		t.Errorf("contained is %#v", m.Contained[0])
	}
	var b r4.Bundle
	if err := json.Unmarshal([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Invoice","id":"i"}},{"resource":{"resourceType":"Lens","id":"l"}}]}`), &b); err != nil {
		t.Fatal(err)
	}
	if i, ok := b.Entry[0].Resource.(*r4.Invoice); !ok || i.ID != "i" {
		t.Errorf("entry is %#v", b.Entry[0].Resource)
	}
	raw, ok := b.Entry[1].Resource.(*r4.Raw)
	if !ok || raw.ResourceType() != "Lens" || raw.ResourceID() != "l" {
		t.Errorf("entry is %#v", b.Entry[1].Resource)
	}
	// A Patient's references are to no Specimen, which is kept for who knows it.
	var p r4.Patient
	if err := json.Unmarshal([]byte(`{"resourceType":"Patient","contained":[{"resourceType":"Specimen","id":"s"}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if typed, err := p.Contained[0].(*r4.Raw).Typed(); err != nil || typed.(*r4.Specimen).ID != "s" {
		t.Errorf("Typed = %#v, %v", typed, err)
	}
}

func TestHostileDocumentsAreReadInLinearTime(t *testing.T) {
	const size = 1 << 20
	fill := func(head, part, tail string) string {
		return head + strings.Repeat(part, (size-len(head)-len(tail))/len(part)) + tail
	}
	usual := []byte(fill(`[`, `{"given":["a"]},`, `{"given":["a"]}]`))
	var names strings.Builder
	names.WriteString(`{"resourceType":"Patient"`)
	for i := 0; names.Len() < size; i++ {
		names.WriteString(`,"x`)
		names.WriteString(strings.Repeat("y", i%7))
		names.WriteString(time.Duration(i).String())
		names.WriteString(`":1`)
	}
	for _, tt := range []struct{ name, in string }{
		{"nested objects", fill(`{"resourceType":"Patient","a":`, `{"a":`, "")},
		{"nested extensions", fill(`{"resourceType":"Patient","extension":`, `[{"extension":`, "")},
		{"nested bundles", fill(strings.Repeat(`{"entry":[{"resource":`, 15)+`{"x":"`, "a", `"`)},
		{"many unknown elements", names.String() + "}"},
		{"many small lists", fill(`{"resourceType":"Patient","a":[`, "[1],", "1]}")},
		{"many escapes", fill(`{"resourceType":"Patient","gender":"`, `\u0041`, `"}`)},
		{"many names", fill(`{"resourceType":"Patient","name":[`, `{"given":["a"]},`, `{"given":["a"]}]}`)},
		{"many digits", fill(`{"resourceType":"Observation","valueQuantity":{"value":1`, "0", "}}")},
		{"white space", fill(`{"resourceType":"Patient"`, " ", "}")},
	} {
		best, scan := time.Hour, time.Hour
		for range 3 {
			start := time.Now()
			_ = json.Valid(usual)
			scan = min(scan, time.Since(start))
			start = time.Now()
			_, _ = r4.Unmarshal([]byte(tt.in))
			best = min(best, time.Since(start))
		}
		// On a machine of its own it is 50 ms at most. A shared one is judged by what
		// else it does, which takes it some 10 ms.
		t.Logf("%s: %v, beside %v for a scan", tt.name, best, scan)
		if best > max(50*time.Millisecond, 40*scan) {
			t.Errorf("%s: 1 MB takes %v", tt.name, best)
		}
	}
}

func TestValuesWithoutJSONAreRefused(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]r4.Resource{
		"a decimal that is a word":         &r4.Observation{Value: &r4.Quantity{Value: "many"}},
		"a decimal with more":              &r4.Observation{Value: &r4.Quantity{Value: `1,"code":"x"`}},
		"a decimal with a sign":            &r4.Observation{Value: &r4.Quantity{Value: "+1"}},
		"text that is not UTF-8":           &r4.Patient{Gender: "a\xff"},
		"an unknown element without JSON":  &r4.Patient{Extra: &r4.Extra{Unknown: []r4.Unknown{{Name: "x", JSON: "1}"}}}},
		"a resource that is not there":     &r4.Patient{Contained: []r4.Resource{nil}},
		"a resource that is not JSON":      &r4.Raw{Type: "Lens", JSON: "{"},
		"a value of a choice is a no text": &r4.Observation{Value: r4.String("\xff")},
	} {
		if got, err := r.AppendJSON(nil); err == nil {
			t.Errorf("%s: AppendJSON = %s", name, got)
		}
		if got, err := json.Marshal(r); err == nil {
			t.Errorf("%s: Marshal = %s", name, got)
		}
	}
}

func TestWhatIsNotSetIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		r    r4.Resource
		want string
	}{
		{&r4.Observation{}, `{"resourceType":"Observation"}`},
		{&r4.Observation{Value: (*r4.Quantity)(nil)}, `{"resourceType":"Observation"}`},
		{&r4.Observation{Value: r4.String("")}, `{"resourceType":"Observation"}`},
		{&r4.Patient{Name: []r4.HumanName{}, Deceased: r4.DateTime(""), Extra: &r4.Extra{}}, `{"resourceType":"Patient"}`},
		{&r4.Patient{Deceased: r4.Boolean(false), Active: new(false)}, `{"resourceType":"Patient","active":false,"deceasedBoolean":false}`},
	} {
		if got, err := tt.r.AppendJSON(nil); err != nil || string(got) != tt.want {
			t.Errorf("AppendJSON = %s, %v; want %s", got, err, tt.want)
		}
	}
}

func TestExtraIsKeptByNameAndPlace(t *testing.T) {
	t.Parallel()
	masked := &r4.Element{Extension: []r4.Extension{{URL: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", Value: r4.Code("masked")}}}
	n := r4.HumanName{Given: []string{"A", ""}}
	n.Extra = n.Extra.With("given", true, nil, masked).With("family", false, masked)
	got, err := json.Marshal(n)
	const absent = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}`
	if want := `{"given":["A",null],"_given":[null,` + absent + `],"_family":` + absent + `}`; err != nil || string(got) != want {
		t.Errorf("Marshal = %s, %v; want %s", got, err, want)
	}
	var back r4.HumanName
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if back.Extra.Of("given", 0) != nil || back.Extra.Of("given", 1).Extension[0].Value != r4.Code("masked") || back.Extra.Of("given", 2) != nil || back.Extra.Of("use", 0) != nil {
		t.Errorf("Of = %+v", back.Extra)
	}
	if (*r4.Extra)(nil).Of("given", 0) != nil {
		t.Error("nothing says something")
	}
	two := n.Extra.With("given", true, masked)
	if len(n.Extra.Primitives[0].Elements) != 2 || len(two.Primitives) != 2 || len(two.Primitives[0].Elements) != 1 {
		t.Errorf("With changes what it was called on: %+v, %+v", n.Extra, two)
	}
}

func TestEncodingAllocatesNothing(t *testing.T) {
	for _, text := range official(t)[:60] {
		r, err := r4.Unmarshal(text)
		if err != nil {
			t.Fatal(err)
		}
		buf, err := r.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(10, func() { buf, _ = r.AppendJSON(buf[:0]) }); n > 0 && r.ResourceType() != "Bundle" { // some have entries that are Raw
			t.Errorf("%s %s: %v allocations", r.ResourceType(), r.ResourceID(), n)
		}
	}
}

func TestNewHasEveryType(t *testing.T) {
	t.Parallel()
	for _, name := range r4.ResourceTypes() {
		r := r4.New(name)
		if r == nil || r.ResourceType() != name {
			t.Errorf("New(%q) = %v", name, r)
			continue
		}
		if got, err := r.AppendJSON(nil); err != nil || string(got) != `{"resourceType":"`+name+`"}` {
			t.Errorf("%s is %s, %v", name, got, err)
		}
	}
	if len(r4.ResourceTypes()) != 61 || r4.New("Lens") != nil {
		t.Errorf("%d types", len(r4.ResourceTypes()))
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in        r4.DateTime
		precision r4.Precision // 0 is refused
		want      string
	}{
		{"1974", r4.Year, "1974-01-01T00:00:00Z"},
		{"1974-12", r4.Month, "1974-12-01T00:00:00Z"},
		{"1974-12-25", r4.Day, "1974-12-25T00:00:00Z"},
		{"1974-12-25T14:35:45-05:00", r4.Second, "1974-12-25T19:35:45Z"},
		{"1974-12-25T14:35:45.123456Z", r4.Second, "1974-12-25T14:35:45.123456Z"},
		{"2016-12-31T23:59:60Z", r4.Second, "2017-01-01T00:00:00Z"},
		{"1974-13", 0, ""}, {"1974-02-30", 0, ""}, {"74", 0, ""}, {"", 0, ""}, {"0000", 0, ""}, {"1974-1-1", 0, ""},
		{"1974-12-25T14:35", 0, ""}, {"1974-12-25T14:35:45", 0, ""}, {"1974-12-25T24:00:00Z", 0, ""},
		{"1974-12-25T14:35:45+15:00", 0, ""}, {"1974-12-25T14:35:45,5Z", 0, ""}, {"1974-12-25 14:35:45Z", 0, ""},
	} {
		got, precision, err := tt.in.Parse()
		if (err == nil) != (tt.precision != 0) || tt.in.Valid() != (err == nil) {
			t.Errorf("Parse(%q) = %v, %v", tt.in, got, err)
			continue
		}
		if err == nil && (precision != tt.precision || got.UTC().Format(time.RFC3339Nano) != tt.want) {
			t.Errorf("Parse(%q) = %v, %v", tt.in, got, precision)
		}
	}
	for in, want := range map[r4.Time]bool{"12:00:00": true, "23:59:59.999": true, "12:00": false, "24:00:00": false, "1:00:00": false, "12:00:00Z": false, "12:00:00,5": false} {
		if in.Valid() != want {
			t.Errorf("Valid(%q) = %v", in, !want)
		}
	}
}
