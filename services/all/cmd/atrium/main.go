// Atrium runs the whole platform in one process, and helps to run it in several.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/redis"
	"atrium.internal/pkg/logx"
	"atrium.internal/pkg/program"
	"atrium.internal/services/all/assembly"
)

var cli struct {
	assembly.Config `embed:""`

	All       struct{} `cmd:"" default:"1" help:"Run every service and the gateway in this process."`
	Migrate   struct{} `cmd:"" help:"Bring the database to this version and end."`
	Databases struct{} `cmd:"" help:"Run the private databases for services of their own processes, and print their settings."`
	Audit     struct {
		Verify struct {
			Head string `help:"A head that was kept earlier, to notice a tail that was cut off."`
		} `cmd:"" help:"Check that no row of the audit log was changed, removed or put in later."`
	} `cmd:"" help:"Look after the audit log."`
	Keys    keysCommands   `cmd:"" help:"Look after the deployment's keys."`
	Backup  backupCommand  `cmd:"" help:"Write database, users' files and keys into a new folder, while everything runs."`
	Restore restoreCommand `cmd:"" help:"Put a backup in the place of a platform that does not run."`
	Certs   certs          `cmd:"" help:"Make and renew certificates for mutual TLS between services."`
	Docs    struct {
		Config struct{} `cmd:"" help:"Print the settings as a Markdown table."`
	} `cmd:"" help:"Print reference documentation."`
	Redis struct {
		Socket string `arg:"" help:"Unix socket to listen on."`
	} `cmd:"" hidden:"" help:"Serve the stand-in for Redis."`
}

func main() {
	program.Main(&cli, "atrium", "AI conversations and VS Code workspaces, on your own machine.", run)
}

func run(ctx context.Context, command *kong.Context) error {
	log, err := logx.New(os.Stderr, cli.Log)
	if err != nil {
		return err
	}
	switch command.Command() {
	case "migrate":
		return assembly.Migrate(ctx, cli.Config, log)
	case "databases":
		return assembly.RunDatabases(ctx, cli.Config, log, os.Stdout)
	case "audit verify":
		return assembly.VerifyAudit(ctx, cli.Config, log, cli.Audit.Verify.Head, os.Stdout)
	case "keys rotate":
		return assembly.RotateKeys(ctx, cli.Config, log, cli.Keys.Rotate.NewKeyFile, os.Stdout)
	case "keys init":
		return cli.Keys.Init.run(cli.Config, cli.Keys.RotateIdentity, os.Stdout)
	case "keys status":
		return assembly.KeyStatus(ctx, cli.Config, log, os.Stdout)
	case "keys rotate-identity":
		return cli.Keys.RotateIdentity.run(cli.DataDir, os.Stdout)
	case "backup <dir>":
		return assembly.Backup(ctx, cli.Config, log, cli.Backup.Dir, cli.Backup.keys(), os.Stdout)
	case "restore <dir>":
		return assembly.Restore(ctx, cli.Config, log, cli.Restore.Dir, cli.Restore.keys(), cli.Restore.Force, os.Stdout)
	case "certs <dir>":
		return cli.Certs.run(ctx, log, os.Stdout)
	case "docs config":
		return config.WriteTable(os.Stdout, command.Model)
	case "redis <socket>":
		return redis.ServeMini(ctx, cli.Redis.Socket)
	}
	return all(ctx, log)
}

func all(ctx context.Context, log *slog.Logger) error {
	app, err := assembly.Start(ctx, cli.Config, log)
	if err != nil {
		return err
	}
	if email, password, created := app.FirstAdmin(); created {
		program.PrintFirstAdmin(os.Stdout, email, password)
	}
	fmt.Printf("\n  Atrium is ready at %s\n\n", app.URL())
	err = app.Wait(ctx)
	return errors.Join(err, app.Stop(context.WithoutCancel(ctx)))
}
