package issuer

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"atrium.internal/services/auth/internal/oidc"
)

// claims are the parts of an id token or of the user's information that count here.
type claims struct {
	AuthorizedParty   string  `json:"azp"`
	Email             string  `json:"email"`
	EmailVerified     boolish `json:"email_verified"`
	PreferredUsername string  `json:"preferred_username"`
	Name              string  `json:"name"`
}

// boolish is true for what some providers write instead of true, and false
// for everything else.
type boolish bool

// UnmarshalJSON reads a boolean, or its text.
func (b *boolish) UnmarshalJSON(text []byte) error {
	*b = string(text) == `true` || string(text) == `"true"`
	return nil
}

// redeem exchanges a code for an id token, and holds that to the protocol.
func (f *found) redeem(ctx context.Context, r oidc.Redemption) (oidc.Claims, error) {
	if f.namesItself && r.Issuer == "" {
		return oidc.Claims{}, errors.New("the answer lacks the issuer's name, which this provider always adds")
	}
	token, err := f.config.Exchange(ctx, r.Code, oauth2.VerifierOption(r.Verifier))
	if err != nil {
		return oidc.Claims{}, err
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return oidc.Claims{}, errors.New("the answer holds no id token")
	}
	id, err := f.verifier.Verify(ctx, raw)
	if err != nil {
		return oidc.Claims{}, err
	}
	said, err := f.check(id, r, token.AccessToken)
	if err != nil {
		return oidc.Claims{}, err
	}
	if said.Email == "" {
		if err := f.ask(ctx, id.Subject, token, &said); err != nil {
			return oidc.Claims{}, err
		}
	}
	return oidc.Claims{
		Subject: id.Subject, Email: said.Email, EmailVerified: bool(said.EmailVerified),
		Username: said.PreferredUsername, Name: said.Name,
	}, nil
}

// check holds the id token to what the library leaves to its users.
func (f *found) check(id *goidc.IDToken, r oidc.Redemption, accessToken string) (claims, error) {
	var said claims
	if err := id.Claims(&said); err != nil {
		return claims{}, fmt.Errorf("read the id token: %w", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(r.Nonce)) != 1:
		return claims{}, errors.New("the id token was made for another login: its nonce differs")
	case said.AuthorizedParty != "" && said.AuthorizedParty != f.config.ClientID:
		return claims{}, errors.New("the id token was made for another client: its azp differs")
	case id.Subject == "":
		return claims{}, errors.New("the id token names nobody")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(accessToken); err != nil {
			return claims{}, err
		}
	}
	return said, nil
}

// ask adds what only the provider's user information tells: most providers
// keep e-mail addresses out of id tokens.
func (f *found) ask(ctx context.Context, subject string, token *oauth2.Token, said *claims) error {
	if f.provider.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("read the user's information: %w", err)
	}
	if info.Subject != subject {
		return errors.New("the user's information is somebody else's")
	}
	said.EmailVerified = false // it was said of no address
	return info.Claims(said)
}
