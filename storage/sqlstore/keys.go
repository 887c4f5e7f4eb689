package sqlstore

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// encodeKeys writes keys as a row holds them: every name and value with its
// length in front.
func encodeKeys(keys []docstore.Key) []byte {
	b := []byte{}
	for _, k := range keys {
		for _, s := range []string{k.Index, k.Value} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return b
}

// decodeKeys reads what [encodeKeys] wrote.
func decodeKeys(b []byte) ([]docstore.Key, error) {
	var keys []docstore.Key
	for len(b) > 0 {
		var parts [2]string
		for i := range parts {
			n, size := binary.Uvarint(b)
			if size <= 0 || n > uint64(len(b)-size) {
				return nil, fmt.Errorf("stored keys: %w", glabella.ErrInvalid)
			}
			parts[i] = string(b[size : size+int(n)])
			b = b[size+int(n):]
		}
		keys = append(keys, docstore.Key{Index: parts[0], Value: parts[1]})
	}
	return keys, nil
}

// unique returns the keys without repetitions.
func unique(keys []docstore.Key) []docstore.Key {
	var out []docstore.Key
	for _, k := range keys {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// without returns the keys that are not in others.
func without(keys, others []docstore.Key) []docstore.Key {
	var out []docstore.Key
	for _, k := range keys {
		if !slices.Contains(others, k) {
			out = append(out, k)
		}
	}
	return out
}

// notNil returns b, or an empty slice for nil, which drivers would store as NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
