package practice_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// A delivery is taken in by whatever barcode its packs have; what cannot be taken
// in is named by its line, and then nothing of the delivery is.
func TestADeliveryIsScanned(t *testing.T) {
	t.Parallel()
	c := open(t)
	receive := func(scans ...string) (practice.Received, error) {
		in := practice.ReceiveStock{Document: "DN-1", Supplier: "Test Supplier"}
		for _, s := range scans {
			in.Lines = append(in.Lines, practice.ReceiveLine{Scan: s})
		}
		return c.ReceiveStock(t.Context(), c.Store, in)
	}
	got := must[practice.Received](t)(receive(
		"]d201"+practicetest.ToxinGTIN+"1731123110A7",
		"https://id.example.org/01/"+practicetest.ToxinGTIN+"/10/A7?17=311231",
		"(01)"+practicetest.ToxinGTIN+"(17)311231(10)A8(30)3"))
	if len(got.Lines) != 3 || got.Lines[0].Lot != got.Lines[1].Lot || got.Lines[2].Containers != 3 {
		t.Errorf("received: %+v", got.Lines)
	}
	_, err := receive("]d201"+practicetest.ToxinGTIN+"1731123110A9", "]d201095060001343521731123110A1", "0399999101", "]d201"+practicetest.ToxinGTIN[:13]+"51731123110A9")
	if diff := cmp.Diff([]glabella.Code{inventory.CodeScanCheckDigit, practice.CodeProductUnknown}, dropped(codesOf(err), inventory.CodeScanCheckDigit, practice.CodeProductUnknown)); diff != "" || len(codesOf(err)) != 3 {
		t.Errorf("a delivery with three lines that are wrong: %v (-want +got)\n%s", err, diff)
	}
	if _, err := c.TraceLot(t.Context(), c.Store, "A9"); !slices.Contains(codesOf(err), practice.CodeLotUnknown) {
		t.Errorf("half of a delivery is taken in: %v", err)
	}
}

// dropped returns those of want that codes has, sorted.
func dropped(codes []glabella.Code, want ...glabella.Code) []glabella.Code {
	var out []glabella.Code
	for _, w := range want {
		if slices.Contains(codes, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}
