package encounter_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

// digestOf is the digest of a picture that nobody has taken.
func digestOf(name string) string { return "sha256:" + encounter.HashText(name) }

func photo(n int) encounter.Photo {
	return encounter.Photo{
		ID: id[glabella.PhotoID](n), Patient: patientID, Encounter: visitID, Procedure: id[glabella.ProcedureID](500), TakenAt: morning, By: nurse,
		View: treatment.PhotoFront, Pose: encounter.PoseFrown, Stage: encounter.StageBefore, Regions: []string{"glabella"}, Side: glabella.SideMidline, Device: "camera-7",
		Original:   encounter.Image{Digest: digestOf("original"), MediaType: "image/jpeg", Bytes: 4_000_000, Width: 4000, Height: 3000},
		Derived:    []encounter.Derivative{smaller("display", digestOf("original"), encounter.DerivativeDisplay)},
		Provenance: glabella.Provenance{Source: glabella.SourceImported, System: "a camera of fiction", RecordedAt: morning},
	}
}

func smaller(name, from string, kind encounter.DerivativeKind) encounter.Derivative {
	return encounter.Derivative{Image: encounter.Image{Digest: digestOf(name), MediaType: "image/jpeg", Bytes: 90_000, Width: 1600, Height: 1200}, Kind: kind, From: from, At: morning}
}

// issuesOf returns the paths and codes of an error's issues.
func issuesOf(err error) map[string]glabella.Code {
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	out := map[string]glabella.Code{}
	for _, i := range invalid.Issues {
		out[i.Path] = i.Code
	}
	return out
}

func TestPhotoValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.Photo)
		want   map[string]glabella.Code
	}{
		{"a photograph is valid", func(*encounter.Photo) {}, nil},
		{"without a visit, which it need not have", func(p *encounter.Photo) { p.Encounter, p.Procedure = glabella.EncounterID{}, glabella.ProcedureID{} }, nil},
		{"a picture whose size in pixels nobody knows", func(p *encounter.Photo) { p.Original.Width, p.Original.Height = 0, 0 }, nil},
		{"a derivative of a derivative", func(p *encounter.Photo) {
			p.Derived = append(p.Derived, smaller("thumbnail", digestOf("display"), encounter.DerivativeThumbnail))
		}, nil},
		{"a treatment without its visit", func(p *encounter.Photo) { p.Encounter = glabella.EncounterID{} }, map[string]glabella.Code{"/encounter": glabella.CodeRequired}},
		{"words that are not of the standard", func(p *encounter.Photo) {
			p.View, p.Pose, p.Stage, p.Side = "sideways", "singing", "someday", "inside"
		}, map[string]glabella.Code{"/view": glabella.CodeUnknownValue, "/pose": glabella.CodeUnknownValue, "/stage": glabella.CodeUnknownValue, "/side": glabella.CodeUnknownValue}},
		{"an original that names nothing", func(p *encounter.Photo) {
			p.Original, p.Derived = encounter.Image{Digest: "sha256:ABC", Width: -1, Height: -1}, nil
		}, map[string]glabella.Code{
			"/original/digest": glabella.CodeFormat, "/original/mediaType": glabella.CodeRequired, "/original/bytes": glabella.CodeOutOfRange,
			"/original/width": glabella.CodeOutOfRange, "/original/height": glabella.CodeOutOfRange,
		}},
		{"a derivative of another photograph, at no time and for nothing", func(p *encounter.Photo) {
			p.Derived[0].From, p.Derived[0].At, p.Derived[0].Kind = digestOf("another"), time.Time{}, "poster"
		}, map[string]glabella.Code{"/derived/0/from": encounter.CodePhotoLineage, "/derived/0/at": glabella.CodeRequired, "/derived/0/kind": glabella.CodeUnknownValue}},
		{"a derivative of one that was made after it", func(p *encounter.Photo) {
			p.Derived = []encounter.Derivative{smaller("thumbnail", digestOf("display"), encounter.DerivativeThumbnail), p.Derived[0]}
		}, map[string]glabella.Code{"/derived/0/from": encounter.CodePhotoLineage}},
		{"a derivative of itself", func(p *encounter.Photo) { p.Derived[0].From = p.Derived[0].Digest }, map[string]glabella.Code{"/derived/0/from": encounter.CodePhotoLineage}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := photo(600)
			tt.change(&p)
			err := p.Validate()
			if diff := cmp.Diff(tt.want, issuesOf(err)); diff != "" || (err == nil) != (tt.want == nil) {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPhotographWithNothingInItSaysAllThatIsMissing(t *testing.T) {
	t.Parallel()
	got := issuesOf(encounter.Photo{}.Validate())
	for _, path := range []string{"/id", "/patient", "/takenAt", "/view", "/pose", "/stage", "/original/digest", "/original/mediaType", "/original/bytes", "/provenance/source"} {
		if got[path] == "" {
			t.Errorf("nothing is said about %s", path)
		}
	}
}

func TestVocabulariesOfPhotographsAreClosed(t *testing.T) {
	t.Parallel()
	for _, p := range encounter.Poses() {
		if !p.Valid() {
			t.Errorf("%q is listed and not valid", p)
		}
	}
	for _, s := range encounter.Stages() {
		if !s.Valid() {
			t.Errorf("%q is listed and not valid", s)
		}
	}
	for _, k := range encounter.DerivativeKinds() {
		if !k.Valid() {
			t.Errorf("%q is listed and not valid", k)
		}
	}
	if encounter.Pose("").Valid() || encounter.Stage("").Valid() || encounter.DerivativeKind("").Valid() {
		t.Error("a word that is missing is valid")
	}
}

func TestPhotoRoundTrip(t *testing.T) {
	t.Parallel()
	want := photo(600)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got encounter.Photo
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.Contains(string(text), "retracted") {
		t.Errorf("what was never retracted says so: %s", text)
	}
}

func TestAddDerivativeLeavesTheOriginalAndEarlierOnes(t *testing.T) {
	t.Parallel()
	p := photo(600)
	p.Derived = slices.Grow(p.Derived, 4) // room that an append in place would write to
	before := p
	thumbnail := smaller("thumbnail", digestOf("display"), encounter.DerivativeThumbnail)
	first, err := p.AddDerivative(thumbnail)
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.AddDerivative(smaller("another", digestOf("original"), encounter.DerivativeThumbnail))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, p); diff != "" {
		t.Errorf("the photograph itself has changed (-want +got):\n%s", diff)
	}
	if got, ok := first.Derivative(encounter.DerivativeThumbnail); !ok || got != thumbnail {
		t.Errorf("the first thumbnail is %+v, %t", got, ok)
	}
	if got, ok := second.Derivative(encounter.DerivativeThumbnail); !ok || got.Digest != digestOf("another") {
		t.Errorf("the second thumbnail is %+v, %t", got, ok)
	}
	if first.Original != p.Original || len(first.Derived) != 2 || first.Derived[0] != p.Derived[0] {
		t.Errorf("the original or what was made earlier has changed: %+v", first)
	}
}

func TestAddDerivativeRefusesWhatWasMadeOutOfAnotherPicture(t *testing.T) {
	t.Parallel()
	p := photo(600)
	got, err := p.AddDerivative(smaller("thumbnail", digestOf("another"), encounter.DerivativeThumbnail))
	if issuesOf(err)["/derived/1/from"] != encounter.CodePhotoLineage {
		t.Errorf("err = %v", err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("a refused derivative changes the photograph (-want +got):\n%s", diff)
	}
}

func TestTheNewestDerivativeOfAKindIsTheOneThatIsShown(t *testing.T) {
	t.Parallel()
	p := photo(600)
	p.Derived = append(p.Derived, smaller("better", digestOf("original"), encounter.DerivativeDisplay))
	if got, ok := p.Derivative(encounter.DerivativeDisplay); !ok || got.Digest != digestOf("better") {
		t.Errorf("Derivative = %+v, %t", got, ok)
	}
	if _, ok := p.Derivative(encounter.DerivativeThumbnail); ok {
		t.Error("there is a thumbnail that nobody made")
	}
}

func TestARetractedPhotographIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	if _, err := photo(600).Retract(""); issuesOf(err)["/retracted"] != glabella.CodeRequired {
		t.Errorf("retracted for no reason: %v", err)
	}
	p, err := photo(600).Retract("blurred")
	if err != nil || p.Retracted != "blurred" {
		t.Fatalf("Retract = %q, %v", p.Retracted, err)
	}
	if diff := cmp.Diff(photo(600).Original, p.Original); diff != "" {
		t.Errorf("the original has changed (-want +got):\n%s", diff)
	}
	for name, verb := range map[string]func() (encounter.Photo, error){
		"retract": func() (encounter.Photo, error) { return p.Retract("wrong-patient") },
		"bind": func() (encounter.Photo, error) {
			return p.Bind(visitID, id[glabella.ProcedureID](501), encounter.StageAfter)
		},
		"derive": func() (encounter.Photo, error) {
			return p.AddDerivative(smaller("thumbnail", digestOf("original"), encounter.DerivativeThumbnail))
		},
	} {
		got, err := verb()
		var refused *glabella.RefusedError
		if !errors.As(err, &refused) || !refused.Decision.Has(encounter.CodePhotoRetracted) || refused.Decision.Reasons[0].Fix == "" {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("%s changes it (-want +got):\n%s", name, diff)
		}
	}
}

func TestBindNamesTheTreatmentAndTheStage(t *testing.T) {
	t.Parallel()
	p := photo(600)
	p.Encounter, p.Procedure = glabella.EncounterID{}, glabella.ProcedureID{}
	want := p
	want.Encounter, want.Procedure, want.Stage = visitID, id[glabella.ProcedureID](501), encounter.StageFollowUp
	got, err := p.Bind(visitID, id[glabella.ProcedureID](501), encounter.StageFollowUp)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
