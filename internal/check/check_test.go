package check_test

import (
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
