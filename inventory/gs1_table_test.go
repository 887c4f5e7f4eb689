package inventory

import (
	"fmt"
	"slices"
	"testing"
)

func TestIdentifierTable(t *testing.T) {
	t.Parallel()
	table, err := readIdentifiers(identifierCSV)
	if err != nil {
		t.Fatalf("readIdentifiers() = %v, want no error", err)
	}
	for _, tt := range []struct {
		ai       string
		fixed    bool
		min, max int
	}{
		{"00", true, 18, 18}, {"01", true, 14, 14}, {"10", false, 1, 20}, {"17", true, 6, 6}, {"3105", true, 6, 6},
		{"253", false, 13, 30}, {"414", true, 13, 13}, {"7003", false, 10, 10}, {"8008", false, 8, 12}, {"99", false, 1, 90},
	} {
		id := table.find(tt.ai)
		if id == nil || id.ai != tt.ai || id.fixed != tt.fixed || id.min != tt.min || id.max != tt.max {
			t.Errorf("identifier %s = %+v, want fixed %t, %d to %d", tt.ai, id, tt.fixed, tt.min, tt.max)
		}
	}
	for _, ai := range []string{"04", "05", "3106", "3944", "416x"} {
		if id := table.find(ai); id != nil {
			t.Errorf("identifier %s is in the table, want it not to be assigned", ai)
		}
	}
	if n := len(table.all); n < 500 {
		t.Errorf("the table has %d identifiers, want all of them", n)
	}
	for i := range table.all {
		id := &table.all[i]
		ai := id.ai
		if table.find(ai) != id || table.at(ai+"1") != id {
			t.Errorf("identifier %s is not found", ai)
		}
		for n := 2; n < len(ai); n++ {
			if table.find(ai[:n]) != nil {
				t.Errorf("identifier %s begins with the identifier %s", ai, ai[:n])
			}
		}
		if got := predefinedLength(ai); id.fixed != got {
			t.Errorf("identifier %s: fixed = %t, want %t by its first two digits", ai, id.fixed, got)
		}
		if id.fixed && id.min != id.max {
			t.Errorf("identifier %s is fixed and has %d to %d characters", ai, id.min, id.max)
		}
		for _, c := range id.components {
			for _, r := range c.rules {
				if c.set != setN && r == ruleCsum || (r == ruleYymmd0 || r == ruleYymmdd) && (c.max != 6 || c.set != setN) {
					t.Errorf("identifier %s: rule %s does not fit its component", ai, ruleNames[r])
				}
			}
		}
		for _, s := range slices.Concat(append(id.requires, id.excludes)...) {
			if !slices.ContainsFunc(table.all, func(other identifier) bool { return other.number >= s.from && other.number <= s.to }) {
				t.Errorf("identifier %s names %s, which is not assigned", ai, s.text)
			}
		}
		for _, qualifier := range slices.Concat(id.qualifiers...) {
			if q := table.find(qualifier); q == nil || q.key {
				t.Errorf("identifier %s is qualified by %s, which is none or a key itself", ai, qualifier)
			}
		}
		if id.qualifiers != nil && !id.key {
			t.Errorf("identifier %s has qualifiers and is no key", ai)
		}
	}
}

// predefinedLength has the first two digits of the identifiers whose elements
// need no separator, as the GS1 General Specifications list them.
func predefinedLength(ai string) bool {
	switch p := ai[:2]; {
	case p >= "00" && p <= "04", p >= "11" && p <= "20", p >= "31" && p <= "36", p == "41":
		return true
	default:
		return false
	}
}

func TestReadIdentifiersRefusesAWrongTable(t *testing.T) {
	t.Parallel()
	for _, row := range []string{"01,fixed,Q14,,,,,", "01,fixed,N,,,,,", "01,fixed,N0,,,,,", "01,fixed,Nx,,,,,", "xx,fixed,N1,,,,,", "01-x,fixed,N1,,,,,", "01,fixed", "01,fixed,N2,1,,,,",
		`01,fixed,"N2,nosuch",,,,,`, "02-01,fixed,N2,,,,,", "01,fixed,N2,,x,,,", "1,fixed,N2,,,,,"} {
		if _, err := readIdentifiers(fmt.Sprintf("ai,form,components,requires,excludes,key,qualifiers,title\n%s\n", row)); err == nil {
			t.Errorf("readIdentifiers(%s) = no error, want one", row)
		}
	}
}

func TestCheckDigit(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"106141411234567897", "09506000134352", "4006381333931", "036000291452", "73513537", "00000000000000"} {
		if got, want := checkDigit(number[:len(number)-1]), number[len(number)-1]; got != want {
			t.Errorf("checkDigit(%s) = %c, want %c", number[:len(number)-1], got, want)
		}
	}
}
