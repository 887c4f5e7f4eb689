package storagetest

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// together calls fn in n goroutines that start at the same time, and returns
// their errors.
func together(n int, fn func(i int) error) error {
	var wg sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errors.Join(errs...)
}

// linger gives other goroutines time to get in between.
func linger() { time.Sleep(200 * time.Microsecond) }

// shuffled returns the numbers below n, out of order.
func shuffled(n int) []int {
	return rand.New(rand.NewPCG(7, 11)).Perm(n)
}
