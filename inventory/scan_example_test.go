package inventory_test

import (
	"errors"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

func ExampleScan() {
	for _, text := range []string{
		"]d20109506000134352" + "17270331" + "10AB-1{GS}21S7",
		"https://example.com/01/09506000134352/10/AB-1?17=270331",
		"+$$52001510X3GD",
		"1234567890",
	} {
		s, err := inventory.Scan(text, 2026)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(s.System, s.GTIN, s.Lot, s.Serial, s.Expires)
	}
	// Output:
	// gs1 09506000134352 AB-1 S7 2027-03-31
	// gs1 09506000134352 AB-1  2027-03-31
	// hibc  10X3  2020-01-15
	// ndc: the segments are not known: 1234-5678-90, 12345-678-90, 12345-6789-0
}

func ExampleBuild() {
	label, err := inventory.Build(2026, inventory.Element{AI: "01", Value: "4006381333931"}, inventory.Element{AI: "10", Value: "A/1"}, inventory.Element{AI: "17", Value: "270300"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(label, label.Expiry())
	fmt.Println(label.DigitalLink("https://example.com"))
	// Output:
	// (01)04006381333931(10)A/1(17)270300 2027-03-31
	// https://example.com/01/04006381333931/10/A%2F1?17=270300 <nil>
}

func ExampleNDC() {
	n, _ := inventory.ParseNDC("12345-678-90")
	claim, _ := n.Claim()
	gtin, _ := n.GTIN()
	fmt.Println(claim, n.Twelve(), gtin)
	// Output: 12345-0678-90 012345-0678-90 00312345678906
}

func ExampleCatalogue_Resolve() {
	toxin := inventory.CatalogueItem{Product: glabella.DeriveID[glabella.ProductID]("toxin"), Code: "examplotoxin-100", Name: "Examplo® 100 U", Class: inventory.ServiceItem, Aliases: []string{"Examplo 20u", "B20"}}
	other := inventory.CatalogueItem{Product: glabella.DeriveID[glabella.ProductID]("other"), Code: "examplotoxin-50", Name: "Examplo® 50 U", Class: inventory.ServiceItem, Aliases: []string{"Examplo 20u"}}
	c, err := inventory.NewCatalogue([]inventory.CatalogueItem{toxin, other})
	if err != nil {
		fmt.Println(err)
		return
	}
	item, _ := c.Resolve("EXAMPLO-100u")
	fmt.Println(item.Code)
	_, err = c.Resolve("examplo 20 U")
	var ambiguous *inventory.ResolveError
	fmt.Println(errors.As(err, &ambiguous), len(ambiguous.Candidates))
	// Output:
	// examplotoxin-100
	// true 2
}

func ExampleConvert() {
	third, _ := inventory.NewRatio(1, 3)
	packs := []inventory.Pack{{Unit: "box", Contains: inventory.Whole(10), Of: "vial"}, {Unit: "vial", Contains: inventory.Whole(3), Of: "treatment"}}
	fmt.Println(inventory.Convert(packs, inventory.Whole(1), "treatment", "box"))
	fmt.Println(inventory.Convert(packs, third, "box", "treatment"))
	// Output:
	// 1/30 <nil>
	// 10 <nil>
}
