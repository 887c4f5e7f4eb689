package practice_test

import (
	"context"
	"testing"

	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func TestScratch(t *testing.T) {
	ctx := context.Background()
	c, err := practicetest.Open(ctx, memory.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Visit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c.PrintInvoice(ctx, c.Biller, v.Invoice))
}
