package chat

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"atrium.internal/services/chat/internal/attachment"
)

// Config is what an operator may set about chat.
type Config struct {
	Instance    string        `name:"chat-instance" env:"ATRIUM_CHAT_INSTANCE" help:"Name under which this process, and no other, comes back after a crash; it then closes at once the answers that it left. Empty: after some seconds."`
	TurnTimeout time.Duration `name:"chat-turn-timeout" env:"ATRIUM_CHAT_TURN_TIMEOUT" default:"15m" help:"How long one answer may take."`
	Drain       time.Duration `name:"chat-drain" env:"ATRIUM_CHAT_DRAIN" default:"20s" help:"How long running answers may go on when the process stops, within ATRIUM_STOP_GRACE; then they are interrupted, with what was written."`

	AttachmentSize  int64 `name:"chat-attachment-size" env:"ATRIUM_CHAT_ATTACHMENT_SIZE" default:"10485760" help:"Largest file that can be sent with a message, in bytes; at most 20 MiB. A larger one than ATRIUM_BODY_LIMIT does not get through the gateway."`
	AttachmentQuota int64 `name:"chat-attachment-quota" env:"ATRIUM_CHAT_ATTACHMENT_QUOTA" default:"1073741824" help:"How much the files in one user's chat may take together, in bytes."`

	// PublicURL is where browsers reach the platform, for the links of shared
	// conversations. Set by the program that this service is part of.
	PublicURL string `kong:"-"`
}

// maxTurnTimeout keeps a turn shorter than its event log lives.
const maxTurnTimeout = time.Hour

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	if c.TurnTimeout <= 0 || c.TurnTimeout > maxTurnTimeout {
		faults = append(faults, errors.New("ATRIUM_CHAT_TURN_TIMEOUT: must be more than 0 and at most 1h"))
	}
	if c.Drain < 0 {
		faults = append(faults, errors.New("ATRIUM_CHAT_DRAIN: must not be negative"))
	}
	if c.AttachmentSize < 0 || c.AttachmentSize > attachment.MaxSent || c.AttachmentQuota < 0 {
		faults = append(faults, errors.New("ATRIUM_CHAT_ATTACHMENT_SIZE: must be at most 20 MiB, and neither it nor ATRIUM_CHAT_ATTACHMENT_QUOTA negative"))
	}
	if _, err := url.Parse(c.PublicURL); err != nil {
		faults = append(faults, fmt.Errorf("ATRIUM_PUBLIC_URL: %q is not an address", c.PublicURL))
	}
	return errors.Join(faults...)
}
