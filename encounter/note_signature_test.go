package encounter_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func strictPolicy() encounter.SignPolicy {
	return encounter.SignPolicy{
		MaxAuthAge: 5 * time.Minute, Methods: []encounter.SignatureMethod{encounter.ByPasskey, encounter.ByTOTP}, Assurances: []string{"aal2", "aal3"},
		Credentials: []string{"RN", "MD"}, Licensed: true, Statement: true, Device: true, ClockSkew: time.Second, Source: "clinic policy 7",
	}
}

func evidence() encounter.Signature {
	s := signature(nurse)
	s.Method, s.AuthenticatedAt, s.Assurance, s.Statement, s.Device = encounter.ByPasskey, morning.Add(-5*time.Minute), "aal2", "I performed this.", encounter.HashText("tablet 4")
	return s
}

func TestCheckSignature(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		policy func(*encounter.SignPolicy)
		change func(*encounter.Signature)
		want   []glabella.Code
	}{
		{name: "everything is there"},
		{name: "no evidence at all", change: func(s *encounter.Signature) { *s = encounter.Signature{} }, want: []glabella.Code{
			encounter.CodeSignatureMethod, encounter.CodeSignatureStale, encounter.CodeSignatureAssurance, encounter.CodeSignatureStatement,
			encounter.CodeSignatureCredential, encounter.CodeSignatureDevice, encounter.CodeSignatureTime,
		}},
		{name: "a policy without demands takes a signature without evidence", policy: func(p *encounter.SignPolicy) { *p = encounter.SignPolicy{} }, change: func(s *encounter.Signature) { *s = encounter.Signature{By: nurse, At: morning} }},
		{name: "a method that is not accepted", change: func(s *encounter.Signature) { s.Method = encounter.ByPassword }, want: []glabella.Code{encounter.CodeSignatureMethod}},
		{name: "authenticated a moment too long ago", change: func(s *encounter.Signature) { s.AuthenticatedAt = s.AuthenticatedAt.Add(-time.Microsecond) }, want: []glabella.Code{encounter.CodeSignatureStale}},
		{name: "authenticated after the signature", change: func(s *encounter.Signature) { s.AuthenticatedAt = s.At.Add(time.Microsecond) }, want: []glabella.Code{encounter.CodeSignatureStale}},
		{name: "a licence of another kind", change: func(s *encounter.Signature) { s.Credential.Kind = "LE" }, want: []glabella.Code{encounter.CodeSignatureCredential}},
		{name: "a licence without a number", policy: func(p *encounter.SignPolicy) { p.Credentials = nil }, change: func(s *encounter.Signature) { s.Credential.Number = "" }, want: []glabella.Code{encounter.CodeSignatureCredential}},
		{name: "a kind of licence is demanded, and none named", policy: func(p *encounter.SignPolicy) { p.Licensed = false }, change: func(s *encounter.Signature) { s.Credential = encounter.Credential{} }, want: []glabella.Code{encounter.CodeSignatureCredential}},
		{name: "within the skew of the clock", change: func(s *encounter.Signature) {
			s.At, s.AuthenticatedAt = morning.Add(time.Second), morning
		}},
		{name: "beyond the skew of the clock", change: func(s *encounter.Signature) {
			s.At, s.AuthenticatedAt = morning.Add(time.Second+time.Microsecond), morning
		}, want: []glabella.Code{encounter.CodeSignatureTime}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, p := evidence(), strictPolicy()
			if tt.change != nil {
				tt.change(&s)
			}
			if tt.policy != nil {
				tt.policy(&p)
			}
			d := encounter.CheckSignature(s, p, morning)
			if diff := cmp.Diff(append([]glabella.Code{}, tt.want...), d.Codes()); diff != "" {
				t.Errorf("CheckSignature (-want +got):\n%s", diff)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Source != p.Source {
					t.Errorf("reason %s has the fix %q and the source %q, want a fix and %q", r.Code, r.Fix, r.Source, p.Source)
				}
			}
		})
	}
}

func TestValidateSignPolicy(t *testing.T) {
	t.Parallel()
	if err := strictPolicy().Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	bad := encounter.SignPolicy{MaxAuthAge: -1, ClockSkew: -1, Methods: []encounter.SignatureMethod{encounter.BySSO, "handshake"}}
	if diff := cmp.Diff([]place{{"/clockSkew", glabella.CodeOutOfRange}, {"/maxAuthAge", glabella.CodeOutOfRange}, {"/methods/1", glabella.CodeUnknownValue}}, placesOf(t, bad.Validate())); diff != "" {
		t.Errorf("Validate (-want +got):\n%s", diff)
	}
}

func TestNobodySignsWhatTheyHaveNotRead(t *testing.T) {
	t.Parallel()
	s := signature(nurse)
	s.Hash = encounter.HashText("Ten units to the glabella.")
	if _, err := draft().Sign(s, glabella.StaffID{}); !cmp.Equal(codesOf(t, err), []glabella.Code{encounter.CodeNoteChanged}) {
		t.Errorf("Sign of another text = %v, want %s", err, encounter.CodeNoteChanged)
	}
	s.By = doctor
	if _, err := pending(t).Cosign(s, false); !cmp.Equal(codesOf(t, err), []glabella.Code{encounter.CodeNoteChanged}) {
		t.Errorf("Cosign of another text = %v, want %s", err, encounter.CodeNoteChanged)
	}
	if _, err := pending(t).Consult(s); !cmp.Equal(codesOf(t, err), []glabella.Code{encounter.CodeNoteChanged}) {
		t.Errorf("Consult on another text = %v, want %s", err, encounter.CodeNoteChanged)
	}
	s.By, s.Hash = nurse, encounter.HashText(draft().Text)
	if n, err := draft().Sign(s, glabella.StaffID{}); err != nil || n.State != encounter.NoteSignedState {
		t.Errorf("Sign of the text that was read = %s, %v", n.State, err)
	}
}

func TestConsultIsNoCosignature(t *testing.T) {
	t.Parallel()
	n, err := pending(t).Consult(signature(otherStaff))
	if err != nil || n.State != encounter.NoteCosignPending || n.Signatures[1].Role != encounter.AsConsultant {
		t.Fatalf("Consult = %s, %v, want a note that still waits", n.State, err)
	}
	if n, err = n.Cosign(signature(doctor), false); err != nil || n.Validate() != nil {
		t.Fatalf("Cosign after a consultation = %v, valid: %v", err, n.Validate())
	}
	if _, err = pending(t).Consult(signature(nurse)); !cmp.Equal(codesOf(t, err), []glabella.Code{encounter.CodeNoteConsultant}) {
		t.Errorf("Consult by the author = %v, want %s", err, encounter.CodeNoteConsultant)
	}
	var transition *glabella.TransitionError
	if _, err = draft().Consult(signature(doctor)); !errors.As(err, &transition) {
		t.Errorf("Consult on a draft = %v, want a transition error", err)
	}
}

// What the policy demands is asked before the note is signed.
func ExampleCheckSignature() {
	policy := encounter.SignPolicy{MaxAuthAge: 5 * time.Minute, Methods: []encounter.SignatureMethod{encounter.ByPasskey}, Statement: true}
	s := encounter.Signature{By: nurse, At: morning, Method: encounter.ByPassword, AuthenticatedAt: morning.Add(-time.Hour)}
	for _, r := range encounter.CheckSignature(s, policy, morning).Reasons {
		fmt.Printf("%s: %s\n", r.Code, r.Fix)
	}
	// Output:
	// encounter.signature.method: authenticate by a method that the policy accepts
	// encounter.signature.stale: have the signer authenticate again, then sign
	// encounter.signature.statement: show the signer what they attest, and keep it with the signature
}
