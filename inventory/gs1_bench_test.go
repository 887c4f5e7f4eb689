package inventory_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/inventory"
)

// BenchmarkParseGS1 reads the symbol of a carton: number, expiry, lot and serial
// number. The bar is 400 ns and 2 allocations.
func BenchmarkParseGS1(b *testing.B) {
	for _, bb := range []struct{ name, scan string }{
		{"separators", "]d2" + "0109506000134352" + "17270331" + "10AB-123" + gs + "21SN/7"},
		{"parentheses", "(01)09506000134352(17)270331(10)AB-123(21)SN/7"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := inventory.ParseGS1(bb.scan, 2026); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestParseGS1AllocatesLittle(t *testing.T) {
	scan := "]d2" + "0109506000134352" + "17270331" + "10AB-123" + gs + "21SN/7"
	if n := testing.AllocsPerRun(100, func() { _, _ = inventory.ParseGS1(scan, 2026) }); n > 2 {
		t.Errorf("ParseGS1() allocates %v times, want at most 2", n)
	}
}
