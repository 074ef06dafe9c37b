package filter

import (
	"hash/maphash"
	"math/rand/v2"

	"github.com/google/uuid"
)

// hash is the state of a hash to which bytes are added one by one, so that hashing
// every prefix of a name costs no more than hashing the name. It starts as
// hashSeed.
type hash uint64

// The seeds and the factor differ in each process, so that nobody can choose names
// whose hashes are the same. With a known factor, what follows a byte depends on so
// little of the seed that a few hundred sets of names have one that collides.
var (
	hashSeed   = hash(rand.Uint64())
	hashFactor = hash(rand.Uint64() | 1)
	uuidSeed   = maphash.MakeSeed()
)

// sumFactor spreads a hash over its upper bits.
const sumFactor = 0x9e3779b97f4a7c15

func (h hash) add(c byte) hash { return (h ^ hash(c)) * hashFactor }

// sum returns the hash of the bytes added, and of the class of thing they are.
func (h hash) sum(class class) uint32 {
	h ^= hash(class)
	return uint32((h ^ h>>32) * sumFactor >> 32)
}

func hashID(id uuid.UUID) uint32 { return uint32(maphash.Bytes(uuidSeed, id[:])) }
