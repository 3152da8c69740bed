package plugintest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// The rules of tokens that end.
var renewalRules = []Rule{
	{
		Name: "refresh", Asks: "A token is renewed once when it has ended, and not before.",
		spared: noRenewal, check: renewsOnce,
	},
	{
		Name: "rotation", Asks: "Each refresh presents the token that the one before brought.",
		spared: noRefreshToken, check: rotates,
	},
	{
		Name: "lost", Asks: "After a lost answer no refresh token is presented twice while anything is left to lose, and the connection goes on or says what it needs.",
		spared: noRefreshToken, check: losesNothing,
	},
	{
		Name: "unauthorized", Asks: "A token that the service refuses in mid-life is renewed once, and the call is repeated once.",
		spared: noRenewal, check: renewsRefused,
	},
	{
		Name: "ended", Asks: "A grant that was ended at the service needs authorizing again, and the connection says why.",
		spared: noRefreshToken, check: tellsEnd,
	},
	{
		Name: "revoke", Asks: "To revoke ends the grant at the service.",
		spared: noRevoke, check: revokes,
	},
}

func noRenewal(m abi.Manifest) string {
	if !m.Renews() {
		return "its credential is not renewed"
	}
	return noCalls(m)
}

func noRefreshToken(m abi.Manifest) string {
	if m.Renews() && m.Mints() {
		return "it gets its next token without a refresh token"
	}
	return noRenewal(m)
}

// left is how long the token lives as far as the host knows; 0 for an end that
// nobody knows.
func (r *Rehearsal) left(ctx context.Context) (time.Duration, error) {
	place, err := r.Place(ctx)
	if err != nil || place.Authorization == nil || place.Authorization.TokenExpires.IsZero() {
		return 0, err
	}
	return place.Authorization.TokenExpires.Sub(r.Now()), nil
}

// outlive sets the clock behind the end of the token, for the host and for the
// service.
func (r *Rehearsal) outlive(ctx context.Context) error {
	left, err := r.left(ctx)
	r.Advance(max(left, r.Manifest.Lifetime(), time.Hour) + time.Minute)
	return err
}

func renewsOnce(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		name  string
		later bool
		want  int
	}{{"while the token lives", false, 0}, {"after the token's end", true, 1}, {"with the new token", false, 0}} {
		if step.later {
			if err := r.outlive(ctx); err != nil {
				return err
			}
		}
		seen := r.seenSoFar()
		if err := r.works(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if n := count(r.since(seen), renewalOf(r.Manifest)); n != step.want {
			return fmt.Errorf("%s the service saw %d renewals, want %d", step.name, n, step.want)
		}
	}
	return nil
}

func rotates(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	for n := 1; n <= 3; n++ {
		if err := r.outlive(ctx); err != nil {
			return err
		}
		if err := r.works(ctx); err != nil {
			return fmt.Errorf("refresh %d: %w", n, err)
		}
	}
	return nil
}

// losesNothing loses the answer to a refresh that is due while the access token
// still lives.
func losesNothing(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	m := r.Manifest
	left, err := r.left(ctx)
	switch {
	case err != nil:
		return err
	case left == 0:
		return spared("nobody knows when its tokens end")
	case m.Margin() >= left:
		return spared("its margin renews every token at once")
	}
	r.Advance(left - m.Margin()/2)
	if err := r.Fault(lab.Fault{Fault: "lost_answer", On: "refresh"}); err != nil {
		return err
	}
	seen := r.seenSoFar()
	_ = r.works(ctx) // the lost one; whether the call waits for it is the host's affair
	err = r.works(ctx)
	if n := count(r.since(seen), "refresh"); n > 1 && m.Rotates() && m.Grace() == 0 && m.Introspect == nil && m.Auth.Issuer == "" {
		return fmt.Errorf("the refresh token was presented %d times while the access token lived", n)
	}
	if err != nil {
		return fmt.Errorf("while the access token lived: %w", err)
	}
	r.Advance(m.Margin() + 5*time.Minute)
	return r.worksOrSays(ctx, r.works(ctx))
}

// worksOrSays takes an error only of a connection that says what it needs.
func (r *Rehearsal) worksOrSays(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if wrong := typed(err); wrong != nil {
		return wrong
	}
	place, failed := r.Place(ctx)
	switch {
	case failed != nil:
		return failed
	case host.CodeOf(err) == host.NeedsAuth && place.Status == host.Status(host.NeedsReauth) && place.Reason != "":
		return nil
	case host.CodeOf(err) == host.NeedsAuth:
		return fmt.Errorf("it is refused for want of authorizing, and the connection is %s", place.Status)
	}
	return err
}

func renewsRefused(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	r.Lab.Expire()
	seen := r.seenSoFar()
	if err := r.works(ctx); err != nil {
		return err
	}
	list := r.since(seen)
	if renewals, sent := count(list, renewalOf(r.Manifest)), calls(list); renewals != 1 || sent != 2 {
		return fmt.Errorf("the service saw %d renewals and %d calls, want 1 and 2", renewals, sent)
	}
	return nil
}

func tellsEnd(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	r.Lab.EndAll()
	err := r.works(ctx)
	if err == nil {
		return errors.New("a call works with a grant that has ended")
	}
	if host.CodeOf(err) != host.NeedsAuth {
		return fmt.Errorf("the end is told as something else: %w", err)
	}
	return r.worksOrSays(ctx, err)
}

func noRevoke(m abi.Manifest) string {
	if m.Revoke == nil {
		return "it declares no request that revokes"
	}
	return noRenewal(m)
}

func revokes(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	seen := r.seenSoFar()
	got, err := r.Revoke(ctx, r.Subject, host.Development, r.Link)
	if err != nil {
		return err
	}
	if got.Upstream != broker.UpstreamRevoked {
		return errors.New(got.Upstream)
	}
	list := r.since(seen)
	if n := count(list, "revoke"); n != 1 {
		return fmt.Errorf("the service was told %d times", n)
	}
	for _, e := range list {
		if e.Outcome == "unknown token" {
			return errors.New("the service was told of a token that it does not know")
		}
	}
	place, err := r.Place(ctx)
	if err == nil && place.Status != host.NotConnected {
		err = fmt.Errorf("the connection is %s", place.Status)
	}
	return err
}
