package latemount

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Folders gives what the editor of a workspace must see in its places.
func Folders(root *os.Root, workspace uuid.UUID, p vscode.Places) (map[string]keeper.Folder, error) {
	found := map[string]keeper.Folder{}
	for name, target := range shown(workspace, p) {
		info, err := root.Lstat(name)
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", name, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil, fmt.Errorf("folder %s has no identity", name)
		}
		found[target] = keeper.Folder{Node: fmt.Sprintf("%d:%d", stat.Dev, stat.Ino), Changed: stat.Ctim.Nano()}
	}
	return found, nil
}

// Compare makes sure that an editor sees the user's folders and nothing else in
// their places.
func Compare(want, seen map[string]keeper.Folder, same func(place string, seen keeper.Folder) bool) error {
	for place := range want {
		if folder, ok := seen[place]; !ok || !same(place, folder) {
			return fmt.Errorf("the editor does not see the user's %s", filepath.Base(place))
		}
	}
	return nil
}
