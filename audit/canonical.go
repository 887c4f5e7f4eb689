package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
)

// formatVersion is the version of the canonical form. It is the first member of
// every record, so that a later form can be told from this one.
const formatVersion = 1

// Bytes returns the canonical bytes of the record; see [Record.Append].
func (r Record) Bytes() []byte { return r.Append(nil) }

// Append appends the canonical bytes of the record to dst: one JSON object whose
// members stand in the order of the struct's fields, after the version member
// "v":1, without white space. Members with a zero value are left out, except v,
// seq, at, action and outcome. Strings follow RFC 8785: the shortest escapes and
// nothing else escaped. Instants are RFC 3339 in UTC with six decimals, truncated
// to the microsecond. The data of an event keeps the order of its members and
// the text of its numbers.
//
// A record that [Record.Validate] reports has no canonical form; what Append
// writes for it is well-formed JSON, but not the whole record.
func (r Record) Append(dst []byte) []byte {
	b, _ := r.encode(dst)
	return b
}

// encode is Append, and reports whether the record is valid.
func (r *Record) encode(dst []byte) ([]byte, bool) {
	var e encoder
	b := append(dst, `{"v":1,"seq":`...)
	b = strconv.AppendUint(b, r.Seq, 10)
	b = append(b, `,"at":`...)
	b = e.time(b, r.At)
	b = e.rest(append(b, `,"action":"`...), r.Action)
	b = e.rest(append(b, `,"outcome":"`...), string(r.Outcome))
	e.require(!r.At.IsZero() && r.Action != "" && r.Outcome.Valid())
	b = e.actor(b, &r.Actor)
	b = e.site(b, r.Site)
	b = e.optionalRef(b, `,"subject":`, &r.Subject)
	if len(r.Reasons) > 0 {
		b = append(b, `,"reasons":[`...)
		for i := range r.Reasons {
			b = e.reason(b, &r.Reasons[i])
		}
		b = append(b, ']')
	}
	if len(r.Acknowledged) > 0 {
		b = append(b, `,"acknowledged":[`...)
		for _, code := range r.Acknowledged {
			b = e.str(separate(b), string(code))
			e.require(code != "")
		}
		b = append(b, ']')
	}
	b = e.refs(b, `,"reads":`, r.Reads)
	if len(r.Changes) > 0 {
		b = append(b, `,"changes":[`...)
		for i := range r.Changes {
			b = e.change(b, &r.Changes[i])
		}
		b = append(b, ']')
	}
	if len(r.Events) > 0 {
		b = append(b, `,"events":[`...)
		for i := range r.Events {
			b = e.event(b, &r.Events[i])
		}
		b = append(b, ']')
	}
	b = e.digest(b, `,"key":"`, r.Key)
	return append(b, '}'), !e.bad
}

// encoder appends canonical JSON and remembers whether something in it was not
// valid. The buffer is passed by value: kept in the struct, each append would
// cost a write barrier.
type encoder struct{ bad bool }

func (e *encoder) require(ok bool) {
	if !ok {
		e.bad = true
	}
}

// separate puts a comma between what has been written and what follows, unless
// that is the first in its list or object.
func separate(b []byte) []byte {
	if c := b[len(b)-1]; c != '{' && c != '[' {
		return append(b, ',')
	}
	return b
}

// appendName writes the name of a member. It is given with the comma before it,
// which is dropped for the first member of an object, and with as much of the
// value as is constant.
func appendName(b []byte, name string) []byte {
	if b[len(b)-1] == '{' {
		name = name[1:]
	}
	return append(b, name...)
}

func (e *encoder) text(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return e.rest(appendName(b, name), s)
}

func (e *encoder) digest(b []byte, name, s string) []byte {
	e.require(s == "" || isDigest(s))
	return e.text(b, name, s)
}

func (e *encoder) number(b []byte, name string, n uint64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(appendName(b, name), n, 10)
}

func (e *encoder) refs(b []byte, name string, refs []glabella.Ref) []byte {
	if len(refs) == 0 {
		return b
	}
	b = appendName(b, name)
	b = append(b, '[')
	for i := range refs {
		b = e.ref(separate(b), &refs[i])
		e.require(!refs[i].IsZero())
	}
	return append(b, ']')
}

func (e *encoder) ref(b []byte, r *glabella.Ref) []byte {
	b = append(b, '{')
	b = e.text(b, `,"kind":"`, r.Kind)
	b = e.text(b, `,"id":"`, r.ID)
	return append(b, '}')
}

func (e *encoder) optionalRef(b []byte, name string, r *glabella.Ref) []byte {
	if r.IsZero() {
		return b
	}
	return e.ref(appendName(b, name), r)
}

func (e *encoder) site(b []byte, id glabella.SiteID) []byte {
	if id.IsZero() {
		return b
	}
	b = appendName(b, `,"site":"`)
	var text [37]byte
	hex.Encode(text[0:8], id[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], id[10:16])
	text[36] = '"'
	return append(b, text[:]...)
}

func (e *encoder) actor(b []byte, a *glabella.Actor) []byte {
	outer := len(b)
	b = appendName(b, `,"actor":{`)
	b = e.text(b, `,"kind":"`, string(a.Kind))
	b = e.text(b, `,"id":"`, a.ID)
	b = e.optionalRef(b, `,"onBehalfOf":`, &a.OnBehalfOf)
	b = e.site(b, a.Site)
	b = e.text(b, `,"purpose":"`, string(a.Purpose))
	inner := len(b)
	b = appendName(b, `,"auth":{`)
	b = e.text(b, `,"method":"`, a.Auth.Method)
	if a.Auth.Level != 0 {
		b = appendName(b, `,"level":`)
		b = strconv.AppendInt(b, int64(a.Auth.Level), 10)
	}
	if !a.Auth.At.IsZero() {
		b = appendName(b, `,"at":`)
		b = e.time(b, a.Auth.At)
	}
	b = closeObject(b, inner)
	b = e.text(b, `,"breakGlass":"`, a.BreakGlass)
	return closeObject(b, outer)
}

// closeObject ends an object whose name starts at mark, and takes it back if
// nothing was written into it.
func closeObject(b []byte, mark int) []byte {
	if b[len(b)-1] == '{' {
		return b[:mark]
	}
	return append(b, '}')
}

func (e *encoder) reason(b []byte, r *ReasonRef) []byte {
	b = append(separate(b), '{')
	b = e.text(b, `,"code":"`, string(r.Code))
	b = e.text(b, `,"outcome":"`, string(r.Outcome))
	b = e.refs(b, `,"refs":`, r.Refs)
	e.require(r.Code != "" && r.Outcome.Valid())
	return append(b, '}')
}

func (e *encoder) change(b []byte, c *Change) []byte {
	b = append(separate(b), '{')
	b = e.optionalRef(b, `,"ref":`, &c.Ref)
	b = e.number(b, `,"before":`, c.Before)
	b = e.number(b, `,"after":`, c.After)
	b = e.digest(b, `,"digest":"`, c.Digest)
	if len(c.Fields) > 0 {
		b = appendName(b, `,"fields":[`)
		for _, field := range c.Fields {
			b = e.str(separate(b), field)
		}
		b = append(b, ']')
	}
	e.require(!c.Ref.IsZero())
	return append(b, '}')
}

func (e *encoder) event(b []byte, v *Event) []byte {
	b = append(separate(b), '{')
	b = e.text(b, `,"type":"`, v.Type)
	if len(v.Data) > 0 {
		mark := len(b)
		var ok bool
		if b, ok = appendCompact(appendName(b, `,"data":`), v.Data); !ok {
			b = b[:mark]
		}
		e.require(ok)
	}
	e.require(v.Type != "")
	return append(b, '}')
}

// time writes the instant as RFC 3339 in UTC with six decimals.
func (e *encoder) time(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if year < 0 || year > 9999 {
		e.bad, year = true, 0
	}
	b = append(b, '"')
	b = twoDigits(b, year/100)
	b = twoDigits(b, year%100)
	b = twoDigits(append(b, '-'), int(month))
	b = twoDigits(append(b, '-'), day)
	b = twoDigits(append(b, 'T'), hour)
	b = twoDigits(append(b, ':'), minute)
	b = twoDigits(append(b, ':'), second)
	micro := t.Nanosecond() / 1000
	b = twoDigits(append(b, '.'), micro/10000)
	b = twoDigits(b, micro/100%100)
	b = twoDigits(b, micro%100)
	return append(b, 'Z', '"')
}

func twoDigits(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }

// str writes a string with the escapes of RFC 8785, section 3.2.2.2. Bytes that
// are not UTF-8 become U+FFFD.
func (e *encoder) str(b []byte, s string) []byte { return e.rest(append(b, '"'), s) }

// rest writes what follows the opening quote of a string.
func (e *encoder) rest(b []byte, s string) []byte {
	if i := plainPrefix(s); i < len(s) {
		b = append(b, s[:i]...)
		b = e.unusual(b, s[i:])
	} else {
		b = append(b, s...)
	}
	return append(b, '"')
}

// plainPrefix returns the length of a beginning of s, seven bytes short of the
// longest at most, in which every character is ASCII and stands for itself.
func plainPrefix(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		if (x|(x-ones*' ')|(quote-ones)|(slash-ones))&highs != 0 {
			return i
		}
	}
	for ; i < len(s) && s[i] < utf8.RuneSelf && plain[s[i]]; i++ {
	}
	return i
}

// unusual writes the rest of a string in which something may not stand for
// itself.
func (e *encoder) unusual(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !plain[c] {
				b = append(b, s[start:i]...)
				b = appendEscaped(b, c)
				e.require(c != 0)
				start = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, string(utf8.RuneError)...)
			e.bad = true
			start = i + 1
		}
		i += size
	}
	return append(b, s[start:]...)
}

const hexDigits = "0123456789abcdef"

// plain tells the ASCII characters that stand for themselves in a string.
var plain = func() (t [utf8.RuneSelf]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendEscaped writes an ASCII character that does not stand for itself.
func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\t':
		return append(dst, '\\', 't')
	case '\n':
		return append(dst, '\\', 'n')
	case '\f':
		return append(dst, '\\', 'f')
	case '\r':
		return append(dst, '\\', 'r')
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
	}
}

// ParseRecord reads canonical bytes. It is strict: what it accepts is exactly
// what [Record.Append] writes for the result, so that no two texts mean the same
// record. Errors are [*glabella.ValidationError]; Column is where the text leaves
// the canonical form.
func ParseRecord(b []byte) (Record, error) {
	var in struct {
		V int `json:"v"`
		Record
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return Record{}, notCanonical(glabella.Issue{Code: glabella.CodeSyntax, Text: "not the JSON of a journal record"})
	}
	if in.V != formatVersion {
		return Record{}, notCanonical(glabella.Issue{Path: "/v", Code: glabella.CodeUnknownValue, Text: "not a known version of the record format"})
	}
	if err := in.Validate(); err != nil {
		return Record{}, err
	}
	if again := in.Bytes(); !bytes.Equal(again, b) {
		n := 0
		for n < len(b) && n < len(again) && b[n] == again[n] {
			n++
		}
		return Record{}, notCanonical(glabella.Issue{Code: glabella.CodeFormat, Text: "not in canonical form", Line: 1, Column: n + 1})
	}
	return in.Record, nil
}

func notCanonical(issue glabella.Issue) error { return glabella.Invalid("journal record", issue) }
