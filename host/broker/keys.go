package broker

import (
	"context"

	"github.com/connhost/connhost/host"
)

// RotateKey makes a new key for the store and seals every row with it while
// others read and write, or finishes a change that was interrupted. Forget keeps
// the keys before nowhere.
func (b *Broker) RotateKey(ctx context.Context, sub host.Subject, forget bool) (host.KeyRotation, error) {
	keeper, err := b.keeper(sub)
	if err != nil {
		return host.KeyRotation{}, err
	}
	return keeper.RotateKey(ctx, forget, b.record(sub, host.ActKeyRotate, ""))
}

// Keys tells which keys there are and how many rows each has sealed.
func (b *Broker) Keys(ctx context.Context, sub host.Subject) ([]host.KeyUse, error) {
	keeper, err := b.keeper(sub)
	if err != nil {
		return nil, err
	}
	return keeper.KeyUses(ctx)
}

func (b *Broker) keeper(sub host.Subject) (host.KeyKeeper, error) {
	if err := sub.Require(host.ManageKeys); err != nil {
		return nil, err
	}
	keeper, ok := b.Store.(host.KeyKeeper)
	if !ok {
		return nil, host.Errorf(host.Internal, "the key of the store cannot be changed")
	}
	return keeper, nil
}
