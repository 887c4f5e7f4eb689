// Package blobdir keeps blobs as files in a directory.
//
//	blobs, err := blobdir.Open("/var/lib/clinic/blobs")
//
// A blob is the file ab/cd/HEX, where HEX is its SHA-256 and ab and cd are its
// first digits. It appears there at once, whole and verified: bytes are first
// written to a file of the folder uploads, which is synced and moved when the last
// one has come. After a crash there are only uploads, which go on where they broke
// off; [Dir.Sweep] removes those that nobody takes up again. Files are readable by
// their owner alone. One process uses a directory at a time.
//
// What the files hold is as it was given: encryption at rest is the file system's,
// and backup is the host's.
package blobdir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

const uploads = "uploads"

// Dir keeps blobs in a directory.
type Dir struct {
	root *os.Root // nothing leads out of it
	mu   sync.Mutex
	busy map[storage.BlobDigest]*use
}

// use serializes the uploads of one blob.
type use struct {
	sync.Mutex
	n int
}

// Open returns the blobs of a directory, which is made if it does not exist.
func Open(dir string) (*Dir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	if err := root.MkdirAll(uploads, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("blobs: %w", err), root.Close())
	}
	return &Dir{root: root, busy: map[storage.BlobDigest]*use{}}, nil
}

// Close releases the directory.
func (d *Dir) Close() error { return d.root.Close() }

func place(b storage.BlobDigest) string {
	h := b.Hex()
	return path.Join(h[:2], h[2:4], h)
}

func upload(b storage.BlobDigest) string { return path.Join(uploads, b.Hex()) }

// lock lets one upload of a blob go on at a time.
func (d *Dir) lock(b storage.BlobDigest) func() {
	d.mu.Lock()
	u := d.busy[b]
	if u == nil {
		u = &use{}
		d.busy[b] = u
	}
	u.n++
	d.mu.Unlock()
	u.Lock()
	return func() {
		u.Unlock()
		d.mu.Lock()
		defer d.mu.Unlock()
		if u.n--; u.n == 0 {
			delete(d.busy, b)
		}
	}
}

// Upload implements [storage.Blobs].
func (d *Dir) Upload(ctx context.Context, b storage.Blob, offset int64, r io.Reader) (n int64, err error) {
	if err := b.Check(); err != nil {
		return 0, err
	}
	defer d.lock(b.Digest)()
	held, complete, err := d.Held(ctx, b.Digest)
	switch {
	case err != nil:
		return 0, err
	case complete:
		return b.Size, nil
	case offset != held:
		return held, storage.WrongOffset(held)
	}
	f, err := d.root.OpenFile(upload(b.Digest), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, fmt.Errorf("upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return held, fmt.Errorf("upload: %w", err)
	}
	more, failed := io.Copy(f, io.LimitReader(contextReader{ctx, r}, b.Size-offset+1))
	n = offset + more
	if n > b.Size {
		return 0, errors.Join(storage.TooLong(), d.root.Remove(upload(b.Digest)))
	}
	if err := f.Sync(); err != nil {
		return n, fmt.Errorf("upload: %w", err)
	}
	if n < b.Size {
		if failed != nil {
			return n, fmt.Errorf("upload: %w", failed)
		}
		return n, nil
	}
	if err := verify(f, b.Digest); err != nil {
		return 0, errors.Join(err, d.root.Remove(upload(b.Digest)))
	}
	return n, d.finish(b.Digest)
}

// contextReader ends when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func verify(f *os.File, want storage.BlobDigest) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != want.Hex() {
		return storage.WrongDigest()
	}
	return nil
}

// finish moves a verified upload to where blobs are, and makes that last.
func (d *Dir) finish(b storage.BlobDigest) error {
	if err := d.root.MkdirAll(path.Dir(place(b)), 0o700); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if err := d.root.Rename(upload(b), place(b)); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	for _, dir := range []string{path.Dir(place(b)), path.Dir(path.Dir(place(b))), ".", uploads} {
		if err := d.sync(dir); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
	}
	return nil
}

func (d *Dir) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Held implements [storage.Blobs].
func (d *Dir) Held(ctx context.Context, b storage.BlobDigest) (int64, bool, error) {
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	if !b.Valid() {
		return 0, false, nil
	}
	for _, name := range []string{place(b), upload(b)} {
		info, err := d.root.Stat(name)
		if err == nil {
			return info.Size(), name == place(b), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return 0, false, fmt.Errorf("blob: %w", err)
		}
	}
	return 0, false, nil
}

// Open implements [storage.Blobs].
func (d *Dir) Open(_ context.Context, b storage.BlobDigest) (io.ReadSeekCloser, error) {
	if !b.Valid() {
		return nil, fmt.Errorf("blob: %w", glabella.ErrNotFound)
	}
	f, err := d.root.Open(place(b))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob: %w", glabella.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return f, nil
}

// Delete implements [storage.Blobs].
func (d *Dir) Delete(_ context.Context, b storage.BlobDigest) error {
	if !b.Valid() {
		return nil
	}
	defer d.lock(b)()
	for _, name := range []string{place(b), upload(b)} {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("blob: %w", err)
		}
	}
	return nil
}

// Sweep removes the uploads that were last written to before a time, and returns
// how many. Blobs stay.
func (d *Dir) Sweep(before time.Time) (int, error) {
	f, err := d.root.Open(uploads)
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	entries, err := f.ReadDir(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	n := 0
	for _, e := range entries {
		unlock := d.lock(storage.BlobDigest("sha256:" + e.Name()))
		info, err := d.root.Stat(path.Join(uploads, e.Name()))
		if err == nil && info.ModTime().Before(before) {
			if err = d.root.Remove(path.Join(uploads, e.Name())); err == nil {
				n++
			}
		}
		unlock()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, fmt.Errorf("sweep: %w", err)
		}
	}
	return n, nil
}
