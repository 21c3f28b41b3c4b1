package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"atrium.internal/pkg/keys"
	"atrium.internal/services/all/assembly"
)

// keysCommands look after the deployment's keys.
type keysCommands struct {
	Rotate struct {
		NewKeyFile string `help:"File with the new key, instead of one that is made."`
	} `cmd:"" help:"Put a new key on top of ATRIUM_KEY_FILE and wrap every data key with it, while everything runs."`
	Init           initKeys       `cmd:"" help:"Make the deployment's key and the identity keys where there are none, and end: before several gateways start at once."`
	Status         struct{}       `cmd:"" help:"Count the data keys by the key that wraps them."`
	RotateIdentity rotateIdentity `cmd:"" help:"Replace the key that signs the gateway's calls, while everything runs."`
}

// initKeys works on the files of rotateIdentity and ATRIUM_KEY_FILE.
type initKeys struct{}

func (initKeys) run(c assembly.Config, identity rotateIdentity, out io.Writer) error {
	file := c.KeyFile
	if file == "" {
		file = assembly.KeyFile(c.DataDir)
	}
	_, created, err := keys.LoadOrCreate(file)
	if err != nil {
		return err
	}
	if created {
		if _, err := fmt.Fprintf(out, "Made a new deployment key, %s: keep a copy of it.\n", file); err != nil {
			return err
		}
	}
	return keys.EnsureIdentity(identity.files(c.DataDir))
}

// rotateIdentity works on files alone, so it needs nothing that runs.
type rotateIdentity struct {
	Private string        `name:"identity-key" env:"ATRIUM_IDENTITY_KEY" help:"File of the gateway's private identity keys, for atrium keys rotate-identity; without it the data directory's."`
	Public  string        `name:"identity-public-key" env:"ATRIUM_IDENTITY_PUBLIC_KEY" help:"File or folder of their public halves, likewise."`
	Lead    time.Duration `default:"2m" help:"How long services have to learn the new key before the gateway signs with it."`
	AtOnce  bool          `help:"Replace every key now, because one may be known to others. Calls are refused for a second or two."`
}

// files are those that the settings name, or the data directory's.
func (r rotateIdentity) files(dataDir string) (private, public string) {
	private, public = assembly.IdentityFiles(dataDir)
	if r.Private != "" {
		private = r.Private
	}
	if r.Public != "" {
		public = r.Public
	}
	return private, public
}

func (r rotateIdentity) run(dataDir string, out io.Writer) error {
	private, public := r.files(dataDir)
	if r.AtOnce {
		if err := keys.ReplaceIdentity(private, public); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "The identity key is replaced. What the old one signed is refused.")
		return err
	}
	if r.Lead < 0 {
		return errors.New("--lead: must not be negative")
	}
	rotation, err := keys.RotateIdentity(private, public, r.Lead, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "The new identity key signs from %s on; what the old one signed counts until %s.\n",
		rotation.Signs.Local().Format(time.DateTime), rotation.Retired.Local().Format(time.DateTime))
	return err
}
