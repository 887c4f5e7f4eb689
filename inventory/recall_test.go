package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func patientID(name string) glabella.PatientID { return glabella.DeriveID[glabella.PatientID](name) }

// traced returns a trace of the lot that names the patients.
func traced(lot string, exposed, suspected []string) inventory.LotTrace {
	t := inventory.LotTrace{Lot: lotID(lot)}
	for i, name := range exposed {
		t.Exposures = append(t.Exposures, inventory.Exposure{Patient: patientID(name), Basis: inventory.ExposureMoved, Kind: inventory.MovementAdminister,
			Movement: movementID(fmt.Sprint(lot, i)), Site: site, At: morning, Quantity: units("20")})
	}
	for i, name := range suspected {
		t.Suspects = append(t.Suspects, inventory.Suspect{Usage: glabella.DeriveID[glabella.UsageID](fmt.Sprint(lot, i)), Patient: patientID(name), Site: site, At: morning, Quantity: units("20")})
	}
	return t
}

func recallOf(t testing.TB, traces ...inventory.LotTrace) inventory.RecallCase {
	t.Helper()
	o := inventory.RecallOpening{ID: glabella.DeriveID[glabella.RecallCaseID]("recall"), Reference: "Z-1", Class: inventory.RecallClassII, By: nurse, At: morning}
	for _, tr := range traces {
		o.Lots = append(o.Lots, tr.Lot)
	}
	c, err := inventory.OpenRecall(o, traces...)
	if err != nil {
		t.Fatalf("OpenRecall() = %v, want no error", err)
	}
	return c
}

// summary returns who has which task, in which state.
func summary(c inventory.RecallCase, names ...string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		for _, task := range c.Tasks {
			if task.Patient == patientID(name) {
				out[name] = fmt.Sprintf("%s %s of %d", task.Certainty, task.State, len(task.Lots))
			}
		}
	}
	return out
}

func attempt(o inventory.ContactOutcome) inventory.ContactAttempt {
	return inventory.ContactAttempt{Channel: inventory.RecallByPhone, Outcome: o, By: nurse, At: morning.Add(time.Hour)}
}

var done = inventory.RecallStep{Reason: "by-hand", By: nurse, At: morning.Add(2 * time.Hour)}

func TestTraceStatesWhatIsUncertain(t *testing.T) {
	t.Parallel()
	x := inventory.NewIndex()
	p, lot := toxin(), inventory.Lot{ID: lotID("A"), Product: toxin().ID, Number: "A", State: inventory.LotAvailable, Expires: today.AddDays(5)}
	x.PutProduct(p)
	x.PutLot(lot)
	in := func(id string, at time.Time, kind inventory.MovementKind, qty string, who glabella.PatientID) {
		x.PutMovement(inventory.Movement{ID: movementID(id), Kind: kind, Lot: lot.ID, Site: site, Product: p.ID, Quantity: units(qty), Patient: who, By: nurse, At: at})
	}
	in("in", morning, inventory.MovementReceive, "100", glabella.PatientID{})
	in("given", morning.Add(time.Hour), inventory.MovementAdminister, "-20", patientID("exposed"))
	in("sold", morning.Add(30*24*time.Hour), inventory.MovementSell, "-80", glabella.PatientID{})
	x.PutBalance(inventory.Balance{ID: inventory.BalanceIDOf(lot.ID, site), Lot: lot.ID, Site: site, Product: p.ID, OnHand: units("0"), ReceivedAt: morning})
	chart := func(name string, at time.Time, change func(*inventory.Usage)) {
		u := inventory.Usage{ID: glabella.DeriveID[glabella.UsageID](name), Site: site, Product: p.ID, Substance: p.Substance, Patient: patientID(name), By: nurse, At: at,
			Quantity: units("20"), Cause: inventory.UsageNoLot, State: inventory.UsageOpen}
		if change != nil {
			change(&u)
		}
		x.PutUsage(u)
	}
	chart("before", morning.Add(-time.Minute), nil)
	chart("first moment", morning, nil)
	chart("in the window", morning.Add(24*time.Hour), nil)
	chart("written off", morning.Add(25*time.Hour), func(u *inventory.Usage) { u.State = inventory.UsageWrittenOff })
	chart("voided", morning.Add(25*time.Hour), func(u *inventory.Usage) { u.State = inventory.UsageVoided })
	chart("by the substance", morning.Add(26*time.Hour), func(u *inventory.Usage) { u.Product = glabella.ProductID{} })
	chart("of another product", morning.Add(27*time.Hour), func(u *inventory.Usage) { u.Product = filler().ID })
	chart("at the other site", morning.Add(27*time.Hour), func(u *inventory.Usage) { u.Site = there })
	chart("of another lot", morning.Add(27*time.Hour), func(u *inventory.Usage) { u.Lot = lotID("B") })
	chart("of the lot", morning.Add(28*time.Hour), func(u *inventory.Usage) { u.Lot, u.Cause = lot.ID, inventory.UsageNoContainer })
	chart("matched to another", morning.Add(29*time.Hour), func(u *inventory.Usage) {
		u.State, u.Matches = inventory.UsageMatched, []inventory.UsageMatch{{Movement: movementID("m"), Lot: lotID("B"), Quantity: units("20"), By: nurse, At: morning}}
	})
	chart("after expiry", morning.Add(8*24*time.Hour), nil)
	chart("after the last", morning.Add(31*24*time.Hour), nil)

	trace := x.Trace(lot.ID)
	name := map[glabella.PatientID]string{}
	for _, n := range []string{"exposed", "before", "first moment", "in the window", "written off", "voided", "by the substance", "of another product", "at the other site", "of another lot", "of the lot", "matched to another", "after expiry", "after the last"} {
		name[patientID(n)] = n
	}
	got := map[string][]string{}
	for _, e := range trace.Exposures {
		got["exposed"] = append(got["exposed"], name[e.Patient]+", "+string(e.Basis))
	}
	for _, s := range trace.Suspects {
		n := name[s.Patient]
		if s.Expired {
			n += ", expired"
		}
		got["suspects"] = append(got["suspects"], n)
	}
	for _, e := range trace.Unnamed {
		got["unnamed"] = append(got["unnamed"], string(e.Kind))
	}
	want := map[string][]string{
		"exposed":  {"exposed, moved", "of the lot, charted"},
		"suspects": {"first moment", "in the window", "written off", "by the substance", "after expiry, expired"},
		"unnamed":  {"sell"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("trace (-want +got):\n%s", d)
	}
	if trace.Complete() {
		t.Error("Complete() = true for a trace with suspects, want false")
	}
	if got := len(trace.Uncertain()); got != 5 {
		t.Errorf("Uncertain() has %d patients, want 5", got)
	}
	if s := trace.Stock[0]; !s.Gone() || !s.Since.Equal(morning) || !s.Until.Equal(morning.Add(30*24*time.Hour)) {
		t.Errorf("stock = %+v, want gone, from the first movement until the last", s)
	}
}

func TestTraceOfAnItemThatWasChartedByItsCode(t *testing.T) {
	t.Parallel()
	x := inventory.NewIndex()
	p := gloves()
	x.PutLot(inventory.Lot{ID: lotID("G"), Product: p.ID, Number: "G", State: inventory.LotAvailable})
	x.PutBalance(inventory.Balance{ID: inventory.BalanceIDOf(lotID("G"), site), Lot: lotID("G"), Site: site, Product: p.ID, OnHand: quantity.MustParse("5 1"), Sealed: 5, ReceivedAt: morning})
	x.PutUsage(inventory.Usage{ID: glabella.DeriveID[glabella.UsageID]("by code"), Site: site, Substance: p.Code, Patient: ann, By: nurse, At: morning.Add(time.Hour),
		Quantity: quantity.MustParse("1 1"), Cause: inventory.UsageNoLot, State: inventory.UsageOpen})
	if got := len(x.Trace(lotID("G")).Suspects); got != 0 {
		t.Errorf("%d suspects before the product is known, want 0", got)
	}
	x.PutProduct(p)
	if got := len(x.Trace(lotID("G")).Suspects); got != 1 {
		t.Errorf("%d suspects, want the one that was charted by the item's code", got)
	}
}

func TestLotsOfAPatientAfterOneIsTakenBack(t *testing.T) {
	t.Parallel()
	lots := []string{"A", "B", "C", "D"}
	for taken := range lots {
		x := inventory.NewIndex()
		var want []glabella.LotID
		for i, name := range lots {
			m := inventory.Movement{ID: movementID(name), Kind: inventory.MovementAdminister, Lot: lotID(name), Site: site, Product: toxin().ID,
				Vial: glabella.DeriveID[glabella.VialID](name), Quantity: units("-5"), Patient: ann, By: nurse, At: morning}
			x.PutMovement(m)
			if i != taken {
				want = append(want, m.Lot)
			}
		}
		x.PutMovement(inventory.Movement{ID: movementID("back"), Kind: inventory.MovementAdminister, Lot: lotID(lots[taken]), Site: site, Product: toxin().ID,
			Quantity: units("5"), Patient: ann, By: nurse, At: morning, Reverses: movementID(lots[taken]), Reason: inventory.ReasonEnteredInError})
		if d := diff(sortedOnce(want), x.Lots(ann)); d != "" {
			t.Errorf("Lots() after that of %s is taken back (-want +got):\n%s", lots[taken], d)
		}
		if got := x.Recall(lotID(lots[taken])); len(got) != 0 {
			t.Errorf("Recall(%s) = %v, want nobody", lots[taken], got)
		}
	}
}

func TestRetrace(t *testing.T) {
	t.Parallel()
	names := []string{"ann", "ben", "cas", "dee", "eli", "fay"}
	c := recallOf(t, traced("A", []string{"ann", "ann", "cas"}, []string{"ben", "ann", "dee", "eli"}), traced("B", nil, []string{"cas", "ben"}))
	if d := cmp.Diff(map[string]string{
		"ann": "exposed pending of 1", "ben": "suspected pending of 2", "cas": "exposed pending of 1", "dee": "suspected pending of 1", "eli": "suspected pending of 1",
	}, summary(c, names...)); d != "" {
		t.Fatalf("opened (-want +got):\n%s", d)
	}
	must := func(next inventory.RecallCase, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		c = next
	}
	must(c.Contact(patientID("ann"), attempt(inventory.ContactInformed)))
	must(c.Contact(patientID("ben"), attempt(inventory.ContactInformed)))
	must(c.Acknowledge(patientID("ben"), done))
	must(c.Contact(patientID("eli"), attempt(inventory.ContactNoAnswer)))
	must(c.Clear(patientID("cas"), done))

	before, _ := json.Marshal(c)
	after, err := c.Retrace(morning.Add(24*time.Hour), traced("A", []string{"ann", "ben", "cas"}, nil), traced("B", []string{"fay"}, nil))
	if err != nil {
		t.Fatalf("Retrace() = %v, want no error", err)
	}
	if d := cmp.Diff(map[string]string{
		"ann": "exposed informed of 1",
		"ben": "exposed pending of 1",     // was told of a suspicion
		"cas": "exposed cleared of 1",     // somebody decided that, and nothing is new
		"dee": "suspected cleared of 1",   // no longer a suspect
		"eli": "suspected attempted of 1", // somebody has tried already
		"fay": "exposed pending of 1",
	}, summary(after, names...)); d != "" {
		t.Errorf("retraced (-want +got):\n%s", d)
	}
	if now, _ := json.Marshal(c); string(now) != string(before) {
		t.Error("Retrace changed the case that it was asked of")
	}
	again, err := after.Retrace(morning.Add(24*time.Hour), traced("A", []string{"ann", "ben", "cas"}, nil), traced("B", []string{"fay"}, nil))
	if err != nil || cmp.Diff(after, again) != "" {
		t.Errorf("the same trace again changes the case: %v\n%s", err, cmp.Diff(after, again))
	}
	back, err := after.Retrace(morning.Add(25*time.Hour), traced("A", []string{"ann", "ben", "cas"}, []string{"dee"}), traced("B", []string{"ann", "fay"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(back, "dee", "ann"); got["dee"] != "suspected pending of 1" || got["ann"] != "exposed pending of 2" {
		t.Errorf("who is in the trace again, and who received a second lot = %v, want pending", got)
	}
	if _, err := c.Retrace(morning, traced("A", nil, nil)); !slices.Contains(codesOf(err), inventory.CodeRecallTrace) {
		t.Errorf("Retrace without one of the lots = %v, want %s", err, inventory.CodeRecallTrace)
	}
}

func TestRecallTaskVerbs(t *testing.T) {
	t.Parallel()
	ann := patientID("ann")
	for _, tt := range []struct {
		name  string
		steps []string
		want  string
		fails bool // of the last step
	}{
		{name: "told and confirmed", steps: []string{"no-answer", "informed", "acknowledge"}, want: "acknowledged, 2 attempts"},
		{name: "a letter is answered", steps: []string{"sent", "acknowledge"}, want: "acknowledged, 1 attempts"},
		{name: "nobody confirms what was never tried", steps: []string{"acknowledge"}, want: "pending, 0 attempts", fails: true},
		{name: "nobody gives up before trying", steps: []string{"give up"}, want: "pending, 0 attempts", fails: true},
		{name: "given up, and reached after all", steps: []string{"no-answer", "give up", "informed"}, want: "informed, 2 attempts"},
		{name: "excused, and put back on the list", steps: []string{"excuse", "reopen"}, want: "pending, 0 attempts"},
		{name: "cleared", steps: []string{"message-left", "clear"}, want: "cleared, 1 attempts"},
		{name: "who was told is not cleared", steps: []string{"informed", "clear"}, want: "informed, 1 attempts", fails: true},
		{name: "a message after telling changes nothing", steps: []string{"informed", "sent"}, want: "informed, 2 attempts"},
		{name: "who has confirmed is left alone", steps: []string{"informed", "acknowledge", "informed"}, want: "acknowledged, 1 attempts", fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := recallOf(t, traced("A", []string{"ann", "ben"}, nil))
			var err error
			for i, step := range tt.steps {
				if err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				switch step {
				case "acknowledge":
					c, err = c.Acknowledge(ann, done)
				case "give up":
					c, err = c.GiveUp(ann, done)
				case "excuse":
					c, err = c.Excuse(ann, done)
				case "clear":
					c, err = c.Clear(ann, done)
				case "reopen":
					c, err = c.ReopenTask(ann)
				default:
					c, err = c.Contact(ann, attempt(inventory.ContactOutcome(step)))
				}
			}
			var transition *glabella.TransitionError
			if tt.fails != errors.As(err, &transition) {
				t.Errorf("the last step = %v, want a refused transition: %t", err, tt.fails)
			}
			for _, task := range c.Tasks {
				got := fmt.Sprintf("%s, %d attempts", task.State, len(task.Attempts))
				if task.Patient == ann && got != tt.want {
					t.Errorf("task = %s, want %s", got, tt.want)
				} else if task.Patient != ann && got != "pending, 0 attempts" {
					t.Errorf("another patient's task = %s, want it untouched", got)
				}
			}
		})
	}
}

func TestRecallTaskNeedsPatientAndReason(t *testing.T) {
	t.Parallel()
	c := recallOf(t, traced("A", []string{"ann"}, nil))
	if _, err := c.Excuse(patientID("nobody"), done); !slices.Contains(codesOf(err), inventory.CodeRecallNobody) {
		t.Errorf("Excuse of somebody without a task = %v, want %s", err, inventory.CodeRecallNobody)
	}
	if _, err := c.Excuse(patientID("ann"), inventory.RecallStep{By: nurse, At: morning}); !slices.Contains(codesOf(err), inventory.CodeRecallTasks) {
		t.Errorf("Excuse without a reason = %v, want %s", err, inventory.CodeRecallTasks)
	}
	canceled, err := c.Cancel(done)
	if err != nil {
		t.Fatal(err)
	}
	var transition *glabella.TransitionError
	if _, err := canceled.Contact(patientID("ann"), attempt(inventory.ContactSent)); !errors.As(err, &transition) {
		t.Errorf("Contact in a canceled case = %v, want a refused transition", err)
	}
	if _, err := c.Cancel(inventory.RecallStep{By: nurse, At: morning}); err == nil {
		t.Error("Cancel without a reason = no error, want one")
	}
}

func TestRecallClosable(t *testing.T) {
	t.Parallel()
	held := inventory.Lot{ID: lotID("A"), Product: toxin().ID, Number: "A", State: inventory.LotRecalled, Hold: "Z-1"}
	told := func(c inventory.RecallCase, names ...string) inventory.RecallCase {
		for _, name := range names {
			var err error
			if c, err = c.Contact(patientID(name), attempt(inventory.ContactInformed)); err != nil {
				t.Fatal(err)
			}
			if c, err = c.Acknowledge(patientID(name), done); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	trace := traced("A", []string{"ann"}, []string{"ben"})
	for _, tt := range []struct {
		name    string
		change  func(*inventory.RecallFacts)
		outcome glabella.Outcome
		codes   []glabella.Code
	}{
		{name: "everybody has confirmed and nothing is left", outcome: glabella.Allow},
		{name: "somebody has not been told", outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeRecallPending},
			change: func(f *inventory.RecallFacts) { f.Case = told(recallOf(t, trace), "ann") }},
		{name: "somebody has not confirmed", outcome: glabella.Warn, codes: []glabella.Code{inventory.CodeRecallUnacknowledged},
			change: func(f *inventory.RecallFacts) {
				c, err := told(recallOf(t, trace), "ann").Contact(patientID("ben"), attempt(inventory.ContactInformed))
				if err != nil {
					t.Fatal(err)
				}
				f.Case = c
			}},
		{name: "somebody cannot be reached", outcome: glabella.Warn, codes: []glabella.Code{inventory.CodeRecallUnreachable},
			change: func(f *inventory.RecallFacts) {
				c, err := told(recallOf(t, trace), "ann").Contact(patientID("ben"), attempt(inventory.ContactNoAnswer))
				if err != nil {
					t.Fatal(err)
				}
				if f.Case, err = c.GiveUp(patientID("ben"), done); err != nil {
					t.Fatal(err)
				}
			}},
		{name: "a newer trace names somebody else", outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeRecallNoTask},
			change: func(f *inventory.RecallFacts) {
				f.Traces = []inventory.LotTrace{traced("A", []string{"ann", "cas"}, []string{"ben"})}
			}},
		{name: "a suspicion has become certain", outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeRecallNoTask},
			change: func(f *inventory.RecallFacts) {
				f.Traces = []inventory.LotTrace{traced("A", []string{"ann", "ben"}, nil)}
			}},
		{name: "the lot is in use and was not traced", outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeRecallLot, inventory.CodeRecallTrace},
			change: func(f *inventory.RecallFacts) {
				l := held
				l.State = inventory.LotQuarantined
				f.Lots, f.Traces = []inventory.Lot{l}, []inventory.LotTrace{traced("B", nil, nil)}
			}},
		{name: "something is left everywhere", outcome: glabella.Deny,
			codes: []glabella.Code{inventory.CodeRecallStock, inventory.CodeRecallStock, inventory.CodeRecallTransit, inventory.CodeRecallVial, inventory.CodeRecallUnnamed},
			change: func(f *inventory.RecallFacts) {
				tr := trace
				tr.Stock = []inventory.TracedStock{{Site: site, OnHand: units("1")}, {Site: there, OnHand: units("0"), Held: 1}, {Site: there, OnHand: units("0")}}
				tr.Transfers = []inventory.TracedTransfer{{Sent: 2, Received: 1, InTransit: 1}, {Sent: 1, Received: 1}}
				tr.Vials = []inventory.TracedVial{{State: inventory.VialOpen}, {State: inventory.VialEmpty}}
				tr.Unnamed = []inventory.Exposure{{Kind: inventory.MovementSell}}
				f.Traces = []inventory.LotTrace{tr}
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := inventory.RecallFacts{Case: told(recallOf(t, trace), "ann", "ben"), Lots: []inventory.Lot{held}, Traces: []inventory.LotTrace{trace}}
			if tt.change != nil {
				tt.change(&f)
			}
			d := inventory.RecallClosable(f)
			got := d.Codes()
			slices.Sort(got)
			slices.Sort(tt.codes)
			if d := diff(tt.codes, got); d != "" {
				t.Errorf("codes (-want +got):\n%s", d)
			}
			if d.Outcome != tt.outcome {
				t.Errorf("RecallClosable() = %v, want %v", d, tt.outcome)
			}
			closed, err := f.Case.Close(f, done)
			if (err == nil) != (tt.outcome == glabella.Allow) {
				t.Errorf("Close() = %v, want an error unless allowed", err)
			}
			if tt.outcome == glabella.Warn {
				if closed, err = f.Case.Close(f, done, tt.codes...); err != nil {
					t.Errorf("Close() with the warnings settled = %v, want no error", err)
				}
			}
			if err == nil {
				if closed.State != inventory.RecallClosed || closed.Validate() != nil {
					t.Errorf("closed case = %s, %v, want a valid closed one", closed.State, closed.Validate())
				}
				if again, err := closed.Reopen(); err != nil || again.State != inventory.RecallOpen || again.Validate() != nil {
					t.Errorf("Reopen() = %s, %v, want a valid open case", again.State, err)
				}
			}
		})
	}
}

func TestRecallProgressAndWorklist(t *testing.T) {
	t.Parallel()
	c := recallOf(t, traced("A", []string{"ann", "ben", "cas"}, []string{"dee", "eli"}))
	late := attempt(inventory.ContactNoAnswer)
	late.At = morning.Add(48 * time.Hour)
	for _, s := range []func() (inventory.RecallCase, error){
		func() (inventory.RecallCase, error) { return c.Contact(patientID("ann"), late) },
		func() (inventory.RecallCase, error) {
			return c.Contact(patientID("ben"), attempt(inventory.ContactSent))
		},
		func() (inventory.RecallCase, error) {
			return c.Contact(patientID("cas"), attempt(inventory.ContactInformed))
		},
		func() (inventory.RecallCase, error) { return c.Clear(patientID("eli"), done) },
	} {
		var err error
		if c, err = s(); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(inventory.RecallProgress{Pending: 3, Informed: 1, Cleared: 1, Exposed: 3, Suspected: 1}, c.Progress()); d != "" {
		t.Errorf("Progress() (-want +got):\n%s", d)
	}
	var got []glabella.PatientID
	for _, task := range c.Worklist() {
		got = append(got, task.Patient)
	}
	if d := cmp.Diff([]glabella.PatientID{patientID("ben"), patientID("ann"), patientID("dee")}, got); d != "" {
		t.Errorf("Worklist() (-want +got):\n%s", d)
	}
}

func TestRecallCaseValidate(t *testing.T) {
	t.Parallel()
	valid := recallOf(t, traced("A", []string{"ann", "ben"}, nil))
	for _, tt := range []struct {
		name   string
		change func(*inventory.RecallCase)
		want   []string
	}{
		{"as opened", func(*inventory.RecallCase) {}, nil},
		{"nothing", func(c *inventory.RecallCase) { *c = inventory.RecallCase{} }, []string{
			"/id required", "/reference required", "/lots out-of-range", "/openedBy required", "/openedAt required", "/state unknown-value"}},
		{"an unknown class", func(c *inventory.RecallCase) { c.Class = "class-9" }, []string{"/class unknown-value"}},
		{"a lot twice", func(c *inventory.RecallCase) { c.Lots = append(c.Lots, c.Lots[0], glabella.LotID{}) }, []string{"/lots/1 duplicate", "/lots/2 required"}},
		{"closed by nobody", func(c *inventory.RecallCase) { c.State = inventory.RecallClosed }, []string{"/closing mismatch"}},
		{"open and closed", func(c *inventory.RecallCase) { c.Closing = done }, []string{"/closing mismatch"}},
		{"one patient twice", func(c *inventory.RecallCase) { c.Tasks = []inventory.RecallTask{c.Tasks[0], c.Tasks[0]} }, []string{"/tasks/1/patient inventory.recall.tasks"}},
		{"an empty task", func(c *inventory.RecallCase) { c.Tasks = []inventory.RecallTask{{}} }, []string{
			"/tasks/0/patient required", "/tasks/0/certainty unknown-value", "/tasks/0/state unknown-value", "/tasks/0/lots required"}},
		{"a task of another lot", func(c *inventory.RecallCase) { c.Tasks[0].Lots = []glabella.LotID{lotID("B")} }, []string{"/tasks/0/lots/0 inventory.recall.tasks"}},
		{"attempted by nobody", func(c *inventory.RecallCase) { c.Tasks[0].State = inventory.TaskAttempted }, []string{"/tasks/0/attempts inventory.recall.tasks"}},
		{"an empty attempt", func(c *inventory.RecallCase) { c.Tasks[0].Attempts = []inventory.ContactAttempt{{}} }, []string{
			"/tasks/0/attempts/0/channel unknown-value", "/tasks/0/attempts/0/outcome unknown-value", "/tasks/0/attempts/0 required"}},
		{"confirmed at no time", func(c *inventory.RecallCase) { c.Tasks[0].State = inventory.TaskAcknowledged }, []string{"/tasks/0/acknowledged inventory.recall.tasks"}},
		{"a reason that is no code", func(c *inventory.RecallCase) {
			c.Tasks[0].State, c.Tasks[0].Settled = inventory.TaskExcused, inventory.RecallStep{Reason: "Has died", By: nurse, At: morning}
		}, []string{"/tasks/0/settled/reason format"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := valid
			c.Lots, c.Tasks = slices.Clone(valid.Lots), slices.Clone(valid.Tasks)
			tt.change(&c)
			got := places(c.Validate())
			slices.Sort(got)
			slices.Sort(tt.want)
			if d := diff(tt.want, got); d != "" {
				t.Errorf("issues (-want +got):\n%s", d)
			}
		})
	}
}

func TestRecallCaseStoredFormIsExact(t *testing.T) {
	t.Parallel()
	c := recallOf(t, traced("A", []string{"ann"}, []string{"ben"}))
	c, err := c.Contact(patientID("ann"), attempt(inventory.ContactInformed))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Acknowledge(patientID("ann"), done); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAs[inventory.RecallCase](text)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(any(c), got); d != "" {
		t.Errorf("read(write(v)) (-want +got):\n%s", d)
	}
}

// TestRecallCaseAfterRandomSteps runs random verbs and traces: the case stays
// valid, nobody whom a trace names is without a task, and no task is lost.
func TestRecallCaseAfterRandomSteps(t *testing.T) {
	t.Parallel()
	names := []string{"ann", "ben", "cas", "dee", "eli", "fay"}
	reached := map[inventory.TaskState]int{}
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		some := func() []string {
			return slices.DeleteFunc(slices.Clone(names), func(string) bool { return rng.Intn(2) == 0 })
		}
		c := recallOf(t, traced("A", some(), some()), traced("B", some(), some()))
		for range 60 {
			who := patientID(names[rng.Intn(len(names))])
			had := len(c.Tasks)
			var next inventory.RecallCase
			var err error
			switch rng.Intn(9) {
			case 0:
				a, b := traced("A", some(), some()), traced("B", some(), some())
				if next, err = c.Retrace(morning, a, b); err != nil {
					t.Fatalf("seed %d: Retrace() = %v, want no error", seed, err)
				}
				if inventory.RecallClosable(inventory.RecallFacts{Case: next, Traces: []inventory.LotTrace{a, b}}).Has(inventory.CodeRecallNoTask) {
					t.Fatalf("seed %d: somebody whom the trace names has no task", seed)
				}
			case 1, 2, 3:
				next, err = c.Contact(who, attempt(inventory.ContactOutcomes()[rng.Intn(5)]))
			case 4:
				next, err = c.Acknowledge(who, done)
			case 5:
				next, err = c.GiveUp(who, done)
			case 6:
				next, err = c.Excuse(who, done)
			case 7:
				next, err = c.Clear(who, done)
			case 8:
				next, err = c.ReopenTask(who)
			}
			var transition *glabella.TransitionError
			if err != nil && !errors.As(err, &transition) && !slices.Contains(codesOf(err), inventory.CodeRecallNobody) {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if err == nil {
				c = next
			}
			if err := c.Validate(); err != nil || len(c.Tasks) < had {
				t.Fatalf("seed %d: %d tasks after %d, %v", seed, len(c.Tasks), had, err)
			}
		}
		p := c.Progress()
		if sum := p.Pending + p.Told() + p.Unreachable + p.Excused + p.Cleared; sum != len(c.Tasks) || p.Exposed+p.Suspected+p.Cleared != len(c.Tasks) {
			t.Fatalf("seed %d: the counts %+v do not sum to %d tasks", seed, p, len(c.Tasks))
		}
		for _, task := range c.Tasks {
			reached[task.State]++
		}
	}
	for _, s := range inventory.TaskStates() {
		if reached[s] == 0 {
			t.Errorf("no task ends %s", s)
		}
	}
}

func TestRecallLetter(t *testing.T) {
	t.Parallel()
	full := inventory.RecallLetter{Patient: "Ana Example", Practice: "Example Clinic", Contact: "555 0100", Product: "Toxin 100 units", Lot: "A1", Reference: "Z-1", Given: "23 November 2026",
		Certainty: inventory.RecallExposed}
	for _, language := range inventory.RecallLetterLanguages() {
		for _, certainty := range inventory.RecallCertainties() {
			l := full
			l.Certainty = certainty
			subject, body, err := l.Text(language)
			if err != nil {
				t.Fatalf("Text(%s) = %v, want no error", language, err)
			}
			for _, want := range []string{l.Patient, l.Practice, l.Contact, l.Product, l.Lot, l.Reference, l.Given} {
				if !strings.Contains(body, want) {
					t.Errorf("the %s %s letter does not say %q", language, certainty, want)
				}
			}
			if strings.ContainsAny(subject+body, "{}") {
				t.Errorf("the %s %s letter has a gap:\n%s\n%s", language, certainty, subject, body)
			}
			if other, _ := recallBody(full, language); (body == other) != (certainty == inventory.RecallExposed) {
				t.Errorf("the %s letters for exposed and suspected patients are the same", language)
			}
		}
	}
	gap := full
	gap.Contact, gap.Certainty = " ", ""
	_, _, err := gap.Text("xx")
	if d := diff([]string{"/certainty unknown-value", "/contact required", "/language unknown-value"}, places(err)); d != "" {
		t.Errorf("issues (-want +got):\n%s", d)
	}
}

func recallBody(l inventory.RecallLetter, language string) (string, error) {
	_, body, err := l.Text(language)
	return body, err
}

func TestRecallEnums(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"exposure basis": inventory.ExposureBasis("").Valid(), "class": inventory.RecallClass("").Valid(), "state": inventory.RecallState("").Valid(),
		"certainty": inventory.RecallCertainty("").Valid(), "channel": inventory.RecallChannel("").Valid(), "outcome": inventory.ContactOutcome("").Valid(), "task": inventory.TaskState("").Valid(),
	} {
		if valid {
			t.Errorf("the empty %s is valid, want invalid", name)
		}
	}
	for _, s := range inventory.RecallTaskMachine().States() {
		if !s.Valid() {
			t.Errorf("state %q of the task machine is not one of TaskStates", s)
		}
	}
	for _, s := range inventory.RecallMachine().States() {
		if !s.Valid() {
			t.Errorf("state %q of the recall machine is not one of RecallStates", s)
		}
	}
	for _, b := range inventory.ExposureBases() {
		if !b.Valid() {
			t.Errorf("basis %q is not valid", b)
		}
	}
}
