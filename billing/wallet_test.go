package billing_test

import (
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella/billing"
)

// enum is a type of text constants with a lister.
type enum interface {
	~string
	Valid() bool
}

func checkEnum[E enum](t *testing.T, all []E) {
	t.Helper()
	for i, e := range all {
		if e == "" || !e.Valid() || slices.Contains(all[:i], e) {
			t.Errorf("%T %q is empty, not valid or listed twice", e, e)
		}
	}
	if E("").Valid() || E("other").Valid() || len(all) == 0 {
		t.Errorf("%T accepts what is not listed", E(""))
	}
}

func TestPrepaidEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, billing.LotKinds())
	checkEnum(t, billing.LotOrigins())
	checkEnum(t, billing.CreditMovementKinds())
	checkEnum(t, billing.Purposes())
	checkEnum(t, billing.RedeemOrders())
	checkEnum(t, billing.VoucherPolicies())
	checkEnum(t, billing.CreditRefundBases())
	checkEnum(t, billing.BreakagePolicies())
	checkEnum(t, billing.GiftCardTaxes())
	checkEnum(t, billing.MembershipStates())
	checkEnum(t, billing.MissedPolicies())
	checkEnum(t, billing.RolloverKinds())
	checkEnum(t, billing.FreezeModes())
	checkEnum(t, billing.TermStates())
	checkEnum(t, billing.ActionKinds())
	for _, s := range billing.MembershipMachine().States() {
		if !s.Valid() {
			t.Errorf("the table has state %q, which is not listed", s)
		}
	}
}
