package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// CodeScanLinkCharacter says that a secondary symbol of a label does not belong to the primary one.
const CodeScanLinkCharacter glabella.Code = "inventory.scan.link-character"

// HIBC is the content of a symbol of the Health Industry Bar Code, supplier
// labeling standard ANSI/HIBC 2.6: the primary structure, which is the device
// identifier of a UDI, the secondary one, which is its production identifier, or
// both in one symbol. It is made by [ParseHIBC].
type HIBC struct {
	Labeler string // identification code of the labeler, "" if there is no primary structure
	Product string // the labeler's product or catalogue number
	Unit    int    // unit of measure: 0 a single one, 1 to 8 packages, 9 varying contents

	Lot        string
	Serial     string
	Expires    glabella.Date // the last day of use
	ExpiryHour string        // two digits, where the label has one
	Produced   glabella.Date
	Quantity   int    // 0 if it is not said
	Link       string // of a secondary structure by itself: the check character of the primary one
}

// mod43 has the characters of the code in the order of their values.
const mod43 = digits + upper + "-. $/+%"

// checkCharacter returns the modulo 43 check character, and false if the text has
// a character that the code has not.
func checkCharacter(s string) (byte, bool) {
	sum := 0
	for i := range len(s) {
		v := strings.IndexByte(mod43, s[i])
		if v < 0 {
			return 0, false
		}
		sum += v
	}
	return mod43[sum%43], true
}

// ParseHIBC reads a symbol, or its caption, which stands between asterisks and has
// _ for a check character that is a blank. Line ends after the data are ignored; a
// blank is not, because it may be the check character. All date formats of the
// secondary structure are read, the superseded ones too, and the additional data S,
// 14D and 16D. Two-digit years are resolved as in [ParseGS1], a month stands for
// its last day. Lot and serial numbers may have hyphens and points. The error is a
// [*ScanError].
func ParseHIBC(s string, year int) (HIBC, error) {
	p := hibcScan{text: strings.TrimRight(s, "\r\n"), year: year}
	if n := len(p.text); n > 2 && p.text[0] == '*' && p.text[n-1] == '*' {
		p.at, p.text = 1, p.text[:n-1]
		if strings.HasSuffix(p.text, "_") {
			p.text = p.text[:n-2] + " "
		}
	}
	if err := p.parse(); err != nil {
		return HIBC{}, err
	}
	return p.out, nil
}

// hibcScan is the state of one reading: text up to the check character, and the
// next byte.
type hibcScan struct {
	text string
	at   int
	year int
	out  HIBC
}

func (p *hibcScan) fail(at int, field string, code glabella.Code, text string) error {
	return &ScanError{Position: at, AI: field, Code: code, Text: text}
}

func (p *hibcScan) parse() error {
	start, last := p.at, len(p.text)-1
	if last <= start || p.text[start] != '+' {
		return p.fail(min(start, len(p.text)), "", CodeScanUnknownAI, "no health industry bar code")
	}
	for i := start; i <= last; i++ {
		if strings.IndexByte(mod43, p.text[i]) < 0 {
			return p.fail(i, "", CodeScanCharacter, "a character that the code does not have")
		}
	}
	if check, _ := checkCharacter(p.text[start:last]); check != p.text[last] {
		return p.fail(last, "", CodeScanCheckDigit, "wrong check character")
	}
	p.text = p.text[:last]
	p.at++
	if p.at < len(p.text) && strings.IndexByte(upper, p.text[p.at]) >= 0 {
		return p.both()
	}
	if p.at+1 >= len(p.text) {
		return p.fail(p.at, "", CodeScanLength, "no data")
	}
	link := len(p.text) - 1
	p.out.Link, p.text = p.text[link:], p.text[:link]
	return p.secondary()
}

// both reads a primary structure and, after a slash, a secondary one.
func (p *hibcScan) both() error {
	end := strings.IndexByte(p.text, '/')
	if end < 0 {
		end = len(p.text)
	}
	primary := p.text[p.at:end]
	if i := firstOutside(primary, upper+digits); i >= 0 {
		return p.fail(p.at+i, "primary", CodeScanCharacter, "neither a letter nor a digit")
	}
	if n := len(primary); n < 6 || n > 23 {
		return p.fail(p.at, "primary", CodeScanLength, fmt.Sprintf("%d characters where 6 to 23 are due", n))
	}
	unit := primary[len(primary)-1]
	if unit < '0' || unit > '9' {
		return p.fail(end-1, "primary", CodeScanCharacter, "the unit of measure is a digit")
	}
	p.out.Labeler, p.out.Product, p.out.Unit = primary[:4], primary[4:len(primary)-1], int(unit-'0')
	if p.at = end; p.at == len(p.text) {
		return nil
	}
	p.at++
	return p.secondary()
}

// secondary reads the reference identifier, the quantity, the date, the lot or
// serial number and the additional data.
func (p *hibcScan) secondary() error {
	begin := p.at
	main, more := p.text[p.at:], ""
	if i := strings.IndexByte(main, '/'); i >= 0 {
		main, more = main[:i], main[i:]
	}
	end := p.at + len(main)
	number := &p.out.Lot
	var err error
	switch {
	case strings.HasPrefix(main, "$$+"):
		p.at, number = p.at+3, &p.out.Serial
		err = p.date(end)
	case strings.HasPrefix(main, "$$"):
		p.at += 2
		if err = p.quantity(end); err == nil && p.at < end {
			err = p.date(end)
		}
	case strings.HasPrefix(main, "$+"):
		p.at, number = p.at+2, &p.out.Serial
	case strings.HasPrefix(main, "$"):
		p.at++
	case len(main) >= 5 && allDigits(main[:5]):
		err = p.julian(p.at+5, 0)
	default:
		return p.fail(p.at, "secondary", CodeScanUnknownAI, "no reference identifier")
	}
	if err != nil {
		return err
	}
	if *number, err = p.number(p.at, end); err != nil {
		return err
	}
	p.at = end
	if err := p.additional(more); err != nil {
		return err
	}
	if s := p.out; s.Lot == "" && s.Serial == "" && s.Expires.IsZero() && s.Produced.IsZero() && s.Quantity == 0 {
		return p.fail(begin, "secondary", CodeScanLength, "no data")
	}
	return nil
}

// number takes a lot or serial number of up to 18 characters.
func (p *hibcScan) number(from, to int) (string, error) {
	s := p.text[from:to]
	if i := firstOutside(s, upper+digits+"-."); i >= 0 {
		return "", p.fail(from+i, "number", CodeScanCharacter, "a character that a lot or serial number may not have")
	}
	if len(s) > 18 {
		return "", p.fail(from, "number", CodeScanLength, "more than 18 characters")
	}
	return s, nil
}

// firstOutside returns where the first byte stands that is not one of set, or -1.
func firstOutside(s, set string) int {
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return i
		}
	}
	return -1
}

// take returns the next n bytes, which must be digits.
func (p *hibcScan) take(n, end int, field string) (string, error) {
	if end-p.at < n {
		return "", p.fail(p.at, field, CodeScanLength, fmt.Sprintf("%d characters where %d are due", end-p.at, n))
	}
	s := p.text[p.at : p.at+n]
	if i := firstOutside(s, digits); i >= 0 {
		return "", p.fail(p.at+i, field, CodeScanCharacter, "not a digit")
	}
	p.at += n
	return s, nil
}

// quantity takes 8 and two digits, or 9 and five, if they are there.
func (p *hibcScan) quantity(end int) error {
	n := 0
	switch {
	case p.at < end && p.text[p.at] == '8':
		n = 2
	case p.at < end && p.text[p.at] == '9':
		n = 5
	default:
		return nil
	}
	p.at++
	s, err := p.take(n, end, "quantity")
	if err != nil {
		return err
	}
	if p.out.Quantity, err = strconv.Atoi(s); err != nil || p.out.Quantity == 0 {
		return p.fail(p.at-n, "quantity", CodeScanValue, "a quantity is more than zero")
	}
	return nil
}

// date takes the flag of a date format and the date.
func (p *hibcScan) date(end int) error {
	if p.at >= end {
		return p.fail(p.at, "expiry", CodeScanLength, "no date format")
	}
	flag, at := p.text[p.at], p.at
	if flag >= '2' && flag <= '7' {
		p.at++
	}
	switch flag {
	case '0', '1': // MMYY
		s, err := p.take(4, end, "expiry")
		if err != nil {
			return err
		}
		return p.expires(at, s[2:]+s[:2]+"00", "", true)
	case '2': // MMDDYY
		s, err := p.take(6, end, "expiry")
		if err != nil {
			return err
		}
		return p.expires(at+1, s[4:]+s[:4], "", false)
	case '3', '4': // YYMMDD, YYMMDDHH
		n := 6 + 2*int(flag-'3')
		s, err := p.take(n, end, "expiry")
		if err != nil {
			return err
		}
		return p.expires(at+1, s[:6], s[6:], false)
	case '5', '6': // YYJJJ, YYJJJHH
		return p.julian(end, 2*int(flag-'5'))
	case '7': // none
		return nil
	default:
		return p.fail(at, "expiry", CodeScanValue, "no such date format")
	}
}

// julian takes YYJJJ, and an hour if the format has one.
func (p *hibcScan) julian(end, hour int) error {
	at := p.at
	s, err := p.take(5+hour, end, "expiry")
	if err != nil {
		return err
	}
	day, _ := strconv.Atoi(s[2:5])
	d := glabella.Date{Year: fullYear(pair(s), p.year), Month: time.January, Day: 1}
	if day == 0 || !d.Valid() || d.AddDays(day-1).Year != d.Year {
		return p.fail(at, "expiry", CodeScanDate, "no such date")
	}
	return p.set(at, d.AddDays(day-1), s[5:])
}

// expires sets the expiry from YYMMDD; day 00 is the month, for a format without
// days only.
func (p *hibcScan) expires(at int, yymmdd, hour string, month bool) error {
	d, ok := gs1Date(yymmdd, p.year)
	if !ok || yymmdd[4:] == "00" && !month {
		return p.fail(at, "expiry", CodeScanDate, "no such date")
	}
	return p.set(at, d, hour)
}

func (p *hibcScan) set(at int, d glabella.Date, hour string) error {
	if hour != "" && pair(hour) > 23 {
		return p.fail(at, "expiry", CodeScanDate, "no such hour")
	}
	if !p.out.Expires.IsZero() {
		return p.fail(at, "expiry", CodeScanDuplicate, "the expiry stands twice")
	}
	p.out.Expires, p.out.ExpiryHour = d, hour
	return nil
}

// additional reads what follows, each part after a slash.
func (p *hibcScan) additional(more string) error {
	for more != "" {
		part := more[1:]
		at := p.at + 1
		if i := strings.IndexByte(part, '/'); i >= 0 {
			part, more = part[:i], part[i:]
		} else {
			more = ""
		}
		p.at = at + len(part)
		switch {
		case strings.HasPrefix(part, "S"):
			if p.out.Serial != "" {
				return p.fail(at, "S", CodeScanDuplicate, "the serial number stands twice")
			}
			s, err := p.number(at+1, p.at)
			if err != nil {
				return err
			}
			if s == "" {
				return p.fail(at+1, "S", CodeScanLength, "no serial number")
			}
			p.out.Serial = s
		case strings.HasPrefix(part, "14D"), strings.HasPrefix(part, "16D"):
			d, err := glabella.Date{}, error(nil)
			if len(part) != 11 || !allDigits(part[3:]) {
				err = glabella.ErrInvalid
			} else {
				d, err = glabella.ParseDate(part[3:7] + "-" + part[7:9] + "-" + part[9:])
			}
			switch {
			case err != nil:
				return p.fail(at+3, part[:3], CodeScanDate, "no such date")
			case part[1] == '4':
				if err := p.set(at+3, d, ""); err != nil {
					return err
				}
			case !p.out.Produced.IsZero():
				return p.fail(at, part[:3], CodeScanDuplicate, "the day of manufacture stands twice")
			default:
				p.out.Produced = d
			}
		default:
			return p.fail(at, "", CodeScanUnknownAI, "no such additional data")
		}
	}
	return nil
}

// DI returns the device identifier of a UDI as databases keep it, without flag and
// check character, or "".
func (h HIBC) DI() string {
	if h.Labeler == "" {
		return ""
	}
	return h.Labeler + h.Product + strconv.Itoa(h.Unit)
}

// production returns the secondary structure without flag and check character, in
// the form that the library writes: no reference identifiers that the standard has
// superseded, and dates with four-digit years.
func (h HIBC) production() string {
	var b strings.Builder
	serial := h.Serial
	switch {
	case h == HIBC{Labeler: h.Labeler, Product: h.Product, Unit: h.Unit, Link: h.Link}:
		return ""
	case h.Lot == "" && serial != "" && h.Quantity == 0:
		b.WriteString("$$+")
	case h.Quantity > 99:
		fmt.Fprintf(&b, "$$9%05d", h.Quantity)
	case h.Quantity > 0:
		fmt.Fprintf(&b, "$$8%02d", h.Quantity)
	default:
		b.WriteString("$$")
	}
	if h.ExpiryHour != "" {
		d := h.Expires
		fmt.Fprintf(&b, "4%02d%02d%02d%s", d.Year%100, d.Month, d.Day, h.ExpiryHour)
	} else {
		b.WriteByte('7')
	}
	if strings.HasPrefix(b.String(), "$$+") {
		b.WriteString(serial)
	} else {
		b.WriteString(h.Lot)
		if serial != "" {
			b.WriteString("/S" + serial)
		}
	}
	compact := func(d glabella.Date) string { return strings.ReplaceAll(d.String(), "-", "") }
	if !h.Produced.IsZero() {
		b.WriteString("/16D" + compact(h.Produced))
	}
	if !h.Expires.IsZero() && h.ExpiryHour == "" {
		b.WriteString("/14D" + compact(h.Expires))
	}
	return b.String()
}

// String returns the content as one symbol with its check character, which
// [ParseHIBC] reads; it is empty for the zero HIBC.
func (h HIBC) String() string {
	s, production := "+", h.production()
	switch {
	case h == HIBC{}:
		return ""
	case h.Labeler == "":
		s += production + h.Link
	case production == "":
		s += h.DI()
	default:
		s += h.DI() + "/" + production
	}
	check, ok := checkCharacter(s)
	if !ok {
		return ""
	}
	return s + string(check)
}

// Join returns the content of a label whose primary structure, h, and secondary
// one stand in two symbols. They belong together if the second's link character is
// the first's check character; otherwise it is a [*ScanError].
func (h HIBC) Join(second HIBC) (HIBC, error) {
	primary := "+" + h.DI()
	check, _ := checkCharacter(primary)
	if h.Labeler == "" || second.Labeler != "" || h.production() != "" || second.Link != string(check) {
		return HIBC{}, &ScanError{AI: "secondary", Code: CodeScanLinkCharacter, Text: "does not belong to the primary symbol"}
	}
	second.Labeler, second.Product, second.Unit, second.Link = h.Labeler, h.Product, h.Unit, ""
	return second, nil
}
