import type { RegionProfile } from '../config/schema/region.js';
import type { IssuerConfig } from '../config/schema/web.js';
import { realRegions } from '../db/runs.js';
import type { Db } from '../db/types.js';
import { RefusalError } from '../domain/errors.js';
import type { Issuer } from './context.js';
import { ROLE_WORDS } from '../domain/roles.js';

/** The issuers of web.yaml, with their secrets from the environment. @throws RefusalError `ISSUER_SECRET_UNSET` */
export function registeredIssuers(issuers: readonly IssuerConfig[], env: NodeJS.ProcessEnv): Issuer[] {
  return issuers.map(({ clientSecretEnv, ...issuer }) => {
    const clientSecret = clientSecretEnv === null ? null : (env[clientSecretEnv] ?? '');
    if (clientSecret === '') {
      throw new RefusalError({
        code: 'ISSUER_SECRET_UNSET',
        message: `Le secret de l’émetteur ${issuer.label} n’est pas donné.`,
        place: `web.yaml, issuers, ${issuer.name}`,
        remedy: `donnez-le dans la variable ${clientSecretEnv ?? ''}, ou ôtez clientSecretEnv pour un client public.`,
      });
    }
    return { ...issuer, clientSecret, local: false };
  });
}

/** The issuer that filror itself started. */
export function localIssuer(started: {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}): Issuer {
  const { url, clientId, clientSecret } = started;
  return {
    name: 'local',
    label: 'un personnage d’essai',
    url,
    clientId,
    clientSecret,
    scopes: 'openid profile',
    acrValues: null,
    apiAudience: null,
    local: true,
  };
}

/**
 * An issuer that believes everybody never stands beside a real region, served here or known to this database.
 * @throws RefusalError `LOCAL_ISSUER_REFUSED`
 */
export async function refuseBesideReal(db: Db, regions: readonly RegionProfile[]): Promise<void> {
  const real = [
    ...regions.filter((region) => !region.sandbox).map((region) => `${region.name} (${region.code})`),
    ...(await realRegions(db)).filter((code) => !regions.some((region) => region.code === code)),
  ];
  if (real.length > 0) {
    throw new RefusalError({
      code: 'LOCAL_ISSUER_REFUSED',
      message: `L’émetteur local, qui croit tout le monde, ne démarre pas à côté d’une région réelle : ${real.join(', ')}.`,
      place: 'web.yaml, issuers',
      remedy:
        'configurez un émetteur OpenID Connect (Pro Santé Connect, Keycloak), ou ne servez que des régions d’essai (--region).',
    });
  }
}

/** Who may be played: the personas of the sandbox regions. @throws RefusalError `LOCAL_ISSUER_REFUSED` */
export async function localPersonas(
  db: Db,
  regions: readonly RegionProfile[],
): Promise<{ subject: string; displayName: string; told: string }[]> {
  await refuseBesideReal(db, regions);
  return regions.flatMap((region) =>
    region.personas.map((persona) => ({
      subject: `${region.code}:${persona.name}`,
      displayName: persona.displayName,
      told: `${region.name} – ${persona.roles.map((role) => ROLE_WORDS[role]).join(', ')}`,
    })),
  );
}
