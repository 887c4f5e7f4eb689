// Package storagetest holds the storage contract as checks that a host runs
// against its own backend.
//
// Every promise of [storage.Backend], [storage.Repo] and [audit.Journal] is one
// [Check], which returns an error that says how the promise was broken. The list
// is printed to docs/CONTRACT.md.
//
//	func TestBackend(t *testing.T) {
//		storagetest.Run(t, func(t testing.TB) storage.Backend {
//			return mongostore.Open(t.Context(), freshDatabase(t))
//		})
//	}
//
// [Fixtures] gives one valid, fully filled record of every kind, for these checks
// and for others.
//
// What it does not do: it does not measure speed, and it cannot pull the plug. A
// host tests itself that what was committed survives a crash.
package storagetest
