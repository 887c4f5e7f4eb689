package access_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

var update = flag.Bool("update", false, "write the golden files")

func TestDefaultPolicyIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "default-policy.json")
	got, err := json.MarshalIndent(access.DefaultPolicy(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("DefaultPolicy (-want +got):\n%s", diff)
	}
	var back access.Policy
	if err := json.Unmarshal(want, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(access.DefaultPolicy(), back); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestDefaultPolicy(t *testing.T) {
	t.Parallel()
	p := access.DefaultPolicy()
	if err := p.Validate(); err != nil {
		t.Errorf("the default policy is not valid: %v", err)
	}
	rules := p.MustCompile()
	for _, a := range access.Actions() {
		if !rules.May(access.Roles(), a) {
			t.Errorf("nobody may do %s", a)
		}
	}
	if got := p.Grants[access.Marketer]; len(got) != 0 {
		t.Errorf("a marketer may do %v, want nothing", got)
	}
	for _, a := range p.Grants[access.Auditor] {
		if !slices.Contains([]access.Action{access.AuditRead, access.AuditVerify, access.ReportRead}, a) {
			t.Errorf("an auditor may do %s, want reading only", a)
		}
	}
	for _, r := range []access.Role{access.FrontDesk, access.Biller, access.Owner, access.NurseInjector, access.LaserTechnician, access.Aesthetician} {
		if rules.May([]access.Role{r}, access.ClearanceRecord) {
			t.Errorf("%s may record a good-faith exam", r)
		}
	}
	p.Grants[access.Marketer] = []access.Action{access.PatientRead}
	if access.DefaultPolicy().MustCompile().May([]access.Role{access.Marketer}, access.PatientRead) {
		t.Error("two default policies share their grants")
	}
}

// The decision follows the grants exactly: for every role and action, what is
// not granted is denied.
func TestWhatIsNotGrantedIsDenied(t *testing.T) {
	t.Parallel()
	p := access.DefaultPolicy()
	clear(p.Actions)
	rules := p.MustCompile()
	for _, role := range access.Roles() {
		if role == access.Patient || role == access.System {
			continue
		}
		for _, action := range access.Actions() {
			s := injector()
			s.Roles = []access.Role{role}
			d := access.Authorize(access.Facts{Rules: rules, Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: action, Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon})
			if want := slices.Contains(p.Grants[role], action); d.Allowed() != want {
				t.Errorf("%s, %s: %v, want allowed = %t", role, action, d, want)
			}
		}
	}
}

func TestPolicyValidateReportsEverything(t *testing.T) {
	t.Parallel()
	p := access.Policy{
		Grants:     map[access.Role][]access.Action{"nurse": {access.NoteSign}, access.NP: {access.NoteSign, "note.sing"}},
		Actions:    map[access.Action]access.Requirement{"note/sign": {}, access.NoteSign: {MinLevel: 4, MaxAuthAge: -time.Second}},
		Treatments: map[string]access.Requirement{"": {}, "botulinum-toxin": {Credentials: []string{"MD", ""}, Trainings: []string{""}}},
	}
	var invalid *glabella.ValidationError
	if !errors.As(p.Validate(), &invalid) {
		t.Fatal("the policy is valid, want issues")
	}
	got := map[string]glabella.Code{}
	for _, i := range invalid.Issues {
		got[i.Path] = i.Code
	}
	want := map[string]glabella.Code{
		"/grants/nurse":                             glabella.CodeUnknownValue,
		"/grants/np/1":                              glabella.CodeUnknownValue,
		"/actions/note~1sign":                       glabella.CodeUnknownValue,
		"/actions/note.sign/minLevel":               glabella.CodeOutOfRange,
		"/actions/note.sign/maxAuthAge":             glabella.CodeOutOfRange,
		"/treatments/":                              glabella.CodeRequired,
		"/treatments/botulinum-toxin/credentials/1": glabella.CodeRequired,
		"/treatments/botulinum-toxin/trainings/0":   glabella.CodeRequired,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
}
