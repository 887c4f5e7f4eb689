package storagetest_test

import (
	"context"
	"fmt"

	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

// A check can be run by itself, against any backend.
func ExampleChecks() {
	for _, check := range storagetest.Checks()[:3] {
		err := check.Run(context.Background(), func() (storage.Backend, error) { return memory.New(), nil })
		fmt.Printf("%s: %v\n", check.Name, err)
	}
	// Output:
	// a record reads as it was put: <nil>
	// a record that was never put is not found: <nil>
	// only the next version can be put: <nil>
}

// The fixtures are the records of one visit.
func ExampleFixtures() {
	records := storagetest.Fixtures()
	for _, given := range records.Encounter.Procedures[0].Administrations {
		fmt.Println(given.Quantity, "of lot", given.Lot == records.Lot.ID)
	}
	lot := storagetest.Stamped(records.Lot, 1)
	fmt.Println(lot.Number, lot.Version, lot.Validate())
	// Output:
	// 20 [arb'U]{onabotulinumtoxinA} of lot true
	// C0042X 1 <nil>
}
