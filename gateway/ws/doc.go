// Package ws serves the platform's own WebSockets. What streams over them is
// the services'; here are the frames, the signs of life, and the cutting off of
// those who don't take what is sent. The WebSockets of workspaces are package
// proxy's.
package ws
