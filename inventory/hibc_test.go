package inventory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

// checked returns a symbol with its modulo 43 check character, computed apart from
// the code under test.
func checked(s string) string {
	const order = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
	sum := 0
	for _, r := range s {
		sum += strings.IndexRune(order, r)
	}
	return s + order[sum%43:sum%43+1]
}

func TestParseHIBC(t *testing.T) {
	t.Parallel()
	day := func(s string) glabella.Date { return glabella.MustParseDate(s) }
	end, whole := day("2005-09-28"), day("2005-09-30")
	for _, tt := range []struct {
		name string
		scan string
		want inventory.HIBC
	}{
		{"the primary structure of the standard", "+A123BJC5D6E71G", inventory.HIBC{Labeler: "A123", Product: "BJC5D6E7", Unit: 1}},
		{"its caption", "*+A123BJC5D6E71G*", inventory.HIBC{Labeler: "A123", Product: "BJC5D6E7", Unit: 1}},
		{"the secondary structure of the standard", "+$$52001510X3GD", inventory.HIBC{Lot: "10X3", Expires: day("2020-01-15"), Link: "G"}},
		{"both in one symbol", checked("+A99912345/$$52001510X3"), inventory.HIBC{Labeler: "A999", Product: "1234", Unit: 5, Lot: "10X3", Expires: day("2020-01-15")}},
		{"superseded day of the year", checked("+05271L"), inventory.HIBC{Expires: end, Link: "L"}},
		{"superseded day of the year with lot", checked("+052713C001L"), inventory.HIBC{Expires: end, Lot: "3C001", Link: "L"}},
		{"superseded lot", checked("+$3C001L"), inventory.HIBC{Lot: "3C001", Link: "L"}},
		{"superseded serial", checked("+$+0001L"), inventory.HIBC{Serial: "0001", Link: "L"}},
		{"MMYY is the last day", checked("+$$09053C001L"), inventory.HIBC{Expires: whole, Lot: "3C001", Link: "L"}},
		{"MMDDYY", checked("+$$20928053C001L"), inventory.HIBC{Expires: end, Lot: "3C001", Link: "L"}},
		{"YYMMDD", checked("+$$30509283C001L"), inventory.HIBC{Expires: end, Lot: "3C001", Link: "L"}},
		{"YYMMDDHH", checked("+$$4050928223C001L"), inventory.HIBC{Expires: end, ExpiryHour: "22", Lot: "3C001", Link: "L"}},
		{"YYJJJ", checked("+$$5052713C001L"), inventory.HIBC{Expires: end, Lot: "3C001", Link: "L"}},
		{"YYJJJHH", checked("+$$605271223C001L"), inventory.HIBC{Expires: end, ExpiryHour: "22", Lot: "3C001", Link: "L"}},
		{"no date", checked("+$$73C001L"), inventory.HIBC{Lot: "3C001", Link: "L"}},
		{"serial with MMYY", checked("+$$+09050001L"), inventory.HIBC{Expires: whole, Serial: "0001", Link: "L"}},
		{"serial with YYMMDDHH", checked("+$$+4050928200001L"), inventory.HIBC{Expires: end, ExpiryHour: "20", Serial: "0001", Link: "L"}},
		{"serial without date", checked("+$$+70001L"), inventory.HIBC{Serial: "0001", Link: "L"}},
		{"a quantity of two digits", checked("+$$82409053C001L"), inventory.HIBC{Quantity: 24, Expires: whole, Lot: "3C001", Link: "L"}},
		{"a quantity of five digits", checked("+$$90010020928053C001L"), inventory.HIBC{Quantity: 100, Expires: end, Lot: "3C001", Link: "L"}},
		{"a quantity alone", checked("+$$824L"), inventory.HIBC{Quantity: 24, Link: "L"}},
		{"additional data", checked("+A123BJC5D6E71/$$90123473C001/S0001/16D20160101/14D20200131"),
			inventory.HIBC{Labeler: "A123", Product: "BJC5D6E7", Unit: 1, Quantity: 1234, Lot: "3C001", Serial: "0001", Produced: day("2016-01-01"), Expires: day("2020-01-31")}},
		{"29 February", checked("+$$3240229AL"), inventory.HIBC{Expires: day("2024-02-29"), Lot: "A", Link: "L"}},
		{"day 366 of a leap year", checked("+$$524366AL"), inventory.HIBC{Expires: day("2024-12-31"), Lot: "A", Link: "L"}},
		{"a slash as link character", checked("+$$7A/"), inventory.HIBC{Lot: "A", Link: "/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.ParseHIBC(tt.scan, 2026)
			if err != nil {
				t.Fatalf("ParseHIBC(%q) = %v, want no error", tt.scan, err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("ParseHIBC(%q) (-want +got):\n%s", tt.scan, d)
			}
			again, err := inventory.ParseHIBC(got.String(), 2026)
			if d := cmp.Diff(got, again); err != nil || d != "" {
				t.Errorf("ParseHIBC(%q) = %v (-want +got):\n%s", got, err, d)
			}
		})
	}
}

func TestHIBCCheckCharacterThatIsABlank(t *testing.T) {
	t.Parallel()
	scan := ""
	for i := range 43 {
		if s := checked(fmt.Sprintf("+A123%c%02d1", 'A'+i%26, i)); strings.HasSuffix(s, " ") {
			scan = s
		}
	}
	if scan == "" {
		t.Fatal("no symbol with a blank was found")
	}
	for _, form := range []string{scan, scan + "\r\n", "*" + strings.TrimSuffix(scan, " ") + "_*"} {
		if got, err := inventory.ParseHIBC(form, 2026); err != nil || got.String() != scan {
			t.Errorf("ParseHIBC(%q) = %v, %v, want %q", form, got, err, scan)
		}
	}
	if _, err := inventory.ParseHIBC(strings.TrimSpace(scan), 2026); err == nil {
		t.Errorf("ParseHIBC(%q) = no error without its check character", strings.TrimSpace(scan))
	}
}

func TestParseHIBCFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, scan, want string // position, field, code
	}{
		{"nothing", "", "0  unknown-ai"},
		{"only the flag", "+", "0  unknown-ai"},
		{"another system", "0109506000134352", "0  unknown-ai"},
		{"a wrong check character", "+A123BJC5D6E71H", "14  check-digit"},
		{"a lower-case letter", "+a123BJC5D6E71G", "1  character"},
		{"a caption counts its asterisk", "*+A123BJC5D6E71H*", "15  check-digit"},
		{"no product", checked("+A1231"), "1 primary length"},
		{"a product that is too long", checked("+A123ABCDEFGHIJKLMNOPQRS1"), "1 primary length"},
		{"a letter as unit", checked("+A123BJC5D6E7"), ""},
		{"a letter as the unit of measure", checked("+A123BJCX"), "8 primary character"},
		{"a point in the product", checked("+A123BJ.C1"), "7 primary character"},
		{"no reference identifier", checked("+A123BJC1/ABC"), "10 secondary unknown-ai"},
		{"an empty secondary", checked("+A123BJC1/$$7"), "10 secondary length"},
		{"month 13", checked("+$$1305AL"), "3 expiry date"},
		{"30 February", checked("+$$3240230AL"), "4 expiry date"},
		{"day 00", checked("+$$3240200AL"), "4 expiry date"},
		{"day 366 of a common year", checked("+$$525366AL"), "4 expiry date"},
		{"day 000 of the year", checked("+$$525000AL"), "4 expiry date"},
		{"hour 24", checked("+$$424022924AL"), "4 expiry date"},
		{"a date cut short", checked("+$$32402L"), "4 expiry length"},
		{"a letter in a date", checked("+$$324X229AL"), "6 expiry character"},
		{"no date format", checked("+$$XL"), "3 expiry value"},
		{"a quantity of a serial number", checked("+$$+8247AL"), "4 expiry value"},
		{"a quantity of nothing", checked("+$$8007AL"), "4 quantity value"},
		{"a lot that is too long", checked("+$$71234567890123456789L"), "4 number length"},
		{"a blank in a lot", checked("+$$7A BL"), "5 number character"},
		{"the serial number twice", checked("+$$+7A/SBL"), "7 S duplicate"},
		{"the expiry twice", checked("+$$3240229A/14D20240229L"), "15 expiry duplicate"},
		{"a day that there is not", checked("+$$7A/16D20230229L"), "9 16D date"},
		{"additional data that is not known", checked("+$$7A/ZZL"), "6  unknown-ai"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.ParseHIBC(tt.scan, 2026)
			if tt.want == "" {
				if err != nil {
					t.Errorf("ParseHIBC(%q) = %v, want no error", tt.scan, err)
				}
				return
			}
			var fault *inventory.ScanError
			if !errors.As(err, &fault) {
				t.Fatalf("ParseHIBC(%q) = %+v, %v, want a ScanError", tt.scan, got, err)
			}
			if s := fmt.Sprintf("%d %s %s", fault.Position, fault.AI, strings.TrimPrefix(string(fault.Code), "inventory.scan.")); s != tt.want {
				t.Errorf("ParseHIBC(%q) = %s, want %s", tt.scan, s, tt.want)
			}
		})
	}
}

func TestHIBCJoin(t *testing.T) {
	t.Parallel()
	parse := func(s string) inventory.HIBC {
		h, err := inventory.ParseHIBC(s, 2026)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	primary, secondary := parse("+A123BJC5D6E71G"), parse("+$$52001510X3GD")
	got, err := primary.Join(secondary)
	want := inventory.HIBC{Labeler: "A123", Product: "BJC5D6E7", Unit: 1, Lot: "10X3", Expires: glabella.MustParseDate("2020-01-15")}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Join() = %v (-want +got):\n%s", err, d)
	}
	if got := got.DI(); got != "A123BJC5D6E71" {
		t.Errorf("DI() = %s, want A123BJC5D6E71", got)
	}
	other := parse(checked("+$$710X3H"))
	for name, pair := range map[string][2]inventory.HIBC{"another label": {primary, other}, "two primaries": {primary, primary}, "two secondaries": {secondary, secondary}, "a whole label": {want, secondary}} {
		var fault *inventory.ScanError
		if _, err := pair[0].Join(pair[1]); !errors.As(err, &fault) || fault.Code != inventory.CodeScanLinkCharacter {
			t.Errorf("Join() of %s = %v, want %s", name, err, inventory.CodeScanLinkCharacter)
		}
	}
}

func TestEveryHIBCCharacterIsChecked(t *testing.T) {
	t.Parallel()
	const symbol = "+A123BJC5D6E71G"
	for i := 1; i < len(symbol); i++ {
		for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			if wrong := symbol[:i] + string(c) + symbol[i+1:]; wrong != symbol {
				if _, err := inventory.ParseHIBC(wrong, 2026); err == nil {
					t.Errorf("ParseHIBC(%q) = no error, want a wrong check character", wrong)
				}
			}
		}
	}
}
