package memory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

// Blobs keeps blobs in memory.
type Blobs struct {
	mu       sync.Mutex
	complete map[storage.BlobDigest][]byte
	uploads  map[storage.BlobDigest][]byte
}

// NewBlobs returns an empty store of blobs.
func NewBlobs() *Blobs {
	return &Blobs{complete: map[storage.BlobDigest][]byte{}, uploads: map[storage.BlobDigest][]byte{}}
}

// Upload implements [storage.Blobs].
func (s *Blobs) Upload(ctx context.Context, b storage.Blob, offset int64, r io.Reader) (int64, error) {
	if err := b.Check(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if _, ok := s.complete[b.Digest]; ok {
		return b.Size, nil
	}
	held := s.uploads[b.Digest]
	if offset != int64(len(held)) {
		return int64(len(held)), storage.WrongOffset(int64(len(held)))
	}
	more, failed := io.ReadAll(io.LimitReader(r, b.Size-offset+1))
	held = append(bytes.Clone(held), more...)
	switch {
	case int64(len(held)) > b.Size:
		delete(s.uploads, b.Digest)
		return 0, storage.TooLong()
	case int64(len(held)) == b.Size && storage.BlobDigestOf(held) != b.Digest:
		delete(s.uploads, b.Digest)
		return 0, storage.WrongDigest()
	case int64(len(held)) == b.Size:
		delete(s.uploads, b.Digest)
		s.complete[b.Digest] = held
		return b.Size, nil
	}
	s.uploads[b.Digest] = held
	if failed != nil {
		return int64(len(held)), fmt.Errorf("upload: %w", failed)
	}
	return int64(len(held)), nil
}

// Held implements [storage.Blobs].
func (s *Blobs) Held(_ context.Context, d storage.BlobDigest) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.complete[d]; ok {
		return int64(len(b)), true, nil
	}
	return int64(len(s.uploads[d])), false, nil
}

// content is a blob that is read.
type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

// Open implements [storage.Blobs].
func (s *Blobs) Open(_ context.Context, d storage.BlobDigest) (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.complete[d]
	if !ok {
		return nil, fmt.Errorf("blob: %w", glabella.ErrNotFound)
	}
	return content{bytes.NewReader(b)}, nil
}

// Delete implements [storage.Blobs].
func (s *Blobs) Delete(_ context.Context, d storage.BlobDigest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.complete, d)
	delete(s.uploads, d)
	return nil
}
