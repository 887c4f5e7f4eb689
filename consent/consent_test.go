package consent_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

var (
	pat   = glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-00000000000a")
	other = glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-00000000000b")
	visit = glabella.MustParseID[glabella.EncounterID]("01890000-0000-7000-8000-00000000000c")
)

// accepted returns the patient's signed agreement to a form's English text.
func accepted(n byte, f consent.Form, at time.Time, change ...func(*consent.Consent)) consent.Consent {
	c := consent.Consent{
		ID: glabella.ConsentID{0: 2, 15: n}, Patient: pat, Form: f.ID, Code: f.Code, Version: f.Version,
		Language: "en", SHA256: f.Contents[0].SHA256, Decision: consent.Accepted, Informed: at.Add(-time.Minute),
		Signature:  &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: at, Device: "front-desk-tablet", EvidenceSHA256: strings.Repeat("0a", 32)},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, ch := range change {
		ch(&c)
	}
	return c
}

func declined(c *consent.Consent) { c.Decision = consent.Declined }
func unsigned(c *consent.Consent) { c.Signature = nil }
func withdrawnAt(t time.Time) func(*consent.Consent) {
	return func(c *consent.Consent) { c.WithdrawnAt = t }
}
func informed(t time.Time) func(*consent.Consent) { return func(c *consent.Consent) { c.Informed = t } }
func inVisit(id glabella.EncounterID) func(*consent.Consent) {
	return func(c *consent.Consent) { c.Encounter = id }
}

func TestConsentValidate(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	for _, tt := range []struct {
		name   string
		change func(*consent.Consent)
		want   []string
	}{
		{name: "a signed consent is valid", change: func(*consent.Consent) {}},
		{name: "a consent that is not signed is valid", change: unsigned},
		{name: "a declined consent is valid", change: declined},
		{name: "a withdrawn consent is valid", change: func(c *consent.Consent) { c.WithdrawnAt, c.WithdrawnReason = at, "changed my mind" }},
		{name: "a ticked box leaves no other evidence", change: func(c *consent.Consent) {
			c.Signature = &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: at}
		}},
		{
			name: "an empty consent lacks everything", change: func(c *consent.Consent) { *c = consent.Consent{} },
			want: []string{
				"/code required", "/decision unknown-value", "/form required", "/formVersion out-of-range", "/id required", "/informed required",
				"/language required", "/patient required", "/provenance/recordedAt required", "/provenance/source unknown-value", "/sha256 required",
			},
		},
		{
			name: "an empty signature lacks everything", change: func(c *consent.Consent) { c.Signature = &consent.Signature{} },
			want: []string{"/signature/at required", "/signature/by unknown-value", "/signature/method unknown-value"},
		},
		{name: "a drawn signature without evidence", change: func(c *consent.Consent) { c.Signature.EvidenceSHA256 = "" }, want: []string{"/signature/evidenceSHA256 required"}},
		{
			name:   "hashes and a language that are none",
			change: func(c *consent.Consent) { c.SHA256, c.Signature.EvidenceSHA256, c.Language = "AB", "x", "english!" },
			want:   []string{"/language format", "/sha256 format", "/signature/evidenceSHA256 format"},
		},
		{name: "a guardian without authority", change: func(c *consent.Consent) { c.Signature.By = consent.SignerGuardian }, want: []string{"/signature/authority consent.authority"}},
		{name: "a guardian with authority is valid", change: func(c *consent.Consent) {
			c.Signature.By, c.Signature.Authority = consent.SignerGuardian, "document-7"
		}},
		{name: "signed before it was shown", change: informed(at.Add(1)), want: []string{"/signature/at consent.order"}},
		{name: "withdrawn before it was signed", change: withdrawnAt(at.Add(-1)), want: []string{"/withdrawnAt consent.order"}},
		{name: "withdrawn after it was declined", change: func(c *consent.Consent) { c.Decision, c.WithdrawnAt = consent.Declined, at }, want: []string{"/withdrawnAt mismatch"}},
		{name: "a reason without a withdrawal", change: func(c *consent.Consent) { c.WithdrawnReason = "x" }, want: []string{"/withdrawnReason mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, accepted(1, toxinForm(1), at, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithdrawTakesEffectAtOnceAndKeepsEarlierReliance(t *testing.T) {
	t.Parallel()
	signed, gone := day("2026-03-01"), day("2026-03-05").Add(1500)
	before := accepted(1, toxinForm(1), signed)
	after, err := before.Withdraw(gone.In(time.FixedZone("", 7200)), "moved away")
	if err != nil {
		t.Fatalf("Withdraw = %v", err)
	}
	gone = gone.Truncate(time.Microsecond)
	if after.State() != consent.StateWithdrawn || !cmp.Equal(after.WithdrawnAt, gone) || after.WithdrawnReason != "moved away" || after.WithdrawnAt.Location() != time.UTC {
		t.Errorf("Withdraw = %+v", after)
	}
	if err := after.Validate(); err != nil {
		t.Errorf("Validate after Withdraw = %v", err)
	}
	if before.State() != consent.StateAccepted || !before.WithdrawnAt.IsZero() {
		t.Errorf("Withdraw changed its argument: %+v", before)
	}
	for _, tt := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"before it was signed", signed.Add(-1), false},
		{"when it was signed", signed, true},
		{"just before the withdrawal", gone.Add(-1), true},
		{"at the withdrawal", gone, false},
		{"later", gone.AddDate(1, 0, 0), false},
	} {
		if got := after.ValidAt(tt.at); got != tt.want {
			t.Errorf("ValidAt %s = %t, want %t", tt.name, got, tt.want)
		}
	}
	if accepted(1, toxinForm(1), signed, unsigned).ValidAt(gone) || accepted(1, toxinForm(1), signed, declined).ValidAt(gone) {
		t.Error("a consent that was not accepted and signed is valid")
	}
}

func TestWithdrawRefusesWhatIsNotAccepted(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	for _, c := range []consent.Consent{accepted(1, toxinForm(1), at, declined), accepted(1, toxinForm(1), at, withdrawnAt(at))} {
		got, err := c.Withdraw(at.Add(time.Hour), "")
		var transition *glabella.TransitionError
		want := glabella.TransitionError{Machine: "consent", From: string(c.State()), Action: "withdraw"}
		if !errors.As(err, &transition) || *transition != want || !cmp.Equal(got, c) {
			t.Errorf("Withdraw of a %s consent = %v, want %v", c.State(), err, &want)
		}
	}
	for _, when := range []time.Time{{}, at.Add(-time.Second)} {
		_, err := accepted(1, toxinForm(1), at).Withdraw(when, "")
		if diff := cmp.Diff([]string{"/withdrawnAt consent.order"}, issuesOf(t, err)); diff != "" {
			t.Errorf("Withdraw at %v (-want +got):\n%s", when, diff)
		}
	}
}

func TestStoredConsentRoundTrips(t *testing.T) {
	t.Parallel()
	full := accepted(1, toxinForm(3), day("2026-03-01"), inVisit(visit), func(c *consent.Consent) {
		c.Meta = glabella.Meta{Version: 2, CreatedAt: day("2026-03-01"), UpdatedAt: day("2026-03-02"), Nonce: "n"}
		c.Signature.By, c.Signature.Authority = consent.SignerRepresentative, "document-7"
		c.Witness, c.Interpreter = glabella.Ref{Kind: "staff", ID: "01890000-0000-7000-8000-00000000000d"}, "interpreter 1234"
		c.WithdrawnAt, c.WithdrawnReason = day("2026-03-02"), "x"
	})
	for _, c := range []consent.Consent{full, {}} {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Consent
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("consent after JSON (-want +got):\n%s", diff)
		}
	}
}

func TestEnumsListTheirValues(t *testing.T) {
	t.Parallel()
	type enum interface{ Valid() bool }
	var all []enum
	for _, v := range consent.Strengths() {
		all = append(all, v)
	}
	for _, v := range consent.Recurrences() {
		all = append(all, v)
	}
	for _, v := range consent.Answers() {
		all = append(all, v)
	}
	for _, v := range consent.Methods() {
		all = append(all, v)
	}
	for _, v := range consent.SignerRoles() {
		all = append(all, v)
	}
	for _, v := range all {
		if !v.Valid() {
			t.Errorf("%v.Valid() = false", v)
		}
	}
	for _, v := range []enum{consent.Strength(""), consent.Recurrence(""), consent.Answer(""), consent.Method(""), consent.SignerRole("")} {
		if v.Valid() {
			t.Errorf("the zero %T is valid", v)
		}
	}
	if got, want := consent.Machine().States(), []consent.State{consent.StateAccepted, consent.StateWithdrawn}; !cmp.Equal(got, want) {
		t.Errorf("Machine().States() = %v, want %v", got, want)
	}
}
