package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// awsSigner is AWS Signature Version 4, over the whole request with the hash of
// its body.
type awsSigner struct{ clock host.Clock }

var _ host.Signer = awsSigner{}

// Sign sets Authorization, X-Amz-Date and, where there is a session, its token.
func (s awsSigner) Sign(req *http.Request, cred host.Credential) error {
	keys, region, err := awsKeys(cred)
	if err != nil {
		return err
	}
	service, err := awsService(cred, req.URL)
	if err != nil {
		return err
	}
	hash, err := bodyHash(req)
	if err != nil {
		return err
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		dropHeader(req, name)
	}
	s3 := service == "s3"
	if s3 {
		setHeader(req, "X-Amz-Content-Sha256", hash)
	}
	// The signer sorts the query and signs every header that it finds; AWS sorts
	// by itself, and what passes on changes headers. So it works on a copy.
	req.URL.RawQuery = strings.ReplaceAll(req.URL.RawQuery, "+", "%20") // AWS reads + as itself
	work := req.Clone(req.Context())
	work.ContentLength = 0 // not signed: a transport may send chunks
	work.URL = &url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.Path, RawPath: req.URL.RawPath, RawQuery: req.URL.RawQuery}
	if !s3 {
		work.URL.Opaque = "//" + req.URL.Host + normalPath(req.URL.EscapedPath())
	}
	work.Header = http.Header{}
	for name, values := range req.Header {
		if signed[name] || len(name) > 6 && name[:6] == "X-Amz-" {
			work.Header[name] = values
		}
	}
	err = v4.NewSigner().SignHTTP(context.Background(), keys, work, hash, service, region, s.clock.At(req.URL), func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = s3
	})
	if err != nil {
		return host.Errorf(host.Failed, "the request cannot be signed for AWS").Because(err)
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		if v := work.Header.Get(name); v != "" {
			setHeader(req, name, v)
		}
	}
	return nil
}

// signed are the headers beside X-Amz-* and Host that are part of the signature:
// those that nothing on the way changes.
var signed = map[string]bool{"Content-Type": true, "Content-Md5": true}

// normalPath is the path that AWS signs, all but s3: without empty, "." and ".."
// segments. What is sent stays as it is.
func normalPath(escaped string) string {
	clean := path.Clean("/" + escaped)
	if last := escaped[strings.LastIndexByte(escaped, '/')+1:]; clean != "/" && (last == "" || last == "." || last == "..") {
		clean += "/"
	}
	return clean
}

// Reveals lists nothing beyond the values: the secret key is never sent.
func (awsSigner) Reveals(host.Credential) []string { return nil }

func awsKeys(cred host.Credential) (aws.Credentials, string, error) {
	var c aws.Credentials
	var region string
	for _, part := range []struct {
		template string
		empty    presence
		into     *string
	}{
		{"{access_key_id}", needed, &c.AccessKeyID},
		{"{secret_access_key}", needed, &c.SecretAccessKey},
		{"{session_token|}", mayBeEmpty, &c.SessionToken},
		{cred.Auth.RegionTemplate(), needed, &region},
	} {
		var err error
		if *part.into, err = fill(cred, part.template, part.empty); err != nil {
			return c, "", err
		}
	}
	return c, region, nil
}

// awsService is what a request is signed for: what the manifest says of its
// host, or of every other.
func awsService(cred host.Credential, u *url.URL) (string, error) {
	for _, template := range slices.Sorted(maps.Keys(cred.Auth.Services)) {
		name, err := fill(cred, template, needed)
		if err != nil {
			return "", err
		}
		if abi.MatchHost(name, u) {
			return cred.Auth.Services[template], nil
		}
	}
	return fill(cred, cred.Auth.ServiceTemplate(), needed)
}

// bodyHash is the SHA-256 of the body, in lower-case hex.
func bodyHash(req *http.Request) (string, error) {
	h := sha256.New()
	if req.GetBody != nil {
		in, err := req.GetBody()
		if err != nil {
			return "", err
		}
		defer in.Close()
		if _, err := io.Copy(h, in); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
