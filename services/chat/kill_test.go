package chat_test

import "os"

func victim() bool { return os.Getenv("ATRIUM_TEST_VICTIM") != "" }
