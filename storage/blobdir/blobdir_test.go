package blobdir_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/blobdir"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

func open(t testing.TB, dir string) *blobdir.Dir {
	t.Helper()
	d, err := blobdir.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestDirKeepsItsPromises(t *testing.T) {
	storagetest.RunBlobs(t, func(t *testing.T) storage.Blobs { return open(t, t.TempDir()) })
}

// A process that stops in the middle leaves an upload, which the next one takes
// up wherever it broke off.
func TestAnUploadGoesOnInAnotherProcess(t *testing.T) {
	t.Parallel()
	text := []byte("a photograph of nobody")
	blob := storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}
	for cut := 1; cut < len(text); cut++ {
		dir := t.TempDir()
		if _, err := open(t, dir).Upload(t.Context(), blob, 0, bytes.NewReader(text[:cut])); err != nil {
			t.Fatal(err)
		}
		next := open(t, dir)
		if _, err := next.Open(t.Context(), blob.Digest); !errors.Is(err, glabella.ErrNotFound) {
			t.Fatalf("%d bytes are opened as a blob: %v", cut, err)
		}
		if err := storage.PutBlob(t.Context(), next, blob, bytes.NewReader(text)); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

// Bytes that a crash has changed are found out when the upload ends.
func TestAnUploadThatACrashHasChangedBeginsAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := []byte("a photograph of nobody")
	blob := storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}
	d := open(t, dir)
	if _, err := d.Upload(t.Context(), blob, 0, bytes.NewReader(text[:10])); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "uploads", blob.Digest.Hex()), make([]byte, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := storage.PutBlob(t.Context(), d, blob, bytes.NewReader(text)); !errors.Is(err, glabella.ErrInvalid) {
		t.Fatalf("zeros in the middle: %v", err)
	}
	if err := storage.PutBlob(t.Context(), d, blob, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func TestSweepRemovesOldUploadsOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, dir)
	whole, part := []byte("whole"), []byte("a part of something")
	if err := storage.PutBlob(t.Context(), d, storage.Blob{Digest: storage.BlobDigestOf(whole), Size: int64(len(whole))}, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Upload(t.Context(), storage.Blob{Digest: storage.BlobDigestOf(part), Size: int64(len(part))}, 0, bytes.NewReader(part[:3])); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 0}, {time.Now().Add(time.Hour), 1}, {time.Now().Add(time.Hour), 0}} {
		if n, err := d.Sweep(tt.before); n != tt.want || err != nil {
			t.Errorf("Sweep = %d, %v, want %d", n, err, tt.want)
		}
	}
	if _, complete, _ := d.Held(t.Context(), storage.BlobDigestOf(whole)); !complete {
		t.Error("a blob was swept away")
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := []byte("a photograph of nobody")
	if err := storage.PutBlob(t.Context(), open(t, dir), storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err == nil && name != dir && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", info.Name(), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
