import type { Answer } from '../db/answers.js';
import type { FormerLink } from '../db/centres.js';
import type { Provenance, Reason } from '../domain/change.js';
import type { CentreId } from '../domain/ids.js';
import type { Alert } from './alerts.js';
import type { ReadyCentre } from './centre-facts.js';
import type { Material } from './material.js';

/**
 * A centre that left its offer and comes back (rule 3, issue 2 part 8): labelled again, or opened again. It is proposed
 * with a reason, a proof and a date, and never because a list is old: either a person declares it, or a list that was
 * read after the departure says it, when no person had declared that departure.
 */

/** The last thing that a person told of the centre's standing, with its proof and its date. */
export function lastDeclared(centre: CentreId, { answers }: Pick<Material, 'answers'>): Answer | undefined {
  return answers.findLast(
    ({ kind, subject }) =>
      (kind === 'withdraw' || kind === 'close' || kind === 'reopen') && subject === centre,
  );
}

/** The offer that the centre left last; null while it stands on one, or when it never left any. */
export function formerLinkOf(centre: CentreId, material: Material): FormerLink | null {
  if (material.links.some((link) => link.centre === centre)) return null;
  return material.former.findLast((each) => each.centre === centre) ?? null;
}

/** Why it is proposed again; blocking when nothing newer than its departure says so. */
export function comebackReasons({ centre }: ReadyCentre, material: Material): Reason[] {
  const left = formerLinkOf(centre.id, material);
  if (left === null) return [];
  const declared = lastDeclared(centre.id, material);
  if (declared?.kind === 'reopen') {
    const { date, proof } = declared.body;
    return [note(`Retour déclaré au ${String(date)}, preuve : ${String(proof)}.`)];
  }
  const newest = newestRow(centre.observations);
  const day = dayOf(left.leftAt);
  if (newest.date >= day) {
    return [
      note(`De nouveau dans la liste « ${newest.source} » du ${newest.date}, après le retrait du ${day}.`),
    ];
  }
  return [
    {
      code: 'proof',
      blocking: true,
      field: 'proof',
      message: `La liste « ${newest.source} » du ${newest.date} est antérieure au retrait du ${day} : elle ne prouve aucun retour. Déclarez-le avec sa preuve (page « Déclarer » ; au terminal : filror reopen ${centre.id}).`,
    },
  ];
}

/** What the removal of a closure rests on: the person who declared the return. */
export function comebackProvenance(centre: CentreId, material: Material): Provenance[] {
  const declared = lastDeclared(centre, material);
  if (formerLinkOf(centre, material) === null || declared?.kind !== 'reopen') return [];
  return [{ kind: 'decision', origin: declared.author, date: dayOf(declared.at) }];
}

/** A list says again what people declared gone: told, and proposed only once a person declares the return. */
export function relistedAlerts(material: Material, centres: ReadonlyMap<CentreId, ReadyCentre>): Alert[] {
  return [...centres.values()].flatMap(({ centre }): Alert[] => {
    const declared = lastDeclared(centre.id, material);
    if (declared === undefined || declared.kind === 'reopen') return [];
    const newest = newestRow(centre.observations);
    if (formerLinkOf(centre.id, material) === null || newest.date <= dayOf(declared.at)) return [];
    const what = declared.kind === 'close' ? 'sa fermeture' : 'son retrait';
    return [
      {
        code: 'RELISTED',
        message: `Le centre « ${centre.title} » est dans la liste « ${newest.source} » du ${newest.date}, alors que ${what} a été déclaré(e) le ${dayOf(declared.at)} : rien n’est proposé.`,
        remedy: `s’il est de nouveau labellisé ou rouvert, déclarez-le avec sa preuve et sa date (page « Déclarer » ; au terminal : filror reopen ${centre.id} --proof "…" --date AAAA-MM-JJ).`,
      },
    ];
  });
}

function newestRow(rows: ReadyCentre['centre']['observations']): { source: string; date: string } {
  const [first, ...others] = rows;
  if (first === undefined) throw new Error('a centre without observation');
  return others.reduce((newest, each) => (each.date > newest.date ? each : newest), first);
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const note = (message: string): Reason => ({ code: 'note', blocking: false, message });
