package inventory

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/gs1_ai.csv
var identifierCSV string

// component is one part of an element's value.
type component struct {
	set      byte // a bit of [charSets]
	min, max int
	optional bool
	rules    []rule
}

// span is a pattern of Application Identifiers, such as 310n, as the numbers of
// the identifiers that it stands for.
type span struct {
	from, to int
	text     string
}

// identifier is what the standard says of one Application Identifier.
type identifier struct {
	ai         string
	number     int
	title      string
	fixed      bool // its value needs no separator
	min, max   int  // the bounds of the value's length
	components []component
	requires   [][]span // one of these, each of which is all of its patterns
	excludes   []span
	key        bool       // a primary key of a GS1 Digital Link
	qualifiers [][]string // what may follow the key in the path, in order
}

// identifierTable finds an identifier by its number.
type identifierTable struct {
	all   []identifier
	index [numbers]uint16 // of an identifier in all, plus one
}

// numbers is one more than the greatest number of an identifier: those of two,
// three and four digits follow each other.
const numbers = 100 + 1000 + 10000

// numberOf returns the number of an Application Identifier of two to four digits.
func numberOf(ai string) (int, bool) {
	if len(ai) < 2 || len(ai) > 4 {
		return 0, false
	}
	n := 0
	for i := range len(ai) {
		if ai[i] < '0' || ai[i] > '9' {
			return 0, false
		}
		n = 10*n + int(ai[i]-'0')
	}
	return n + [...]int{0, 100, 1100}[len(ai)-2], true
}

// find returns the identifier, or nil if it is not assigned.
func (t *identifierTable) find(ai string) *identifier {
	n, ok := numberOf(ai)
	if !ok || t.index[n] == 0 {
		return nil
	}
	return &t.all[t.index[n]-1]
}

// at returns the identifier that s begins with, or nil. No identifier is the
// beginning of another.
func (t *identifierTable) at(s string) *identifier {
	n := 0
	for i := 0; i < len(s) && i < 4; i++ {
		if s[i] < '0' || s[i] > '9' {
			return nil
		}
		n = 10*n + int(s[i]-'0')
		if i == 0 {
			continue
		}
		if at := t.index[n+[...]int{0, 100, 1100}[i-1]]; at != 0 {
			return &t.all[at-1]
		}
	}
	return nil
}

// identifiers returns the table of Application Identifiers, read once. It is
// never changed. A table that cannot be read is a defect of the build, which a
// test would have found.
var identifiers = sync.OnceValue(func() *identifierTable {
	table, err := readIdentifiers(identifierCSV)
	if err != nil {
		panic(err)
	}
	return table
})

func readIdentifiers(text string) (*identifierTable, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("gs1 identifiers: %w", err)
	}
	table := &identifierTable{}
	for _, row := range rows[1:] {
		if len(row) != 8 {
			return nil, fmt.Errorf("gs1 identifier %s: %d columns", row[0], len(row))
		}
		id, err := readIdentifier(row)
		if err != nil {
			return nil, fmt.Errorf("gs1 identifier %s: %w", row[0], err)
		}
		ids, err := readSpan(strings.ReplaceAll(row[0], "-", ".."))
		if err != nil {
			return nil, fmt.Errorf("gs1 identifier %s: %w", row[0], err)
		}
		digits := len(row[0])
		if first, _, ranged := strings.Cut(row[0], "-"); ranged {
			digits = len(first)
		}
		for n := ids.from; n <= ids.to; n++ {
			id.number, id.ai = n, fmt.Sprintf("%0*d", digits, n-[...]int{0, 100, 1100}[digits-2])
			table.all = append(table.all, id)
			table.index[n] = uint16(len(table.all))
		}
	}
	return table, nil
}

func readIdentifier(row []string) (identifier, error) {
	id := identifier{fixed: row[1] == "fixed", key: row[5] == "yes", title: row[7]}
	for _, spec := range strings.Fields(row[2]) {
		c, err := readComponent(spec)
		if err != nil {
			return identifier{}, err
		}
		id.components = append(id.components, c)
		id.max += c.max
		if !c.optional {
			id.min += c.min
		}
	}
	for _, all := range alternatives(row[3]) {
		var group []span
		for _, pattern := range all {
			s, err := readSpan(pattern)
			if err != nil {
				return identifier{}, err
			}
			group = append(group, s)
		}
		id.requires = append(id.requires, group)
	}
	for _, one := range alternatives(row[4]) {
		s, err := readSpan(one[0])
		if err != nil {
			return identifier{}, err
		}
		id.excludes = append(id.excludes, s)
	}
	id.qualifiers = alternatives(row[6])
	return id, nil
}

// alternatives reads groups such as 01+21|03.
func alternatives(s string) [][]string {
	if s == "" {
		return nil
	}
	var out [][]string
	for all := range strings.SplitSeq(s, "|") {
		out = append(out, strings.Split(all, "+"))
	}
	return out
}

// readSpan reads 01, 310n or 3100..3105.
func readSpan(s string) (span, error) {
	first, last, ranged := strings.Cut(s, "..")
	if !ranged {
		first, last = strings.ReplaceAll(s, "n", "0"), strings.ReplaceAll(s, "n", "9")
	}
	from, ok := numberOf(first)
	to, also := numberOf(last)
	if !ok || !also || len(first) != len(last) || from > to {
		return span{}, fmt.Errorf("no identifiers: %q", s)
	}
	return span{from, to, s}, nil
}

// readComponent reads N6,yymmd0 or [X..17].
func readComponent(spec string) (component, error) {
	form, rules, ruled := strings.Cut(spec, ",")
	c := component{}
	if ruled {
		for name := range strings.SplitSeq(rules, ",") {
			i := slices.Index(ruleNames, name)
			if i < 1 {
				return component{}, fmt.Errorf("component %s: no such rule", spec)
			}
			c.rules = append(c.rules, rule(i))
		}
	}
	if strings.HasPrefix(form, "[") && strings.HasSuffix(form, "]") {
		c.optional = true
		form = form[1 : len(form)-1]
	}
	set := strings.IndexByte("NXYZ", (form + " ")[0])
	if len(form) < 2 || set < 0 {
		return component{}, fmt.Errorf("component %s: no such character set", spec)
	}
	c.set = 1 << set
	length, upTo := strings.CutPrefix(form[1:], "..")
	n, err := strconv.Atoi(length)
	if err != nil || n < 1 {
		return component{}, fmt.Errorf("component %s: no length", spec)
	}
	c.min, c.max = n, n
	if upTo {
		c.min = 1
	}
	return c, nil
}

// The character sets of the GS1 General Specifications, as bits of [charSets]:
// digits, the AI encodable character set 82, set 39, and file-safe base64.
const (
	setN byte = 1 << iota
	setX
	setY
	setZ
	setName // not of the standard: what the name of a separator begins with
)

// charSets says which sets a byte belongs to.
var charSets = func() (table [256]byte) {
	for set, chars := range map[byte]string{
		setN: digits,
		setX: digits + upper + lower + `!"%&'()*+,-./:;<=>?_`,
		setY: digits + upper + "#-/",
		setZ: digits + upper + lower + "-_=",

		setName: "{<^\\\xe2",
	} {
		for i := range len(chars) {
			table[chars[i]] |= set
		}
	}
	return table
}()

const (
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
)
