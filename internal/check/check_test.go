package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

type line struct {
	Code string `json:"code" validate:"required"`
	Kind string `json:"kind" validate:"oneof=a b"`
	N    int    `json:"n" validate:"min=1,max=9"`
}

type record struct {
	ID    glabella.PatientID `json:"id" validate:"required"`
	Email string             `json:"email" validate:"omitempty,email"`
	Lines []line             `json:"lines" validate:"dive"`
}

func TestStruct(t *testing.T) {
	t.Parallel()
	good := record{ID: glabella.MustParseID[glabella.PatientID]("0190a000-0000-7000-8000-000000000001"), Lines: []line{{Code: "x", Kind: "a", N: 1}}}
	if got := check.Struct(good); got != nil {
		t.Errorf("Struct(good) = %v, want nothing", got)
	}
	bad := record{Email: "not an address", Lines: []line{{Code: "x", Kind: "a", N: 1}, {Kind: "c", N: 10}}}
	type issue struct {
		Path string
		Code glabella.Code
	}
	var got []issue
	for _, i := range check.Struct(&bad) {
		got = append(got, issue{i.Path, i.Code})
	}
	want := []issue{
		{"/id", glabella.CodeRequired},
		{"/email", glabella.CodeFormat},
		{"/lines/1/code", glabella.CodeRequired},
		{"/lines/1/kind", glabella.CodeUnknownValue},
		{"/lines/1/n", glabella.CodeOutOfRange},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Struct(bad) (-want +got):\n%s", diff)
	}
}

type base struct {
	Author string `json:"author" validate:"required"`
}

type nested struct {
	base
	glabella.Meta
	Values map[string]line     `json:"values" validate:"dive"`
	Lists  map[string][]string `json:"lists" validate:"dive,max=1,dive,max=3"`
	Tags   []string            `json:"a/b" validate:"unique"`
	Plain  int                 `validate:"lte=2"`
}

func TestPathsAreThoseOfTheStoredForm(t *testing.T) {
	t.Parallel()
	bad := nested{
		Values: map[string]line{"skin.type/x": {Kind: "a", N: 1}},
		Lists:  map[string][]string{"k.1": {"SECRET"}},
		Tags:   []string{"x", "x"},
		Plain:  3,
	}
	got := map[string]glabella.Code{}
	for _, i := range check.Struct(bad) {
		if strings.Contains(i.Text, "SECRET") {
			t.Errorf("issue %v has the value", i)
		}
		got[i.Path] = i.Code
	}
	want := map[string]glabella.Code{
		"/author":                   glabella.CodeRequired,
		"/values/skin.type~1x/code": glabella.CodeRequired,
		"/lists/k.1/0":              glabella.CodeOutOfRange,
		"/a~1b":                     glabella.CodeDuplicate,
		"/Plain":                    glabella.CodeOutOfRange,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestStructOfWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, 3, (*record)(nil), "x"} {
		if got := check.Struct(v); len(got) != 1 || got[0].Code != glabella.CodeFormat {
			t.Errorf("Struct(%v) = %v, want one issue", v, got)
		}
	}
}

func TestStructIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	for range 8 {
		t.Run("at once", func(t *testing.T) {
			t.Parallel()
			for range 50 {
				if got := check.Struct(record{}); len(got) == 0 {
					t.Error("Struct of an empty record says nothing")
				}
			}
		})
	}
}
