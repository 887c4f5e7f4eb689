package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"

	"github.com/glabella-ehr/glabella"
)

// BlobDigest names a blob by its content: "sha256:" and 64 hexadecimal digits.
type BlobDigest string

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Valid reports whether d has the form of a digest.
func (d BlobDigest) Valid() bool { return digestForm.MatchString(string(d)) }

// Hex returns the hexadecimal digits alone.
func (d BlobDigest) Hex() string {
	if !d.Valid() {
		return ""
	}
	return string(d[len("sha256:"):])
}

// BlobDigestOf returns the digest of bytes.
func BlobDigestOf(b []byte) BlobDigest {
	sum := sha256.Sum256(b)
	return BlobDigest("sha256:" + hex.EncodeToString(sum[:]))
}

// Codes of issues with blobs.
const (
	// CodeBlobDigest says that what was uploaded is not what the digest names.
	CodeBlobDigest glabella.Code = "storage.blob.digest"
	// CodeBlobSize says that a blob is larger or smaller than was said.
	CodeBlobSize glabella.Code = "storage.blob.size"
)

// Blob is a blob that is uploaded: its digest and how many bytes it has.
type Blob struct {
	Digest BlobDigest
	Size   int64
}

// Check returns what is wrong with the name and size of a blob.
func (b Blob) Check() error {
	var issues []glabella.Issue
	if !b.Digest.Valid() {
		issues = append(issues, glabella.Issue{Path: "/digest", Code: glabella.CodeFormat, Text: "want sha256: and 64 hexadecimal digits"})
	}
	if b.Size < 1 {
		issues = append(issues, glabella.Issue{Path: "/size", Code: glabella.CodeOutOfRange, Text: "a blob has at least one byte"})
	}
	return glabella.Invalid("blob", issues...)
}

// Blobs keeps what is too large for a record, such as photographs. Blobs are
// named by their content, so that they never change and the same blob is kept
// once. A host implements it over its object store, or takes package
// storage/blobdir or memory.NewBlobs. Blobs is safe for concurrent use.
//
// A blob is there when all of its bytes are and have the digest; before, it is an
// upload that can be taken up again where it broke off, and [Blobs.Open] does not
// find it.
type Blobs interface {
	// Upload adds bytes to an upload, from an offset on, and returns how many bytes
	// it has then. The offset is what [Blobs.Held] returns; any other is an error that wraps
	// [glabella.ErrConflict] and adds nothing. Bytes that were read before r failed
	// may be kept. The last byte makes it a blob. Bytes that do not have the digest,
	// and more bytes than the size, are a [*glabella.ValidationError]; the upload
	// begins anew. To upload a blob that is there does nothing.
	Upload(ctx context.Context, b Blob, offset int64, r io.Reader) (int64, error)
	// Held returns how many bytes of a blob there are, and whether it is complete.
	Held(ctx context.Context, d BlobDigest) (n int64, complete bool, err error)
	// Open opens a complete blob, or returns an error that wraps
	// [glabella.ErrNotFound].
	Open(ctx context.Context, d BlobDigest) (io.ReadSeekCloser, error)
	// Delete removes a blob or an upload; to remove one that is not there does
	// nothing. It is for erasure: records keep the digest.
	Delete(ctx context.Context, d BlobDigest) error
}

// PutBlob uploads a blob whole, taking it up again where an earlier upload broke
// off.
func PutBlob(ctx context.Context, to Blobs, b Blob, r io.ReadSeeker) error {
	held, complete, err := to.Held(ctx, b.Digest)
	if err != nil || complete {
		return err
	}
	if _, err := r.Seek(held, io.SeekStart); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	n, err := to.Upload(ctx, b, held, r)
	if err != nil {
		return err
	}
	if n < b.Size {
		return glabella.Invalid("blob", glabella.Issue{Path: "/size", Code: CodeBlobSize, Text: "the blob ends before the size that was said"})
	}
	return nil
}

// WrongDigest is the error of an upload whose bytes are not those that its digest
// names.
func WrongDigest() error {
	return glabella.Invalid("blob", glabella.Issue{Path: "/digest", Code: CodeBlobDigest, Text: "the bytes do not have this digest"})
}

// TooLong is the error of an upload with more bytes than was said.
func TooLong() error {
	return glabella.Invalid("blob", glabella.Issue{Path: "/size", Code: CodeBlobSize, Text: "the blob has more bytes than was said"})
}

// WrongOffset is the error of an upload that is taken up at another place than
// where it broke off.
func WrongOffset(held int64) error {
	return fmt.Errorf("upload: %d bytes are held: %w", held, glabella.ErrConflict)
}
