package sdk

// A CryptoCall is what a guest asks of the import "crypto". What it gives is
// staged for "take": bytes, or a text where the operation says so.
//
// Key and Data are texts that may hold {{secret:NAME}} places: a key always,
// data only for a MAC (hmac, derive, and verify of an hmac) whose key holds one
// too. A hash, a MAC with a key that the guest knows and a signature, out of
// which anyone with the public key reads the digest, would let the guest try
// guesses of a secret.
type CryptoCall struct {
	Op  string `json:"op"`  // hash, hmac, derive, sign, verify
	Alg string `json:"alg"` // md5, sha1, sha256, sha384, sha512; RS256, PS256, ES256, EdDSA and so on

	// Key is needed by all but hash. For hmac and derive it is the bytes of the
	// text; for sign a private key, for verify a public key or the key of an
	// hmac. KeyEncoding says that the text is base64 or hex of the key.
	Key         string `json:"key,omitempty"`
	KeyEncoding string `json:"key_encoding,omitempty"`

	// One of these is the data: a text, bytes in base64, or a body by its
	// handle.
	Data       string `json:"data,omitempty"`
	DataBase64 string `json:"data_base64,omitempty"`
	DataHandle int    `json:"data_handle,omitempty"`

	// Signature is what verify compares, in base64.
	Signature string `json:"signature,omitempty"`
}
