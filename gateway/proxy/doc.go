// Package proxy serves workspace hosts: <label>.<ide domain> is one workspace's
// VS Code, for the holder of that workspace's cookie alone. Whatever answers
// behind it is hostile to the platform, and so is whatever page it serves: no
// credential of the platform goes in, no cookie in the platform's name comes out.
package proxy
