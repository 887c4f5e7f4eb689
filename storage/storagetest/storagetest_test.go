package storagetest

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMemoryKeepsTheContract(t *testing.T) {
	t.Parallel()
	Run(t, func(testing.TB) storage.Backend { return memory.New() })
}

func TestContractDocument(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Storage contract\n\n" +
		"What package storage promises its users, and so what a backend must do. Each promise is a check of package `storagetest`,\n" +
		"which a host runs against its own backend. This page is generated from the checks: `go test ./storage/storagetest -update`.\n")
	for i, c := range Checks() {
		fmt.Fprintf(&b, "\n%d. **%s.** %s\n", i+1, strings.ToUpper(c.Name[:1])+c.Name[1:], c.Doc)
	}
	const file = "../../docs/CONTRACT.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s is not what the checks say; run with -update (-want +got):\n%s", file, diff)
	}
}

func TestChecksAreSentences(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Checks() {
		if c.Name == "" || strings.HasSuffix(c.Name, ".") || !strings.HasSuffix(c.Doc, ".") || c.Run == nil {
			t.Errorf("check %q is not a named promise with a documentation", c.Name)
		}
		if seen[c.Name] {
			t.Errorf("check %q stands twice", c.Name)
		}
		seen[c.Name] = true
	}
}

func TestFixturesAreValid(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(Fixtures())
	for i := range v.NumField() {
		record := v.Field(i).Interface().(interface {
			Validate() error
			Ref() glabella.Ref
		})
		if err := record.Validate(); err != nil {
			t.Errorf("%s: %v", v.Type().Field(i).Name, err)
		}
	}
}

// alternatives are the fields that a valid record cannot have filled together
// with others.
var alternatives = map[string]string{
	"Movement.Origin":           "what a count corrects came from no sale",
	"Movement.Containers":       "what is drawn from an opened container changes no unopened ones",
	"Invoice.Lines[0].Redeemed": "a line is either discounted or redeemed", "Invoice.Lines[0].Adjusts": "only a correction adjusts",
	"Invoice.Lines[0].Reason": "only a correction has a reason", "Invoice.Lines[0].At": "only a correction has a time of its own",
	"Invoice.Tenders[0].Refunds":           "a payment is no refund",
	"Encounter.Procedures[0].Record.Given": "what is given stands on the map",
	"Note.Revisions":                       "a signed note has none", "Note.Amendments[0].OccurredAt": "only a late entry speaks of another time", "Note.Amendments[0].RetractedFor": "only a retraction takes back",
	"Service.Treatment":       "a price is for a product or for a treatment",
	"Recall.Tasks[0].Settled": "who has confirmed was not given up",
	"Directive.Root.Effect":   "the root has the directive's", "Directive.Root.Nested[0].Nested": "an exception ends somewhere",
	"Restriction.Reason": "only a refusal has a reason", "Restriction.Contact": "only a restriction of communication has one",
	"Authorization.NoExpiry": "what expires does not say none", "Authorization.EventAt": "what was revoked did not end by its event",
	"Request.From": "only an accounting is of a time", "Request.Until": "only an accounting is of a time", "Request.EndedOn": "what was met was not withdrawn",
	"Request.Denial.Disagreement": "only the denial of an amendment is disagreed with", "Request.Denial.Rebuttal": "only the denial of an amendment is disagreed with",
	"Publication.CancelledAt": "what was shown was not cancelled", "Publication.CancelledFor": "what was shown was not cancelled",
	"Count.Submitted.Reason": "only what is canceled has a reason", "Count.Reconciled.Reason": "only what is canceled has a reason", "Count.Approved": "what was canceled was not approved",
	"PurchaseOrder.Sent.Reason": "only what has ended early has a reason", "PurchaseOrder.Last.Reason": "only what has ended early has a reason", "PurchaseOrder.Lines[0].Over": "what was ended short was not over",
	"Excursion.Held.Reason": "only what is canceled has a reason", "Excursion.Ended": "what is held has not ended",
	"Package.Groups[0].Items[0].Product": "an item is a service or a product", "Package.Groups[0].AnyUnits": "only products are chosen by the unit",
	"Credit.Movements[0].Cash": "only a refund pays out", "Credit.Movements[0].Reverses": "only a reinstatement takes back",
	"Series.Steps[0].Reason": "a step that was done was not skipped",
	"Delivery.NextID":        "what was answered is not superseded",
}

func TestFixturesAreFilled(t *testing.T) {
	t.Parallel()
	left := map[string]bool{}
	var visit func(path string, v reflect.Value)
	visit = func(path string, v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[glabella.Meta](), v.Type() == reflect.TypeFor[glabella.Period]() && !v.IsZero():
		case v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0:
			left[path] = true
		case v.Kind() == reflect.Pointer:
			visit(path, v.Elem())
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			visit(path+"[0]", v.Index(0))
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() {
					visit(path+"."+f.Name, v.Field(i))
				}
			}
		}
	}
	fixtures := reflect.ValueOf(Fixtures())
	for i := range fixtures.NumField() {
		visit(fixtures.Type().Field(i).Name, fixtures.Field(i))
	}
	for path := range left {
		if alternatives[path] == "" {
			t.Errorf("%s is not filled", path)
		}
	}
	for path := range alternatives {
		if !left[path] {
			t.Errorf("%s is filled after all", path)
		}
	}
}

func TestFixturesAreFresh(t *testing.T) {
	t.Parallel()
	a, b := Fixtures(), Fixtures()
	a.Patient.Names[0].Given[0] = "changed"
	a.Vial.Diluent.Lot = glabella.LotID{}
	if b.Patient.Names[0].Given[0] == "changed" || b.Vial.Diluent.Lot.IsZero() {
		t.Error("changing a fixture changes another call's")
	}
}

// TestStoredFormsKeepEverything looks at the types themselves: every exported
// field has a name in the stored form, and lists do not disappear when they are
// empty, because an empty list is not an absent one.
func TestStoredFormsKeepEverything(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var visit func(path string, typ reflect.Type)
	visit = func(path string, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			visit(path, typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] || !strings.HasPrefix(typ.PkgPath(), "github.com/glabella-ehr/glabella") || typ == reflect.TypeFor[glabella.Date]() || typ == reflect.TypeFor[patient.PartialDate]() {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if !f.IsExported() {
				continue
			}
			tag, tagged := f.Tag.Lookup("json")
			name, options, _ := strings.Cut(tag, ",")
			if !f.Anonymous && (!tagged || name == "" || name == "-") {
				t.Errorf("%s.%s has no name in the stored form", path, f.Name)
			}
			if k := f.Type.Kind(); (k == reflect.Slice || k == reflect.Map) && strings.Contains(options, "omit") {
				t.Errorf("%s.%s is left out of the stored form when it is empty", path, f.Name)
			}
			visit(path+"."+f.Name, f.Type)
		}
	}
	fixtures := reflect.TypeFor[Records]()
	for i := range fixtures.NumField() {
		visit(fixtures.Field(i).Name, fixtures.Field(i).Type)
	}
}
