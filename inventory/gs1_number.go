package inventory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// checkDigit returns the GS1 check digit of a number: modulo 10 with the weights
// 3 and 1 in turn, 3 on the right.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

// gs1Date reads YYMMDD. Day 00 is the last day of the month.
func gs1Date(s string, year int) (glabella.Date, bool) {
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(s[2*i : 2*i+2])
		if err != nil {
			return glabella.Date{}, false
		}
		n[i] = v
	}
	d := glabella.Date{Year: fullYear(n[0], year), Month: time.Month(n[1]), Day: n[2]}
	if d.Month < time.January || d.Month > time.December {
		return glabella.Date{}, false
	}
	if d.Day == 0 {
		d.Day = 1
		d = d.Add(glabella.Period{Months: 1, Days: -1})
	}
	return d, d.Valid()
}

// fullYear returns the year that two digits stand for, seen from year.
func fullYear(yy, year int) int {
	century := year - year%100
	switch diff := yy - year%100; {
	case diff >= 51:
		return century - 100 + yy
	case diff <= -50:
		return century + 100 + yy
	default:
		return century + yy
	}
}

// ParseGTIN reads a Global Trade Item Number of 8, 12, 13 or 14 digits and
// returns it in the 14-digit form in which it is stored. A wrong length, a
// character that is no digit or a wrong check digit is a [*ScanError].
func ParseGTIN(s string) (string, error) {
	if i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		return "", &ScanError{Position: i, AI: "01", Code: CodeScanCharacter, Text: "not a digit"}
	}
	if !slices.Contains([]int{8, 12, 13, 14}, len(s)) {
		return "", &ScanError{AI: "01", Code: CodeScanLength, Text: "a GTIN has 8, 12, 13 or 14 digits"}
	}
	if checkDigit(s[:len(s)-1]) != s[len(s)-1] {
		return "", &ScanError{Position: len(s) - 1, AI: "01", Code: CodeScanCheckDigit, Text: "wrong check digit"}
	}
	return strings.Repeat("0", 14-len(s)) + s, nil
}
