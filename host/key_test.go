package host_test

import (
	"bytes"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// A key that would take seconds to check, or hours, is not looked into.
func TestLongPrivateKey(t *testing.T) {
	number := func(bits int) *big.Int {
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
		if err != nil {
			t.Fatal(err)
		}
		return n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
	}
	p, q := number(100_000), number(100_000)
	der, err := asn1.Marshal(struct {
		Version               int
		N                     *big.Int
		E                     int
		D, P, Q, Dp, Dq, QInv *big.Int
	}{0, new(big.Int).Mul(p, q), 65537, number(200_000), p, q, number(99_000), number(99_000), number(99_000)})
	if err != nil {
		t.Fatal(err)
	}
	long := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der})
	inText := bytes.Repeat([]byte{' '}, 64<<10) // and nothing else
	short := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der[:8<<10+1]})
	for name, text := range map[string][]byte{"a long text": long, "many spaces": append(inText, ' '), "a long block": short} {
		begun := time.Now()
		_, err := host.ParsePrivateKey(text)
		if err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: got %v", name, err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
