package billing

import (
	"fmt"
	"math"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// VoucherPolicy says how the price of a package is shared among its groups of
// vouchers.
type VoucherPolicy string

// The policies.
const (
	// StandAlone shares in proportion to what each group costs on its own (the
	// relative stand-alone selling prices of ASC 606-10-32-31).
	StandAlone VoucherPolicy = "standalone"
	// EqualGroups gives each group the same share, whatever is in it.
	EqualGroups VoucherPolicy = "equal-groups"
	// Explicit takes the shares that the package states.
	Explicit VoucherPolicy = "explicit"
)

// VoucherPolicies returns every policy.
func VoucherPolicies() []VoucherPolicy { return []VoucherPolicy{StandAlone, EqualGroups, Explicit} }

// Valid reports whether p is one of [VoucherPolicies].
func (p VoucherPolicy) Valid() bool { return slices.Contains(VoucherPolicies(), p) }

// VoucherGroup is a number of alike vouchers.
type VoucherGroup struct {
	Count      int
	StandAlone money.Amount // the list price of all of the group
	Explicit   money.Amount // the stated share of all of the group
}

// CodeVoucherShares says that the stated shares of a package do not sum to its price, or there is nothing to share by.
const CodeVoucherShares glabella.Code = "billing.voucher.shares"

// AllocateVouchers shares a price among groups of vouchers and returns the share
// of each group. The shares sum to the price exactly; cents that do not divide go
// by largest remainder. What one voucher is worth within its group is what a lot
// of that many computes as they are redeemed: 100.00 for groups of four and two
// is 50.00 and 50.00 by equal groups, so 12.50 and 25.00 a voucher.
func AllocateVouchers(price money.Amount, groups []VoucherGroup, policy VoucherPolicy) ([]money.Amount, error) {
	if len(groups) == 0 || !policy.Valid() || price.Sign() < 0 {
		return nil, sharesIssue("/groups", "a price that is not negative is shared among groups by one of the policies")
	}
	weights := make([]int64, len(groups))
	for i, g := range groups {
		if g.Count <= 0 {
			return nil, sharesIssue(fmt.Sprintf("/groups/%d/count", i), "is more than nothing")
		}
		share := g.StandAlone
		if policy == Explicit {
			share = g.Explicit
		}
		if policy == EqualGroups {
			weights[i] = 1
			continue
		}
		if share.Sign() < 0 || share.Currency() != price.Currency() && !share.IsZero() {
			return nil, sharesIssue(fmt.Sprintf("/groups/%d", i), "is in the currency of the price and not negative")
		}
		weights[i] = share.Minor()
	}
	if policy != Explicit {
		if !slices.ContainsFunc(weights, func(w int64) bool { return w > 0 }) {
			return nil, sharesIssue("/groups", "no group has a price of its own")
		}
		return price.Allocate(weights...)
	}
	out, sum := make([]money.Amount, len(groups)), int64(0)
	for i, w := range weights {
		if sum > math.MaxInt64-w {
			return nil, sharesIssue("/groups", "the shares are too much")
		}
		sum += w
		out[i] = money.New(w, price.Currency())
	}
	if sum != price.Minor() {
		return nil, sharesIssue("/groups", "the shares do not sum to the price")
	}
	return out, nil
}

func sharesIssue(path, text string) error {
	return glabella.Invalid("vouchers", glabella.Issue{Path: path, Code: CodeVoucherShares, Text: text})
}
