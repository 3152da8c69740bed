package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/connhost/connhost/host"
)

// chainHash is the SHA-256, in hex, of the hash before and of everything that
// the record says. Each text stands after its length, details in the order of
// their keys, and times in milliseconds, so that a record has one encoding.
func chainHash(before string, r host.Record) string {
	parts := []string{
		"connhost audit record 1", before,
		strconv.FormatInt(r.Seq, 10), strconv.FormatInt(millis(r.At), 10),
		string(r.By), string(r.Act), r.Object, strconv.FormatInt(r.SecretVersion, 10),
	}
	for _, key := range slices.Sorted(maps.Keys(r.Detail)) {
		parts = append(parts, key, r.Detail[key])
	}
	sum := sha256.Sum256(frame(parts...))
	return hex.EncodeToString(sum[:])
}

// Verify checks a whole audit chain, as Audit.List gives it for all objects.
// Its error names the first record that was altered, left out or put in. That
// the newest records are missing does not show in a chain: who wants to
// notice keeps the last hash elsewhere.
func Verify(records []host.Record) error {
	before := ""
	for i, r := range records {
		if want := int64(i) + 1; r.Seq != want {
			return host.Errorf(host.Failed, "the audit chain is broken: record %d stands where record %d should", r.Seq, want)
		}
		hash := chainHash(before, r)
		if r.Hash != hash {
			return host.Errorf(host.Failed, "the audit chain is broken: record %d was altered", r.Seq).
				Because(fmt.Errorf("its hash is %s, its content has %s", r.Hash, hash))
		}
		before = hash
	}
	return nil
}
