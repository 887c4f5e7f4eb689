package billing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestPlanRedemption(t *testing.T) {
	t.Parallel()
	never := glabella.Date{}
	type use struct{ Units, Value string }
	abo := credit("abo", "10", "10", "10.00", never)
	abo.Product, abo.Granted = "abobotulinumtoxinA", quantity.MustParse("10 [arb'U]{abobotulinumtoxinA}")
	abo.Remaining = abo.Granted
	low, high := credit("tie-a", "10", "10", "100.00", never), credit("tie-b", "10", "10", "100.00", never)
	if low.ID.String() > high.ID.String() {
		low, high = high, low
	}
	for _, tt := range []struct {
		name    string
		credits []billing.Credit
		used    string
		want    []glabella.CreditID
		uses    []use
		excess  string
	}{
		{"what expires first comes first, and what never expires last", []billing.Credit{
			credit("never", "10", "10", "1.00", never), credit("later", "10", "10", "100.00", tuesday.AddDays(9)), credit("soon", "10", "10", "120.00", tuesday),
		}, "25", []glabella.CreditID{id[glabella.CreditID]("soon"), id[glabella.CreditID]("later"), id[glabella.CreditID]("never")},
			[]use{{"10", "USD 120.00"}, {"10", "USD 100.00"}, {"5", "USD 0.50"}}, "0"},
		{"of the same expiry the cheapest unit comes first, not the cheapest bank", []billing.Credit{
			credit("small", "5", "5", "60.00", never), credit("large", "50", "50", "500.00", never),
		}, "52", []glabella.CreditID{id[glabella.CreditID]("large"), id[glabella.CreditID]("small")}, []use{{"50", "USD 500.00"}, {"2", "USD 24.00"}}, "0"},
		{"of the same expiry and value the smaller identity comes first", []billing.Credit{high, low}, "11", []glabella.CreditID{low.ID, high.ID}, []use{{"10", "USD 100.00"}, {"1", "USD 10.00"}}, "0"},
		{"44 of 50 units are covered", []billing.Credit{credit("bank", "44", "44", "440.00", never)}, "50", []glabella.CreditID{id[glabella.CreditID]("bank")}, []use{{"44", "USD 440.00"}}, "6"},
		{"a credit holds on its last day", []billing.Credit{credit("today", "5", "5", "50.00", monday)}, "5", []glabella.CreditID{id[glabella.CreditID]("today")}, []use{{"5", "USD 50.00"}}, "0"},
		{"an expired credit is left alone", []billing.Credit{credit("gone", "5", "5", "50.00", monday.AddDays(-1))}, "5", nil, nil, "5"},
		{"an empty credit is left alone", []billing.Credit{credit("empty", "5", "0", "50.00", never)}, "5", nil, nil, "5"},
		{"units of another toxin are left alone", []billing.Credit{abo}, "5", nil, nil, "5"},
		{"nothing used takes nothing", []billing.Credit{credit("bank", "44", "44", "440.00", never)}, "0", nil, nil, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan, err := billing.PlanRedemption(tt.credits, units(tt.used), monday)
			if err != nil {
				t.Fatal(err)
			}
			var ids []glabella.CreditID
			var uses []use
			for i, u := range plan.Uses {
				ids = append(ids, u.Credit)
				uses = append(uses, use{u.Units.Value().String(), u.Value.String()})
				if plan.Credits[i].ID != u.Credit {
					t.Errorf("credit %d is %s, want that of the use", i, plan.Credits[i].ID)
				}
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("credits (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.uses, uses); diff != "" {
				t.Errorf("uses (-want +got):\n%s", diff)
			}
			if !plan.Excess.Equal(units(tt.excess)) {
				t.Errorf("Excess = %s, want %s", plan.Excess, tt.excess)
			}
		})
	}
}

func TestPlanRedemptionIsAPreview(t *testing.T) {
	t.Parallel()
	credits := []billing.Credit{credit("b", "10", "10", "90.00", glabella.Date{}), credit("a", "10", "10", "80.00", glabella.Date{})}
	plan, err := billing.PlanRedemption(credits, units("15"), monday)
	if err != nil {
		t.Fatal(err)
	}
	if credits[0].ID != id[glabella.CreditID]("b") || !credits[0].Remaining.Equal(units("10")) || !credits[1].Remaining.Equal(units("10")) {
		t.Errorf("the credits were changed to %v", credits)
	}
	if !plan.Credits[0].Remaining.IsZero() || !plan.Credits[1].Remaining.Equal(units("5")) {
		t.Errorf("plan leaves %s and %s, want 0 and 5", plan.Credits[0].Remaining, plan.Credits[1].Remaining)
	}
}

func TestUsesOfACreditSumToItsPrice(t *testing.T) {
	t.Parallel()
	for _, price := range []string{"0.00", "0.01", "33.34", "100.00", "999.99"} {
		for _, step := range []string{"0.3", "1", "2.5", "6"} {
			c := credit("odd", "7", "7", price, glabella.Date{})
			sum := usd("0.00")
			for c.Remaining.Sign() > 0 {
				take := units(step)
				if over, err := take.Cmp(c.Remaining); err != nil || over > 0 {
					take = c.Remaining
				}
				next, value, err := c.Use(take)
				if err != nil || value.Sign() < 0 {
					t.Fatalf("Use(%s) of %s = %s, %v", take, c.Remaining, value, err)
				}
				if sum, err = sum.Add(value); err != nil {
					t.Fatal(err)
				}
				left, err := next.Outstanding()
				if err != nil {
					t.Fatal(err)
				}
				if all, err := sum.Add(left); err != nil || all != usd(price) {
					t.Fatalf("at %s of 7: used %s and left %s, want %s together", next.Remaining, sum, left, price)
				}
				c = next
			}
			if sum != usd(price) {
				t.Errorf("uses of %s by %s = %s, want the price", price, step, sum)
			}
		}
	}
}

func TestUseRefuses(t *testing.T) {
	t.Parallel()
	c := credit("bank", "44", "10", "440.00", glabella.Date{})
	for _, tt := range []struct {
		name  string
		units quantity.Quantity
		want  []glabella.Code
	}{
		{"more than is left", units("10.1"), []glabella.Code{billing.CodeCreditRange}},
		{"nothing", units("0"), []glabella.Code{billing.CodeCreditRange}},
		{"less than nothing", units("-1"), []glabella.Code{billing.CodeCreditRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next, _, err := c.Use(tt.units)
			if !cmp.Equal(codes(err), tt.want) || !next.Remaining.Equal(c.Remaining) {
				t.Errorf("Use(%s) = %s left, %v, want it unchanged and %v", tt.units, next.Remaining, err, tt.want)
			}
		})
	}
	if _, _, err := c.Use(quantity.MustParse("1 [arb'U]{abobotulinumtoxinA}")); err == nil {
		t.Error("Use of units of another toxin = nil, want an error")
	}
}

func TestCreditValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Credit)
		want   []glabella.Code
	}{
		{"a paid credit is in order", func(*billing.Credit) {}, nil},
		{"a promotional one without a price is in order", func(c *billing.Credit) { c.Origin, c.Price = billing.OriginPromo, money.Amount{} }, nil},
		{"more left than granted", func(c *billing.Credit) { c.Remaining = units("44.5") }, []glabella.Code{billing.CodeCreditRange}},
		{"less than nothing left", func(c *billing.Credit) { c.Remaining = units("-1") }, []glabella.Code{billing.CodeCreditRange}},
		{"nothing granted", func(c *billing.Credit) { c.Granted, c.Remaining = units("0"), units("0") }, []glabella.Code{billing.CodeCreditRange}},
		{"units of another product", func(c *billing.Credit) { c.Product = "abobotulinumtoxinA" }, []glabella.Code{billing.CodeCreditRange}},
		{"a gift with a price", func(c *billing.Credit) { c.Origin = billing.OriginGoodwill }, []glabella.Code{glabella.CodeOutOfRange}},
		{"a negative price", func(c *billing.Credit) { c.Price = usd("-1.00") }, []glabella.Code{glabella.CodeOutOfRange}},
		{"an unknown origin", func(c *billing.Credit) { c.Origin = "found" }, []glabella.Code{glabella.CodeOutOfRange, glabella.CodeUnknownValue}},
		{"no patient", func(c *billing.Credit) { c.Patient = glabella.PatientID{} }, []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := credit("bank", "44", "44", "440.00", glabella.Date{})
			tt.change(&c)
			if got := sortedCodes(c.Validate()); !cmp.Equal(got, tt.want) {
				t.Errorf("Validate = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	terms := *serviceOf(t, "bank-44").Bank
	inv := issue(t, draft("sale", flat("bank-44"), flat("consult")))
	got, ok := inv.Grant(inv.Lines[0], terms, id[glabella.CreditID]("sold"))
	want := billing.Credit{
		ID: id[glabella.CreditID]("sold"), Patient: inv.Patient, Origin: billing.OriginPaid, Product: "onabotulinumtoxinA", Granted: units("44"), Remaining: units("44"),
		Price: usd("440.00"), ExpiresOn: glabella.MustParseDate("2027-11-23"), Invoice: inv.ID, Line: inv.Lines[0].ID, GrantedOn: monday,
	}
	if diff := cmp.Diff(want, got, amounts); !ok || diff != "" {
		t.Errorf("Grant = %t (-want +got):\n%s", ok, diff)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("Validate of what was granted = %v", err)
	}
	if _, ok := inv.Grant(inv.Lines[1], terms, id[glabella.CreditID]("none")); ok {
		t.Error("Grant of a consultation = true, want false")
	}
	d := draft("bargain", flat("bank-7"))
	d.Discounts = []billing.Discount{{Code: "friends", Percent: number("50")}}
	inv = issue(t, d)
	got, ok = inv.Grant(inv.Lines[0], *serviceOf(t, "bank-7").Bank, id[glabella.CreditID]("bargain"))
	if !ok || got.Price != usd("16.67") || !got.ExpiresOn.IsZero() {
		t.Errorf("Grant at half price = %s until %q, want USD 16.67 without tax and no expiry", got.Price, got.ExpiresOn)
	}
}
