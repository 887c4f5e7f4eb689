package billing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
)

func card(amount string) billing.GiftCardSale {
	return billing.GiftCardSale{ID: id[glabella.GiftCardID]("card"), Holder: id[glabella.PatientID]("P-0001"), Amount: usd(amount), TaxPoint: billing.MultiPurpose, Moved: on(monday), NewID: ids[glabella.CreditLotID]("card")}
}

func TestSellGiftCard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		change            func(*billing.GiftCardSale)
		price, tax, value string
		lots              []string
	}{
		{"a card that is taxed on what it buys", func(*billing.GiftCardSale) {}, "100.00", "0.00", "100.00", []string{"paid USD 100.00"}},
		{"what is added for nothing is promotional", func(s *billing.GiftCardSale) { s.Bonus = usd("20.00") }, "100.00", "0.00", "100.00", []string{"paid USD 100.00", "promo USD 0.00"}},
		{"tax is within the price", func(s *billing.GiftCardSale) {
			s.TaxPoint, s.TaxInclusive, s.Rate, s.Rounding = billing.SinglePurpose, true, number("0.10"), money.HalfUp
		}, "100.00", "9.09", "90.91", []string{"paid USD 90.91"}},
		{"tax is within the price, and the value rounded down", func(s *billing.GiftCardSale) {
			s.TaxPoint, s.TaxInclusive, s.Rate, s.Rounding = billing.SinglePurpose, true, number("0.10"), money.Down
		}, "100.00", "9.10", "90.90", []string{"paid USD 90.90"}},
		{"tax is on top of the price", func(s *billing.GiftCardSale) {
			s.TaxPoint, s.Rate, s.Rounding = billing.SinglePurpose, number("0.10"), money.HalfUp
		}, "110.00", "10.00", "100.00", []string{"paid USD 100.00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := card("100.00")
			tt.change(&s)
			g, lots, err := billing.SellGiftCard(s)
			if err != nil {
				t.Fatal(err)
			}
			if g.Price != usd(tt.price) || g.Tax != usd(tt.tax) || g.Value != usd(tt.value) {
				t.Errorf("price %s, tax %s, value %s, want %s, %s, %s", g.Price, g.Tax, g.Value, tt.price, tt.tax, tt.value)
			}
			var got []string
			for i, l := range lots {
				got = append(got, string(l.Origin)+" "+l.Price.String())
				if g.Lots[i] != l.ID || l.Source.GiftCard != g.ID {
					t.Errorf("lot %d and the card do not name each other", i)
				}
			}
			if diff := cmp.Diff(tt.lots, got); diff != "" {
				t.Errorf("lots (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGiftCardPaysNoTipAndNeverMoreThanItHas(t *testing.T) {
	t.Parallel()
	_, lots, err := billing.SellGiftCard(card("50.00"))
	if err != nil {
		t.Fatal(err)
	}
	f := wantToxin("1", lots...)
	f.Want = billing.Want{Kind: billing.MoneyLot, Purpose: billing.ForProduct, Quantity: billing.CreditOf(usd("60.00")), Currency: "USD"}
	r := preview(t, f)
	if len(r.Takes) != 1 || r.Takes[0].Value != usd("50.00") || r.Excess.Value().String() != "10" {
		t.Errorf("Preview of 60.00 on a card of 50.00 = %+v, want 50.00 and 10 to charge", r)
	}
	if _, _, err := lots[0].Redeem(billing.CreditOf(usd("50.01")), on(monday)); !hasCode(err, billing.CodeLotRange) {
		t.Errorf("Redeem of more than the card has = %v, want %s", err, billing.CodeLotRange)
	}
	for _, p := range []billing.Purpose{billing.ForTip, billing.ForGiftCard} {
		f.Want.Purpose = p
		if r := preview(t, f); len(r.Takes) > 0 || !r.Unusable[0].Decision.Has(billing.CodeRedeemPurpose) {
			t.Errorf("a gift card pays for a %s: %+v", p, r)
		}
	}
	f.Want.Purpose, f.Want.Currency = billing.ForProduct, "EUR"
	if r := preview(t, f); len(r.Takes) > 0 {
		t.Errorf("a card in dollars pays euros: %+v", r)
	}
}

func TestGiftCardIssues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.GiftCardSale)
		code   glabella.Code
	}{
		{"nothing is paid", func(s *billing.GiftCardSale) { s.Amount = usd("0.00") }, glabella.CodeOutOfRange},
		{"a bonus in another currency", func(s *billing.GiftCardSale) { s.Bonus = money.MustParse("EUR 1.00") }, glabella.CodeOutOfRange},
		{"a multi-purpose card with a rate", func(s *billing.GiftCardSale) { s.Rate = number("0.10") }, billing.CodeGiftCardValue},
		{"a tax without a rounding", func(s *billing.GiftCardSale) { s.TaxPoint = billing.SinglePurpose }, glabella.CodeUnknownValue},
		{"no tax point", func(s *billing.GiftCardSale) { s.TaxPoint = "" }, glabella.CodeUnknownValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := card("100.00")
			tt.change(&s)
			if _, _, err := billing.SellGiftCard(s); !hasCode(err, tt.code) {
				t.Errorf("SellGiftCard = %v, want %s", err, tt.code)
			}
		})
	}
	g, _, err := billing.SellGiftCard(card("100.00"))
	if err != nil {
		t.Fatal(err)
	}
	g.Value = usd("120.00")
	if err := g.Validate(); !hasCode(err, billing.CodeGiftCardValue) {
		t.Errorf("Validate of a card above its price = %v, want %s", err, billing.CodeGiftCardValue)
	}
}

func TestEvaluateGiftCard(t *testing.T) {
	t.Parallel()
	five := monday.Add(glabella.Period{Years: 5})
	for _, tt := range []struct {
		name, jurisdiction string
		expires            glabella.Date
		want               glabella.Outcome
	}{
		{"five years", "US-TX", five, glabella.Allow},
		{"a day less", "US-TX", five.AddDays(-1), glabella.Warn},
		{"without end", "US", glabella.Date{}, glabella.Allow},
		{"a day less elsewhere", "FR", five.AddDays(-1), glabella.Allow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := card("100.00")
			s.ExpiresOn, s.Bonus, s.BonusExpiresOn = tt.expires, usd("20.00"), tuesday
			g, lots, err := billing.SellGiftCard(s)
			if err != nil {
				t.Fatal(err)
			}
			d, err := billing.EvaluateGiftCard(g, lots, tt.jurisdiction)
			if err != nil || d.Outcome != tt.want {
				t.Errorf("EvaluateGiftCard = %v, %v, want %s", d, err, tt.want)
			}
			for _, r := range d.Reasons {
				if r.Code != billing.CodeGiftCardExpiry || r.Source != "12 CFR 1005.20" {
					t.Errorf("reason = %+v, want the federal rule", r)
				}
			}
		})
	}
}
