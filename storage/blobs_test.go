package storage_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func TestBlobDigest(t *testing.T) {
	t.Parallel()
	// The digest of "abc" in FIPS 180-4.
	abc := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := storage.BlobDigestOf([]byte("abc")); got != storage.BlobDigest("sha256:"+abc) || !got.Valid() || got.Hex() != abc {
		t.Errorf("BlobDigestOf(abc) = %s", got)
	}
	for _, bad := range []string{"", abc, "sha256:", "sha256:" + abc[1:], "sha256:" + abc + "0", "SHA256:" + abc, "sha256:" + strings.ToUpper(abc), "sha256:" + abc + "\n", "sha512:" + abc, "../" + abc} {
		if d := storage.BlobDigest(bad); d.Valid() || d.Hex() != "" {
			t.Errorf("%q is a digest, with the digits %q", bad, d.Hex())
		}
	}
}

func TestABlobWithoutNameOrSizeIsRefused(t *testing.T) {
	t.Parallel()
	var invalid *glabella.ValidationError
	if err := (storage.Blob{Digest: "x"}).Check(); !errors.As(err, &invalid) || len(invalid.Issues) != 2 || invalid.Issues[0].Path != "/digest" || invalid.Issues[1].Path != "/size" {
		t.Errorf("Check = %v", err)
	}
	if err := (storage.Blob{Digest: storage.BlobDigestOf(nil), Size: 1}).Check(); err != nil {
		t.Errorf("Check = %v", err)
	}
}

func TestPutBlobGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	text := []byte("a photograph of nobody")
	blob := storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}
	broken := errors.New("the line is broken")
	for cut := range len(text) {
		blobs := memory.NewBlobs()
		if _, err := blobs.Upload(t.Context(), blob, 0, io.MultiReader(bytes.NewReader(text[:cut]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if n, complete, err := blobs.Held(t.Context(), blob.Digest); n != int64(cut) || complete || err != nil {
			t.Fatalf("cut at %d: Held = %d, %t, %v", cut, n, complete, err)
		}
		// What was held is not read again.
		rest := append(bytes.Repeat([]byte("?"), cut), text[cut:]...)
		if err := storage.PutBlob(t.Context(), blobs, blob, bytes.NewReader(rest)); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if _, complete, err := blobs.Held(t.Context(), blob.Digest); !complete || err != nil {
			t.Errorf("cut at %d: not complete: %v", cut, err)
		}
	}
}

func TestPutBlobOfFewerBytesThanWereSaid(t *testing.T) {
	t.Parallel()
	blobs := memory.NewBlobs()
	blob := storage.Blob{Digest: storage.BlobDigestOf([]byte("whole")), Size: 5}
	var invalid *glabella.ValidationError
	if err := storage.PutBlob(t.Context(), blobs, blob, strings.NewReader("who")); !errors.As(err, &invalid) || invalid.Issues[0].Code != storage.CodeBlobSize {
		t.Errorf("err = %v", err)
	}
	if _, err := blobs.Open(t.Context(), blob.Digest); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("three of five bytes are opened: %v", err)
	}
}

func TestPutBlobOfWhatIsThereReadsNothing(t *testing.T) {
	t.Parallel()
	blobs := memory.NewBlobs()
	blob := storage.Blob{Digest: storage.BlobDigestOf([]byte("whole")), Size: 5}
	if err := storage.PutBlob(t.Context(), blobs, blob, strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	if err := storage.PutBlob(t.Context(), blobs, blob, unread{t}); err != nil {
		t.Error(err)
	}
}

// unread is a picture that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("it is read"); return 0, io.EOF }

func (u unread) Seek(int64, int) (int64, error) { u.t.Error("it is sought"); return 0, nil }
