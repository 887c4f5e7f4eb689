package inventory_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

func TestScan(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	carton := inventory.Scanned{System: inventory.SystemGS1, GTIN: "09506000134352", DI: "09506000134352", Lot: "AB-1", Serial: "S7", Expires: day("2027-03-31"), PI: "(17)270331(10)AB-1(21)S7"}
	for _, tt := range []struct {
		name, scan string
		want       inventory.Scanned
	}{
		{"a GS1 Data Matrix", "]d20109506000134352" + "17270331" + "10AB-1" + gs + "21S7", carton},
		{"a scanner that shows separators", "0109506000134352" + "17270331" + "10AB-1{GS}21S7\r\n", carton},
		{"the form for people", "(01)09506000134352(17)270331(10)AB-1(21)S7", carton},
		{"a Digital Link", "https://example.com/01/09506000134352/10/AB-1/21/S7?17=270331",
			func() inventory.Scanned { c := carton; c.PI = "(10)AB-1(21)S7(17)270331"; return c }()},
		{"a Digital Link with a symbology identifier", "]Q1https://example.com/01/09506000134352", inventory.Scanned{System: inventory.SystemGS1, GTIN: "09506000134352", DI: "09506000134352"}},
		{"a count", "(01)09506000134352(30)12", inventory.Scanned{System: inventory.SystemGS1, GTIN: "09506000134352", DI: "09506000134352", Quantity: 12}},
		{"a case is no device identifier", "(00)106141411234567897(02)09506000134352(37)24", inventory.Scanned{System: inventory.SystemGS1, GTIN: "09506000134352", Quantity: 24}},
		{"a drug's carton", "(01)00312345678906", inventory.Scanned{System: inventory.SystemGS1, GTIN: "00312345678906", DI: "00312345678906", NDC: "1234567890"}},
		{"the national number beside the item", "(01)09506000134352(715)1234-5678-90", inventory.Scanned{System: inventory.SystemGS1, GTIN: "09506000134352", DI: "09506000134352", NDC: "1234567890"}},
		{"EAN-13", "]E04006381333931", inventory.Scanned{System: inventory.SystemGTIN, GTIN: "04006381333931", DI: "04006381333931"}},
		{"UPC-A of a drug", "312345678906", inventory.Scanned{System: inventory.SystemGTIN, GTIN: "00312345678906", DI: "00312345678906", NDC: "1234567890"}},
		{"EAN-8", "73513537", inventory.Scanned{System: inventory.SystemGTIN, GTIN: "00000073513537", DI: "00000073513537"}},
		{"a primary HIBC", "+A123BJC5D6E71G", inventory.Scanned{System: inventory.SystemHIBC, DI: "A123BJC5D6E71"}},
		{"a secondary HIBC with a symbology identifier", "]C0+$$52001510X3GD", inventory.Scanned{System: inventory.SystemHIBC, Lot: "10X3", Expires: day("2020-01-15"), PI: "$$710X3/14D20200115"}},
		{"a donation", "=A99971312345600", inventory.Scanned{System: inventory.SystemISBT, ISBT: inventory.ISBT{Kind: inventory.ISBTDonation, Raw: "=A99971312345600"}}},
		{"an NDC with hyphens", "12345-678-90", inventory.Scanned{System: inventory.SystemNDC, NDC: "12345-678-90", GTIN: "00312345678906"}},
		{"an NDC of twelve digits with hyphens", "123456-7890-12", inventory.Scanned{System: inventory.SystemNDC, NDC: "123456-7890-12"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.Scan(tt.scan, 2026)
			if err != nil {
				t.Fatalf("Scan(%q) = %v, want no error", tt.scan, err)
			}
			if d := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(inventory.Scanned{}, "Elements", "HIBC")); d != "" {
				t.Errorf("Scan(%q) (-want +got):\n%s", tt.scan, d)
			}
			again, err := inventory.Scan(got.String(), 2026)
			if d := cmp.Diff(got, again); err != nil || d != "" {
				t.Errorf("Scan(%q) = %v (-want +got):\n%s", got, err, d)
			}
		})
	}
}

func TestScanFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, scan string
		want       []string
	}{
		{"nothing", "\r\n", []string{"0 empty"}},
		{"only a symbology identifier", "]E0", []string{"3 empty"}},
		{"text", "hello", []string{"0 unknown-ai"}},
		{"two faults after a symbology identifier", "]C0(01)09506000134353(17)271301", []string{"20 check-digit", "25 date"}},
		{"a wrong check digit of a bare number", "]E04006381333932", []string{"15 check-digit"}},
		{"a HIBC after a symbology identifier", "]A0+A123BJC5D6E71H", []string{"17 check-digit"}},
		{"an ISBT identifier without data", "=<", []string{"2 length"}},
		{"a control character in ISBT 128", "=<E00\x01", []string{"5 character"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.Scan(tt.scan, 2026)
			if d := cmp.Diff(tt.want, faults(err)); d != "" || got.System != "" {
				t.Errorf("Scan(%q) = %+v, %v (-want +got):\n%s", tt.scan, got, err, d)
			}
		})
	}
	for _, digits := range []string{"1234567890", "12345678901"} {
		var fault *inventory.NDCError
		if _, err := inventory.Scan(digits, 2026); !errors.As(err, &fault) || fault.Code != inventory.CodeNDCAmbiguous || len(fault.Candidates) != 3 {
			t.Errorf("Scan(%s) = %v, want three candidates", digits, err)
		}
	}
}

func TestParseISBT(t *testing.T) {
	t.Parallel()
	for scan, want := range map[string]inventory.ISBTKind{
		"=A99971312345600": inventory.ISBTDonation, "=<E0791V00": inventory.ISBTProduct, "=/A9999XYZ100T0944": inventory.ISBTDevice,
		"=>014032": inventory.ISBTExpiry, "&>0140322359": inventory.ISBTExpiry, "=}013032": inventory.ISBTProduced, "=,000025": inventory.ISBTSerial,
		"&,1000000000000XYZ123": inventory.ISBTLot, "=%5100": inventory.ISBTBloodGroup, "=+04035=/A9999XYZ100T0944": inventory.ISBTCompound, "&(ABC": inventory.ISBTOtherStandard,
	} {
		got, err := inventory.ParseISBT(scan + "\r\n")
		if err != nil || got.Kind != want || got.Raw != scan || !got.Kind.Valid() {
			t.Errorf("ParseISBT(%s) = %+v, %v, want %s", scan, got, err, want)
		}
	}
	if _, err := inventory.ParseISBT("A99971312345600"); err == nil {
		t.Error("ParseISBT() without identifier = no error")
	}
}

func TestDeliveryScannedAs(t *testing.T) {
	t.Parallel()
	s, err := inventory.Scan(checked("+A99912345/$$82452001510X3"), 2026)
	if err != nil {
		t.Fatal(err)
	}
	d := inventory.Delivery{}.ScannedAs(s)
	if d.Number != "10X3" || d.Expires != glabella.MustParseDate("2020-01-15") || d.Containers != 24 {
		t.Errorf("ScannedAs() = %s, %s, %d, want 10X3, 2020-01-15, 24", d.Number, d.Expires, d.Containers)
	}
	if d := (inventory.Delivery{Containers: 2}).ScannedAs(s); d.Containers != 2 {
		t.Errorf("ScannedAs() of 2 containers = %d, want 2", d.Containers)
	}
	gs1, err := inventory.ParseGS1("(01)09506000134352(17)270331(10)A(30)3", 2026)
	if err != nil {
		t.Fatal(err)
	}
	s, err = inventory.Scan(gs1.Raw(), 2026)
	got, want := inventory.Delivery{}.ScannedAs(s), inventory.Delivery{}.Scanned(gs1)
	if err != nil || got.GTIN != want.GTIN || got.Number != want.Number || got.Expires != want.Expires || got.Containers != want.Containers || got.Containers != 3 {
		t.Errorf("ScannedAs() = %+v, %v, want %+v", got, err, want)
	}
}

// FuzzScan asserts that no input makes a parser panic, that every fault has a place
// in the input, and that what is accepted is the same when it is read again from its
// canonical form.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		"]d20109506000134352172703311" + "0AB-1" + gs + "21S7", "(01)09506000134352(10)A\\(1)", "https://example.com/01/09506000134352/10/A%2FB?17=270331&x=1", "]Q1http://e/8003/09506000134352X",
		"+A123BJC5D6E71G", "+$$52001510X3GD", "*+A123BJC5D6E71G*", checked("+A123BJC5D6E71/$$90123473C001/S0001/16D20160101/14D20200131"), checked("+$$4050928223C001L"), checked("+05271L"),
		"=A99971312345600", "&,1X23", "1234-5678-90", "1234567890", "312345678906", "(01)00312345678906(3103)001250", "0109506000134352{GS}10A", "(01)09506000134352(10)<GS", "]", "*+", "+", "+$$",
	} {
		f.Add(s, 2026)
	}
	f.Fuzz(func(t *testing.T, s string, year int) {
		year = 1900 + (year%300+300)%300
		got, err := inventory.Scan(s, year)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) || err.Error() == "" || got.System != "" {
				t.Fatalf("Scan(%q) = %+v, %v, want nothing and invalid", s, got, err)
			}
			for _, one := range split(err) {
				var fault *inventory.ScanError
				if errors.As(one, &fault) && (fault.Position < 0 || fault.Position > len(s)) {
					t.Fatalf("Scan(%q) = %v at %d, want a place in the input", s, one, fault.Position)
				}
			}
			return
		}
		canonical := got.String()
		again, err := inventory.Scan(canonical, year)
		if err != nil {
			t.Fatalf("Scan(%q) = %v, want what %q gave", canonical, err, s)
		}
		if d := cmp.Diff(got, again); d != "" || again.String() != canonical {
			t.Fatalf("Scan(%q) of %q (-want +got):\n%s", canonical, s, d)
		}
	})
}

func FuzzParseDigitalLink(f *testing.F) {
	for _, s := range []string{
		"https://example.com/01/09506000134352/22/V/10/A%2fB/21/S?17=270331&240=A%2BB#f", "http://e/01/4006381333931;17=1", "https://example.com/414/9506000134376/254/32a", "https:///01/", "https://e//01/09506000134352", "https://e/8010/9506000ABC/8011/5?8030=A",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := inventory.ParseDigitalLink(s, 2026)
		if err != nil {
			for _, one := range split(err) {
				var fault *inventory.ScanError
				if !errors.As(one, &fault) || fault.Position < 0 || fault.Position > len(s) {
					t.Fatalf("ParseDigitalLink(%q) = %v, want a place in the input", s, one)
				}
			}
			return
		}
		link, err := e.DigitalLink("https://example.com")
		if err != nil {
			t.Fatalf("DigitalLink() of %q = %v", s, err)
		}
		again, err := inventory.ParseDigitalLink(link, 2026)
		if d := cmp.Diff(e.Elements(), again.Elements()); err != nil || d != "" {
			t.Fatalf("ParseDigitalLink(%q) = %v (-want +got):\n%s", link, err, d)
		}
		if back, err := again.DigitalLink("https://example.com"); err != nil || back != link {
			t.Fatalf("DigitalLink() = %q, %v, want %q", back, err, link)
		}
	})
}
