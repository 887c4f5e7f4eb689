package consent_test

import (
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestDenialReasons(t *testing.T) {
	t.Parallel()
	for _, reason := range consent.DenialReasons() {
		for _, kind := range consent.RequestKinds() {
			d := consent.Denial{On: date("2026-03-20"), By: clerk, Reason: reason}
			_, err := request(1, kind).Deny(d)
			if ok := err == nil; ok != reason.Denies(kind) || ok != strings.HasPrefix(reason.Source(), map[consent.RequestKind]string{
				consent.RequestAccess: "45 CFR 164.524(a)", consent.RequestAmendment: "45 CFR 164.526(a)(2)", consent.RequestAccounting: "none",
			}[kind]) {
				t.Errorf("%s denies %s: %v, by %s", reason, kind, err, reason.Source())
			}
		}
		if want := strings.HasPrefix(reason.Source(), "45 CFR 164.524(a)(3)"); reason.Reviewable() != want {
			t.Errorf("%s.Reviewable() = %v, want %v", reason, !want, want)
		}
	}
	if r := consent.DenialReason("x"); r.Valid() || r.Denies(consent.RequestAccess) || r.Reviewable() || r.Source() != "" {
		t.Error("an unknown reason denies")
	}
}

func TestDisagreement(t *testing.T) {
	t.Parallel()
	letter := glabella.Ref{Kind: "note", ID: "2"}
	denied, err := request(1, consent.RequestAmendment).Deny(correct)
	if err != nil {
		t.Fatal(err)
	}
	early := consent.Statement{On: date("2026-04-04"), Record: letter, Patient: true}
	if _, err := denied.Rebut(early); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Rebut before a disagreement = %v", err)
	}
	disagreed, err := denied.Disagree(consent.Statement{On: date("2026-04-05"), Record: letter})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		s    consent.Statement
		want []string
	}{
		"before the disagreement":       {early, []string{"/denial/rebuttal/on consent.order"}},
		"without a copy":                {consent.Statement{On: date("2026-04-06"), Record: letter}, []string{"/denial/rebuttal/patient consent.request.statement"}},
		"on the day, with a copy of it": {consent.Statement{On: date("2026-04-05"), Record: letter, Patient: true}, nil},
	} {
		got, err := disagreed.Rebut(tt.s)
		if diff := cmp.Diff(tt.want, issuesOf(t, err)); diff != "" {
			t.Errorf("Rebut %s (-want +got):\n%s", name, diff)
		}
		if err == nil {
			if err := got.Validate(); err != nil || got.Denial.Rebuttal == nil || disagreed.Denial.Rebuttal != nil {
				t.Errorf("Rebut %s: %v, %v", name, got.Denial, err)
			}
			if _, err := got.Rebut(tt.s); err == nil {
				t.Error("a denial was rebutted twice")
			}
		}
	}
	access, err := request(1, consent.RequestAccess).Deny(harmful)
	if err != nil {
		t.Fatal(err)
	}
	_, err = access.Disagree(consent.Statement{On: date("2026-04-05"), Record: letter})
	if diff := cmp.Diff([]string{"/denial/disagreement consent.request.statement"}, issuesOf(t, err)); diff != "" {
		t.Errorf("Disagree with a denial of access (-want +got):\n%s", diff)
	}
}

func TestReviewIsByAnother(t *testing.T) {
	t.Parallel()
	denied, err := request(1, consent.RequestAccess).Deny(harmful)
	if err != nil {
		t.Fatal(err)
	}
	final := harmful
	final.Reason = consent.DenialExcluded
	unreviewable, err := request(1, consent.RequestAccess).Deny(final)
	if err != nil {
		t.Fatal(err)
	}
	good := consent.Review{RequestedOn: date("2026-03-25"), Reviewer: glabella.StaffID{9}, DecidedOn: date("2026-04-10")}
	for _, tt := range []struct {
		name   string
		r      consent.Request
		change func(*consent.Review)
		want   []string
	}{
		{name: "by another", r: denied, change: func(*consent.Review) {}},
		{name: "by who denied it", r: denied, change: func(v *consent.Review) { v.Reviewer = clerk }, want: []string{"/denial/review/reviewer consent.request.review"}},
		{name: "by nobody", r: denied, change: func(v *consent.Review) { v.Reviewer = glabella.StaffID{} }, want: []string{"/denial/review/reviewer required"}},
		{name: "upheld on no day", r: denied, change: func(v *consent.Review) { v.Upheld, v.DecidedOn = true, glabella.Date{} }, want: []string{"/denial/review/decidedOn required"}},
		{name: "decided before it was asked for", r: denied, change: func(v *consent.Review) { v.DecidedOn = date("2026-03-24") }, want: []string{"/denial/review consent.order"}},
		{name: "asked for before it was denied", r: denied, change: func(v *consent.Review) { v.RequestedOn = date("2026-03-19") }, want: []string{"/denial/review consent.order"}},
		{name: "of a denial that is final", r: unreviewable, change: func(*consent.Review) {}, want: []string{"/denial/review consent.request.review"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := good
			tt.change(&v)
			_, err := tt.r.Reviewed(v)
			if diff := cmp.Diff(tt.want, issuesOf(t, err)); diff != "" {
				t.Errorf("Reviewed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	today := date("2026-04-05")
	access := request(1, consent.RequestAccess) // due on 1 April
	amendment := request(2, consent.RequestAmendment)
	extended, err := request(3, consent.RequestAccess).Extend(consent.Extension{NotifiedOn: date("2026-03-30"), Reason: "archive", Until: date("2026-04-08"), By: clerk})
	if err != nil {
		t.Fatal(err)
	}
	done, err := request(4, consent.RequestAccess).Fulfil(paper)
	if err != nil {
		t.Fatal(err)
	}
	all := []consent.Request{amendment, done, extended, access}
	overdue := consent.DueRequest{Request: access.ID, Patient: pat, Kind: "access", On: date("2026-04-01"), Days: -4}
	soon := consent.DueRequest{Request: extended.ID, Patient: pat, Kind: "access", On: date("2026-04-08"), Days: 3}
	far := consent.DueRequest{Request: amendment.ID, Patient: pat, Kind: "amendment", On: date("2026-05-01"), Days: 26, Extendable: true}
	for _, tt := range []struct {
		ahead int
		want  []consent.DueRequest
	}{{-1, []consent.DueRequest{overdue}}, {2, []consent.DueRequest{overdue}}, {3, []consent.DueRequest{overdue, soon}}, {26, []consent.DueRequest{overdue, soon, far}}} {
		if diff := cmp.Diff(tt.want, consent.Due(all, today, tt.ahead)); diff != "" {
			t.Errorf("Due %d days ahead (-want +got):\n%s", tt.ahead, diff)
		}
	}
	d := consent.EvaluateRequests(all, today, 26)
	if diff := cmp.Diff([]glabella.Code{consent.CodeRequestOverdue, consent.CodeRequestNear, consent.CodeRequestNear}, d.Codes()); diff != "" {
		t.Errorf("EvaluateRequests (-want +got):\n%s", diff)
	}
	first := d.Reasons[0]
	if first.Outcome != glabella.Warn || first.Source != "45 CFR 164.524(b)(2)(i)" || first.Args["days"] != "4" || first.Args["on"] != "2026-04-01" || strings.Contains(first.Fix, "longer") {
		t.Errorf("the first reason = %+v", first)
	}
	if !strings.Contains(d.Reasons[2].Fix, "30 days longer") {
		t.Errorf("the fix of what can be extended = %q", d.Reasons[2].Fix)
	}
	if d := consent.EvaluateRequests(nil, today, 10); !d.Allowed() {
		t.Errorf("EvaluateRequests of none = %v", d)
	}
}

func TestDueIsWhatIsNotTimely(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(524))
	late := 0
	for range 2000 {
		r := request(1, consent.RequestKinds()[rng.Intn(3)], func(r *consent.Request) { r.ReceivedOn = r.ReceivedOn.AddDays(rng.Intn(400)) })
		r = consent.NewRequest(r)
		if rng.Intn(2) == 0 {
			e := consent.Extension{NotifiedOn: r.ReceivedOn.AddDays(rng.Intn(31)), Reason: "archive", Until: r.DueOn.AddDays(1 + rng.Intn(30)), By: clerk}
			var err error
			if r, err = r.Extend(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		today := r.ReceivedOn.AddDays(rng.Intn(120))
		overdue := len(consent.Due([]consent.Request{r}, today, -1)) == 1
		if overdue == r.Timely(today) {
			t.Fatalf("%s due on %s: overdue %v and timely %v on %s", r.Kind, r.Due(), overdue, r.Timely(today), today)
		}
		days := today.DaysSince(r.ReceivedOn)
		if limit, _ := r.Kind.Days(); !overdue && days > limit+30 || overdue && days <= limit {
			t.Fatalf("%s on day %d: overdue %v", r.Kind, days, overdue)
		}
		if overdue {
			late++
		}
	}
	if late < 200 {
		t.Errorf("only %d were overdue", late)
	}
}

func TestFreeAccounting(t *testing.T) {
	t.Parallel()
	given := func(n byte, on string, change ...func(*consent.Request)) consent.Request {
		return request(n, consent.RequestAccounting, append([]func(*consent.Request){func(r *consent.Request) {
			r.ReceivedOn = date(on)
			r.State, r.Fulfilment = consent.RequestFulfilled, &consent.Fulfilment{On: date(on), By: clerk}
		}}, change...)...)
	}
	r := request(1, consent.RequestAccounting) // received on 2 March 2026
	for _, tt := range []struct {
		name  string
		other consent.Request
		want  bool
	}{
		{"itself", r, true},
		{"a year before", given(2, "2025-03-02"), true},
		{"less than a year before", given(2, "2025-03-03"), false},
		{"asked for later", given(2, "2026-03-03"), true},
		{"of another patient", given(2, "2026-01-01", func(r *consent.Request) { r.Patient = other }), true},
		{"not given yet", request(2, consent.RequestAccounting), true},
		{"access", given(2, "2026-01-01", func(r *consent.Request) { r.Kind = consent.RequestAccess }), true},
	} {
		if got := consent.FreeAccounting([]consent.Request{tt.other}, r); got != tt.want {
			t.Errorf("%s: FreeAccounting = %v, want %v", tt.name, got, tt.want)
		}
	}
}
