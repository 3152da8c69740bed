package seal

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"github.com/connhost/connhost/host"
)

const (
	// shortestPassphrase is in bytes; whoever has the file can guess for ever.
	shortestPassphrase = 12
	// workFactor is log2 of scrypt's N: about a second. More than maxWork is not
	// tried: it would take minutes and gigabytes.
	workFactor, maxWork = 18, 20
)

// Wrap encrypts data for who has the passphrase. The format is age's
// (https://age-encryption.org/v1): "age --decrypt" opens it too.
func Wrap(data []byte, passphrase host.Secret) ([]byte, error) {
	return wrap(data, passphrase, workFactor)
}

func wrap(data []byte, passphrase host.Secret, work int) ([]byte, error) {
	if len(passphrase.Reveal()) < shortestPassphrase {
		return nil, host.Errorf(host.Usage, "the passphrase is shorter than %d characters", shortestPassphrase)
	}
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(work)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil { // the end is written by Close
		return nil, err
	}
	return out.Bytes(), nil
}

// Unwrap opens what Wrap has made. A wrong passphrase and a damaged file are
// told apart as far as the format can.
func Unwrap(data []byte, passphrase host.Secret, most int64) ([]byte, error) {
	if passphrase.Empty() {
		return nil, host.Errorf(host.Usage, "the passphrase is empty")
	}
	from, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	from.SetMaxWorkFactor(maxWork)
	r, err := age.Decrypt(bytes.NewReader(data), from)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, host.Errorf(host.Failed, "the passphrase does not open the file").Because(err)
	}
	if err != nil {
		return nil, host.Errorf(host.Failed, "the file is none that connhost export has made, or it is damaged").Because(err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, host.Errorf(host.Failed, "the file is damaged").Because(err)
	}
	return plain, nil
}
