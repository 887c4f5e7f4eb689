package billing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func monthly() billing.MembershipPlan {
	return billing.MembershipPlan{Code: "glow", Name: "Glow", Price: usd("99.00"), Term: glabella.Period{Months: 1},
		Benefits: []billing.PackageItem{{Service: "hydro", Quantity: billing.Times(1), StandAlone: usd("120.00")}, {Product: "onabotulinumtoxinA", Quantity: units("5"), StandAlone: usd("60.00")}},
		Discount: number("0.10"), MemberPrices: map[string]money.Amount{"peel": usd("80.00")},
		Missed: billing.CatchUp, Rollover: billing.RolloverNone, Freeze: billing.FreezeBenefits, Dunning: billing.DefaultDunning()}
}

func member(p billing.MembershipPlan, anchor glabella.Date) billing.Membership {
	return billing.Membership{ID: id[glabella.MembershipID]("m"), Patient: id[glabella.PatientID]("P-0001"), Site: id[glabella.SiteID]("clinic"), Plan: p, State: billing.MembershipScheduled,
		Anchor: anchor, AnchorTerm: 1, Terms: []billing.MembershipTerm{}}
}

func at(d glabella.Date) time.Time { return d.Start(time.UTC) }

// do does everything that is due until nothing is, and returns what it did. pay
// says whether a charge succeeds.
func do(t testing.TB, m billing.Membership, now time.Time, pay bool) (billing.Membership, []string) {
	t.Helper()
	var done []string
	newID := ids[glabella.CreditLotID](now.String())
	for range 50 {
		due := m.Due(now)
		if len(due) == 0 {
			if err := m.Validate(); err != nil {
				t.Fatal(err)
			}
			return m, done
		}
		a := due[0]
		done = append(done, fmt.Sprint(a.Kind, " ", a.Term))
		var err error
		switch a.Kind {
		case billing.ActionStart:
			m, err = m.Start()
		case billing.ActionChangePlan:
			m, err = m.ApplyChange()
		case billing.ActionOpenTerm:
			m, err = m.OpenTerm()
		case billing.ActionSkipTerm:
			m, err = m.SkipTerm(a.Term)
		case billing.ActionCharge:
			if pay {
				m, err = m.PayTerm(a.Term, now)
			} else {
				m, err = m.FailCharge(a.Term, false, now)
			}
		case billing.ActionFreezeFee:
			m, err = m.PayFreezeFee()
		case billing.ActionGiveUp:
			m, err = m.GiveUp()
		case billing.ActionGrant:
			m, _, err = m.Grant(billing.Benefits{Term: a.Term, Moved: on(glabella.DateOf(now)), NewID: newID})
		case billing.ActionEnd:
			m, err = m.End()
		}
		if err != nil {
			t.Fatalf("%s: %v", a.Kind, err)
		}
	}
	t.Fatal("something is always due")
	return m, done
}

func wantDone(t testing.TB, when string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

func TestMembershipIsChargedAndGrantedEachTerm(t *testing.T) {
	t.Parallel()
	start := glabella.MustParseDate("2026-01-31")
	m, done := do(t, member(monthly(), start), at(start.AddDays(-1)), true)
	wantDone(t, "the day before", done)
	m, done = do(t, m, at(start), true)
	wantDone(t, "the first day", done, "start 0", "open-term 1", "charge 1", "grant 1")
	m, done = do(t, m, at(glabella.MustParseDate("2026-02-27")), true)
	wantDone(t, "the last day of the term", done)
	m, _ = do(t, m, at(glabella.MustParseDate("2026-02-28")), true)
	m, done = do(t, m, at(glabella.MustParseDate("2026-03-31")), true)
	wantDone(t, "the third month", done, "open-term 3", "charge 3", "grant 3")
	var days []string
	for _, term := range m.Terms {
		days = append(days, term.From.String()+" to "+term.To.String())
	}
	wantDone(t, "terms", days, "2026-01-31 to 2026-02-27", "2026-02-28 to 2026-03-30", "2026-03-31 to 2026-04-29")
}

func TestDunning(t *testing.T) {
	t.Parallel()
	m, done := do(t, member(monthly(), monday), at(monday), false)
	wantDone(t, "at once", done, "start 0", "open-term 1", "charge 1")
	if m.State != billing.MembershipRetrying {
		t.Errorf("state = %s, want %s", m.State, billing.MembershipRetrying)
	}
	m, done = do(t, m, at(monday).Add(72*time.Hour-time.Second), false)
	wantDone(t, "before 72 hours", done)
	m, done = do(t, m, at(monday).Add(72*time.Hour), false)
	wantDone(t, "after 72 hours", done, "charge 1")
	m, done = do(t, m, at(monday).Add(144*time.Hour), false)
	wantDone(t, "after 144 hours", done, "charge 1", "give-up 0")
	if m.State != billing.MembershipPastDue {
		t.Errorf("state = %s, want %s", m.State, billing.MembershipPastDue)
	}
	m, done = do(t, m, at(monday.AddDays(20)), false)
	wantDone(t, "while past due", done)
	m, done = do(t, m, at(monday.Add(glabella.Period{Months: 1})), false)
	wantDone(t, "the next term", done, "open-term 2", "charge 2")

	card := at(monday.Add(glabella.Period{Months: 1, Days: 3}))
	m, err := m.AddCard(card)
	if err != nil {
		t.Fatal(err)
	}
	m, done = do(t, m, card, true)
	wantDone(t, "with a new card, the newest term", done, "charge 2", "grant 2")
	if m.State != billing.MembershipPastDue {
		t.Errorf("state = %s with a term outstanding, want %s", m.State, billing.MembershipPastDue)
	}
	m, done = do(t, m, card.Add(23*time.Hour), true)
	wantDone(t, "the same day", done)
	m, done = do(t, m, card.Add(24*time.Hour), true)
	wantDone(t, "a day later, the older term", done, "charge 1", "grant 1")
	if m.State != billing.MembershipActive {
		t.Errorf("state = %s once all is paid, want %s", m.State, billing.MembershipActive)
	}
}

func TestMissedTerms(t *testing.T) {
	t.Parallel()
	second := at(monday.Add(glabella.Period{Months: 1}))
	for _, tt := range []struct {
		policy billing.MissedPolicy
		want   []string
		first  billing.TermState
		state  billing.MembershipState
	}{
		{billing.CatchUp, []string{"open-term 2", "charge 2", "grant 2"}, billing.TermDue, billing.MembershipPastDue},
		{billing.SkipMissed, []string{"open-term 2", "skip-term 1", "charge 2", "grant 2"}, billing.TermSkipped, billing.MembershipActive},
		{billing.GrantOnPayment, []string{"open-term 2", "charge 2", "grant 2"}, billing.TermDue, billing.MembershipActive},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			t.Parallel()
			p := monthly()
			p.Missed = tt.policy
			m := member(p, monday)
			for _, h := range p.Dunning.Attempts {
				m, _ = do(t, m, at(monday).Add(time.Duration(h)*time.Hour), false)
			}
			m, done := do(t, m, second, true)
			wantDone(t, "the second term", done, tt.want...)
			if m.Terms[0].State != tt.first || m.State != tt.state {
				t.Errorf("first term is %s and the membership %s, want %s and %s", m.Terms[0].State, m.State, tt.first, tt.state)
			}
			if tt.policy == billing.GrantOnPayment {
				m, err := m.PayTerm(1, second)
				if err != nil {
					t.Fatal(err)
				}
				_, done := do(t, m, second, true)
				wantDone(t, "once the patient pays the first", done, "grant 1")
			}
		})
	}
}

func TestFreezeMembership(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		mode   billing.FreezeMode
		usable bool
		next   glabella.Date
		during []string
	}{
		{"benefits are held and the payment moves", billing.FreezeBenefits, false, monday.Add(glabella.Period{Months: 1}).AddDays(40), []string{"freeze-fee 0"}},
		{"benefits are usable and payments are skipped", billing.FreezePayments, true, monday.Add(glabella.Period{Months: 2}), []string{"open-term 2", "freeze-fee 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := monthly()
			p.Freeze, p.FreezeFee = tt.mode, usd("10.00")
			m, _ := do(t, member(p, monday), at(monday), true)
			m, err := m.Freeze(monday.AddDays(10))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.BenefitsUsable(monday.AddDays(20)); got != tt.usable {
				t.Errorf("benefits usable = %t, want %t", got, tt.usable)
			}
			m, done := do(t, m, at(monday.AddDays(45)), true)
			wantDone(t, "during the freeze", done, tt.during...)
			if m, err = m.Unfreeze(monday.AddDays(50)); err != nil {
				t.Fatal(err)
			}
			m, done = do(t, m, at(tt.next.AddDays(-1)), true)
			wantDone(t, "the day before the next payment", done)
			if m, done = do(t, m, at(tt.next), true); len(done) == 0 || m.Terms[len(m.Terms)-1].From != tt.next {
				t.Errorf("nothing is due on %s, want the next term", tt.next)
			}
			for i := 1; i < len(m.Terms); i++ {
				if m.Terms[i].From != m.Terms[i-1].To.AddDays(1) {
					t.Errorf("term %d ends on %s and the next begins on %s", i, m.Terms[i-1].To, m.Terms[i].From)
				}
			}
		})
	}
}

func TestFreezeFeeEachTerm(t *testing.T) {
	t.Parallel()
	p := monthly()
	p.FreezeFee, p.FeeEachTerm = usd("10.00"), true
	m, _ := do(t, member(p, monday), at(monday), true)
	m, err := m.Freeze(tuesday)
	if err != nil {
		t.Fatal(err)
	}
	_, done := do(t, m, at(tuesday.Add(glabella.Period{Months: 2})), true)
	wantDone(t, "after two months", done, "freeze-fee 0", "freeze-fee 0", "freeze-fee 0")
}

func TestCancelledMembershipRunsOut(t *testing.T) {
	t.Parallel()
	m, _ := do(t, member(monthly(), monday), at(monday), true)
	last := m.Terms[0].To
	m, err := m.Cancel(last)
	if err != nil {
		t.Fatal(err)
	}
	if !m.BenefitsUsable(last) || m.BenefitsUsable(last.AddDays(1)) {
		t.Error("benefits are not usable until the last day and no longer")
	}
	if again, err := m.Resume(); err != nil || again.State != billing.MembershipActive || !again.EndsOn.IsZero() {
		t.Errorf("Resume = %s, %v, want active", again.State, err)
	}
	m, done := do(t, m, at(last), true)
	wantDone(t, "the last day", done)
	m, done = do(t, m, at(last.AddDays(1)), true)
	wantDone(t, "the day after", done, "end 0")
	var refused *glabella.TransitionError
	if _, err := m.Freeze(tuesday); !errors.As(err, &refused) {
		t.Errorf("Freeze of an ended membership = %v, want a transition error", err)
	}
}

func TestBenefitsAreGrantedAtThePriceOfTheTerm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rollover billing.RolloverKind
		carried  int
		want     glabella.Date
	}{
		{billing.RolloverNone, 0, glabella.MustParseDate("2026-12-22")},
		{billing.RolloverTerms, 2, glabella.MustParseDate("2027-02-22")},
		{billing.RolloverCap, 2, glabella.Date{}},
		{billing.RolloverUnlimited, 0, glabella.Date{}},
	} {
		t.Run(string(tt.rollover), func(t *testing.T) {
			t.Parallel()
			p := monthly()
			p.Rollover, p.Carried = tt.rollover, tt.carried
			m, _ := do(t, member(p, monday), at(monday), false)
			g := billing.Benefits{Term: 1, Moved: on(monday), NewID: ids[glabella.CreditLotID]("benefit")}
			if _, _, err := m.Grant(g); !hasCode(err, billing.CodeMembershipTerm) {
				t.Errorf("Grant of a term that is not paid = %v, want %s", err, billing.CodeMembershipTerm)
			}
			m, err := m.PayTerm(1, at(monday))
			if err != nil {
				t.Fatal(err)
			}
			m, lots, err := m.Grant(g)
			if err != nil || len(lots) != 2 {
				t.Fatalf("Grant = %d lots, %v, want 2", len(lots), err)
			}
			wantBalance(t, lots[0], "1", "66.00")
			wantBalance(t, lots[1], "5", "33.00")
			for _, l := range lots {
				if b := balance(t, l); b.ExpiresOn != tt.want {
					t.Errorf("expires on %q, want %q", b.ExpiresOn, tt.want)
				}
			}
			if _, _, err := m.Grant(g); !hasCode(err, billing.CodeMembershipTerm) {
				t.Errorf("Grant twice = %v, want %s", err, billing.CodeMembershipTerm)
			}
		})
	}
}

func TestCapForfeitsTheOldest(t *testing.T) {
	t.Parallel()
	p := monthly()
	p.Rollover, p.Carried = billing.RolloverCap, 2
	p.Benefits = p.Benefits[1:]
	m := member(p, monday)
	var lots []billing.CreditLot
	for i := range 3 {
		l, err := billing.CreditLot{ID: id[glabella.CreditLotID](fmt.Sprint("cap-", i)), Patient: m.Patient, Origin: billing.LotPaid, Kind: billing.UnitsLot, Granted: units("5"), Price: usd("99.00"),
			Limits: billing.LotLimits{Products: []string{"onabotulinumtoxinA"}}, Source: billing.LotSource{Membership: m.ID, Term: i + 1}}.Grant(glabella.Date{}, on(monday.AddDays(30*i)))
		if err != nil {
			t.Fatal(err)
		}
		lots = append(lots, l)
	}
	var err error
	if lots[1], _, err = lots[1].Redeem(units("2"), on(monday.AddDays(70))); err != nil {
		t.Fatal(err)
	}
	got, err := m.CapForfeits(lots)
	if err != nil {
		t.Fatal(err)
	}
	want := []billing.Take{{Lot: lots[0].ID, Units: units("3"), Covers: units("3"), Value: usd("59.40")}}
	if diff := cmp.Diff(want, got, amounts, cmp.Comparer(quantity.Quantity.Equal)); diff != "" {
		t.Errorf("CapForfeits of 5, 3 and 5 with a cap of 10 (-want +got):\n%s", diff)
	}
	m.Plan.Rollover = billing.RolloverUnlimited
	if got, err := m.CapForfeits(lots); err != nil || len(got) != 0 {
		t.Errorf("CapForfeits without a cap = %v, %v, want none", got, err)
	}
}

func TestProrate(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(5))
	for range 1000 {
		price := money.New(r.Int63n(100_000), "USD")
		to := monday.AddDays(r.Intn(400))
		used, unused, err := billing.Prorate(price, monday, to, monday.AddDays(r.Intn(500)-50))
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := used.Add(unused); err != nil || sum != price || used.Sign() < 0 || unused.Sign() < 0 {
			t.Fatalf("Prorate(%s) = %s and %s, want parts of the price", price, used, unused)
		}
	}
	used, unused, err := billing.Prorate(usd("90.00"), monday, monday.AddDays(29), monday.AddDays(10))
	if err != nil || used != usd("30.00") || unused != usd("60.00") {
		t.Errorf("Prorate after 10 of 30 days = %s, %s, %v, want 30.00 and 60.00", used, unused, err)
	}
	if _, _, err := billing.Prorate(usd("90.00"), tuesday, monday, monday); err == nil {
		t.Error("Prorate of a term that ends before it begins succeeded")
	}
}

func TestPlanChange(t *testing.T) {
	t.Parallel()
	m, _ := do(t, member(monthly(), monday), at(monday), true) // 30 days
	bigger := monthly()
	bigger.Code, bigger.Price, bigger.Term = "glow-plus", usd("198.00"), glabella.Period{Months: 3}
	change := billing.PlanChange{Plan: bigger, EffectiveOn: monday.AddDays(20)}
	q, err := m.QuoteChange(change)
	if err != nil || q.Unused != usd("33.00") || q.Charge != usd("66.00") || q.Net != usd("33.00") {
		t.Errorf("QuoteChange = %+v, %v, want 66.00 less 33.00", q, err)
	}
	later := change
	later.EffectiveOn = monday.AddDays(90)
	if q, err := m.QuoteChange(later); err != nil || !q.Net.IsZero() {
		t.Errorf("QuoteChange after the term = %+v, %v, want nothing", q, err)
	}
	m, err = m.ScheduleChange(change)
	if err != nil {
		t.Fatal(err)
	}
	m, done := do(t, m, at(monday.AddDays(19)), true)
	wantDone(t, "before its day", done)
	m, done = do(t, m, at(monday.AddDays(20)), true)
	wantDone(t, "on its day", done, "change-plan 0")
	m, _ = do(t, m, at(monday.AddDays(30)), true)
	if got := m.Terms[1]; got.Price != bigger.Price || got.From != monday.AddDays(30) || got.To != monday.AddDays(30).Add(bigger.Term).AddDays(-1) {
		t.Errorf("second term = %+v, want that of the new plan", got)
	}
	change.Plan.Term = glabella.Period{}
	if _, err := m.ScheduleChange(change); !hasCode(err, billing.CodeMembershipPlan) {
		t.Errorf("ScheduleChange to no term = %v, want %s", err, billing.CodeMembershipPlan)
	}
}

func TestMemberPrice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, service, list, want string }{
		{"the member price", "peel", "100.00", "80.00"},
		{"never above the list price", "peel", "70.00", "70.00"},
		{"the discount otherwise, rounded half up", "hydro", "99.95", "89.95"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := monthly().MemberPrice(tt.service, usd(tt.list)); err != nil || got != usd(tt.want) {
				t.Errorf("MemberPrice(%s, %s) = %s, %v, want %s", tt.service, tt.list, got, err, tt.want)
			}
		})
	}
}

func TestMembershipValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Membership)
		code   glabella.Code
	}{
		{"a term of nothing", func(m *billing.Membership) { m.Plan.Term = glabella.Period{} }, billing.CodeMembershipPlan},
		{"a discount above the price", func(m *billing.Membership) { m.Plan.Discount = number("1.01") }, billing.CodeMembershipPlan},
		{"tries that do not rise", func(m *billing.Membership) { m.Plan.Dunning.Attempts = []int{0, 0} }, billing.CodeMembershipPlan},
		{"no try", func(m *billing.Membership) { m.Plan.Dunning.Attempts = nil }, billing.CodeMembershipPlan},
		{"a rollover that counts no terms", func(m *billing.Membership) { m.Plan.Rollover = billing.RolloverCap }, billing.CodeMembershipPlan},
		{"a benefit of nothing", func(m *billing.Membership) { m.Plan.Benefits[0].Quantity = billing.Times(0) }, billing.CodeMembershipPlan},
		{"frozen without a day", func(m *billing.Membership) { m.State = billing.MembershipFrozen }, glabella.CodeMismatch},
		{"no state", func(m *billing.Membership) { m.State = "" }, glabella.CodeUnknownValue},
		{"no first day", func(m *billing.Membership) { m.Anchor = glabella.Date{} }, glabella.CodeRequired},
		{"terms out of order", func(m *billing.Membership) { m.Terms = []billing.MembershipTerm{{Number: 2}} }, billing.CodeMembershipTerm},
		{"no policy on missed terms", func(m *billing.Membership) { m.Plan.Missed = "" }, glabella.CodeUnknownValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := member(monthly(), monday)
			tt.change(&m)
			if err := m.Validate(); !hasCode(err, tt.code) {
				t.Errorf("Validate() = %v, want %s", err, tt.code)
			}
		})
	}
}

// TestMembershipsSettle lives through a year of random payments: something is
// never due forever, no term is paid twice, and every state is one of the table.
func TestMembershipsSettle(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(6))
	for range 60 {
		p := monthly()
		p.Missed = billing.MissedPolicies()[r.Intn(3)]
		m := member(p, monday)
		for day := range 365 {
			now := at(monday.AddDays(day))
			m, _ = do(t, m, now, r.Intn(4) > 0)
			if r.Intn(40) == 0 {
				if next, err := m.AddCard(now); err == nil {
					m = next
				}
			}
			if !slices.Contains(billing.MembershipMachine().States(), m.State) {
				t.Fatalf("state %q is not in the table", m.State)
			}
		}
		paid := 0
		for _, term := range m.Terms {
			if term.State == billing.TermPaid {
				paid++
			}
		}
		if len(m.Terms) != 12 || paid == 0 {
			t.Fatalf("%d terms in a year and %d paid, want 12 and some", len(m.Terms), paid)
		}
	}
}

func TestMembershipRoundTrips(t *testing.T) {
	t.Parallel()
	m, _ := do(t, member(monthly(), monday), at(monday), true)
	m, err := m.ScheduleChange(billing.PlanChange{Plan: monthly(), EffectiveOn: tuesday})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var got billing.Membership
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got, amounts, cmp.Comparer(quantity.Quantity.Equal), cmp.Comparer(func(a, b quantity.Number) bool { return a.Equal(b.Decimal) })); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestCardNeeded(t *testing.T) {
	t.Parallel()
	m, err := member(monthly(), monday).Start()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = m.OpenTerm(); err != nil {
		t.Fatal(err)
	}
	if m, err = m.FailCharge(1, true, at(monday)); err != nil || m.State != billing.MembershipCardNeeded {
		t.Fatalf("FailCharge = %s, %v, want %s", m.State, err, billing.MembershipCardNeeded)
	}
	m, done := do(t, m, at(monday.AddDays(10)), true)
	wantDone(t, "without a card", done)
	if m, err = m.AddCard(at(monday.AddDays(10))); err != nil {
		t.Fatal(err)
	}
	m, done = do(t, m, at(monday.AddDays(10)), true)
	wantDone(t, "with a card", done, "charge 1", "grant 1")
	if m.State != billing.MembershipActive {
		t.Errorf("state = %s, want %s", m.State, billing.MembershipActive)
	}
	if _, err := m.PayTerm(1, at(tuesday)); !hasCode(err, billing.CodeMembershipTerm) {
		t.Errorf("PayTerm twice = %v, want %s", err, billing.CodeMembershipTerm)
	}
}

func TestBenefitsUsable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state billing.MembershipState
		hold  bool
		want  bool
	}{
		{billing.MembershipScheduled, false, false},
		{billing.MembershipActive, true, true},
		{billing.MembershipRetrying, true, true},
		{billing.MembershipPastDue, false, true},
		{billing.MembershipPastDue, true, false},
		{billing.MembershipCardNeeded, true, false},
		{billing.MembershipEnded, false, false},
	} {
		m := member(monthly(), monday)
		m.State, m.Plan.HoldPastDue = tt.state, tt.hold
		if got := m.BenefitsUsable(tuesday); got != tt.want {
			t.Errorf("BenefitsUsable when %s, held when past due %t = %t, want %t", tt.state, tt.hold, got, tt.want)
		}
	}
	if m, err := member(monthly(), monday).Cancel(tuesday); err != nil || m.State != billing.MembershipEnded {
		t.Errorf("Cancel before the start = %s, %v, want %s", m.State, err, billing.MembershipEnded)
	}
}
