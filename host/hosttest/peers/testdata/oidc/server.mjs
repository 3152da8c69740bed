// An authorization server on oidc-provider, for tests. Nothing here answers for
// it: this is configuration, and a log.
//
//     node server.mjs CONFIG
//
// CONFIG is JSON: host, httpPort, httpsPort, tls {key, cert, trusted}, the lives of
// tokens in seconds, the resource that tokens may be for, and the clients (with
// tls: true, of https only). Each port has a provider of its own, whose issuer is
// its URL. The pages for login and consent are oidc-provider's: any name and
// password are taken. GET /log tells the token requests and the revoked grants of
// both, and no secret.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { errors, Provider } from 'oidc-provider';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const itemScopes = ['items.read', 'items.write'];
const log = { requests: [], events: [] };

function provider(issuer, tls) {
  const op = new Provider(issuer, {
    clients: config.clients.filter((client) => tls || !client.tls).map(({ tls: _, ...client }) => client),
    clientAuthMethods: [
      'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none',
      ...(tls ? ['tls_client_auth', 'self_signed_tls_client_auth'] : []),
    ],
    clockTolerance: 0,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', ...itemScopes],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: id[0].toUpperCase() + id.slice(1),
        preferred_username: id,
        email: `${id}@example.com`,
        email_verified: true,
      }),
    }),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: config.accessTokenLife,
      ClientCredentials: config.accessTokenLife,
      RefreshToken: config.refreshTokenLife,
    },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      introspection: { enabled: true },
      mTLS: {
        enabled: tls,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        tlsClientAuth: true,
        getCertificate: (ctx) => ctx.socket.getPeerX509Certificate(),
        certificateAuthorized: (ctx) => ctx.socket.authorized,
        certificateSubjectMatches: (ctx, property, expected) => property === 'tls_client_auth_san_dns'
          && ctx.socket.getPeerX509Certificate().checkHost(expected, { subject: 'never', wildcards: false }) === expected,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, indicator) => {
          if (indicator !== config.resource) throw new errors.InvalidTarget();
          return { scope: itemScopes.join(' '), accessTokenTTL: config.accessTokenLife, accessTokenFormat: 'opaque' };
        },
      },
      revocation: { enabled: true },
    },
  });
  record(op);
  return op.callback();
}

// record writes down the token requests as they come in, and their outcome once
// it is known.
function record(op) {
  op.use(async (ctx, next) => {
    if (ctx.path !== '/token' || ctx.method !== 'POST') return next();
    const request = { time: new Date().toISOString(), issuer: op.issuer, ok: false };
    log.requests.push(request);
    await next();
    const { client, params } = ctx.oidc;
    request.client_id = client?.clientId;
    request.grant_type = client?.grantTypes.find((grantType) => grantType === params?.grant_type);
    if (typeof params?.refresh_token === 'string') {
      request.refresh_token_sha256 = createHash('sha256').update(params.refresh_token).digest('hex');
    }
    request.ok = ctx.status === 200;
    request.error = ctx.state.error;
  });
  for (const event of ['grant.error', 'server_error']) {
    op.on(event, (ctx, err) => { ctx.state.error = event === 'server_error' ? event : err.message; });
  }
  op.on('grant.revoked', ({ oidc }) => log.events.push({
    time: new Date().toISOString(),
    event: 'grant.revoked',
    client_id: oidc.client?.clientId,
    cause: oidc.route === 'token' ? `${oidc.params.grant_type} reused` : oidc.route,
  }));
}

// withLog answers GET /log, and leaves the rest to the provider.
function withLog(answer) {
  return (req, res) => {
    if (req.url !== '/log') return answer(req, res);
    res.setHeader('Content-Type', 'application/json');
    return res.end(JSON.stringify(log));
  };
}

const { host, httpPort, httpsPort, tls } = config;
const secure = {
  key: readFileSync(tls.key),
  cert: readFileSync(tls.cert),
  ca: tls.trusted.map((file) => readFileSync(file)),
  requestCert: true,
  rejectUnauthorized: false,
};
https.createServer(secure, withLog(provider(`https://${host}:${httpsPort}`, true))).listen(httpsPort, host, () => {
  http.createServer(withLog(provider(`http://${host}:${httpPort}`, false))).listen(httpPort, host);
});
