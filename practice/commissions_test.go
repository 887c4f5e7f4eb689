package practice_test

import (
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestCommissionsFollowTheBooks(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	plan := func(code string, base billing.CommissionBase) billing.CommissionPlan {
		return billing.CommissionPlan{ID: glabella.DeriveID[glabella.CommissionPlanID](code), Code: code, Base: base, Tiers: []billing.CommissionTier{{From: usd("0.00"), Rate: quantity.MustParseNumber("0.10")}}}
	}
	must[practice.SetUpDone](t)(c.SetUp(ctx, c.Owner, practice.SetUp{Commissions: []billing.CommissionPlan{plan("net", billing.CommissionOnNet), plan("margin", billing.CommissionOnMargin)}}))
	v := must[practicetest.Visit](t)(c.Visit(ctx, 1))
	of := func(who glabella.Actor, code string) billing.CommissionStatement {
		t.Helper()
		return must[billing.CommissionStatement](t)(c.CommissionOf(ctx, c.Biller, practice.CommissionOf{Staff: staffID(who), Plan: code}))
	}
	// 50 units from the bank are worth USD 600.00, and 14 more cost USD 196.00.
	if s := of(c.Nurse, "net"); s.Base != usd("796.00") || s.Amount != usd("79.60") {
		t.Errorf("the nurse's month = %s on %s, want USD 79.60 on USD 796.00", s.Amount, s.Base)
	}
	// 64 of 100 units at USD 420.00 cost USD 268.80.
	if s := of(c.Nurse, "margin"); s.Base != usd("527.20") {
		t.Errorf("less what was used up the base is %s, want USD 527.20", s.Base)
	}
	line := v.Lines[len(v.Lines)-1]
	split := practice.SplitCommission{Invoice: v.Invoice, Line: line, Reason: "assisted", Shares: []billing.CommissionShare{{Staff: staffID(c.Nurse), Weight: 3}, {Staff: staffID(c.Director), Weight: 1}}}
	if _, err := c.SplitCommission(ctx, c.Desk, split); !denied(err) {
		t.Errorf("the front desk splits commissions: %v", err)
	}
	must[practice.CommissionSplitDone](t)(c.SplitCommission(ctx, c.Biller, split))
	if n, d := of(c.Nurse, "net"), of(c.Director, "net"); n.Base != usd("747.00") || d.Base != usd("49.00") {
		t.Errorf("shared: %s and %s, want USD 747.00 and USD 49.00", n.Base, d.Base)
	}
	must[practice.CheckedOut](t)(c.CorrectInvoice(ctx, c.Biller, practice.CorrectInvoice{Invoice: v.Invoice, Line: line, Quantity: quantity.MustParseNumber("0"), Reason: "charged-in-error", Refund: true}))
	if n, d := of(c.Nurse, "net"), of(c.Director, "net"); n.Amount != usd("60.00") || !d.Amount.IsZero() {
		t.Errorf("after the refund: %s and %s, want USD 60.00 and nothing", n.Amount, d.Amount)
	}
	_, err := c.CommissionOf(ctx, c.Biller, practice.CommissionOf{Staff: staffID(c.Nurse), Plan: "gross"})
	invalidAt(t, err, "/plan", practice.CodeCommissionPlan)
	split.Line = glabella.DeriveID[glabella.LineID]("none")
	_, err = c.SplitCommission(ctx, c.Biller, split)
	invalidAt(t, err, "/line", billing.CodeLineUnknown)
}
