package validation_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/fhirconv/r4/validation"
)

// faulty are HL7's examples that break HL7's own definitions, with what is wrong.
var faulty = map[string]string{
	"DeviceUseStatement/example":                   "reference", // a reason that is a Procedure
	"MedicationRequest/medrx0301":                  "reference", // a pharmacy that is a Practitioner
	"Observation/clinical-gender":                  "reference", // a performer that is an Encounter
	"Questionnaire/zika-virus-exposure-assessment": "txt-2",     // a narrative without text
	"Questionnaire/qs1":                            "linkId",
}

// official returns HL7's own examples, as package r4 has them for its tests.
func official(t *testing.T) [][]byte {
	t.Helper()
	f, err := os.Open("../testdata/examples.ndjson.gz")
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
	if s.Err() != nil || len(out) == 0 {
		t.Fatal(s.Err())
	}
	return out
}

func TestOfficialExamplesAreValid(t *testing.T) {
	t.Parallel()
	for _, text := range official(t) {
		r, err := r4.Unmarshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		if o := validation.Check(r); o != nil {
			for _, i := range o.Issue {
				if i.Severity != "warning" {
					said = append(said, i.Code+" "+strings.Join(i.Expression, "")+" "+i.Diagnostics)
				}
			}
			o.Text = &r4.Narrative{Status: "generated", Div: "<div>x</div>"}
			if again := validation.Check(o); again != nil {
				t.Errorf("the outcome is itself not valid: %v", again.Issue[0])
			}
		}
		want := faulty[r.ResourceType()+"/"+r.ResourceID()]
		if (want != "") != (len(said) > 0) || want != "" && !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%s/%s, want %q: %q", r.ResourceType(), r.ResourceID(), want, said)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const patient = `{"resourceType":"Patient","text":{"status":"generated","div":"<div>x</div>"},`
	for _, tt := range []struct{ name, in, want string }{ // want is the code and the path; empty is valid
		{"a patient", patient + `"gender":"female","birthDate":"1980-05"}`, ""},
		{"no narrative is a warning", `{"resourceType":"Patient"}`, "warning invariant Patient dom-6"},
		{"a code of no value set", patient + `"gender":"f"}`, "error code-invalid Patient.gender"},
		{"a concept of no value set", `{"resourceType":"AllergyIntolerance","text":{"status":"generated","div":"<div>x</div>"},"patient":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://example.org","code":"active"}]}}`, "error code-invalid AllergyIntolerance.clinicalStatus"},
		{"a date that is none", patient + `"birthDate":"1980-02-30"}`, "error value Patient.birthDate"},
		{"an instant without offset", patient + `"meta":{"lastUpdated":"2020-01-01T10:00:00"}}`, "error value Patient.meta.lastUpdated"},
		{"an id that is none", patient + `"id":"a b"}`, "error value Patient.id"},
		{"a positive integer that is none", patient + `"telecom":[{"system":"phone","value":"1","rank":0}]}`, "error value Patient.telecom[0].rank"},
		{"base64 that is none", patient + `"photo":[{"contentType":"image/png","data":"a"}]}`, "error value Patient.photo[0].data"},
		{"a required element", patient + `"communication":[{"preferred":true}]}`, "error required Patient.communication[0].language"},
		{"a required choice", `{"resourceType":"MedicationStatement","text":{"status":"generated","div":"<div>x</div>"},"status":"active","subject":{"reference":"Patient/1"}}`, "error required MedicationStatement.medication"},
		{"a required element that has an extension only", `{"resourceType":"Observation","text":{"status":"generated","div":"<div>x</div>"},"_status":{"extension":[{"url":"http://example.org/x","valueCode":"unknown"}]},"code":{"text":"x"}}`, ""},
		{"an element that FHIR does not have", patient + `"shoe":1}`, "error structure Patient"},
		{"a reference to another type", patient + `"managingOrganization":{"reference":"Patient/1"}}`, "error structure Patient.managingOrganization.reference"},
		{"a reference of the right type", patient + `"managingOrganization":{"reference":"http://example.org/fhir/Organization/1/_history/2"}}`, ""},
		{"a reference that says another type", patient + `"managingOrganization":{"type":"Device","display":"x"}}`, "error structure Patient.managingOrganization.type"},
		{"a reference to what is not contained", patient + `"managingOrganization":{"reference":"#o"}}`, "error invariant Patient.managingOrganization ref-1"},
		{"a contained resource of another type", patient + `"contained":[{"resourceType":"Practitioner","id":"o"}],"managingOrganization":{"reference":"#o"}}`, "error structure Patient.managingOrganization.reference"},
		{"a contained resource that nothing is about", patient + `"contained":[{"resourceType":"Practitioner","id":"o"}]}`, "error invariant Patient dom-3"},
		{"an extension with a value and extensions", patient + `"extension":[{"url":"http://example.org/x","valueCode":"a","extension":[{"url":"b","valueCode":"c"}]}]}`, "error invariant Patient.extension[0] ext-1"},
		{"a period that ends before it begins", patient + `"name":[{"family":"A","period":{"start":"2020-02","end":"2020-01"}}]}`, "error invariant Patient.name[0].period per-1"},
		{"a period of days that are alike as far as they go", patient + `"name":[{"family":"A","period":{"start":"2020-02","end":"2020-02-01"}}]}`, ""},
		{"a contact that says nothing of whom", patient + `"contact":[{"gender":"male"}]}`, "error invariant Patient.contact[0] pat-1"},
		{"a phone of no system", patient + `"telecom":[{"value":"1"}]}`, "error invariant Patient.telecom[0] cpt-2"},
		{"a script in the narrative", `{"resourceType":"Patient","text":{"status":"generated","div":"<div>x<script>y</script></div>"}}`, "error invariant Patient.text.div txt-1 txt-2"},
		{"a handler in the narrative", `{"resourceType":"Patient","text":{"status":"generated","div":"<div onclick=\"x\">y</div>"}}`, "error invariant Patient.text.div txt-1 txt-2"},
		{"a narrative that is no XML", `{"resourceType":"Patient","text":{"status":"generated","div":"<div>x<br></div>"}}`, "error invariant Patient.text.div txt-1 txt-2"},
		{"lists that are not alike", patient + `"name":[{"given":["A","B"],"_given":[{"id":"x"}]}]}`, "error structure Patient.name[0].given"},
		{"a value and why there is none", `{"resourceType":"Observation","text":{"status":"generated","div":"<div>x</div>"},"status":"final","code":{"text":"x"},"valueBoolean":true,"dataAbsentReason":{"text":"x"}}`, "error invariant Observation obs-6"},
		{"a component of the same code with a value", `{"resourceType":"Observation","text":{"status":"generated","div":"<div>x</div>"},"status":"final","code":{"coding":[{"code":"a"}]},"valueBoolean":true,"component":[{"code":{"coding":[{"code":"a"}]},"valueBoolean":true}]}`, "error invariant Observation obs-7"},
		{"a range that is the wrong way round", `{"resourceType":"Observation","text":{"status":"generated","div":"<div>x</div>"},"status":"final","code":{"text":"x"},"valueRange":{"low":{"value":10},"high":{"value":9.5}}}`, "error invariant Observation.value rng-2"},
		{"a condition that is over but active", `{"resourceType":"Condition","text":{"status":"generated","div":"<div>x</div>"},"subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"abatementDateTime":"2020"}`, "error invariant Condition con-4"},
		{"a questionnaire with a link twice", `{"resourceType":"Questionnaire","text":{"status":"generated","div":"<div>x</div>"},"status":"draft","item":[{"linkId":"1","type":"string","text":"a"},{"linkId":"1","type":"string","text":"b"}]}`, "error invariant Questionnaire que-2"},
		{"a question that must exist without a boolean", `{"resourceType":"Questionnaire","text":{"status":"generated","div":"<div>x</div>"},"status":"draft","item":[{"linkId":"1","type":"string","text":"a","enableWhen":[{"question":"0","operator":"exists","answerString":"a"}]}]}`, "error invariant Questionnaire.item[0].enableWhen[0] que-7"},
		{"a group without items", `{"resourceType":"Questionnaire","text":{"status":"generated","div":"<div>x</div>"},"status":"draft","item":[{"linkId":"1","type":"group","text":"a"}]}`, "error invariant Questionnaire.item[0] que-1"},
		{"a transaction without requests", `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:01890000-0000-7000-8000-000000000001","resource":` + patient + `"id":"1"}}]}`, "error invariant Bundle bdl-3"},
		{"a fault within an entry", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + patient + `"gender":"f"}}]}`, "error code-invalid Bundle.entry[0].resource.gender"},
		{"an entry of another type than the reference may be to", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:01890000-0000-7000-8000-000000000001","resource":` + patient + `"managingOrganization":{"reference":"urn:uuid:01890000-0000-7000-8000-000000000001"}}}]}`, "error structure Bundle.entry[0].resource.managingOrganization.reference"},
		{"an empty Parameters.parameter", `{"resourceType":"Parameters","parameter":[{"name":"a"}]}`, "error invariant Parameters.parameter[0] inv-1"},
		{"a resource that is not known", `{"resourceType":"Lens"}`, "warning not-supported Lens"},
		{"a decimal of a huge exponent", `{"resourceType":"Observation","text":{"status":"generated","div":"<div>x</div>"},"status":"final","code":{"text":"x"},"valueRange":{"low":{"value":1e999999999},"high":{"value":2}}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := r4.Unmarshal([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			if o := validation.Check(r); o != nil {
				for _, i := range o.Issue {
					head := strings.Join(slices.Concat([]string{i.Severity, i.Code}, i.Expression), " ")
					if len(parts) == 0 || parts[0] != head {
						parts = append(parts, head)
					}
					if key, _, ok := strings.Cut(i.Diagnostics, ": "); ok {
						parts = append(parts, key)
					}
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(parts, " ")); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
		})
	}
	if o := validation.Check(&r4.Observation{Value: &r4.Quantity{Value: "x"}}); o == nil || o.Issue[0].Severity != "fatal" {
		t.Errorf("a resource without JSON is valid: %v", o)
	}
}
