/** A synthetic labelling order, and the lines that a reader must find in it. */
export interface OrderSpec {
  readonly filieres: readonly {
    /** As the order writes it above the table. */
    readonly heading: string;
    readonly code: string;
    readonly centres: readonly {
      readonly title: string;
      readonly sites: readonly SiteSpec[];
    }[];
  }[];
}

export interface SiteSpec {
  readonly head: string;
  readonly hospital: string;
  readonly label: string;
}

export interface ExpectedLine extends SiteSpec {
  readonly filiere: string;
  readonly title: string;
}

/** One line a site, in the order of the document; the name of the centre holds for all its sites. */
export function expectedLines(spec: OrderSpec): ExpectedLine[] {
  return spec.filieres.flatMap(({ code, centres }) =>
    centres.flatMap(({ title, sites }) => sites.map((site) => ({ filiere: code, title, ...site }))),
  );
}

export const HEADERS = [
  'Intitulé du centre',
  'Nom du responsable du site',
  'Établissement de rattachement',
  'Label',
] as const;

/** How a producer sets the same order. */
export interface OrderLayout {
  /** Points. */
  readonly fontSize: number;
  readonly padding: number;
  /** Widths of the four columns, in points. */
  readonly widths: readonly [number, number, number, number];
  readonly align: 'top' | 'middle';
  readonly rules: boolean;
  readonly landscape: boolean;
  /** Headers on each page, or on the first one of each filière. */
  readonly repeatHeaders: boolean;
  readonly running: boolean;
}

export const PLAIN: OrderLayout = {
  fontSize: 9,
  padding: 4,
  widths: [165, 110, 140, 85],
  align: 'top',
  rules: true,
  landscape: false,
  repeatHeaders: true,
  running: true,
};

/** Text that stands before the tables, as in an order. */
export const ARTICLES = [
  'Arrêté d’essai du 26 décembre 2023 portant labellisation des réseaux des centres de référence',
  'Article 1er – Sont labellisés pour une durée de cinq ans les centres d’essai listés en annexe.',
  'Article 2 – Le présent arrêté d’essai est publié au Bulletin officiel d’essai.',
] as const;

export const RUNNING_HEAD = 'BO d’essai Santé – Protection sociale n° 2023/24 du 29 décembre 2023';

/** A small order with everything that tables do: names over several lines, sites over several pages. */
export function orderSpec(sites = 60): OrderSpec {
  let [centre, site] = [0, 0];
  const labels = ['Coordonnateur', 'Constitutif', 'Compétence'] as const;
  const codes = [
    ['Filière FIMARAD – Maladies rares en dermatologie', 'FIMARAD'],
    ['Filière de santé maladies rares OSCAR', 'OSCAR'],
    ['FILNEMUS', 'FILNEMUS'],
  ] as const;
  return {
    filieres: codes.map(([heading, code], at) => {
      const centres = [];
      const wanted = Math.round((sites * (at + 1)) / codes.length);
      while (site < wanted) {
        centre++;
        const size = Math.min(1 + ((centre * 7) % 5), wanted - site);
        centres.push({
          title: `Centre d’essai ${String(centre)}${['', ' des affections rares d’essai', ' des maladies osseuses constitutionnelles d’essai et de leurs formes difficiles'][centre % 3] ?? ''}`,
          sites: Array.from({ length: size }, (_, i) => {
            site++;
            return {
              head: `${['Pr', 'Dr'][site % 2] ?? ''} Personne d’essai ${String(site)}`,
              hospital: `Hôpital d’essai ${String(site)}${['', ' – site de Saint-Essai', ' du Centre hospitalier intercommunal d’essai'][site % 3] ?? ''}`,
              label: labels[i === 0 ? 0 : 1 + (site % 2)] ?? '',
            };
          }),
        });
      }
      return { heading, code, centres };
    }),
  };
}
