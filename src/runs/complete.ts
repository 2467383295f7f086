import { PUBLICS } from '../domain/centre.js';
import { DataError } from '../domain/errors.js';
import type { Establishment } from '../domain/establishment.js';
import { keptText } from '../domain/plain-words.js';
import { finessFault } from '../domain/finess.js';
import { fold } from '../normalise/text.js';
import { establishmentsFor } from '../db/establishments.js';
import { currentDeliveries } from '../db/deliveries.js';
import type { CodeBook } from '../ror/codes.js';
import type { RunContext } from './context.js';
import { registerOf } from './register.js';

/** One `field=value` of the command line, checked. */
export interface CheckedCompletion {
  readonly field: string;
  readonly value: unknown;
}

/** What the last plan says of the centre that is completed. */
export interface CompletedCentre {
  /** Legal entity that its hospital was found to be; null while that is a question. */
  readonly ej: string | null;
  /** FINESS numbers that the change offers to choose from. */
  readonly candidates: readonly string[];
}

/** French names of the fields that a person may complete, with what is expected. */
export const COMPLETABLE: Readonly<Record<string, { readonly field: string; readonly expects: string }>> = {
  public: { field: 'public', expects: `l’un de : ${PUBLICS.join(', ')}` },
  site: { field: 'site', expects: 'un numéro FINESS d’établissement géographique (9 caractères)' },
  etablissement: {
    field: 'establishment',
    expects: 'un numéro FINESS d’établissement géographique (9 caractères)',
  },
  'champ-activite': { field: 'activityField', expects: 'un code TRE_R227, par exemple 01 (MCO) ou 03 (PSY)' },
  familles: {
    field: 'families',
    expects: 'un ou plusieurs codes TRE_R245 séparés par des virgules, par exemple 49',
  },
  campagne: { field: 'label', expects: 'l’année de la campagne attestée, avec --proof' },
  preuve: { field: 'proof', expects: 'ce qui prouve le retrait : acte, date, page' },
};

/**
 * Checks one completion against codes and register: nothing wrong is recorded.
 * @throws DataError `COMPLETE_FIELD`, `COMPLETE_VALUE`, `TEXT_PERSONAL`
 */
export async function checkCompletion(
  context: RunContext,
  codes: CodeBook,
  text: string,
  centre: CompletedCentre,
): Promise<CheckedCompletion> {
  const cut = text.indexOf('=');
  const name = fold(cut < 0 ? text : text.slice(0, cut)).replaceAll(' ', '-');
  const known = COMPLETABLE[name];
  const value = cut < 0 ? '' : text.slice(cut + 1).trim();
  if (cut < 0 || known === undefined) {
    throw new DataError({
      code: 'COMPLETE_FIELD',
      message: `« ${text} » : champ inconnu.`,
      remedy: `écrivez CHAMP=VALEUR avec l’un de ces champs : ${Object.keys(COMPLETABLE).join(', ')}.`,
    });
  }
  const refuse = (why: string): DataError =>
    new DataError({
      code: 'COMPLETE_VALUE',
      message: `${name} : « ${value} » ${why}.`,
      remedy: `donnez ${known.expects}.`,
    });
  if (value === '') throw refuse('est vide');
  switch (known.field) {
    case 'public': {
      const found = PUBLICS.find((each) => fold(each) === fold(value));
      if (found === undefined) throw refuse('n’est pas un public connu');
      return { field: 'public', value: found };
    }
    case 'site':
    case 'establishment': {
      const fault = finessFault(value);
      if (fault !== null)
        throw refuse(fault === 'shape' ? 'n’a pas la forme d’un numéro FINESS' : 'a une clé fausse');
      const site = await siteOf(context, value);
      if (site === null) throw refuse('n’est pas un site connu du FINESS');
      if (!context.region.departements.includes(site.departement)) {
        throw refuse(
          `est ${site.name} (${site.town}, département ${site.departement}), hors de la région ${context.region.name} : l’offre relève de cette autre région`,
        );
      }
      if (known.field === 'site' && site.ej !== centre.ej && !centre.candidates.includes(value)) {
        throw refuse(
          `est ${site.name} (${site.town}), un site d’un autre hôpital ; si c’est bien l’établissement du centre, écrivez etablissement=${value}. Sinon`,
        );
      }
      return { field: known.field, value };
    }
    case 'activityField': {
      if (codes.find('TRE_R227', value)?.status !== 'active')
        throw refuse('n’est pas un code actif de TRE_R227');
      return { field: known.field, value };
    }
    case 'families': {
      const list = value.split(/[,; ]+/).filter((each) => each !== '');
      for (const each of list) {
        if (codes.find('TRE_R245', each)?.status !== 'active')
          throw refuse(`: ${each} n’est pas un code actif de TRE_R245`);
      }
      return { field: known.field, value: [...new Set(list)].sort() };
    }
    case 'label': {
      const year = Number(value);
      const { currentCampaign } = context.config.review;
      if (!Number.isInteger(year) || year < 2004) throw refuse('n’est pas une année');
      if (year > currentCampaign) throw refuse(`vient après la dernière campagne, ${currentCampaign}`);
      return { field: known.field, value: year };
    }
    default:
      return { field: known.field, value: keptText(value, name, known.expects) };
  }
}

async function siteOf(context: RunContext, eg: string): Promise<Establishment | null> {
  const deliveries = await currentDeliveries(context.db, context.region.code);
  const register = registerOf(context.config, deliveries);
  if (register === undefined) return null;
  const found = await establishmentsFor(context.db, context.region.code, register.no, {
    aggregatePrefixes: [],
    numbers: [eg],
  });
  return found.find((establishment) => establishment.eg === eg) ?? null;
}
