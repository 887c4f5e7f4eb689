package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// ParLevel says how much of a product a site keeps. The figures are the
// practice's: the library has no defaults.
type ParLevel struct {
	Product  glabella.ProductID `json:"product" validate:"required"`
	Site     glabella.SiteID    `json:"site" validate:"required"`
	Min      int                `json:"min" validate:"min=0"`      // containers; with fewer than these it is ordered
	Par      int                `json:"par" validate:"min=1"`      // containers up to which it is ordered
	LeadDays int                `json:"leadDays" validate:"min=0"` // from the order until it arrives
	Unit     string             `json:"unit,omitempty"`            // what the catalogue calls one container: "vial"
	Pack     string             `json:"pack,omitempty"`            // in which it is ordered: "box"; none is single containers
}

// CodeParLevel says that stock would be ordered up to less than the least that is kept.
const CodeParLevel glabella.Code = "inventory.par.level"

// Validate reports everything that is wrong with the level.
func (l ParLevel) Validate() error {
	issues := check.Struct(l)
	if l.Min > l.Par {
		issues = append(issues, glabella.Issue{Path: "/par", Code: CodeParLevel, Text: "it is ordered up to at least the least that is kept"})
	}
	if l.Pack != "" && l.Unit == "" {
		issues = append(issues, glabella.Issue{Path: "/unit", Code: glabella.CodeRequired, Text: "what is ordered in packs says what the catalogue calls one container"})
	}
	return glabella.Invalid("par level", issues...)
}

// ExpectedUse is how much of a product a site will use, from what is booked or
// from what it used before: so many containers in so many days, evenly.
type ExpectedUse struct {
	Product    glabella.ProductID `json:"product"`
	Site       glabella.SiteID    `json:"site"`
	Containers quantity.Number    `json:"containers"`
	Days       int                `json:"days"`
}

// within returns how many containers are used in a number of days, in whole ones
// that are used up, or rounded up to those that are opened.
func (u ExpectedUse) within(days int, opened bool) int {
	if u.Days < 1 || days < 1 || u.Containers.Sign() <= 0 {
		return 0
	}
	whole, rest := u.Containers.Mul(decimal.NewFromInt(int64(days))).QuoRem(decimal.NewFromInt(int64(u.Days)), 0)
	if opened && rest.IsPositive() {
		whole = whole.Add(decimal.NewFromInt(1))
	}
	return int(min(whole.IntPart(), 1<<31-1))
}

// StockFacts is what [Reorder] and [ExpiryAlerts] look at. Records of other sites
// and products do no harm.
type StockFacts struct {
	Lots      []Lot
	Balances  []Balance
	Orders    []PurchaseOrder // those that were sent and have not ended count
	Transfers []Transfer      // those that are on their way count
	Usage     []ExpectedUse   // none is no use
	Items     []CatalogueItem // for the packs
	On        glabella.Date   // today at the site
}

func (f StockFacts) use(product glabella.ProductID, site glabella.SiteID) ExpectedUse {
	i := slices.IndexFunc(f.Usage, func(u ExpectedUse) bool { return u.Product == product && u.Site == site })
	if i < 0 {
		return ExpectedUse{}
	}
	return f.Usage[i]
}

// onShelf is a lot at a site and what expected use leaves of it when it expires.
type onShelf struct {
	lot  Lot
	b    Balance
	left int // unopened containers
}

// shelf returns the lots of a product that the site has and may use today, first
// expired first, with what expected use leaves of each. Use takes from a lot to the
// end of its last day, today included, and only then from the next.
func (f StockFacts) shelf(product glabella.ProductID, site glabella.SiteID) []onShelf {
	var out []onShelf
	for _, b := range f.Balances {
		i := slices.IndexFunc(f.Lots, func(l Lot) bool { return l.ID == b.Lot })
		if b.Site != site || b.Product != product || b.Sealed < 1 || i < 0 || glabella.Decide(lotReasons(f.Lots[i], f.On)...).Outcome == glabella.Deny {
			continue
		}
		out = append(out, onShelf{lot: f.Lots[i], b: b, left: b.Sealed})
	}
	slices.SortFunc(out, func(a, b onShelf) int {
		if x, y := a.lot.Expires.IsZero(), b.lot.Expires.IsZero(); x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Or(a.lot.Expires.Compare(b.lot.Expires), bytes.Compare(a.lot.ID[:], b.lot.ID[:]))
	})
	u, used := f.use(product, site), 0
	for i := range out {
		if out[i].lot.Expires.IsZero() {
			out[i].left = 0 // it never expires by the record
			continue
		}
		take := min(max(u.within(out[i].lot.Expires.DaysSince(f.On)+1, false)-used, 0), out[i].b.Sealed)
		used += take
		out[i].left -= take
	}
	return out
}

// ReorderSuggestion is what to order of a product for a site, and why: what is
// projected is what will be usable when an order of today arrives.
type ReorderSuggestion struct {
	Product    glabella.ProductID `json:"product"`
	Site       glabella.SiteID    `json:"site"`
	OnHand     int                `json:"onHand"`   // unopened containers that may be used today
	Incoming   int                `json:"incoming"` // on order, and on their way from another site
	Used       int                `json:"used"`     // expected until the order arrives
	Expiring   int                `json:"expiring"` // left over from lots that expire before it arrives
	Projected  int                `json:"projected"`
	Packs      int                `json:"packs"`
	Pack       string             `json:"pack,omitempty"`
	PackSize   int                `json:"packSize"`   // containers in a pack
	Containers int                `json:"containers"` // in all packs: what brings it to the level or beyond
}

// Line returns the suggestion as a line of an order, without its price.
func (s ReorderSuggestion) Line() OrderLine {
	return OrderLine{Product: s.Product, Pack: s.Pack, PackSize: s.PackSize, Ordered: s.Packs}
}

// Reorder suggests what to order, for every level that the stock will have fallen
// below when an order of today arrives, in the order of the levels. Packs are
// rounded up, by the exact content that the catalogue gives. The error is of levels
// that are invalid and of packs that the catalogue does not have or that hold no
// whole number of containers.
func Reorder(levels []ParLevel, f StockFacts) ([]ReorderSuggestion, error) {
	var out []ReorderSuggestion
	for i, l := range levels {
		if err := l.Validate(); err != nil {
			return nil, fmt.Errorf("level %d: %w", i, err)
		}
		s := ReorderSuggestion{Product: l.Product, Site: l.Site, Incoming: f.incoming(l.Product, l.Site), Used: f.use(l.Product, l.Site).within(l.LeadDays, true), Pack: l.Pack}
		arrives := f.On.AddDays(l.LeadDays)
		for _, lot := range f.shelf(l.Product, l.Site) {
			s.OnHand += lot.b.Sealed
			if !lot.lot.Expires.IsZero() && lot.lot.Expires.Before(arrives) {
				s.Expiring += lot.left
			}
		}
		// What is used up before the order arrives cannot be made up for by it.
		s.Projected = max(s.OnHand-s.Expiring-s.Used, 0) + s.Incoming
		if s.Projected >= l.Min {
			continue
		}
		var err error
		if s.PackSize, err = PackSize(f.Items, l.Product, l.Pack, l.Unit); err != nil {
			return nil, fmt.Errorf("level %d: %w", i, err)
		}
		need := l.Par - s.Projected
		s.Packs = (need + s.PackSize - 1) / s.PackSize
		s.Containers = s.Packs * s.PackSize
		out = append(out, s)
	}
	return out, nil
}

// incoming returns how many containers are on order or on their way to the site.
func (f StockFacts) incoming(product glabella.ProductID, site glabella.SiteID) int {
	n := 0
	for _, o := range f.Orders {
		if o.Site == site {
			n += o.Outstanding(product)
		}
	}
	for _, t := range f.Transfers {
		if t.To != site || t.State != TransferInTransit && t.State != TransferShort {
			continue
		}
		for _, l := range t.Lines {
			if l.Product == product {
				n += l.InTransit()
			}
		}
	}
	return n
}

// PackSize returns how many containers a pack of a product holds, where unit is what
// the catalogue calls one container. No pack is the single container.
func PackSize(items []CatalogueItem, product glabella.ProductID, pack, unit string) (int, error) {
	if pack == "" {
		return 1, nil
	}
	i := slices.IndexFunc(items, func(c CatalogueItem) bool { return c.Product == product })
	if i < 0 {
		return 0, &ConversionError{Code: CodePackUnknownUnit, From: pack, To: unit, Text: "the product is not in the catalogue"}
	}
	n, err := items[i].Convert(Whole(1), pack, unit)
	if err != nil {
		return 0, err
	}
	if n.Den() != 1 || n.Num() < 1 || n.Num() > 1_000_000 {
		return 0, glabella.Invalid("pack", glabella.Issue{Path: "/pack", Code: glabella.CodeOutOfRange, Text: "the pack holds no whole number of containers, from one to a million"})
	}
	return int(n.Num()), nil
}

// ExpiryAlert is a lot at a site that is expired or will soon be.
type ExpiryAlert struct {
	Lot        glabella.LotID     `json:"lot"`
	Product    glabella.ProductID `json:"product"`
	Site       glabella.SiteID    `json:"site"`
	Expires    glabella.Date      `json:"expires"`
	Days       int                `json:"days"`       // until the last day; negative if it is over
	Expired    bool               `json:"expired"`    // the last day is over
	Horizon    int                `json:"horizon"`    // the shortest of the horizons that it falls within; 0 if it is expired
	Containers int                `json:"containers"` // unopened
	OnHand     quantity.Quantity  `json:"onHand"`     // with what is left in opened containers
	Left       int                `json:"left"`       // unopened containers that expected use will leave
}

// ExpiryAlerts returns the lots of which something is on hand and whose last day is
// over, or within the longest of the horizons, in days from today: first expired
// first. Of a lot that may not be used any more, expected use takes nothing.
func ExpiryAlerts(f StockFacts, horizons ...int) []ExpiryAlert {
	horizons = slices.Sorted(slices.Values(horizons))
	lots := make(map[glabella.LotID]Lot, len(f.Lots))
	for _, l := range f.Lots {
		lots[l.ID] = l
	}
	type at struct {
		product glabella.ProductID
		site    glabella.SiteID
	}
	left := map[glabella.BalanceID]int{}
	seen := map[at]bool{}
	var out []ExpiryAlert
	for _, b := range f.Balances {
		l, known := lots[b.Lot]
		if !known || l.Expires.IsZero() || b.OnHand.Sign() <= 0 {
			continue
		}
		a := ExpiryAlert{Lot: b.Lot, Product: b.Product, Site: b.Site, Expires: l.Expires, Days: l.Expires.DaysSince(f.On), Containers: b.Sealed, OnHand: b.OnHand, Left: b.Sealed}
		if a.Expired = a.Days < 0; !a.Expired {
			i := slices.IndexFunc(horizons, func(h int) bool { return a.Days <= h })
			if i < 0 {
				continue
			}
			a.Horizon = horizons[i]
			if k := (at{b.Product, b.Site}); !seen[k] {
				seen[k] = true
				for _, s := range f.shelf(b.Product, b.Site) {
					left[s.b.ID] = s.left
				}
			}
			if n, ok := left[b.ID]; ok {
				a.Left = n
			}
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b ExpiryAlert) int {
		return cmp.Or(a.Expires.Compare(b.Expires), bytes.Compare(a.Lot[:], b.Lot[:]), bytes.Compare(a.Site[:], b.Site[:]))
	})
	return out
}
