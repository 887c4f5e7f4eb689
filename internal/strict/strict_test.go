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
	"github.com/glabella-ehr/glabella/quantity"
)

type item struct {
	Code string         `json:"code"`
	N    int            `json:"n"`
	On   glabella.Date  `json:"on"`
	At   time.Time      `json:"at"`
	Tags map[string]int `json:"tags"`
}

// Noted is exported because encoding/json cannot fill an embedded pointer to a
// type that is not.
type Noted struct {
	Note string `json:"note"`
}

type file struct {
	glabella.Meta
	*Noted
	Name  string             `json:"name"`
	ID    glabella.PatientID `json:"id"`
	Items []item             `json:"items"`
	More  *item              `json:"more"`
	Dose  quantity.Quantity  `json:"dose"`
}

func TestDecodeReadsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	const in = `{"version": 3, "name": "Zoë", "items": [{"code": "a", "n": 1, "on": "2026-11-23", "at": "2026-11-23T10:00:00Z", "tags": {"x": 1}}, {"code": "b"}], "more": null, "note": "a \ufffd and a �", "dose": {"value": "0.6", "unit": "mL"}}`
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
		{"bytes that are no character", "{\"name\": \"a\xffb\"}", []place{{"/name", glabella.CodeText, 1, 10}}},
		{"half of a character", `{"name": "a\ud800b"}`, []place{{"/name", glabella.CodeText, 1, 10}}},
		{"a NUL character in a name", `{"items": [{"tags": {"a\u0000b": 1}}]}`, []place{{"/items/0/tags", glabella.CodeText, 1, 22}}},
		{"an unknown member of an embedded pointer's struct", `{"note": "x", "mark": 1}`, []place{{"/mark", glabella.CodeUnknownField, 1, 15}}},
		{"a quantity with something beside its value and unit", `{"dose": {"value": "1", "unit": "mL", "x": 1}}`, []place{{"/dose", glabella.CodeFormat, 1, 10}}},
		{"a quantity with its value twice", `{"dose": {"value": "1", "value": "2", "unit": "mL"}}`, []place{{"/dose/value", glabella.CodeDuplicate, 1, 25}}},
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

func TestDecodeRefusesDeepNesting(t *testing.T) {
	t.Parallel()
	var v any
	err := strict.Decode("f", []byte(strings.Repeat("[", 100_000)), &v)
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Code != glabella.CodeSyntax {
		t.Errorf("Decode = %v, want one syntax issue", err)
	}
}

func TestDecodeIntoWhatIsNoPointer(t *testing.T) {
	t.Parallel()
	for _, v := range []any{file{}, (*file)(nil)} {
		if err := strict.Decode("f", []byte(`{}`), v); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Decode into %T = %v, want an error", v, err)
		}
	}
	if err := strict.Decode("f", []byte(`{}`), nil); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Decode into nil = %v, want an error", err)
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
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Decode reads something else (-want +got):\n%s", diff)
		}
	})
}
