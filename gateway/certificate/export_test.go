package certificate

import "context"

// Look looks at the files now.
func Look(f *Files) { f.look(context.Background()) }
