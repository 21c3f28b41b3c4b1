// Package oidc takes browsers to OpenID Connect providers and back. What a
// login is worth the auth service decides; here stand the redirects and the
// cookie that binds a login to the browser that began it.
package oidc
