package inventory_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

var usageID = glabella.DeriveID[glabella.UsageID]("usage")

// charted is an administration of the toxin to ann at the test site.
func charted(qty string, r inventory.Receipt, v inventory.Vial, b inventory.Balance) inventory.Charted {
	return inventory.Charted{
		Draw: draw("given", use(r.Lot, qty, ann, morning), b),
		Site: site, Vial: v, Unreconciled: usageID,
	}
}

// unreconciled is an open usage of some units of a toxin without a lot.
func unreconciled(t testing.TB, qty string) inventory.Usage {
	t.Helper()
	got, err := inventory.Book(charted(qty, inventory.Receipt{}, inventory.Vial{}, inventory.Balance{}))
	if err != nil {
		t.Fatalf("Book() = %v, want no error", err)
	}
	return got.Usage
}

func matching(r inventory.Receipt, v inventory.Vial, b inventory.Balance) inventory.Matching {
	return inventory.Matching{
		ID: movementID("match"), Product: toxin(), Lot: r.Lot, Balance: b, Vial: v, NewVial: glabella.DeriveID[glabella.VialID]("found"),
		Opening: movementID("late opening"), By: other, At: morning.Add(24 * time.Hour),
	}
}

func TestUsageEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.UsageCauses())
	checkEnum(t, inventory.UsageStates())
}

func TestBookOpensAUsageForWhatStockDoesNotHold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, c *inventory.Charted)
		taken  string // out of stock
		rest   string // of the usage; empty if none is open
		cause  inventory.UsageCause
	}{
		{name: "enough in the container opens none", change: func(_ *testing.T, _ *inventory.Charted) {}, taken: "30"},
		{name: "no lot", change: func(_ *testing.T, c *inventory.Charted) {
			c.Vial, c.Use.Lot, c.Balance = inventory.Vial{}, inventory.Lot{}, inventory.Balance{}
		}, rest: "30", cause: inventory.UsageNoLot},
		{name: "a lot and no container", change: func(_ *testing.T, c *inventory.Charted) { c.Vial = inventory.Vial{} }, rest: "30", cause: inventory.UsageNoContainer},
		{name: "a lot that the site never had", change: func(_ *testing.T, c *inventory.Charted) {
			c.Vial, c.Balance = inventory.Vial{}, inventory.Balance{}
		}, rest: "30", cause: inventory.UsageNoContainer},
		{name: "more than the container holds is split", change: func(_ *testing.T, c *inventory.Charted) { c.Quantity = units("130") }, taken: "100", rest: "30", cause: inventory.UsageBeyondStock},
		{name: "more than the books hold is split", change: func(_ *testing.T, c *inventory.Charted) { c.Balance.OnHand = units("10") }, taken: "10", rest: "20", cause: inventory.UsageBeyondStock},
		{name: "nothing on the books", change: func(_ *testing.T, c *inventory.Charted) { c.Balance.OnHand = units("0") }, rest: "30", cause: inventory.UsageBeyondStock},
		{name: "a container that was discarded", change: func(t *testing.T, c *inventory.Charted) {
			var err error
			c.Vial, c.Balance, _, err = c.Vial.Discard(inventory.Discard{ID: movementID("x"), Balance: c.Balance, Reason: inventory.ReasonUnused, By: nurse, At: morning})
			if err != nil {
				t.Fatal(err)
			}
		}, rest: "30", cause: inventory.UsageBeyondStock},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, b, _ := ready(t)
			c := charted("30", r, v, b)
			tt.change(t, &c)
			got, err := inventory.Book(c)
			if err != nil {
				t.Fatalf("Book() = %v, want no error", err)
			}
			if tt.taken == "" {
				if !got.Movement.ID.IsZero() || !cmp.Equal(c.Balance, got.Balance) || !cmp.Equal(c.Vial, got.Vial) {
					t.Errorf("Book() moved %+v, want nothing", got.Movement)
				}
			} else if !got.Movement.Quantity.Equal(units(tt.taken).Neg()) || got.Movement.Patient != ann {
				t.Errorf("Book() moved %s, want %s out", got.Movement.Quantity, tt.taken)
			}
			if tt.rest == "" {
				if !got.Usage.ID.IsZero() || !got.Notice.Allowed() {
					t.Errorf("Book() opened %+v with notice %v, want none", got.Usage, got.Notice)
				}
				return
			}
			if !got.Usage.Quantity.Equal(units(tt.rest)) || got.Usage.Cause != tt.cause || got.Usage.State != inventory.UsageOpen || got.Usage.ID != usageID {
				t.Errorf("Book() opened %s for %s, want %s for %s", got.Usage.Quantity, got.Usage.Cause, tt.rest, tt.cause)
			}
			if !slices.Equal(got.Notice.Codes(), []glabella.Code{inventory.CodeUsageOpened}) || got.Notice.Outcome != glabella.Warn {
				t.Errorf("Book() notice = %v, want %s", got.Notice, inventory.CodeUsageOpened)
			}
		})
	}
}

func TestBookRefusesWhatMayNotBeUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Charted)
		want   []glabella.Code
	}{
		{"a recalled lot", func(c *inventory.Charted) { c.Use.Lot = recalled(c.Use.Lot) }, []glabella.Code{inventory.CodeLotRecalled}},
		{"a recalled lot without its container", func(c *inventory.Charted) { c.Vial, c.Use.Lot = inventory.Vial{}, recalled(c.Use.Lot) }, []glabella.Code{inventory.CodeLotRecalled}},
		{"an expired lot that is short, too", func(c *inventory.Charted) {
			c.Quantity, c.Use.Lot.Expires = units("500"), glabella.MustParseDate("2026-01-31")
		}, []glabella.Code{inventory.CodeLotExpired}},
		{"the container of another patient", func(c *inventory.Charted) { c.Vial.Patient = ben }, []glabella.Code{inventory.CodeVialOtherPatient}},
		{"a container past its time", func(c *inventory.Charted) { c.At = morning.Add(25 * time.Hour) }, []glabella.Code{inventory.CodeVialBeyondUse}},
		{"nothing", func(c *inventory.Charted) { c.Quantity = units("0") }, []glabella.Code{inventory.CodeNotPositive}},
		{"nothing, without a lot", func(c *inventory.Charted) {
			c.Vial, c.Use.Lot, c.Balance, c.Quantity = inventory.Vial{}, inventory.Lot{}, inventory.Balance{}, units("0")
		}, []glabella.Code{inventory.CodeNotPositive}},
		{"nobody", func(c *inventory.Charted) { c.Vial, c.Patient = inventory.Vial{}, glabella.PatientID{} }, []glabella.Code{inventory.CodeVialNoPatient}},
		{"another unit without a container", func(c *inventory.Charted) { c.Vial, c.Quantity = inventory.Vial{}, quantity.MustParse("1 mL") }, []glabella.Code{inventory.CodeUnit}},
		{"the balance of another lot", func(c *inventory.Charted) {
			c.Vial, c.Balance.Lot = inventory.Vial{}, glabella.DeriveID[glabella.LotID]("other")
		}, []glabella.Code{inventory.CodeLotMismatch}},
		{"a container at another site", func(c *inventory.Charted) { c.Site = glabella.DeriveID[glabella.SiteID]("other") }, []glabella.Code{inventory.CodeLotMismatch}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, b, _ := ready(t)
			c := charted("30", r, v, b)
			tt.change(&c)
			got, err := inventory.Book(c)
			if !slices.Equal(codesOf(err), tt.want) || !got.Usage.ID.IsZero() {
				t.Errorf("Book() = usage %q, %v, want %v", got.Usage.ID, err, tt.want)
			}
		})
	}
}

func TestBookPieces(t *testing.T) {
	t.Parallel()
	p := gloves()
	p.Class = inventory.Supply
	d := delivery(p, "G1", 3)
	r, err := inventory.Receive(d)
	if err != nil {
		t.Fatal(err)
	}
	c := inventory.Charted{Site: site, Unreconciled: usageID, Draw: inventory.Draw{ID: movementID("g"), Balance: r.Balance, By: nurse,
		Use: inventory.Use{Lot: r.Lot, Product: p, Patient: ann, Quantity: quantity.MustParse("5 1"), At: morning}}}
	got, err := inventory.Book(c)
	if err != nil || got.Movement.Kind != inventory.MovementConsume || got.Movement.Containers != -3 || got.Balance.Sealed != 0 ||
		!got.Usage.Quantity.Equal(quantity.MustParse("2 1")) || got.Usage.Cause != inventory.UsageBeyondStock {
		t.Errorf("Book(5 of 3 pieces) = %+v, %v, want 3 out and 2 open", got, err)
	}
	c.Quantity = quantity.MustParse("0.5 1")
	if _, err := inventory.Book(c); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodePieces}) {
		t.Errorf("Book(half a piece) = %v, want %s", err, inventory.CodePieces)
	}
}

func TestMatchTakesFromTheContainer(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	u := unreconciled(t, "30")
	first := matching(r, v, b)
	first.Quantity = units("10")
	part, err := u.Match(first)
	if err != nil {
		t.Fatalf("Match(a part) = %v, want no error", err)
	}
	if part.Usage.State != inventory.UsageOpen || !part.Usage.Outstanding().Equal(units("20")) || !part.Vial.Remaining.Equal(units("90")) || part.Vial.Patient != ann {
		t.Errorf("Match(a part) = %s with %s open, %s left, want open with 20, 90 left", part.Usage.State, part.Usage.Outstanding(), part.Vial.Remaining)
	}
	second := matching(r, part.Vial, part.Balance)
	second.ID = movementID("match 2")
	all, err := part.Usage.Match(second)
	if err != nil {
		t.Fatalf("Match(the rest) = %v, want no error", err)
	}
	if all.Usage.State != inventory.UsageMatched || !all.Usage.Outstanding().IsZero() || !all.Balance.OnHand.Equal(units("270")) {
		t.Errorf("Match(the rest) = %s, %s on hand, want matched, 270", all.Usage.State, all.Balance.OnHand)
	}
	movements := slices.Concat([]inventory.Movement{r.Movement, opened}, part.Movements, all.Movements)
	if issues := inventory.Verify(movements, []inventory.Balance{all.Balance}, []inventory.Vial{all.Vial}); issues != nil {
		t.Errorf("Verify() = %v, want nothing", issues)
	}
	if got := all.Movements[0]; got.Usage != u.ID || got.Patient != ann || got.By != other {
		t.Errorf("Match() moved %+v, want it to name the usage", got)
	}
	if _, err := all.Usage.Match(second); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Match(again) = %v, want a TransitionError", err)
	}
}

func TestMatchOpensTheContainerThatNobodyRecorded(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 2)
	u := unreconciled(t, "30")
	got, err := u.Match(matching(r, inventory.Vial{}, r.Balance))
	if err != nil {
		t.Fatalf("Match() = %v, want no error", err)
	}
	if got.Vial.OpenedBy != nurse || !got.Vial.OpenedAt.Equal(u.At) || !got.Vial.Remaining.Equal(units("70")) || got.Balance.Sealed != 1 || !got.Balance.OnHand.Equal(units("170")) {
		t.Errorf("Match() = vial %+v, balance %+v", got.Vial, got.Balance)
	}
	if issues := inventory.Verify(append([]inventory.Movement{r.Movement}, got.Movements...), []inventory.Balance{got.Balance}, []inventory.Vial{got.Vial}); issues != nil || len(got.Movements) != 2 {
		t.Errorf("Verify(%d movements) = %v, want nothing of two", len(got.Movements), issues)
	}
}

func TestTheTimeInUseOfAContainerFoundByMatching(t *testing.T) {
	t.Parallel()
	limited := filler()
	limited.InUse.Hours = 6
	for _, tt := range []struct {
		name    string
		product inventory.Product
		qty     string
		want    time.Time
	}{
		{"starts when it was given if it is used as it comes", limited, "0.4 mL{example-gel}", morning.Add(6 * time.Hour)},
		{"starts with its diluent if it needs one", toxin(), "30 " + toxinUnit, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, tt.product, "F1", 1)
			booked, err := inventory.Book(inventory.Charted{Site: site, Unreconciled: usageID, Draw: inventory.Draw{ID: movementID("f"), By: nurse,
				Use: inventory.Use{Product: tt.product, Patient: ann, Quantity: quantity.MustParse(tt.qty), At: morning}}})
			if err != nil {
				t.Fatal(err)
			}
			m := matching(r, inventory.Vial{}, r.Balance)
			m.Product = tt.product
			got, err := booked.Usage.Match(m)
			if err != nil || !got.Vial.BeyondUse.Equal(tt.want) {
				t.Errorf("Match() = beyond use %s, %v, want %s", got.Vial.BeyondUse, err, tt.want)
			}
		})
	}
}

func TestMatchable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(u *inventory.Usage, m *inventory.Matching)
		want   glabella.Outcome
		codes  []glabella.Code
	}{
		{name: "the right stock", want: glabella.Allow},
		{name: "a lot that was recalled since warns", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Lot = recalled(m.Lot) }, want: glabella.Warn, codes: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "a lot that was expired when it was given warns", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Lot.Expires = glabella.MustParseDate("2026-11-22") },
			want: glabella.Warn, codes: []glabella.Code{inventory.CodeLotExpired}},
		{name: "a lot that expired after it was given does not", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Lot.Expires = today }, want: glabella.Allow},
		{name: "another lot than charted warns", change: func(u *inventory.Usage, _ *inventory.Matching) {
			u.Lot, u.Cause = glabella.DeriveID[glabella.LotID]("charted"), inventory.UsageNoContainer
		}, want: glabella.Warn, codes: []glabella.Code{inventory.CodeUsageOtherLot}},
		{name: "a container of another patient warns", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Vial.Patient = ben }, want: glabella.Warn, codes: []glabella.Code{inventory.CodeVialOtherPatient}},
		{name: "a delivery booked after it was given warns", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Balance.ReceivedAt = morning.Add(time.Hour) }, want: glabella.Warn, codes: []glabella.Code{inventory.CodeUsageBeforeReceipt}},
		{name: "a container that was opened later is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Vial.ReconstitutedAt = morning.Add(time.Hour) }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeVialTime}},
		{name: "another product is refused", change: func(u *inventory.Usage, _ *inventory.Matching) { u.Product = filler().ID }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeUsageProduct}},
		{name: "another site is refused", change: func(u *inventory.Usage, _ *inventory.Matching) { u.Site = glabella.DeriveID[glabella.SiteID]("other") }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeUsageProduct, inventory.CodeLotMismatch}},
		{name: "more than is open is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Quantity = units("31") }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeUsageOver}},
		{name: "nothing is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Quantity = units("0") }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeNotPositive}},
		{name: "more than the container holds is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Vial.Remaining = units("20") }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeShort}},
		{name: "more than the books hold is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Balance.OnHand = units("20") }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeShort}},
		{name: "nothing unopened is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Vial, m.Balance.Sealed = inventory.Vial{}, 0 }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeNoSealed}},
		{name: "a lot that the site never had is refused", change: func(_ *inventory.Usage, m *inventory.Matching) {
			m.Vial, m.Balance = inventory.Vial{}, inventory.Balance{}
		}, want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "a lot that is not on record is refused", change: func(_ *inventory.Usage, m *inventory.Matching) { m.Vial, m.Lot = inventory.Vial{}, inventory.Lot{} }, want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotMismatch, inventory.CodeLotUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, b, _ := ready(t)
			u, m := unreconciled(t, "30"), matching(r, v, b)
			if tt.change != nil {
				tt.change(&u, &m)
			}
			d := u.Matchable(m)
			if d.Outcome != tt.want || !slices.Equal(d.Codes(), tt.codes) && len(tt.codes)+len(d.Codes()) > 0 {
				t.Errorf("Matchable() = %v, want %s %v", d, tt.want, tt.codes)
			}
			_, err := u.Match(m)
			if refused := errors.Is(err, glabella.ErrRefused); refused != (tt.want != glabella.Allow) {
				t.Errorf("Match() = %v, want refused unless allowed", err)
			}
			m.Acknowledged = tt.codes
			if _, err := u.Match(m); (err == nil) != (tt.want != glabella.Deny) {
				t.Errorf("Match(acknowledged) = %v, want refused only if denied", err)
			}
		})
	}
}

func TestUnmatchPutsTheUsageBackOnTheWorklist(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	u := unreconciled(t, "30")
	got, err := u.Match(matching(r, v, b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := got.Usage.Void(inventory.UsageClosing{Reason: inventory.ReasonEnteredInError, By: other, At: morning}); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeUsageStands}) {
		t.Errorf("Void(matched) = %v, want %s", err, inventory.CodeUsageStands)
	}
	back, err := inventory.Reverse(got.Movements[0], reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	open, err := got.Usage.Unmatch(back)
	if err != nil || open.State != inventory.UsageOpen || !open.Outstanding().Equal(units("30")) || len(open.Matches) != 1 {
		t.Errorf("Unmatch() = %s with %s open, %v, want open with 30", open.State, open.Outstanding(), err)
	}
	if err := open.Validate(); err != nil {
		t.Errorf("Validate() = %v, want no error", err)
	}
	if open.Matches[0].TakenBack != back.ID {
		t.Errorf("Unmatch() names %s, want the reversal %s", open.Matches[0].TakenBack, back.ID)
	}
	if got.Usage.Matches[0].TakenBack != (glabella.MovementID{}) {
		t.Error("Unmatch() changed the usage that it was given")
	}
	if _, err := open.Unmatch(back); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Unmatch(again) = %v, want invalid", err)
	}
	if _, err := got.Usage.Unmatch(got.Movements[0]); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Unmatch(no reversal) = %v, want invalid", err)
	}
	void, err := open.Void(inventory.UsageClosing{Reason: inventory.ReasonEnteredInError, By: other, At: morning})
	if err != nil || void.State != inventory.UsageVoided {
		t.Errorf("Void() = %s, %v, want voided", void.State, err)
	}
}

func TestWriteOffNeedsAReason(t *testing.T) {
	t.Parallel()
	u := unreconciled(t, "30")
	closing := inventory.UsageClosing{Reason: inventory.ReasonSample, By: other, At: morning}
	for _, tt := range []struct {
		name   string
		change func(*inventory.UsageClosing)
		want   []string
	}{
		{"no reason", func(c *inventory.UsageClosing) { c.Reason = "" }, []string{"/closing/reason required"}},
		{"nobody", func(c *inventory.UsageClosing) { c.By = glabella.StaffID{} }, []string{"/closing required"}},
		{"one's own witness", func(c *inventory.UsageClosing) { c.Witness = c.By }, []string{"/closing/witness inventory.movement.witness"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := closing
			tt.change(&c)
			if _, err := u.WriteOff(c); diff(tt.want, places(err)) != "" {
				t.Errorf("WriteOff() = %v, want %v", err, tt.want)
			}
		})
	}
	off, err := u.WriteOff(closing)
	if err != nil || off.State != inventory.UsageWrittenOff || !off.Outstanding().IsZero() {
		t.Fatalf("WriteOff() = %s, %v, want written off", off.State, err)
	}
	if _, err := off.WriteOff(closing); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("WriteOff(again) = %v, want a TransitionError", err)
	}
	again, err := off.Reopen()
	if d := cmp.Diff(u, again); d != "" || err != nil {
		t.Errorf("Reopen() = %v (-want +got):\n%s", err, d)
	}
}

func TestUsageValidate(t *testing.T) {
	t.Parallel()
	lot := glabella.DeriveID[glabella.LotID]("l")
	match := inventory.UsageMatch{Movement: movementID("m"), Lot: lot, Quantity: units("40"), By: nurse, At: morning}
	for _, tt := range []struct {
		name   string
		change func(*inventory.Usage)
		want   []string
	}{
		{name: "an open usage"},
		{name: "everything that is missing is reported at once", change: func(u *inventory.Usage) { *u = inventory.Usage{} },
			want: []string{"/at required", "/by required", "/cause unknown-value", "/id required", "/patient required", "/quantity inventory.not-positive", "/quantity/unit required", "/site required", "/state unknown-value", "/substance required"}},
		{name: "a lot where none was charted", change: func(u *inventory.Usage) { u.Lot = lot }, want: []string{"/cause inventory.usage.cause"}},
		{name: "beyond the stock of no lot", change: func(u *inventory.Usage) { u.Cause = inventory.UsageBeyondStock }, want: []string{"/cause inventory.usage.cause"}},
		{name: "matched by more than was given", change: func(u *inventory.Usage) { u.Matches = []inventory.UsageMatch{match} }, want: []string{"/matches inventory.usage.matched"}},
		{name: "matched by nothing", change: func(u *inventory.Usage) { u.State = inventory.UsageMatched }, want: []string{"/matches inventory.usage.matched"}},
		{name: "a match of nothing by nobody", change: func(u *inventory.Usage) { u.Matches = []inventory.UsageMatch{{Quantity: units("0")}} }, want: []string{"/matches/0 required", "/matches/0/quantity inventory.not-positive"}},
		{name: "a match in another unit", change: func(u *inventory.Usage) {
			m := match
			m.Quantity = quantity.MustParse("1 mL")
			u.Matches = []inventory.UsageMatch{m}
		}, want: []string{"/matches inventory.unit"}},
		{name: "an open usage that is closed", change: func(u *inventory.Usage) { u.Closing.Reason = "x" }, want: []string{"/closing mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := unreconciled(t, "30")
			if tt.change != nil {
				tt.change(&u)
			}
			if d := diff(tt.want, places(u.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestUsageWorklist(t *testing.T) {
	t.Parallel()
	old, young := unreconciled(t, "30"), unreconciled(t, "20")
	old.ID, old.At = glabella.DeriveID[glabella.UsageID]("old"), morning.Add(-48*time.Hour)
	off, err := unreconciled(t, "5").WriteOff(inventory.UsageClosing{Reason: inventory.ReasonSample, By: other, At: morning})
	if err != nil {
		t.Fatal(err)
	}
	want := []inventory.UsageTask{{Usage: old, Outstanding: units("30"), Age: 49 * time.Hour}, {Usage: young, Outstanding: units("20"), Age: time.Hour}}
	if d := cmp.Diff(want, inventory.UsageWorklist([]inventory.Usage{young, off, old}, morning.Add(time.Hour))); d != "" {
		t.Errorf("UsageWorklist() (-want +got):\n%s", d)
	}
}

func TestUsageCandidates(t *testing.T) {
	t.Parallel()
	lots, balances, _ := shelf(t)
	r, v, b, _ := ready(t)
	lots, balances = append(lots, r.Lot), append(balances, b)
	u := unreconciled(t, "130")
	u.Lot, u.Cause = lots[0].ID, inventory.UsageNoContainer
	got := inventory.UsageCandidates(u, toxin(), lots, balances, []inventory.Vial{v}, nil)
	if len(got) < 3 {
		t.Fatalf("UsageCandidates() = %+v, want several", got)
	}
	if got[0].Lot != u.Lot {
		t.Errorf("UsageCandidates()[0] is of %s, want the charted lot %s", got[0].Lot, u.Lot)
	}
	if i := slices.IndexFunc(got, func(c inventory.UsageCandidate) bool { return c.Vial == v.ID }); i < 0 || !got[i].Available.Equal(units("100")) || !got[i].Decision.Has(inventory.CodeUsageOtherLot) {
		t.Errorf("UsageCandidates() = %+v, want the opened container with 100", got)
	}
	for _, c := range got {
		if c.Decision.Outcome == glabella.Deny {
			t.Errorf("UsageCandidates() has %+v, which cannot be matched", c)
		}
	}
}

func TestUsageStoredFormIsExact(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	u := unreconciled(t, "30")
	matched, err := u.Match(matching(r, v, b))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []inventory.Usage{u, matched.Usage} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got inventory.Usage
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("read(write(usage)) (-want +got):\n%s", d)
		}
	}
}
