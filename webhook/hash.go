package webhook

import (
	"encoding/binary"
	"hash/maphash"
	"time"
)

// Hash returns a hash of all fields of w, including which optional fields were present in
// its JSON. For one seed, webhooks with equal fields have equal hashes, and webhooks that
// encode to different JSON have different hashes, except by chance. Hash allocates nothing.
func (w *Webhook) Hash(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.Write(w.ID[:])
	hashTime(&h, w.CreatedAt)
	hashTime(&h, w.UpdatedAt)
	hashString(&h, w.Kind)
	hashString(&h, w.TargetURL)
	hashBool(&h, w.TargetSecretSet)
	hashString(&h, w.Description)
	hashBool(&h, w.Enabled)
	hashList(&h, w.Events)
	hashList(&h, w.ProjectNamesFilter)
	hashList(&h, w.EnvironmentTypesFilter)
	h.WriteByte(byte(w.wire))
	return h.Sum64()
}

// The length of a string or list is hashed before its content, so that different webhooks
// never write the same bytes to the hash.

func hashString[S ~string](h *maphash.Hash, s S) {
	hashInt(h, int64(len(s)))
	h.WriteString(string(s))
}

func hashList[S ~string](h *maphash.Hash, list []S) {
	if list == nil { // absent in JSON, unlike an empty list
		hashInt(h, -1)
		return
	}
	hashInt(h, int64(len(list)))
	for _, s := range list {
		hashString(h, s)
	}
}

// hashTime writes the instant and the offset of its zone. Other properties of a
// location do not appear in RFC 3339.
func hashTime(h *maphash.Hash, t time.Time) {
	_, offset := t.Zone()
	hashInt(h, t.Unix())
	hashInt(h, int64(t.Nanosecond()))
	hashInt(h, int64(offset))
}

func hashBool(h *maphash.Hash, b bool) {
	var n int64
	if b {
		n = 1
	}
	hashInt(h, n)
}

func hashInt(h *maphash.Hash, n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}
