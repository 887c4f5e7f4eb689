package inventory

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/gs1_ai.csv
var identifierCSV string

// component is one part of an element's value.
type component struct {
	set      byte // N, X, Y or Z
	min, max int
	optional bool
	rules    []string // csum, yymmd0, yymmdd
}

// identifier is what the standard says of one Application Identifier.
type identifier struct {
	ai         string
	fixed      bool // its value needs no separator
	components []component
	requires   [][]string // one of these, each of which is all of its patterns
	excludes   []string   // patterns: n is any digit
}

// min and max return the bounds of the value's length.
func (id identifier) min() int {
	n := 0
	for _, c := range id.components {
		if !c.optional {
			n += c.min
		}
	}
	return n
}

func (id identifier) max() int {
	n := 0
	for _, c := range id.components {
		n += c.max
	}
	return n
}

// identifiers returns the table of Application Identifiers, read once. It is
// never changed. A table that cannot be read is a defect of the build, which a
// test would have found.
var identifiers = sync.OnceValue(func() map[string]identifier {
	table, err := readIdentifiers(identifierCSV)
	if err != nil {
		panic(err)
	}
	return table
})

func readIdentifiers(text string) (map[string]identifier, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("gs1 identifiers: %w", err)
	}
	table := make(map[string]identifier, 512)
	for _, row := range rows[1:] {
		id := identifier{fixed: row[1] == "fixed"}
		for _, spec := range strings.Fields(row[2]) {
			c, err := readComponent(spec)
			if err != nil {
				return nil, fmt.Errorf("gs1 identifier %s: %w", row[0], err)
			}
			id.components = append(id.components, c)
		}
		if row[3] != "" {
			for _, all := range strings.Split(row[3], "|") {
				id.requires = append(id.requires, strings.Split(all, "+"))
			}
		}
		if row[4] != "" {
			id.excludes = strings.Split(row[4], "|")
		}
		first, last, ranged := strings.Cut(row[0], "-")
		if !ranged {
			last = first
		}
		from, err := strconv.Atoi(first)
		if err != nil {
			return nil, fmt.Errorf("gs1 identifier %s: %w", row[0], err)
		}
		to, err := strconv.Atoi(last)
		if err != nil {
			return nil, fmt.Errorf("gs1 identifier %s: %w", row[0], err)
		}
		for n := from; n <= to; n++ {
			id.ai = fmt.Sprintf("%0*d", len(first), n)
			table[id.ai] = id
		}
	}
	return table, nil
}

// readComponent reads N6,yymmd0 or [X..17].
func readComponent(spec string) (component, error) {
	form, rules, ruled := strings.Cut(spec, ",")
	c := component{}
	if ruled {
		c.rules = strings.Split(rules, ",")
	}
	if strings.HasPrefix(form, "[") && strings.HasSuffix(form, "]") {
		c.optional = true
		form = form[1 : len(form)-1]
	}
	if len(form) < 2 || !strings.Contains("NXYZ", form[:1]) {
		return component{}, fmt.Errorf("component %s: no such character set", spec)
	}
	c.set = form[0]
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

// identifierAt returns the Application Identifier that s begins with. No
// identifier is the beginning of another.
func identifierAt(s string) (identifier, bool) {
	for n := 2; n <= 4 && n <= len(s); n++ {
		if id, ok := identifiers()[s[:n]]; ok {
			return id, true
		}
	}
	return identifier{}, false
}

// matches reports whether the identifier fits a pattern such as 310n.
func matches(pattern, ai string) bool {
	if len(pattern) != len(ai) {
		return false
	}
	for i := range len(ai) {
		if pattern[i] != 'n' && pattern[i] != ai[i] {
			return false
		}
	}
	return true
}

// inSet reports whether c belongs to the character set: N digits, X the GS1
// AI encodable character set 82, Y set 39, Z file-safe base64.
func inSet(set, c byte) bool {
	digit := c >= '0' && c <= '9'
	upper := c >= 'A' && c <= 'Z'
	lower := c >= 'a' && c <= 'z'
	switch set {
	case 'N':
		return digit
	case 'X':
		return digit || upper || lower || strings.IndexByte(`!"%&'()*+,-./:;<=>?_`, c) >= 0
	case 'Y':
		return digit || upper || strings.IndexByte(`#-/`, c) >= 0
	case 'Z':
		return digit || upper || lower || strings.IndexByte(`-_=`, c) >= 0
	default:
		return false
	}
}
