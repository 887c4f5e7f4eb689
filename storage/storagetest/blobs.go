package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

// BlobCheck is one promise of [storage.Blobs].
type BlobCheck struct {
	Name    string
	Promise string
	Run     func(ctx context.Context, b storage.Blobs) error // on an empty store
}

var errBroken = errors.New("the line is broken")

// patience is how long a store may take over a blob that is small.
const patience = 5 * time.Second

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// sample is a blob of a few pages.
func sample(seed byte) ([]byte, storage.Blob) {
	text := bytes.Repeat([]byte{seed, 'x', 'y'}, 20000)
	return text, storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}
}

func readBlob(ctx context.Context, b storage.Blobs, d storage.BlobDigest) ([]byte, error) {
	r, err := b.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	return text, errors.Join(err, r.Close())
}

// BlobChecks returns every promise of [storage.Blobs].
func BlobChecks() []BlobCheck {
	return []BlobCheck{
		{"Returns", "What was uploaded comes back byte by byte, and again.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(1)
			if err := storage.PutBlob(ctx, b, blob, bytes.NewReader(text)); err != nil {
				return err
			}
			for range 2 {
				if got, err := readBlob(ctx, b, blob.Digest); err != nil || !bytes.Equal(got, text) {
					return fmt.Errorf("got %d bytes, error %v", len(got), err)
				}
			}
			if n, complete, err := b.Held(ctx, blob.Digest); n != blob.Size || !complete || err != nil {
				return fmt.Errorf("held = %d, %t, %v", n, complete, err)
			}
			return nil
		}},
		{"Hidden", "A blob is not there before its last byte is.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(2)
			if _, err := b.Upload(ctx, blob, 0, bytes.NewReader(text[:100])); err != nil {
				return err
			}
			if _, err := readBlob(ctx, b, blob.Digest); !errors.Is(err, glabella.ErrNotFound) {
				return fmt.Errorf("half a blob is opened: %v", err)
			}
			if n, complete, err := b.Held(ctx, blob.Digest); n != 100 || complete || err != nil {
				return fmt.Errorf("held = %d, %t, %v", n, complete, err)
			}
			return nil
		}},
		{"Resumed", "An upload that broke off goes on where it broke off.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(3)
			broken := io.MultiReader(bytes.NewReader(text[:5000]), iotest.ErrReader(errBroken))
			if _, err := b.Upload(ctx, blob, 0, broken); !errors.Is(err, errBroken) {
				return fmt.Errorf("a reader that fails: %v", err)
			}
			held, _, err := b.Held(ctx, blob.Digest)
			if err != nil {
				return err
			}
			if n, err := b.Upload(ctx, blob, held, bytes.NewReader(text[held:])); n != blob.Size || err != nil {
				return fmt.Errorf("from %d on: %d bytes, %v", held, n, err)
			}
			if got, err := readBlob(ctx, b, blob.Digest); err != nil || !bytes.Equal(got, text) {
				return fmt.Errorf("got %d bytes, error %v", len(got), err)
			}
			return nil
		}},
		{"Offset", "An upload that goes on at another place is a conflict and adds nothing.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(4)
			if _, err := b.Upload(ctx, blob, 0, bytes.NewReader(text[:10])); err != nil {
				return err
			}
			for _, offset := range []int64{0, 5, 11} {
				if _, err := b.Upload(ctx, blob, offset, bytes.NewReader(text[offset:])); !errors.Is(err, glabella.ErrConflict) {
					return fmt.Errorf("from %d on: %v", offset, err)
				}
			}
			if n, complete, _ := b.Held(ctx, blob.Digest); n != 10 || complete {
				return fmt.Errorf("held = %d, %t", n, complete)
			}
			return nil
		}},
		{"Verified", "Bytes that do not have the digest are refused, and the upload begins anew.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(5)
			other := bytes.Clone(text)
			other[7]++
			var wrong *glabella.ValidationError
			if _, err := b.Upload(ctx, blob, 0, bytes.NewReader(other)); !errors.As(err, &wrong) || wrong.Issues[0].Code != storage.CodeBlobDigest {
				return fmt.Errorf("other bytes: %v", err)
			}
			if _, err := readBlob(ctx, b, blob.Digest); !errors.Is(err, glabella.ErrNotFound) {
				return fmt.Errorf("a blob of other bytes is opened: %v", err)
			}
			return storage.PutBlob(ctx, b, blob, bytes.NewReader(text))
		}},
		{"Sized", "More bytes than were said are refused, and the upload begins anew.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(6)
			var wrong *glabella.ValidationError
			if _, err := b.Upload(ctx, blob, 0, bytes.NewReader(append(bytes.Clone(text), '!'))); !errors.As(err, &wrong) || wrong.Issues[0].Code != storage.CodeBlobSize {
				return fmt.Errorf("a byte too many: %v", err)
			}
			if n, complete, _ := b.Held(ctx, blob.Digest); n != 0 || complete {
				return fmt.Errorf("held = %d, %t", n, complete)
			}
			return storage.PutBlob(ctx, b, blob, bytes.NewReader(text))
		}},
		{"Named", "A digest or size of no meaning is refused.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(7)
			for _, bad := range []storage.Blob{{Digest: "../../etc/passwd", Size: 1}, {Digest: "sha256:ABC", Size: 1}, {Digest: blob.Digest}} {
				if _, err := b.Upload(ctx, bad, 0, bytes.NewReader(text)); !errors.Is(err, glabella.ErrInvalid) {
					return fmt.Errorf("%+v: %v", bad, err)
				}
			}
			if _, err := b.Open(ctx, "../../etc/passwd"); !errors.Is(err, glabella.ErrNotFound) {
				return fmt.Errorf("a path: %v", err)
			}
			return nil
		}},
		{"Together", "The same blob uploaded by several at once is there once, and whole.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(8)
			var wg sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				wg.Go(func() {
					if err := storage.PutBlob(ctx, b, blob, bytes.NewReader(text)); !errors.Is(err, glabella.ErrConflict) {
						errs[i] = err
					}
				})
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				return err
			}
			if got, err := readBlob(ctx, b, blob.Digest); err != nil || !bytes.Equal(got, text) {
				return fmt.Errorf("got %d bytes, error %v", len(got), err)
			}
			return nil
		}},
		{"Sought", "A blob is read from any place of it.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(11)
			if err := storage.PutBlob(ctx, b, blob, bytes.NewReader(text)); err != nil {
				return err
			}
			r, err := b.Open(ctx, blob.Digest)
			if err != nil {
				return err
			}
			defer r.Close()
			for _, place := range []struct {
				offset int64
				whence int
				at     int64
			}{{0, io.SeekEnd, blob.Size}, {1001, io.SeekStart, 1001}, {-500, io.SeekCurrent, blob.Size - 500}, {0, io.SeekStart, 0}} {
				at, err := r.Seek(place.offset, place.whence)
				if at != place.at || err != nil {
					return fmt.Errorf("Seek(%d, %d) = %d, %v, want %d", place.offset, place.whence, at, err, place.at)
				}
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, text[at:]) {
					return fmt.Errorf("from %d on: %d bytes, %v", at, len(got), err)
				}
			}
			return nil
		}},
		{"Independent", "While an upload waits for its bytes, other blobs are written and read.", func(ctx context.Context, b storage.Blobs) error {
			slow, waits := sample(12)
			text, other := sample(13)
			done := make(chan error, 1)
			first := readerFunc(func([]byte) (int, error) {
				go func() {
					err := storage.PutBlob(ctx, b, other, bytes.NewReader(text))
					if err == nil {
						_, err = readBlob(ctx, b, other.Digest)
					}
					done <- err
				}()
				select {
				case err := <-done:
					done <- err
				case <-time.After(patience):
				}
				return 0, io.EOF
			})
			if _, err := b.Upload(ctx, waits, 0, io.MultiReader(first, bytes.NewReader(slow))); err != nil {
				return err
			}
			select {
			case err := <-done:
				return err
			default:
				return errors.New("another blob waited for it")
			}
		}},
		{"Deleted", "A blob that was deleted is not there, nor an upload; another one stays.", func(ctx context.Context, b storage.Blobs) error {
			text, blob := sample(9)
			kept, keep := sample(10)
			for _, put := range []struct {
				text []byte
				blob storage.Blob
			}{{text, blob}, {kept, keep}} {
				if err := storage.PutBlob(ctx, b, put.blob, bytes.NewReader(put.text)); err != nil {
					return err
				}
			}
			for range 2 {
				if err := b.Delete(ctx, blob.Digest); err != nil {
					return err
				}
			}
			if _, err := readBlob(ctx, b, blob.Digest); !errors.Is(err, glabella.ErrNotFound) {
				return fmt.Errorf("the deleted blob: %v", err)
			}
			got, err := readBlob(ctx, b, keep.Digest)
			if err != nil || !bytes.Equal(got, kept) {
				return fmt.Errorf("the other blob: %d bytes, %v", len(got), err)
			}
			return nil
		}},
	}
}

// RunBlobs runs every promise of [storage.Blobs] against stores that open
// returns, each of them empty.
func RunBlobs(t *testing.T, open func(t *testing.T) storage.Blobs) {
	for _, check := range BlobChecks() {
		t.Run(check.Name, func(t *testing.T) {
			t.Parallel()
			if err := check.Run(t.Context(), open(t)); err != nil {
				t.Errorf("%s %v", check.Promise, err)
			}
		})
	}
}
