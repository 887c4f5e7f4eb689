package storagetest

import (
	"context"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella/storage"
)

// Opener opens an empty backend that shares nothing with those opened before.
type Opener = func() (storage.Backend, error)

// Check is one promise of the storage contract.
type Check struct {
	Name string // the promise, as a sentence
	Doc  string // what it covers and why
	Run  func(ctx context.Context, open Opener) error
}

// Checks returns every promise, in the order of docs/CONTRACT.md.
func Checks() []Check {
	return slices.Concat(recordChecks(), valueChecks(), queryChecks(), transactionChecks(), journalChecks())
}

// Run runs every check as a subtest. open returns an empty backend and fails the
// test if it cannot; it closes what it opened with t.Cleanup.
func Run(t *testing.T, open func(t testing.TB) storage.Backend) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := c.Run(t.Context(), func() (storage.Backend, error) { return open(t), nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

// check returns the check that runs on one backend.
func check(name, doc string, run func(ctx context.Context, b storage.Backend) error) Check {
	return Check{Name: name, Doc: doc, Run: func(ctx context.Context, open Opener) error {
		b, err := open()
		if err != nil {
			return err
		}
		return run(ctx, b)
	}}
}
