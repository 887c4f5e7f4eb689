package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func TestBlobsInMemory(t *testing.T) {
	RunBlobs(t, func(*testing.T) storage.Blobs { return memory.NewBlobs() })
}

// brokenBlobs is a store that breaks one promise.
type brokenBlobs struct {
	storage.Blobs
	upload func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error)
	open   func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) (io.ReadSeekCloser, error)
	remove func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) error
}

func (b brokenBlobs) Upload(ctx context.Context, blob storage.Blob, offset int64, r io.Reader) (int64, error) {
	if b.upload == nil {
		return b.Blobs.Upload(ctx, blob, offset, r)
	}
	return b.upload(ctx, b.Blobs, blob, offset, r)
}

func (b brokenBlobs) Open(ctx context.Context, d storage.BlobDigest) (io.ReadSeekCloser, error) {
	if b.open == nil {
		return b.Blobs.Open(ctx, d)
	}
	return b.open(ctx, b.Blobs, d)
}

func (b brokenBlobs) Delete(ctx context.Context, d storage.BlobDigest) error {
	if b.remove == nil {
		return b.Blobs.Delete(ctx, d)
	}
	return b.remove(ctx, b.Blobs, d)
}

type openContent struct{ *bytes.Reader }

func (openContent) Close() error { return nil }

// Each check catches a store that breaks its promise, and no other check does.
func TestBlobChecksCatchBrokenStores(t *testing.T) {
	t.Parallel()
	var one sync.Mutex
	var uploads traffic
	var read sync.Map // digests that were opened
	broken := map[string]brokenBlobs{
		"Returns": {open: func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) (io.ReadSeekCloser, error) {
			r, err := from.Open(ctx, d)
			if _, again := read.LoadOrStore(d, true); err != nil || !again {
				return r, err
			}
			text, err := io.ReadAll(r)
			return openContent{bytes.NewReader(text[:len(text)-1])}, err
		}},
		"Hidden": {open: func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) (io.ReadSeekCloser, error) {
			r, err := from.Open(ctx, d)
			if n, _, _ := from.Held(ctx, d); errors.Is(err, glabella.ErrNotFound) && n > 0 {
				return openContent{bytes.NewReader(make([]byte, n))}, nil
			}
			return r, err
		}},
		"Resumed": {upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error) {
			n, err := to.Upload(ctx, b, offset, r)
			if errors.Is(err, errBroken) {
				return n, nil
			}
			return n, err
		}},
		"Offset": {upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, _ int64, r io.Reader) (int64, error) {
			held, complete, _ := to.Held(ctx, b.Digest)
			if complete {
				return b.Size, nil
			}
			return to.Upload(ctx, b, held, r)
		}},
		"Verified": {upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error) {
			n, err := to.Upload(ctx, b, offset, r)
			var wrong *glabella.ValidationError
			if errors.As(err, &wrong) && wrong.Issues[0].Code == storage.CodeBlobDigest {
				return b.Size, nil
			}
			return n, err
		}},
		"Sized": {upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error) {
			if b.Size <= offset {
				return to.Upload(ctx, b, offset, r)
			}
			return to.Upload(ctx, b, offset, io.LimitReader(r, b.Size-offset))
		}},
		"Named": {open: func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) (io.ReadSeekCloser, error) {
			if !d.Valid() {
				return openContent{bytes.NewReader(nil)}, nil
			}
			return from.Open(ctx, d)
		}},
		"Together": {upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error) {
			n, alone := uploads.enter(b.Digest)
			defer n.Add(-1)
			if !alone {
				return 0, errDisk
			}
			return to.Upload(ctx, b, offset, r)
		}},
		"Sought": {open: func(ctx context.Context, from storage.Blobs, d storage.BlobDigest) (io.ReadSeekCloser, error) {
			r, err := from.Open(ctx, d)
			return stuck{r}, err
		}},
		"Independent": {
			upload: func(ctx context.Context, to storage.Blobs, b storage.Blob, offset int64, r io.Reader) (int64, error) {
				one.Lock()
				defer one.Unlock()
				return to.Upload(ctx, b, offset, r)
			},
		},
		"Deleted": {remove: func(context.Context, storage.Blobs, storage.BlobDigest) error { return nil }},
	}
	for _, check := range BlobChecks() {
		if _, ok := broken[check.Name]; !ok {
			t.Errorf("%s: no store breaks this promise", check.Name)
		}
	}
	for name, b := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var caught []string
			for _, check := range BlobChecks() {
				b.Blobs = memory.NewBlobs()
				if err := check.Run(t.Context(), b); err != nil {
					caught = append(caught, check.Name)
				}
			}
			if !slices.Equal(caught, []string{name}) {
				t.Errorf("the store is caught by %q", caught)
			}
		})
	}
}

var errDisk = errors.New("the disk is full")

// stuck is a blob that is read from its beginning, whatever is sought.
type stuck struct{ io.ReadSeekCloser }

func (s stuck) Seek(int64, int) (int64, error) { return s.ReadSeekCloser.Seek(0, io.SeekStart) }

// traffic counts the uploads of each blob that are under way.
type traffic struct{ byDigest sync.Map }

// enter waits until others may have come too, and reports whether none has.
func (t *traffic) enter(d storage.BlobDigest) (*atomic.Int32, bool) {
	n, _ := t.byDigest.LoadOrStore(d, new(atomic.Int32))
	count := n.(*atomic.Int32)
	count.Add(1)
	time.Sleep(20 * time.Millisecond)
	return count, count.Load() == 1
}
