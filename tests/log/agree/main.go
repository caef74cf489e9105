// Another implementation's view of a log: golang.org/x/mod/sumdb, which knows nothing of Assay.
//
//	agree read FOLDER VKEY [PROOF...]   checks the checkpoint, every entry, inclusion and consistency proofs
//	                                    between sizes; and .tlog-proof files against proofs of its own
//	agree write FOLDER NAME SIZE        makes a log of its own (entries "entry N"); prints its key
//
// Go's tile paths carry the tile height (tile/8/0/000), tlog-tiles' don't; entries stand elsewhere.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "agree:", err)
		os.Exit(1)
	}
}

func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

func bundle(n int64, w int) string {
	return strings.Replace(tlog.Tile{H: height, L: 0, N: n, W: w}.Path(), "tile/8/0/", "tile/entries/", 1)
}

type folder struct{ root string }

func (f folder) Height() int { return height }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(f.root, path(t)))
		if os.IsNotExist(err) {
			// A partial tile may have been replaced by the full one.
			data, err = os.ReadFile(filepath.Join(f.root, path(tlog.Tile{H: t.H, L: t.L, N: t.N, W: 1 << height})))
			if err == nil {
				data = data[:t.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func parse(text string) tlog.Tree {
	lines := strings.Split(text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func open(text []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	n, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	if name := strings.SplitN(n.Text, "\n", 2)[0]; name != verifier.Name() {
		check(fmt.Errorf("origin %q, key %q", name, verifier.Name()))
	}
	return parse(n.Text)
}

func entries(root string, size int64) [][]byte {
	var out [][]byte
	for n := int64(0); n*256 < size; n++ {
		w := 256
		if size-n*256 < 256 {
			w = int(size - n*256)
		}
		data, err := os.ReadFile(filepath.Join(root, bundle(n, w)))
		check(err)
		for i := 0; i < w; i++ {
			length := binary.BigEndian.Uint16(data)
			out = append(out, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			check(fmt.Errorf("bundle %d has bytes too many", n))
		}
	}
	return out
}

func read(root, vkey string, proofs []string) {
	text, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	check(err)
	tree := open(text, vkey)
	reader := tlog.TileHashReader(tree, folder{root})
	all := entries(root, tree.N)
	step := tree.N/40 + 1
	for i := int64(0); i < tree.N; i++ {
		hash := tlog.RecordHash(all[i])
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		check(err)
		if stored[0] != hash {
			check(fmt.Errorf("entry %d is not the one in the tree", i))
		}
		if i%step == 0 {
			proof, err := tlog.ProveRecord(tree.N, i, reader)
			check(err)
			check(tlog.CheckRecord(proof, tree.N, tree.Hash, i, hash))
			older, err := tlog.TreeHash(i+1, reader)
			check(err)
			grown, err := tlog.ProveTree(tree.N, i+1, reader)
			check(err)
			check(tlog.CheckTree(grown, tree.N, tree.Hash, i+1, older))
		}
	}
	for _, name := range proofs {
		text, err := os.ReadFile(name)
		check(err)
		parts := bytes.SplitN(text, []byte("\n\n"), 2)
		lines := strings.Split(string(parts[0]), "\n")
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		check(err)
		at := open(parts[1], vkey)
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			check(err)
			proof = append(proof, hash)
		}
		check(tlog.CheckRecord(proof, at.N, at.Hash, index, tlog.RecordHash(all[index])))
		grown, err := tlog.ProveTree(tree.N, at.N, reader)
		check(err)
		check(tlog.CheckTree(grown, tree.N, tree.Hash, at.N, at.Hash))
	}
	fmt.Printf("%d entries, %d proofs\n", tree.N, len(proofs))
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, h[i])
	}
	return out, nil
}

func put(root, name string, data []byte) {
	full := filepath.Join(root, name)
	check(os.MkdirAll(filepath.Dir(full), 0755))
	check(os.WriteFile(full, data, 0644))
}

func write(root, name string, size int64) {
	secret, vkey, err := note.GenerateKey(nil, name)
	check(err)
	signer, err := note.NewSigner(secret)
	check(err)
	var stored hashes
	var data []byte
	for i := int64(0); i < size; i++ {
		entry := []byte(fmt.Sprintf("entry %d", i))
		data = append(data, byte(len(entry)>>8), byte(len(entry)))
		data = append(data, entry...)
		if i%256 == 255 || i == size-1 {
			put(root, bundle(i/256, int(i%256)+1), data)
			data = nil
		}
		more, err := tlog.StoredHashes(i, entry, stored)
		check(err)
		stored = append(stored, more...)
	}
	for _, t := range tlog.NewTiles(height, 0, size) {
		tile, err := tlog.ReadTileData(t, stored)
		check(err)
		put(root, path(t), tile)
	}
	root256, err := tlog.TreeHash(size, stored)
	check(err)
	text := fmt.Sprintf("%s\n%d\n%s\n", name, size, root256)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	check(err)
	put(root, "checkpoint", signed)
	fmt.Println(vkey)
}

func main() {
	switch os.Args[1] {
	case "read":
		read(os.Args[2], os.Args[3], os.Args[4:])
	case "write":
		size, err := strconv.ParseInt(os.Args[4], 10, 64)
		check(err)
		write(os.Args[2], os.Args[3], size)
	}
}
