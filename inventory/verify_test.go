package inventory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestVerifyFindsEveryDifference(t *testing.T) {
	t.Parallel()
	type books struct {
		movements []inventory.Movement
		balances  []inventory.Balance
		vials     []inventory.Vial
	}
	for _, tt := range []struct {
		name   string
		change func(*books)
		want   func(books) []string
	}{
		{name: "books that agree have no issues"},
		{name: "a balance with more on hand", change: func(b *books) { b.balances[0].OnHand = units("281") },
			want: func(b books) []string {
				return []string{fmt.Sprintf("/balances/%s/onHand inventory.verify.balance", b.balances[0].ID)}
			}},
		{name: "a balance with fewer unopened", change: func(b *books) { b.balances[0].Sealed = 1 },
			want: func(b books) []string {
				return []string{fmt.Sprintf("/balances/%s/sealed inventory.verify.balance", b.balances[0].ID)}
			}},
		{name: "a balance with more set aside", change: func(b *books) { b.balances[0].Held = 1 },
			want: func(b books) []string {
				return []string{fmt.Sprintf("/balances/%s/held inventory.verify.balance", b.balances[0].ID)}
			}},
		{name: "a balance that is gone", change: func(b *books) { b.balances = nil },
			want: func(b books) []string {
				return []string{fmt.Sprintf("/balances/%s inventory.verify.balance", inventory.BalanceIDOf(b.movements[0].Lot, site))}
			}},
		{name: "a vial with more left", change: func(b *books) { b.vials[0].Remaining = units("81") },
			want: func(b books) []string {
				return []string{fmt.Sprintf("/vials/%s/remaining inventory.verify.vial", b.vials[0].ID)}
			}},
		{name: "a vial that is gone", change: func(b *books) { b.vials = nil },
			want: func(b books) []string {
				return []string{
					fmt.Sprintf("/movements/%s/vial inventory.verify.vial", movementID("d")),
					fmt.Sprintf("/movements/%s/vial inventory.verify.vial", movementID("open")),
				}
			}},
		{name: "a dose that is gone", change: func(b *books) { b.movements = b.movements[:2] },
			want: func(b books) []string {
				return []string{
					fmt.Sprintf("/balances/%s/onHand inventory.verify.balance", b.balances[0].ID),
					fmt.Sprintf("/vials/%s/remaining inventory.verify.vial", b.vials[0].ID),
				}
			}},
		{name: "a vial that was never opened", change: func(b *books) {
			b.movements = append(b.movements[:1], b.movements[2])
		}, want: func(b books) []string {
			return []string{
				fmt.Sprintf("/balances/%s/sealed inventory.verify.balance", b.balances[0].ID),
				fmt.Sprintf("/vials/%s inventory.verify.vial", b.vials[0].ID),
			}
		}},
		{name: "a movement in units of another toxin", change: func(b *books) {
			m := b.movements[2]
			m.ID, m.Quantity = movementID("mixed"), quantity.MustParse("-20 [arb'U]{abobotulinumtoxinA}")
			b.movements = append(b.movements, m)
		}, want: func(books) []string {
			return []string{
				fmt.Sprintf("/movements/%s inventory.verify.unit", movementID("mixed")),
				fmt.Sprintf("/movements/%s inventory.verify.unit", movementID("mixed")),
			}
		}},
		{name: "stock below nothing", change: func(b *books) {
			m := b.movements[2]
			m.ID, m.Kind, m.Vial, m.Quantity, m.Containers, m.Reason = movementID("lost"), inventory.MovementWaste, glabella.VialID{}, units("-300"), -3, inventory.ReasonLost
			b.movements = append(b.movements, m)
			b.balances[0].OnHand, b.balances[0].Sealed = units("-20"), -1
		}, want: func(b books) []string {
			return []string{fmt.Sprintf("/balances/%s inventory.verify.negative", b.balances[0].ID)}
		}},
		{name: "a dose taken back twice, and another that was never made", change: func(b *books) {
			for _, name := range []string{"back", "twice", "never"} {
				m, err := inventory.Reverse(b.movements[2], reversal(name))
				if err != nil {
					t.Fatal(err)
				}
				if name == "never" {
					m.Reverses = movementID("nothing")
				}
				b.movements = append(b.movements, m)
			}
			b.balances[0].OnHand, b.vials[0].Remaining = units("340"), units("140")
		}, want: func(books) []string {
			return []string{
				fmt.Sprintf("/movements/%s/reverses inventory.verify.reversal", movementID("never")),
				fmt.Sprintf("/movements/%s/reverses inventory.verify.reversal", movementID("twice")),
			}
		}},
		{name: "fewer than no unopened containers", change: func(b *books) {
			m := b.movements[2]
			m.ID, m.Kind, m.Vial, m.Quantity, m.Containers, m.Reason = movementID("lost"), inventory.MovementWaste, glabella.VialID{}, units("-1"), -3, inventory.ReasonLost
			b.movements = append(b.movements, m)
			b.balances[0].OnHand, b.balances[0].Sealed = units("279"), -1
		}, want: func(b books) []string {
			return []string{fmt.Sprintf("/balances/%s inventory.verify.negative", b.balances[0].ID)}
		}},
		{name: "a dose taken back outside its vial", change: func(b *books) {
			m, err := inventory.Reverse(b.movements[2], reversal("back"))
			if err != nil {
				t.Fatal(err)
			}
			m.Vial = glabella.VialID{}
			b.movements = append(b.movements, m)
			b.balances[0].OnHand = units("300")
		}, want: func(books) []string {
			return []string{fmt.Sprintf("/movements/%s/reverses inventory.verify.reversal", movementID("back"))}
		}},
		{name: "a reversal taken back", change: func(b *books) {
			m, err := inventory.Reverse(b.movements[2], reversal("back"))
			if err != nil {
				t.Fatal(err)
			}
			again := b.movements[2]
			again.ID, again.Reverses = movementID("again"), m.ID
			b.movements = append(b.movements, m, again)
		}, want: func(books) []string {
			return []string{fmt.Sprintf("/movements/%s/reverses inventory.verify.reversal", movementID("again"))}
		}},
		{name: "a dose taken back by less", change: func(b *books) {
			m, err := inventory.Reverse(b.movements[2], reversal("back"))
			if err != nil {
				t.Fatal(err)
			}
			m.Quantity = units("19")
			b.movements = append(b.movements, m)
			b.balances[0].OnHand, b.vials[0].Remaining = units("299"), units("99")
		}, want: func(books) []string {
			return []string{fmt.Sprintf("/movements/%s/reverses inventory.verify.reversal", movementID("back"))}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, b, opened := ready(t)
			v, b, given, err := v.Draw(draw("d", use(r.Lot, "20", ann, morning), b))
			if err != nil {
				t.Fatal(err)
			}
			books := books{[]inventory.Movement{r.Movement, opened, given}, []inventory.Balance{b}, []inventory.Vial{v}}
			var want []string
			if tt.change != nil {
				tt.change(&books)
				want = tt.want(books)
			}
			var got []string
			for _, i := range inventory.Verify(books.movements, books.balances, books.vials) {
				got = append(got, fmt.Sprintf("%s %s", i.Path, i.Code))
			}
			if d := cmp.Diff(sortedStrings(want), sortedStrings(got)); d != "" {
				t.Errorf("Verify() (-want +got):\n%s", d)
			}
		})
	}
}

// sortedStrings returns a sorted copy.
func sortedStrings(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
