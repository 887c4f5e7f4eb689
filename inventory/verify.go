package inventory

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of differences between stock and its movements.
const (
	// CodeVerifyBalance says that a balance is not the sum of its movements.
	CodeVerifyBalance glabella.Code = "inventory.verify.balance"
	// CodeVerifyNegative says that the movements of a balance sum to less than nothing.
	CodeVerifyNegative glabella.Code = "inventory.verify.negative"
	// CodeVerifyVial says that what was drawn, wasted and is left of a container is not its nominal content.
	CodeVerifyVial glabella.Code = "inventory.verify.vial"
	// CodeVerifyReversal says that a movement is taken back twice, not by its exact opposite, or without being there.
	CodeVerifyReversal glabella.Code = "inventory.verify.reversal"
	// CodeVerifyUnit says that movements of one lot or container are in different units or of different products.
	CodeVerifyUnit glabella.Code = "inventory.verify.unit"
)

// Verify compares the balances and the opened containers with all the movements
// that were ever made, and reports every difference: a balance that is not the sum
// of its movements or below nothing, a container whose content is not accounted
// for, and a movement that was taken back wrongly. Paths are by identity:
// /balances/<id>/onHand. It is for audits; nothing that the verbs of this package
// return gives an issue.
func Verify(movements []Movement, balances []Balance, vials []Vial) []glabella.Issue {
	issues := verifyBalances(movements, balances)
	issues = append(issues, verifyVials(movements, vials)...)
	issues = append(issues, verifyReversals(movements)...)
	slices.SortStableFunc(issues, func(a, b glabella.Issue) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code))
	})
	return issues
}

func differs(path string, code glabella.Code, text, have, want string) glabella.Issue {
	return glabella.Issue{Path: path, Code: code, Text: text, Args: map[string]string{"have": have, "want": want}}
}

func verifyBalances(movements []Movement, balances []Balance) []glabella.Issue {
	var issues []glabella.Issue
	sums := map[glabella.BalanceID]Balance{}
	for _, m := range movements {
		id := BalanceIDOf(m.Lot, m.Site)
		next, err := sums[id].add(m)
		if err != nil {
			issues = append(issues, glabella.Issue{Path: "/movements/" + m.ID.String(), Code: CodeVerifyUnit, Text: "cannot be summed with the lot's other movements"})
			continue
		}
		sums[id] = next
	}
	for _, b := range balances {
		want := sums[b.ID]
		delete(sums, b.ID)
		path := "/balances/" + b.ID.String()
		if !b.OnHand.Equal(want.OnHand) {
			issues = append(issues, differs(path+"/onHand", CodeVerifyBalance, "the amount on hand is not the sum of the movements", b.OnHand.String(), want.OnHand.String()))
		}
		if b.Sealed != want.Sealed {
			issues = append(issues, differs(path+"/sealed", CodeVerifyBalance, "the unopened containers are not the sum of the movements", strconv.Itoa(b.Sealed), strconv.Itoa(want.Sealed)))
		}
		if b.Held != want.Held {
			issues = append(issues, differs(path+"/held", CodeVerifyBalance, "the containers set aside are not the sum of the movements", strconv.Itoa(b.Held), strconv.Itoa(want.Held)))
		}
		if want.OnHand.Sign() < 0 || want.Sealed < 0 || want.Held < 0 {
			issues = append(issues, glabella.Issue{Path: path, Code: CodeVerifyNegative, Text: "the movements sum to less than nothing"})
		}
	}
	for id, want := range sums {
		issues = append(issues, differs("/balances/"+id.String(), CodeVerifyBalance, "there are movements and no balance", "", want.OnHand.String()))
	}
	return issues
}

func verifyVials(movements []Movement, vials []Vial) []glabella.Issue {
	var issues []glabella.Issue
	known := make(map[glabella.VialID]bool, len(vials))
	for _, v := range vials {
		known[v.ID] = true
	}
	out := map[glabella.VialID]quantity.Quantity{}
	opened := map[glabella.VialID]int{}
	for _, m := range movements {
		if m.Vial.IsZero() {
			continue
		}
		if !known[m.Vial] {
			issues = append(issues, glabella.Issue{Path: "/movements/" + m.ID.String() + "/vial", Code: CodeVerifyVial, Text: "the container is not on record"})
			continue
		}
		sum, err := out[m.Vial].Sub(m.Quantity)
		if err != nil {
			issues = append(issues, glabella.Issue{Path: "/movements/" + m.ID.String(), Code: CodeVerifyUnit, Text: "cannot be summed with the container's other movements"})
			continue
		}
		out[m.Vial] = sum
		if m.Kind == MovementOpen {
			opened[m.Vial] -= m.Containers
		}
	}
	for _, v := range vials {
		path := "/vials/" + v.ID.String()
		total, err := out[v.ID].Add(v.Remaining)
		if err != nil || !total.Equal(v.Nominal) {
			issues = append(issues, differs(path+"/remaining", CodeVerifyVial, "drawn, wasted and left are not the nominal content", total.String(), v.Nominal.String()))
		}
		want := 1
		if v.State == VialVoided {
			want = 0
		}
		if opened[v.ID] != want {
			issues = append(issues, differs(path, CodeVerifyVial, "the openings on record do not fit the state", strconv.Itoa(opened[v.ID]), strconv.Itoa(want)))
		}
	}
	return issues
}

func verifyReversals(movements []Movement) []glabella.Issue {
	var issues []glabella.Issue
	byID := make(map[glabella.MovementID]Movement, len(movements))
	for _, m := range movements {
		byID[m.ID] = m
	}
	taken := map[glabella.MovementID]bool{}
	for _, m := range movements {
		if m.Reverses.IsZero() {
			continue
		}
		path := "/movements/" + m.ID.String() + "/reverses"
		first, ok := byID[m.Reverses]
		switch {
		case !ok:
			issues = append(issues, glabella.Issue{Path: path, Code: CodeVerifyReversal, Text: "the movement that is taken back is not there"})
		case taken[m.Reverses]:
			issues = append(issues, glabella.Issue{Path: path, Code: CodeVerifyReversal, Text: "the movement is taken back twice"})
		case first.Kind != m.Kind || first.Lot != m.Lot || first.Site != m.Site || first.Vial != m.Vial ||
			!first.Quantity.Equal(m.Quantity.Neg()) || first.Containers != -m.Containers || !first.Reverses.IsZero():
			issues = append(issues, glabella.Issue{Path: path, Code: CodeVerifyReversal, Text: "not the exact opposite of the movement"})
		}
		taken[m.Reverses] = true
	}
	return issues
}
