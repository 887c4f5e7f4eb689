package blobdir_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

var picture = []byte("a photograph of nobody")

func pictureBlob() storage.Blob {
	return storage.Blob{Digest: storage.BlobDigestOf(picture), Size: int64(len(picture))}
}

// files lists what is in a directory, without its folders.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, err = filepath.Rel(dir, name)
			out = append(out, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever a power cut leaves of an upload, it is not read as the blob, and the
// blob is whole after at most two more attempts.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	hex := pictureBlob().Digest.Hex()
	zeros := func(n int) []byte { return append(bytes.Clone(picture[:len(picture)-n]), make([]byte, n)...) }
	for _, tt := range []struct {
		name string
		left []byte // of the upload; nil is no file
		dirs bool   // whether the folders of the blob were made
	}{
		{"before anything was written", nil, false},
		{"when the folders were made", nil, true},
		{"when the file was made", []byte{}, false},
		{"in the middle", picture[:9], false},
		{"before the move", picture, true},
		{"when the size had reached the disk and the bytes had not", zeros(len(picture)), false},
		{"when the last page had not reached the disk", zeros(4), true},
		{"when the file was longer than it should be", append(bytes.Clone(picture), 0, 0, 0), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.dirs {
				if err := os.MkdirAll(filepath.Join(dir, hex[:2], hex[2:4]), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if tt.left != nil {
				if err := os.MkdirAll(filepath.Join(dir, "uploads"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "uploads", hex), tt.left, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := open(t, dir)
			if _, err := d.Open(t.Context(), pictureBlob().Digest); !errors.Is(err, glabella.ErrNotFound) {
				t.Fatalf("what is left is opened as a blob: %v", err)
			}
			err := storage.PutBlob(t.Context(), d, pictureBlob(), bytes.NewReader(picture))
			if errors.Is(err, glabella.ErrInvalid) {
				err = storage.PutBlob(t.Context(), d, pictureBlob(), bytes.NewReader(picture))
			}
			if err != nil {
				t.Fatal(err)
			}
			r, err := d.Open(t.Context(), pictureBlob().Digest)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, picture) {
				t.Errorf("read %q, %v", got, err)
			}
			if got, want := files(t, dir), hex[:2]+"/"+hex[2:4]+"/"+hex; len(got) != 1 || got[0] != want {
				t.Errorf("the directory holds %q, want %s alone", got, want)
			}
		})
	}
}

func TestARefusedUploadLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, dir)
	for _, text := range [][]byte{bytes.Repeat([]byte("x"), len(picture)), append(bytes.Clone(picture), '!')} {
		if _, err := d.Upload(t.Context(), pictureBlob(), 0, bytes.NewReader(text)); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Upload(%q): %v", text, err)
		}
		if left := files(t, dir); len(left) > 0 {
			t.Errorf("after %q there is %q", text, left)
		}
	}
}

func TestNoLinkLeadsOutOfTheDirectory(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "diary")
	if err := os.WriteFile(outside, []byte("private"), 0o600); err != nil {
		t.Fatal(err)
	}
	hex := pictureBlob().Digest.Hex()
	for name, link := range map[string]string{"a blob": filepath.Join(hex[:2], hex[2:4], hex), "an upload": filepath.Join("uploads", hex)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d := open(t, dir)
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, link)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(dir, link)); err != nil {
				t.Skip("links cannot be made here")
			}
			if r, err := d.Open(t.Context(), pictureBlob().Digest); err == nil {
				r.Close()
				t.Error("the link is opened")
			}
			if err := storage.PutBlob(t.Context(), d, pictureBlob(), bytes.NewReader(picture)); err == nil {
				t.Error("the link is written through")
			}
			if err := d.Delete(t.Context(), pictureBlob().Digest); err != nil {
				t.Errorf("the link is not removed: %v", err)
			}
			if text, err := os.ReadFile(outside); string(text) != "private" || err != nil {
				t.Errorf("outside there is %q, %v", text, err)
			}
		})
	}
}

func TestManyWritersOfFourBlobsLeaveFourFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, dir)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			text := bytes.Repeat([]byte{byte(i % 4)}, 50_000)
			blob := storage.Blob{Digest: storage.BlobDigestOf(text), Size: int64(len(text))}
			if err := storage.PutBlob(t.Context(), d, blob, bytes.NewReader(text)); err != nil && !errors.Is(err, glabella.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("four blobs are %q", got)
	}
}
