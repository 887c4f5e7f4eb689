package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

func productID(name string) glabella.ProductID { return glabella.DeriveID[glabella.ProductID](name) }

func item(code, name string, aliases ...string) inventory.CatalogueItem {
	return inventory.CatalogueItem{Product: productID(code), Code: code, Name: name, Class: inventory.ServiceItem, Aliases: append([]string{}, aliases...), GTINs: []string{}, DIs: []string{}, Packs: []inventory.Pack{}}
}

// catalogue has toxins and fillers of invented makers.
func catalogue(t *testing.T) inventory.Catalogue {
	t.Helper()
	small, large := item("examplotoxin-50", "Examplo® 50 U", "Examplo small", "B50"), item("examplotoxin-100", "Examplo® 100 U", "B20", "Examplo 20u", "Exámplo unit")
	large.GTINs = []string{"09506000134352"}
	large.NDC, _ = inventory.ParseNDC("12345-678-90")
	filler := item("fillex-1", "Fillex 1.5 mL", "Examplo small")
	filler.DIs = []string{"A123BJC5D6E71"}
	c, err := inventory.NewCatalogue([]inventory.CatalogueItem{small, large, filler, item("fillex-15", "Fillex 15 mL")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, tt := range []struct {
		name, in string
		want     []string // codes; more than one: the candidates
	}{
		{"the name", "Examplo® 100 U", []string{"examplotoxin-100"}},
		{"the name without sign, blanks and case", "EXAMPLO 100u", []string{"examplotoxin-100"}},
		{"the code", "Examplotoxin 100", []string{"examplotoxin-100"}},
		{"an alias", "b-20", []string{"examplotoxin-100"}},
		{"an alias of another spelling", "Examplo(TM)20 U", nil},
		{"an alias with a trade mark", "Examplo™ 20 U", []string{"examplotoxin-100"}},
		{"without its accent", "examplo unit", []string{"examplotoxin-100"}},
		{"full-width letters", "Ｂ２０", []string{"examplotoxin-100"}},
		{"a point is not left out", "Fillex 1,5 ml", []string{"fillex-1"}},
		{"the number without point", "Fillex 15ml", []string{"fillex-15"}},
		{"an alias of two items", "examplo SMALL", []string{"examplotoxin-50", "fillex-1"}},
		{"a beginning is no name", "Examplo", nil},
		{"another strength", "Examplo 10 0 u", nil},
		{"nothing", " - ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Resolve(tt.in)
			var fault *inventory.ResolveError
			switch {
			case err == nil:
				if !slices.Equal(tt.want, []string{got.Code}) {
					t.Errorf("Resolve(%q) = %s, want %v", tt.in, got.Code, tt.want)
				}
			case errors.As(err, &fault):
				var want []glabella.ProductID
				for _, code := range tt.want {
					want = append(want, productID(code))
				}
				code, kind := inventory.CodeCatalogueAmbiguous, glabella.ErrInvalid
				if len(want) == 0 {
					code, kind = inventory.CodeCatalogueUnknown, glabella.ErrNotFound
				}
				if !slices.Equal(fault.Candidates, want) || len(want) == 1 || fault.Code != code || !errors.Is(err, kind) {
					t.Errorf("Resolve(%q) = %v with %v, want %s with %v", tt.in, err, fault.Candidates, code, tt.want)
				}
			default:
				t.Errorf("Resolve(%q) = %v, want a ResolveError", tt.in, err)
			}
		})
	}
}

func TestResolveScan(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, tt := range []struct{ name, scan, want string }{
		{"its trade item number", "]d2010950600013435210A1", "examplotoxin-100"},
		{"the number that carries its NDC", "(01)00312345678906(10)A1", "examplotoxin-100"},
		{"the same at another packaging level", "(01)50312345678901(10)A1", "examplotoxin-100"},
		{"its NDC", "12345-678-90", "examplotoxin-100"},
		{"its NDC as in claims", "12345-0678-90", "examplotoxin-100"},
		{"its NDC of twelve digits", "012345-0678-90", "examplotoxin-100"},
		{"its device identifier", "+A123BJC5D6E71G", "fillex-1"},
		{"another trade item", "4006381333931", ""},
		{"a secondary symbol says no item", "+$$52001510X3GD", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := inventory.Scan(tt.scan, 2026)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.ResolveScan(s)
			if got.Code != tt.want || errors.Is(err, glabella.ErrNotFound) != (tt.want == "") {
				t.Errorf("ResolveScan(%s) = %s, %v, want %s", tt.scan, got.Code, err, tt.want)
			}
		})
	}
	s := inventory.Scanned{GTIN: "09506000134352", DI: "A123BJC5D6E71"}
	var fault *inventory.ResolveError
	if _, err := c.ResolveScan(s); !errors.As(err, &fault) || len(fault.Candidates) != 2 {
		t.Errorf("ResolveScan() of two items = %v, want both", err)
	}
}

func TestCatalogueItemValidate(t *testing.T) {
	t.Parallel()
	good := item("fillex-1", "Fillex", "F1")
	good.Packs = packs(t)
	if err := good.Validate(); err != nil {
		t.Fatalf("Validate() = %v, want no error", err)
	}
	for _, tt := range []struct {
		name   string
		change func(*inventory.CatalogueItem)
		want   []string
	}{
		{"nothing", func(c *inventory.CatalogueItem) { *c = inventory.CatalogueItem{} }, []string{"/class unknown-value", "/code required", "/name required", "/product required"}},
		{"names without letters", func(c *inventory.CatalogueItem) { c.Name, c.Code, c.Aliases = "®", "--", []string{""} },
			[]string{"/aliases/0 inventory.catalogue.name", "/code inventory.catalogue.name", "/name inventory.catalogue.name"}},
		{"an alias twice", func(c *inventory.CatalogueItem) { c.Aliases = []string{"F1", "f-1"} }, []string{"/aliases/1 duplicate"}},
		{"numbers", func(c *inventory.CatalogueItem) {
			c.GTINs, c.DIs = []string{"4006381333931", "09506000134352", "09506000134352"}, []string{"", "A", "A"}
		},
			[]string{"/dis/0 required", "/dis/2 duplicate", "/gtins/0 format", "/gtins/2 duplicate"}},
		{"a pack of nothing", func(c *inventory.CatalogueItem) { c.Packs = []inventory.Pack{{}} }, []string{"/packs/0/contains out-of-range", "/packs/0/of required", "/packs/0/unit required"}},
		{"a pack of itself", func(c *inventory.CatalogueItem) {
			c.Packs = []inventory.Pack{{Unit: "box", Contains: inventory.Whole(2), Of: "box"}}
		}, []string{"/packs/0/of inventory.pack.contradiction"}},
		{"two contents of one unit", func(c *inventory.CatalogueItem) {
			c.Packs = append(c.Packs, inventory.Pack{Unit: "carton", Contains: inventory.Whole(10), Of: "syringe"})
		}, []string{"/packs/4 inventory.pack.contradiction"}},
		{"a circle", func(c *inventory.CatalogueItem) {
			c.Packs = append(c.Packs, inventory.Pack{Unit: "mL", Contains: inventory.Whole(10), Of: "carton"})
		}, []string{"/packs/4 inventory.pack.contradiction"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			c.Packs = slices.Clone(good.Packs)
			tt.change(&c)
			var invalid *glabella.ValidationError
			var got []string
			if errors.As(c.Validate(), &invalid) {
				for _, i := range invalid.Issues {
					got = append(got, fmt.Sprintf("%s %s", i.Path, i.Code))
				}
			}
			slices.Sort(got)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestNewCatalogueReportsEverything(t *testing.T) {
	t.Parallel()
	first, second := item("a", "A"), item("b", "")
	_, err := inventory.NewCatalogue([]inventory.CatalogueItem{first, second, first})
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("NewCatalogue() = %v, want a ValidationError", err)
	}
	var got []string
	for _, i := range invalid.Issues {
		got = append(got, i.Path)
	}
	if d := cmp.Diff([]string{"/1/name", "/2/product"}, got); d != "" {
		t.Errorf("NewCatalogue() (-want +got):\n%s", d)
	}
}

func TestCatalogueIsNotSharedWithItsItems(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	items := c.Items()
	items[0].Aliases[0] = "changed"
	found, err := c.Resolve("B50")
	if err != nil {
		t.Fatal(err)
	}
	found.Aliases[0] = "changed"
	if got := c.Items()[0].Aliases[0]; got != "Examplo small" {
		t.Errorf("Items() after a change of a copy = %q", got)
	}
}

func TestCatalogueItemRoundTrip(t *testing.T) {
	t.Parallel()
	want := catalogue(t).Items()[1]
	want.Packs = packs(t)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got inventory.CatalogueItem
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(inventory.NDC{}, inventory.Ratio{}, glabella.ProductID{})); d != "" {
		t.Errorf("round trip of %s (-want +got):\n%s", text, d)
	}
	if half, err := got.Convert(inventory.Whole(1), "syringe", "box"); err != nil || half.String() != "1/2" {
		t.Errorf("Convert() = %s, %v, want 1/2", half, err)
	}
}

func TestItemOf(t *testing.T) {
	t.Parallel()
	p := toxin()
	p.NDC = "12345-678-90"
	got := inventory.ItemOf(p)
	if err := got.Validate(); err != nil || got.Product != p.ID || got.NDC.String() != p.NDC || got.Name != p.Name || !slices.Equal(got.GTINs, p.GTINs) {
		t.Errorf("ItemOf() = %+v, %v, want the product's names and numbers", got, err)
	}
}

func FuzzFoldName(f *testing.F) {
	for _, s := range []string{"Botox® 20 U", "Ｂ２０", "1,5 / 2", "Áé ß İ", "1 . 5", "10%+", "\xff", "e\u0301 1\u03011", "½ ml"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := inventory.FoldName(s)
		if twice := inventory.FoldName(once); twice != once {
			t.Errorf("FoldName(%q) = %q, and of that %q", s, once, twice)
		}
	})
}
