package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"runtime"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// VerifyOptions say what a journal is held against and how.
type VerifyOptions struct {
	// Checkpoints are checkpoints of this journal that were trusted earlier, in any
	// order. Only they show a journal that was rewritten as a whole.
	Checkpoints []Checkpoint
	// Workers is how many goroutines hash; 0 is as many as can run at once. The
	// journal is read by the calling goroutine only.
	Workers int
}

// Report says what [Verify] has checked.
type Report struct {
	Size        uint64 `json:"size"`        // entries
	Root        Hash   `json:"root"`        // the recomputed root of all of them
	Checkpoints int    `json:"checkpoints"` // checkpoints that the entries agree with
}

// Verify recomputes the whole tree from the stored bytes, without decoding them,
// and compares it with the stored hashes, the head and the given checkpoints. It
// needs a consistent view of the journal, such as one transaction. With nil
// options it knows no checkpoint, and cannot tell a journal that was rewritten
// as a whole.
//
// The error is a [*TamperError] with the first difference in the order of the
// entries, or the error of the journal or the context.
func Verify(ctx context.Context, j Journal, opts *VerifyOptions) (Report, error) {
	if opts == nil {
		opts = &VerifyOptions{}
	}
	head, err := j.Head(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("journal head: %w", err)
	}
	v := &verification{checkpoints: sortedBySize(opts.Checkpoints)}
	if err := v.recompute(ctx, j.Entries(ctx, 0, 0), head.Size, opts.Workers); err != nil {
		return Report{}, err
	}
	return v.conclude(head)
}

// recompute makes the tree of the entries, up to size of them, with as many
// goroutines for the hashes as workers says.
func (v *verification) recompute(ctx context.Context, entries iter.Seq2[Entry, error], size uint64, workers int) error {
	if err := v.checkEmpty(); err != nil {
		return err
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers > 1 {
		v.jobs = make(chan *chunk, 2*workers)
		defer close(v.jobs)
		for range workers {
			go func() {
				var buf []byte
				for c := range v.jobs {
					buf = c.hash(buf)
					c.done <- struct{}{}
				}
			}()
		}
		v.maxPending = 2 * workers
	}
	return v.run(ctx, entries, size)
}

func sortedBySize(cs []Checkpoint) []Checkpoint {
	cs = slices.Clone(cs)
	slices.SortStableFunc(cs, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	return cs
}

// chunkLevel is the height of the subtrees that are hashed in one piece, and
// chunkSize the number of entries below one.
const (
	chunkLevel = 10
	chunkSize  = 1 << chunkLevel
)

// chunk is a run of entries that starts at a multiple of chunkSize. Its subtree
// is computed by itself; where it stands in the whole tree matters only for the
// hashes above chunkLevel, which the verification compares when it joins chunks.
type chunk struct {
	first   uint64
	entries []Entry
	stops   []uint64 // sizes at which a checkpoint wants the frontier
	bare    bool     // the entries come without stored hashes
	done    chan struct{}

	frontiers [][]byte // the chunk's own frontier at each stop
	frontier  []byte   // and at its end
	above     []byte   // stored hashes of the last entry that reach above the chunk
	err       *TamperError
}

// hash computes the chunk's subtree and compares it with the stored hashes. It
// returns the scratch buffer for the next call.
func (c *chunk) hash(buf []byte) []byte {
	c.frontier, c.frontiers, c.above, c.err = c.frontier[:0], c.frontiers[:0], nil, nil
	stops := c.stops
	for i := range c.entries {
		e := &c.entries[i]
		size := c.first + uint64(i) + 1
		buf = append(append(buf[:0], 0), e.Bytes...)
		hash := Hash(sha256.Sum256(buf))
		if !c.bare {
			if len(e.Hashes) != (1+bits.TrailingZeros64(size))*tlog.HashSize {
				c.err = &TamperError{Kind: Hashes, Seq: e.Seq}
				return buf
			}
			if !bytes.Equal(hash[:], e.Hashes[:tlog.HashSize]) {
				c.err = &TamperError{Kind: Altered, Seq: e.Seq}
				return buf
			}
		}
		completed := bits.TrailingZeros64(uint64(i) + 1)
		for level := 1; level <= completed; level++ {
			last := len(c.frontier) - tlog.HashSize
			hash = tlog.NodeHash(Hash(c.frontier[last:]), hash)
			c.frontier = c.frontier[:last]
			if !c.bare && !bytes.Equal(hash[:], e.Hashes[level*tlog.HashSize:(level+1)*tlog.HashSize]) {
				c.err = &TamperError{Kind: Hashes, Seq: e.Seq}
				return buf
			}
		}
		c.frontier = append(c.frontier, hash[:]...)
		if !c.bare {
			c.above = e.Hashes[(1+completed)*tlog.HashSize:]
		}
		for len(stops) > 0 && stops[0] == size {
			c.frontiers = append(c.frontiers, slices.Clone(c.frontier))
			stops = stops[1:]
		}
	}
	return buf
}

// verification joins chunks, in order, into the whole tree.
type verification struct {
	checkpoints []Checkpoint // those still to compare, by size
	agreed      int
	covered     uint64 // the size of the largest that agreed
	bare        bool   // the entries come without stored hashes
	head        Head   // of what has been joined

	jobs       chan *chunk // nil if the calling goroutine hashes
	pending    []*chunk    // handed out, oldest first
	maxPending int
	free       []*chunk
	buf        []byte
}

// checkEmpty compares the checkpoints of the empty journal.
func (v *verification) checkEmpty() error {
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size == 0 {
		if v.checkpoints[0].Root != emptyRoot {
			return &TamperError{Kind: Diverged}
		}
		v.checkpoints = v.checkpoints[1:]
		v.agreed++
	}
	return nil
}

// run reads every entry and joins every chunk. What is wrong with an earlier
// chunk is reported before a fault in the sequence of numbers.
func (v *verification) run(ctx context.Context, entries iter.Seq2[Entry, error], size uint64) error {
	var fault error
	var next uint64
	wanted := v.checkpoints
	c := v.newChunk(0)
	for e, err := range entries {
		if err != nil {
			if fault = err; !errors.Is(err, ErrTampered) {
				fault = fmt.Errorf("journal entry %d: %w", next, err)
			}
			break
		}
		if fault = sequenceFault(e.Seq, next, size); fault != nil {
			break
		}
		c.entries = append(c.entries, e)
		next++
		if len(wanted) > 0 && wanted[0].Size == next {
			c.stops = append(c.stops, next)
			for len(wanted) > 0 && wanted[0].Size == next {
				wanted = wanted[1:]
			}
		}
		if len(c.entries) == chunkSize {
			if err := cmp.Or(ctx.Err(), v.submit(c)); err != nil {
				v.drain()
				return err
			}
			c = v.newChunk(next)
		}
	}
	err := v.submit(c)
	for err == nil && len(v.pending) > 0 {
		err = v.joinOldest()
	}
	v.drain()
	return cmp.Or(err, fault)
}

func sequenceFault(seq, next, size uint64) error {
	switch {
	case seq < next:
		return &TamperError{Kind: Disordered, Seq: seq}
	case next >= size:
		return &TamperError{Kind: Surplus, Seq: seq}
	case seq > next:
		return &TamperError{Kind: Missing, Seq: next}
	}
	return nil
}

func (v *verification) newChunk(first uint64) *chunk {
	if n := len(v.free); n > 0 {
		c := v.free[n-1]
		v.free = v.free[:n-1]
		c.first, c.entries, c.stops = first, c.entries[:0], c.stops[:0]
		return c
	}
	return &chunk{bare: v.bare, first: first, entries: make([]Entry, 0, chunkSize), done: make(chan struct{}, 1)}
}

// submit has the chunk hashed, and joins the oldest one when enough are under
// way.
func (v *verification) submit(c *chunk) error {
	if v.jobs == nil {
		v.buf = c.hash(v.buf)
		return v.join(c)
	}
	v.jobs <- c
	v.pending = append(v.pending, c)
	if len(v.pending) > v.maxPending {
		return v.joinOldest()
	}
	return nil
}

func (v *verification) joinOldest() error {
	c := v.pending[0]
	v.pending = slices.Delete(v.pending, 0, 1)
	<-c.done
	return v.join(c)
}

// drain waits for the chunks that are still being hashed: their entries are the
// journal's.
func (v *verification) drain() {
	for _, c := range v.pending {
		<-c.done
	}
	v.pending = nil
}

// join adds the chunk's subtree to the tree.
func (v *verification) join(c *chunk) error {
	for i, stop := range c.stops[:len(c.frontiers)] {
		root := foldRoot(v.head.Frontier, c.frontiers[i])
		for len(v.checkpoints) > 0 && v.checkpoints[0].Size == stop {
			if v.checkpoints[0].Root != root {
				return &TamperError{Kind: Diverged, Seq: stop}
			}
			v.checkpoints = v.checkpoints[1:]
			v.agreed++
			v.covered = stop
		}
	}
	if c.err != nil {
		return c.err
	}
	size := c.first + uint64(len(c.entries))
	if len(c.entries) < chunkSize {
		v.head = Head{Size: size, Frontier: slices.Concat(v.head.Frontier, c.frontier)}
		return nil
	}
	hash, frontier := Hash(c.frontier), v.head.Frontier
	for level := range bits.TrailingZeros64(size) - chunkLevel {
		last := len(frontier) - tlog.HashSize
		hash = tlog.NodeHash(Hash(frontier[last:]), hash)
		frontier = frontier[:last]
		if !c.bare && !bytes.Equal(hash[:], c.above[level*tlog.HashSize:(level+1)*tlog.HashSize]) {
			return &TamperError{Kind: Hashes, Seq: size - 1}
		}
	}
	v.head = Head{Size: size, Frontier: append(frontier, hash[:]...)}
	v.free = append(v.free, c)
	return nil
}

// foldRoot returns the root over two runs of subtree roots; together they are
// not empty.
func foldRoot(left, right []byte) Hash {
	all := slices.Concat(left, right)
	last := len(all) - tlog.HashSize
	root := Hash(all[last:])
	for last > 0 {
		root = tlog.NodeHash(Hash(all[last-tlog.HashSize:last]), root)
		last -= tlog.HashSize
	}
	return root
}

// conclude compares the joined tree with the head and with the checkpoints that
// know of more entries.
func (v *verification) conclude(head Head) (Report, error) {
	if v.head.Size < head.Size || len(v.checkpoints) > 0 {
		return Report{}, &TamperError{Kind: Truncated, Seq: v.head.Size}
	}
	if !bytes.Equal(v.head.Frontier, head.Frontier) {
		return Report{}, &TamperError{Kind: Rewritten, Seq: head.Size}
	}
	root, err := v.head.Root()
	if err != nil {
		return Report{}, err
	}
	return Report{Size: v.head.Size, Root: root, Checkpoints: v.agreed}, nil
}
