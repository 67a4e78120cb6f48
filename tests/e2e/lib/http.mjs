// Requests exactly as written: fetch would add headers.

import http from "node:http";

/** Sends one request and gives `{status, headers, body}`; the body is a buffer, undecoded. */
export function send(url, { method = "GET", headers = {}, body } = {}) {
  // The path is taken as it stands: the URL parser would resolve `..` in it.
  const [, host, port, path] = url.match(/^http:\/\/([^:/]+):(\d+)(.*)$/);
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, path: path || "/", method, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A client of the API with its own session, for what a test only prepares or inspects. */
export class Client {
  #cookie;

  constructor(url, cookie) {
    this.url = url;
    this.#cookie = cookie;
  }

  /** Spends the token of a sign-in link. */
  static async signIn(waypost, link = waypost.link) {
    const token = new URL(link).hash.replace("#token=", "");
    const response = await send(`${waypost.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (response.status >= 300) throw new Error(`sign-in: ${response.status} ${response.body}`);
    const cookie = response.headers["set-cookie"][0].split(";")[0];
    return new Client(waypost.url, cookie);
  }

  /** The cookie, for a browser that is to be signed in already. */
  get cookie() {
    const at = this.#cookie.indexOf("=");
    return { name: this.#cookie.slice(0, at), value: this.#cookie.slice(at + 1) };
  }

  async call(method, path, body) {
    const headers = { cookie: this.#cookie };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await send(`${this.url}/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = response.body.toString();
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && JSON.parse(text);
  }
}
