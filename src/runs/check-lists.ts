import type { FilrorConfig } from '../config/load.js';
import { ernSource } from '../sources/ern/index.js';
import { filieresSource } from '../sources/filieres/index.js';
import { pemrSource } from '../sources/pemr/index.js';
import { asideOf, valuesOf } from './configured-lists.js';

/**
 * The reference lists that are files here, against one another: rows set aside, a European network that a filière names
 * and no list describes, a tie that only one of the two lists tells. A list that is not configured is not compared.
 * @returns sentences in French, none when all agree
 */
export async function checkLists(config: FilrorConfig): Promise<readonly string[]> {
  const filieres = await valuesOf(config, 'filieres', () => filieresSource());
  const erns = await valuesOf(config, 'ern', () => ernSource(filieres));
  const aside = [
    ...(await asideOf(config, 'ern', () => ernSource(filieres))),
    ...(await asideOf(config, 'pemr', () => pemrSource())),
  ];
  if (erns.length === 0 || filieres.length === 0) return aside;
  const networks = new Map(erns.map((ern) => [ern.code, new Set(ern.filieres)]));
  const unknown: string[] = [];
  const untold: string[] = [];
  for (const { code, erns: named } of filieres) {
    for (const ern of named) {
      const tied = networks.get(ern);
      if (tied === undefined)
        unknown.push(`filieres.csv, ${code} : le réseau européen « ${ern} » n’est pas dans la liste ern.`);
      else if (!tied.has(code))
        untold.push(`ern.csv, ${ern} : la filière ${code} dit ce réseau, qui ne la cite pas.`);
    }
  }
  const namedBy = new Map(filieres.map(({ code, erns: named }) => [code, new Set(named)]));
  const oneSided = erns.flatMap(({ code, filieres: tied }) =>
    tied
      .filter((filiere) => namedBy.get(filiere)?.has(code) === false)
      .map(
        (filiere) => `filieres.csv, ${filiere} : le réseau ${code} cite cette filière, qui ne le dit pas.`,
      ),
  );
  return [...aside, ...unknown, ...untold, ...oneSided];
}
