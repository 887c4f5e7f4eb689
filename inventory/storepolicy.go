package inventory

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// Storage is a place of a site where stock is kept at a temperature, such as a
// fridge.
type Storage struct {
	Code     string               `json:"code" validate:"required"` // of the practice's own: "fridge-2"
	Limits   StorageLimits        `json:"limits"`
	Products []glabella.ProductID `json:"products"` // that are kept in it
}

// StorePolicy is what a practice has decided on the store room of one site. A site
// without one orders nothing by itself and keeps nothing cold.
type StorePolicy struct {
	ID glabella.StorePolicyID `json:"id" validate:"required"` // [StorePolicyOf] the site
	glabella.Meta
	Site     glabella.SiteID `json:"site" validate:"required"`
	Levels   []ParLevel      `json:"levels"`
	UseDays  int             `json:"useDays,omitempty" validate:"min=0"` // days before today whose use is expected to go on; 0 expects none
	Horizons []int           `json:"horizons" validate:"dive,min=0"`     // days before the last one on which expiry is told of
	Storages []Storage       `json:"storages"`
	Items    []CatalogueItem `json:"items"` // names, numbers and packs beside those of the products
}

// CodeStorage says that a storage of a site stands twice, or that its policy has none of this code.
const CodeStorage glabella.Code = "inventory.storage"

// StorePolicyOf returns the identity of a site's policy: a site has one.
func StorePolicyOf(site glabella.SiteID) glabella.StorePolicyID {
	return glabella.DeriveID[glabella.StorePolicyID]("store-policy/" + site.String())
}

// Ref returns the reference to the policy.
func (p StorePolicy) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the policy.
func (p StorePolicy) Validate() error {
	issues := check.Struct(p)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	within := func(path string, err error) {
		var wrong *glabella.ValidationError
		if !errors.As(err, &wrong) {
			return
		}
		for _, i := range wrong.Issues {
			i.Path = path + i.Path
			issues = append(issues, i)
		}
	}
	if p.ID != StorePolicyOf(p.Site) {
		add("/id", glabella.CodeMismatch, "not the identity of the site's policy")
	}
	for i, l := range p.Levels {
		path := fmt.Sprintf("/levels/%d", i)
		within(path, l.Validate())
		if l.Site != p.Site {
			add(path+"/site", glabella.CodeMismatch, "is the site of the policy")
		}
		if slices.ContainsFunc(p.Levels[:i], func(m ParLevel) bool { return m.Product == l.Product }) {
			add(path+"/product", CodeParLevel, "the product has a level already")
		}
	}
	for i, s := range p.Storages {
		path := fmt.Sprintf("/storages/%d", i)
		within(path+"/limits", s.Limits.Validate())
		if s.Code == "" || slices.ContainsFunc(p.Storages[:i], func(t Storage) bool { return t.Code == s.Code }) {
			add(path+"/code", CodeStorage, "a storage has a code of its own")
		}
	}
	if _, err := NewCatalogue(p.Items); err != nil {
		within("/items", err)
	}
	return glabella.Invalid("store policy", issues...)
}

// Storage returns the storage of a code.
func (p StorePolicy) Storage(code string) (Storage, bool) {
	i := slices.IndexFunc(p.Storages, func(s Storage) bool { return s.Code == code })
	if i < 0 {
		return Storage{}, false
	}
	return p.Storages[i], true
}

// Places returns where the lots of a site are kept by the policy: all lots of a
// product in each storage that keeps the product, at all times.
func (p StorePolicy) Places(lots []Lot) []StoragePlace {
	var out []StoragePlace
	for _, s := range p.Storages {
		for _, l := range lots {
			if slices.Contains(s.Products, l.Product) {
				out = append(out, StoragePlace{Lot: l.ID, Site: p.Site, Storage: s.Code})
			}
		}
	}
	return out
}

// Catalogue returns the items of the products, with what the policy says of them in
// place of what the products say.
func (p StorePolicy) Catalogue(products []Product) []CatalogueItem {
	out := make([]CatalogueItem, len(products))
	for i, product := range products {
		out[i] = ItemOf(product)
		if j := slices.IndexFunc(p.Items, func(c CatalogueItem) bool { return c.Product == product.ID }); j >= 0 {
			out[i] = p.Items[j]
		}
	}
	return out
}

// UseOf returns the use of every product at a site that its movements of a time show:
// what was given, sold or used up and stands, in containers of the product.
func UseOf(site glabella.SiteID, products []Product, movements []Movement, from, to time.Time) ([]ExpectedUse, error) {
	days := int(to.Sub(from).Hours()+12) / 24
	if days < 1 {
		return nil, nil
	}
	used := map[glabella.ProductID]quantity.Quantity{}
	for _, m := range stand(movements) {
		if m.Site != site || m.At.Before(from) || !m.At.Before(to) {
			continue
		}
		switch m.Kind {
		case MovementAdminister, MovementDispense, MovementSell, MovementConsume:
			sum, ok := used[m.Product]
			if !ok {
				sum = quantity.Of(0, m.Quantity.Unit())
			}
			if err := addTo(&sum, m.Quantity.Neg()); err != nil {
				return nil, err
			}
			used[m.Product] = sum
		}
	}
	var out []ExpectedUse
	for _, p := range products {
		if sum, ok := used[p.ID]; ok && p.Nominal.Sign() > 0 {
			out = append(out, ExpectedUse{Product: p.ID, Site: site, Containers: ratio(sum, p.Nominal), Days: days})
		}
	}
	return out, nil
}
