package inventory_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// clinic holds the stock that random commands work on.
type clinic struct {
	rng       *rand.Rand
	now       time.Time
	lots      map[glabella.LotID]inventory.Lot
	balances  map[glabella.BalanceID]inventory.Balance
	vials     map[glabella.VialID]inventory.Vial
	movements []inventory.Movement
	done      map[inventory.MovementKind]int
	reversed  int
}

func (c *clinic) id() glabella.MovementID {
	return movementID(fmt.Sprintf("movement %d", len(c.movements)))
}

func pickOne[K comparable, V any](rng *rand.Rand, m map[K]V, less func(a, b V) int) (V, bool) {
	var zero V
	if len(m) == 0 {
		return zero, false
	}
	all := slices.SortedFunc(maps.Values(m), less)
	return all[rng.Intn(len(all))], true
}

func (c *clinic) balance() (inventory.Balance, bool) {
	return pickOne(c.rng, c.balances, func(a, b inventory.Balance) int { return slices.Compare(a.ID[:], b.ID[:]) })
}

func (c *clinic) vial() (inventory.Vial, bool) {
	return pickOne(c.rng, c.vials, func(a, b inventory.Vial) int { return slices.Compare(a.ID[:], b.ID[:]) })
}

// store keeps what a command gave, unless it was refused.
func (c *clinic) store(b inventory.Balance, v *inventory.Vial, m inventory.Movement) {
	c.balances[b.ID] = b
	if v != nil {
		c.vials[v.ID] = *v
	}
	c.movements = append(c.movements, m)
	c.done[m.Kind]++
	if !m.Reverses.IsZero() {
		c.reversed++
	}
}

// step runs one random command. Commands may be impossible; then they are
// refused and change nothing.
func (c *clinic) step() error {
	c.now = c.now.Add(time.Duration(c.rng.Intn(90)) * time.Minute)
	switch c.rng.Intn(8) {
	case 0:
		number := fmt.Sprintf("lot %d", c.rng.Intn(4))
		d := delivery(toxin(), number, 1+c.rng.Intn(3))
		d.ID, d.At, d.Site = c.id(), c.now, []glabella.SiteID{site, glabella.DeriveID[glabella.SiteID]("second site")}[c.rng.Intn(2)]
		d.Lot = c.lots[d.NewLot]
		d.Balance = c.balances[inventory.BalanceIDOf(d.NewLot, d.Site)]
		r, err := inventory.Receive(d)
		if err != nil {
			return err
		}
		c.lots[r.Lot.ID] = r.Lot
		c.store(r.Balance, nil, r.Movement)
	case 1:
		b, ok := c.balance()
		if !ok {
			return nil
		}
		v, b, m, err := inventory.Open(toxin(), c.lots[b.Lot], b, inventory.Opening{
			Vial: glabella.DeriveID[glabella.VialID](fmt.Sprint(len(c.movements))), Movement: c.id(), By: nurse, At: c.now})
		if err != nil {
			return err
		}
		c.store(b, &v, m)
	case 2:
		v, ok := c.vial()
		if !ok {
			return nil
		}
		rec := reconstitution(toxin(), c.lots[v.Lot], "2.5 mL")
		rec.At = c.now
		v, err := v.Reconstitute(rec)
		if err != nil {
			return err
		}
		c.vials[v.ID] = v
	case 3, 4:
		v, ok := c.vial()
		if !ok {
			return nil
		}
		qty := quantity.New(decimal.New(int64(c.rng.Intn(1000)), -1), v.Nominal.Unit())
		if c.rng.Intn(3) == 0 {
			qty = v.Remaining
		}
		u := inventory.Use{Lot: c.lots[v.Lot], Product: toxin(), Patient: []glabella.PatientID{ann, ben}[c.rng.Intn(2)], Quantity: qty, At: c.now}
		v, b, m, err := v.Draw(inventory.Draw{Use: u, ID: c.id(), Balance: c.balances[inventory.BalanceIDOf(v.Lot, v.Site)], By: nurse})
		if err != nil {
			return err
		}
		c.store(b, &v, m)
	case 5:
		v, ok := c.vial()
		if !ok {
			return nil
		}
		v, b, m, err := v.Discard(inventory.Discard{ID: c.id(), Balance: c.balances[inventory.BalanceIDOf(v.Lot, v.Site)], Reason: inventory.ReasonUnused, By: nurse, At: c.now})
		if err != nil {
			return err
		}
		c.store(b, &v, m)
	case 6:
		b, ok := c.balance()
		if !ok {
			return nil
		}
		kind := []inventory.MovementKind{inventory.MovementWaste, inventory.MovementAdjust, inventory.MovementReturn}[c.rng.Intn(3)]
		b, m, err := b.Change(toxin(), inventory.StockChange{ID: c.id(), Kind: kind, Containers: c.rng.Intn(5) - 3, Reason: inventory.ReasonRecount, By: nurse, At: c.now})
		if err != nil {
			return err
		}
		c.store(b, nil, m)
	case 7:
		if len(c.movements) == 0 {
			return nil
		}
		m := c.movements[c.rng.Intn(len(c.movements))]
		if inventory.Reversed(c.movements, m.ID) {
			return nil
		}
		back, err := inventory.Reverse(m, inventory.Reversal{ID: c.id(), By: other, At: c.now, Reason: inventory.ReasonEnteredInError})
		if err != nil {
			return err
		}
		b, err := c.balances[inventory.BalanceIDOf(m.Lot, m.Site)].Apply(back)
		if err != nil {
			return err
		}
		if m.Vial.IsZero() {
			c.store(b, nil, back)
			return nil
		}
		v, err := c.vials[m.Vial].Restore(back)
		if err != nil {
			return err
		}
		c.store(b, &v, back)
	}
	return nil
}

func TestRandomHistoriesKeepTheBooks(t *testing.T) {
	t.Parallel()
	done, reversed := map[inventory.MovementKind]int{}, 0
	for seed := range int64(40) {
		c := &clinic{rng: rand.New(rand.NewSource(seed)), now: morning, done: done,
			lots: map[glabella.LotID]inventory.Lot{}, balances: map[glabella.BalanceID]inventory.Balance{}, vials: map[glabella.VialID]inventory.Vial{}}
		for step := range 250 {
			if err := c.step(); err != nil && !errors.Is(err, glabella.ErrRefused) && !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		reversed += c.reversed

		var records []interface{ Validate() error }
		total := map[glabella.BalanceID]quantity.Quantity{}
		for _, v := range c.vials {
			records = append(records, v)
			if v.State != inventory.VialVoided {
				id := inventory.BalanceIDOf(v.Lot, v.Site)
				sum, err := total[id].Add(v.Remaining)
				if err != nil {
					t.Fatal(err)
				}
				total[id] = sum
			}
		}
		for _, b := range c.balances {
			records = append(records, b)
			sum, err := total[b.ID].Add(toxin().Nominal.Scale(decimal.NewFromInt(int64(b.Sealed))))
			if err != nil {
				t.Fatal(err)
			}
			if !sum.Equal(b.OnHand) {
				t.Errorf("seed %d: %s on hand, want %s in opened and unopened containers", seed, b.OnHand, sum)
			}
		}
		for _, m := range c.movements {
			records = append(records, m)
		}
		for _, r := range records {
			if err := r.Validate(); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}

		shuffled := slices.Clone(c.movements)
		c.rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		folded, err := inventory.Fold(shuffled)
		if err != nil {
			t.Fatalf("seed %d: Fold() = %v, want no error", seed, err)
		}
		if d := cmp.Diff(c.balances, folded); d != "" {
			t.Errorf("seed %d: Fold() (-live +folded):\n%s", seed, d)
		}
		if issues := inventory.Verify(c.movements, slices.Collect(maps.Values(c.balances)), slices.Collect(maps.Values(c.vials))); issues != nil {
			t.Errorf("seed %d: Verify() = %v, want nothing", seed, issues)
		}
	}
	for _, k := range []inventory.MovementKind{inventory.MovementReceive, inventory.MovementOpen, inventory.MovementAdminister, inventory.MovementWaste, inventory.MovementAdjust, inventory.MovementReturn} {
		if done[k] < 20 {
			t.Errorf("the histories have %d movements of kind %s, want more for the test to mean something", done[k], k)
		}
	}
	if reversed < 20 {
		t.Errorf("the histories have %d reversals, want more for the test to mean something", reversed)
	}
}

func TestFoldRefusesMixedUnits(t *testing.T) {
	t.Parallel()
	m := stock(t, toxin(), "T1", 1).Movement
	n := m
	n.Quantity = quantity.MustParse("1 mL")
	if _, err := inventory.Fold([]inventory.Movement{m, n}); !errors.As(err, new(*quantity.UnitError)) {
		t.Errorf("Fold(mixed) = %v, want a UnitError", err)
	}
}
