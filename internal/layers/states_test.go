package layers

import (
	"flag"
	"fmt"
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
)

var update = flag.Bool("update", false, "write docs/STATES.md")

// machine is a state machine with its type of state taken off.
type machine struct {
	name, source, about string
	arrows              []state.Arrow[string]
	states              []string // those of the arrows
	listed              []string // those of the enumeration, nil if it has none
	invalid             []string // those of the arrows that the enumeration does not know
	mermaid             string
	begins              []string // states that it can begin in, beside that of the first arrow
}

// beginning returns the machine with more states that it can begin in.
func beginning(m machine, states ...string) machine {
	m.begins = states
	return m
}

// plain takes the type off a machine. The enumeration and its Valid may be nil.
func plain[S ~string](source, about string, m state.Machine[S], all []S, valid func(S) bool) machine {
	out := machine{name: m.Name, source: source, about: about, mermaid: m.Mermaid()}
	for _, a := range m.Arrows {
		out.arrows = append(out.arrows, state.Arrow[string]{From: string(a.From), Action: a.Action, To: string(a.To)})
	}
	for _, s := range m.States() {
		out.states = append(out.states, string(s))
		if valid != nil && !valid(s) {
			out.invalid = append(out.invalid, string(s))
		}
	}
	for _, s := range all {
		out.listed = append(out.listed, string(s))
	}
	return out
}

func machines() []machine {
	return []machine{
		plain("scheduling.Machine", "An appointment that needs no confirmation begins as booked.", scheduling.Machine(), scheduling.States(), scheduling.State.Valid),
		plain("encounter.Machine", "A visit, from its plan to its end. Charting may be done again and again until it is completed.", encounter.Machine(), encounter.States(), encounter.State.Valid),
		plain("encounter.SeriesMachine", "A plan of treatments for one patient.", encounter.SeriesMachine(), encounter.SeriesStates(), encounter.SeriesState.Valid),
		plain("encounter.OrderMachine", "A standing order that others treat under. It is not changed once it was issued: it is revoked, and another one issued.", encounter.OrderMachine(), encounter.OrderStates(), encounter.OrderState.Valid),
		plain("encounter.AdverseEventMachine", "An adverse event, from when it was noticed to its end.", encounter.AdverseEventMachine(), encounter.AdverseEventStates(), encounter.AdverseEventState.Valid),
		plain("encounter.NoteMachine", "The note of a visit. Its text can be edited until it is signed; from then on it is amended, even when it is locked.", encounter.NoteMachine(), encounter.NoteStates(), encounter.NoteState.Valid),
		plain("patient.StandingMachine", "What has become of a patient's record. One that was opened in error stays, and takes nothing more.", patient.StandingMachine(), patient.StandingStates(), patient.StandingState.Valid),
		plain("patient.ProposalMachine", "What a patient or another system has reported. It changes nothing of the record until it is accepted.", patient.ProposalMachine(), patient.ProposalStates(), patient.ProposalState.Valid),
		plain("patient.ImportMachine", "A chunk of an import. What was applied is not taken back: its patients are retracted or merged like others.", patient.ImportMachine(), patient.ImportStates(), patient.ImportState.Valid),
		plain("billing.MembershipMachine", "A patient's membership.", billing.MembershipMachine(), nil, nil),
		plain("patient.MergeMachine", "A link between two records of one patient. To link them again is a new merge.", patient.MergeMachine(), patient.MergeStates(), patient.MergeState.Valid),
		plain("consent.Machine", "A consent that was given can be withdrawn. One that was declined stays declined: a change of mind is a new consent.", consent.Machine(), nil, nil),
		plain("consent.DeliveryMachine", "Forms that were sent to a patient. They can be opened until they are answered, expire, are revoked, or are sent anew.", consent.DeliveryMachine(), consent.DeliveryStates(), consent.DeliveryState.Valid),
		beginning(plain("consent.PermissionMachine", "What a patient answers about photographs: a yes or a no. A change of mind is another answer, which replaces this one.", consent.PermissionMachine(), consent.PermissionStates(), consent.PermissionState.Valid), string(consent.PermissionDeclined)),
		plain("consent.PublicationMachine", "A picture that is shown in one place. One that is due to be taken down is kept if the patient permits it anew.", consent.PublicationMachine(), consent.PublicationStates(), consent.PublicationState.Valid),
		plain("consent.DirectiveMachine", "What a patient allows to be shared. A change of mind is a new directive.", consent.DirectiveMachine(), consent.DirectiveStates(), consent.DirectiveState.Valid),
		plain("consent.AuthorizationMachine", "A permission to disclose what needs one. One whose day has passed stays signed, and is not valid.", consent.AuthorizationMachine(), consent.AuthorizationStates(), consent.AuthorizationState.Valid),
		plain("consent.RestrictionMachine", "What a patient asks to keep from somebody, or how they ask to be reached.", consent.RestrictionMachine(), consent.RestrictionStates(), consent.RestrictionState.Valid),
		plain("consent.RequestMachine", "What a patient asks of their records. A denial that a reviewer does not uphold opens it again.", consent.RequestMachine(), consent.RequestStates(), consent.RequestState.Valid),
		plain("access.BreakGlassMachine", "A record that was opened in an emergency, against a rule. Every one is reviewed, by somebody else.", access.BreakGlassMachine(), access.BreakGlassStates(), access.BreakGlassState.Valid),
		plain("audit.FindingMachine", "Something in the journal that looks odd. Nobody decides on what is about themselves.", audit.FindingMachine(), audit.FindingStates(), audit.FindingState.Valid),
		plain("audit.ActivityReviewMachine", "The regular look into the journal, with a sample that nobody chose.", audit.ActivityReviewMachine(), audit.ReviewStates(), audit.ReviewState.Valid),
		plain("inventory.LotMachine", "A manufacturer's lot, wherever it is kept. A recall is final.", inventory.LotMachine(), inventory.LotStates(), inventory.LotState.Valid),
		plain("inventory.TransferMachine", "A shipment of unopened containers from one site to another. It is settled when all that was sent has arrived, come back or is lost.", inventory.TransferMachine(), inventory.TransferStates(), inventory.TransferState.Valid),
		plain("inventory.UsageMachine", "Something that was charted and that no stock on record accounts for. Taking back what was matched opens it again.", inventory.UsageMachine(), inventory.UsageStates(), inventory.UsageState.Valid),
		plain("inventory.RecallMachine", "A recall case, from the manufacturer's notice to the day when every patient and every container is accounted for.", inventory.RecallMachine(), inventory.RecallStates(), inventory.RecallState.Valid),
		plain("inventory.RecallTaskMachine", "What is to be done for one patient, one stock or one shipment of a recalled lot.", inventory.RecallTaskMachine(), inventory.TaskStates(), inventory.TaskState.Valid),
		plain("inventory.CountMachine", "A count of the store room. Who reconciles has not counted, and who approves has done neither.", inventory.CountMachine(), inventory.CountStates(), inventory.CountState.Valid),
		plain("inventory.PurchaseOrderMachine", "An order at a supplier, which may arrive in parts.", inventory.PurchaseOrderMachine(), inventory.OrderStates(), inventory.OrderState.Valid),
		plain("inventory.ExcursionMachine", "A time in which a storage was too warm or too cold, until every lot in it is decided on.", inventory.ExcursionMachine(), inventory.ExcursionStates(), inventory.ExcursionState.Valid),
		plain("inventory.VialMachine", "An opened container. Reopen and restore are the steps of movements that are taken back.", inventory.VialMachine(), inventory.VialStates(), inventory.VialState.Valid),
		plain("billing.InvoiceMachine", "An invoice. Which of the states after a payment, a correction or a refund is reached follows from what is due.", billing.InvoiceMachine(), billing.InvoiceStates(), billing.InvoiceState.Valid),
		plain("billing.ClosingMachine", "The books of a site, closed up to a day.", billing.ClosingMachine(), billing.ClosingStates(), billing.ClosingState.Valid),
	}
}

func TestStateMachines(t *testing.T) {
	t.Parallel()
	for _, m := range machines() {
		t.Run(m.name+" can reach each of its states", func(t *testing.T) {
			t.Parallel()
			reached := append([]string{m.arrows[0].From}, m.begins...)
			for i := 0; i < len(reached); i++ {
				for _, a := range m.arrows {
					if a.From == reached[i] && !slices.Contains(reached, a.To) {
						reached = append(reached, a.To)
					}
				}
			}
			for _, s := range m.states {
				if !slices.Contains(reached, s) {
					t.Errorf("%s: no arrows lead from %s to %s", m.name, m.arrows[0].From, s)
				}
			}
		})
		t.Run(m.name+" has one arrow for an action in a state", func(t *testing.T) {
			t.Parallel()
			type key struct{ from, action string }
			seen := map[key]bool{}
			for _, a := range m.arrows {
				k := key{a.From, a.Action}
				if seen[k] || a.From == "" || a.Action == "" || a.To == "" {
					t.Errorf("%s: arrow %+v is incomplete or the second of its kind", m.name, a)
				}
				seen[k] = true
			}
		})
		t.Run(m.name+" has the states of its enumeration", func(t *testing.T) {
			t.Parallel()
			if m.listed == nil {
				return
			}
			if len(m.invalid) > 0 {
				t.Errorf("%s: not valid: %v", m.name, m.invalid)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(m.listed)), slices.Sorted(slices.Values(m.states))); diff != "" {
				t.Errorf("%s: states (-enumeration +machine):\n%s", m.name, diff)
			}
		})
	}
}

// machineFuncs returns the names of the functions of a file that return a state
// machine.
func machineFuncs(f *ast.File) []string {
	var out []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Type.Results == nil {
			continue
		}
		for _, r := range fn.Type.Results.List {
			if index, ok := r.Type.(*ast.IndexExpr); ok {
				if sel, ok := index.X.(*ast.SelectorExpr); ok && sel.Sel.Name == "Machine" {
					out = append(out, fn.Name.Name)
				}
			}
		}
	}
	return out
}

// TestEveryStateMachineIsOnThePage keeps the list above complete.
func TestEveryStateMachineIsOnThePage(t *testing.T) {
	t.Parallel()
	have := 0
	for _, s := range readModule(t) {
		if s.test || s.pkg == "internal/state" {
			continue
		}
		for _, f := range machineFuncs(s.file) {
			have++
			source := s.pkg[strings.LastIndex(s.pkg, "/")+1:] + "." + f
			if !slices.ContainsFunc(machines(), func(m machine) bool { return m.source == source }) {
				t.Errorf("%s is not on docs/STATES.md", source)
			}
		}
	}
	if have != len(machines()) {
		t.Errorf("%d functions return a state machine, want %d", have, len(machines()))
	}
}

func TestStatesPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# State machines\n\nWhat a record may become, and by which action. An action that has no arrow in a state is refused with a\n`glabella.TransitionError`. This page is generated from the tables that the library runs on, by `go test ./internal/layers -update`.\n")
	for _, m := range machines() {
		title := strings.ToUpper(m.name[:1]) + m.name[1:]
		fmt.Fprintf(&b, "\n## %s\n\n%s (`%s`)\n\n```mermaid\n%s```\n", title, m.about, m.source, m.mermaid)
	}
	const page = "../../docs/STATES.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(got)); diff != "" {
		t.Errorf("docs/STATES.md is not what the machines say; run go test ./internal/layers -update (-want +got):\n%s", diff)
	}
}
