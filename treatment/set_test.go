package treatment_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A published template does not change: neither may its hash. A change here
// means that a new version is due.
func TestBuiltInHashes(t *testing.T) {
	t.Parallel()
	set := treatment.BuiltIn()
	var b strings.Builder
	for _, code := range set.Codes() {
		for version := 1; ; version++ {
			template, ok := set.Template(code, version)
			if !ok {
				break
			}
			fmt.Fprintf(&b, "%s %d %s\n", code, version, template.Hash())
		}
	}
	golden := filepath.Join("testdata", "hashes.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("hashes (-want +got):\n%s", diff)
	}
}

func TestBuiltInIsValid(t *testing.T) {
	t.Parallel()
	set := treatment.BuiltIn()
	if n := len(set.Codes()); n != 20 {
		t.Errorf("%d templates, want 20", n)
	}
	for _, code := range set.Codes() {
		if err := latest(t, code).Validate(); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestSetFindsNothing(t *testing.T) {
	t.Parallel()
	set := treatment.BuiltIn()
	if _, ok := set.Template("botulinum-toxin", 99); ok {
		t.Error("Template(botulinum-toxin, 99) = true, want false")
	}
	if _, ok := set.Latest("laser"); ok {
		t.Error("Latest(laser) = true, want false")
	}
	if _, ok := set.Product("water"); ok {
		t.Error("Product(water) = true, want false")
	}
	if _, ok := set.Diagram("face-front", 2); ok {
		t.Error("Diagram(face-front, 2) = true, want false")
	}
}

// Whatever a caller does to what it got, the set stays as it is.
func TestSetReturnsCopies(t *testing.T) {
	t.Parallel()
	set := treatment.BuiltIn()
	before := latest(t, "dermal-filler").Hash()
	template := latest(t, "dermal-filler")
	template.Fields[0].Key = "changed"
	for i := range template.Fields {
		f := &template.Fields[i]
		if f.Min != nil {
			*f.Min = quantity.MustParseNumber("99")
		}
		if f.When != nil && len(f.When.In) > 0 {
			f.When.In[0] = "changed"
		}
		if len(f.Choices) > 0 {
			f.Choices[0] = "changed"
		}
	}
	template.Map.Diagrams[0] = "changed"
	template.Map.Unit = "changed"
	template.Products[0] = "changed"
	template.Contraindications[0].Match.Conditions[0] = "changed"
	template.RedFlags[0].Text = "changed"
	if after := latest(t, "dermal-filler").Hash(); after != before {
		t.Error("a caller changed the set's template")
	}

	changed := product(t, "restylane-l")
	changed.Classes[0], changed.Label[0].Region, changed.Sources[0] = "changed", "changed", "changed"
	for _, p := range set.Products() {
		if slices.Contains(p.Classes, "changed") || len(p.Label) > 0 && p.Label[0].Region == "changed" || p.Sources[0] == "changed" {
			t.Error("a caller changed the set's product")
		}
	}

	d := face(t)
	d.Regions[0].Shapes[0].Outline[0].X = 9
	d.Regions[0].Muscles[0] = "changed"
	if again := face(t).Regions[0]; again.Shapes[0].Outline[0].X == 9 || again.Muscles[0] == "changed" {
		t.Error("a caller changed the set's diagram")
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	base := hostTemplate()
	for _, tt := range []struct {
		name   string
		change func(*treatment.Template)
		same   bool
	}{
		{"the same content has the same hash", func(*treatment.Template) {}, true},
		{"a list that is not there is like a member that is not there", func(x *treatment.Template) { x.Fields[1].Choices = nil }, true},
		{"another name", func(x *treatment.Template) { x.Name += "." }, false},
		{"another version", func(x *treatment.Template) { x.Version++ }, false},
		{"another order of choices", func(x *treatment.Template) { slices.Reverse(x.Fields[0].Choices) }, false},
		{"a bound", func(x *treatment.Template) { n := quantity.MustParseNumber("1"); x.Fields[0].Min = &n }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := hostTemplate()
			tt.change(&changed)
			if got := changed.Hash() == base.Hash(); got != tt.same {
				t.Errorf("same hash = %v, want %v", got, tt.same)
			}
		})
	}
}

func TestTemplateRoundTrip(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		want := latest(t, code)
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got treatment.Template
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, ignoreSet); diff != "" || got.Hash() != want.Hash() {
			t.Errorf("%s after JSON (-want +got):\n%s", code, diff)
		}
	}
}

const peel = `{
  "code": "bespoke-peel",
  "version": 1,
  "name": "Chemical peel",
  "phases": [{"code": "treatment", "name": "Treatment"}],
  "fields": [
    {"key": "layers", "label": "Layers", "phase": "treatment", "kind": "number", "min": "1", "max": "6", "required": true, "basis": "common-practice"}
  ]
}
`

func TestLoad(t *testing.T) {
	t.Parallel()
	set, err := treatment.BuiltIn().Load(fstest.MapFS{
		"own/peel-2.json": {Data: []byte(strings.Replace(peel, `"version": 1`, `"version": 2`, 1))},
		"own/peel-1.json": {Data: []byte(peel)},
		"own/README":      {Data: []byte("not a template")},
	}, "own/*.json")
	if err != nil {
		t.Fatal(err)
	}
	want := append([]string{"bespoke-peel"}, treatment.BuiltIn().Codes()...)
	if diff := cmp.Diff(want, set.Codes()); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if got, ok := set.Latest("bespoke-peel"); !ok || got.Version != 2 {
		t.Errorf("Latest(bespoke-peel) = version %d, %v; want 2", got.Version, ok)
	}
	if _, ok := set.Template("bespoke-peel", 1); !ok {
		t.Error("Template(bespoke-peel, 1) = false, want true")
	}
	if _, ok := treatment.BuiltIn().Latest("bespoke-peel"); ok {
		t.Error("Load changed the built-in set")
	}
}

func TestLoadSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	type at struct {
		Path         string
		Code         glabella.Code
		Line, Column int
	}
	for _, tt := range []struct {
		name, text string
		want       []at
	}{
		{"not JSON", "{", []at{{"", glabella.CodeSyntax, 1, 2}}},
		{"a member of another type", strings.Replace(peel, `"version": 1`, `"version": "1"`, 1), []at{{"/version", glabella.CodeFormat, 3, 14}}},
		{"a number that is not text", strings.Replace(peel, `"max": "6"`, `"max": 6`, 1), []at{{"/fields/0/max", glabella.CodeFormat, 7, 101}}},
		{"an unknown member does not hide what else is wrong", strings.NewReplacer(`"kind": "number"`, `"kind": "numeric"`, `"name": "Chemical peel"`, `"nmae": "Chemical peel"`).Replace(peel), []at{
			{"/name", glabella.CodeRequired, 1, 1}, {"/nmae", glabella.CodeUnknownField, 4, 3},
			{"/fields/0/kind", glabella.CodeUnknownValue, 7, 72}, {"/fields/0/kind", glabella.CodeMismatch, 7, 72},
		}},
		{"bounds the wrong way round, a phase that is not there, a claim without source", strings.NewReplacer(`"max": "6"`, `"max": "0.5"`, `"phase": "treatment"`, `"phase": "after"`, `"common-practice"`, `"label"`).Replace(peel), []at{
			{"/fields/0/min", glabella.CodeOutOfRange, 7, 85}, {"/fields/0/phase", treatment.CodeTemplateReference, 7, 51}, {"/fields/0/source", treatment.CodeTemplateSource, 7, 5},
		}},
		{"a version that is published already", strings.Replace(peel, "bespoke-peel", "botulinum-toxin", 1), []at{{"/version", glabella.CodeDuplicate, 3, 14}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := treatment.BuiltIn().Load(fstest.MapFS{"own.json": {Data: []byte(tt.text)}}, "own.json")
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("Load() error = %v, want a validation error", err)
			}
			var got []at
			for _, i := range invalid.Issues {
				got = append(got, at{i.Path, i.Code, i.Line, i.Column})
			}
			less := cmpopts.SortSlices(func(a, b at) bool { return a.Path+string(a.Code) < b.Path+string(b.Code) })
			if diff := cmp.Diff(tt.want, got, less); diff != "" || invalid.Subject != "own.json" {
				t.Errorf("Load() issues of %s (-want +got):\n%s", invalid.Subject, diff)
			}
		})
	}
}

func TestLoadReportsEveryFile(t *testing.T) {
	t.Parallel()
	_, err := treatment.BuiltIn().Load(fstest.MapFS{
		"a.json": {Data: []byte(peel)}, "b.json": {Data: []byte("[]")}, "c.json": {Data: []byte(peel)}, "d.json": {Data: []byte("{")},
	}, "*.json")
	if !errors.Is(err, glabella.ErrInvalid) {
		t.Fatalf("Load() error = %v, want invalid", err)
	}
	for _, name := range []string{"b.json", "c.json", "d.json"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("Load() error does not name %s: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "a.json") {
		t.Errorf("Load() error names a.json, which is fine: %v", err)
	}
}

func TestLoadWithoutFiles(t *testing.T) {
	t.Parallel()
	if _, err := treatment.BuiltIn().Load(fstest.MapFS{}, "*.json"); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("Load(no files) = %v, want not found", err)
	}
	if _, err := treatment.BuiltIn().Load(fstest.MapFS{}, "["); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Load([) = %v, want invalid", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*treatment.Template)
		want   []place
	}{
		{"a built-in template is valid", func(*treatment.Template) {}, nil},
		{"no code, version or name", func(x *treatment.Template) { x.Code, x.Version, x.Name = "", 0, "" }, []place{{"/code", glabella.CodeRequired}, {"/name", glabella.CodeRequired}, {"/version", glabella.CodeOutOfRange}}},
		{"a code in capitals", func(x *treatment.Template) { x.Code = "Toxin" }, []place{{"/code", glabella.CodeFormat}}},
		{"a phase given twice", func(x *treatment.Template) { x.Phases = append(x.Phases, x.Phases[0]) }, []place{{"/phases/3/code", glabella.CodeDuplicate}}},
		{"a key given twice", func(x *treatment.Template) { x.Fields[1].Key = x.Fields[0].Key }, []place{{"/fields/1/key", glabella.CodeDuplicate}}},
		{"a choice without choices", func(x *treatment.Template) { x.Fields[2].Choices = nil }, []place{{"/fields/2/choices", glabella.CodeRequired}}},
		{"choices of a boolean", func(x *treatment.Template) { x.Fields[0].Choices = []string{"a"} }, []place{{"/fields/0/choices", glabella.CodeMismatch}}},
		{"a unit of a boolean", func(x *treatment.Template) { x.Fields[0].Unit = "mL" }, []place{{"/fields/0/kind", glabella.CodeMismatch}}},
		{"a unit that is not UCUM", func(x *treatment.Template) { x.Fields[3].Unit = "teaspoon" }, []place{{"/fields/3/unit", glabella.CodeFormat}}},
		{"too many decimals", func(x *treatment.Template) { x.Fields[3].Decimals = 7 }, []place{{"/fields/3/decimals", glabella.CodeOutOfRange}}},
		{"a condition on a later field", func(x *treatment.Template) {
			x.Fields[0].When = &treatment.Condition{Field: x.Fields[2].Key, In: []string{"no"}}
		},
			[]place{{"/fields/0/when/field", treatment.CodeTemplateReference}}},
		{"a condition on no value", func(x *treatment.Template) { x.Fields[5].When.In = nil }, []place{{"/fields/5/when/in", glabella.CodeRequired}}},
		{"a condition on a value that is not offered", func(x *treatment.Template) { x.Fields[5].When.In[1] = "hypnosis" }, []place{{"/fields/5/when/in/1", treatment.CodeTemplateReference}}},
		{"a condition on a boolean", func(x *treatment.Template) {
			x.Fields[5].When = &treatment.Condition{Field: x.Fields[0].Key, In: []string{"true"}}
		}, nil},
		{"a product that nobody knows", func(x *treatment.Template) { x.Products = append(x.Products, "water") }, []place{{"/products/6", treatment.CodeTemplateReference}}},
		{"a product in another unit than the map", func(x *treatment.Template) { x.Products = append(x.Products, "sculptra") }, []place{{"/products/6", treatment.CodeUnit}}},
		{"a field for a product that the template does not have", func(x *treatment.Template) { x.Fields[0].Products = []string{"sculptra"} }, []place{{"/fields/0/products/0", treatment.CodeTemplateReference}}},
		{"a map without diagram", func(x *treatment.Template) { x.Map.Diagrams = nil }, []place{{"/map/diagrams", glabella.CodeRequired}}},
		{"a diagram that nobody knows", func(x *treatment.Template) { x.Map.Diagrams[0] = "moon" }, []place{{"/map/diagrams/0", treatment.CodeTemplateReference}}},
		{"a negative tolerance", func(x *treatment.Template) { x.Map.Tolerance = quantity.MustParseNumber("-1") }, []place{{"/map/tolerance", glabella.CodeOutOfRange}}},
		{"a map in a product's unit", func(x *treatment.Template) { x.Products = nil; x.Map.Unit = "mL{water}"; x.Contraindications = nil },
			[]place{{"/map/unit", glabella.CodeFormat}, {"/products", glabella.CodeRequired}}},
		{"a contraindication about nothing", func(x *treatment.Template) { x.Contraindications[0].Match.Conditions = nil }, []place{{"/contraindications/0/match", glabella.CodeRequired}}},
		{"a contraindication given twice, of no level, without words", func(x *treatment.Template) {
			c := &x.Contraindications[1]
			c.Code, c.Level, c.Text, c.Fix = x.Contraindications[0].Code, "mild", "", ""
		}, []place{{"/contraindications/1/code", glabella.CodeDuplicate}, {"/contraindications/1/level", glabella.CodeUnknownValue}, {"/contraindications/1/text", glabella.CodeRequired}, {"/contraindications/1/fix", glabella.CodeRequired}}},
		{"an age below zero", func(x *treatment.Template) { x.Contraindications[4].Match.AgeUnder = -1 }, []place{{"/contraindications/4/match/ageUnder", glabella.CodeOutOfRange}}},
		{"a contraindication for a product that the template does not have", func(x *treatment.Template) { x.Contraindications[2].Match.Products[0] = "sculptra" }, []place{{"/contraindications/2/match/products/0", treatment.CodeTemplateReference}}},
		{"advice without words, and of no basis", func(x *treatment.Template) { x.PostCare[0] = treatment.Advice{} }, []place{{"/postCare/0/text", glabella.CodeRequired}, {"/postCare/0/basis", glabella.CodeUnknownValue}}},
		{"an interval of no days", func(x *treatment.Template) { x.Retreat.Days = 0 }, []place{{"/retreat/days", glabella.CodeOutOfRange}}},
		{"a form code in capitals", func(x *treatment.Template) { x.Consents[0] = "Form" }, []place{{"/consents/0", glabella.CodeFormat}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := latest(t, "botulinum-toxin")
			x.Translations = nil // they would name what a case takes out
			tt.change(&x)
			var got []place
			if err := x.Validate(); err != nil {
				var invalid *glabella.ValidationError
				if !errors.As(err, &invalid) {
					t.Fatalf("Validate() = %v, want a validation error", err)
				}
				got = placesOf(invalid.Issues)
			}
			if diff := cmp.Diff(tt.want, got, sortPlaces()); diff != "" {
				t.Errorf("Validate() issues (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a file holds, Load returns a set or an error that says invalid; and
// what it accepts can be used.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{peel, "", "{", "[]", "null", `{"code":"a","version":1,"map":{}}`, `{"fields":[{"min":"1e999999999"}]}`} {
		f.Add([]byte(seed))
	}
	for _, name := range []string{"botulinum-toxin-v1.json", "dermal-filler-v1.json"} {
		text, err := os.ReadFile(filepath.Join("data", "templates", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.Replace(string(text), `"version": 1`, `"version": 2`, 1)))
	}
	f.Add([]byte(`{"code":"mine","version":1,"name":"Mine","extends":{"code":"botulinum-toxin","version":1,"without":["pain"],"rename":{"anaesthesia":"numbing"},"labels":{"numbing":"Numbing"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := treatment.BuiltIn().Load(fstest.MapFS{"x.json": {Data: text}}, "x.json")
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("Load() error = %v, want invalid", err)
			}
			return
		}
		for _, code := range set.Codes() {
			template, _ := set.Latest(code)
			if err := template.Validate(); err != nil && len(set.Codes()) > 2 {
				t.Fatalf("Load() accepted %s, and Validate() = %v", code, err)
			}
			template.Screen(treatment.Facts{})
			template.Check(treatment.Record{}, treatment.Product{})
		}
	})
}
