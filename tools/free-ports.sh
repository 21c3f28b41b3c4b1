#!/usr/bin/env bash
# Prints the first of COUNT neighbouring ports of this machine that nobody uses,
# from 20000 on: those below are for Go tests.
#
#   tools/free-ports.sh COUNT
set -euo pipefail
exec node -e '
	const net = require("net"), count = Number(process.argv[1]);
	const free = (port) => new Promise((yes) => {
		const s = net.createServer().once("error", () => yes(false));
		s.listen(port, "127.0.0.1", () => s.close(() => yes(true)));
	});
	(async () => {
		for (;;) {
			const first = 20000 + Math.floor(Math.random() * 12000);
			let all = true;
			for (let i = 0; i < count && all; i++) all = await free(first + i);
			if (all) return console.log(first);
		}
	})();
' "$1"
