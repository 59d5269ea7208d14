import { randomBytes } from 'node:crypto';
import { type Session, sessionOf } from '../../source/credentials/session.ts';
import {
  type Answer,
  fakeClientId,
  oauthError,
  startFakeIssuer,
  tokenAnswer,
} from '../helpers/fake-issuer.ts';

type Grant = {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly refreshId: string;
  token: string;
  obsolete: string;
  lastUsed: number;
};

type Test = { after(run: () => Promise<void>): void };

const dexScope = 'audience:server:client_id:';

/**
 * An issuer with Dex's ways with refresh tokens: each use replaces the token; the one before is taken again, and gives
 * the same successor, for `reuseMs` after its use; whatever else comes is refused in Dex's words; and a new login of the
 * same person ends the former.
 */
export async function startRotatingIssuer(test: Test, reuseMs = 60_000) {
  const issuer = await startFakeIssuer(test);
  const grants = new Map<string, Grant>();
  /** Asked after the token was replaced; what it returns is sent instead. */
  let disturb: (() => Answer | undefined) | undefined;
  let busy = 0;
  const seen = { most: 0, refreshes: 0, claims: {} as Record<string, unknown> };

  const encode = ({ refreshId, token }: Grant) => `${refreshId}.${token}`;
  const refused = () => oauthError('invalid_request', 'refresh token is invalid or has already been claimed');

  function refresh(form: URLSearchParams): Answer {
    const [refreshId = '', token = ''] = (form.get('refresh_token') ?? '').split('.');
    const grant = grants.get(refreshId);
    if (grant === undefined) return refused();
    const isAgain = token === grant.obsolete && Date.now() - grant.lastUsed < reuseMs;
    if (token !== grant.token && !isAgain) return refused();
    const scopes = form.get('scope')?.split(' ') ?? grant.scopes;
    if (scopes.some(scope => !grant.scopes.includes(scope))) {
      return oauthError('invalid_request', 'Requested scopes contain unauthorized scope(s)');
    }
    if (!isAgain) {
      grant.obsolete = grant.token;
      grant.token = randomBytes(8).toString('hex');
      grant.lastUsed = Date.now();
    }
    seen.refreshes += 1;
    const disturbed = disturb?.();
    return disturbed ?? tokenAnswer(idToken(grant, scopes), { refresh_token: encode(grant) });
  }

  function idToken({ subject }: Grant, scopes: readonly string[]): string {
    const peers = scopes
      .filter(scope => scope.startsWith(dexScope))
      .map(scope => scope.slice(dexScope.length));
    const now = Math.floor(Date.now() / 1000);
    const aud = [...peers, fakeClientId];
    const azp = aud.length > 1 && { azp: fakeClientId };
    return issuer.keys.sign({
      ...{
        iss: issuer.url,
        sub: subject,
        aud,
        ...azp,
        exp: now + 3600,
        iat: now,
        jti: randomBytes(8).toString('hex'),
      },
      ...seen.claims,
    });
  }

  issuer.answers.set('/token', form => {
    busy += 1;
    seen.most = Math.max(seen.most, busy);
    try {
      return refresh(form);
    } finally {
      // Requests that come while an answer is on its way count as simultaneous.
      setTimeout(() => {
        busy -= 1;
      }, 1);
    }
  });

  return {
    issuer,
    seen,
    /** A person signs in for these clusters; Dex forgets the former login. */
    login(subject: string, clusters: readonly string[]): Session {
      for (const [id, grant] of grants) if (grant.subject === subject) grants.delete(id);
      const scopes = ['openid', 'offline_access', ...clusters.map(cluster => dexScope + cluster)];
      const refreshId = randomBytes(8).toString('hex');
      const grant: Grant = { subject, scopes, refreshId, token: 'first', obsolete: '', lastUsed: 0 };
      grants.set(refreshId, grant);
      const account = { issuer: issuer.url, subject, label: subject };
      const token = { token: '', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
      const session = sessionOf(issuer.client(), { token, refreshToken: encode(grant), scopes });
      if (session === undefined) throw new Error('a refresh token makes a session');
      return session;
    },
    /** The issuer ends all logins. */
    revoke: () => grants.clear(),
    /** Answers `times` refreshes otherwise, after they have been carried out. */
    disturb(answer: Answer, times: number) {
      let left = times;
      disturb = () => (left-- > 0 ? answer : undefined);
    },
    /** What the issuer takes now for a login. */
    current(session: Session): string | undefined {
      const grant = grants.get(session.refreshToken.split('.')[0] ?? '');
      return grant && encode(grant);
    },
    /** The issuer loses its last change, as a storage that is set back does. */
    setBack(session: Session) {
      const grant = grants.get(session.refreshToken.split('.')[0] ?? '');
      if (grant === undefined) throw new Error('no such login');
      grant.token = grant.obsolete;
      grant.obsolete = '';
    },
  };
}

export type RotatingIssuer = Awaited<ReturnType<typeof startRotatingIssuer>>;
