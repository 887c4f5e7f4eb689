package consent_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

var clerk = glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-00000000000e")

func restrictionID(n byte) glabella.RestrictionID { return glabella.RestrictionID{0: 11, 15: n} }

// restriction returns a request of [pat] of 1 March to keep a procedure from
// health plans.
func restriction(n byte, change ...func(*consent.Restriction)) consent.Restriction {
	at := day("2026-03-01")
	r := consent.Restriction{
		ID: restrictionID(n), Patient: pat, Kind: consent.RestrictDisclosure, HealthPlan: true, Items: []glabella.Ref{{Kind: "procedure", ID: "1"}},
		State: consent.RestrictionRequested, RequestedAt: at,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func paidInFull(r *consent.Restriction) {
	r.OutOfPocket = &consent.OutOfPocket{Invoice: glabella.InvoiceID{1}, PaidAt: day("2026-03-01")}
}

func everyone(r *consent.Restriction) { r.HealthPlan, r.Items = false, nil }

func acceptedRestriction(r *consent.Restriction) {
	r.State, r.AnsweredAt, r.AnsweredBy = consent.RestrictionAccepted, r.RequestedAt.Add(time.Hour), clerk
}

func communication(r *consent.Restriction) {
	r.Kind, r.HealthPlan, r.Items = consent.RestrictCommunication, false, nil
	r.Contact = &consent.AlternativeContact{Channel: consent.AlternativeMail, Address: "PO Box 1, Springfield"}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	at := day("2026-03-02")
	for _, tt := range []struct {
		name   string
		change []func(*consent.Restriction)
		f      consent.Refusal
		want   []glabella.Code
	}{
		{name: "not paid", f: consent.Refusal{Reason: "not-workable"}},
		{name: "paid in full", change: []func(*consent.Restriction){paidInFull}, f: consent.Refusal{Reason: "not-workable"}, want: []glabella.Code{consent.CodeRestrictionMustAccept}},
		{name: "paid in full and acknowledged", change: []func(*consent.Restriction){paidInFull}, f: consent.Refusal{Reason: "not-workable", Acknowledged: []glabella.Code{consent.CodeRestrictionMustAccept}}, want: []glabella.Code{consent.CodeRestrictionMustAccept}},
		{name: "paid in full but required by law", change: []func(*consent.Restriction){paidInFull}, f: consent.Refusal{Reason: "required-by-law", RequiredByLaw: true}},
		{name: "paid in full but not for a health plan", change: []func(*consent.Restriction){paidInFull, func(r *consent.Restriction) { r.HealthPlan = false }}, f: consent.Refusal{Reason: "not-workable"}},
		{name: "another address", change: []func(*consent.Restriction){communication}, f: consent.Refusal{Reason: "not-reasonable"}, want: []glabella.Code{consent.CodeRestrictionReasonable}},
		{name: "another address that is not reasonable", change: []func(*consent.Restriction){communication}, f: consent.Refusal{Reason: "not-reasonable", Acknowledged: []glabella.Code{consent.CodeRestrictionReasonable}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := restriction(1, tt.change...)
			tt.f.By, tt.f.At = clerk, at
			got, err := r.Refuse(tt.f)
			if len(tt.want) > 0 {
				if diff := cmp.Diff(tt.want, refusedWith(t, err)); diff != "" || got.State != consent.RestrictionRequested {
					t.Errorf("Refuse = %s (-want +got):\n%s", got.State, diff)
				}
				for _, reason := range consent.EvaluateRefusal(r, tt.f.RequiredByLaw).Reasons {
					if reason.Source == "" || reason.Fix == "" {
						t.Errorf("reason without a source or a fix: %+v", reason)
					}
				}
				return
			}
			if err != nil || got.State != consent.RestrictionRefused || got.Validate() != nil {
				t.Errorf("Refuse = %s, %v, %v", got.State, err, got.Validate())
			}
			if got.Binds(at.Add(time.Hour), at) {
				t.Error("what was refused binds")
			}
		})
	}
	if _, err := restriction(1).Refuse(consent.Refusal{By: clerk, At: at}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Refuse without a reason = %v", err)
	}
}

func TestBinds(t *testing.T) {
	t.Parallel()
	requested := day("2026-03-01")
	accepted := requested.Add(time.Hour)
	ended := day("2026-05-01")
	end := func(how consent.Termination) func(*consent.Restriction) {
		return func(r *consent.Restriction) {
			r.State, r.Termination, r.Document, r.EndedAt = consent.RestrictionEnded, how, "d", ended
		}
	}
	for _, tt := range []struct {
		name   string
		change []func(*consent.Restriction)
		at     time.Time
		data   time.Time
		want   bool
	}{
		{name: "requested", at: accepted},
		{name: "accepted", change: []func(*consent.Restriction){acceptedRestriction}, at: accepted, want: true},
		{name: "before it was accepted", change: []func(*consent.Restriction){acceptedRestriction}, at: accepted.Add(-1)},
		{name: "requested and paid", change: []func(*consent.Restriction){paidInFull}, at: requested, want: true},
		{name: "before it was requested", change: []func(*consent.Restriction){paidInFull}, at: requested.Add(-1)},
		{name: "before it was paid", change: []func(*consent.Restriction){paidInFull, func(r *consent.Restriction) { r.OutOfPocket.PaidAt = accepted.Add(1) }}, at: accepted},
		{name: "accepted before it was paid", change: []func(*consent.Restriction){paidInFull, acceptedRestriction, func(r *consent.Restriction) { r.OutOfPocket.PaidAt = ended }}, at: accepted, want: true},
		{name: "withdrawn", change: []func(*consent.Restriction){paidInFull, func(r *consent.Restriction) { r.State, r.EndedAt = consent.RestrictionWithdrawn, ended }}, at: ended},
		{name: "before it was withdrawn", change: []func(*consent.Restriction){paidInFull, func(r *consent.Restriction) { r.State, r.EndedAt = consent.RestrictionWithdrawn, ended }}, at: ended.Add(-1), want: true},
		{name: "the patient ended it", change: []func(*consent.Restriction){acceptedRestriction, end(consent.TerminationWritten)}, at: ended, data: requested},
		{name: "the patient will end it", change: []func(*consent.Restriction){acceptedRestriction, end(consent.TerminationOral)}, at: ended.Add(-1), data: requested, want: true},
		{name: "the practice ended it, for data from before", change: []func(*consent.Restriction){acceptedRestriction, end(consent.TerminationPractice)}, at: ended, data: ended.Add(-1), want: true},
		{name: "the practice ended it, for data of an unknown time", change: []func(*consent.Restriction){acceptedRestriction, end(consent.TerminationPractice)}, at: ended, want: true},
		{name: "the practice ended it, for data from after", change: []func(*consent.Restriction){acceptedRestriction, end(consent.TerminationPractice)}, at: ended, data: ended},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := restriction(1, tt.change...).Binds(tt.at, tt.data); got != tt.want {
				t.Errorf("Binds = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRestrictionReach(t *testing.T) {
	t.Parallel()
	lab := glabella.Ref{Kind: "organization", ID: "lab"}
	for _, tt := range []struct {
		name   string
		change func(*consent.Restriction)
		f      consent.ShareFacts
		want   bool
	}{
		{name: "everyone, for payment", change: everyone, f: consent.ShareFacts{Purpose: "HPAYMT"}, want: true},
		{name: "treatment, payment and operations unless it says more", change: everyone, f: consent.ShareFacts{Purpose: "HRESCH", ResearchWaiver: true}},
		{name: "the purpose that it names", change: func(r *consent.Restriction) { everyone(r); r.Purposes = []glabella.Purpose{"HRESCH"} }, f: consent.ShareFacts{Purpose: "HRESCH", ResearchWaiver: true}, want: true},
		{name: "another purpose than it names", change: func(r *consent.Restriction) { everyone(r); r.Purposes = []glabella.Purpose{"HRESCH"} }, f: consent.ShareFacts{Purpose: "TREAT"}},
		{name: "the recipient that it names", change: func(r *consent.Restriction) { everyone(r); r.Recipients = []consent.Party{{Ref: lab}} }, f: consent.ShareFacts{Purpose: "TREAT", Recipient: lab}, want: true},
		{name: "another recipient", change: func(r *consent.Restriction) { everyone(r); r.Recipients = []consent.Party{{Ref: lab}} }, f: consent.ShareFacts{Purpose: "TREAT", Recipient: journal}},
		{name: "one of its items", change: func(r *consent.Restriction) { r.HealthPlan = false }, f: consent.ShareFacts{Purpose: "TREAT", Items: []glabella.Ref{{Kind: "procedure", ID: "2"}, {Kind: "procedure", ID: "1"}}}, want: true},
		{name: "none of its items", change: func(r *consent.Restriction) { r.HealthPlan = false }, f: consent.ShareFacts{Purpose: "TREAT"}},
		{name: "a health plan, for treatment", change: func(r *consent.Restriction) { r.Items = nil }, f: consent.ShareFacts{Purpose: "TREAT", HealthPlan: true}},
		{name: "a health plan, for operations", change: func(r *consent.Restriction) { r.Items = nil }, f: consent.ShareFacts{Purpose: "HOPERAT", HealthPlan: true}, want: true},
		{name: "another patient", change: func(r *consent.Restriction) { everyone(r); r.Patient = other }, f: consent.ShareFacts{Purpose: "TREAT"}},
		{name: "how the patient is reached", change: communication, f: consent.ShareFacts{Purpose: "TREAT"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f.Patient, tt.f.At = pat, day("2026-06-15")
			tt.f.Restrictions = []consent.Restriction{restriction(1, tt.change, acceptedRestriction)}
			if d := consent.MayShare(tt.f); d.Has(consent.CodeShareRestriction) != tt.want || d.Allowed() == tt.want {
				t.Errorf("MayShare = %v, want a restriction %v", d, tt.want)
			}
		})
	}
}

func TestRestrictionsAreCited(t *testing.T) {
	t.Parallel()
	const paid, agreed = "45 CFR 164.522(a)(1)(vi)", "45 CFR 164.522(a)(1)(iii)"
	for _, tt := range []struct {
		name string
		r    consent.Restriction
		paid bool
		want string
	}{
		{name: "paid in full", r: restriction(1, paidInFull), want: paid},
		{name: "paid in full as the host knows", r: restriction(1, acceptedRestriction), paid: true, want: paid},
		{name: "agreed to", r: restriction(1, acceptedRestriction), want: agreed},
		{name: "agreed to for everyone, and paid", r: restriction(1, everyone, acceptedRestriction), paid: true, want: agreed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := consent.MayShare(consent.ShareFacts{
				Patient: pat, HealthPlan: true, Purpose: glabella.PurposePayment, Items: []glabella.Ref{{Kind: "procedure", ID: "1"}},
				PaidInFull: tt.paid, At: day("2026-06-15"), Restrictions: []consent.Restriction{tt.r},
			})
			if len(d.Reasons) != 1 || d.Reasons[0].Source != tt.want {
				t.Errorf("MayShare = %+v, want one reason by %s", d, tt.want)
			}
		})
	}
}

func TestRestrictionVerbs(t *testing.T) {
	t.Parallel()
	at := day("2026-04-01")
	accepted, err := restriction(1).Accept(clerk, at)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := accepted.End(consent.TerminationPractice, "letter-1", at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	withdrawn, err := restriction(1).Withdraw(at)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := restriction(1).Refuse(consent.Refusal{By: clerk, Reason: "not-workable", At: at})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []consent.Restriction{restriction(1), accepted, ended, withdrawn, refused} {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", r.State, err)
		}
		for action, do := range map[string]func() (consent.Restriction, error){
			"accept":   func() (consent.Restriction, error) { return r.Accept(clerk, at) },
			"refuse":   func() (consent.Restriction, error) { return r.Refuse(consent.Refusal{Reason: "x", By: clerk, At: at}) },
			"withdraw": func() (consent.Restriction, error) { return r.Withdraw(at) },
			"end":      func() (consent.Restriction, error) { return r.End(consent.TerminationWritten, "letter-2", at) },
		} {
			want, refusal := consent.RestrictionMachine().Next(r.State, action)
			got, err := do()
			var transition *glabella.TransitionError
			if got.State != want || (err == nil) != (refusal == nil) || err != nil && !errors.As(err, &transition) {
				t.Errorf("%s of %s = %s, %v, want %s", action, r.State, got.State, err, want)
			}
		}
	}
	for _, r := range []consent.Restriction{restriction(1, paidInFull, acceptedRestriction), restriction(1, communication, acceptedRestriction)} {
		_, err := r.End(consent.TerminationPractice, "letter-1", at)
		if diff := cmp.Diff([]glabella.Code{consent.CodeRestrictionBinding}, refusedWith(t, err)); diff != "" {
			t.Errorf("End by the practice (-want +got):\n%s", diff)
		}
		if _, err := r.End(consent.TerminationOral, "note-1", at); err != nil {
			t.Errorf("End by the patient = %v", err)
		}
	}
	_, err = accepted.End("x", "", at)
	if diff := cmp.Diff([]string{"/document required", "/termination unknown-value"}, issuesOf(t, err)); diff != "" {
		t.Errorf("End in no way (-want +got):\n%s", diff)
	}
}

func TestAlternativeContacts(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	older := restriction(1, communication, acceptedRestriction)
	newer := restriction(2, communication, acceptedRestriction, func(r *consent.Restriction) {
		r.AnsweredAt, r.Contact = day("2026-04-01"), &consent.AlternativeContact{Channel: consent.AlternativePortal}
	})
	over := restriction(3, communication, acceptedRestriction, func(r *consent.Restriction) {
		r.State, r.EndedAt, r.Termination = consent.RestrictionEnded, day("2026-05-01"), consent.TerminationWritten
	})
	all := []consent.Restriction{
		older, over, newer, restriction(4, communication), restriction(5, everyone, acceptedRestriction),
		restriction(6, communication, acceptedRestriction, func(r *consent.Restriction) { r.Patient = other }),
	}
	if diff := cmp.Diff([]consent.Restriction{newer, older}, consent.AlternativeContacts(all, pat, at)); diff != "" {
		t.Errorf("AlternativeContacts (-want +got):\n%s", diff)
	}
	if got := consent.AlternativeContacts(all, pat, day("2026-03-15")); len(got) != 2 || got[0].ID != older.ID || got[1].ID != over.ID {
		t.Errorf("AlternativeContacts in March = %v", got)
	}
}

func TestRestrictionValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Restriction)
		want   []string
	}{
		{name: "a request", change: func(*consent.Restriction) {}},
		{name: "one that was paid", change: paidInFull},
		{name: "one of communication", change: communication},
		{name: "items twice and none", change: func(r *consent.Restriction) { r.Items = append(r.Items, r.Items[0], glabella.Ref{}) }, want: []string{"/items/1 duplicate", "/items/2 required"}},
		{name: "parties and purposes that are none", change: func(r *consent.Restriction) {
			r.Recipients, r.Purposes, r.Kind = []consent.Party{{}, {Role: "A B"}}, []glabella.Purpose{"x"}, "x"
		}, want: []string{"/kind unknown-value", "/purposes/0 unknown-value", "/recipients/0 required", "/recipients/1/role format"}},
		{name: "paid for nothing", change: func(r *consent.Restriction) { paidInFull(r); r.Items = nil }, want: []string{"/items required"}},
		{name: "payment without an invoice", change: func(r *consent.Restriction) { r.OutOfPocket = &consent.OutOfPocket{} }, want: []string{"/outOfPocket/invoice required", "/outOfPocket/paidAt required"}},
		{name: "a contact of a disclosure", change: func(r *consent.Restriction) { r.Contact = &consent.AlternativeContact{Channel: "x"} }, want: []string{"/contact mismatch", "/contact/channel unknown-value"}},
		{name: "communication without a contact", change: func(r *consent.Restriction) { communication(r); r.Contact = nil }, want: []string{"/contact mismatch"}},
		{name: "mail without an address", change: func(r *consent.Restriction) { communication(r); r.Contact.Address = " " }, want: []string{"/contact/address mismatch"}},
		{name: "a portal with an address", change: func(r *consent.Restriction) { communication(r); r.Contact.Channel = consent.AlternativePortal }, want: []string{"/contact/address mismatch"}},
		{name: "accepted by nobody", change: func(r *consent.Restriction) { r.State = consent.RestrictionAccepted }, want: []string{"/answeredAt mismatch", "/answeredBy required"}},
		{name: "refused without a reason", change: func(r *consent.Restriction) { acceptedRestriction(r); r.State = consent.RestrictionRefused }, want: []string{"/reason mismatch"}},
		{name: "a reason that is no code", change: func(r *consent.Restriction) {
			acceptedRestriction(r)
			r.State, r.Reason = consent.RestrictionRefused, "We do not want to"
		}, want: []string{"/reason format"}},
		{name: "ended in no way", change: func(r *consent.Restriction) { acceptedRestriction(r); r.State = consent.RestrictionEnded }, want: []string{"/document required", "/endedAt mismatch", "/termination mismatch"}},
		{name: "ended before it was answered", change: func(r *consent.Restriction) {
			acceptedRestriction(r)
			r.State, r.Termination, r.Document, r.EndedAt = consent.RestrictionEnded, consent.TerminationWritten, "d", r.RequestedAt.Add(1)
		}, want: []string{"/endedAt consent.order"}},
		{name: "answered and ended before it was requested", change: func(r *consent.Restriction) {
			acceptedRestriction(r)
			r.State, r.Termination, r.Document = consent.RestrictionEnded, consent.TerminationWritten, "d"
			r.AnsweredAt, r.EndedAt = r.RequestedAt.Add(-1), r.RequestedAt.Add(-2)
		}, want: []string{"/answeredAt consent.order", "/endedAt consent.order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := restriction(1)
			tt.change(&r)
			if diff := cmp.Diff(tt.want, issuesOf(t, r.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStoredRestrictionRoundTrips(t *testing.T) {
	t.Parallel()
	full := restriction(1, communication, paidInFull, acceptedRestriction, func(r *consent.Restriction) {
		r.Meta = glabella.Meta{Version: 2, CreatedAt: day("2026-03-01"), UpdatedAt: day("2026-03-02"), Nonce: "n"}
		r.Items, r.Recipients, r.Purposes, r.HealthPlan, r.Reason = []glabella.Ref{visit.Ref()}, []consent.Party{{Name: "x"}}, []glabella.Purpose{"TREAT"}, true, "x"
		r.EndedAt, r.Termination, r.Document = day("2026-05-01"), consent.TerminationOral, "d"
	})
	for _, r := range []consent.Restriction{full, {}, {Items: []glabella.Ref{}}} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Restriction
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("restriction after JSON (-want +got):\n%s", diff)
		}
	}
}
