module atrium.internal/tools/lint

go 1.26.0
