package fhirconv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/fhirconv/r4/validation"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
)

var update = flag.Bool("update", false, "write the golden files")

// export returns the JSON of a record's bundle, and its losses.
func export(t *testing.T, r fhirconv.Record) ([]byte, []fhirconv.Loss) {
	t.Helper()
	b, losses, err := fhirconv.PatientBundle(r, exported)
	if err != nil {
		t.Fatalf("PatientBundle = %v", err)
	}
	text, err := fhirconv.Encode(b)
	if err != nil {
		t.Fatalf("Encode = %v", err)
	}
	return text, losses
}

// resource is a resource as a reader of the JSON sees it.
type resource map[string]any

// resources returns the resources of a bundle by type.
func resources(t *testing.T, text []byte) map[string][]resource {
	t.Helper()
	var b struct {
		Entry []struct{ Resource resource }
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&b); err != nil {
		t.Fatalf("the bundle is not JSON: %v", err)
	}
	out := map[string][]resource{}
	for _, e := range b.Entry {
		kind := fmt.Sprint(e.Resource["resourceType"])
		out[kind] = append(out[kind], e.Resource)
	}
	return out
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestBundleIsGolden(t *testing.T) {
	t.Parallel()
	text, losses := export(t, sample())
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "bundle.json", append(indented.Bytes(), '\n'))
	var list bytes.Buffer
	for _, l := range losses {
		fmt.Fprintln(&list, l)
	}
	golden(t, "losses.golden", list.Bytes())
}

func TestSameInputGivesSameBytes(t *testing.T) {
	t.Parallel()
	first, _ := export(t, sample())
	for range 20 {
		if again, _ := export(t, sample()); !bytes.Equal(first, again) {
			t.Fatal("the same record was written differently")
		}
	}
}

// checkReferences reports references that do not resolve and IDs that are not
// unique.
func checkReferences(t *testing.T, text []byte) {
	t.Helper()
	var b struct {
		Entry []struct {
			FullURL  string
			Request  struct{ Method, URL string }
			Resource map[string]any
		}
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	at := map[string]bool{}
	for _, e := range b.Entry {
		if at[e.FullURL] {
			t.Errorf("%s stands twice", e.FullURL)
		}
		at[e.FullURL] = true
		id, kind := fmt.Sprint(e.Resource["id"]), fmt.Sprint(e.Resource["resourceType"])
		if e.FullURL != "urn:uuid:"+id || e.Request.Method != "PUT" || e.Request.URL != kind+"/"+id {
			t.Errorf("%s %s is entered as %s, %v", kind, id, e.FullURL, e.Request)
		}
	}
	for _, e := range b.Entry {
		contained := map[string]bool{}
		if list, ok := e.Resource["contained"].([]any); ok {
			for _, c := range list {
				contained["#"+fmt.Sprint(c.(map[string]any)["id"])] = true
			}
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if ref, ok := v["reference"].(string); ok && !at[ref] && !contained[ref] {
					t.Errorf("%v %v refers to %s, which is not there", e.Resource["resourceType"], e.Resource["id"], ref)
				}
				for _, item := range v {
					walk(item)
				}
			case []any:
				for _, item := range v {
					walk(item)
				}
			}
		}
		walk(e.Resource)
	}
}

func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	checkReferences(t, text)
	// They resolve whatever is not given, and each that is left out is a loss.
	for i := range reflect.TypeFor[fhirconv.Record]().NumField() {
		name := reflect.TypeFor[fhirconv.Record]().Field(i).Name
		if name == "Patient" {
			continue
		}
		t.Run("without "+name, func(t *testing.T) {
			t.Parallel()
			r := sample()
			reflect.ValueOf(&r).Elem().Field(i).SetZero()
			text, losses := export(t, r)
			checkReferences(t, text)
			referred := !slices.Contains([]string{"Allergies", "Medications", "Consents", "Clearances", "Notes", "Invoices", "Vitals", "Series", "Events", "Photos", "Histories", "Proposals", "Discussions", "Deliveries", "Preferences", "Credits", "GiftCards", "Disclosures", "Recalls", "Emergencies", "Foreign", "Estimates"}, name)
			unresolved := slices.ContainsFunc(losses, func(l fhirconv.Loss) bool { return l.Kind == fhirconv.LossUnresolved })
			if unresolved != referred {
				t.Errorf("losses of what is unresolved: %v, want %v", unresolved, referred)
			}
		})
	}
}

// practices are the parts of a record that are the practice's own.
var practices = []string{"staff", "sites", "products", "lots", "vials", "forms"}

// bookkeeping are fields that say nothing about the patient, or repeat what other
// fields say.
var bookkeeping = regexp.MustCompile(`/(createdAt|nonce)$` +
	`|/administrations/\d+/(product|regions/\d+)$` + // follow from the points and the record
	`|/invoices/0/(currency|lines/\d+/total)$` + // every amount has its currency; the components sum to it
	`|/(redeemed|tenders)/\d+/|/tags/|/consents/0/(initials|acknowledged|witnessSignature|capacity|signature/signer)/`) // lost as a whole

// leaves calls f with each value that says something, and its place in the JSON.
func leaves(path string, v reflect.Value, f func(path string, v reflect.Value)) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			leaves(path, v.Elem(), f)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			leaves(fmt.Sprintf("%s/%d", path, i), v.Index(i), f)
		}
	case v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type() != reflect.TypeFor[time.Time]() && v.Type() != reflect.TypeFor[glabella.Date]() &&
		v.Type() != reflect.TypeFor[quantity.Quantity]() && v.Type() != reflect.TypeFor[money.Amount]() && v.Type() != reflect.TypeFor[quantity.Number]() && v.Type() != reflect.TypeFor[glabella.Ref]():
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Anonymous && name == "" {
				leaves(path, v.Field(i), f)
			} else {
				leaves(path+"/"+name, v.Field(i), f)
			}
		}
	case !v.IsZero():
		f(path, v)
	}
}

func TestNothingVanishesInSilence(t *testing.T) {
	t.Parallel()
	r := sample()
	text, losses := export(t, r)
	var checked int
	leaves("", reflect.ValueOf(&r).Elem(), func(path string, v reflect.Value) {
		part, _, _ := strings.Cut(path[1:], "/")
		if slices.Contains(practices, part) || bookkeeping.MatchString(path) {
			return
		}
		checked++
		saved := reflect.New(v.Type()).Elem()
		saved.Set(v)
		v.SetZero()
		defer v.Set(saved)
		b, others, err := fhirconv.PatientBundle(r, exported)
		if err != nil {
			return // it cannot be left out
		}
		without, err := fhirconv.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(text, without) && slices.Equal(losses, others) {
			t.Errorf("%s is neither written nor a loss", path)
		}
	})
	if checked < 250 {
		t.Errorf("only %d values were checked", checked)
	}
}

func TestLossesHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	r := sample()
	values := map[string]bool{}
	leaves("", reflect.ValueOf(&r).Elem(), func(_ string, v reflect.Value) { values[fmt.Sprint(v.Interface())] = true })
	path := regexp.MustCompile(`^(/[a-zA-Z]+(SHA256)?(/[0-9]+)?)+$`)
	for _, given := range []bool{true, false} {
		if !given {
			r = fhirconv.Record{Patient: r.Patient, Appointments: r.Appointments, Encounters: r.Encounters, Invoices: r.Invoices, Consents: r.Consents}
		}
		_, losses := export(t, r)
		if len(losses) == 0 {
			t.Fatal("there is nothing to check")
		}
		for _, l := range losses {
			if !path.MatchString(l.Path) {
				t.Errorf("path %q is not made of names and numbers", l.Path)
			}
			if !slices.Contains(fhirconv.LossKinds(), l.Kind) {
				t.Errorf("%q is not a kind of loss", l.Kind)
			}
			for v := range values {
				if len(v) > 4 && strings.Contains(l.Text, v) {
					t.Errorf("the loss at %s says %q", l.Path, v)
				}
			}
		}
	}
}

func TestDecimalsKeepTheirText(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	for _, want := range []string{
		`{"url":"x","valueDecimal":0.4375}`,
		`{"url":"y","valueDecimal":0.29}`,
		`"valueQuantity":{"value":0.35,"unit":"mL","system":"http://unitsofmeasure.org","code":"mL"}`,
		`"dose":{"value":6.5,"unit":"[arb'U] onabotulinumtoxinA","system":"http://unitsofmeasure.org","code":"[arb'U]"}`,
		`"factor":22.50,"amount":{"value":270.00,"currency":"USD"}`,
		`"totalGross":{"value":813.10,"currency":"USD"}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the bundle lacks %s", want)
		}
	}
}

func TestTextIsNotEscapedForHTML(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	if !bytes.Contains(text, []byte(`"lotNumber":"TX<1>&2"`)) || bytes.Contains(text, []byte(`\u003c`)) {
		t.Error("<, > and & are escaped")
	}
}

func TestComponentsOfALineSumToItsTotal(t *testing.T) {
	t.Parallel()
	r := sample()
	text, _ := export(t, r)
	items := resources(t, text)["Invoice"][0]["lineItem"].([]any)
	for i, l := range r.Invoices[0].Lines {
		var sum decimal.Decimal
		for _, c := range items[i].(map[string]any)["priceComponent"].([]any) {
			sum = sum.Add(decimal.RequireFromString(fmt.Sprint(c.(map[string]any)["amount"].(map[string]any)["value"])))
		}
		if !sum.Equal(l.Total.Decimal()) {
			t.Errorf("components of line %d sum to %s, want %s", i, sum, l.Total)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	type row struct{ kind, element, ours, want string }
	var rows []row
	check := func(kind, element, ours, want string, set func(r *fhirconv.Record)) {
		t.Helper()
		rows = append(rows, row{kind, element, ours, want})
		r := sample()
		set(&r)
		text, _ := export(t, r)
		got := resources(t, text)[kind][0][element]
		if c, ok := got.(map[string]any); ok {
			got = c["coding"].([]any)[0].(map[string]any)["code"]
		}
		if got == nil {
			got = ""
		}
		if got != want {
			t.Errorf("%s.%s of %s = %v, want %s", kind, element, ours, got, want)
		}
	}
	for s, want := range map[scheduling.State]string{
		scheduling.Pending: "pending", scheduling.Booked: "booked", scheduling.Arrived: "arrived",
		scheduling.Completed: "fulfilled", scheduling.Cancelled: "cancelled", scheduling.NoShow: "noshow",
	} {
		check("Appointment", "status", string(s), want, func(r *fhirconv.Record) { r.Appointments[0].State = s })
	}
	for s, want := range map[encounter.State]string{
		encounter.Planned: "planned", encounter.Present: "arrived", encounter.InProgress: "in-progress", encounter.Finished: "finished", encounter.Cancelled: "cancelled",
	} {
		check("Encounter", "status", string(s), want, func(r *fhirconv.Record) { r.Encounters[0].State = s })
	}
	for s, want := range map[billing.InvoiceState]string{
		billing.InvoiceDraft: "draft", billing.InvoiceIssued: "issued", billing.InvoicePartPaid: "issued", billing.InvoicePaid: "balanced", billing.InvoiceRefunds: "issued",
	} {
		check("Invoice", "status", string(s), want, func(r *fhirconv.Record) { r.Invoices[0].State = s })
	}
	for s, want := range map[encounter.NoteState]string{
		encounter.NoteDraft: "preliminary", encounter.NoteSignedState: "final", encounter.NoteCosignPending: "preliminary", encounter.NoteCosigned: "final", encounter.NoteLocked: "final",
	} {
		check("DocumentReference", "docStatus", string(s), want, func(r *fhirconv.Record) { r.Notes[0].State, r.Notes[0].Amendments = s, nil })
	}
	check("DocumentReference", "docStatus", "locked and amended", "amended", func(*fhirconv.Record) {})
	for element, want := range map[string]string{"status": "entered-in-error", "docStatus": "entered-in-error"} {
		check("DocumentReference", element, "retracted", want, func(r *fhirconv.Record) { r.Notes[0].Amendments[0].Kind = encounter.Retraction })
	}
	check("Consent", "status", "signed", "active", func(r *fhirconv.Record) { r.Consents[0].WithdrawnAt = time.Time{} })
	check("Consent", "status", "not signed", "proposed", func(r *fhirconv.Record) {
		r.Consents[0].WithdrawnAt, r.Consents[0].Signature = time.Time{}, nil
	})
	check("Consent", "status", "declined", "rejected", func(r *fhirconv.Record) {
		r.Consents[0].WithdrawnAt, r.Consents[0].Decision = time.Time{}, consent.Declined
	})
	check("Consent", "status", "withdrawn", "inactive", func(*fhirconv.Record) {})
	for v, want := range map[patient.Verification]string{patient.Unconfirmed: "active", patient.Confirmed: "active", patient.Refuted: "inactive", patient.EnteredInError: ""} {
		check("AllergyIntolerance", "verificationStatus", string(v), string(v), func(r *fhirconv.Record) { r.Allergies[0].Verification = v })
		check("AllergyIntolerance", "clinicalStatus", string(v), want, func(r *fhirconv.Record) { r.Allergies[0].Verification = v })
	}
	for _, s := range patient.MedicationStatuses() {
		check("MedicationStatement", "status", string(s), string(s), func(r *fhirconv.Record) { r.Medications[0].Status = s })
	}
	for _, d := range encounter.ClearanceDecisions() {
		check("Procedure", "outcome", string(d), string(d), func(r *fhirconv.Record) { r.Clearances[0].Decision = d })
	}
	for _, tt := range []struct {
		kind string
		n    int
	}{
		{"Appointment", len(scheduling.States())},
		{"Encounter", len(encounter.States())},
		{"Invoice", len(billing.InvoiceStates())},
	} {
		n := 0
		for _, r := range rows {
			if r.kind == tt.kind {
				n++
			}
		}
		if n != tt.n {
			t.Errorf("%d statuses of %s are checked, there are %d", n, tt.kind, tt.n)
		}
	}
}

func TestRequiredElementsAreThere(t *testing.T) {
	t.Parallel()
	text, _ := export(t, sample())
	got := resources(t, text)
	for kind, elements := range map[string][]string{
		"Patient":                  {"id", "name"},
		"Practitioner":             {"id", "name"},
		"Location":                 {"name", "status"},
		"Condition":                {"subject", "clinicalStatus"},
		"AllergyIntolerance":       {"patient", "clinicalStatus", "verificationStatus"},
		"MedicationStatement":      {"status", "medicationCodeableConcept", "subject"},
		"Consent":                  {"status", "scope", "category", "patient", "policyRule"},
		"Appointment":              {"status", "participant", "start", "end"},
		"Encounter":                {"status", "class", "subject"},
		"Procedure":                {"status", "subject", "code"},
		"MedicationAdministration": {"status", "medicationReference", "subject", "effectiveDateTime", "dosage"},
		"Device":                   {"status", "lotNumber", "udiCarrier"},
		"DocumentReference":        {"status", "content"},
		"Invoice":                  {"status", "lineItem"},
	} {
		if len(got[kind]) == 0 {
			t.Errorf("there is no %s", kind)
		}
		for _, r := range got[kind] {
			for _, e := range elements {
				if r[e] == nil {
					t.Errorf("%s %v has no %s", kind, r["id"], e)
				}
			}
		}
	}
	if n := len(got["Practitioner"]); n != 2 {
		t.Errorf("%d practitioners are written, want the 2 who are referred to", n)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	other := id[glabella.PatientID](999)
	for _, tt := range []struct {
		name string
		set  func(r *fhirconv.Record)
		path string
		code glabella.Code
	}{
		{"an allergy of another patient", func(r *fhirconv.Record) { r.Allergies[0].Patient = other }, "/allergies/0/patient", glabella.CodeMismatch},
		{"a medication of another patient", func(r *fhirconv.Record) { r.Medications[0].Patient = other }, "/medications/0/patient", glabella.CodeMismatch},
		{"a consent of another patient", func(r *fhirconv.Record) { r.Consents[0].Patient = other }, "/consents/0/patient", glabella.CodeMismatch},
		{"an exam of another patient", func(r *fhirconv.Record) { r.Clearances[0].Patient = other }, "/clearances/0/patient", glabella.CodeMismatch},
		{"an appointment of another patient", func(r *fhirconv.Record) { r.Appointments[0].Patient = other }, "/appointments/0/patient", glabella.CodeMismatch},
		{"a visit of another patient", func(r *fhirconv.Record) { r.Encounters[0].Patient = other }, "/encounters/0/patient", glabella.CodeMismatch},
		{"a note of another patient", func(r *fhirconv.Record) { r.Notes[0].Patient = other }, "/notes/0/patient", glabella.CodeMismatch},
		{"an invoice of another patient", func(r *fhirconv.Record) { r.Invoices[0].Patient = other }, "/invoices/0/patient", glabella.CodeMismatch},
		{"a record given twice", func(r *fhirconv.Record) { r.Notes = append(r.Notes, r.Notes[0]) }, "/notes/1/id", glabella.CodeDuplicate},
		{"a patient without an ID", func(r *fhirconv.Record) { r.Patient.ID = glabella.PatientID{} }, "/patient/id", glabella.CodeRequired},
		{"a gender that FHIR does not have", func(r *fhirconv.Record) { r.Patient.Gender = "x" }, "/patient/gender", glabella.CodeUnknownValue},
		{"a state that FHIR does not have", func(r *fhirconv.Record) { r.Appointments[0].State = "x" }, "/appointments/0/state", glabella.CodeUnknownValue},
		{"amounts of two currencies", func(r *fhirconv.Record) { r.Invoices[0].Lines[0].Net = money.MustParse("EUR 1.00") }, "/invoices/0/lines", billing.CodeTotals},
	} {
		t.Run(tt.name+" is refused", func(t *testing.T) {
			t.Parallel()
			r := sample()
			tt.set(&r)
			b, losses, err := fhirconv.PatientBundle(r, exported)
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Path == tt.path && i.Code == tt.code }) {
				t.Errorf("PatientBundle = %v, want %s at %s", err, tt.code, tt.path)
			}
			if len(b.Entry) != 0 || losses != nil {
				t.Error("a refused record gives a bundle")
			}
		})
	}
	if _, _, err := fhirconv.PatientBundle(sample(), time.Time{}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("PatientBundle at no time = %v, want %v", err, glabella.ErrInvalid)
	}
}

func TestDrugsAndDevices(t *testing.T) {
	t.Parallel()
	// What has a National Drug Code is a drug, whatever it is measured in.
	r := sample()
	r.Products[1].NDC = "0000-0000-02"
	text, _ := export(t, r)
	if got := resources(t, text); len(got["MedicationAdministration"]) != 2 || len(got["Device"]) != 0 {
		t.Errorf("%d drugs and %d devices, want 2 and 0", len(got["MedicationAdministration"]), len(got["Device"]))
	}
	// Without its lot, a toxin is still a drug by its unit, and the lot is a loss.
	r = sample()
	r.Lots = nil
	text, losses := export(t, r)
	if got := resources(t, text); len(got["MedicationAdministration"]) != 1 || len(got["Device"]) != 1 {
		t.Errorf("%d drugs and %d devices, want 1 and 1", len(got["MedicationAdministration"]), len(got["Device"]))
	}
	want := fhirconv.Loss{Path: "/encounters/0/procedures/0/administrations/0/lot", Kind: fhirconv.LossUnresolved, Text: "the lot was not given"}
	if !slices.Contains(losses, want) {
		t.Errorf("losses = %v, want %v among them", losses, want)
	}
}

func TestBundleIsValidFHIR(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/bundle.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := r4.Unmarshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if o := validation.Check(b); o != nil {
		for _, i := range o.Issue {
			if i.Severity != "warning" {
				t.Errorf("%s %v: %s", i.Code, i.Expression, i.Diagnostics)
			}
		}
	}
}
