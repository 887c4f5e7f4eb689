package treatment_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// clinicSet is a set with the templates and the manual of a fictional clinic.
func clinicSet(t testing.TB) *treatment.Set {
	t.Helper()
	set, err := treatment.BuiltIn().Load(os.DirFS("testdata/host"), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	if set, err = set.LoadManuals(os.DirFS("testdata"), "manual.json"); err != nil {
		t.Fatal(err)
	}
	return set
}

func clinicTemplate(t testing.TB, code string) treatment.Template {
	t.Helper()
	out, ok := clinicSet(t).Latest(code)
	if !ok {
		t.Fatalf("no template %s", code)
	}
	return out
}

// laser is a record of the host's body laser, with two rows of settings.
func laser(t testing.TB, change map[string]string) treatment.Record {
	template := clinicTemplate(t, "body-laser")
	values := map[string]string{
		"skin-type": "3", "tanned": "none", "device": "fictional-laser", "test-spots": "0.31,0.52 0.69,0.52",
		"pictures": "01900000-0000-7000-8000-0000000000c1", "safety": "sha256:" + strings.Repeat("0a", 32),
		"settings/0/wavelength": "1064", "settings/0/fluence": "30", "settings/0/spot-area": "0.5", "settings/0/pulses": "100",
		"settings/1/wavelength": "1064", "settings/1/fluence": "35.5", "settings/1/spot-area": "0.1", "settings/1/pulses": "3",
	}
	for key, value := range change {
		if value == "" {
			delete(values, key)
		} else {
			values[key] = value
		}
	}
	return template.Fill(treatment.Record{Template: template.Ref(), Values: values})
}

func TestFillComputesRowsAndTheirSum(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change map[string]string
		want   map[string]string
	}{
		{"rows, their sum and a quotient of it", nil, map[string]string{"settings/0/energy": "1500", "settings/1/energy": "10.7", "energy": "1510.7", "energy-per-session": "251.78"}},
		{"a row that is not complete leaves the sum open", map[string]string{"settings/1/pulses": ""}, map[string]string{"settings/0/energy": "1500"}},
		{"what was typed in gives way", map[string]string{"energy": "9", "settings/0/pulses": "", "settings/1/pulses": ""}, map[string]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for key, value := range laser(t, tt.change).Values {
				if strings.Contains(key, "energy") {
					got[key] = value
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("computed values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckFindsWhatIsWrongInEveryKindOfField(t *testing.T) {
	t.Parallel()
	template := clinicTemplate(t, "body-laser")
	for _, tt := range []struct {
		name   string
		change map[string]string
		after  map[string]string // changed after the computed fields were filled in
		want   []string
	}{
		{"nothing is wrong", nil, nil, nil},
		{"a reason for a recent tan", map[string]string{"tanned": "recent"}, nil, []string{"/values/tan-reason required"}},
		{"a reason for a faded tan on darker skin", map[string]string{"tanned": "faded", "skin-type": "4"}, nil, []string{"/values/tan-reason required"}},
		{"no reason for a faded tan on lighter skin", map[string]string{"tanned": "faded", "tan-reason": "none"}, nil, []string{"/values/tan-reason treatment.field.not-applicable"}},
		{"no rows", map[string]string{"settings/0/wavelength": "", "settings/0/fluence": "", "settings/0/spot-area": "", "settings/0/pulses": "",
			"settings/1/wavelength": "", "settings/1/fluence": "", "settings/1/spot-area": "", "settings/1/pulses": ""}, nil, []string{"/values/settings required"}},
		{"a row that is left out", map[string]string{"settings/3/wavelength": "755", "settings/3/fluence": "20"}, nil,
			[]string{"/values/settings~12~1wavelength required", "/values/settings~12~1fluence required"}},
		{"a row too many", map[string]string{"settings/4/wavelength": "755"}, nil, []string{"/values/settings~14~1wavelength unknown-field", "/values/settings out-of-range",
			"/values/settings~12~1wavelength required", "/values/settings~12~1fluence required", "/values/settings~13~1wavelength required", "/values/settings~13~1fluence required"}},
		{"a row number that is not plain", map[string]string{"settings/00/wavelength": "755"}, nil, []string{"/values/settings~100~1wavelength unknown-field"}},
		{"a value in a row that is out of its bounds", map[string]string{"settings/1/wavelength": "20"}, nil, []string{"/values/settings~11~1wavelength out-of-range"}},
		{"an energy that was typed in", nil, map[string]string{"energy": "1"}, []string{"/values/energy treatment.field.computed", "/values/energy-per-session treatment.field.computed"}},
		{"an energy that is missing", nil, map[string]string{"settings/0/energy": ""}, []string{"/values/settings~10~1energy treatment.field.computed", "/values/energy treatment.field.computed"}},
		{"places that are off the drawing", map[string]string{"test-spots": "0.3,1.2"}, nil, []string{"/values/test-spots format"}},
		{"a photograph that is none", map[string]string{"pictures": "front.jpg"}, nil, []string{"/values/pictures format"}},
		{"a photograph twice", map[string]string{"pictures": "01900000-0000-7000-8000-0000000000c1 01900000-0000-7000-8000-0000000000c1"}, nil, []string{"/values/pictures duplicate"}},
		{"a signature that is a name", map[string]string{"safety": "A. Example"}, nil, []string{"/values/safety format"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := laser(t, tt.change)
			for key, value := range tt.after {
				r.Values[key] = value
			}
			var got []string
			for _, issue := range template.Check(r, treatment.Product{}) {
				got = append(got, issue.Path+" "+string(issue.Code))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScreenLooksBackAndAtTheSkin(t *testing.T) {
	t.Parallel()
	template := clinicTemplate(t, "body-laser")
	on := glabella.Date{Year: 2026, Month: 11, Day: 23}
	ok := treatment.Facts{On: on, Age: 30, SkinType: 2, Done: []treatment.Done{{Treatment: "test-spot", On: on.AddDays(-14)}}}
	isotretinoin := func(ended int) treatment.Facts {
		f := ok
		f.Medications = []treatment.Finding{{Classes: []string{"isotretinoin"}, Until: on.AddDays(-ended)}}
		return f
	}
	with := func(change func(*treatment.Facts)) treatment.Facts {
		f := ok
		change(&f)
		return f
	}
	for _, tt := range []struct {
		name  string
		facts treatment.Facts
		want  []glabella.Code
	}{
		{"nothing stands against it", ok, nil},
		{"isotretinoin until half a year ago", isotretinoin(183), []glabella.Code{"treatment.contraindicated.isotretinoin"}},
		{"isotretinoin until longer ago", isotretinoin(184), nil},
		{"dark skin", with(func(f *treatment.Facts) { f.SkinType = 5 }), []glabella.Code{"treatment.contraindicated.dark-skin"}},
		{"a skin type that is not known", with(func(f *treatment.Facts) { f.SkinType = 0 }), []glabella.Code{treatment.CodeSkinTypeUnknown}},
		{"no test spot", with(func(f *treatment.Facts) { f.Done = nil }), []glabella.Code{treatment.CodePrerequisite}},
		{"a test spot too long ago", with(func(f *treatment.Facts) { f.Done = []treatment.Done{{Treatment: "test-spot", On: on.AddDays(-31)}} }), []glabella.Code{treatment.CodePrerequisite}},
		{"a test spot that is yet to come", with(func(f *treatment.Facts) { f.Done = []treatment.Done{{Treatment: "test-spot", On: on.AddDays(1)}} }), []glabella.Code{treatment.CodePrerequisite}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, codesOf(template.Screen(tt.facts))); diff != "" {
				t.Errorf("Screen() (-want +got):\n%s", diff)
			}
		})
	}
}

func codesOf(d glabella.Decision) []glabella.Code {
	var out []glabella.Code
	for _, r := range d.Reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestAdviseComparesSettingsWithTheManual(t *testing.T) {
	t.Parallel()
	template := clinicTemplate(t, "body-laser")
	for _, tt := range []struct {
		name   string
		change map[string]string
		want   []glabella.Code
	}{
		{"within the range", nil, nil},
		{"above it", map[string]string{"settings/1/fluence": "40.1"}, []glabella.Code{treatment.CodeDeviceRange}},
		{"below it, twice", map[string]string{"settings/0/fluence": "19", "settings/1/fluence": "1"}, []glabella.Code{treatment.CodeDeviceRange, treatment.CodeDeviceRange}},
		{"the row for another skin type", map[string]string{"skin-type": "4", "settings/0/fluence": "30", "settings/1/fluence": "30"}, nil},
		{"a skin type without a row", map[string]string{"skin-type": "6"}, []glabella.Code{treatment.CodeDeviceNoRow, treatment.CodeDeviceNoRow}},
		{"a wavelength without a row", map[string]string{"settings/0/wavelength": "755"}, []glabella.Code{treatment.CodeDeviceNoRow}},
		{"a device without a manual", map[string]string{"device": "other", "settings/1/fluence": "99"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := template.Advise(laser(t, tt.change), treatment.Product{}, treatment.Facts{})
			if diff := cmp.Diff(tt.want, codesOf(d)); diff != "" {
				t.Errorf("Advise() (-want +got):\n%s", diff)
			}
			for _, r := range d.Reasons {
				if !strings.HasPrefix(r.Source, "Fictional Laser operator manual, revision C") {
					t.Errorf("%s cites %q", r.Code, r.Source)
				}
			}
		})
	}
}

func TestTemplateExtendsAnother(t *testing.T) {
	t.Parallel()
	base, face := clinicTemplate(t, "body-laser"), clinicTemplate(t, "face-laser")
	var keys []string
	for _, f := range face.Fields {
		keys = append(keys, f.Key)
	}
	if diff := cmp.Diff([]string{"skin-type", "tan", "tan-reason", "device", "test-spots", "pictures", "shots", "energy", "energy-per-session", "eye-shields"}, keys); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if tan, _ := face.Field("tan"); tan.Label != "Tan" {
		t.Errorf("the label of tan is %q", tan.Label)
	}
	r := treatment.Record{Template: face.Ref(), Values: map[string]string{
		"skin-type": "4", "tan": "faded", "tan-reason": "test spot was fine", "eye-shields": "true",
		"shots/0/wavelength": "1064", "shots/0/fluence": "10", "shots/0/spot-area": "1", "shots/0/pulses": "6",
	}}
	r = face.Fill(r)
	if issues := face.Check(r, treatment.Product{}); len(issues) > 0 {
		t.Errorf("Check() = %v", issues)
	}
	if r.Values["energy-per-session"] != "10" {
		t.Errorf("the renamed group gives %q per session, want 10", r.Values["energy-per-session"])
	}
	if !face.Clearance || !slices.Equal(face.Consents, base.Consents) || face.Contraindications[1].Level != treatment.LevelAbsolute || len(face.Contraindications) != 2 {
		t.Errorf("the extension has clearance %t, consents %q, contraindications %+v", face.Clearance, face.Consents, face.Contraindications)
	}
	if es := face.In(language.Spanish); es.Name != "Láser facial" || es.Fields[1].ChoiceLabel("recent") != "reciente" || es.Fields[1].ChoiceLabel("none") != "No tan" {
		t.Errorf("in Spanish: %q, %q, %q", es.Name, es.Fields[1].ChoiceLabel("recent"), es.Fields[1].ChoiceLabel("none"))
	}
	if before, _ := clinicSet(t).Template("body-laser", 1); before.Hash() != base.Hash() || before.Fields[1].Key != "tanned" {
		t.Error("extending a template changed it")
	}
}

func TestExtensionNarrowsProducts(t *testing.T) {
	t.Parallel()
	set, err := treatment.BuiltIn().Load(fstest.MapFS{"x.json": {Data: []byte(`{"code":"one-toxin","version":1,"name":"One toxin","extends":{"code":"botulinum-toxin","version":1},"products":["daxibotulinumtoxinA"]}`)}}, "x.json")
	if err != nil {
		t.Fatal(err)
	}
	one, _ := set.Latest("one-toxin")
	d := one.Screen(treatment.Facts{On: glabella.Date{Year: 2026, Month: 11, Day: 23}, Age: 40, Product: "daxibotulinumtoxinA", Pregnant: treatment.PregnantNo,
		Allergies: []treatment.Finding{{Classes: []string{"milk-protein"}}}})
	if d.Outcome != glabella.Allow {
		t.Errorf("a rule about other products speaks: %v", d)
	}
}

func TestWrongExtensionsAndManualsGiveEveryProblemWithItsPlace(t *testing.T) {
	t.Parallel()
	set := clinicSet(t)
	for _, tt := range []struct {
		name, text string
		load       func(fstest.MapFS) error
		want       []string
	}{
		{
			"an extension of what is not there and of wrong fields",
			"{\"code\":\"x\",\"version\":1,\"name\":\"X\",\n\"extends\":{\"code\":\"body-laser\",\"version\":1,\"without\":[\"nothing\"],\"rename\":{\"gone\":\"here\"},\n\"labels\":{\"absent\":\"A\"}},\n\"fields\":[{\"key\":\"a\",\"label\":\"A\",\"phase\":\"never\",\"kind\":\"number\",\"basis\":\"common-practice\"}]}",
			func(fs fstest.MapFS) error { _, err := set.Load(fs, "x.json"); return err },
			[]string{"2 /extends/without/0 treatment.template.reference", "2 /extends/rename/gone treatment.template.reference", "3 /extends/labels/absent treatment.template.reference", "4 /fields/0/phase treatment.template.reference"},
		},
		{
			"an extension of an unknown base",
			`{"code":"x","version":1,"name":"X","extends":{"code":"nothing","version":3}}`,
			func(fs fstest.MapFS) error { _, err := set.Load(fs, "x.json"); return err },
			[]string{"1 /extends treatment.template.reference"},
		},
		{
			"formulas, conditions and groups that do not work",
			`{"code":"x","version":1,"name":"X","phases":[{"code":"p","name":"P"}],"fields":[
{"key":"a","label":"A","phase":"p","kind":"computed","basis":"common-practice"},
{"key":"b","label":"B","phase":"p","kind":"computed","basis":"common-practice","formula":{"op":"quotient","of":[{"field":"later"}]}},
{"key":"c","label":"C","phase":"p","kind":"group","basis":"common-practice","fields":[{"key":"d","label":"D","kind":"group","basis":"common-practice"}]},
{"key":"e","label":"E","phase":"p","kind":"text","basis":"common-practice","views":["front"],"when":{"any":[{"field":"a","in":["x"]}]}},
{"key":"f","label":"F","phase":"p","kind":"photo","basis":"common-practice","views":["sideways"]},
{"key":"g","label":"G","phase":"p","kind":"points","basis":"common-practice","diagram":"none"}]}`,
			func(fs fstest.MapFS) error { _, err := set.Load(fs, "x.json"); return err },
			[]string{
				"2 /fields/0/formula required", "3 /fields/1/formula/of out-of-range", "3 /fields/1/formula/of/0/field treatment.template.reference", "4 /fields/2/fields/0/kind mismatch",
				"5 /fields/3/views mismatch", "5 /fields/3/when/any/0/in/0 treatment.template.reference", "6 /fields/4/views/0 unknown-value", "7 /fields/5/diagram treatment.template.reference",
			},
		},
		{
			"a manual of the same device with a wrong unit and an empty range",
			`{"device":"fictional-laser","name":"X","document":"X","rows":[{"ranges":[{"field":"fluence","unit":"J","max":"1"},{"field":"wavelength","unit":"nm"}],"source":"t"}]}`,
			func(fs fstest.MapFS) error { _, err := set.LoadManuals(fs, "x.json"); return err },
			[]string{"1 /rows/0/ranges/0/unit treatment.unit", "1 /rows/0/ranges/1 required", "1 /device duplicate"},
		},
		{
			"limits of nothing",
			`[{"treatment":"none","measure":"session","most":"-1","source":""},{"measure":"field","most":"1","source":"policy"}]`,
			func(fs fstest.MapFS) error { _, err := set.LoadLimits(fs, "x.json"); return err },
			[]string{"1 /0/treatment treatment.template.reference", "1 /0/product required", "1 /0/most out-of-range", "1 /0/source treatment.template.source", "1 /1/of required"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.load(fstest.MapFS{"x.json": {Data: []byte(tt.text)}})
			if diff := cmp.Diff(sorted(tt.want), sorted(issueLines(err))); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func TestMigrateCarriesValuesOver(t *testing.T) {
	t.Parallel()
	next := strings.Replace(read(t, "testdata/host/body-laser-v1.json"), `"version": 1`, `"version": 2,
 "migrations": [{"from": 1, "rename": {"tanned": "tan", "settings/pulses": "settings/shots"}, "values": {"tan": {"none": "no"}}, "drop": ["safety"]}]`, 1)
	next = strings.NewReplacer(`"key": "tanned"`, `"key": "tan"`, `"field": "tanned"`, `"field": "tan"`, `["none", "faded", "recent"]`, `["no", "faded", "recent"]`, `"labels": {"none": "No tan"}, `, "",
		`"key": "pulses"`, `"key": "shots"`, `{"field": "pulses"}`, `{"field": "shots"}`, `"settings/pulses"}]`, `"settings/shots"}]`, `"tanned": {`, `"tan": {`).Replace(next)
	next = strings.Replace(next, `  {"key": "safety", "label": "Safety officer", "phase": "treatment", "kind": "signature", "basis": "common-practice"},`+"\n", "", 1)
	set, err := clinicSet(t).Load(fstest.MapFS{"x.json": {Data: []byte(next)}}, "x.json")
	if err != nil {
		t.Fatal(err)
	}
	v2, _ := set.Latest("body-laser")
	got, err := v2.Migrate(laser(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if issues := v2.Check(got, treatment.Product{}); len(issues) > 0 {
		t.Errorf("the migrated record is wrong: %v", issues)
	}
	if got.Values["tan"] != "no" || got.Values["settings/0/shots"] != "100" || got.Values["energy"] != "1510.7" || slices.Contains(slices.Collect(maps.Keys(got.Values)), "safety") {
		t.Errorf("migrated values: %v", got.Values)
	}
	old := laser(t, map[string]string{"unheard-of": "1"})
	if _, err := v2.Migrate(old); len(issueLines(err)) != 1 {
		t.Errorf("a value without a place: %v", err)
	}
	v1, _ := set.Template("body-laser", 1)
	if _, err := v1.Migrate(got); len(issueLines(err)) != 1 {
		t.Errorf("backwards: %v", err)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDosesBeyondTheMap(t *testing.T) {
	t.Parallel()
	set, err := treatment.BuiltIn().LoadLimits(fstest.MapFS{"limits.json": {Data: []byte(`[
{"product":"onabotulinumtoxinA","measure":"session","most":"60","source":"clinic policy 3"},
{"product":"onabotulinumtoxinA","measure":"region","of":"glabella","most":"19","source":"clinic policy 4"},
{"product":"onabotulinumtoxinA","measure":"point","most":"4","source":"clinic policy 5"},
{"product":"onabotulinumtoxinA","measure":"cumulative","most":"100","source":"clinic policy 6"},
{"measure":"field","of":"diluent-volume","most":"2.5","source":"clinic policy 7"},
{"measure":"lidocaine","most":"5","source":"clinic policy 8"}]`)}}, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	template, _ := set.Latest("botulinum-toxin")
	p := product(t, "onabotulinumtoxinA")
	r := glabellarLines(t)
	on := glabella.Date{Year: 2026, Month: 11, Day: 23}
	with := func(key, value string) treatment.Record {
		out := r
		out.Values = maps.Clone(r.Values)
		out.Values[key] = value
		return out
	}
	units := func(s string) quantity.Quantity { return quantity.MustParse(s) }
	for _, tt := range []struct {
		name   string
		record treatment.Record
		facts  treatment.Facts
		want   []glabella.Code
	}{
		{"the clinic's limit for a region", r, treatment.Facts{On: on}, []glabella.Code{treatment.CodeClinicLimit}},
		{"and for all that was given before", r, treatment.Facts{On: on, WindowUnits: units("81 [arb'U]{onabotulinumtoxinA}")}, []glabella.Code{treatment.CodeClinicLimit, treatment.CodeClinicLimit}},
		{"and for a field", with("diluent-volume", "2.6"), treatment.Facts{On: on}, []glabella.Code{treatment.CodeClinicLimit, treatment.CodeClinicLimit}},
		{"another toxin in the period", r, treatment.Facts{On: on, OtherUnits: []quantity.Quantity{units("50 [arb'U]{abobotulinumtoxinA}")}}, []glabella.Code{treatment.CodeClinicLimit, treatment.CodeWindowOthers}},
		{"lidocaine of another procedure, above the label and the clinic's limit", r, treatment.Facts{On: on, Weight: quantity.MustParseNumber("50"), Lidocaine: quantity.MustParseNumber("351")},
			[]glabella.Code{treatment.CodeClinicLimit, treatment.CodeClinicLimit, treatment.CodeLidocaine}},
		{"lidocaine without a weight", r, treatment.Facts{On: on, Lidocaine: quantity.MustParseNumber("10")}, []glabella.Code{treatment.CodeClinicLimit, treatment.CodeWeightUnknown}},
		{"tumescent lidocaine within its own limit", r, treatment.Facts{On: on, Weight: quantity.MustParseNumber("100"), Lidocaine: quantity.MustParseNumber("500"), LidocaineTumescent: quantity.MustParseNumber("500")}, []glabella.Code{treatment.CodeClinicLimit}},
		{"tumescent lidocaine above it", r, treatment.Facts{On: on, Weight: quantity.MustParseNumber("50"), Lidocaine: quantity.MustParseNumber("1401"), LidocaineTumescent: quantity.MustParseNumber("1401")},
			[]glabella.Code{treatment.CodeClinicLimit, treatment.CodeClinicLimit, treatment.CodeLidocaineTumescent}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := template.Advise(tt.record, p, tt.facts)
			got := codesOf(d)
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Advise() (-want +got):\n%s", diff)
			}
			for _, reason := range d.Reasons {
				if reason.Source == "" || (reason.Code == treatment.CodeClinicLimit) != (reason.Outcome == glabella.Deny) {
					t.Errorf("%+v", reason)
				}
			}
		})
	}
}

func TestTitrationFollowsTheLabel(t *testing.T) {
	t.Parallel()
	step := func(dose string) treatment.Step {
		return treatment.Step{Dose: quantity.MustParseNumber(dose), Weeks: 4, Basis: treatment.BasisLabel, Source: "label, section 2"}
	}
	p := treatment.Product{Code: "fictional-glutide", Unit: quantity.MustUnit("mg"), Steps: []treatment.Step{step("0.25"), step("0.5"), step("1")},
		MaxDose: treatment.Limit{Units: quantity.MustParseNumber("1"), Basis: treatment.BasisLabel, Source: "label, section 2"}}
	on := glabella.Date{Year: 2026, Month: 11, Day: 23}
	given := func(weeksAgo ...int) (out []treatment.GivenDose) {
		for i, w := range weeksAgo {
			out = append(out, treatment.GivenDose{On: on.AddDays(-7 * w), Dose: p.Steps[min(i/4, 2)].Dose})
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		dose  string
		doses []treatment.GivenDose
		want  []glabella.Code
	}{
		{"the first step first", "0.25", nil, nil},
		{"a later step first", "0.5", nil, []glabella.Code{treatment.CodeDoseStep}},
		{"the next step after four weeks", "0.5", given(4, 3, 2, 1), nil},
		{"the next step after three", "0.5", given(3, 2, 1), []glabella.Code{treatment.CodeDoseEarly}},
		{"the same step again", "0.25", given(3, 2, 1), nil},
		{"a step back", "0.25", given(8, 7, 6, 5, 4, 3), nil},
		{"a step left out", "1", given(4, 3, 2, 1), []glabella.Code{treatment.CodeDoseStep}},
		{"a dose between the steps", "0.7", given(4, 3, 2, 1), []glabella.Code{treatment.CodeDoseStep}},
		{"above the greatest", "2", given(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), []glabella.Code{treatment.CodeDoseMax, treatment.CodeDoseStep}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := treatment.Template{}.Advise(treatment.Record{Product: p.Code, Values: map[string]string{"dose": tt.dose}}, p, treatment.Facts{On: on, Doses: tt.doses})
			if diff := cmp.Diff(tt.want, codesOf(d)); diff != "" {
				t.Errorf("Advise() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLimitByBodyWeight(t *testing.T) {
	t.Parallel()
	p := product(t, "juvederm-voluma-xc")
	p.PerWeight = treatment.PerWeight{Units: quantity.MustParseNumber("20"), PerKg: quantity.MustParseNumber("60"), Period: glabella.Period{Years: 1}, Basis: treatment.BasisLabel, Source: "directions for use"}
	r := treatment.Record{Product: p.Code, Maps: []treatment.Map{{Points: []treatment.Point{{Region: "cheek", Amount: quantity.MustParse("1 mL{juvederm-voluma-xc}")}}}}}
	for _, tt := range []struct {
		name, before, kg string
		want             []glabella.Code
	}{
		{"at the limit", "14", "45", nil},
		{"above it", "14.1", "45", []glabella.Code{treatment.CodePerWeight}},
		{"a weight that is not known, and little", "5", "0", nil},
		{"a weight that is not known, and much", "20", "0", []glabella.Code{treatment.CodeWeightUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := treatment.Template{}.Advise(r, p, treatment.Facts{Weight: quantity.MustParseNumber(tt.kg), FamilyVolume: quantity.MustParseNumber(tt.before)})
			if diff := cmp.Diff(tt.want, codesOf(d)); diff != "" {
				t.Errorf("Advise() (-want +got):\n%s", diff)
			}
		})
	}
}

// issueLines returns the issues of an error as line, path and code.
func issueLines(err error) []string {
	var wrong *glabella.ValidationError
	if !errors.As(err, &wrong) {
		return nil
	}
	var out []string
	for _, i := range wrong.Issues {
		out = append(out, fmt.Sprint(i.Line, " ", i.Path, " ", i.Code))
	}
	return out
}

func TestCountsWhatIsCharged(t *testing.T) {
	t.Parallel()
	body := clinicTemplate(t, "body-laser")
	if n, ok := body.Count(laser(t, nil), treatment.ByPulse); n != 103 || !ok {
		t.Errorf("pulses = %d, %t, want 103", n, ok)
	}
	if n, ok := body.Count(laser(t, nil), treatment.ByArea); n != 0 || ok {
		t.Errorf("areas of a treatment that is not charged by them = %d, %t", n, ok)
	}
	toxin := treatment.Template{Charges: []treatment.ChargeRule{{By: treatment.ByArea}}}
	if n, ok := toxin.Count(glabellarLines(t), treatment.ByArea); n != 1 || !ok {
		t.Errorf("areas = %d, %t, want the glabella", n, ok)
	}
	chosen := treatment.Template{Fields: []treatment.Field{{Key: "areas", Kind: treatment.FieldMulti}}, Charges: []treatment.ChargeRule{{By: treatment.ByArea, Field: "areas"}}}
	if n, ok := chosen.Count(treatment.Record{Values: map[string]string{"areas": "axilla bikini"}}, treatment.ByArea); n != 2 || !ok {
		t.Errorf("areas = %d, %t, want 2", n, ok)
	}
}

func TestPortionsStandForWhatNoMapShows(t *testing.T) {
	t.Parallel()
	p := treatment.Product{Code: "fictional-drip", Unit: quantity.MustUnit("mL{fictional-drip}"), Session: treatment.Limit{Units: quantity.MustParseNumber("500"), Basis: treatment.BasisLabel, Source: "label"}}
	drip := treatment.Template{Code: "drip", Version: 1, Products: []string{p.Code}, Fields: []treatment.Field{{Key: "dose", Kind: treatment.FieldNumber}}}
	record := func(dose, total string, amounts ...string) treatment.Record {
		r := treatment.Record{Template: drip.Ref(), Product: p.Code, Values: map[string]string{"dose": dose}}
		if total != "" {
			r.Total = quantity.MustParse(total)
		}
		for _, a := range amounts {
			r.Given = append(r.Given, treatment.Portion{Amount: quantity.MustParse(a), Lot: fictionalLot, Vial: fictionalVial})
		}
		return r
	}
	for _, tt := range []struct {
		name   string
		record treatment.Record
		want   []string
		advice []glabella.Code
	}{
		{"nothing is wrong", record("500", "500 mL{fictional-drip}", "250 mL{fictional-drip}", "250 mL{fictional-drip}"), nil, nil},
		{"more than the label names", record("501", "501 mL{fictional-drip}", "501 mL{fictional-drip}"), nil, []glabella.Code{treatment.CodeSessionTotal}},
		{"a dose that the containers do not add up to", record("300", "", "250 mL{fictional-drip}"), []string{"/values/dose treatment.points.sum"}, nil},
		{"a total that they do not", record("250", "251 mL{fictional-drip}", "250 mL{fictional-drip}"), []string{"/total treatment.points.sum"}, nil},
		{"another product's unit", record("1", "", "1 mL{other}"), []string{"/given/0/amount treatment.unit"}, []glabella.Code{treatment.CodeUnit}},
		{"no amount", record("0", "", "0 mL{fictional-drip}"), []string{"/given/0/amount out-of-range"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, issue := range drip.Check(tt.record, p) {
				got = append(got, issue.Path+" "+string(issue.Code))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check() (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.advice, codesOf(drip.Advise(tt.record, p, treatment.Facts{}))); diff != "" {
				t.Errorf("Advise() (-want +got):\n%s", diff)
			}
		})
	}
	mapped := glabellarLines(t)
	mapped.Given = []treatment.Portion{{Amount: quantity.MustParse("1 [arb'U]{onabotulinumtoxinA}"), Lot: fictionalLot}}
	if issues := latest(t, "botulinum-toxin").Check(mapped, product(t, "onabotulinumtoxinA")); len(issues) != 1 || issues[0].Path != "/given" {
		t.Errorf("portions beside a map: %v", issues)
	}
}

// An extension of each built-in template that leaves fields out and lists other
// advice is whole: nothing of the base that it left out is named any more.
func TestExtensionsLeaveNoWordsBehind(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		base := latest(t, code)
		last := base.Fields[len(base.Fields)-1].Key
		text := fmt.Sprintf(`{"code":"own","version":1,"name":"Own","extends":{"code":%q,"version":1,"without":[%q]},"postCare":[{"text":"Call us.","basis":"common-practice"}]}`, code, last)
		set, err := treatment.BuiltIn().Load(fstest.MapFS{"own.json": {Data: []byte(text)}}, "own.json")
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		own, _ := set.Latest("own")
		if _, ok := own.Translations["es"].Fields[last]; ok || len(own.Translations["es"].Fields) == 0 {
			t.Errorf("%s: the words of %s: %t; %d fields have words", code, last, ok, len(own.Translations["es"].Fields))
		}
	}
}
