package inventory

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// ItemClass says what an item of stock is kept for.
type ItemClass string

// The classes of item.
const (
	ServiceItem ItemClass = "service-item" // given in a treatment and charted: a toxin, a filler
	Retail      ItemClass = "retail"       // sold over the counter
	Supply      ItemClass = "supply"       // used up and never priced: needles, gauze
	DiluentItem ItemClass = "diluent"      // what other items are reconstituted with
)

// ItemClasses returns every class of item.
func ItemClasses() []ItemClass { return []ItemClass{ServiceItem, Retail, Supply, DiluentItem} }

// Valid reports whether c is one of [ItemClasses].
func (c ItemClass) Valid() bool { return slices.Contains(ItemClasses(), c) }

// ContainerKind says what one item comes in.
type ContainerKind string

// The kinds of container.
const (
	VialContainer    ContainerKind = "vial"
	SyringeContainer ContainerKind = "syringe"
	NoContainer      ContainerKind = "none" // used as a piece and never opened for a part of it
)

// ContainerKinds returns every kind of container.
func ContainerKinds() []ContainerKind {
	return []ContainerKind{VialContainer, SyringeContainer, NoContainer}
}

// Valid reports whether k is one of [ContainerKinds].
func (k ContainerKind) Valid() bool { return slices.Contains(ContainerKinds(), k) }

// InUse says how an opened container may be used, as the label or the practice's
// policy has it. The library has no defaults: a figure that is not known is not
// guessed.
type InUse struct {
	// Hours is the time until the container is beyond use, from reconstitution, or
	// from opening for what is not reconstituted. 0 is no limit but the lot's expiry.
	Hours         int    `json:"hours" validate:"min=0"`
	SinglePatient bool   `json:"singlePatient"`    // the container is for the patient of its first draw
	Source        string `json:"source,omitempty"` // the basis: a label section, a standard, the practice's policy
}

// until returns the moment after which a container in use since t is beyond use,
// or the zero time.
func (u InUse) until(t time.Time) time.Time {
	if u.Hours == 0 {
		return time.Time{}
	}
	return t.Add(time.Duration(u.Hours) * time.Hour)
}

// CodeProductUnit says that a product's content is not measured in the unit of its own substance.
const CodeProductUnit glabella.Code = "inventory.product.unit"

// Product is an item of the stock catalogue: one kind of container with its
// content. Two vial sizes of a substance are two products.
type Product struct {
	ID glabella.ProductID `json:"id" validate:"required"`
	glabella.Meta
	Code         string            `json:"code" validate:"required"` // stable: "onabotulinumtoxinA-100"
	Name         string            `json:"name" validate:"required"`
	Substance    string            `json:"substance,omitempty"` // the product of its units: "onabotulinumtoxinA"
	Class        ItemClass         `json:"class"`
	GTINs        []string          `json:"gtins"`         // in the 14-digit form, see [ParseGTIN]
	NDC          string            `json:"ndc,omitempty"` // with hyphens, as on the label
	Container    ContainerKind     `json:"container"`
	Nominal      quantity.Quantity `json:"nominal"`      // the content of one container, in the base unit
	Reconstitute bool              `json:"reconstitute"` // it comes dry and is used only with a diluent
	InUse        InUse             `json:"inUse"`
}

// ndcForm has the segments of the National Drug Code: 4-4-2, 5-3-2 and 5-4-1
// digits, 6-3-2 and 6-4-1 for six-digit labelers, 5-4-2 in claims, and 6-4-2 from
// 2033 on (91 FR 10749).
var ndcForm = regexp.MustCompile(`^(\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}|\d{6}-\d{3}-\d{2}|\d{6}-\d{4}-\d{1,2})$`)

// Ref returns the reference to the product.
func (p Product) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the product as a record. What
// is reconstituted must state how long it may be used, and every figure its source.
func (p Product) Validate() error {
	issues := check.Struct(p)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !p.Class.Valid() {
		add("/class", glabella.CodeUnknownValue, "not a class of item")
	}
	if !p.Container.Valid() {
		add("/container", glabella.CodeUnknownValue, "not a kind of container")
	}
	if p.Class == ServiceItem && p.Substance == "" {
		add("/substance", glabella.CodeRequired, "an item that is charted names its substance")
	}
	if p.Nominal.Sign() <= 0 || p.Nominal.Unit().IsZero() {
		add("/nominal", glabella.CodeOutOfRange, "a container has a content")
	} else if p.Nominal.Unit().Product() != p.Substance {
		add("/nominal", CodeProductUnit, "the unit does not belong to the substance")
	}
	for i, gtin := range p.GTINs {
		path := fmt.Sprintf("/gtins/%d", i)
		if full, err := ParseGTIN(gtin); err != nil || full != gtin {
			add(path, glabella.CodeFormat, "not a GTIN of 14 digits")
		}
		if slices.Contains(p.GTINs[:i], gtin) {
			add(path, glabella.CodeDuplicate, "the GTIN stands twice")
		}
	}
	if p.NDC != "" && !ndcForm.MatchString(p.NDC) {
		add("/ndc", glabella.CodeFormat, "not an NDC with hyphens")
	}
	if p.Reconstitute && p.Container == NoContainer {
		add("/container", glabella.CodeMismatch, "what is reconstituted comes in a container")
	}
	if p.Reconstitute && p.InUse.Hours == 0 {
		add("/inUse/hours", glabella.CodeRequired, "what is reconstituted states how long it may be used")
	}
	if p.InUse.Source == "" && (p.InUse.Hours > 0 || p.InUse.SinglePatient) {
		add("/inUse/source", glabella.CodeRequired, "a rule of use states its source")
	}
	return glabella.Invalid("product", issues...)
}
