// Package peers measures this library beside others that do the same work, in one
// run and with the same figures, and checks that they agree. It has no code of its
// own: see its tests and benchmarks, and docs/PEERS.md for what they say.
//
// It is a module by itself and no part of the workspace, so that nobody else
// downloads what only a comparison needs.
package peers
