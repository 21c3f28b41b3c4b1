// The door of docker-compose.yml as a client sees it that knows the authority of its
// certificate and nothing else.
import { readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request } from "node:https";

const platform = new URL(process.env.BASE_URL);
const ca = readFileSync(process.env.ATRIUM_COMPOSE_AUTHORITY);

/** Gets a page in a connection of its own; rejects where the certificate is no good. */
export function get(path, { host = platform.hostname, plain = false } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", path, agent: false };
    const made = plain
      ? plainRequest({
          ...options,
          port: process.env.ATRIUM_PORT.split(":").at(-1),
          headers: { Host: host },
        })
      : request({
          ...options,
          port: platform.port,
          servername: host,
          ca,
          headers: { Host: `${host}:${platform.port}` },
        });
    made.on("error", reject).on("response", (response) => {
      const certificate = response.socket.getPeerCertificate?.();
      response.resume().on("end", () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, fingerprint: certificate?.fingerprint256 });
      });
    });
    made.end();
  });
}
