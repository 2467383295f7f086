import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { placeOf, type FilrorConfig } from '../config/load.js';
import { locatorText } from '../domain/locator.js';
import type { RowOutcome } from '../domain/rows.js';
import { readAll, type Source } from '../sources/contract.js';

/** Rows kept of the lists of one reader that are files here, of every region. A list that lives elsewhere is not fetched. */
export async function valuesOf<T>(
  config: FilrorConfig,
  reader: string,
  source: () => Source<T>,
): Promise<readonly T[]> {
  const outcomes = await outcomesOf(config, reader, source);
  return outcomes.flatMap((outcome) => (outcome.kind === 'row' ? [outcome.value] : []));
}

/** Rows set aside of the same, each as a sentence with its place. */
export async function asideOf<T>(
  config: FilrorConfig,
  reader: string,
  source: () => Source<T>,
): Promise<readonly string[]> {
  const outcomes = await outcomesOf(config, reader, source);
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'aside' ? [`${locatorText(outcome.locator)} : ${outcome.message}`] : [],
  );
}

async function outcomesOf<T>(
  config: FilrorConfig,
  reader: string,
  source: () => Source<T>,
): Promise<readonly RowOutcome<T>[]> {
  const places = new Set(
    Object.values(config.sources)
      .filter((each) => each.reader === reader)
      .flatMap((each) => [...config.regions.keys()].map((region) => placeOf(config, each, region))),
  );
  const found: RowOutcome<T>[] = [];
  for (const place of places) {
    if (typeof place !== 'string' || !existsSync(place) || !statSync(place).isFile()) continue;
    const bytes = (): AsyncIterable<Uint8Array> => createReadStream(place);
    found.push(...(await readAll(source(), { fileName: basename(place), bytes })));
  }
  return found;
}
