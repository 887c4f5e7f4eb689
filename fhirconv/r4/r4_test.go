package r4_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

func TestDecimalIsLiteral(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   r4.Decimal
		want string // empty is an error
	}{
		{"a trailing zero stays", "0.10", "0.10"},
		{"a negative number", "-27.00", "-27.00"},
		{"nothing is refused", "", ""},
		{"a word is refused", "true", ""},
		{"a text is refused", `"1"`, ""},
		{"two numbers are refused", "1 2", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(r4.Quantity{Value: &tt.in})
			if (err != nil) != (tt.want == "") {
				t.Fatalf("Marshal(%q) = %v", tt.in, err)
			}
			if want := `{"value":` + tt.want + `}`; err == nil && string(got) != want {
				t.Errorf("Marshal(%q) = %s, want %s", tt.in, got, want)
			}
		})
	}
}

func TestResourceHasItsTypeFirst(t *testing.T) {
	t.Parallel()
	for _, r := range []r4.Resource{
		r4.Bundle{ID: "1"}, r4.Patient{ID: "1"}, r4.Practitioner{ID: "1"}, r4.Location{ID: "1"}, r4.Appointment{ID: "1"}, r4.AllergyIntolerance{ID: "1"},
		r4.MedicationStatement{ID: "1"}, r4.Consent{ID: "1"}, r4.Encounter{ID: "1"}, r4.Procedure{ID: "1"}, r4.Device{ID: "1"}, r4.Medication{ID: "1"},
		r4.MedicationAdministration{ID: "1"}, r4.DocumentReference{ID: "1"}, r4.Invoice{ID: "1"}, r4.Condition{ID: "1"},
	} {
		got, err := json.Marshal(r)
		if err != nil {
			t.Errorf("Marshal(%T) = %v", r, err)
			continue
		}
		want := `{"resourceType":"` + r.ResourceType() + `","id":"1"`
		if !strings.HasPrefix(string(got), want) || fmt.Sprintf("%T", r) != "r4."+r.ResourceType() || r.ResourceID() != "1" {
			t.Errorf("Marshal(%T) = %s", r, got)
		}
	}
}
