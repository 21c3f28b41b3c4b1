package workspace

import (
	"fmt"
	"strconv"
	"time"
)

// Reason says why a workspace is in its status: in English words for a person, and
// for pages in any language as a code with what it is about. A zero Reason says nothing.
type Reason struct {
	// Code is an UPPER_SNAKE word of the contract's (Cause in workspace.proto), or
	// empty where there are only words.
	Code string
	// Values are what the words name: moments in RFC 3339, lengths of time in seconds.
	Values map[string]string
	Words  string
}

// Why a running workspace is not stopped.
var (
	inUse       = Reason{Code: "IN_USE", Words: "Somebody works in it."}
	programRuns = Reason{Code: "PROGRAM_AT_WORK", Words: "A program is at work in it."}
	keptRunning = Reason{Code: "KEPT_RUNNING", Words: "Kept running on request, though nobody works in it."}
	notInUse    = Reason{Code: "NOT_IN_USE", Words: "Nobody works in it at the moment."}
)

// Why one has stopped.
var (
	stoppedByOwner         = Reason{Code: "STOPPED_BY_OWNER", Words: "You stopped it."}
	stoppedByAdministrator = Reason{Code: "STOPPED_BY_ADMINISTRATOR", Words: "Stopped by an administrator."}
	hoursUsedUp            = Reason{Code: "HOURS_USED_UP", Words: "Stopped because the plan's IDE hours for this month are used up."}
	endedByItself          = Reason{Code: "ENDED_BY_ITSELF", Words: "VS Code ended by itself: it ran out of memory, was quit, or the machine was restarted. Your files are safe; start it again."}
)

func idleFor(d time.Duration) Reason {
	return Reason{
		Code: "STOPPED_IDLE", Values: map[string]string{"idleSeconds": strconv.FormatInt(int64(d/time.Second), 10)},
		Words: fmt.Sprintf("Stopped because nobody worked in it for %s.", words(d)),
	}
}

func unusedSince(since, deleted time.Time) Reason {
	return Reason{
		Code:   "UNUSED",
		Values: map[string]string{"since": since.UTC().Format(time.RFC3339), "deleteAt": deleted.UTC().Format(time.RFC3339)},
		Words:  fmt.Sprintf("Nobody has used it since %s. It is deleted with its files on %s, unless it is started before.", day(since), day(deleted)),
	}
}

// Why one could not be started.
var (
	startFailed    = Reason{Code: "START_FAILED", Words: "The workspace could not be started."}
	remainsLeft    = Reason{Code: "REMAINS_LEFT", Words: "What was left of the last run could not be removed."}
	diskFull       = Reason{Code: "DISK_FULL", Words: "The server's disk is nearly full, so there is no place for your files. Tell its administrator, and try again later."}
	filesFailed    = Reason{Code: "FILES_FAILED", Words: "Your files could not be prepared."}
	sandboxFailed  = Reason{Code: "SANDBOX_FAILED", Words: "The sandbox could not be made."}
	editorFailed   = Reason{Code: "EDITOR_FAILED", Words: "VS Code could not be started."}
	editorNotReady = Reason{Code: "EDITOR_NOT_READY", Words: "VS Code did not become ready."}
)

// Why a repository was not cloned.
var (
	cloneImpossible  = Reason{Code: "CLONE_IMPOSSIBLE", Words: "This deployment can't clone repositories: it lacks the program workspace-keeper."}
	cloneFailed      = Reason{Code: "CLONE_FAILED", Words: "The repository could not be cloned."}
	cloneNoGit       = Reason{Code: "CLONE_NO_GIT", Words: "There is no git in this workspace's image. Ask your administrator for one with git."}
	clonePrivate     = Reason{Code: "CLONE_PRIVATE", Words: "The repository needs a sign-in, or there is none of this name. Only what everybody may read can be cloned; clone others in the terminal, signed in there."}
	cloneNotFound    = Reason{Code: "CLONE_NOT_FOUND", Words: "There is no repository at this address. Look for a mistake in it, and create the workspace anew."}
	cloneUnreachable = Reason{Code: "CLONE_UNREACHABLE", Words: "The repository's server can't be reached from workspaces of this deployment. Try again later, or ask your administrator whether workspaces may reach it."}
	cloneTooLarge    = Reason{Code: "CLONE_TOO_LARGE", Words: "The repository does not fit into your storage."}
)

func cloneSaid(line string) Reason {
	said := fmt.Sprintf("%.200q", line)
	return Reason{Code: "CLONE_SAID", Values: map[string]string{"said": said}, Words: "The repository could not be cloned: git said " + said + "."}
}
