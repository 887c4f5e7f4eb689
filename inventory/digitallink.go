package inventory

import (
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Codes of faults in a GS1 Digital Link. Their source is the GS1 Digital Link
// standard, URI syntax.
const (
	// CodeScanLink says that a text is not a GS1 Digital Link: no web address, or no primary key in its path.
	CodeScanLink glabella.Code = "inventory.scan.link"
	// CodeScanEscape says that a percent sign in a web address does not begin the code of a byte.
	CodeScanEscape glabella.Code = "inventory.scan.escape"
	// CodeScanOrder says that an element of a GS1 Digital Link does not stand where it must.
	CodeScanOrder glabella.Code = "inventory.scan.order"
)

// ParseDigitalLink reads a GS1 Digital Link, a web address with any domain and any
// path before the primary key:
//
//	https://example.com/some/path/01/09506000134352/10/AB-123?17=270331&linkType=all
//
// The key's qualifiers follow it in the path in their order; every other element
// stands in the query. A trade item number of 8, 12 or 13 digits is filled up to 14.
// Query parameters whose names are not all digits are not GS1 data and are passed
// over, as is the fragment. What [ParseGS1] checks is checked, and years are
// resolved in the same way; the error is a [*ScanError], or several joined.
// Compressed links are not read.
func ParseDigitalLink(uri string, year int) (ElementString, error) {
	p := scan{table: identifiers(), data: strings.TrimRight(uri, "\r\n"), year: year}
	scheme := strings.Index(p.data, "://") + len("://")
	if scheme < len("://") || !strings.EqualFold(p.data[:scheme], "https://") && !strings.EqualFold(p.data[:scheme], "http://") {
		p.fail(0, "", CodeScanLink, "no web address")
		return p.result()
	}
	end := len(p.data)
	if i := strings.IndexByte(p.data, '#'); i >= 0 {
		end = i
	}
	query := end
	if i := strings.IndexByte(p.data[:end], '?'); i >= 0 {
		query = i
	}
	path := strings.IndexByte(p.data[scheme:max(scheme, query)], '/') + scheme
	if path <= scheme {
		p.fail(scheme, "", CodeScanLink, "no path after the domain")
		return p.result()
	}
	key := p.linkPath(path, query)
	if key == nil {
		if len(p.errs) == 0 {
			p.fail(path, "", CodeScanLink, "no primary key in the path")
		}
		return p.result()
	}
	p.linkQuery(key, min(query+1, end), end)
	return p.result()
}

// isDigitalLink reports whether a text is to be read as a link.
func isDigitalLink(s string) bool {
	return len(s) > 7 && strings.EqualFold(s[:7], "http://") || len(s) > 8 && strings.EqualFold(s[:8], "https://")
}

// segment is a part of the path, which begins at a byte of the data.
type segment struct {
	text string
	at   int
}

// linkPath reads the primary key and its qualifiers, which are the last of the
// path between from and to, and returns the key.
func (p *scan) linkPath(from, to int) *identifier {
	var segments []segment
	for at := from + 1; at <= to; {
		n := strings.IndexByte(p.data[at:to], '/')
		if n < 0 {
			n = to - at
		}
		segments = append(segments, segment{p.data[at : at+n], at})
		at += n + 1
	}
	first := len(segments) - 2
	for ; first >= 0; first -= 2 {
		if id := p.table.find(segments[first].text); id != nil && id.key {
			break
		}
	}
	if first < 0 {
		return nil
	}
	key := p.table.find(segments[first].text)
	var order []string
	for i := first; i < len(segments); i += 2 {
		id := p.table.find(segments[i].text)
		if id == nil {
			p.fail(segments[i].at, "", CodeScanUnknownAI, "no application identifier")
			return nil
		}
		if i > first {
			order = append(order, id.ai)
		}
		if !key.qualifiedBy(order) {
			p.fail(segments[i].at, id.ai, CodeScanOrder, "not a qualifier of the key, or not in its order")
		}
		p.addEncoded(id, segments[i+1].text, segments[i].at, segments[i+1].at, false)
	}
	return key
}

// qualifiedBy reports whether the qualifiers may follow the key in this order.
func (id *identifier) qualifiedBy(order []string) bool {
	if len(order) == 0 {
		return true
	}
	return slices.ContainsFunc(id.qualifiers, func(all []string) bool {
		next := 0
		for _, ai := range order {
			i := slices.Index(all[next:], ai)
			if i < 0 {
				return false
			}
			next += i + 1
		}
		return true
	})
}

// qualifies reports whether the identifier is a qualifier of the key.
func (id *identifier) qualifies(key *identifier) bool {
	return slices.ContainsFunc(key.qualifiers, func(all []string) bool { return slices.Contains(all, id.ai) })
}

// linkQuery reads the elements of the query between from and to.
func (p *scan) linkQuery(key *identifier, from, to int) {
	for at := from; at < to; {
		n := strings.IndexAny(p.data[at:to], "&;")
		if n < 0 {
			n = to - at
		}
		name, value, _ := strings.Cut(p.data[at:at+n], "=")
		id := p.table.find(name)
		switch {
		case !allDigits(name):
		case id == nil:
			p.fail(at, "", CodeScanUnknownAI, "no application identifier")
		case id.key || id.qualifies(key):
			p.fail(at, id.ai, CodeScanOrder, "belongs in the path")
		default:
			p.addEncoded(id, value, at, min(at+len(name)+1, at+n), true)
		}
		at += n + 1
	}
}

// addEncoded takes in an element whose value is percent-encoded.
func (p *scan) addEncoded(id *identifier, value string, start, from int, query bool) {
	plain := make([]byte, 0, len(value))
	places := make([]int, 0, len(value)+1)
	for i := 0; i < len(value); i++ {
		places = append(places, from+i)
		switch {
		case value[i] == '+' && query:
			plain = append(plain, ' ')
		case value[i] != '%':
			plain = append(plain, value[i])
		case i+2 < len(value) && hexDigit(value[i+1]) >= 0 && hexDigit(value[i+2]) >= 0:
			plain = append(plain, byte(hexDigit(value[i+1])<<4|hexDigit(value[i+2])))
			i += 2
		default:
			p.fail(from+i, id.ai, CodeScanEscape, "a percent sign without two hexadecimal digits")
			return
		}
	}
	text := string(plain)
	if id.ai == "01" {
		if text = fill(text); len(text) > len(plain) {
			places = append(slices.Repeat([]int{from}, len(text)-len(plain)), places...)
		}
	}
	p.add(id, text, start, from, append(places, from+len(value)))
}

// DigitalLink returns the content as a GS1 Digital Link under an address such as
// https://example.com, in its canonical form: the first primary key and its
// qualifiers in the path, the other elements in the query, in the order in which
// they stand. It is a [*ScanError] if there is no primary key, or more than one, and
// if the address is none. [ParseDigitalLink] reads it.
func (e ElementString) DigitalLink(address string) (string, error) {
	p := scan{data: address}
	if !isDigitalLink(address) || strings.ContainsAny(address, "?#") {
		p.fail(0, "", CodeScanLink, "no web address")
		return "", p.errs[0]
	}
	table := identifiers()
	var key *identifier
	for _, el := range e.elements {
		if id := table.find(el.AI); id.key && key == nil {
			key = id
		} else if id.key && !id.qualifies(key) {
			p.fail(0, el.AI, CodeScanOrder, "a second primary key")
			return "", p.errs[0]
		}
	}
	if key == nil {
		p.fail(0, "", CodeScanLink, "no primary key")
		return "", p.errs[0]
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(address, "/"))
	value, _ := e.Get(key.ai)
	b.WriteString("/" + key.ai + "/" + encode(value))
	path := e.qualifiers(key)
	for _, ai := range path {
		value, _ := e.Get(ai)
		b.WriteString("/" + ai + "/" + encode(value))
	}
	sep := byte('?')
	for _, el := range e.elements {
		if el.AI == key.ai || slices.Contains(path, el.AI) {
			continue
		}
		if table.find(el.AI).qualifies(key) {
			p.fail(0, el.AI, CodeScanOrder, "has no place in the path beside the other qualifiers")
			return "", p.errs[0]
		}
		b.WriteByte(sep)
		b.WriteString(el.AI + "=" + encode(el.Value))
		sep = '&'
	}
	return b.String(), nil
}

// qualifiers returns those of the key that are there, in the order of the path.
func (e ElementString) qualifiers(key *identifier) []string {
	var longest []string
	for _, all := range key.qualifiers {
		var path []string
		for _, ai := range all {
			if _, ok := e.Get(ai); ok {
				path = append(path, ai)
			}
		}
		if len(path) > len(longest) {
			longest = path
		}
	}
	return longest
}

// encode percent-encodes everything but the unreserved characters of RFC 3986.
func encode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(digits+upper+lower+"-._~", s[i]) >= 0 {
			b.WriteByte(s[i])
			continue
		}
		b.Write([]byte{'%', hex[s[i]>>4], hex[s[i]&15]})
	}
	return b.String()
}
