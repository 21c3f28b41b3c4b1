package main

import "atrium.internal/services/all/backup"

// backupKeys say what becomes of the keys.
type backupKeys struct {
	PassphraseFile string `help:"File with the passphrase that encrypts the keys in the backup."`
	WithoutKeys    bool   `help:"Leave the keys out. A backup without them can be read by nobody who has no copy of them."`
}

type backupCommand struct {
	Dir         string `arg:"" help:"Folder to make."`
	backupKeys  `embed:""`
	KeysInClear bool `help:"Do not encrypt the keys: whoever gets the backup can read everything."`
}

func (b backupCommand) keys() backup.Keys {
	return backup.Keys{PassphraseFile: b.PassphraseFile, Without: b.WithoutKeys, InClear: b.KeysInClear}
}

type restoreCommand struct {
	Dir        string `arg:"" help:"Folder of the backup."`
	backupKeys `embed:""`
	Force      bool `help:"Replace what is there: the platform's schemas are dropped, its files moved aside."`
}

func (r restoreCommand) keys() backup.Keys {
	return backup.Keys{PassphraseFile: r.PassphraseFile, Without: r.WithoutKeys}
}
