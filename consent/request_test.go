package consent_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/money"
)

func requestID(n byte) glabella.RequestID { return glabella.RequestID{0: 12, 15: n} }

func date(s string) glabella.Date { return glabella.MustParseDate(s) }

// request returns a request of [pat] that was received on 2 March 2026.
func request(n byte, kind consent.RequestKind, change ...func(*consent.Request)) consent.Request {
	r := consent.NewRequest(consent.Request{
		ID: requestID(n), Patient: pat, Kind: kind, ReceivedOn: date("2026-03-02"), By: consent.SignerPatient, Format: "pdf",
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: day("2026-03-02")},
	})
	for _, c := range change {
		c(&r)
	}
	return r
}

var (
	paper   = consent.Fulfilment{On: date("2026-03-20"), By: clerk, Format: "paper", Agreed: true}
	amended = consent.Fulfilment{On: date("2026-03-20"), By: clerk, Notes: []glabella.Ref{{Kind: "note", ID: "1"}}}
	harmful = consent.Denial{On: date("2026-03-20"), By: clerk, Reason: consent.DenialEndangers}
	correct = consent.Denial{On: date("2026-03-20"), By: clerk, Reason: consent.DenialAccurate}
)

func TestClocks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind               consent.RequestKind
		due, last, tooLong string
		source             string
	}{
		{consent.RequestAccess, "2026-04-01", "2026-05-01", "2026-05-02", "45 CFR 164.524(b)(2)(i)"},
		{consent.RequestAmendment, "2026-05-01", "2026-05-31", "2026-06-01", "45 CFR 164.526(b)(2)(i)"},
		{consent.RequestAccounting, "2026-05-01", "2026-05-31", "2026-06-01", "45 CFR 164.528(c)(1)"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			r := request(1, tt.kind)
			if _, source := tt.kind.Days(); r.Due() != date(tt.due) || source != tt.source {
				t.Errorf("due on %s by %s, want %s by %s", r.Due(), source, tt.due, tt.source)
			}
			e := consent.Extension{NotifiedOn: date(tt.due), Reason: "archive", Until: date(tt.last), By: clerk}
			got, err := r.Extend(e)
			if err != nil || got.Due() != date(tt.last) || got.DueOn != date(tt.due) || got.State != consent.RequestExtended {
				t.Errorf("Extend = %s due %s, %v", got.State, got.Due(), err)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			var transition *glabella.TransitionError
			if _, err := got.Extend(e); !errors.As(err, &transition) {
				t.Errorf("Extend for the second time = %v", err)
			}
			bad := map[string]func(*consent.Extension){
				"/extension/until":      func(e *consent.Extension) { e.Until = date(tt.tooLong) },
				"/extension/until ":     func(e *consent.Extension) { e.Until = date(tt.due) },
				"/extension/notifiedOn": func(e *consent.Extension) { e.NotifiedOn = date(tt.due).AddDays(1) },
				"/extension/reason":     func(e *consent.Extension) { e.Reason = "" },
			}
			for path, change := range bad {
				e := e
				change(&e)
				_, err := r.Extend(e)
				if diff := cmp.Diff([]string{strings.TrimSpace(path) + " consent.request.extension"}, issuesOf(t, err)); diff != "" {
					t.Errorf("Extend (-want +got):\n%s", diff)
				}
			}
		})
	}
	if n, source := consent.RequestKind("x").Days(); n != 0 || source != "" {
		t.Errorf("an unknown kind is due in %d days by %q", n, source)
	}
}

func TestRequestVerbs(t *testing.T) {
	t.Parallel()
	must := func(r consent.Request, err error) consent.Request {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	part := harmful
	part.Partial = true
	received := request(1, consent.RequestAccess)
	partly := must(received.Deny(part))
	denied := must(received.Deny(harmful))
	reviewed := consent.Review{RequestedOn: date("2026-03-25"), Reviewer: glabella.StaffID{9}, DecidedOn: date("2026-04-10")}
	upheld := reviewed
	upheld.Upheld = true
	open := reviewed
	open.Reviewer, open.DecidedOn = glabella.StaffID{}, glabella.Date{}
	for _, tt := range []struct {
		name string
		r    consent.Request
		want consent.RequestState
	}{
		{"fulfilled", must(received.Fulfil(paper)), consent.RequestFulfilled},
		{"denied", denied, consent.RequestDenied},
		{"denied in part", partly, consent.RequestReceived},
		{"denied in part and fulfilled", must(partly.Fulfil(paper)), consent.RequestFulfilled},
		{"withdrawn", must(received.Withdraw(date("2026-03-03"))), consent.RequestWithdrawn},
		{"a review was asked for", must(denied.Reviewed(open)), consent.RequestDenied},
		{"upheld", must(denied.Reviewed(upheld)), consent.RequestDenied},
		{"not upheld", must(denied.Reviewed(reviewed)), consent.RequestReceived},
		{"asked for, then not upheld", must(must(denied.Reviewed(open)).Reviewed(reviewed)), consent.RequestReceived},
		{"not upheld and fulfilled", must(must(denied.Reviewed(reviewed)).Fulfil(paper)), consent.RequestFulfilled},
		{"a part not upheld", must(partly.Reviewed(reviewed)), consent.RequestReceived},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.r.Validate(); err != nil || tt.r.State != tt.want {
				t.Errorf("%s, %v, want %s", tt.r.State, err, tt.want)
			}
		})
	}
	if received.Denial != nil || denied.Denial.Review != nil {
		t.Error("a verb changed its argument")
	}
	var transition *glabella.TransitionError
	for name, err := range map[string]error{
		"fulfil what is denied":     errorOf(denied.Fulfil(paper)),
		"deny in part twice":        errorOf(partly.Deny(part)),
		"withdraw what is denied":   errorOf(denied.Withdraw(date("2026-03-21"))),
		"review no denial":          errorOf(received.Reviewed(reviewed)),
		"review twice":              errorOf(must(denied.Reviewed(upheld)).Reviewed(reviewed)),
		"disagree with no denial":   errorOf(received.Disagree(consent.Statement{})),
		"rebut without a denial":    errorOf(received.Rebut(consent.Statement{})),
		"extend what was withdrawn": errorOf(must(received.Withdraw(date("2026-03-03"))).Extend(consent.Extension{})),
	} {
		if !errors.As(err, &transition) {
			t.Errorf("%s = %v, want a refused transition", name, err)
		}
	}
}

func errorOf(_ consent.Request, err error) error { return err }

func TestRequestValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		kind   consent.RequestKind
		change func(*consent.Request)
		want   []string
	}{
		{name: "access", kind: "access", change: func(*consent.Request) {}},
		{name: "an accounting of six years", kind: "accounting", change: func(r *consent.Request) { r.From, r.Until = date("2020-03-02"), date("2026-03-02") }},
		{name: "an accounting of more", kind: "accounting", change: func(r *consent.Request) { r.From = date("2020-03-01") }, want: []string{"/from consent.request.period"}},
		{name: "an accounting that ends before it begins", kind: "accounting", change: func(r *consent.Request) { r.From, r.Until = date("2026-02-02"), date("2026-02-01") }, want: []string{"/until consent.order"}},
		{name: "access of a time", kind: "access", change: func(r *consent.Request) { r.Until = date("2026-02-01") }, want: []string{"/from mismatch"}},
		{name: "another due date", kind: "access", change: func(r *consent.Request) { r.DueOn = r.DueOn.AddDays(1) }, want: []string{"/dueOn consent.request.due"}},
		{name: "a day that does not exist", kind: "access", change: func(r *consent.Request) {
			r.State, r.EndedOn = consent.RequestWithdrawn, glabella.Date{Year: 2026, Month: 4, Day: 31}
		}, want: []string{"/endedOn format"}},
		{name: "a form that is no code", kind: "access", change: func(r *consent.Request) { r.Format = "Any PDF" }, want: []string{"/format format"}},
		{name: "the patient with a signer", kind: "access", change: func(r *consent.Request) { r.Signer.Reference = "x" }, want: []string{"/signer mismatch"}},
		{name: "extended without an extension", kind: "access", change: func(r *consent.Request) { r.State = consent.RequestExtended }, want: []string{"/extension mismatch"}},
		{name: "waiting with an extension", kind: "access", change: func(r *consent.Request) {
			r.Extension = &consent.Extension{NotifiedOn: r.DueOn, Reason: "archive", Until: r.DueOn.AddDays(1), By: clerk}
		}, want: []string{"/extension mismatch"}},
		{name: "fulfilled somehow", kind: "access", change: func(r *consent.Request) { r.State = consent.RequestFulfilled }, want: []string{"/fulfilment mismatch"}},
		{name: "denied somehow", kind: "access", change: func(r *consent.Request) { r.State = consent.RequestDenied }, want: []string{"/denial mismatch"}},
		{name: "denied and waiting", kind: "access", change: func(r *consent.Request) { d := harmful; r.Denial = &d }, want: []string{"/denial mismatch"}},
		{name: "withdrawn on no day", kind: "access", change: func(r *consent.Request) { r.State = consent.RequestWithdrawn }, want: []string{"/endedOn mismatch"}},
		{name: "withdrawn before it was received", kind: "access", change: func(r *consent.Request) { r.State, r.EndedOn = consent.RequestWithdrawn, date("2026-03-01") }, want: []string{"/endedOn consent.order"}},
		{name: "another form without agreement", kind: "access", change: func(r *consent.Request) {
			f := paper
			f.Agreed, r.State, r.Fulfilment = false, consent.RequestFulfilled, &f
		}, want: []string{"/fulfilment/format consent.request.format"}},
		{name: "no form, before it was received", kind: "access", change: func(r *consent.Request) {
			r.State, r.Fulfilment = consent.RequestFulfilled, &consent.Fulfilment{On: date("2026-03-01"), By: clerk}
		}, want: []string{"/fulfilment/format required", "/fulfilment/on consent.order"}},
		{name: "an amendment of nothing for a fee", kind: "amendment", change: func(r *consent.Request) {
			r.State, r.Fulfilment = consent.RequestFulfilled, &consent.Fulfilment{On: date("2026-03-20"), By: clerk, Fee: money.New(500, money.USD)}
		}, want: []string{"/fulfilment/fee mismatch", "/fulfilment/notes required"}},
		{name: "an amendment", kind: "amendment", change: func(r *consent.Request) { f := amended; r.State, r.Fulfilment = consent.RequestFulfilled, &f }},
		{name: "an unknown kind", kind: "x", change: func(*consent.Request) {}, want: []string{"/kind unknown-value"}},
		{name: "denied before it was received for no reason", kind: "access", change: func(r *consent.Request) {
			r.State, r.Denial = consent.RequestDenied, &consent.Denial{On: date("2026-03-01"), By: clerk, Reason: "x"}
		}, want: []string{"/denial/on consent.order", "/denial/reason consent.request.denial"}},
		{name: "a disagreement before the denial", kind: "amendment", change: func(r *consent.Request) {
			d := correct
			d.Disagreement = &consent.Statement{On: date("2026-03-19"), Record: visit.Ref()}
			r.State, r.Denial = consent.RequestDenied, &d
		}, want: []string{"/denial/disagreement/on consent.order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(1, tt.kind)
			tt.change(&r)
			if diff := cmp.Diff(tt.want, issuesOf(t, r.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimely(t *testing.T) {
	t.Parallel()
	received := request(1, consent.RequestAccess) // due on 1 April
	late := date("2026-04-02")
	fulfilled := func(on glabella.Date) consent.Request {
		f := paper
		f.On = on
		r, err := received.Fulfil(f)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	d := harmful
	d.On = late
	denied, err := received.Deny(d)
	if err != nil {
		t.Fatal(err)
	}
	withdrawn, err := received.Withdraw(date("2026-04-01"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		r     consent.Request
		today glabella.Date
		want  bool
	}{
		{"on the last day", received, date("2026-04-01"), true},
		{"on the day after", received, late, false},
		{"fulfilled on the last day", fulfilled(date("2026-04-01")), date("2027-01-01"), true},
		{"fulfilled late", fulfilled(late), date("2026-03-03"), false},
		{"denied late", denied, date("2026-03-03"), false},
		{"withdrawn in time", withdrawn, date("2027-01-01"), true},
	} {
		if got := tt.r.Timely(tt.today); got != tt.want {
			t.Errorf("%s: Timely = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestStoredRequestRoundTrips(t *testing.T) {
	t.Parallel()
	full := request(1, consent.RequestAccess, func(r *consent.Request) {
		r.Meta = glabella.Meta{Version: 2, CreatedAt: day("2026-03-01"), UpdatedAt: day("2026-03-02"), Nonce: "n"}
		r.Signer, r.Records, r.From, r.Until, r.Text, r.EndedOn = consent.Signer{Reference: "r"}, []glabella.Ref{visit.Ref()}, date("2026-01-01"), date("2026-02-01"), "t", date("2026-04-01")
		r.Extension = &consent.Extension{NotifiedOn: date("2026-03-30"), Reason: "archive", Until: date("2026-04-08"), By: clerk}
		s := consent.Statement{On: date("2026-04-05"), Record: visit.Ref(), Patient: true}
		r.Denial = &consent.Denial{On: date("2026-03-20"), By: clerk, Reason: "endangers", Partial: true, Notice: visit.Ref(),
			Review: &consent.Review{RequestedOn: date("2026-03-25"), Reviewer: clerk, DecidedOn: date("2026-04-10"), Upheld: true}, Disagreement: &s, Rebuttal: &s}
		r.Fulfilment = &consent.Fulfilment{On: date("2026-04-05"), By: clerk, Format: "pdf", Agreed: true, Fee: money.New(500, money.USD), Notes: []glabella.Ref{visit.Ref()}, Told: []consent.Party{{Name: "x"}}}
	})
	for _, r := range []consent.Request{full, {}, {Records: []glabella.Ref{}, Fulfilment: &consent.Fulfilment{Notes: []glabella.Ref{}, Fee: money.New(0, money.USD)}}} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Request
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
			t.Errorf("request after JSON (-want +got):\n%s", diff)
		}
	}
}

type preferenceEnum interface{ Valid() bool }

func TestEnumsOfPreferencesListTheirValues(t *testing.T) {
	t.Parallel()
	var all []preferenceEnum
	add := func(zero preferenceEnum, values ...preferenceEnum) {
		all = append(all, values...)
		if zero.Valid() || len(values) < 2 {
			t.Errorf("%T has %d values, and its zero value is valid: %v", zero, len(values), zero.Valid())
		}
	}
	add(consent.Effect(""), enums(consent.Effects())...)
	add(consent.Sensitivity(""), enums(consent.Sensitivities())...)
	add(consent.DirectiveState(""), enums(consent.DirectiveStates())...)
	add(consent.AuthorizationState(""), enums(consent.AuthorizationStates())...)
	add(consent.AuthorizationCondition(""), enums(consent.AuthorizationConditions())...)
	add(consent.AuthorizationElement(""), enums(consent.AuthorizationElements())...)
	add(consent.AuthorizationDefect(""), enums(consent.AuthorizationDefects())...)
	add(consent.CombinedKind(""), enums(consent.CombinedKinds())...)
	add(consent.RestrictionKind(""), enums(consent.RestrictionKinds())...)
	add(consent.RestrictionState(""), enums(consent.RestrictionStates())...)
	add(consent.Termination(""), enums(consent.Terminations())...)
	add(consent.AlternativeChannel(""), enums(consent.AlternativeChannels())...)
	add(consent.RequestKind(""), enums(consent.RequestKinds())...)
	add(consent.RequestState(""), enums(consent.RequestStates())...)
	add(consent.DenialReason(""), enums(consent.DenialReasons())...)
	for _, v := range all {
		if !v.Valid() {
			t.Errorf("%v.Valid() = false", v)
		}
	}
}

func enums[T preferenceEnum](values []T) []preferenceEnum {
	out := make([]preferenceEnum, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
