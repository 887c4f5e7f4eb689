package fhirconv_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// sent returns the Bundle as a receiver has it: encoded and decoded.
func sent(t *testing.T, b r4.Bundle) r4.Bundle {
	t.Helper()
	text, err := fhirconv.Encode(b)
	if err != nil {
		t.Fatal(err)
	}
	var out r4.Bundle
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func whole(t *testing.T, r fhirconv.Record) r4.Bundle {
	t.Helper()
	b, _, err := fhirconv.ToFHIR(r, exported)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, b r4.Bundle) fhirconv.Read {
	t.Helper()
	out, err := fhirconv.FromFHIR(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameRecord compares records; a part without records may be nil or empty.
func sameRecord(t *testing.T, got, want fhirconv.Record) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("the record that was read (-written +read):\n%s", diff)
	}
}

func TestARecordIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := generated(rand.New(rand.NewPCG(seed, 8)))
		got := read(t, sent(t, whole(t, r)))
		sameRecord(t, got.Record, r)
		if len(got.Changed) > 0 {
			t.Errorf("seed %d: changed: %v", seed, got.Changed)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// generated returns a record of the sample patient with parts left out and repeated,
// and with records of the kinds that have no resource of their own filled by chance.
func generated(rng *rand.Rand) fhirconv.Record {
	r := sample()
	v := reflect.ValueOf(&r).Elem()
	fillPart := func(f reflect.Value) {
		n := rng.IntN(3)
		f.Set(reflect.MakeSlice(f.Type(), n, n))
		for i := range n {
			fill(rng, f.Index(i), 0)
			own(f.Index(i))
		}
	}
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; {
		case name == "Preferences":
			for k := range v.Field(i).NumField() {
				fillPart(v.Field(i).Field(k))
			}
		case slices.Contains([]string{"Vitals", "Series", "Events", "Photos", "Histories", "Proposals", "Discussions", "Deliveries", "Credits", "GiftCards", "Estimates", "Disclosures", "Recalls", "Emergencies"}, name):
			fillPart(v.Field(i))
		case name != "Patient" && name != "Foreign" && rng.IntN(4) == 0:
			v.Field(i).SetZero()
		}
	}
	for i := range r.Recalls {
		for k := range r.Recalls[i].Tasks {
			r.Recalls[i].Tasks[k].Patient = ann
		}
	}
	return r
}

// own makes a record one of the sample patient's.
func own(v reflect.Value) {
	for _, name := range []string{"Patient", "Holder"} {
		if f := v.FieldByName(name); f.IsValid() && f.Type() == reflect.TypeFor[glabella.PatientID]() {
			f.Set(reflect.ValueOf(ann))
		}
	}
}

// fill sets everything in a value by chance. What has a text form of its own is
// taken from records of the sample.
func fill(rng *rand.Rand, v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(noon.Add(time.Duration(rng.Int64N(1e15)) * time.Microsecond).UTC()))
		return
	}
	if v.Kind() == reflect.Array && v.CanAddr() { // an identity
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(rng.IntN(256)))
		}
		return
	}
	if _, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return
	}
	if _, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "Ünïcode \u2028 <b>&", "\"quoted\"\n", "0"}[rng.IntN(5)])
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int8, reflect.Int16:
		v.SetInt(int64(rng.IntN(100)))
	case reflect.Uint, reflect.Uint64, reflect.Uint32, reflect.Uint8:
		v.SetUint(uint64(rng.IntN(100)))
	case reflect.Float64:
		v.SetFloat(rng.Float64())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(rng, v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		if n := rng.IntN(3); depth < 6 && n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(rng, v.Index(i), depth+1)
			}
		}
	case reflect.Pointer:
		if depth < 6 && rng.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(rng, v.Elem(), depth+1)
		}
	}
}

func TestWhatOthersAddComesOutAgain(t *testing.T) {
	t.Parallel()
	b := sent(t, whole(t, sample()))
	for _, text := range []string{
		`{"resourceType":"Observation","id":"from-elsewhere","status":"final","code":{"text":"Heart rate"},"valueQuantity":{"value":72.0,"unit":"/min"},"_issued":{"extension":[{"url":"https://example.org/x","valueBoolean":true}]}}`,
		`{"resourceType":"Spaceship","id":"unknown-type","engines":[1,2.50,null]}`,
	} {
		r, err := r4.Unmarshal([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		b.Entry = append(b.Entry, r4.BundleEntry{FullURL: "https://example.org/fhir/" + r.ResourceType() + "/" + r.ResourceID(), Resource: r})
	}
	got := read(t, b)
	if len(got.Changed) > 0 || len(got.Record.Foreign) != 2 {
		t.Fatalf("read %d foreign resources and the changes %v, want 2 and none", len(got.Record.Foreign), got.Changed)
	}
	kept, err := json.Marshal(got.Record)
	if err != nil {
		t.Fatal(err)
	}
	var stored fhirconv.Record
	if err := json.Unmarshal(kept, &stored); err != nil {
		t.Fatal(err)
	}
	text, err := fhirconv.Encode(whole(t, stored))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"value":72.0`, `"_issued":{"extension"`, `"engines":[1,2.50,null]`, `https://example.org/fhir/Spaceship/unknown-type`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("what others added has lost %s", want)
		}
	}
	again := read(t, sent(t, whole(t, stored)))
	if len(again.Record.Foreign) != 2 || len(again.Changed) > 0 {
		t.Errorf("the second time: %d foreign resources, changes %v", len(again.Record.Foreign), again.Changed)
	}
}

func TestWhatOthersChangeIsNamed(t *testing.T) {
	t.Parallel()
	b := sent(t, whole(t, sample()))
	for i, e := range b.Entry {
		switch v := e.Resource.(type) {
		case *r4.Patient:
			v.Gender = "unknown"
			v.Meta = &r4.Meta{VersionID: "77"}
		case *r4.AllergyIntolerance:
			v.Patient.Reference = "Patient/" + ann.String() // as a server writes it
			v.Meta = &r4.Meta{VersionID: "78"}
		case *r4.Appointment:
			b.Entry[i].Resource = nil
		}
	}
	got := read(t, b)
	sameRecord(t, got.Record, sample())
	var names []string
	for _, c := range got.Changed {
		names = append(names, c.Resource)
	}
	if want := []string{"Appointment/" + booking.String(), "Patient/" + ann.String()}; !slices.Equal(names, want) {
		t.Errorf("changed: %v, want %v", names, want)
	}
	if got.Changed[0].Now != nil || got.Changed[1].Now.(*r4.Patient).Gender != "unknown" {
		t.Errorf("what is gone and what is new are not told apart: %+v", got.Changed)
	}
}

func TestABundleThatIsNoRecordIsRefused(t *testing.T) {
	t.Parallel()
	plain, _, err := fhirconv.PatientBundle(sample(), exported)
	if err != nil {
		t.Fatal(err)
	}
	broken := func(change func(*r4.Basic)) r4.Bundle {
		b := sent(t, whole(t, sample()))
		for _, e := range b.Entry {
			if v, ok := e.Resource.(*r4.Basic); ok && v.Code.Coding[0].Code == "allergies" {
				change(v)
				break
			}
		}
		return b
	}
	for _, tt := range []struct {
		name string
		in   r4.Bundle
		want glabella.Code
	}{
		{"a Bundle without a record", plain, fhirconv.CodeReadManifest},
		{"an empty one", r4.Bundle{}, fhirconv.CodeReadManifest},
		{"a part that is not known", broken(func(b *r4.Basic) { b.Code.Coding[0].Code = "dreams" }), fhirconv.CodeReadRecord},
		{"a part without its record", broken(func(b *r4.Basic) { b.Extension = nil }), fhirconv.CodeReadRecord},
		{"a record that is not JSON", broken(func(b *r4.Basic) { b.Extension[0].Value = r4.String("{") }), fhirconv.CodeReadRecord},
		{"a record with a member that nobody knows", broken(func(b *r4.Basic) { b.Extension[0].Value = r4.String(`{"secret":1}`) }), fhirconv.CodeReadRecord},
	} {
		_, err := fhirconv.FromFHIR(tt.in)
		var invalid *glabella.ValidationError
		if !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Code == tt.want }) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestADeidentifiedCopyHasNoRecord(t *testing.T) {
	t.Parallel()
	text, err := fhirconv.Encode(whole(t, sample()))
	if err != nil {
		t.Fatal(err)
	}
	copied, err := fhirconv.Deidentify(text, fhirconv.DeidentifyOptions{On: glabella.DateOf(exported)})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(copied.Bundle), "Basic") || strings.Contains(string(copied.Bundle), sample().Patient.Name().Family) {
		t.Error("a copy without what identifies the patient holds the record itself")
	}
}
