package strict_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
)

type item struct {
	Code string         `json:"code"`
	N    int            `json:"n"`
	On   glabella.Date  `json:"on"`
	At   time.Time      `json:"at"`
	Tags map[string]int `json:"tags"`
}

type file struct {
	glabella.Meta
	Name  string             `json:"name"`
	ID    glabella.PatientID `json:"id"`
	Items []item             `json:"items"`
	More  *item              `json:"more"`
}

func TestDecodeReadsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	const in = `{"version": 3, "name": "Zoë", "items": [{"code": "a", "n": 1, "on": "2026-11-23", "at": "2026-11-23T10:00:00Z", "tags": {"x": 1}}, {"code": "b"}], "more": null}`
	var got, want file
	if err := strict.Decode("file", []byte(in), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(in), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestDecodeSaysWhereEverythingIs(t *testing.T) {
	t.Parallel()
	type place struct {
		Path         string
		Code         glabella.Code
		Line, Column int
	}
	for _, tt := range []struct {
		name, in string
		want     []place
	}{
		{"unknown members, nested ones too", "{\n  \"name\": \"x\",\n  \"nmae\": 1,\n  \"items\": [{\"cod\": \"a\"}]\n}", []place{
			{"/nmae", glabella.CodeUnknownField, 3, 3}, {"/items/0/cod", glabella.CodeUnknownField, 4, 14}}},
		{"a name in another case", `{"Name": "x"}`, []place{{"/Name", glabella.CodeUnknownField, 1, 2}}},
		{"a member given twice", `{"name": "x", "name": "y"}`, []place{{"/name", glabella.CodeDuplicate, 1, 15}}},
		{"wrong types, all of them", "{\"name\": 1,\n\"items\": [{\"n\": \"one\", \"on\": \"2026-02-30\", \"at\": \"noon\"}]}", []place{
			{"/name", glabella.CodeFormat, 1, 10}, {"/items/0/n", glabella.CodeFormat, 2, 17}, {"/items/0/on", glabella.CodeFormat, 2, 30}, {"/items/0/at", glabella.CodeFormat, 2, 50}}},
		{"an object where a list is due", `{"items": {}}`, []place{{"/items", glabella.CodeFormat, 1, 11}}},
		{"malformed JSON", "{\n  \"name\": \"x\",,\n}", []place{{"", glabella.CodeSyntax, 2, 14}}},
		{"a file that ends early", `{"name": "x"`, []place{{"", glabella.CodeSyntax, 1, 13}}},
		{"data after the value", "{}\n{}", []place{{"", glabella.CodeSyntax, 2, 1}}},
		{"a NUL character", `{"name": "a\u0000b"}`, []place{{"/name", glabella.CodeText, 1, 10}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := file{Name: "before"}
			err := strict.Decode("intake.json", []byte(tt.in), &got)
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("Decode = %v, want a validation error", err)
			}
			var places []place
			for _, i := range invalid.Issues {
				places = append(places, place{i.Path, i.Code, i.Line, i.Column})
			}
			if diff := cmp.Diff(tt.want, places); diff != "" {
				t.Errorf("issues (-want +got):\n%s\n%v", diff, err)
			}
			if got.Name != "before" || invalid.Subject != "intake.json" {
				t.Errorf("the target was changed to %+v, or the subject is %q", got, invalid.Subject)
			}
		})
	}
}

func TestDecodeNeverEchoesAValue(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`{"name": ["SECRET"]}`, `{"id": "SECRET"}`, `{"items": [{"at": "SECRET", "on": "SECRET", "n": "SECRET"}]}`, `{"name": "SECRET`, `SECRET`} {
		var f file
		if err := strict.Decode("f", []byte(in), &f); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("Decode(%s) = %v", in, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"name":"x","items":[{"n":1}]}`, `[`, `{"more":{"tags":{"a":1}}}`, "\x00", `{"id":""}`, `null`, `{"items":[null]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var got file
		if strict.Decode("f", in, &got) != nil {
			return
		}
		var want file
		if err := json.Unmarshal(in, &want); err != nil {
			t.Errorf("Decode accepts what encoding/json does not: %v", err)
		}
	})
}
