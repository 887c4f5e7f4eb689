package inventory_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func procedureID(name string) glabella.ProcedureID {
	return glabella.DeriveID[glabella.ProcedureID](name)
}

func visitID(name string) glabella.EncounterID { return glabella.DeriveID[glabella.EncounterID](name) }

// charting is an amount of the toxin that the nurse charted, in a visit of its own
// name.
func charting(treatment, procedure, qty string) inventory.ChartedAmount {
	return inventory.ChartedAmount{Encounter: visitID("visit"), Procedure: procedureID(procedure), Treatment: treatment, Injector: nurse, Site: site, Product: toxin().ID, Quantity: units(qty), At: morning}
}

// given is a movement of the toxin out of a vial, by the nurse.
func given(name, procedure, qty string) inventory.Movement {
	m := inventory.Movement{
		ID: movementID(name), Kind: inventory.MovementAdminister, Lot: lotID("T1"), Site: site, Product: toxin().ID, Vial: vialID("V1"),
		Quantity: units("-" + qty), Encounter: visitID("visit"), Patient: ann, By: nurse, At: morning.Add(time.Hour),
	}
	if procedure != "" {
		m.Procedure = procedureID(procedure)
	}
	return m
}

func vialID(name string) glabella.VialID { return glabella.DeriveID[glabella.VialID](name) }

// rowsOf returns the rows in words: who, for what, and what differs from nothing.
func rowsOf(rows []inventory.UsageRow) []string {
	names := map[glabella.StaffID]string{nurse: "nurse", other: "other", owner: "owner"}
	var out []string
	for _, r := range rows {
		s := names[r.Injector] + " " + r.Treatment + ":"
		for _, p := range []struct {
			name string
			q    quantity.Quantity
		}{{"charted", r.Charted}, {"drawn", r.Drawn}, {"open", r.Open}, {"off", r.WrittenOff}, {"difference", r.Difference}, {"wasted", r.Wasted}, {"missing", r.Unaccounted}} {
			if !p.q.IsZero() {
				s += " " + p.name + " " + p.q.Value().String()
			}
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestExpectedAgainstActualUsage(t *testing.T) {
	t.Parallel()
	usage := func(state inventory.UsageState, qty string) inventory.Usage {
		return inventory.Usage{ID: glabella.DeriveID[glabella.UsageID]("U1"), Site: site, Substance: "onabotulinumtoxinA", Patient: ann, Encounter: visitID("visit"), Procedure: procedureID("p1"),
			By: nurse, At: morning, Quantity: units(qty), Cause: inventory.UsageNoLot, State: state, Matches: []inventory.UsageMatch{}}
	}
	settles := func(m inventory.Movement, u inventory.Usage) inventory.Movement {
		m.Usage, m.By, m.At = u.ID, owner, morning.Add(72*time.Hour)
		return m
	}
	undone := func(m inventory.Movement) inventory.Movement {
		r, err := inventory.Reverse(m, reversal("undo "+m.ID.String()))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	small := given("small", "p1", "20")
	small.Product, small.Vial = half().ID, vialID("V2")
	partly := usage(inventory.UsageWrittenOff, "20")
	partly.Matches = []inventory.UsageMatch{{Movement: movementID("m"), Lot: lotID("T1"), Quantity: units("15"), By: owner, At: morning}}
	substance := charting("frown", "p1", "20")
	substance.Product = glabella.ProductID{}
	unseen := given("unseen", "", "7")
	unseen.Encounter, unseen.By = visitID("another"), other
	alone := settles(given("m", "p1", "20"), usage(inventory.UsageMatched, "20"))
	alone.Procedure, alone.Encounter = glabella.ProcedureID{}, glabella.EncounterID{}
	lone := usage(inventory.UsageMatched, "20")
	lone.Procedure, lone.Encounter, lone.By = glabella.ProcedureID{}, glabella.EncounterID{}, other
	yesterday := charting("frown", "p1", "20")
	yesterday.At = morning.Add(-24 * time.Hour)
	thread := func(p inventory.Product, kind inventory.MovementKind) inventory.Movement {
		m := given(p.Code, "p1", "1")
		m.Kind, m.Product, m.Vial, m.Quantity, m.Containers = kind, p.ID, glabella.VialID{}, quantity.MustParse("-1 1"), -1
		return m
	}
	for _, tt := range []struct {
		name  string
		facts inventory.UsageFacts
		want  []string
	}{
		{"stock accounts for what was charted",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{given("m", "p1", "20")}},
			[]string{"nurse frown: charted 20 drawn 20"}},
		{"charted, and no stock moved",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}},
			[]string{"nurse frown: charted 20 difference 20"}},
		{"drawn, and never charted",
			inventory.UsageFacts{Movements: []inventory.Movement{unseen}},
			[]string{"other : drawn 7 difference -7"}},
		{"drawn for a visit that does not chart the item",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{given("m", "p1", "20"), thread(gloves(), inventory.MovementConsume)}},
			[]string{"nurse : drawn 1 difference -1", "nurse frown: charted 20 drawn 20"}},
		{"sold over the counter is no usage",
			inventory.UsageFacts{Movements: []inventory.Movement{thread(cream(), inventory.MovementSell)}}, nil},
		{"more was drawn than charted",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{given("m", "p1", "25")}},
			[]string{"nurse frown: charted 20 drawn 25 difference -5"}},
		{"a visit with two treatments of which stock does not tell which",
			inventory.UsageFacts{
				Charted:   []inventory.ChartedAmount{charting("frown", "p1", "10"), charting("forehead", "p2", "20"), charting("lines", "p3", "0")},
				Movements: []inventory.Movement{given("a", "", "10"), given("b", "", "10"), given("c", "", "10")},
			},
			[]string{"nurse forehead: charted 20 drawn 20", "nurse frown: charted 10 drawn 10", "nurse lines:"}},
		{"a visit with two treatments of which stock tells which",
			inventory.UsageFacts{
				Charted:   []inventory.ChartedAmount{charting("frown", "p1", "10"), charting("forehead", "p2", "20")},
				Movements: []inventory.Movement{given("a", "p1", "10"), given("b", "p2", "15")},
			},
			[]string{"nurse forehead: charted 20 drawn 15 difference 5", "nurse frown: charted 10 drawn 10"}},
		{"a visit with two treatments of which stock tells one",
			inventory.UsageFacts{
				Charted:   []inventory.ChartedAmount{charting("frown", "p1", "10"), charting("forehead", "p2", "20")},
				Movements: []inventory.Movement{given("a", "", "10"), given("b", "p2", "20")},
			},
			[]string{"nurse forehead: charted 20 drawn 20", "nurse frown: charted 10 drawn 10"}},
		{"a draw that was taken back",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{given("m", "p1", "20"), given("twice", "p1", "20"), undone(given("twice", "p1", "20"))}},
			[]string{"nurse frown: charted 20 drawn 20"}},
		{"another size of the substance",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{substance}, Movements: []inventory.Movement{small}},
			[]string{"nurse frown: charted 20 drawn 20"}},
		{"stock is still to be found",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Usages: []inventory.Usage{usage(inventory.UsageOpen, "20")}},
			[]string{"nurse frown: charted 20 open 20"}},
		{"stock for a part will not be found",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{settles(given("m", "p1", "15"), partly)}, Usages: []inventory.Usage{partly}},
			[]string{"nurse frown: charted 20 drawn 15 off 5"}},
		{"the charting was taken back",
			inventory.UsageFacts{Usages: []inventory.Usage{usage(inventory.UsageVoided, "20")}}, nil},
		{"who matched it did not give it",
			inventory.UsageFacts{Movements: []inventory.Movement{alone}, Usages: []inventory.Usage{lone}, To: morning.Add(time.Hour)},
			[]string{"other : drawn 20 difference -20"}},
		{"matched after the time of the report, charted in it",
			inventory.UsageFacts{
				Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{settles(given("m", "p1", "20"), usage(inventory.UsageMatched, "20"))},
				Usages: []inventory.Usage{usage(inventory.UsageMatched, "20")}, From: morning, To: morning.Add(time.Hour),
			},
			[]string{"nurse frown: charted 20 drawn 20"}},
		{"charted before the time of the report",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{yesterday}, Movements: []inventory.Movement{given("m", "p1", "20"), unseen}, From: morning, To: morning.Add(2 * time.Hour)},
			[]string{"other : drawn 7 difference -7"}},
		{"the end of the time does not belong to it",
			inventory.UsageFacts{Charted: []inventory.ChartedAmount{charting("frown", "p1", "20")}, Movements: []inventory.Movement{unseen}, To: morning}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.UsageReportOf(tt.facts)
			if d := diff(tt.want, rowsOf(got.Rows)); d != "" || err != nil {
				t.Errorf("UsageReportOf() = %v (-want +got):\n%s", err, d)
			}
		})
	}
}

func TestUsageReportOfContainers(t *testing.T) {
	t.Parallel()
	vial := func(name, left string, state inventory.VialState) inventory.Vial {
		return inventory.Vial{ID: vialID(name), Lot: lotID("T1"), Site: site, Product: toxin().ID, Nominal: units("100"), Remaining: units(left), OpenedAt: morning, OpenedBy: owner, State: state}
	}
	from := func(m inventory.Movement, vial string) inventory.Movement {
		m.Vial = vialID(vial)
		return m
	}
	waste := func(name, vial, qty string) inventory.Movement {
		m := from(given(name, "", qty), vial)
		m.Kind, m.Reason, m.Encounter, m.Patient = inventory.MovementWaste, inventory.ReasonUnused, glabella.EncounterID{}, glabella.PatientID{}
		return m
	}
	broken := waste("broken", "", "200")
	broken.Vial, broken.Containers, broken.Reason = glabella.VialID{}, -2, inventory.ReasonBroken
	later := broken
	later.ID, later.At = movementID("later"), morning.Add(48*time.Hour)
	lines := charting("lines", "p2", "30")
	lines.Injector = other
	second := from(given("b", "p2", "30"), "used")
	second.By = other
	old := vial("old", "0", inventory.VialDiscarded)
	old.OpenedAt = morning.Add(-time.Hour)
	got, err := inventory.UsageReportOf(inventory.UsageFacts{
		Charted: []inventory.ChartedAmount{charting("frown", "p1", "30"), lines},
		Movements: []inventory.Movement{
			from(given("a", "p1", "30"), "used"), second, waste("c", "used", "31"), // 9 are missing
			waste("d", "untouched", "100"), waste("e", "old", "100"), broken, later,
		},
		Vials: []inventory.Vial{vial("used", "0", inventory.VialDiscarded), vial("untouched", "0", inventory.VialDiscarded), vial("open", "100", inventory.VialOpen), vial("never", "100", inventory.VialVoided), old},
		From:  morning, To: morning.Add(24 * time.Hour),
	})
	if err != nil {
		t.Fatalf("UsageReportOf() = %v", err)
	}
	want := []string{
		"nurse frown: charted 30 drawn 30 wasted 15.5 missing 4.5",
		"other lines: charted 30 drawn 30 wasted 15.5 missing 4.5",
		"owner : wasted 100",
	}
	if d := diff(want, rowsOf(got.Rows)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	products := []inventory.ProductUsage{{
		Site: site, Product: toxin().ID, InUse: 1, Finished: 2, Nominal: units("200"), Given: units("60"), Wasted: units("131"), Unaccounted: units("9"),
		Yield: quantity.MustParseNumber("0.3"), WasteRate: quantity.MustParseNumber("0.655"),
	}}
	if d := diff(products, got.Products); d != "" {
		t.Errorf("products (-want +got):\n%s", d)
	}
	wasted := []inventory.WasteByReason{
		{Site: site, Product: toxin().ID, Reason: inventory.ReasonBroken, Containers: 2, Quantity: units("200")},
		{Site: site, Product: toxin().ID, Reason: inventory.ReasonUnused, Quantity: units("231")},
	}
	if d := diff(wasted, got.Waste); d != "" {
		t.Errorf("waste (-want +got):\n%s", d)
	}
	yields := map[glabella.VialID]string{}
	for _, v := range got.Vials {
		yields[v.Vial] = fmt.Sprint(v.Yield, " ", v.InUse, " ", v.Unaccounted.Value())
	}
	if d := diff(map[glabella.VialID]string{vialID("used"): "0.6 false 9", vialID("untouched"): "0 false 0", vialID("open"): "0 true 0"}, yields); d != "" {
		t.Errorf("containers (-want +got):\n%s", d)
	}
	shared := map[glabella.StaffID]string{}
	for _, p := range got.Injectors {
		shared[p.Injector] = p.Shared.Value().String()
	}
	if d := diff(map[glabella.StaffID]string{nurse: "9", other: "9", owner: "0"}, shared); d != "" {
		t.Errorf("missing of what others drew from as well (-want +got):\n%s", d)
	}
}

func TestWasteIsSharedWithWhatIsNotCharted(t *testing.T) {
	t.Parallel()
	unseen := given("unseen", "", "10")
	unseen.Encounter, unseen.By = visitID("another"), other
	rest := given("rest", "", "60")
	rest.Kind, rest.Reason = inventory.MovementWaste, inventory.ReasonUnused
	got, err := inventory.UsageReportOf(inventory.UsageFacts{
		Charted:   []inventory.ChartedAmount{charting("frown", "p1", "20")},
		Movements: []inventory.Movement{given("m", "p1", "20"), unseen, rest},
		Vials:     []inventory.Vial{{ID: vialID("V1"), Lot: lotID("T1"), Site: site, Product: toxin().ID, Nominal: units("90"), Remaining: units("0"), OpenedAt: morning, OpenedBy: owner, State: inventory.VialDiscarded}},
	})
	want := []string{"nurse frown: charted 20 drawn 20 wasted 40", "other : drawn 10 difference -10 wasted 20"}
	if d := diff(want, rowsOf(got.Rows)); d != "" || err != nil {
		t.Errorf("UsageReportOf() = %v (-want +got):\n%s", err, d)
	}
}

// TestUsageReportLosesNothing books random visits, some of them without a lot or
// beyond what a vial holds, and matches some later. By the report everything charted
// is drawn, open or written off, and what the vials wasted and miss is shared out in
// full. One draw more or less is the difference.
func TestUsageReportLosesNothing(t *testing.T) {
	t.Parallel()
	for seed := range int64(300) {
		f := randomVisits(t, seed)
		got, err := inventory.UsageReportOf(f)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var charted, wasted, missing, accounted decimal.Decimal
		for _, c := range f.Charted {
			charted = charted.Add(c.Quantity.Value())
		}
		for _, v := range got.Vials {
			wasted, missing = wasted.Add(v.Wasted.Value()), missing.Add(v.Unaccounted.Value())
		}
		for _, r := range got.Rows {
			if r.Difference.Value().Abs().GreaterThan(decimal.New(1, -7)) || r.Wasted.Sign() < 0 {
				t.Fatalf("seed %d: row %+v, want no difference", seed, r)
			}
			accounted = accounted.Add(r.Drawn.Value()).Add(r.Open.Value()).Add(r.WrittenOff.Value())
			wasted, missing = wasted.Sub(r.Wasted.Value()), missing.Sub(r.Unaccounted.Value())
		}
		if !accounted.Equal(charted) || !wasted.IsZero() || !missing.IsZero() {
			t.Fatalf("seed %d: charted %s, accounted for %s; %s of the waste and %s of the missing are not shared", seed, charted, accounted, wasted, missing)
		}
		i := slices.IndexFunc(f.Movements, func(m inventory.Movement) bool { return m.Kind == inventory.MovementAdminister })
		if i < 0 {
			continue
		}
		lost := f.Movements[i].Quantity.Value().Neg()
		f.Movements = slices.Delete(slices.Clone(f.Movements), i, i+1)
		less, err := inventory.UsageReportOf(f)
		var difference decimal.Decimal
		for _, r := range less.Rows {
			difference = difference.Add(r.Difference.Value())
		}
		if err != nil || !difference.Equal(lost) {
			t.Fatalf("seed %d: without a draw of %s the rows differ by %s, %v", seed, lost, difference, err)
		}
	}
}

func randomVisits(t *testing.T, seed int64) inventory.UsageFacts {
	t.Helper()
	rng := rand.New(rand.NewSource(seed))
	p := half()
	p.Reconstitute, p.InUse = false, inventory.InUse{}
	r := stock(t, p, "T1", 30)
	b, f := r.Balance, inventory.UsageFacts{Movements: []inventory.Movement{r.Movement}}
	for n := range 6 {
		visit := visitID(fmt.Sprint(n))
		for k := range 1 + rng.Intn(3) {
			c := inventory.Charted{Site: site, Unreconciled: glabella.DeriveID[glabella.UsageID](fmt.Sprint(n, k))}
			c.ID, c.Product, c.Patient, c.By, c.Encounter, c.At = movementID(fmt.Sprint("give", n, k)), p, ann, []glabella.StaffID{nurse, other}[rng.Intn(2)], visit, morning
			c.Quantity = quantity.New(decimal.New(int64(1+rng.Intn(300)), -1), p.Nominal.Unit())
			if rng.Intn(3) > 0 {
				c.Procedure = procedureID(fmt.Sprint(n, k))
			}
			if len(f.Vials) == 0 || rng.Intn(3) == 0 {
				v, next, opened, err := inventory.Open(p, r.Lot, b, inventory.Opening{Vial: vialID(fmt.Sprint(n, k)), Movement: movementID(fmt.Sprint("open", n, k)), By: nurse, At: morning})
				if err != nil {
					t.Fatal(err)
				}
				b, f.Vials, f.Movements = next, append(f.Vials, v), append(f.Movements, opened)
			}
			i := rng.Intn(len(f.Vials))
			if c.Balance, c.Use.Lot = b, r.Lot; rng.Intn(4) > 0 {
				c.Vial = f.Vials[i]
			}
			got, err := inventory.Book(c)
			if err != nil {
				t.Fatalf("seed %d: Book() = %v", seed, err)
			}
			if b = got.Balance; !got.Vial.ID.IsZero() {
				f.Vials[i] = got.Vial
			}
			if !got.Movement.ID.IsZero() {
				f.Movements = append(f.Movements, got.Movement)
			}
			f.Charted = append(f.Charted, inventory.ChartedAmount{Encounter: visit, Procedure: procedureID(fmt.Sprint(n, k)), Treatment: fmt.Sprint("t", k), Injector: c.By, Site: site, Product: p.ID, Quantity: c.Quantity, At: morning})
			if got.Usage.ID.IsZero() {
				continue
			}
			u := got.Usage
			switch rng.Intn(3) {
			case 0:
				if u, err = u.WriteOff(inventory.UsageClosing{Reason: inventory.ReasonSample, By: owner, At: morning}); err != nil {
					t.Fatal(err)
				}
			case 1:
				m, err := u.Match(inventory.Matching{ID: movementID(fmt.Sprint("match", n, k)), Product: p, Lot: r.Lot, Balance: b, NewVial: vialID(fmt.Sprint("late", n, k)), Opening: movementID(fmt.Sprint("late", n, k)), By: owner, At: morning.Add(time.Hour)})
				if err != nil {
					t.Fatalf("seed %d: Match() = %v", seed, err)
				}
				u, b, f.Vials, f.Movements = m.Usage, m.Balance, append(f.Vials, m.Vial), append(f.Movements, m.Movements...)
			}
			f.Usages = append(f.Usages, u)
		}
	}
	for i, v := range f.Vials {
		next, after, m, err := v.Discard(inventory.Discard{ID: movementID(fmt.Sprint("discard", i)), Balance: b, Reason: []string{inventory.ReasonUnused, inventory.ReasonLost}[rng.Intn(2)], By: nurse, At: morning.Add(time.Hour)})
		switch {
		case err == nil:
			f.Vials[i], b, f.Movements = next, after, append(f.Movements, m)
		case !errors.As(err, new(*glabella.TransitionError)):
			t.Fatal(err)
		}
	}
	return f
}
