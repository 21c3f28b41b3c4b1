package daemon

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLog is how many bytes of a server's log survive into its next start.
const maxLog = 8 << 20

// LogPath is the file that holds what the server prints.
func (h *Home) LogPath() string { return filepath.Join(h.Path, "server.log") }

func (h *Home) openLog() (*os.File, error) {
	flags := os.O_CREATE | os.O_APPEND | os.O_WRONLY | syscall.O_NOFOLLOW
	if info, err := os.Stat(h.LogPath()); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(h.LogPath(), flags, 0o600)
}

// LastWords gives the last line of the log that contains one of the words, or
// the log's path when there is none: what a failed start says.
func (h *Home) LastWords(words ...string) string {
	file, err := os.Open(h.LogPath())
	if err != nil {
		return "no log: " + err.Error()
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > 16<<10 {
		_, _ = file.Seek(-16<<10, io.SeekEnd)
	}
	text, _ := io.ReadAll(file)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		for _, word := range words {
			if strings.Contains(lines[i], word) {
				return lines[i]
			}
		}
	}
	return "see " + h.LogPath()
}
