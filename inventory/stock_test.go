package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// The stock of the tests: one fictional clinic with a toxin, a filler and a
// diluent.
var (
	site  = glabella.DeriveID[glabella.SiteID]("test site")
	nurse = glabella.DeriveID[glabella.StaffID]("test nurse")
	other = glabella.DeriveID[glabella.StaffID]("test colleague")
	ann   = glabella.DeriveID[glabella.PatientID]("test patient a")
	ben   = glabella.DeriveID[glabella.PatientID]("test patient b")

	morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	today   = glabella.DateOf(morning)
)

const toxinUnit = "[arb'U]{onabotulinumtoxinA}"

func units(n string) quantity.Quantity { return quantity.MustParse(n + " " + toxinUnit) }

func movementID(name string) glabella.MovementID { return glabella.DeriveID[glabella.MovementID](name) }

func toxin() inventory.Product {
	return inventory.Product{
		ID: glabella.DeriveID[glabella.ProductID]("toxin"), Code: "onabotulinumtoxinA-100", Name: "Toxin 100 units", Substance: "onabotulinumtoxinA",
		Class: inventory.ServiceItem, GTINs: []string{"09506000134352"}, NDC: "0023-1145-01", Container: inventory.VialContainer, Nominal: units("100"),
		Reconstitute: true, InUse: inventory.InUse{Hours: 24, SinglePatient: true, Source: "label, storage of the reconstituted vial"},
	}
}

func filler() inventory.Product {
	return inventory.Product{
		ID: glabella.DeriveID[glabella.ProductID]("filler"), Code: "example-gel-1ml", Name: "Example gel 1 mL", Substance: "example-gel",
		Class: inventory.ServiceItem, Container: inventory.SyringeContainer, Nominal: quantity.MustParse("1 mL{example-gel}"),
		InUse: inventory.InUse{SinglePatient: true, Source: "label, single use"},
	}
}

func saline() inventory.Product {
	return inventory.Product{
		ID: glabella.DeriveID[glabella.ProductID]("saline"), Code: "saline-10", Name: "Saline 0.9% 10 mL",
		Class: inventory.DiluentItem, Container: inventory.VialContainer, Nominal: quantity.MustParse("10 mL"),
	}
}

func gloves() inventory.Product {
	return inventory.Product{
		ID: glabella.DeriveID[glabella.ProductID]("gloves"), Code: "gloves", Name: "Gloves",
		Class: inventory.Supply, Container: inventory.NoContainer, Nominal: quantity.MustParse("1 1"),
	}
}

// delivery is one line of n containers.
func delivery(p inventory.Product, number string, n int) inventory.Delivery {
	return inventory.Delivery{
		ID: movementID("receive " + number), Product: p, Site: site, NewLot: glabella.DeriveID[glabella.LotID](number), Number: number,
		Expires: glabella.MustParseDate("2027-03-31"), Containers: n, UnitCost: money.MustParse("USD 450.00"), Supplier: "Example Supply", By: nurse, At: morning.Add(-48 * time.Hour),
	}
}

// stock receives n containers of a lot.
func stock(t testing.TB, p inventory.Product, number string, n int) inventory.Receipt {
	t.Helper()
	r, err := inventory.Receive(delivery(p, number, n))
	if err != nil {
		t.Fatalf("Receive() = %v, want no error", err)
	}
	return r
}

// open opens a container of the received lot.
func open(t testing.TB, p inventory.Product, r inventory.Receipt) (inventory.Vial, inventory.Balance, inventory.Movement) {
	t.Helper()
	v, b, m, err := inventory.Open(p, r.Lot, r.Balance, opening())
	if err != nil {
		t.Fatalf("Open() = %v, want no error", err)
	}
	return v, b, m
}

func opening() inventory.Opening {
	return inventory.Opening{Vial: glabella.DeriveID[glabella.VialID]("vial"), Movement: movementID("open"), By: nurse, At: morning}
}

func reconstitution(p inventory.Product, l inventory.Lot, volume string) inventory.Reconstitution {
	d := saline()
	return inventory.Reconstitution{
		Product: p, Lot: l, Diluent: d, Volume: quantity.MustParse(volume), At: morning,
		DiluentLot: inventory.Lot{ID: glabella.DeriveID[glabella.LotID]("saline lot"), Product: d.ID, Number: "S1", Expires: glabella.MustParseDate("2028-01-31"), State: inventory.LotAvailable},
	}
}

// ready returns a reconstituted vial of a received lot, its balance and its
// movement of opening.
func ready(t testing.TB) (inventory.Receipt, inventory.Vial, inventory.Balance, inventory.Movement) {
	t.Helper()
	r := stock(t, toxin(), "T100", 3)
	v, b, m := open(t, toxin(), r)
	v, err := v.Reconstitute(reconstitution(toxin(), r.Lot, "2.5 mL"))
	if err != nil {
		t.Fatalf("Reconstitute() = %v, want no error", err)
	}
	return r, v, b, m
}

func use(l inventory.Lot, qty string, patient glabella.PatientID, at time.Time) inventory.Use {
	return inventory.Use{Lot: l, Product: toxin(), Patient: patient, Quantity: units(qty), At: at}
}

func draw(name string, u inventory.Use, b inventory.Balance) inventory.Draw {
	return inventory.Draw{Use: u, ID: movementID(name), Balance: b, By: nurse}
}

// codesOf returns the codes of the reasons or issues in an error.
func codesOf(err error) []glabella.Code {
	var refused *glabella.RefusedError
	if errors.As(err, &refused) {
		return refused.Decision.Codes()
	}
	var invalid *glabella.ValidationError
	if errors.As(err, &invalid) {
		var out []glabella.Code
		for _, i := range invalid.Issues {
			out = append(out, i.Code)
		}
		return out
	}
	return nil
}

// places returns the paths and codes of the issues in an error.
func places(err error) []string {
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var out []string
	for _, i := range invalid.Issues {
		out = append(out, fmt.Sprintf("%s %s", i.Path, i.Code))
	}
	return out
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(money.Amount{}))
}

func TestStoredFormIsExact(t *testing.T) {
	t.Parallel()
	r, v, b, m := ready(t)
	lot, err := r.Lot.Quarantine("temperature-excursion")
	if err != nil {
		t.Fatal(err)
	}
	p := toxin()
	empty := p
	empty.GTINs = []string{}
	for _, tt := range []struct {
		name  string
		value interface{ Validate() error }
		read  func([]byte) (any, error)
	}{
		{"product", p, readAs[inventory.Product]},
		{"product with an empty list", empty, readAs[inventory.Product]},
		{"product with no list", filler(), readAs[inventory.Product]},
		{"lot", lot, readAs[inventory.Lot]},
		{"lot without expiry and cost", inventory.Lot{ID: lot.ID, Product: p.ID, Number: "N", State: inventory.LotAvailable}, readAs[inventory.Lot]},
		{"balance", b, readAs[inventory.Balance]},
		{"movement", m, readAs[inventory.Movement]},
		{"vial", v, readAs[inventory.Vial]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.value.Validate(); err != nil {
				t.Fatalf("Validate() = %v, want no error", err)
			}
			text, err := json.Marshal(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tt.read(text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(any(tt.value), got, cmp.Comparer(func(a, b money.Amount) bool { return a == b })); d != "" {
				t.Errorf("read(write(v)) (-want +got):\n%s", d)
			}
			again, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if string(again) != string(text) {
				t.Errorf("write(read(write(v))) = %s, want %s", again, text)
			}
		})
	}
}

func readAs[T any](b []byte) (any, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}
