import { counted } from '../../domain/counted.js';
import type { EuropeanNetwork } from '../../domain/ern.js';
import type { Coverage, CoveredCentre } from '../../runs/coverage.js';
import type { RegionPlatform } from '../../runs/platforms.js';
import type { Figure } from './coverage-figure.js';

/** Who helps the region's centres: its platforms, each carrier with the legal entity that it certainly is. */
export function platformsFigure(platforms: readonly RegionPlatform[]): Figure {
  const all = platforms.flatMap(({ carriers }) => carriers);
  const doubtful = all.filter(({ ej }) => ej === null).length;
  const silent = platforms.filter(({ carriers }) => carriers.length === 0).length;
  const notes = [
    silent === 0 ? '' : ` ${counted(silent, 'n’a', 'n’ont')} pas de porteur connu de la liste.`,
    doubtful === 0
      ? ''
      : ` ${counted(doubtful, 'porteur n’est pas reconnu', 'porteurs ne sont pas reconnus')} avec certitude.`,
  ].join('');
  return {
    id: 'plateformes',
    title: 'Plateformes de la région',
    finding: `${counted(platforms.length, 'plateforme d’expertise ou de coordination couvre', 'plateformes d’expertise ou de coordination couvrent')} la région.${notes}`,
    chart: null,
    head: ['Plateforme', 'Type', 'Année', 'Porteur', 'FINESS EJ', 'Pourquoi'],
    rows: platforms.flatMap(({ name, kind, year, carriers }) => {
      const start = [name, kind, year === null ? 'non dite' : String(year)];
      if (carriers.length === 0) return [[...start, 'non connu', '', 'la liste n’en dit aucun']];
      return carriers.map((carrier) => [
        ...start,
        carrier.written,
        carrier.ej ?? 'à préciser',
        carrier.reason,
      ]);
    }),
    note: 'PEMR : plateforme d’expertise maladies rares ; PCOM : plateforme de coordination outre-mer. Les porteurs sont écrits comme dans la liste « pemr » ; filror ne relie un nom à une entité juridique de la région que s’il en est certain. Les filtres ne changent pas cette partie.',
  };
}

/** The European networks of the centres shown, by the filières that name them. */
export function networksFigure(
  { filieres }: Pick<Coverage, 'filieres'>,
  networks: readonly EuropeanNetwork[],
  centres: readonly CoveredCentre[],
): Figure {
  const codes = [...new Set(filieres.flatMap(({ erns }) => erns))].sort();
  const rows = codes.flatMap((code) => {
    const tied = filieres.filter(({ erns }) => erns.includes(code)).map((each) => each.code);
    const count = centres.filter(({ filiere }) => tied.includes(filiere)).length;
    const known = networks.find((each) => each.code === code);
    return count === 0 ? [] : [{ code, known, tied, count }];
  });
  const tiedFilieres = new Set(rows.flatMap(({ tied }) => tied));
  const outside = centres.filter(({ filiere }) => !tiedFilieres.has(filiere)).length;
  return {
    id: 'reseaux-europeens',
    title: 'Réseaux européens',
    finding: `Par leur filière, les centres relèvent de ${counted(rows.length, 'réseau européen de référence', 'réseaux européens de référence')}${outside === 0 ? '' : ` ; ${counted(outside, 'centre d’aucun', 'centres d’aucun')}`}.`,
    chart: null,
    head: ['Réseau', 'Nom', 'Domaine, en anglais', 'Filières', 'Centres'],
    rows: rows.map(({ code, known, tied, count }) => [
      code,
      known?.name ?? 'absent de la liste des réseaux',
      known === undefined ? '' : { text: known.domain, lang: 'en' },
      tied.join(', '),
      count,
    ]),
    note: 'Un centre est compté dans chaque réseau que nomme sa filière (listes « filieres » et « ern ») ; ce n’est pas une adhésion du centre au réseau.',
  };
}
