package inventory_test

import (
	"bytes"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func byID[I ~[16]byte](a, b I) int {
	p, q := [16]byte(a), [16]byte(b)
	return bytes.Compare(p[:], q[:])
}

// sortedOnce returns the IDs sorted, each once, without the zero ID.
func sortedOnce[I glabella.Identity](ids []I) []I {
	var zero I
	ids = slices.DeleteFunc(slices.Clone(ids), func(id I) bool { return id == zero })
	slices.SortFunc(ids, func(a, b I) int { return byID([16]byte(a), [16]byte(b)) })
	return slices.Compact(ids)
}

// indexOf returns an index of the records.
func indexOf(t testing.TB, records []any) *inventory.Index {
	t.Helper()
	x := inventory.NewIndex()
	for _, r := range records {
		if !x.Apply(r) {
			t.Fatalf("Apply(%T) = false, want true", r)
		}
	}
	return x
}

// latest returns the newest version of every record, in no order.
func (w *practiced) latest() []any {
	var out []any
	for _, p := range w.products() {
		out = append(out, p)
	}
	for _, r := range w.lots {
		out = append(out, r)
	}
	for _, r := range w.balances {
		out = append(out, r)
	}
	for _, r := range w.vials {
		out = append(out, r)
	}
	for _, r := range w.usages {
		out = append(out, r)
	}
	for _, r := range w.transfers {
		out = append(out, r)
	}
	for _, r := range w.movements {
		out = append(out, r)
	}
	return out
}

// ledger returns the latest records with the balances that the movements amount
// to instead of those that were kept.
func (w *practiced) ledger(t testing.TB) []any {
	t.Helper()
	out := slices.DeleteFunc(w.latest(), func(r any) bool { _, is := r.(inventory.Balance); return is })
	folded, err := inventory.Fold(w.movements)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range folded {
		out = append(out, b)
	}
	return out
}

func shuffled(rng *rand.Rand, records []any) []any {
	out := slices.Clone(records)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// answers is everything that an index says about a practice.
type answers struct {
	FEFO   map[string][]inventory.Suggestion
	Recall map[glabella.LotID][]glabella.PatientID
	Trace  map[glabella.LotID]inventory.LotTrace
	Lots   map[glabella.PatientID][]glabella.LotID
}

// equal compares answers, much faster than cmp does.
func (a answers) equal(b answers) bool {
	return maps.EqualFunc(a.FEFO, b.FEFO, sameOf(func(s *inventory.Suggestion) *quantity.Quantity { return &s.Quantity })) &&
		maps.EqualFunc(a.Recall, b.Recall, slices.Equal) && maps.EqualFunc(a.Lots, b.Lots, slices.Equal) &&
		maps.EqualFunc(a.Trace, b.Trace, func(a, b inventory.LotTrace) bool {
			exposures := sameOf(func(e *inventory.Exposure) *quantity.Quantity { return &e.Quantity })
			return a.Lot == b.Lot && exposures(a.Exposures, b.Exposures) && exposures(a.Unnamed, b.Unnamed) &&
				sameOf(func(s *inventory.Suspect) *quantity.Quantity { return &s.Quantity })(a.Suspects, b.Suspects) &&
				sameOf(func(v *inventory.TracedVial) *quantity.Quantity { return &v.Remaining })(a.Vials, b.Vials) &&
				sameOf(func(s *inventory.TracedStock) *quantity.Quantity { return &s.OnHand })(a.Stock, b.Stock) &&
				slices.Equal(a.Transfers, b.Transfers)
		})
}

// sameOf returns whether two lists are equal of what has a quantity in it, which
// may be the same number in another form.
func sameOf[T comparable](in func(*T) *quantity.Quantity) func(a, b []T) bool {
	return func(a, b []T) bool {
		return slices.EqualFunc(a, b, func(x, y T) bool {
			p, q := in(&x), in(&y)
			if !p.Equal(*q) {
				return false
			}
			*p = *q
			return x == y
		})
	}
}

// ask asks the index all that can be asked of the practice.
func (w *practiced) ask(x *inventory.Index) answers {
	out := answers{FEFO: map[string][]inventory.Suggestion{}, Recall: map[glabella.LotID][]glabella.PatientID{}, Trace: map[glabella.LotID]inventory.LotTrace{}, Lots: map[glabella.PatientID][]glabella.LotID{}}
	w.questions(func(key string, p inventory.Product, at glabella.SiteID, qty quantity.Quantity, on glabella.Date) {
		out.FEFO[key] = x.FEFO(p.ID, at, qty, on)
	})
	for lot := range w.lots {
		out.Recall[lot] = x.Recall(lot)
		out.Trace[lot] = x.Trace(lot)
	}
	for _, who := range w.patients() {
		out.Lots[who] = x.Lots(who)
	}
	return out
}

func (w *practiced) questions(each func(string, inventory.Product, glabella.SiteID, quantity.Quantity, glabella.Date)) {
	for _, p := range w.products() {
		for _, at := range []glabella.SiteID{here, there} {
			for _, on := range []glabella.Date{today, today.AddDays(9), today.AddDays(30)} {
				for _, share := range []string{"0", "0.125", "2.3", "1000"} {
					qty := p.Nominal.Scale(quantity.MustParse(share + " 1").Value())
					each(p.Code+" "+at.String()[:4]+" "+on.String()+" "+share, p, at, qty, on)
				}
			}
		}
	}
}

func (w *practiced) patients() []glabella.PatientID {
	var out []glabella.PatientID
	for _, m := range w.movements {
		out = append(out, m.Patient)
	}
	for _, u := range w.usages {
		out = append(out, u.Patient)
	}
	return sortedOnce(out)
}

// scan gives the answers by looking at every record for every question.
func (w *practiced) scan() answers {
	out := answers{FEFO: map[string][]inventory.Suggestion{}, Recall: map[glabella.LotID][]glabella.PatientID{}, Trace: map[glabella.LotID]inventory.LotTrace{}, Lots: map[glabella.PatientID][]glabella.LotID{}}
	var lots []inventory.Lot
	for _, l := range w.lots {
		lots = append(lots, l)
	}
	w.questions(func(key string, p inventory.Product, at glabella.SiteID, qty quantity.Quantity, on glabella.Date) {
		var balances []inventory.Balance
		for _, b := range w.balances {
			if b.Site == at {
				balances = append(balances, b)
			}
		}
		out.FEFO[key] = inventory.FEFO(lots, balances, p.ID, qty, on)
	})
	for lot := range w.lots {
		t := w.trace(lot)
		out.Trace[lot] = t
		var patients []glabella.PatientID
		for _, e := range t.Exposures {
			patients = append(patients, e.Patient)
		}
		out.Recall[lot] = sortedOnce(patients)
	}
	for _, who := range w.patients() {
		var got []glabella.LotID
		for lot, patients := range out.Recall {
			if slices.Contains(patients, who) {
				got = append(got, lot)
			}
		}
		out.Lots[who] = sortedOnce(got)
	}
	return out
}

// rest returns what is left of a usage after its standing matches that count.
func rest(u inventory.Usage, counts func(inventory.UsageMatch) bool) quantity.Quantity {
	left := u.Quantity
	for _, m := range u.Matches {
		if m.TakenBack.IsZero() && counts(m) {
			left = quantity.New(left.Value().Sub(m.Quantity.Value()), left.Unit())
		}
	}
	return left
}

func (w *practiced) trace(lot glabella.LotID) inventory.LotTrace {
	out := inventory.LotTrace{Lot: lot}
	l := w.lots[lot]
	diluted := func(v glabella.VialID) bool {
		d := w.vials[v].Diluent
		return !v.IsZero() && d != nil && d.Lot == lot
	}
	expose := func(e inventory.Exposure) {
		if e.Patient.IsZero() {
			out.Unnamed = append(out.Unnamed, e)
		} else {
			out.Exposures = append(out.Exposures, e)
		}
	}
	for _, m := range w.movements {
		gives := m.Kind == inventory.MovementAdminister || m.Kind == inventory.MovementDispense || m.Kind == inventory.MovementSell || m.Kind == inventory.MovementConsume
		if !gives || !m.Reverses.IsZero() || inventory.Reversed(w.movements, m.ID) {
			continue
		}
		e := inventory.Exposure{Patient: m.Patient, Kind: m.Kind, Movement: m.ID, Vial: m.Vial, Site: m.Site, At: m.At, Quantity: m.Quantity.Neg()}
		if !m.Usage.IsZero() {
			e.Usage, e.At = m.Usage, w.usages[m.Usage].At
		}
		if m.Lot == lot {
			e.Basis = inventory.ExposureMoved
			expose(e)
		}
		if diluted(m.Vial) {
			e.Basis = inventory.ExposureDiluent
			expose(e)
		}
	}
	for _, u := range w.usages {
		open := rest(u, func(m inventory.UsageMatch) bool { return m.Lot == u.Lot })
		if u.State == inventory.UsageVoided || open.Sign() <= 0 || u.Lot.IsZero() {
			continue
		}
		e := inventory.Exposure{Patient: u.Patient, Kind: inventory.MovementAdminister, Usage: u.ID, Vial: u.Vial, Site: u.Site, At: u.At, Quantity: open}
		if u.Lot == lot {
			e.Basis = inventory.ExposureCharted
			expose(e)
		}
		if diluted(u.Vial) {
			e.Basis = inventory.ExposureDiluent
			expose(e)
		}
	}
	for _, v := range w.vials {
		if v.Lot == lot || diluted(v.ID) {
			out.Vials = append(out.Vials, inventory.TracedVial{Vial: v.ID, Lot: v.Lot, Site: v.Site, State: v.State, Remaining: v.Remaining})
		}
	}
	for _, at := range []glabella.SiteID{here, there} {
		b, ok := w.balances[inventory.BalanceIDOf(lot, at)]
		if !ok {
			continue
		}
		s := inventory.TracedStock{Site: at, Balance: b.ID, OnHand: b.OnHand, Sealed: b.Sealed, Held: b.Held}
		var last time.Time
		for _, m := range w.movements {
			if m.Lot == lot && m.Site == at {
				if s.Since.IsZero() || m.At.Before(s.Since) {
					s.Since = m.At
				}
				if m.At.After(last) {
					last = m.At
				}
			}
		}
		if b.OnHand.Sign() == 0 && b.Sealed == 0 && b.Held == 0 {
			s.Until = last
		}
		out.Stock = append(out.Stock, s)
		for _, u := range w.usages {
			open := rest(u, func(inventory.UsageMatch) bool { return true })
			sameThing := u.Product == l.Product || u.Product.IsZero() && u.Substance == w.product(l.Product).Substance
			if !u.Lot.IsZero() || u.State == inventory.UsageVoided || open.Sign() <= 0 || u.Site != at || !sameThing ||
				u.At.Before(s.Since) || !s.Until.IsZero() && u.At.After(s.Until) {
				continue
			}
			out.Suspects = append(out.Suspects, inventory.Suspect{Usage: u.ID, Patient: u.Patient, Site: at, At: u.At, Quantity: open,
				Expired: !l.Expires.IsZero() && glabella.DateOf(u.At.Add(-12*time.Hour)).After(l.Expires)})
		}
	}
	for _, t := range w.transfers {
		if line := t.Lines[0]; line.Lot == lot && t.State != inventory.TransferPlanned {
			out.Transfers = append(out.Transfers, inventory.TracedTransfer{Transfer: t.ID, From: t.From, To: t.To, Sent: line.Sent, Received: line.Received,
				InTransit: line.Sent - line.Received - line.Back - line.Lost, At: t.ShippedAt})
		}
	}
	byExposure := func(a, b inventory.Exposure) int {
		for _, c := range []int{a.At.Compare(b.At), byID(a.Movement, b.Movement), byID(a.Usage, b.Usage)} {
			if c != 0 {
				return c
			}
		}
		return strings.Compare(string(a.Basis), string(b.Basis))
	}
	slices.SortFunc(out.Exposures, byExposure)
	slices.SortFunc(out.Unnamed, byExposure)
	slices.SortFunc(out.Vials, func(a, b inventory.TracedVial) int { return byID(a.Vial, b.Vial) })
	slices.SortFunc(out.Stock, func(a, b inventory.TracedStock) int { return byID(a.Site, b.Site) })
	slices.SortFunc(out.Suspects, func(a, b inventory.Suspect) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return byID(a.Usage, b.Usage)
	})
	slices.SortFunc(out.Transfers, func(a, b inventory.TracedTransfer) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return byID(a.Transfer, b.Transfer)
	})
	return out
}

func TestIndexAfterRandomHistories(t *testing.T) {
	t.Parallel()
	histories := 2000
	if testing.Short() {
		histories = 200
	}
	var mu sync.Mutex
	done := map[string]int{}
	found := map[string]int{}
	var wg sync.WaitGroup
	for part := range 4 {
		wg.Go(func() {
			for seed := part; seed < histories; seed += 4 {
				w := newPracticed(int64(seed))
				live := indexOf(t, w.written)
				for range 60 {
					before := len(w.written)
					if err := w.step(); err != nil {
						t.Errorf("seed %d: %v", seed, err)
						return
					}
					for _, r := range w.written[before:] {
						live.Apply(r)
					}
				}
				want := w.scan()
				for _, tt := range []struct {
					name string
					x    *inventory.Index
				}{
					{"live", live},
					{"rebuilt", indexOf(t, shuffled(w.rng, w.latest()))},
					{"rebuilt from the ledger", indexOf(t, shuffled(w.rng, w.ledger(t)))},
					{"given every version twice in any order", indexOf(t, shuffled(w.rng, slices.Concat(w.written, w.written)))},
				} {
					if got := w.ask(tt.x); !want.equal(got) {
						t.Errorf("seed %d: the %s index differs from a scan (-scan +index):\n%s", seed, tt.name, diff(want, got))
						return
					}
				}
				mu.Lock()
				for k, n := range w.done {
					done[k] += n
				}
				for _, tr := range want.Trace {
					found["suspects"] += len(tr.Suspects)
					found["unnamed"] += len(tr.Unnamed)
					found["transfers"] += len(tr.Transfers)
					for _, e := range tr.Exposures {
						found[string(e.Basis)]++
					}
					for _, s := range tr.Suspects {
						if s.Expired {
							found["expired suspects"]++
						}
					}
					for _, s := range tr.Stock {
						if !s.Until.IsZero() {
							found["gone"]++
						}
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, command := range []string{"receive", "open", "reconstitute", "draw", "chart", "match", "write off", "void", "reopen", "discard", "ship", "arrive", "reverse",
		"sell", "dispense", "consume", "hold", "release", "waste", "quarantined", "recalled", "available"} {
		if done[command] == 0 {
			t.Errorf("no history has a %q that was not refused", command)
		}
	}
	for _, what := range []string{"suspects", "expired suspects", "unnamed", "transfers", "moved", "charted", "diluent", "gone"} {
		if found[what] == 0 {
			t.Errorf("no history has %s", what)
		}
	}
}
