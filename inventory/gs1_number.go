package inventory

import (
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// checkDigit returns the GS1 check digit of a number: modulo 10 with the weights
// 3 and 1 in turn, 3 on the right.
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += weight * int(digits[i]-'0')
		weight ^= 3 ^ 1
	}
	return byte('0' + (10-sum%10)%10)
}

// checkPair returns the check characters of a GS1 Global Model Number: modulo 1021
// with prime weights, in two characters of an alphabet of 32. It is empty for what
// is too long or has a character outside character set 82.
func checkPair(s string) string {
	const (
		order    = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`
		alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	)
	primes := [...]int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83}
	if len(s) > len(primes) {
		return ""
	}
	sum := 0
	for i := range len(s) {
		value := strings.IndexByte(order, s[i])
		if value < 0 {
			return ""
		}
		sum += value * primes[len(s)-1-i]
	}
	sum %= 1021
	return string([]byte{alphabet[sum/32], alphabet[sum%32]})
}

// gs1Date reads YYMMDD, six digits. Day 00 is the last day of the month.
func gs1Date(s string, year int) (glabella.Date, bool) {
	y, m, d := fullYear(pair(s), year), pair(s[2:]), pair(s[4:])
	if m < 1 || m > 12 || y < 1 || y > 9999 {
		return glabella.Date{}, false
	}
	last := daysIn(y, m)
	if d == 0 {
		d = last
	}
	return glabella.Date{Year: y, Month: time.Month(m), Day: d}, d <= last
}

// daysIn returns the number of days of a month, 1 to 12.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
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
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", &ScanError{Position: i, AI: "01", Code: CodeScanCharacter, Text: "not a digit"}
		}
	}
	full := fill(s)
	if len(full) != 14 {
		return "", &ScanError{AI: "01", Code: CodeScanLength, Text: "a GTIN has 8, 12, 13 or 14 digits"}
	}
	if checkDigit(s[:len(s)-1]) != s[len(s)-1] {
		return "", &ScanError{Position: len(s) - 1, AI: "01", Code: CodeScanCheckDigit, Text: "wrong check digit"}
	}
	return full, nil
}

// fill returns a trade item number of 8, 12 or 13 digits with the zeros that make
// it 14, and anything else as it is.
func fill(gtin string) string {
	switch len(gtin) {
	case 8, 12, 13:
		return "000000"[:14-len(gtin)] + gtin
	default:
		return gtin
	}
}
