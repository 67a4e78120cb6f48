// The identity provider of the tests as a program, and how a person signs in there.

import { fileURLToPath } from "node:url";
import { Program } from "./program.mjs";
import { freePort } from "./wait.mjs";

const PROGRAM = fileURLToPath(new URL("../peers/identity-provider.mjs", import.meta.url));

/** A new key to sign with. */
async function signingKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const key = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return JSON.stringify({ kty: key.kty, crv: key.crv, x: key.x, y: key.y, d: key.d, kid: crypto.randomUUID(), use: "sig" });
}

export class IdentityProvider {
  #program;
  secret = crypto.randomUUID();

  constructor(port) {
    this.port = port;
    // Another site than the 127.0.0.1 of Waypost, so that cookies meet what they meet outside.
    this.issuer = `http://localhost:${port}`;
  }

  /** The options of a Waypost that people sign in to here. */
  options() {
    return [
      ...["--oidc-issuer", this.issuer, "--oidc-client-id", "waypost", "--oidc-scopes", "profile groups"],
      ...["--oidc-admin-group", "waypost-admins", "--oidc-viewer-group", "waypost-viewers"],
      ...["--oidc-name", "Example Login"],
    ];
  }

  /** Starts it with a new key, for the Waypost at an address. Who was signed in here no longer is. */
  async start(waypost, { clockOffset = 0 } = {}) {
    await this.stop();
    this.#program = new Program(process.execPath, [PROGRAM], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: "test",
        ISSUER: this.issuer,
        PORT: `${this.port}`,
        CLIENT_SECRET: this.secret,
        REDIRECT_URI: `${waypost}/oidc/callback`,
        SIGNING_KEY: await signingKey(),
        CLOCK_OFFSET: `${clockOffset}`,
      },
    });
    await this.#program.ready("the identity provider to listen", async () =>
      (await fetch(`http://127.0.0.1:${this.port}/.well-known/openid-configuration`)).ok,
    );
  }

  async stop() {
    await this.#program?.stop();
  }

  /** Signs someone in on the page of the provider, and agrees to what it asks. */
  async signIn(page, name) {
    // Its pages ask for a font that no test needs.
    await page.route("https://fonts.googleapis.com/**", (route) => route.abort());
    await page.waitForURL(`${this.issuer}/interaction/**`);
    await page.locator('input[name="login"]').fill(name);
    await page.locator('input[name="password"]').fill("any");
    await page.locator('button[type="submit"]').click();
    // The second page asks for consent.
    await page.locator('input[name="prompt"][value="consent"]').waitFor({ state: "attached" });
    await page.locator('button[type="submit"]').click();
  }
}

export async function identityProvider() {
  return new IdentityProvider(await freePort());
}
