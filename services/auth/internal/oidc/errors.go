package oidc

import "atrium.internal/pkg/apperr"

// The refusals of this package.
var (
	// ErrProviderNotFound answers a provider that is not configured.
	ErrProviderNotFound = apperr.New(apperr.NotFound, "PROVIDER_NOT_FOUND", "There is no such sign-in provider.")
	// ErrUnavailable is what Issuers answers when the provider can't be asked.
	ErrUnavailable = apperr.New(apperr.Unavailable, "PROVIDER_UNAVAILABLE",
		"The sign-in provider can't be reached right now. Try again shortly.")
	// ErrRefused is what Issuers answers when the provider's word doesn't hold.
	ErrRefused = apperr.New(apperr.Unauthenticated, "PROVIDER_REFUSED",
		"The sign-in provider did not confirm this login.")
	// ErrCanceled answers somebody who turned back at the provider.
	ErrCanceled = apperr.New(apperr.Unauthenticated, "SIGN_IN_CANCELED", "The sign-in was canceled at the provider.")
	// ErrState answers a login that this browser did not begin, or that is over.
	ErrState = apperr.New(apperr.Unauthenticated, "SIGN_IN_EXPIRED",
		"This sign-in took too long, was used already, or was begun in another browser. Try again.")
	// ErrNotLinked answers an unknown login where it can't make an account. It
	// is the same whether an account has its address or not.
	ErrNotLinked = apperr.New(apperr.PermissionDenied, "LOGIN_NOT_LINKED",
		"This login belongs to no account here. If you have an account, sign in to it and link the login in your settings.")
	// ErrAccountExists answers an unknown login whose address has an account.
	ErrAccountExists = apperr.New(apperr.Conflict, "ACCOUNT_EXISTS",
		"An account with this e-mail address exists already. Sign in to it and link the login in your settings.")
	ErrEmailMissing = apperr.New(apperr.PermissionDenied, "EMAIL_MISSING",
		"The sign-in provider tells no e-mail address, which an account here needs.")
	ErrEmailNotVerified = apperr.New(apperr.PermissionDenied, "EMAIL_NOT_VERIFIED",
		"The sign-in provider has not checked your e-mail address. If you have an account, sign in to it and link the login in your settings.")
	ErrSuspended = apperr.New(apperr.PermissionDenied, "ACCOUNT_SUSPENDED", "This account is suspended.")
	// ErrLinkedElsewhere is what a store answers for a login of another account.
	ErrLinkedElsewhere = apperr.New(apperr.Conflict, "LOGIN_LINKED_ELSEWHERE",
		"This login belongs to another account already.")
	// ErrLinkSession answers a link whose beginner is no longer signed in here.
	ErrLinkSession = apperr.New(apperr.Unauthenticated, "LINK_SESSION_ENDED",
		"You are no longer signed in as when you began to link this login. Try again.")
	// ErrIdentityNotFound answers an id that is not there or somebody else's.
	ErrIdentityNotFound = apperr.New(apperr.NotFound, "IDENTITY_NOT_FOUND", "This linked login does not exist.")
	// ErrLastLogin is what a store answers when an account would be shut.
	ErrLastLogin = apperr.New(apperr.PreconditionFailed, "LAST_LOGIN",
		"This is the only way to sign in to your account. Link another login first.")
)
