module atrium.internal/pkg

go 1.26.0
