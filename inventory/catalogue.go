package inventory

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// Codes of faults in a catalogue and of names that it does not resolve.
const (
	// CodeCatalogueUnknown says that no item of the catalogue has the name or number.
	CodeCatalogueUnknown glabella.Code = "inventory.catalogue.unknown"
	// CodeCatalogueAmbiguous says that more than one item of the catalogue has the name or number.
	CodeCatalogueAmbiguous glabella.Code = "inventory.catalogue.ambiguous"
	// CodeCatalogueName says that a name of an item has neither a letter nor a digit.
	CodeCatalogueName glabella.Code = "inventory.catalogue.name"
)

// CatalogueItem is what a product is called and counted in, beside the [Product]
// itself: the names under which it stands in price lists, supplier lists and
// imported records, its numbers in every system, and its packs.
type CatalogueItem struct {
	Product glabella.ProductID `json:"product" validate:"required"`
	Code    string             `json:"code" validate:"required"` // of the product: "onabotulinumtoxinA-100"
	Name    string             `json:"name" validate:"required"`
	Class   ItemClass          `json:"class"`
	Aliases []string           `json:"aliases"` // "Botox 20u", "B20"
	GTINs   []string           `json:"gtins"`   // in the 14-digit form
	NDC     NDC                `json:"ndc,omitzero"`
	DIs     []string           `json:"dis"`   // device identifiers of other systems, see [Scanned]
	Packs   []Pack             `json:"packs"` // see [Convert]
}

// ItemOf returns the item of a product, without aliases and packs.
func ItemOf(p Product) CatalogueItem {
	ndc, _ := ParseNDC(p.NDC) // a product that is valid has one or none
	return CatalogueItem{
		Product: p.ID, Code: p.Code, Name: p.Name, Class: p.Class, Aliases: []string{}, GTINs: slices.Clone(p.GTINs), NDC: ndc, DIs: []string{}, Packs: []Pack{},
	}
}

// Validate reports everything that is wrong with the item.
func (c CatalogueItem) Validate() error { return glabella.Invalid("catalogue item", c.issues()...) }

func (c CatalogueItem) issues() []glabella.Issue {
	issues := check.Struct(c)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !c.Class.Valid() {
		add("/class", glabella.CodeUnknownValue, "not a class of item")
	}
	if c.Name != "" && FoldName(c.Name) == "" {
		add("/name", CodeCatalogueName, "a name has a letter or a digit")
	}
	if c.Code != "" && FoldName(c.Code) == "" {
		add("/code", CodeCatalogueName, "a code has a letter or a digit")
	}
	for i, alias := range c.Aliases {
		path, folded := fmt.Sprintf("/aliases/%d", i), FoldName(alias)
		if folded == "" {
			add(path, CodeCatalogueName, "a name has a letter or a digit")
		} else if slices.ContainsFunc(c.Aliases[:i], func(a string) bool { return FoldName(a) == folded }) {
			add(path, glabella.CodeDuplicate, "the name stands twice")
		}
	}
	for i, gtin := range c.GTINs {
		path := fmt.Sprintf("/gtins/%d", i)
		if full, err := ParseGTIN(gtin); err != nil || full != gtin {
			add(path, glabella.CodeFormat, "not a GTIN of 14 digits")
		} else if slices.Contains(c.GTINs[:i], gtin) {
			add(path, glabella.CodeDuplicate, "the GTIN stands twice")
		}
	}
	for i, di := range c.DIs {
		path := fmt.Sprintf("/dis/%d", i)
		if di == "" {
			add(path, glabella.CodeRequired, "a device identifier is not empty")
		} else if slices.Contains(c.DIs[:i], di) {
			add(path, glabella.CodeDuplicate, "the device identifier stands twice")
		}
	}
	return append(issues, packIssues(c.Packs)...)
}

// clone returns the item with slices of its own.
func (c CatalogueItem) clone() CatalogueItem {
	c.Aliases, c.GTINs, c.DIs, c.Packs = slices.Clone(c.Aliases), slices.Clone(c.GTINs), slices.Clone(c.DIs), slices.Clone(c.Packs)
	return c
}

// Convert converts an amount by the item's packs, see [Convert].
func (c CatalogueItem) Convert(amount Ratio, from, to string) (Ratio, error) {
	return Convert(c.Packs, amount, from, to)
}

// Catalogue finds the items of a practice by name, barcode and number. It is made
// by [NewCatalogue] and safe for concurrent use; the zero Catalogue is empty.
type Catalogue struct {
	items []CatalogueItem
	index map[string][]int // items by a kind of name and the name
}

// The kinds of name in [Catalogue.index].
const (
	byName = "name:"
	byGTIN = "gtin:"
	byDI   = "di:"
	byNDC  = "ndc:" // the digits, of every form that the code has
)

// NewCatalogue makes a catalogue. A product that stands twice and everything that
// is wrong with an item are reported at once. Items may share a name: that name is
// then refused by [Catalogue.Resolve], and the others are not.
func NewCatalogue(items []CatalogueItem) (Catalogue, error) {
	c := Catalogue{index: make(map[string][]int, 4*len(items))}
	var issues []glabella.Issue
	seen := map[glabella.ProductID]bool{}
	for i, item := range items {
		item = item.clone()
		path := fmt.Sprintf("/%d", i)
		for _, issue := range item.issues() {
			issue.Path = path + issue.Path
			issues = append(issues, issue)
		}
		if seen[item.Product] && !item.Product.IsZero() {
			issues = append(issues, glabella.Issue{Path: path + "/product", Code: glabella.CodeDuplicate, Text: "the product stands twice"})
		}
		seen[item.Product] = true
		c.items = append(c.items, item)
		for _, key := range item.keys() {
			c.index[key] = append(c.index[key], i)
		}
	}
	if err := glabella.Invalid("catalogue", issues...); err != nil {
		return Catalogue{}, err
	}
	return c, nil
}

// keys returns everything under which the item is found.
func (c CatalogueItem) keys() []string {
	keys := []string{byName + FoldName(c.Name), byName + FoldName(c.Code)}
	for _, alias := range c.Aliases {
		keys = append(keys, byName+FoldName(alias))
	}
	for _, gtin := range c.GTINs {
		keys = append(keys, byGTIN+gtin)
	}
	for _, di := range c.DIs {
		keys = append(keys, byDI+di)
	}
	if !c.NDC.IsZero() {
		for _, n := range c.NDC.forms() {
			keys = append(keys, byNDC+n.Digits())
		}
		if gtin, err := c.NDC.GTIN(); err == nil {
			keys = append(keys, byGTIN+gtin)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// forms returns the code and its unambiguous conversions.
func (n NDC) forms() []NDC {
	out := []NDC{n, n.Twelve()}
	if claim, err := n.Claim(); err == nil {
		out = append(out, claim)
	}
	if ten, err := n.Ten(); err == nil {
		out = append(out, ten)
	}
	return out
}

// Items returns the items in the order in which they were given.
func (c Catalogue) Items() []CatalogueItem {
	out := make([]CatalogueItem, len(c.items))
	for i, item := range c.items {
		out[i] = item.clone()
	}
	return out
}

// ResolveError says that a name or number is that of no item, or of more than one,
// which are the candidates. It does not repeat the name. It unwraps to
// [glabella.ErrNotFound] if there is no candidate, else to [glabella.ErrInvalid].
type ResolveError struct {
	Code       glabella.Code
	Candidates []glabella.ProductID // in the order of the catalogue
}

// Error says how many items have the name.
func (e *ResolveError) Error() string {
	if len(e.Candidates) == 0 {
		return "catalogue: no item has the name or number"
	}
	return fmt.Sprintf("catalogue: %d items have the name or number", len(e.Candidates))
}

// Unwrap returns [glabella.ErrNotFound] or [glabella.ErrInvalid].
func (e *ResolveError) Unwrap() error {
	if len(e.Candidates) == 0 {
		return glabella.ErrNotFound
	}
	return glabella.ErrInvalid
}

// Resolve returns the item that has the name, alias or code, however it is
// written, see [FoldName]. Nothing is guessed: a name that is like an alias is not
// one. The error is a [*ResolveError].
func (c Catalogue) Resolve(name string) (CatalogueItem, error) {
	return c.one([]string{byName + FoldName(name)})
}

// ResolveScan returns the item that was scanned, by its trade item number, its
// National Drug Code or its device identifier. If they are those of different
// items, all of them are candidates. The error is a [*ResolveError].
func (c Catalogue) ResolveScan(s Scanned) (CatalogueItem, error) {
	var keys []string
	if s.GTIN != "" {
		keys = append(keys, byGTIN+s.GTIN)
	}
	if s.NDC != "" {
		keys = append(keys, byNDC+strings.ReplaceAll(s.NDC, "-", ""))
	}
	if s.DI != "" {
		keys = append(keys, byDI+s.DI)
	}
	return c.one(keys)
}

// one returns the one item that is found under the keys.
func (c Catalogue) one(keys []string) (CatalogueItem, error) {
	var found []int
	for _, key := range keys {
		found = append(found, c.index[key]...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) == 1 {
		return c.items[found[0]].clone(), nil
	}
	if len(found) == 0 {
		return CatalogueItem{}, &ResolveError{Code: CodeCatalogueUnknown}
	}
	e := &ResolveError{Code: CodeCatalogueAmbiguous}
	for _, i := range found {
		e.Candidates = append(e.Candidates, c.items[i].Product)
	}
	return CatalogueItem{}, e
}

// FoldName returns what is the same of all ways to write a name: without case,
// accents, trade-mark signs, blanks and punctuation, so that "Botox® 20 U",
// "BOTOX-20u" and "botox 20u" are one. What tells strengths apart is kept: the point or
// comma between digits, as a point, the slash and the blank between digits, the
// percent sign, and the plus sign.
func FoldName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("®™©℠", r) {
			return -1
		}
		return r
	}, s)
	// Lower case after folding: x/text folds the two cases of Cherokee into each other.
	s = norm.NFKD.String(strings.ToLower(cases.Fold().String(norm.NFKC.String(s))))
	var out []rune
	gap := rune(0) // what stands since the last letter or digit
	for _, r := range s {
		switch {
		case unicode.Is(unicode.M, r):
		case unicode.IsDigit(r) && gap != 0 && len(out) > 0 && unicode.IsDigit(out[len(out)-1]):
			out, gap = append(out, gap, r), 0
		case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '%' || r == '+':
			out, gap = append(out, r), 0
		case gap == 0 && (r == '.' || r == ','):
			gap = '.'
		case gap == 0 && (r == '/' || r == '\u2044'):
			gap = '/'
		default:
			gap = ' '
		}
	}
	return norm.NFC.String(string(out))
}
