import { consolidate, type ConsolidatedCentre } from '../consolidate/centre.js';
import { samePlaceBy } from '../consolidate/identity.js';
import type { Establishment } from '../domain/establishment.js';
import type { Reason } from '../domain/change.js';
import { FIELD_WORDS } from '../domain/field-words.js';
import type { FinessEg, RegionCode } from '../domain/ids.js';
import type { CentreContact, CentreFacts } from '../domain/offer.js';
import type { Filiere } from '../domain/filiere.js';
import type { ChangeAuthor } from '../db/changes.js';
import { contradictionReasons } from './abroad.js';
import { disagreementText } from './explain.js';
import { completionsOf, type Material } from './material.js';
import type { Place, Places } from './places.js';
import type { PlacedSighting } from './sightings.js';
import type { CentreId } from '../domain/ids.js';

/** A centre ready to be encoded, with what holds it back and who gave its values. */
export interface ReadyCentre {
  readonly centre: ConsolidatedCentre;
  readonly facts: CentreFacts;
  readonly place: Place;
  readonly ej: string | null;
  /** Reasons that do not depend on attaching or creating. */
  readonly reasons: readonly Reason[];
  readonly authors: readonly ChangeAuthor[];
}

/** Design step 6 for one centre: sources merged, completions applied, hospital and site settled or asked. */
export function readyCentre(
  id: CentreId,
  sightings: readonly PlacedSighting[],
  material: Material,
  places: Places,
): ReadyCentre {
  const found = new Map(sightings.map(({ ref, place }) => [ref, place]));
  const centre = consolidate(
    id,
    sightings.map((sighting) => sighting.ref),
    completionsOf(material, id),
    samePlaceBy((ref) => found.get(ref)),
  );
  const best = sightings.find((sighting) => sighting.ref === centre.placed) ?? sightings[0];
  if (best === undefined) throw new Error(`centre ${id} without sighting`);
  const completed = (field: Parameters<typeof centre.completions.get>[0]): unknown =>
    centre.completions.get(field)?.value;
  const chosenSite = (completed('site') ?? completed('establishment')) as string | undefined;
  const site = places.establishment(chosenSite ?? best.found.eg);
  const ej = site?.ej ?? best.found.ej;
  const facts: CentreFacts = {
    id,
    region: material.region.code as RegionCode,
    title: centre.title,
    network: centre.network,
    filiere: filiereOf(material.filieres, centre.filiere),
    label: centre.label,
    eg: (site?.eg ?? null) as FinessEg | null,
    egCategory: site?.category ?? null,
    public: centre.public,
    activityField: (completed('activityField') as string | undefined) ?? null,
    families: (completed('families') as readonly string[] | undefined) ?? null,
    specificActs: centre.specificActs,
    contacts: (completed('contacts') as readonly CentreContact[] | undefined) ?? [],
  };
  return {
    centre,
    facts,
    place: best.found,
    ej,
    reasons: [
      ...labelReasons(centre, material),
      ...barredReasons(centre),
      ...(site === null ? placeReasons(best.found, ej, places) : abroadReasons(site, material)),
      ...contradictionReasons(
        centre.observations.map((ref) => ref.observation),
        material.region,
      ),
      ...numberReasons(best.found),
      ...flagReasons(centre, material),
    ],
    authors: authorsOf(centre, best.found),
  };
}

function filiereOf(filieres: readonly Filiere[], code: string): Filiere {
  return filieres.find((filiere) => filiere.code === code) ?? { code, title: code, spellings: [], erns: [] };
}

function labelReasons(centre: ConsolidatedCentre, material: Material): Reason[] {
  const current = material.config.review.currentCampaign;
  if (centre.label.campaign === current) return [];
  return [
    {
      code: 'labelToReconfirm',
      blocking: true,
      field: 'label',
      message: `Label à reconfirmer : preuve ${current} demandée (${whatIsSaid(centre)}).`,
    },
  ];
}

/** What no centre goes without, said by none but sources that are configured never to give it. */
function barredReasons({ explanations }: ConsolidatedCentre): Reason[] {
  return explanations
    .filter(({ because, field, kept }) => because === 'barred' && kept !== null && field !== 'establishment')
    .map(({ field, kept }) => ({
      code: 'missing',
      blocking: true,
      field,
      message: `${FIELD_WORDS[field]} : seule « ${kept?.source ?? ''} » le dit, et elle est configurée pour ne jamais le donner (sources.yaml, ${kept?.source ?? ''}.fields.${field}). Faites-le dire par une autre liste, ou donnez-lui un rang.`,
    }));
}

/** The hospital comes from a person, the number of the row is another's: told as long as the list keeps it. */
function numberReasons({ result }: Place): Reason[] {
  if (result.refusal === null) return [];
  const { code, message } = result.refusal;
  return [{ code: 'note', blocking: false, field: 'establishment', message: `${code} : ${message}` }];
}

function whatIsSaid({ label, completions }: ConsolidatedCentre): string {
  return completions.has('label')
    ? `la preuve donnée atteste la campagne ${label.campaignText}`
    : `la source écrit « ${label.campaignText || 'sans date'} »`;
}

/** A site of another region is that region's to write (design step 5), even when a person chose it. */
function abroadReasons(site: Establishment, { region }: Material): Reason[] {
  if (region.departements.includes(site.departement)) return [];
  return [
    {
      code: 'establishment',
      blocking: true,
      field: 'establishment',
      message: `Le site ${site.eg}, ${site.name} (${site.town}, département ${site.departement}), est hors de la région ${region.name} : choisissez un site de la région, ou transmettez le centre à l’autre.`,
    },
  ];
}

function placeReasons(place: Place, ej: string | null, places: Places): Reason[] {
  if (ej === null && place.result.outcome === 'review') {
    return [
      {
        code: 'establishment',
        blocking: true,
        field: 'establishment',
        message: `Établissement à choisir : ${place.result.reason}`,
        candidates: place.result.candidates.map((candidate) => ({
          value: candidate.eg ?? candidate.ej,
          label: `${candidate.name}, ${candidate.town} (score ${candidate.score.toFixed(2)})`,
        })),
      },
    ];
  }
  if (ej === null) {
    return [
      {
        code: 'missing',
        blocking: true,
        field: 'establishment',
        message: 'Établissement introuvable dans FINESS : indiquez le numéro FINESS du site.',
      },
    ];
  }
  const sites =
    place.result.best?.ej === ej && place.result.sites.length > 0
      ? place.result.sites
      : places.sitesOf(ej).map((site) => ({ eg: site.eg, name: site.name, town: site.town }));
  return [
    {
      code: 'missing',
      blocking: true,
      field: 'site',
      message: 'Site à choisir : l’hôpital a plusieurs sites et la liste n’en nomme aucun.',
      candidates: sites.map((site) => ({ value: site.eg, label: `${site.name}, ${site.town}` })),
    },
  ];
}

function flagReasons(centre: ConsolidatedCentre, material: Material): Reason[] {
  const flags = material.flags
    .filter((flag) => centre.observations.some((ref) => ref.key === flag.key))
    .map((flag): Reason => ({
      code: flag.code === 'R4' ? 'oneCentreTwoSites' : 'note',
      blocking: false,
      message: flag.message,
    }));
  const notes = centre.explanations.flatMap((explanation): Reason[] => {
    const message = disagreementText(explanation);
    return message === null ? [] : [{ code: 'note', blocking: false, field: explanation.field, message }];
  });
  return [...flags, ...notes];
}

function authorsOf(centre: ConsolidatedCentre, place: Place): ChangeAuthor[] {
  const authors: ChangeAuthor[] = [];
  for (const ref of centre.observations) {
    const held = [...(ref.said?.values() ?? [])].map((said) => said.held?.importedBy ?? null);
    for (const person of new Set([ref.importedBy, ...held]))
      if (person !== null) authors.push({ person, why: 'import' });
  }
  for (const completion of centre.completions.values()) {
    const why = completion.field === 'site' || completion.field === 'establishment' ? 'site' : 'completion';
    authors.push({ person: completion.author, why });
  }
  if (place.decidedBy !== null) authors.push({ person: place.decidedBy, why: 'match' });
  return authors;
}
