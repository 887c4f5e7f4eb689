package access

import (
	"encoding/binary"

	"github.com/glabella-ehr/glabella"
)

// eight returns the first eight bytes of a text, the first lowest.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// four is like eight for four bytes.
func four(s string) uint64 {
	_ = s[3]
	return uint64(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

// names reports whether the text is the canonical form of the identity. It
// writes the identity as text, eight digits in one number, instead of reading the
// text.
func names(text string, id *glabella.StaffID) bool {
	return len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
		digits(binary.LittleEndian.Uint32(id[0:4])) == eight(text[0:8]) &&
		digits(binary.LittleEndian.Uint32(id[4:8])) == four(text[9:13])|four(text[14:18])<<32 &&
		digits(binary.LittleEndian.Uint32(id[8:12])) == four(text[19:23])|four(text[24:28])<<32 &&
		digits(binary.LittleEndian.Uint32(id[12:16])) == eight(text[28:36])
}

// digits returns four bytes as eight hexadecimal digits, the first lowest.
func digits(b uint32) uint64 {
	const each = 0x0101010101010101
	x := uint64(b)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x>>4 | x<<8) & (0x0f * each)
	letters := (x + 6*each) >> 4 & each
	return x + '0'*each + letters*('a'-'0'-10)
}

// ordinal returns a number that orders dates as they are ordered, and 0 for the
// zero date.
func ordinal(d glabella.Date) int { return d.Year<<16 + int(d.Month)<<8 + d.Day }
