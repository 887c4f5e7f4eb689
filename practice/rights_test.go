package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/practice"
)

var plan = glabella.Ref{Kind: "organization", ID: "plan-1"}

// shares asks whether data goes to a health plan for payment.
func (c *clinic) shares(who glabella.PatientID, change func(*practice.MayShare)) practice.Shareable {
	c.t.Helper()
	q := practice.MayShare{Patient: who, Recipient: plan, Role: "health-plan", Purpose: glabella.PurposePayment, Class: "Encounter", HealthPlan: true}
	if change != nil {
		change(&q)
	}
	return must[practice.Shareable](c.t)(c.MayShare(c.t.Context(), c.Director, q))
}

func TestADirectiveSaysWhatMayBeShared(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	if got := c.shares(who, nil); got.Decision.Outcome != glabella.Allow {
		t.Errorf("payment without a directive: %+v", got.Decision)
	}
	first := practice.RecordDirective{Patient: who, Base: consent.EffectPermit, Root: consent.Provision{Nested: []consent.Provision{{
		Effect: consent.EffectDeny, Actors: []consent.Party{{Role: "health-plan"}}, Classes: []string{"Media"}}}}}
	recorded := must[practice.PreferenceChanged](t)(c.RecordDirective(ctx, c.Desk, first))
	photos := func(q *practice.MayShare) { q.Class = "Media" }
	got := c.shares(who, photos)
	if got.Decision.Outcome != glabella.Deny || got.Decision.Reasons[0].Code != consent.CodeShareDirective || len(got.Rulings) != 1 || got.Rulings[0].Path != "provision.provision[0]" {
		t.Errorf("what the directive denies: %+v", got)
	}
	if got := c.shares(who, nil); got.Decision.Outcome != glabella.Allow {
		t.Errorf("what the directive permits: %+v", got.Decision)
	}
	id := glabella.MustParseID[glabella.DirectiveID](recorded.Record.ID)
	second := practice.RecordDirective{Patient: who, Base: consent.EffectDeny, Replaces: id}
	if _, err := c.RecordDirective(ctx, c.Desk, practice.RecordDirective{Patient: c.register(), Base: consent.EffectDeny, Replaces: id}); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("another patient's directive is replaced: %v", err)
	}
	c.clock.advance(time.Hour)
	again := must[practice.PreferenceChanged](t)(c.RecordDirective(ctx, c.Desk, second))
	if got := c.shares(who, nil); got.Decision.Outcome != glabella.Deny || len(got.Rulings) != 1 {
		t.Errorf("after it was replaced: %+v", got)
	}
	c.clock.advance(time.Hour)
	ended := must[practice.PreferenceChanged](t)(c.RevokeDirective(ctx, c.Desk, practice.RevokeDirective{Directive: glabella.MustParseID[glabella.DirectiveID](again.Record.ID)}))
	if ended.State != string(consent.DirectiveRevoked) {
		t.Errorf("revoked: %+v", ended)
	}
	if got := c.shares(who, photos); got.Decision.Outcome != glabella.Allow {
		t.Errorf("after it was revoked: %+v", got.Decision)
	}
	if got := c.shares(who, func(q *practice.MayShare) { q.At = c.clock.Now().Add(-30 * time.Minute) }); got.Decision.Outcome != glabella.Deny {
		t.Errorf("before it was revoked: %+v", got.Decision)
	}
	if _, err := c.MayShare(ctx, c.Desk, practice.MayShare{Patient: who, Recipient: plan}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk asks: %v", err)
	}
	c.verified()
}

func TestMarketingNeedsAnAuthorizationThatHoldsEverything(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	agency := func(q *practice.MayShare) {
		q.Role, q.Purpose, q.Class, q.HealthPlan = "agency", glabella.PurposeMarketing, "Media", false
	}
	if got := c.shares(who, agency); got.Decision.Outcome != glabella.Deny || got.Decision.Reasons[0].Code != consent.CodeShareAuthorization {
		t.Errorf("without an authorization: %+v", got.Decision)
	}
	in := practice.RecordAuthorization{
		Patient: who, Description: "photographs of the face before and after treatment", Classes: []string{"Media"}, Disclosers: []consent.Party{{Name: "the practice", Role: "practice"}},
		Recipients: []consent.Party{{Role: "agency"}}, Purposes: []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing}}, ExpiresOn: glabella.MustParseDate("2027-12-31"),
		Statements: consent.AuthorizationStatements{Revocation: true, Redisclosure: true, Conditioning: true},
	}
	lacking := in
	lacking.ExpiresOn, lacking.Statements.Revocation = glabella.Date{}, false
	signature := consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: c.clock.Now()}
	lacking.Signature = &signature
	if got := must[practice.AuthorizationRecorded](t)(c.RecordAuthorization(ctx, c.Desk, lacking)); !slices.Equal(got.Missing, []consent.AuthorizationElement{consent.AuthorizationElementExpiry, consent.AuthorizationElementRevocation}) {
		t.Errorf("what it lacks: %v", got.Missing)
	}
	if got := c.shares(who, agency); got.Decision.Outcome != glabella.Deny {
		t.Errorf("by an authorization that lacks elements: %+v", got.Decision)
	}
	draft := must[practice.AuthorizationRecorded](t)(c.RecordAuthorization(ctx, c.Desk, in))
	if draft.State != string(consent.AuthorizationDraft) || !slices.Contains(draft.Missing, consent.AuthorizationElementSignature) {
		t.Errorf("the draft: %+v", draft)
	}
	signed := must[practice.AuthorizationRecorded](t)(c.SignAuthorization(ctx, c.Desk, practice.SignAuthorization{Authorization: draft.Authorization, Signature: signature}))
	if len(signed.Missing) != 0 {
		t.Errorf("signed, it lacks %v", signed.Missing)
	}
	c.clock.advance(time.Minute)
	if got := c.shares(who, agency); got.Decision.Outcome != glabella.Allow {
		t.Errorf("by a valid authorization: %+v", got.Decision)
	}
	if _, err := c.EndAuthorization(ctx, c.Desk, practice.EndAuthorization{Authorization: draft.Authorization, Document: "letter-1", Discard: true}); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("ended in two ways: %v", err)
	}
	must[practice.AuthorizationRecorded](t)(c.EndAuthorization(ctx, c.Desk, practice.EndAuthorization{Authorization: draft.Authorization, Document: "letter-1"}))
	c.clock.advance(time.Minute)
	if got := c.shares(who, agency); got.Decision.Outcome != glabella.Deny || !slices.ContainsFunc(got.Decision.Reasons, func(r glabella.Reason) bool { return r.Code == consent.CodeAuthorizationRevoked }) {
		t.Errorf("after it was revoked: %+v", got.Decision)
	}
}

func TestWhatWasPaidOutOfPocketIsKeptFromTheHealthPlan(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	visit, err := c.Visit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	items := []glabella.Ref{visit.Encounter.Ref()}
	ask := practice.AskRestriction{Patient: visit.Patient, Kind: consent.RestrictDisclosure, Items: items, HealthPlan: true, OutOfPocket: &consent.OutOfPocket{Invoice: visit.Invoice, PaidAt: c.clock.Now()}}
	other := ask
	other.Patient = c.register()
	if _, err := c.AskRestriction(ctx, c.Desk, other); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("with another patient's invoice: %v", err)
	}
	asked := must[practice.PreferenceChanged](t)(c.AskRestriction(ctx, c.Desk, ask))
	id := glabella.MustParseID[glabella.RestrictionID](asked.Record.ID)
	if _, err := c.AnswerRestriction(ctx, c.Director, practice.AnswerRestriction{Restriction: id, Reason: "inconvenient"}); !slices.Contains(codesOf(err), consent.CodeRestrictionMustAccept) {
		t.Errorf("refused: %v", err)
	}
	if _, err := c.AnswerRestriction(ctx, c.Desk, practice.AnswerRestriction{Restriction: id, Accept: true}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk answers: %v", err)
	}
	must[practice.PreferenceChanged](t)(c.AnswerRestriction(ctx, c.Director, practice.AnswerRestriction{Restriction: id, Accept: true}))
	about := func(q *practice.MayShare) { q.Items = items }
	if got := c.shares(visit.Patient, about); got.Decision.Outcome != glabella.Deny || got.Decision.Reasons[0].Code != consent.CodeShareRestriction {
		t.Errorf("to the health plan: %+v", got.Decision)
	}
	if got := c.shares(visit.Patient, nil); got.Decision.Outcome != glabella.Allow {
		t.Errorf("something else: %+v", got.Decision)
	}
	if _, err := c.EndRestriction(ctx, c.Desk, practice.EndRestriction{Restriction: id, How: consent.TerminationPractice, Document: "letter"}); !slices.Contains(codesOf(err), consent.CodeRestrictionBinding) {
		t.Errorf("ended by the practice: %v", err)
	}
	c.clock.advance(time.Hour)
	must[practice.PreferenceChanged](t)(c.EndRestriction(ctx, c.Desk, practice.EndRestriction{Restriction: id, How: consent.TerminationWritten, Document: "letter-2"}))
	c.clock.advance(time.Hour)
	if got := c.shares(visit.Patient, about); got.Decision.Outcome != glabella.Allow {
		t.Errorf("after its end: %+v", got.Decision)
	}
	reach := practice.AskRestriction{Patient: visit.Patient, Kind: consent.RestrictCommunication, Contact: &consent.AlternativeContact{Channel: consent.AlternativePortal}}
	portal := glabella.MustParseID[glabella.RestrictionID](must[practice.PreferenceChanged](t)(c.AskRestriction(ctx, c.Desk, reach)).Record.ID)
	refuse := practice.AnswerRestriction{Restriction: portal, Reason: "no-portal"}
	if _, err := c.AnswerRestriction(ctx, c.Director, refuse); !slices.Contains(codesOf(err), consent.CodeRestrictionReasonable) {
		t.Errorf("refused without a warning: %v", err)
	}
	refuse.Acknowledge = []glabella.Code{consent.CodeRestrictionReasonable}
	must[practice.PreferenceChanged](t)(c.AnswerRestriction(ctx, c.Director, refuse))
}

func TestARequestRunsAgainstItsClock(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	received := must[practice.PreferenceChanged](t)(c.ReceiveRequest(ctx, c.Desk, practice.ReceiveRequest{Patient: who, Kind: consent.RequestAccess, By: consent.SignerPatient, Format: "pdf"}))
	id := glabella.MustParseID[glabella.RequestID](received.Record.ID)
	due := must[practice.RequestsDue](t)(c.DueRequests(ctx, c.Director, 30))
	if len(due.Due) != 1 || due.Due[0].Request != id || due.Due[0].Days != 30 || !due.Due[0].Extendable || due.Standing.Outcome != glabella.Warn {
		t.Errorf("due: %+v", due)
	}
	c.clock.advance(25 * 24 * time.Hour)
	today := glabella.DateOf(c.clock.Now())
	step := func(in practice.StepRequest) (practice.PreferenceChanged, error) {
		in.Request = id
		return c.StepRequest(ctx, c.Director, in)
	}
	if _, err := step(practice.StepRequest{}); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("no step: %v", err)
	}
	if _, err := step(practice.StepRequest{Withdraw: true, Fulfil: &consent.Fulfilment{}}); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("two steps: %v", err)
	}
	must[practice.PreferenceChanged](t)(step(practice.StepRequest{Extend: &consent.Extension{Reason: "archived", Until: today.AddDays(30)}}))
	if _, err := step(practice.StepRequest{Extend: &consent.Extension{Reason: "archived", Until: today.AddDays(30)}}); err == nil {
		t.Error("extended twice")
	}
	if due := must[practice.RequestsDue](t)(c.DueRequests(ctx, c.Director, 10)); len(due.Due) != 0 {
		t.Errorf("after the extension: %+v", due.Due)
	}
	denied := must[practice.PreferenceChanged](t)(step(practice.StepRequest{Deny: &consent.Denial{Reason: consent.DenialEndangers}}))
	if denied.State != string(consent.RequestDenied) {
		t.Errorf("denied: %+v", denied)
	}
	if _, err := step(practice.StepRequest{Disagreement: &consent.Statement{On: today, Record: who.Ref()}}); !slices.Contains(codesOf(err), consent.CodeRequestStatement) {
		t.Errorf("a denial of access is disagreed with: %v", err)
	}
	again := must[practice.PreferenceChanged](t)(step(practice.StepRequest{Review: &consent.Review{RequestedOn: today, Reviewer: staffID(c.Nurse), DecidedOn: today}}))
	if again.State != string(consent.RequestReceived) {
		t.Errorf("a denial that was not upheld: %+v", again)
	}
	met := must[practice.PreferenceChanged](t)(step(practice.StepRequest{Fulfil: &consent.Fulfilment{Format: "pdf"}}))
	if met.State != string(consent.RequestFulfilled) {
		t.Errorf("met: %+v", met)
	}
	if _, err := c.ReceiveRequest(ctx, c.Desk, practice.ReceiveRequest{Patient: who, Kind: "erasure", By: consent.SignerPatient}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("a request of no kind: %v", err)
	}
	c.verified()
}
