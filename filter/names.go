package filter

import (
	"strings"
	"sync/atomic"

	"github.com/hookfilter/hookfilter/webhook"
)

// names finds the nodes whose pattern matches a name. Its readers need no lock;
// its writers exclude each other.
//
// A pattern without a wildcard, and one of the form p* or *s, is found by the hash
// of its literal. Any other is filed under a gram: up to three bytes that every
// name it matches contains. What an event costs is thus the look-ups, a few for
// each byte of its name, and matching the patterns filed under its grams.
//
// Nodes are only ever added. One that has lost its last posting is idle, and stays
// until there are so many of them that all else is added anew.
type names struct {
	nodes    table[node]
	grams    table[gram]
	sizes    lengths // of the grams
	prefixes lengths // of p in p*
	suffixes lengths // of s in *s
	idle     int
}

// maxGram is the length of a gram that is long enough to be rare and short enough
// for the literals of most patterns to have one.
const maxGram = 3

// gram is a key and the nodes that are filed under it.
type gram struct {
	key   gramKey
	first filed
	more  atomic.Pointer[[]filed] // the others; appended to, else never changed
}

// filed is a node, and the end of the names that its pattern matches, which spares
// most names the memory of the node.
type filed struct {
	node      *node
	end, mask tail
}

// tail is the last bytes of a string, the very last one lowest.
type tail uint32

func newTail(s string) (t, mask tail) {
	for i := range min(len(s), 4) {
		t |= tail(s[len(s)-1-i]) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return t, mask
}

// class says how a node is found.
type class uint8

const (
	classExact  class = iota // its text is the name
	classPrefix              // p*: p begins the name
	classSuffix              // *s: s ends the name
	classGram                // it is filed under a gram of the name
)

// class returns the class of p, and the literal that its node is found by.
func (p *pattern) class() (class, string) {
	switch {
	case p.shape == shapeExact:
		return classExact, p.text
	case p.shape == shapeStar && p.suffix == 0:
		return classPrefix, p.text[:p.prefix]
	case p.shape == shapeStar && p.prefix == 0:
		return classSuffix, p.text[1:]
	default:
		return classGram, p.text
	}
}

// hash returns the hash of p's literal, from its end for a suffix.
func (p *pattern) hash() uint32 {
	class, literal := p.class()
	h := hashSeed
	for i := range len(literal) {
		if class == classSuffix {
			i = len(literal) - 1 - i
		}
		h = h.add(literal[i])
	}
	return h.sum(class)
}

// find returns the node of that class and literal, whose hash is h, or nil.
func (n *names) find(h uint32, class class, literal string) *node {
	return n.nodes.find(h, func(node *node) bool {
		c, l := node.class()
		return c == class && l == literal
	})
}

// node returns the node of the pattern with that canonical text, or nil.
func (n *names) node(text string) *node {
	p := parsePattern(text)
	class, literal := p.class()
	return n.find(p.hash(), class, literal)
}

// add adds a node that is not in n.
func (n *names) add(node *node) {
	switch class, literal := node.class(); class {
	case classPrefix:
		n.prefixes.add(len(literal))
	case classSuffix:
		n.suffixes.add(len(literal))
	case classGram:
		n.file(node)
	}
	n.nodes.insert(node.hash(), node)
	if node.len.Load() == 0 {
		n.idle++
	}
}

// dropIdle forgets the idle nodes if they are many. Meanwhile and later, readers
// find every node that is not idle.
func (n *names) dropIdle() {
	if n.idle <= 8+n.nodes.len/3 {
		return
	}
	var busy names
	for node := range n.nodes.all {
		if node.len.Load() > 0 {
			busy.add(node)
		}
	}
	n.nodes.become(&busy.nodes)
	n.grams.become(&busy.grams)
	n.sizes.become(&busy.sizes)
	n.prefixes.become(&busy.prefixes)
	n.suffixes.become(&busy.suffixes)
	n.idle = 0
}

// file files node under the last gram of its longest literal, since names begin
// alike more often than they end alike. The literal that ends the pattern counts
// only if there is no other: it is looked at anyhow. A pattern of wildcards alone
// has the empty gram.
func (n *names) file(node *node) {
	rest, suffix := node.text[:len(node.text)-int(node.suffix)], node.text[len(node.text)-int(node.suffix):]
	literal := ""
	for _, l := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(wildcards, r) }) {
		if len(l) > len(literal) {
			literal = l
		}
	}
	if literal == "" {
		literal = suffix
	}
	f := filed{node: node}
	f.end, f.mask = newTail(suffix)
	size := min(len(literal), maxGram)
	key := newGramKey(literal[len(literal)-size:])
	if g := n.gram(key); g != nil {
		more := append(g.others(), f)
		g.more.Store(&more)
		return
	}
	n.grams.insert(key.hash(), &gram{key: key, first: f})
	n.sizes.add(size)
}

func (n *names) gram(key gramKey) *gram {
	return n.grams.find(key.hash(), func(g *gram) bool { return g.key == key })
}

// others returns what is filed under g but the first.
func (g *gram) others() []filed {
	if more := g.more.Load(); more != nil {
		return *more
	}
	return nil
}

// gramKey is the bytes of a gram behind their number.
type gramKey uint32

func newGramKey(s string) gramKey {
	key := gramKey(len(s) << (8 * maxGram))
	for i := range len(s) {
		key |= gramKey(s[i]) << (8 * i)
	}
	return key
}

func (k gramKey) hash() uint32 { return ((hashSeed ^ hash(k)) * hashFactor).sum(classGram) }

// appendMatches appends the webhooks that c fires and that have an entry matching
// name, which must be folded.
func (n *names) appendMatches(dst []*webhook.Webhook, name string, c combo, s *scratch) []*webhook.Webhook {
	h, hashed := hashSeed, 0
	for length := n.prefixes.next(0, len(name)); length <= len(name); length = n.prefixes.next(length+1, len(name)) {
		for ; hashed < length; hashed++ {
			h = h.add(name[hashed])
		}
		dst = n.find(h.sum(classPrefix), classPrefix, name[:length]).appendMatches(dst, c, s)
	}
	for ; hashed < len(name); hashed++ {
		h = h.add(name[hashed])
	}
	dst = n.find(h.sum(classExact), classExact, name).appendMatches(dst, c, s)
	h, hashed = hashSeed, 0
	for length := n.suffixes.next(0, len(name)); length <= len(name); length = n.suffixes.next(length+1, len(name)) {
		for ; hashed < length; hashed++ {
			h = h.add(name[len(name)-1-hashed])
		}
		dst = n.find(h.sum(classSuffix), classSuffix, name[len(name)-length:]).appendMatches(dst, c, s)
	}
	for size := n.sizes.next(0, maxGram); size <= maxGram; size = n.sizes.next(size+1, maxGram) {
		dst = n.appendGramMatches(dst, name, size, c, s)
	}
	return dst
}

// appendGramMatches is appendMatches for the nodes filed under grams of a size.
func (n *names) appendGramMatches(dst []*webhook.Webhook, name string, size int, c combo, s *scratch) []*webhook.Webhook {
	end, _ := newTail(name)
	grams := n.grams.slots.Load()
	for i := 0; i+size <= len(name); i++ {
		key := newGramKey(name[i : i+size])
		if !grams.mayHave(key.hash()) {
			continue
		}
		g := n.gram(key)
		// A gram that is in the name twice counts once.
		if g == nil || strings.Index(name, name[i:i+size]) < i {
			continue
		}
		dst = g.first.appendMatches(dst, name, end, c, s)
		for _, f := range g.others() {
			dst = f.appendMatches(dst, name, end, c, s)
		}
	}
	return dst
}

func (f *filed) appendMatches(dst []*webhook.Webhook, name string, end tail, c combo, s *scratch) []*webhook.Webhook {
	if end&f.mask == f.end && f.node.match(name) {
		dst = f.node.appendMatches(dst, c, s)
	}
	return dst
}
