package config_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella/config"
)

func ExampleSite_Today() {
	s := config.Site{Zone: "America/Chicago"}
	today, err := s.Today(time.Date(2026, time.November, 24, 3, 30, 0, 0, time.UTC))
	fmt.Println(today, err)
	// Output: 2026-11-23 <nil>
}

func ExamplePackFor() {
	pack, ok := config.PackFor("GB-ENG")
	fmt.Println(ok, pack.AdultAge.Years, pack.AdultAge.Confidence)
	fmt.Println(pack.AdultAge.Source)
	// Output:
	// true 18 read
	// Botulinum Toxin and Cosmetic Fillers (Children) Act 2021, s. 1
}
