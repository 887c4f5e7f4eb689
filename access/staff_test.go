package access_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

func TestStaffValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*access.Staff)
		want   map[string]glabella.Code
	}{
		{"a complete record is valid", func(*access.Staff) {}, nil},
		{"someone without licence and training is valid", func(s *access.Staff) { s.Credentials, s.Trainings = nil, nil }, nil},
		{"an empty record", func(s *access.Staff) { *s = access.Staff{} }, map[string]glabella.Code{"/id": glabella.CodeRequired, "/name": glabella.CodeRequired, "/roles": glabella.CodeOutOfRange}},
		{"roles that no staff has", func(s *access.Staff) { s.Roles = []access.Role{access.Patient, access.System, "nurse", access.NP} },
			map[string]glabella.Code{"/roles/0": glabella.CodeUnknownValue, "/roles/1": glabella.CodeUnknownValue, "/roles/2": glabella.CodeUnknownValue}},
		{"an empty credential", func(s *access.Staff) { s.Credentials = append(s.Credentials, access.Credential{}) }, map[string]glabella.Code{
			"/credentials/1/kind": glabella.CodeRequired, "/credentials/1/number": glabella.CodeRequired, "/credentials/1/jurisdiction": glabella.CodeRequired, "/credentials/1/validFrom": glabella.CodeRequired}},
		{"a credential that ends first", func(s *access.Staff) { s.Credentials[0].ValidTo = day("2019-12-31") }, map[string]glabella.Code{"/credentials/0/validTo": glabella.CodeOutOfRange}},
		{"an empty training", func(s *access.Staff) { s.Trainings = []access.Training{{}} }, map[string]glabella.Code{"/trainings/0/course": glabella.CodeRequired, "/trainings/0/completed": glabella.CodeRequired}},
		{"a training that ends first", func(s *access.Staff) { s.Trainings[0].ValidTo = day("2025-01-31") }, map[string]glabella.Code{"/trainings/0/validTo": glabella.CodeOutOfRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := injector()
			tt.change(&s)
			var got map[string]glabella.Code
			var invalid *glabella.ValidationError
			if errors.As(s.Validate(), &invalid) {
				got = map[string]glabella.Code{}
				for _, i := range invalid.Issues {
					got[i.Path] = i.Code
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStaffKinds(t *testing.T) {
	t.Parallel()
	s := injector()
	s.Credentials = append(s.Credentials,
		access.Credential{Kind: "NP", Jurisdiction: "US", ValidFrom: day("2026-01-01")},
		access.Credential{Kind: "RN", Jurisdiction: "US", ValidFrom: day("2020-01-01")},
		access.Credential{Kind: "MD", Jurisdiction: "US-CA", ValidFrom: day("2020-01-01")},
	)
	for _, tt := range []struct {
		name, jurisdiction, on string
		want                   []string
	}{
		{"each kind once", "US-TX", "2026-11-23", []string{"RN", "NP"}},
		{"before the later credential", "US-TX", "2025-11-23", []string{"RN"}},
		{"another state", "US-CA", "2026-11-23", []string{"NP", "RN", "MD"}},
		{"another country", "GB-ENG", "2026-11-23", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, s.Kinds(tt.jurisdiction, day(tt.on))); diff != "" {
				t.Errorf("Kinds(%s, %s) (-want +got):\n%s", tt.jurisdiction, tt.on, diff)
			}
		})
	}
	if c, ok := s.Credential([]string{"MD", "NP"}, "US-TX", day("2026-11-23")); !ok || c.Kind != "NP" {
		t.Errorf("Credential = %v, %t, want the one that holds", c.Kind, ok)
	}
}

func TestStaffRoundTripsThroughJSON(t *testing.T) {
	t.Parallel()
	empty := access.Staff{Sites: []glabella.SiteID{}, Credentials: []access.Credential{}}
	left := injector()
	left.TerminatedOn, left.Credentials[0].Supervisor, left.Trainings[0].Evidence = day("2026-11-01"), id[glabella.StaffID]("director"), "certificate-7"
	for _, want := range []access.Staff{injector(), left, empty, {}} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got access.Staff
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("round trip (-want +got):\n%s", diff)
		}
	}
}
