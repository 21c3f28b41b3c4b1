// A content delivery network: answers what is below a path with what the
// platform has below /, and no more.
//
//   node cdn.mjs PORT PREFIX      with BASE_URL
import { createServer, request } from "node:http";

const [port, prefix] = process.argv.slice(2);
const platform = new URL(process.env.BASE_URL);

createServer((asked, answer) => {
  const path = asked.url.slice(prefix.length);
  if (!asked.url.startsWith(`${prefix}/assets/`)) return answer.writeHead(404).end();
  const headers = { host: platform.host };
  request({ host: "127.0.0.1", port: platform.port, path, headers }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  })
    .on("error", () => answer.writeHead(502).end())
    .end();
}).listen(Number(port), "127.0.0.1");
