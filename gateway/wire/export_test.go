package wire

// Framing is readHead for the tests of other packages.
func Framing(head []byte) (length int64, chunked, ok bool) {
	f, bad := readHead(head, 1<<20)
	return f.length, f.chunked, bad == faultNone
}
