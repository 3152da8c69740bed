package broker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// sign lets the connector's own code add to a request that is about to leave,
// before the host's credential is put on: the hook never sees that.
// It gives what the hook's places are filled from, too.
func (b *Broker) sign(req *http.Request, r *route, s host.Secrets, c concealed) (out abi.SignOutput, v host.Vault, err error) {
	shown, body, err := sentRequest(req, c, r.redactor)
	if err != nil {
		return out, v, err
	}
	if placed(shown) || !c.body && bytes.Contains(body, []byte(host.SecretPlace)) {
		return out, v, host.Errorf(host.Refused, "the call holds %s, which the code of connector %q would take for the place of a secret",
			host.SecretPlace, r.connector.ID)
	}
	g := r.guest(s)
	own, body := c.from(&shown, body)
	g.vault, g.bodies = with(g.vault, own), [][]byte{body}
	err = b.callFor(req.Context(), r, g, abi.HookSign, abi.SignInput{Request: shown, Fields: fields(r.values)}, &out)
	return out, g.vault, err
}

// placed reports whether the URL or a header of a request holds the place of a
// secret. Those of the connector are filled: a script has put it there.
func placed(shown abi.SentRequest) bool {
	plain, err := url.QueryUnescape(shown.URL)
	if err != nil {
		plain = ""
	}
	found := host.HasPlace(shown.URL) || host.HasPlace(plain)
	for _, text := range shown.Header {
		found = found || host.HasPlace(text)
	}
	return found
}

// addSigned puts what the hook gave on the request, with the places of its
// secrets filled. Egress looks at every header again.
func addSigned(req *http.Request, r *route, v host.Vault, out abi.SignOutput) error {
	fill := host.Filler{Find: v.Find}
	for name, text := range out.Header {
		filled, err := fill.Fill(text)
		if err != nil {
			return r.unfilled(abi.HookSign, err)
		}
		req.Header.Set(name, filled)
	}
	for _, name := range slices.Sorted(maps.Keys(out.Query)) {
		filled, err := fill.Fill(out.Query[name])
		if err != nil {
			return r.unfilled(abi.HookSign, err)
		}
		host.SetQuery(req.URL, name, filled)
	}
	return nil
}

// unfilled says that a hook named a secret that is none.
func (r *route) unfilled(hook string, err error) error {
	return broke(r.connector, hook, sentence(err)).Because(err)
}

// sentRequest is a request as the sign hook sees it, with its body when that
// is short enough to be read.
func sentRequest(req *http.Request, c concealed, mask *host.Redactor) (abi.SentRequest, []byte, error) {
	out := abi.SentRequest{Method: req.Method, URL: mask.Text(c.url(req.URL).String()), Header: guestHeader(req.Header)}
	for name, text := range out.Header {
		out.Header[name] = mask.Text(text)
	}
	hash := sha256.New()
	var body bytes.Buffer
	if req.GetBody != nil {
		in, err := req.GetBody()
		if err != nil {
			return out, nil, err
		}
		defer in.Close()
		if out.BodySize, err = io.Copy(io.MultiWriter(hash, &begin{to: &body, left: abi.MaxSignedBody + 1}), in); err != nil {
			return out, nil, err
		}
	}
	out.BodySHA256 = hex.EncodeToString(hash.Sum(nil))
	switch {
	case out.BodySize > abi.MaxSignedBody:
		return out, nil, nil
	case inline(body.Bytes()):
		out.Body = body.String()
	default:
		out.BodyHandle = 1
	}
	return out, body.Bytes(), nil
}

// A begin keeps the beginning of what is written.
type begin struct {
	to   *bytes.Buffer
	left int
}

func (w *begin) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	w.to.Write(p[:n])
	return len(p), nil
}

// A signing puts the credential of one call on each of its attempts: the host's
// by the auth type, and the connector's own code's beside it. A refresh between
// two attempts changes its pen.
type signing struct {
	b      *Broker
	r      *route
	own    host.Signer
	pen    *pen
	filled concealed
	told   bool          // by the service how to sign, which it tells once
	skew   time.Duration // of the service's clock, as it was signed with
	again  bool          // it was signed again for another

	seen func(by string, req *http.Request) // told after each that puts something on; may be nil
}

func (b *Broker) signing(r *route, filled concealed, with *pen) (*signing, error) {
	if r.signer == nil {
		return nil, host.Errorf(host.Refused, "connector %q wants the auth type %q, which this host does not know", r.connector.ID, r.connector.Manifest.Auth.Type)
	}
	return &signing{b: b, r: r, own: r.signer, pen: with, filled: filled}, nil
}

// late says whether a request was signed with a time that the service may have
// refused: its answer told of another clock than was known.
func (s *signing) late(resp *http.Response) bool {
	refused := resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusBadRequest
	if !s.r.times || !refused || s.again || resp.Request == nil {
		return false
	}
	s.again = (s.b.Skews.Of(host.Origin(resp.Request.URL)) - s.skew).Abs() > time.Minute
	return s.again
}

// needed reports whether there is anything to sign with.
func (s *signing) needed() bool {
	return s.r.hooked || s.r.connector.Manifest.Auth.Type != abi.AuthNone
}

func (s *signing) sign(req *http.Request) error {
	if !s.r.hooked {
		return s.saw(FromCredential, req, s.attach(req))
	}
	added, vault, err := s.b.sign(req, s.r, s.pen.secrets, s.filled)
	if err != nil {
		return err
	}
	for name := range added.Header {
		if strings.EqualFold(name, "Authorization") && req.Header.Get(name) != "" {
			return s.r.taken(http.CanonicalHeaderKey(name))
		}
	}
	if err := s.saw(FromCredential, req, s.attach(req)); err != nil {
		return err
	}
	return s.saw(FromHook, req, addSigned(req, s.r, vault, added))
}

func (s *signing) saw(by string, req *http.Request, err error) error {
	if err == nil && s.seen != nil {
		s.seen(by, req)
	}
	return err
}

// attach puts the host's credential on. A web token is another one than before,
// now and then and for another clock, and known once it is there.
func (s *signing) attach(req *http.Request) error {
	if s.pen.put != nil && !s.told {
		return s.pen.put(req)
	}
	if s.r.times {
		s.skew = s.b.Skews.Of(host.Origin(req.URL))
	}
	err := s.own.Sign(req, s.pen.credential)
	if s.r.connector.Manifest.Auth.Type == abi.AuthJWT {
		s.r.redactor.Learn(s.own.Reveals(s.pen.credential)...)
	}
	return err
}

// heard takes what the last answer tells for the next call: a nonce.
func (s *signing) heard(resp *http.Response) {
	if !s.r.proves {
		return
	}
	if a, ok := s.own.(host.Answerer); ok {
		a.Answer(resp, s.pen.credential)
	}
}

// challenged says whether a refusal is worth another attempt: the service told
// how to sign, or a refresh brought another token.
func (s *signing) challenged(ctx context.Context, resp *http.Response) (bool, error) {
	if s.answer(resp) {
		return true, nil
	}
	a := s.pen.authorization
	if !a.Renewable || a.ID == "" || s.pen.refreshed || !s.r.connector.Manifest.Ended(resp.StatusCode) {
		return false, nil
	}
	next, err := s.b.refresh(ctx, s.r, need{version: a.SecretVersion, dead: true})
	if err != nil || next.authorization.SecretVersion == a.SecretVersion || next.secrets.Access.Empty() {
		return false, err
	}
	next.refreshed = true
	s.pen = refreshedPen(s.r, next)
	return true, nil
}

// answer takes what the service asks for in a refusal, where the auth type knows
// how to answer; or its clock, which the refusal may have been the first to tell.
func (s *signing) answer(resp *http.Response) bool {
	if s.late(resp) {
		return true
	}
	a, ok := s.own.(host.Answerer)
	if !ok || s.told {
		return false
	}
	next := a.Answer(resp, s.pen.credential)
	if next != nil {
		s.own, s.told = next, true
	}
	return next != nil
}
