#!/bin/sh
# Puts this image's VS Code and workspace-keeper where the Docker Engine of the
# machine finds them: containers of workspaces get them from there.
#
#   provide-editor DIR       makes DIR/vscode and DIR/workspace-keeper
#
# What running workspaces use stays: versions lie beside each other, and whatever
# is new is made whole first and then renamed into place.
set -eu
dir=$1
current=$(readlink /opt/vscode/current)
# The extension inside changes without a new version of VS Code.
extension=/opt/vscode/current/code-server/node_modules/code-server/lib/vscode/extensions/atrium
name=$current-$(find "$extension" -type f | sort | xargs sha256sum | sha256sum | cut -c1-8)
mkdir -p "$dir/vscode"
if [ ! -d "$dir/vscode/$name" ]; then
	rm -rf "$dir/vscode/.part"
	cp -a "/opt/vscode/$current" "$dir/vscode/.part"
	mv "$dir/vscode/.part" "$dir/vscode/$name"
fi
ln -sfn "$name" "$dir/vscode/current.new"
mv -T "$dir/vscode/current.new" "$dir/vscode/current"
cp -p /usr/local/bin/workspace-keeper "$dir/workspace-keeper.new"
mv "$dir/workspace-keeper.new" "$dir/workspace-keeper"
echo "provide-editor: $name is in $dir"
