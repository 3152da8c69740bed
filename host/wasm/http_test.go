package wasm_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

type fetch = func(context.Context, abi.GuestRequest) (abi.Response, []byte, error)

// fetches calls the guest's action with so many requests.
func (b *bench) fetches(ctx context.Context, hash string, budget host.Budget, do fetch, urls ...string) ([]string, host.Used, error) {
	var list []abi.GuestRequest
	for _, u := range urls {
		list = append(list, abi.GuestRequest{URL: u})
	}
	params, _ := json.Marshal(list)
	input, _ := json.Marshal(abi.ActionInput{Action: "x", Parameters: params})
	out, used, err := b.Call(ctx, host.GuestCall{Hash: hash, Hook: "action", Input: input, Fetch: do, Budget: budget})
	var answer abi.ActionOutput
	var bodies []string
	_ = json.Unmarshal(out, &answer)
	_ = json.Unmarshal(answer.Result, &bodies)
	return bodies, used, err
}

func TestFetch(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(guest(t))
	ctx := context.Background()
	do := func(_ context.Context, r abi.GuestRequest) (abi.Response, []byte, error) {
		switch r.URL {
		case "/big":
			body := bytes.Repeat([]byte("x"), 70_000)
			return abi.Response{Status: 200, BodyHandle: 1, BodySize: len(body)}, body, nil
		case "/refused":
			return abi.Response{}, nil, host.Errorf(host.Refused, "that host is not declared")
		case "/bug":
			return abi.Response{}, nil, errors.New("secret detail")
		}
		return abi.Response{Status: 200, Body: "answer to " + r.URL, BodySize: 10 + len(r.URL)}, nil, nil
	}
	got, _, err := b.fetches(ctx, hash, host.Budget{}, do, "/a", "/big", "/refused", "/bug", "/big")
	want := "answer to /a|70000 bytes by handle 1|that host is not declared|internal error|70000 bytes by handle 2"
	if err != nil || strings.Join(got, "|") != want {
		t.Errorf("got %q, %v", got, err)
	}
	// The limit is an answer to the guest and not its end.
	got, _, err = b.fetches(ctx, hash, host.Budget{HTTPCalls: 1}, do, "/a", "/b")
	if err != nil || len(got) != 2 || !strings.Contains(got[1], "all the requests") {
		t.Errorf("got %q, %v", got, err)
	}
	if got, _, err = b.fetches(ctx, hash, host.Budget{}, nil, "/a"); err != nil || len(got) != 1 || !strings.Contains(got[0], "may not make requests") {
		t.Errorf("without a fetch: got %q, %v", got, err)
	}
}

// Waiting for a network takes neither the guest's time nor a place from others.
func TestFetchWaitsOutside(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Concurrent: 1, Time: 300 * time.Millisecond}})
	hash := b.add(guest(t))
	if err := b.Prepare(context.Background(), hash); err != nil {
		t.Fatal(err)
	}
	waiting, goOn := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		got, used, err := b.fetches(context.Background(), hash, host.Budget{}, func(context.Context, abi.GuestRequest) (abi.Response, []byte, error) {
			close(waiting)
			<-goOn
			return abi.Response{Status: 200, Body: "late"}, nil, nil
		}, "/slow")
		if err != nil || len(got) != 1 || got[0] != "late" {
			t.Errorf("got %q, %v", got, err)
		}
		if used.Time >= 600*time.Millisecond {
			t.Errorf("the guest used %s", used.Time)
		}
	})
	<-waiting
	b.serves(t) // the only place is free
	time.Sleep(600 * time.Millisecond)
	close(goOn)
	done.Wait()
}

// A call that ends while it waits ends there, and a runtime that closes ends it.
func TestFetchEnds(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Concurrent: 1}})
	hash := b.add(guest(t))
	ctx, cancel := context.WithCancel(context.Background())
	_, _, err := b.fetches(ctx, hash, host.Budget{}, func(context.Context, abi.GuestRequest) (abi.Response, []byte, error) {
		cancel()
		return abi.Response{}, nil, ctx.Err()
	}, "/a")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.serves(t)
}

// Imports that the manifest does not speak of are refused at loading.
func TestImportsNeedTheManifest(t *testing.T) {
	b := open(t, wasm.Options{})
	for name, part := range map[string]string{"http": `no hook "action"`, "secret": "lists nothing in reveal_secrets"} {
		u := unit{imports: []function{from(name, 2)}, funcs: []function{hook("test", num(0))}}
		_, err := b.call(b.add(file(t, u.wasm(), "test")), "test", "{}")
		wantError(t, err, host.Violation, "import", part)
	}
}
