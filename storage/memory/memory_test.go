package memory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(testing.TB) storage.Backend { return memory.New() })
}

func ExampleNew() {
	backend := memory.New()
	err := backend.View(context.Background(), func(ctx context.Context, tx storage.Tx) error {
		head, err := tx.Journal().Head(ctx)
		fmt.Println("journal records:", head.Size)
		return err
	})
	fmt.Println(err)
	// Output:
	// journal records: 0
	// <nil>
}
