// An OpenID provider for the end-to-end tests. It signs in any name without a password; the name says
// which groups someone is in. Its settings are the environment.

import Provider from "oidc-provider";

const { ISSUER, PORT, CLIENT_SECRET, REDIRECT_URI, SIGNING_KEY, CLOCK_OFFSET } = process.env;

/** A clock that is wrong by so many seconds. */
const { now } = Date;
Date.now = () => now() + Number(CLOCK_OFFSET) * 1_000;

/** People by the name that they sign in with. */
const PEOPLE = {
  ada: { name: "Ada Lovelace", groups: ["waypost-admins", "everyone"] },
  vera: { name: "Vera Rubin", groups: ["waypost-viewers"] },
  nils: { name: "Nils Bohr", groups: ["everyone"] },
};

const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: "waypost",
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  scopes: ["openid", "profile", "groups"],
  claims: { openid: ["sub"], profile: ["name"], groups: ["groups"] },
  // Short, so that a clock that is late by minutes shows.
  ttl: { IdToken: 300 },
  pkce: { required: () => true },
  cookies: { keys: [crypto.randomUUID()] },
  jwks: { keys: [JSON.parse(SIGNING_KEY)] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
});
provider.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
