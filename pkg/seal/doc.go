// Package seal keeps what users write unreadable at rest. A key-encryption key
// from the deployment's key file wraps a data key per user and service; the
// data key seals values, each bound to its place. Deleting a user's data key
// is how everything sealed with it becomes unreadable, old backups included:
// data keys are in a schema of their own, <service>_keys, that backups of the
// content leave out. What is sealed, and where it is kept, is each service's.
package seal
