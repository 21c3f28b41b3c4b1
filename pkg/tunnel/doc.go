// Package tunnel carries one byte stream per connection between machines: the
// client opens it with an HTTP CONNECT that names a target and bears a token,
// after which both ends are plain connections.
package tunnel
