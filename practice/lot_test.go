package practice_test

import (
	"errors"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// Two manufacturers may print the same lot number.
func TestALotNumberOfTwoProducts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, err := practicetest.Open(ctx, memory.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	visit, err := c.Visit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	other := inventory.Product{ID: glabella.DeriveID[glabella.ProductID]("other"), Code: "prabotulinumtoxinA-100", Name: "Another toxin", Substance: "prabotulinumtoxinA", Class: inventory.ServiceItem, GTINs: []string{"00399999004046"},
		Container: inventory.VialContainer, Nominal: quantity.MustParse("100 [arb'U]{prabotulinumtoxinA}"), Reconstitute: true,
		InUse: inventory.InUse{Hours: 24, SinglePatient: true, Source: "fictional"}}
	setup := glabella.SystemActor("test")
	setup.Site = c.Site.ID
	if _, err := c.SetUp(ctx, setup, practice.SetUp{Products: []inventory.Product{other}, Staff: []access.Staff{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "DN-X", Lines: []practice.ReceiveLine{
		{Scan: "]d201003999990040461731123110" + visit.LotNumber, UnitCost: money.MustParse("USD 1.00")}}}); err != nil {
		t.Fatal(err)
	}
	open := practice.OpenVial{Lot: visit.LotNumber, DiluentLot: "S1", DiluentVolume: quantity.MustParse("2.5 mL")}
	_, err = c.OpenVial(ctx, c.Nurse, open)
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || invalid.Issues[0].Code != practice.CodeLotAmbiguous || invalid.Issues[0].Path != "/lot" {
		t.Errorf("OpenVial without a product = %v, want %s", err, practice.CodeLotAmbiguous)
	}
	open.Product = other.Code
	if _, err := c.OpenVial(ctx, c.Nurse, open); err != nil {
		t.Errorf("OpenVial of the named product = %v", err)
	}
	trace, err := c.TraceLot(ctx, c.Director, visit.LotNumber)
	if err != nil || len(trace.Lots) != 2 || len(trace.Vials) != 2 || len(trace.Exposures) != 1 || trace.Exposures[0].Patient != visit.Patient {
		t.Errorf("TraceLot = %+v, %v; want both lots and the one patient", trace, err)
	}
}
