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

const gs = "\x1d"

func TestParseGS1(t *testing.T) {
	t.Parallel()
	type want struct {
		Text                      string
		GTIN, Lot, Serial, Expiry string
		Count                     int
	}
	for _, tt := range []struct {
		name string
		scan string
		want want
	}{
		{"a carton's Data Matrix", "]d2" + "0109506000134352" + "17270331" + "10AB-123" + gs + "21SN/7",
			want{"(01)09506000134352(17)270331(10)AB-123(21)SN/7", "09506000134352", "AB-123", "SN/7", "2027-03-31", 0}},
		{"without symbology identifier", "0109506000134352" + "17270331" + "10AB-123",
			want{"(01)09506000134352(17)270331(10)AB-123", "09506000134352", "AB-123", "", "2027-03-31", 0}},
		{"a linear code that opens with FNC1", "]C1" + gs + "0109506000134352" + "10A1",
			want{"(01)09506000134352(10)A1", "09506000134352", "A1", "", "", 0}},
		{"a line end after the data", "]Q3" + "0109506000134352" + "10A1\r\n",
			want{"(01)09506000134352(10)A1", "09506000134352", "A1", "", "", 0}},
		{"a separator after the last element", "]e0" + "0109506000134352" + "10A1" + gs,
			want{"(01)09506000134352(10)A1", "09506000134352", "A1", "", "", 0}},
		{"a separator after an element that needs none", "]J1" + "0109506000134352" + gs + "17270331" + gs + "10A1",
			want{"(01)09506000134352(17)270331(10)A1", "09506000134352", "A1", "", "2027-03-31", 0}},
		{"two symbols of one label, joined", "0109506000134352" + gs + "10A1" + gs + "17270331",
			want{"(01)09506000134352(10)A1(17)270331", "09506000134352", "A1", "", "2027-03-31", 0}},
		{"the form for people", "(01)09506000134352(17)270331(10)AB-123",
			want{"(01)09506000134352(17)270331(10)AB-123", "09506000134352", "AB-123", "", "2027-03-31", 0}},
		{"parentheses within a value", `(01)09506000134352(10)A\(1)B`,
			want{`(01)09506000134352(10)A\(1)B`, "09506000134352", "A(1)B", "", "", 0}},
		{"day 00 is the last of the month", "(01)09506000134352(17)280200",
			want{"(01)09506000134352(17)280200", "09506000134352", "", "", "2028-02-29", 0}},
		{"an expiry with time", "(01)09506000134352(7003)2703311430",
			want{"(01)09506000134352(7003)2703311430", "09506000134352", "", "", "2027-03-31", 0}},
		{"a count of items", "(01)09506000134352(30)12",
			want{"(01)09506000134352(30)12", "09506000134352", "", "", "", 12}},
		{"a case of items", "(00)106141411234567897(02)09506000134352(37)24",
			want{"(00)106141411234567897(02)09506000134352(37)24", "09506000134352", "", "", "", 24}},
		{"the national number beside the trade item", "(01)09506000134352(715)0023114501(10)A1",
			want{"(01)09506000134352(715)0023114501(10)A1", "09506000134352", "A1", "", "", 0}},
		{"a document with a serial component", "(253)9506000134376ABC",
			want{Text: "(253)9506000134376ABC"}},
		{"one weight", "(01)09506000134352(3103)001250",
			want{Text: "(01)09506000134352(3103)001250", GTIN: "09506000134352"}},
		{"a component number and a signature", "(8010)9506000ABC-1(8011)5(8030)Ab-_=",
			want{Text: "(8010)9506000ABC-1(8011)5(8030)Ab-_="}},
		{"a document without its optional component", "(253)9506000134376",
			want{Text: "(253)9506000134376"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseGS1(tt.scan, 2026)
			if err != nil {
				t.Fatalf("ParseGS1(%q) = %v, want no error", tt.scan, err)
			}
			got := want{e.String(), e.GTIN(), e.Lot(), e.Serial(), e.Expiry().String(), e.Count()}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("ParseGS1(%q) (-want +got):\n%s", tt.scan, d)
			}
			for _, form := range []string{e.Raw(), e.String(), "]d2" + e.Raw()} {
				again, err := inventory.ParseGS1(form, 2026)
				if d := cmp.Diff(e.Elements(), again.Elements()); err != nil || d != "" {
					t.Errorf("ParseGS1(%q) = %v (-want +got):\n%s", form, err, d)
				}
			}
		})
	}
}

func TestRawSeparatesWhereItMust(t *testing.T) {
	t.Parallel()
	e, err := inventory.ParseGS1("(01)09506000134352(10)A1(17)270331(21)S", 2026)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Raw(), "010950600013435210A1"+gs+"17270331"+"21S"; got != want {
		t.Errorf("Raw() = %q, want %q", got, want)
	}
}

func TestParseGS1Faults(t *testing.T) {
	t.Parallel()
	gtin := "0109506000134352"
	for _, tt := range []struct {
		name string
		scan string
		want []string // position, element, code
	}{
		{"nothing", "", []string{"0  empty"}},
		{"only a symbology identifier", "]d2\r\n", []string{"3  empty"}},
		{"a wrong check digit", "]d20109506000134353", []string{"18 01 check-digit"}},
		{"a wrong check digit of the form for people", "(01)09506000134353", []string{"17 01 check-digit"}},
		{"a number cut short", "0109506000", []string{"2 01 length"}},
		{"a letter in a number", "010950600013435X", []string{"15 01 character"}},
		{"text", "hello", []string{"0  unknown-ai"}},
		{"an identifier that is not assigned", gtin + "05123", []string{"16  unknown-ai"}},
		{"an identifier that is cut short", gtin + "1", []string{"16  unknown-ai"}},
		{"a missing separator that makes a value too long", gtin + "10ABCDEFGH" + "211234567890123", []string{"16 10 separator"}},
		{"two separators", gtin + "10A" + gs + gs + "21B", []string{"20  separator"}},
		{"an empty element", gtin + "10" + gs + "21B", []string{"18 10 length"}},
		{"a separator in a fixed element", "01095060" + gs + "10A", []string{"2 01 length"}},
		{"a blank in a lot number", gtin + "10A B", []string{"19 10 character"}},
		{"a letter that is not ASCII in a lot number", gtin + "10É", []string{"18 10 character"}},
		{"month 13", gtin + "17271301", []string{"18 17 date"}},
		{"month 00", gtin + "17270001", []string{"18 17 date"}},
		{"30 February", gtin + "17270230", []string{"18 17 date"}},
		{"29 February of a common year", gtin + "17270229", []string{"18 17 date"}},
		{"day 00 where it must be a day", gtin + "70032703001200", []string{"20 7003 date"}},
		{"an element twice", gtin + "10A" + gs + "10B", []string{"20 10 duplicate"}},
		{"a lot without its item", "10A1", []string{"0 10 incomplete"}},
		{"a count without its content", "(01)09506000134352(37)12", []string{"0 01 exclusive", "18 37 incomplete"}},
		{"a second serial number without the first", gtin + "250S", []string{"16 250 incomplete"}},
		{"an item and its content", gtin + "0209506000134352" + "371", []string{"16 02 exclusive", "32 37 incomplete", "0 01 exclusive"}},
		{"two weights", gtin + "3100000100" + "3102000001", []string{"16 3100 exclusive", "26 3102 exclusive"}},
		{"a parenthesis that is not closed", "(01", []string{"0  unknown-ai"}},
		{"an unknown identifier in parentheses", "(05)1", []string{"0  unknown-ai"}},
		{"two faults at once", "0109506000134353" + "17271301", []string{"15 01 check-digit", "18 17 date"}},
		{"a lower-case letter in a component number", "(8010)95060001343abc", []string{"17 8010 character"}},
		{"a sign that file-safe base64 has not", "(253)9506000134376(8030)AB-_=+", []string{"29 8030 character"}},
		{"an optional part that is cut short", "(01)09506000134352(8008)270331123", []string{"32 8008 length"}},
		{"a fault after an escape", `(01)09506000134352(10)\(A B`, []string{"25 10 character"}},
		{"an escape in the symbol itself", gtin + `10A\(B`, []string{"19 10 character"}},
		{"more than the optional part may have", "(253)9506000134376ABCDEFGHIJKLMNOPQR", []string{"5 253 length"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseGS1(tt.scan, 2026)
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("ParseGS1(%q) = %v, %v, want invalid", tt.scan, e, err)
			}
			if !e.IsZero() {
				t.Errorf("ParseGS1(%q) = %v beside the error, want nothing", tt.scan, e)
			}
			var got []string
			for _, err := range split(err) {
				var fault *inventory.ScanError
				if !errors.As(err, &fault) {
					t.Fatalf("ParseGS1(%q) = %T, want a ScanError", tt.scan, err)
				}
				got = append(got, fmt.Sprintf("%d %s %s", fault.Position, fault.AI, strings.TrimPrefix(string(fault.Code), "inventory.scan.")))
			}
			if d := cmp.Diff(sortedStrings(tt.want), sortedStrings(got)); d != "" {
				t.Errorf("ParseGS1(%q) (-want +got):\n%s", tt.scan, d)
			}
		})
	}
}

func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

func TestScanErrorDoesNotRepeatTheScan(t *testing.T) {
	t.Parallel()
	_, err := inventory.ParseGS1("(8017)950600013437111235(7253)SURNAME%20", 2026)
	if err == nil || strings.Contains(err.Error(), "SURNAME") || strings.Contains(err.Error(), "95060001") {
		t.Errorf("ParseGS1() = %v, want an error without the data", err)
	}
}

func TestCenturyOfTwoDigitYears(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		yy    string
		year  int
		month string
		want  string
	}{
		{"this year", "26", 2026, "01", "2026-01-15"},
		{"next year", "27", 2026, "01", "2027-01-15"},
		{"50 years ahead", "76", 2026, "01", "2076-01-15"},
		{"51 years ahead is the last century", "77", 2026, "01", "1977-01-15"},
		{"49 years back", "50", 2099, "01", "2050-01-15"},
		{"50 years back is the next century", "49", 2099, "01", "2149-01-15"},
		{"the turn of the century", "00", 2099, "01", "2100-01-15"},
		{"before the turn of the century", "99", 2001, "01", "1999-01-15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseGS1("(01)09506000134352(11)"+tt.yy+tt.month+"15", tt.year)
			if err != nil || e.Produced().String() != tt.want {
				t.Errorf("Produced() of %s seen from %d = %s, %v, want %s", tt.yy, tt.year, e.Produced(), err, tt.want)
			}
		})
	}
}

func TestParseGTIN(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, want string
		code           glabella.Code
	}{
		{name: "14 digits", in: "09506000134352", want: "09506000134352"},
		{name: "13 digits", in: "4006381333931", want: "04006381333931"},
		{name: "12 digits", in: "036000291452", want: "00036000291452"},
		{name: "8 digits", in: "73513537", want: "00000073513537"},
		{name: "a wrong check digit", in: "4006381333932", code: inventory.CodeScanCheckDigit},
		{name: "a length that there is not", in: "40063813339", code: inventory.CodeScanLength},
		{name: "nothing", in: "", code: inventory.CodeScanLength},
		{name: "a letter", in: "400638133393X", code: inventory.CodeScanCharacter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.ParseGTIN(tt.in)
			var fault *inventory.ScanError
			if errors.As(err, &fault) != (tt.code != "") || fault != nil && fault.Code != tt.code || got != tt.want {
				t.Errorf("ParseGTIN(%q) = %q, %v, want %q, %q", tt.in, got, err, tt.want, tt.code)
			}
		})
	}
}

func TestEveryDigitIsChecked(t *testing.T) {
	t.Parallel()
	const gtin = "09506000134352"
	for i := range gtin {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(gtin)
			if wrong[i] = d; string(wrong) == gtin {
				continue
			}
			if _, err := inventory.ParseGTIN(string(wrong)); err == nil {
				t.Errorf("ParseGTIN(%s) = no error, want a wrong check digit", wrong)
			}
		}
	}
}

func FuzzParseGS1(f *testing.F) {
	for _, s := range []string{
		"]d20109506000134352172703311" + "0AB-123" + gs + "21SN", "(01)09506000134352(10)A\\(1)B", "(253)9506000134376ABC", "0109506000134352" + gs + "3922" + "1234",
		"(8003)09506000134352X", "(01)09506000134352(7003)2703311430", "(", "((", "()", `(10)\`, gs, "]C1",
	} {
		f.Add(s, 2026)
	}
	f.Fuzz(func(t *testing.T, s string, year int) {
		year = 1900 + (year%300+300)%300
		e, err := inventory.ParseGS1(s, year)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) || err.Error() == "" {
				t.Fatalf("ParseGS1(%q) = %v, want invalid", s, err)
			}
			for _, err := range split(err) {
				var fault *inventory.ScanError
				if !errors.As(err, &fault) || fault.Position < 0 || fault.Position > len(s) {
					t.Fatalf("ParseGS1(%q) = %v at %d, want a place in the input", s, err, fault.Position)
				}
			}
			return
		}
		for _, form := range []string{e.Raw(), e.String()} {
			again, err := inventory.ParseGS1(form, year)
			if err != nil {
				t.Fatalf("ParseGS1(%q) = %v, want what %q gave", form, err, s)
			}
			if d := cmp.Diff(e.Elements(), again.Elements()); d != "" {
				t.Fatalf("ParseGS1(%q) (-want +got):\n%s", form, d)
			}
			if again.Raw() != e.Raw() || again.String() != e.String() || again.Expiry() != e.Expiry() {
				t.Fatalf("ParseGS1(%q) is not stable", form)
			}
		}
	})
}
