package inventory

import (
	"fmt"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// rule is a check of a component.
type rule byte

// The rules of the GS1 Syntax Dictionary that are checked.
const (
	noRule rule = iota
	ruleCsum
	ruleYymmd0
	ruleYymmdd
	ruleYyyymmdd
	ruleHhmi
	ruleHh
	ruleMi
	ruleSs
	ruleNonzero
	ruleZero
	ruleNozeroprefix
	ruleYesno
	ruleWinding
	rulePieceoftotal
	ruleHyphen
	rulePcenc
	ruleCsumalpha
	ruleHasnondigit
	ruleIso5218
)

// ruleNames are the names of the rules, in their order.
var ruleNames = []string{
	"", "csum", "yymmd0", "yymmdd", "yyyymmdd", "hhmi", "hh", "mi", "ss", "nonzero", "zero", "nozeroprefix", "yesno", "winding",
	"pieceoftotal", "hyphen", "pcenc", "csumalpha", "hasnondigit", "iso5218",
}

// fault returns what is wrong with a value of the element, and at which of its
// bytes. The code is empty if nothing is.
func (id *identifier) fault(value string, year int) (at int, code glabella.Code, text string) {
	if n := len(value); n < id.min || n > id.max {
		if id.min == id.max {
			return 0, CodeScanLength, fmt.Sprintf("%d characters where %d are due", n, id.max)
		}
		return 0, CodeScanLength, fmt.Sprintf("%d characters where %d to %d are due", n, id.min, id.max)
	}
	rest := value
	for i := range id.components {
		c := &id.components[i]
		if c.optional && rest == "" {
			continue
		}
		part := rest[:min(c.max, len(rest))]
		begin := len(value) - len(rest)
		rest = rest[len(part):]
		if len(part) < c.min {
			return begin, CodeScanLength, fmt.Sprintf("%d characters where %d are due", len(part), c.min)
		}
		for j := range len(part) {
			if charSets[part[j]]&c.set == 0 {
				return begin + j, CodeScanCharacter, "a character that the element may not have"
			}
			if part[j] == '<' && separatorAt(part[j:]) > 0 {
				return begin + j, CodeScanCharacter, "the name of a separator within a value"
			}
		}
		for _, r := range c.rules {
			if j, code, text := ruleFault(r, part, year); code != "" {
				return begin + j, code, text
			}
		}
	}
	return 0, "", ""
}

// ruleFault returns what is wrong with a component by one rule.
func ruleFault(r rule, part string, year int) (at int, code glabella.Code, text string) {
	ok := true
	switch r {
	case ruleCsum:
		if last := len(part) - 1; checkDigit(part[:last]) != part[last] {
			return last, CodeScanCheckDigit, "wrong check digit"
		}
		return 0, "", ""
	case ruleCsumalpha:
		if last := len(part) - 2; last < 1 || checkPair(part[:last]) != part[last:] {
			return max(last, 0), CodeScanCheckDigit, "wrong check characters"
		}
		return 0, "", ""
	case ruleYymmd0, ruleYymmdd:
		if _, exists := gs1Date(part, year); !exists || r == ruleYymmdd && part[4:] == "00" {
			return 0, CodeScanDate, "no such date"
		}
		return 0, "", ""
	case ruleYyyymmdd:
		y := 100*pair(part) + pair(part[2:])
		if m, d := pair(part[4:]), pair(part[6:]); y == 0 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
			return 0, CodeScanDate, "no such date"
		}
		return 0, "", ""
	case ruleHhmi:
		ok = pair(part) < 24 && pair(part[2:]) < 60
	case ruleHh:
		ok = pair(part) < 24
	case ruleMi, ruleSs:
		ok = pair(part) < 60
	case ruleNonzero:
		ok = strings.Trim(part, "0") != ""
	case ruleZero:
		ok = strings.Trim(part, "0") == ""
	case ruleNozeroprefix:
		ok = part == "0" || part[0] != '0'
	case ruleYesno:
		ok = part == "0" || part == "1"
	case ruleWinding:
		ok = part == "0" || part == "1" || part == "9"
	case ruleIso5218:
		ok = part == "0" || part == "1" || part == "2" || part == "9"
	case rulePieceoftotal:
		ok = pair(part) > 0 && pair(part[2:]) >= pair(part)
	case ruleHyphen:
		ok = part == "-"
	case ruleHasnondigit:
		ok = strings.Trim(part, digits) != ""
	case rulePcenc:
		ok = percentEncoded(part)
	}
	if !ok {
		return 0, CodeScanValue, "a value that there is not"
	}
	return 0, "", ""
}

// pair returns the number that the first two digits stand for.
func pair(s string) int { return 10*int(s[0]-'0') + int(s[1]-'0') }

// percentEncoded reports whether every percent sign begins the code of a byte.
func percentEncoded(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) || hexDigit(s[i+1]) < 0 || hexDigit(s[i+2]) < 0 {
			return false
		}
		i += 2
	}
	return true
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// wants names what the element must stand beside.
func (id *identifier) wants() string {
	var any []string
	for _, all := range id.requires {
		var names []string
		for _, s := range all {
			names = append(names, s.text)
		}
		any = append(any, strings.Join(names, " and "))
	}
	return strings.Join(any, " or ")
}

// separatorNames are what scanners show in place of the separator, in lower case.
// Those that are spelt with characters that no value may have come first.
var separatorNames = []string{"{gs}", "{fnc1}", "^]", `\u001d`, `\x1d`, "\u241d", "<gs>", "<fnc1>"}

// disguised reports whether a separator may be shown by name. It is quick and may
// be wrong about that.
func disguised(s string) bool {
	for i := range len(s) {
		if charSets[s[i]]&setName != 0 {
			return true
		}
	}
	return false
}

// separatorAt returns the length of the name of a separator that s begins with.
func separatorAt(s string) int {
	for _, name := range separatorNames {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return len(name)
		}
	}
	return 0
}

// undisguise returns s with separators in place of their names, and where each
// byte of it, and its end, stood in s.
func undisguise(s string) (string, []int) {
	var b strings.Builder
	origin := make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		origin = append(origin, i)
		if n := separatorAt(s[i:]); n > 0 {
			b.WriteByte(fnc1)
			i += n
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String(), append(origin, len(s))
}
