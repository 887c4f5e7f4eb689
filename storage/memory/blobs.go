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
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if held, done, err := s.resume(b, offset); done || err != nil {
		return held, err
	}
	// Nobody waits while the bytes come; whoever has brought others meanwhile wins.
	more, failed := io.ReadAll(io.LimitReader(r, b.Size-offset+1))
	s.mu.Lock()
	defer s.mu.Unlock()
	if held, done, err := s.resumed(b, offset); done || err != nil {
		return held, err
	}
	held := append(bytes.Clone(s.uploads[b.Digest]), more...)
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

func (s *Blobs) resume(b storage.Blob, offset int64) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resumed(b, offset)
}

// resumed returns how many bytes there are if an upload cannot go on at offset:
// because the blob is complete, or because the offset is another.
func (s *Blobs) resumed(b storage.Blob, offset int64) (n int64, done bool, err error) {
	if _, ok := s.complete[b.Digest]; ok {
		return b.Size, true, nil
	}
	if held := int64(len(s.uploads[b.Digest])); offset != held {
		return held, false, storage.WrongOffset(held)
	}
	return offset, false, nil
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
