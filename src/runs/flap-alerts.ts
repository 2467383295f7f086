import { FIELD_WORDS } from '../domain/field-words.js';
import { frenchDay } from '../domain/time.js';
import { lastReport } from '../db/last-report.js';
import type { Alert } from './alerts.js';
import type { RunContext } from './context.js';
import type { RunReport } from './report.js';
import type { Flap } from './swings-of.js';

/** Alerts of one source told one by one; a whole file that alternates would fill the page. */
const TOLD = 10;
/** Swings told in a sentence, the last ones. */
const SWINGS = 6;

/** One alert for each value that comes and goes: source, key, dates and values, what filror does and what a person may. */
export function flapAlerts(flaps: readonly Flap[]): Alert[] {
  const counts = new Map<string, number>();
  const alerts: Alert[] = [];
  for (const flap of flaps) {
    const told = (counts.get(flap.source) ?? 0) + 1;
    counts.set(flap.source, told);
    if (told <= TOLD) alerts.push({ code: 'SOURCE_FLAPPING', ...flapText(flap) });
  }
  for (const [source, count] of counts) {
    if (count <= TOLD) continue;
    alerts.push({
      code: 'SOURCE_FLAPPING',
      message: `« ${source} » oscille sur ${String(count - TOLD)} autres valeurs.`,
      remedy: 'deux fichiers de dates différentes alternent sans doute à la même adresse : voyez l’éditeur.',
    });
  }
  return alerts;
}

export function flapText(flap: Flap): { readonly message: string; readonly remedy: string } {
  const { source, key, title, field, swings } = flap;
  const what =
    field === 'row'
      ? `sa ligne « ${title} » va et vient`
      : `${FIELD_WORDS[field].toLowerCase()} de « ${title} »`;
  const told = swings
    .slice(-SWINGS)
    .map(({ date, says }) => `${says} le ${frenchDay(date)}`)
    .join(', ');
  return {
    message: `« ${source} » oscille, ${what} : ${told} (clé ${key}). ${outcomeText(flap)}`,
    remedy: remedyText(flap),
  };
}

function outcomeText({ state, field, kept, since, limit }: Flap): string {
  if (state === 'decided') return 'Une personne a tranché depuis : c’est elle qui compte, rien n’est amorti.';
  if (state === 'past')
    return `Amortie depuis le ${frenchDay(since)}, elle ne l’est plus depuis le ${frenchDay(limit)} : filror suit de nouveau la source.`;
  const what =
    field !== 'row'
      ? `« ${kept} » est gardé`
      : kept === 'absente'
        ? 'Le centre attend d’y rester pour être proposé'
        : 'Le centre reste tenu pour dit';
  return `${what}, jusqu’à ce qu’elle se stabilise et au plus tard jusqu’au ${frenchDay(limit)}.`;
}

function remedyText({ source, field, state }: Flap): string {
  const ask =
    'demandez à l’éditeur de la source ce qui est vrai, et qu’il le dise de même à chaque livraison';
  if (state === 'decided') return `${ask}.`;
  if (field === 'row')
    return `${ask}. S’il est parti ou revenu, déclarez-le avec sa preuve (page « Déclarer ») : une déclaration n’est jamais amortie.`;
  const own =
    field === 'public' || field === 'establishment'
      ? ' Complétez la valeur à la page du changement : elle passe avant toute source.'
      : '';
  return `${ask}.${own} Sinon, que cette source ne donne plus cette donnée : dans sources.yaml, ${source}.fields.${field}: never.`;
}

/** What comes and goes in each list, as the last plan saw it. */
export async function flapsOf(
  run: Pick<RunContext, 'db' | 'region'>,
): Promise<ReadonlyMap<string, readonly Flap[]>> {
  const last = await lastReport(run.db, run.region.code);
  const found = new Map<string, Flap[]>();
  for (const flap of (last?.report as RunReport | undefined)?.flapping ?? [])
    found.set(flap.source, [...(found.get(flap.source) ?? []), flap]);
  return found;
}
