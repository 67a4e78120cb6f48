// nginx and HAProxy with TLS in front of one Waypost, below a path that they remove or pass on.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

/** A certificate for localhost: the paths of the PEM files, and what has signed it. */
export async function makeCertificate(folder, name = "edge") {
  const [certificate, key] = [path.join(folder, `${name}.crt`), path.join(folder, `${name}.key`)];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await promisify(execFile)("openssl", [...kind, ...names, "-keyout", key, "-out", certificate]);
  return { certificate, key, ca: await readFile(certificate) };
}

const nginx = ({ port, server, below, strips, certificate, key }) => `
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    location ${below}/ {
      proxy_pass http://${server}${strips ? "/" : ""};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;

const haproxy = ({ port, server, below, strips, both }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend edge
  bind 127.0.0.1:${port} ssl crt ${both} alpn h2,http/1.1
  option forwardfor
  use_backend waypost if { path_beg ${below}/ }
backend waypost
${strips ? `  http-request replace-path ^${below}/(.*)$ /\\1\n` : ""}  server waypost ${server}
`;

const PROXIES = {
  nginx: {
    command: () => process.env.WAYPOST_NGINX ?? "/usr/sbin/nginx",
    args: (folder) => ["-p", folder, "-c", "proxy.conf", "-e", "stderr"],
    configuration: nginx,
  },
  haproxy: {
    command: () => process.env.WAYPOST_HAPROXY ?? "/usr/sbin/haproxy",
    args: () => ["-db", "-f", "proxy.conf"],
    configuration: haproxy,
  },
};

/** Reserves the address, which Waypost has to know before the proxy can reach it. */
export async function reserveEdge(below) {
  const port = await freePort();
  return { port, below, url: `https://localhost:${port}${below}` };
}

/** Starts a proxy on a reserved address, in front of a server that listens on `server`. */
export async function startEdge(kind, { port, below, url }, server, { strips }) {
  const folder = await mkdtemp(path.join(tmpdir(), `waypost-${kind}-`));
  const { certificate, key, ca } = await makeCertificate(folder);
  const both = path.join(folder, "both.pem");
  await writeFile(both, Buffer.concat([await readFile(certificate), await readFile(key)]));
  const { command, args, configuration } = PROXIES[kind];
  const text = configuration({ port, server, below, strips, certificate, key, both });
  await writeFile(path.join(folder, "proxy.conf"), text);
  const program = new Program(command(), args(folder), { cwd: folder, env: { PATH: process.env.PATH } });
  const stop = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, ca, program, stop };
}
