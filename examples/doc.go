// Package examples is a module of runnable stories, one per folder. It brings
// the drivers that the library itself does not depend on.
package examples
