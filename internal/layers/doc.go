// Package layers holds the tests that keep the plan of the house: which package
// may import which, what the pure core may not touch, and which modules the root
// module depends on. It has no code of its own.
package layers
