package abi_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// FuzzParse: every error is ours and has a problem with a code and a sentence,
// and what is accepted is written and read again as the same manifest, and is
// accepted by the schema too.
func FuzzParse(f *testing.F) {
	f.Add([]byte(skeleton))
	f.Add([]byte(oauth))
	f.Add([]byte(`{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"basic","username":"{k}","password":""},"parameters":[{"key":"k","secret":true}],"hosts":["{k|a}:{k|1}"]}`))
	f.Add([]byte(`{"a":{"b":[1,null,"\ud800"]},"a":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := abi.Parse(data)
		if err != nil {
			me, ok := errors.AsType[*abi.ManifestError](err)
			if !ok || len(abi.Faults(me.Problems)) == 0 || me.Problems[0].Msg == "" || me.Problems[0].Code == "" {
				t.Fatalf("an error without a problem: %v", err)
			}
			return
		}
		if err := schemaError(t, data); err != nil {
			t.Fatalf("the schema refuses what the validator takes: %v", err)
		}
		m.Fields()
		m.DeclaredHosts()
		once, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := abi.Parse(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, _ := json.Marshal(again); string(twice) != string(once) {
			t.Fatalf("%s\n%s", once, twice)
		}
	})
}
