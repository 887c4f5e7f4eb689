package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

const trade = "0109506000134352"

func TestParseGS1ReadsSeparatorsThatAreShown(t *testing.T) {
	t.Parallel()
	want, err := inventory.ParseGS1("]d2"+trade+"10AB-1"+gs+"21S/7"+gs+"17270331", 2026)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"{GS}", "{gs}", "<GS>", "<Gs>", "{FNC1}", "<FNC1>", "^]", `\u001d`, `\u001D`, `\x1d`, "\u241d"} {
		for _, scan := range []string{
			"]C1" + trade + "10AB-1" + name + "21S/7" + name + "17270331",
			name + trade + "10AB-1" + name + "21S/7" + name + "17270331" + name,
			trade + "10AB-1" + gs + "21S/7" + name + "17270331\r\n",
		} {
			got, err := inventory.ParseGS1(scan, 2026)
			if d := cmp.Diff(want.Elements(), got.Elements()); err != nil || d != "" {
				t.Errorf("ParseGS1(%q) = %v (-want +got):\n%s", scan, err, d)
			}
		}
	}
}

func TestPositionsAreThoseOfTheInput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, scan string
		at         int
		code       glabella.Code
	}{
		{"after a shown separator", trade + "10AB{GS}17271301", 26, inventory.CodeScanDate},
		{"at the end", trade + "10AB{GS}17", 26, inventory.CodeScanLength},
		{"two shown separators", trade + "10AB{GS}{GS}21S", 24, inventory.CodeScanSeparator},
		{"the name of a separator in the form for people", "(01)09506000134352(10)A<GS>B", 23, inventory.CodeScanCharacter},
		{"blanks in the form for people", "(01) 09506000134352 (17) 271301", 25, inventory.CodeScanDate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := inventory.ParseGS1(tt.scan, 2026)
			var fault *inventory.ScanError
			if !errors.As(err, &fault) || fault.Position != tt.at || fault.Code != tt.code {
				t.Errorf("ParseGS1(%q) = %v, want %s at %d", tt.scan, err, tt.code, tt.at)
			}
		})
	}
	if e, err := inventory.ParseGS1(" (01)"+trade[2:], 2026); err == nil {
		t.Errorf("ParseGS1() of a leading blank = %v, want an error", e)
	}
	e, err := inventory.ParseGS1("(01) 09506000134352 (10) A1 ", 2026)
	if err != nil || e.String() != "(01)09506000134352(10)A1" {
		t.Errorf("ParseGS1() with blanks = %s, %v", e, err)
	}
}

func TestComponentRules(t *testing.T) {
	t.Parallel()
	sscc, item := "(00)106141411234567897", "(01)09506000134352"
	for _, tt := range []struct {
		name, scan string
		code       glabella.Code // "" if it is well-formed
	}{
		{"a model number", "(8013)1987654Ad4X4bL5ttr2310c2K", ""},
		{"a model number with wrong check characters", "(8013)1987654Ad4X4bL5ttr2310c2L", inventory.CodeScanCheckDigit},
		{"a model number of check characters only", "(8013)2K", inventory.CodeScanCheckDigit},
		{"a time", item + "(7003)2703312359", ""},
		{"hour 24", item + "(7003)2703312400", inventory.CodeScanValue},
		{"minute 60", item + "(7003)2703310060", inventory.CodeScanValue},
		{"seconds", item + "(8008)270331235959", ""},
		{"second 60", item + "(8008)270331235960", inventory.CodeScanValue},
		{"piece 2 of 3", "(8006)095060001343520203", ""},
		{"piece 4 of 3", "(8006)095060001343520403", inventory.CodeScanValue},
		{"piece 0", "(8006)095060001343520003", inventory.CodeScanValue},
		{"yes", sscc + "(4321)1", ""},
		{"neither yes nor no", sscc + "(4321)2", inventory.CodeScanValue},
		{"below zero", sscc + "(4331)000200-", ""},
		{"another sign", sscc + "(4331)000200+", inventory.CodeScanValue},
		{"percent-encoded", sscc + "(4300)A%20B", ""},
		{"a percent sign alone", sscc + "(4300)A%2", inventory.CodeScanValue},
		{"a component's serial", "(8010)9506000ABC(8011)0", ""},
		{"a component's serial with a leading zero", "(8010)9506000ABC(8011)05", inventory.CodeScanValue},
		{"an asset with its filling zero", "(8003)09506000134352X", ""},
		{"an asset without its filling zero", "(8003)19506000134352X", inventory.CodeScanValue},
		{"dimensions", item + "(8001)00010000200390", ""},
		{"a width of nothing", item + "(8001)00000000200390", inventory.CodeScanValue},
		{"a winding that there is not", item + "(8001)00010000200320", inventory.CodeScanValue},
		{"a day of birth", "(8018)950600013437612342(7250)20000229", ""},
		{"no day of birth", "(8018)950600013437612342(7250)20010229", inventory.CodeScanDate},
		{"a sex that the standard does not have", "(8018)950600013437612342(7252)3", inventory.CodeScanValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.ParseGS1(tt.scan, 2026)
			var fault *inventory.ScanError
			if got := errors.As(err, &fault); got != (tt.code != "") || got && fault.Code != tt.code {
				t.Errorf("ParseGS1(%s) = %s, %v, want %q", tt.scan, e, err, tt.code)
			}
		})
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		elements []inventory.Element
		want     string // of Raw
		codes    []string
	}{
		{name: "a carton", elements: []inventory.Element{{AI: "01", Value: "09506000134352"}, {AI: "17", Value: "270331"}, {AI: "10", Value: "A1"}, {AI: "21", Value: "S"}},
			want: trade + "17270331" + "10A1" + gs + "21S"},
		{name: "a number of 13 digits is filled up", elements: []inventory.Element{{AI: "01", Value: "4006381333931"}}, want: "0104006381333931"},
		{name: "a number of 12 digits is filled up", elements: []inventory.Element{{AI: "01", Value: "036000291452"}}, want: "0100036000291452"},
		{name: "a number of 8 digits is filled up", elements: []inventory.Element{{AI: "01", Value: "73513537"}}, want: "0100000073513537"},
		{name: "nothing", codes: []string{"0 empty"}},
		{name: "an identifier that there is not", elements: []inventory.Element{{AI: "05", Value: "1"}}, codes: []string{"0 unknown-ai"}},
		{name: "a lot without its item", elements: []inventory.Element{{AI: "10", Value: "A1"}}, codes: []string{"0 incomplete"}},
		{name: "a separator within a value", elements: []inventory.Element{{AI: "01", Value: "09506000134352"}, {AI: "10", Value: "A" + gs}}, codes: []string{"19 character"}},
		{name: "the name of a separator within a value", elements: []inventory.Element{{AI: "01", Value: "09506000134352"}, {AI: "10", Value: "<gs>"}}, codes: []string{"18 character"}},
		{name: "every fault at once", elements: []inventory.Element{{AI: "01", Value: "09506000134353"}, {AI: "17", Value: "271301"}, {AI: "17", Value: "270331"}},
			codes: []string{"15 check-digit", "18 date", "24 duplicate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := inventory.Build(2026, tt.elements...)
			if d := cmp.Diff(tt.codes, faults(err)); d != "" || e.Raw() != tt.want {
				t.Errorf("Build() = %q, %v, want %q (-want +got):\n%s", e.Raw(), err, tt.want, d)
			}
		})
	}
}

// faults returns the places and codes of an error of ScanErrors.
func faults(err error) []string {
	if err == nil {
		return nil
	}
	var out []string
	for _, one := range split(err) {
		var fault *inventory.ScanError
		if errors.As(one, &fault) {
			out = append(out, strings.Join([]string{itoa(fault.Position), strings.TrimPrefix(string(fault.Code), "inventory.scan.")}, " "))
		} else {
			out = append(out, one.Error())
		}
	}
	return out
}

func TestElementNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		e    inventory.Element
		want string // "" if it is none
	}{
		{inventory.Element{AI: "3103", Value: "001250"}, "1.25"},
		{inventory.Element{AI: "3100", Value: "001250"}, "1250"},
		{inventory.Element{AI: "3925", Value: "1"}, "0.00001"},
		{inventory.Element{AI: "3932", Value: "97812345"}, "123.45"},
		{inventory.Element{AI: "3909", Value: "999999999999999"}, "999999.999999999"},
		{inventory.Element{AI: "3942", Value: "1050"}, "10.5"},
		{inventory.Element{AI: "10", Value: "123456"}, ""},
		{inventory.Element{AI: "7003", Value: "2703311430"}, ""},
		{inventory.Element{AI: "3106", Value: "001250"}, ""},
		{inventory.Element{AI: "3103", Value: "00-250"}, ""},
	} {
		got, ok := tt.e.Number()
		if ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("(%s)%s: Number() = %s, %t, want %q", tt.e.AI, tt.e.Value, got, ok, tt.want)
		}
	}
	if got := (inventory.Element{AI: "10"}).Title(); got != "BATCH/LOT" {
		t.Errorf("Title() = %s, want BATCH/LOT", got)
	}
	if got := (inventory.Element{AI: "05"}).Title(); got != "" {
		t.Errorf("Title() of no identifier = %s, want nothing", got)
	}
}

func TestManyElements(t *testing.T) {
	t.Parallel()
	elements := []inventory.Element{{AI: "01", Value: "09506000134352"}}
	for ai := 91; ai <= 99; ai++ {
		elements = append(elements, inventory.Element{AI: itoa(ai), Value: "X"})
	}
	for _, ai := range []string{"7004", "10", "240", "241", "710", "711", "712"} {
		elements = append(elements, inventory.Element{AI: ai, Value: "1"})
	}
	e, err := inventory.Build(2026, elements...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := inventory.ParseGS1(e.Raw(), 2026)
	if d := cmp.Diff(elements, again.Elements()); err != nil || d != "" {
		t.Errorf("ParseGS1() = %v (-want +got):\n%s", err, d)
	}
	if _, err := inventory.Build(2026, append(elements, inventory.Element{AI: "37", Value: "1"})...); err == nil {
		t.Error("Build() with a count that has no content = no error")
	}
}
