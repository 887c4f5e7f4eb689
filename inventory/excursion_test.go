package inventory_test

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
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func warm() inventory.Excursion {
	return inventory.Excursion{
		ID: glabella.DeriveID[glabella.ExcursionID]("excursion"), Site: site, Storage: "fridge-1", From: morning, To: morning.Add(2 * time.Hour),
		Lowest: degrees("4.5"), Highest: degrees("14"), Lots: []inventory.ExcursionLot{}, ReportedBy: nurse, ReportedAt: morning.Add(3 * time.Hour), State: inventory.ExcursionOpen,
	}
}

func degrees(n string) quantity.Quantity { return quantity.MustParse(n + " Cel") }

// exposed returns a lot of three vials, one of them reconstituted and drawn from,
// that was in the fridge, and the excursion for which it is set aside.
func exposed(t testing.TB) (inventory.Excursion, inventory.Vial, inventory.Balance, []inventory.PlannedChange) {
	t.Helper()
	r, v, b, m := ready(t)
	v, b, given, err := v.Draw(draw("given", use(r.Lot, "20", ann, morning.Add(time.Hour)), b))
	if err != nil {
		t.Fatal(err)
	}
	e := warm()
	lots := e.Affected(inventory.StorageFacts{Places: []inventory.StoragePlace{kept(r.Lot, -48*time.Hour, 0)}, Movements: []inventory.Movement{r.Movement, m, given}, Vials: []inventory.Vial{v}})
	want := []inventory.ExcursionLot{{Lot: r.Lot.ID, Product: toxin().ID, Vials: []glabella.VialID{v.ID}, Given: []glabella.MovementID{given.ID}, Sent: []glabella.MovementID{}}}
	if d := diff(want, lots); d != "" {
		t.Fatalf("Affected() (-want +got):\n%s", d)
	}
	e, changes, err := e.Hold(inventory.ExcursionHold{Lots: lots, Balances: []inventory.Balance{b}, NewID: counted("h"), By: nurse, At: morning.Add(3 * time.Hour)})
	if err != nil {
		t.Fatalf("Hold() = %v", err)
	}
	return e, v, b, changes
}

// kept says that the lot was in the fridge, from and to a time after the morning; 0
// is to this day.
func kept(l inventory.Lot, from, to time.Duration) inventory.StoragePlace {
	p := inventory.StoragePlace{Lot: l.ID, Site: site, Storage: "fridge-1", From: morning.Add(from)}
	if to != 0 {
		p.To = morning.Add(to)
	}
	return p
}

func decision(e inventory.Excursion, d inventory.Disposition) inventory.ExcursionDecision {
	return inventory.ExcursionDecision{Lot: e.Lots[0].Lot, Disposition: d, Basis: inventory.BasisManufacturer, Document: "answer 118", NewID: counted("d"), By: owner, Witness: other, At: morning.Add(24 * time.Hour)}
}

func TestExcursionEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.ExcursionStates())
	checkEnum(t, inventory.Dispositions())
	checkEnum(t, inventory.DispositionBases())
	for _, s := range inventory.ExcursionMachine().States() {
		if !s.Valid() {
			t.Errorf("ExcursionMachine() has the state %q, want a known one", s)
		}
	}
}

func TestAffected(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 2)
	out := func(at time.Duration) inventory.Movement {
		_, m, err := r.Balance.Change(toxin(), inventory.StockChange{ID: movementID("out"), Kind: inventory.MovementWaste, Containers: -2, Reason: "broken", By: nurse, At: morning.Add(at)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	late := r.Movement
	late.At = morning.Add(3 * time.Hour)
	during := r.Movement
	during.At = morning.Add(time.Hour)
	undone, err := inventory.Reverse(during, reversal("undone"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		place     inventory.StoragePlace
		movements []inventory.Movement
		goesOn    bool
		want      bool
	}{
		{name: "kept there all the time", place: kept(r.Lot, -time.Hour, 0), movements: []inventory.Movement{r.Movement}, want: true},
		{name: "taken elsewhere before", place: kept(r.Lot, -2*time.Hour, -time.Hour), movements: []inventory.Movement{r.Movement}},
		{name: "brought there afterwards", place: kept(r.Lot, 3*time.Hour, 0), movements: []inventory.Movement{r.Movement}},
		{name: "brought there while it goes on", place: kept(r.Lot, 3*time.Hour, 0), movements: []inventory.Movement{r.Movement}, goesOn: true, want: true},
		{name: "used up before", place: kept(r.Lot, -time.Hour, 0), movements: []inventory.Movement{r.Movement, out(-time.Hour)}},
		{name: "used up during it", place: kept(r.Lot, -time.Hour, 0), movements: []inventory.Movement{r.Movement, out(time.Hour)}, want: true},
		{name: "received during it", place: kept(r.Lot, time.Hour, 0), movements: []inventory.Movement{during}, want: true},
		{name: "received by mistake", place: kept(r.Lot, 0, 0), movements: []inventory.Movement{during, undone}},
		{name: "received after it", place: kept(r.Lot, 0, 0), movements: []inventory.Movement{late}},
		{name: "never received", place: kept(r.Lot, 0, 0)},
		{name: "kept in another fridge", place: inventory.StoragePlace{Lot: r.Lot.ID, Site: site, Storage: "fridge-2"}, movements: []inventory.Movement{r.Movement}},
		{name: "kept at another site", place: inventory.StoragePlace{Lot: r.Lot.ID, Site: branch, Storage: "fridge-1"}, movements: []inventory.Movement{r.Movement}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := warm()
			if tt.goesOn {
				e.To = time.Time{}
			}
			if got := e.Affected(inventory.StorageFacts{Places: []inventory.StoragePlace{tt.place}, Movements: tt.movements}); (len(got) == 1) != tt.want {
				t.Errorf("Affected() = %v, want affected %t", got, tt.want)
			}
		})
	}
}

func TestAffectedNamesWhatLeftSince(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	at := func(h int) time.Time { return morning.Add(time.Duration(h) * time.Hour) }
	v, b, given, err := v.Draw(draw("given", use(r.Lot, "20", ann, at(1)), b))
	if err != nil {
		t.Fatal(err)
	}
	v, b, wasted, err := v.Discard(inventory.Discard{ID: movementID("rest"), Balance: b, Reason: inventory.ReasonUnused, By: nurse, At: at(4)})
	if err != nil {
		t.Fatal(err)
	}
	change := func(name string, k inventory.MovementKind, hours int) inventory.Movement {
		var m inventory.Movement
		b, m, err = b.Change(toxin(), inventory.StockChange{ID: movementID(name), Kind: k, Containers: -1, Reason: "complaint", By: nurse, At: at(hours), Patient: ann})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	sold, sent := change("sold", inventory.MovementSell, 5), change("sent", inventory.MovementReturn, 6)
	undone, err := inventory.Reverse(sold, reversal("undone"))
	if err != nil {
		t.Fatal(err)
	}
	early := v
	early.ID, early.OpenedAt = glabella.DeriveID[glabella.VialID]("finished the day before"), at(-24)
	facts := inventory.StorageFacts{
		Places: []inventory.StoragePlace{kept(r.Lot, -48*time.Hour, 0)}, Vials: []inventory.Vial{v, early},
		Movements: []inventory.Movement{r.Movement, opened, given, wasted, sold, sent},
	}
	want := []inventory.ExcursionLot{{
		Lot: r.Lot.ID, Product: toxin().ID, Vials: []glabella.VialID{v.ID},
		Given: []glabella.MovementID{given.ID, sold.ID}, Sent: []glabella.MovementID{sent.ID},
	}}
	if d := diff(want, warm().Affected(facts)); d != "" {
		t.Errorf("Affected() (-want +got):\n%s", d)
	}
	want[0].Given = []glabella.MovementID{given.ID}
	facts.Movements = append(facts.Movements, undone)
	if d := diff(want, warm().Affected(facts)); d != "" {
		t.Errorf("Affected(after the sale was taken back) (-want +got):\n%s", d)
	}
}

func TestHoldLotsThatAreFoundLater(t *testing.T) {
	t.Parallel()
	e, _, _, _ := exposed(t)
	late := stock(t, toxin(), "T200", 4)
	h := inventory.ExcursionHold{Lots: []inventory.ExcursionLot{{Lot: late.Lot.ID, Product: toxin().ID}}, Balances: []inventory.Balance{late.Balance}, NewID: counted("l"), By: other, At: morning.Add(5 * time.Hour)}
	got, changes, err := e.Hold(h)
	if err != nil || len(got.Lots) != 2 || got.Lots[0].Containers != 2 || got.Lots[1].Containers != 4 || got.Held.By != other {
		t.Fatalf("Hold() = %+v, %v, want both lots", got, err)
	}
	if len(changes) != 1 || changes[0].Lot != late.Lot.ID || changes[0].Change.Containers != -4 {
		t.Errorf("Hold() = %+v, want four of the new lot set aside and no more of the other", changes)
	}
	if _, changes, err := got.Hold(h); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeExcursionLot}) || changes != nil {
		t.Errorf("Hold(the same lot) = %v, %v, want it refused", changes, err)
	}
}

func TestExcursionIsDecidedLotByLot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		disposition inventory.Disposition
		kinds       []inventory.MovementKind
		sealed      int
	}{
		{inventory.DispositionRelease, []inventory.MovementKind{inventory.MovementRelease}, 2},
		{inventory.DispositionWaste, []inventory.MovementKind{inventory.MovementRelease, inventory.MovementWaste}, 0},
		{inventory.DispositionReturn, []inventory.MovementKind{inventory.MovementRelease, inventory.MovementReturn}, 0},
	} {
		t.Run(string(tt.disposition), func(t *testing.T) {
			t.Parallel()
			e, v, b, changes := exposed(t)
			products := []inventory.Product{toxin()}
			set, movements, err := inventory.BookChanges(products, []inventory.Balance{b}, changes)
			if err != nil || set[0].Sealed != 0 || set[0].Held != 2 || movements[0].Reason != inventory.ReasonExcursion || movements[0].Document != e.ID.String() {
				t.Fatalf("BookChanges(hold) = %+v, %v, want two set aside", set, err)
			}
			e, changes, err = e.Decide(decision(e, tt.disposition))
			if err != nil {
				t.Fatalf("Decide() = %v", err)
			}
			after, movements, err := inventory.BookChanges(products, set, changes)
			if err != nil || after[0].Sealed != tt.sealed || after[0].Held != 0 {
				t.Fatalf("BookChanges(%s) = %+v, %v, want %d on the shelf", tt.disposition, after, err, tt.sealed)
			}
			var kinds []inventory.MovementKind
			for _, m := range movements {
				kinds = append(kinds, m.Kind)
				if m.Witness != other {
					t.Errorf("movement %s has the witness %v", m.Kind, m.Witness)
				}
			}
			if !slices.Equal(kinds, tt.kinds) {
				t.Errorf("movements = %v, want %v", kinds, tt.kinds)
			}
			_, err = e.Close(inventory.ExcursionClosing{Vials: []inventory.Vial{v}, By: owner, At: morning})
			if released := tt.disposition == inventory.DispositionRelease; released != (err == nil) || !released && !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeExcursionVial}) {
				t.Errorf("Close(while the vial is in use) = %v", err)
			}
			v.State, v.Remaining = inventory.VialDiscarded, units("0")
			closed, err := e.Close(inventory.ExcursionClosing{Vials: []inventory.Vial{v}, By: owner, At: morning})
			if err != nil || closed.State != inventory.ExcursionClosed {
				t.Errorf("Close() = %s, %v", closed.State, err)
			}
		})
	}
}

func TestDecideIsRefused(t *testing.T) {
	t.Parallel()
	e, _, _, _ := exposed(t)
	done, _, err := e.Decide(decision(e, inventory.DispositionWaste))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		e      inventory.Excursion
		change func(*inventory.ExcursionDecision)
		want   []glabella.Code
	}{
		{"a second decision", done, func(*inventory.ExcursionDecision) {}, []glabella.Code{inventory.CodeExcursionLot}},
		{"a lot that was elsewhere", e, func(d *inventory.ExcursionDecision) { d.Lot = lotID("elsewhere") }, []glabella.Code{inventory.CodeExcursionLot}},
		{"no disposition", e, func(d *inventory.ExcursionDecision) { d.Disposition = "" }, []glabella.Code{glabella.CodeRequired}},
		{"an unknown disposition", e, func(d *inventory.ExcursionDecision) { d.Disposition = "sell" }, []glabella.Code{glabella.CodeUnknownValue}},
		{"no basis", e, func(d *inventory.ExcursionDecision) { d.Basis = "" }, []glabella.Code{inventory.CodeExcursionBasis}},
		{"no document", e, func(d *inventory.ExcursionDecision) { d.Document = "" }, []glabella.Code{inventory.CodeExcursionBasis}},
		{"nobody", e, func(d *inventory.ExcursionDecision) { d.By = glabella.StaffID{} }, []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := decision(e, inventory.DispositionRelease)
			tt.change(&d)
			got, changes, err := tt.e.Decide(d)
			if !slices.Equal(codesOf(err), tt.want) || changes != nil || diff(tt.e, got) != "" {
				t.Errorf("Decide() = %v, %v, want %v", changes, err, tt.want)
			}
		})
	}
}

func TestCloseWantsEveryLotDecided(t *testing.T) {
	t.Parallel()
	e, _, _, _ := exposed(t)
	e.To = time.Time{}
	want := []glabella.Code{inventory.CodeExcursionTime, inventory.CodeExcursionPending, inventory.CodeExcursionVial}
	_, err := e.Close(inventory.ExcursionClosing{By: owner, At: morning})
	if d := diff(want, codesOf(err)); d != "" {
		t.Errorf("Close() (-want +got):\n%s", d)
	}
	var refused *glabella.RefusedError
	if errors.As(err, &refused) {
		everyReasonIsComplete(t, refused.Decision)
	}
}

func TestCancelExcursion(t *testing.T) {
	t.Parallel()
	e, err := warm().Cancel(owner, morning, "sensor-fault")
	if err != nil || e.State != inventory.ExcursionCanceled {
		t.Errorf("Cancel() = %s, %v", e.State, err)
	}
	held, _, _, _ := exposed(t)
	var transition *glabella.TransitionError
	if _, err := held.Cancel(owner, morning, "sensor-fault"); !errors.As(err, &transition) {
		t.Errorf("Cancel(what is set aside) = %v, want a transition error", err)
	}
}

func TestExcursionValidate(t *testing.T) {
	t.Parallel()
	e, _, _, _ := exposed(t)
	for _, tt := range []struct {
		name   string
		change func(*inventory.Excursion)
		want   []string
	}{
		{"as it is", func(*inventory.Excursion) {}, nil},
		{"it ends before it begins", func(e *inventory.Excursion) { e.To = e.From.Add(-1) }, []string{"/to inventory.excursion.time"}},
		{"readings the wrong way round", func(e *inventory.Excursion) { e.Lowest, e.Highest = e.Highest, e.Lowest }, []string{"/lowest inventory.excursion.reading"}},
		{"readings that are no temperatures", func(e *inventory.Excursion) { e.Lowest = units("1") }, []string{"/lowest inventory.excursion.reading"}},
		{"a lot twice", func(e *inventory.Excursion) { e.Lots = append(e.Lots, e.Lots[0]) }, []string{"/lots/1/lot inventory.excursion.lot"}},
		{"a lot of no product and less than nothing", func(e *inventory.Excursion) { e.Lots[0].Product, e.Lots[0].Containers = glabella.ProductID{}, -1 },
			[]string{"/lots/0/containers out-of-range", "/lots/0/lot required"}},
		{"a basis without disposition", func(e *inventory.Excursion) { e.Lots[0].Basis = inventory.BasisLabel }, []string{"/lots/0/disposition mismatch"}},
		{"closed with a lot to decide on", func(e *inventory.Excursion) {
			e.State, e.Ended = inventory.ExcursionClosed, inventory.ExcursionStep{By: owner, At: morning}
		}, []string{"/lots/0/disposition inventory.excursion.pending"}},
		{"set aside by nobody", func(e *inventory.Excursion) { e.Held = inventory.ExcursionStep{} }, []string{"/held mismatch"}},
		{"canceled without reason", func(e *inventory.Excursion) {
			e.State, e.Held, e.Ended = inventory.ExcursionCanceled, inventory.ExcursionStep{}, inventory.ExcursionStep{By: owner, At: morning}
		}, []string{"/ended/reason required"}},
		{"an unknown state", func(e *inventory.Excursion) { e.State = "x" }, []string{"/held mismatch", "/state unknown-value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := e
			e.Lots = slices.Clone(e.Lots)
			tt.change(&e)
			if d := diff(tt.want, places(e.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAs[inventory.Excursion](text); err != nil || cmp.Diff(any(e), got) != "" {
		t.Errorf("read(write(excursion)) = %v, %v", got, err)
	}
}

func cold() inventory.StorageLimits {
	return inventory.StorageLimits{Lowest: degrees("2"), Highest: degrees("8"), Source: "label of the test toxin"}
}

func TestOutside(t *testing.T) {
	t.Parallel()
	reading := func(hours int, low, high string) inventory.StorageReading {
		return inventory.StorageReading{At: morning.Add(time.Duration(hours) * time.Hour), Lowest: degrees(low), Highest: degrees(high)}
	}
	got, err := cold().Outside([]inventory.StorageReading{
		reading(5, "1.5", "4"), reading(0, "2", "8"), reading(1, "3", "8.1"), reading(2, "4", "12"), reading(3, "3", "6"), reading(4, "2", "5"),
	})
	at := func(h int) time.Time { return morning.Add(time.Duration(h) * time.Hour) }
	want := []inventory.OutsideLimits{
		{From: at(0), To: at(2), Lowest: degrees("3"), Highest: degrees("12")},
		{From: at(4), Lowest: degrees("1.5"), Highest: degrees("4")},
	}
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("Outside() = %v (-want +got):\n%s", err, d)
	}
	if _, err := cold().Outside([]inventory.StorageReading{{At: morning, Lowest: units("3"), Highest: degrees("4")}}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Outside(units) = %v, want an invalid reading", err)
	}
	if _, err := (inventory.StorageLimits{Lowest: degrees("8"), Highest: degrees("2")}).Outside(nil); diff([]string{"/lowest inventory.excursion.reading", "/source required"}, places(err)) != "" {
		t.Errorf("Outside(bad limits) = %v", err)
	}
}

// TestOutsideCoversEveryBadReading checks random logs: every reading outside the
// limits lies in one of the times, no reading within them does but the one that a
// time begins with, and the order of the log does not matter.
func TestOutsideCoversEveryBadReading(t *testing.T) {
	t.Parallel()
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		var log []inventory.StorageReading
		for i := range 20 {
			low := rng.Intn(9)
			log = append(log, inventory.StorageReading{At: morning.Add(time.Duration(i) * time.Hour), Lowest: degrees(fmt.Sprint(low)), Highest: degrees(fmt.Sprint(low + rng.Intn(2)))})
		}
		times, err := cold().Outside(log)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range log {
			low, high := r.Lowest.Value().IntPart(), r.Highest.Value().IntPart()
			bad := low < 2 || high > 8
			in := slices.ContainsFunc(times, func(o inventory.OutsideLimits) bool {
				return (r.At.After(o.From) || i == 0 && r.At.Equal(o.From)) && (o.To.IsZero() || !r.At.After(o.To))
			})
			if bad != in && (i > 0 || bad) {
				t.Fatalf("seed %d: reading %d is outside %t, in one of the times %t", seed, i, bad, in)
			}
		}
		rng.Shuffle(len(log), func(i, j int) { log[i], log[j] = log[j], log[i] })
		if again, err := cold().Outside(log); err != nil || diff(times, again) != "" {
			t.Fatalf("seed %d: Outside(shuffled) = %v, %v, want %v", seed, again, err, times)
		}
	}
}
