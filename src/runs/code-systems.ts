import { codeFiles, codeFileText } from '../config/code-files.js';
import type { FilrorConfig } from '../config/load.js';
import { replaceCodeFiles, refuseShipped } from '../config/replace-files.js';
import type { CodeSystemConfig } from '../config/schema/codes.js';
import { DataError } from '../domain/errors.js';
import { didYouMean } from '../domain/nearest.js';
import { frenchDay } from '../domain/time.js';
import { compareSystem, differs, valueSetUrl, type SystemDifference } from '../ror/terminology/compare.js';
import { readPlace } from '../ror/terminology/files.js';
import { nextConfig, refusals, refuseLosses } from '../ror/terminology/next.js';
import { askServer, isAddress, shownPlace } from '../ror/terminology/server.js';

export interface CodesAsked {
  /** File, folder, or base address of a terminology server. */
  readonly from: string;
  /** Short names; empty: every configured nomenclature that the place knows. */
  readonly systems: readonly string[];
  readonly at: Date;
}

/** What a place says of the configured nomenclatures, each as it would be once taken. */
export interface CodesCompared {
  /** The place, without secrets. */
  readonly from: string;
  readonly found: readonly {
    readonly difference: SystemDifference;
    readonly next: CodeSystemConfig;
    /** Why a pull would refuse it (French); none for one that it would take. */
    readonly refused: readonly string[];
  }[];
  /** Configured nomenclatures of which the place says nothing. */
  readonly absent: readonly SystemDifference[];
}

/**
 * Reads a place and compares it with `codes/*.yaml`. Nothing is written.
 * @throws DataError `CODES_SYSTEM`, `CODES_OTHER_SYSTEM`, and those of the place; HttpError
 */
export async function compareCodes(
  config: Pick<FilrorConfig, 'codes'>,
  { from, systems, at }: CodesAsked,
): Promise<CodesCompared> {
  const wanted = systems.length === 0 ? config.codes : systems.map((name) => systemNamed(config.codes, name));
  const today = at.toISOString().slice(0, 10);
  const stated = isAddress(from)
    ? await askServer(
        from,
        wanted.map(({ system, valueSet }) => ({ url: system, valueSetUrl: valueSetUrl(valueSet) })),
        today,
      )
    : await readPlace(from, today);
  const origin = shownPlace(from);
  const all = wanted.map((each) => ({ each, difference: compareSystem(each, stated, today) }));
  const absent = all.flatMap(({ difference }) => (difference.extent === 'absent' ? [difference] : []));
  if (systems.length > 0 ? absent.length > 0 : absent.length === all.length) {
    const others = [
      ...stated.systems.map(({ url }) => url),
      ...stated.subsets.map(({ valueSet }) => valueSet),
    ];
    throw otherSystem(origin, systems.length > 0 ? absent : [], [...new Set(others)]);
  }
  return {
    from: origin,
    found: all
      .filter(({ difference }) => difference.extent !== 'absent')
      .map(({ each, difference }) => ({
        difference,
        next: nextConfig(each, difference, sourceText(origin, difference, at)),
        refused: differs(difference) ? refusals(each, difference) : [],
      })),
    absent,
  };
}

export interface CodesPulled extends CodesCompared {
  /** Files written, or that a real pull would write: `codes/tre-r344.yaml`. */
  readonly files: readonly string[];
}

/**
 * Takes what a place says into `codes/*.yaml`: all the files or none. What says the same is not written again.
 * @throws RefusalError `CODES_SHIPPED`, `CODES_READ_ONLY`; DataError `CODES_LOSS` and those of `compareCodes`
 */
export async function pullCodes(
  config: FilrorConfig,
  asked: CodesAsked,
  how: { readonly mode: 'real' | 'dry'; readonly losses: 'refuse' | 'accept' },
): Promise<CodesPulled> {
  if (how.mode === 'real') await refuseShipped(config.folder);
  const compared = await compareCodes(config, asked);
  const changed = compared.found.filter(({ difference }) => differs(difference));
  if (how.losses === 'refuse')
    refuseLosses(
      changed.flatMap(({ refused }) => refused),
      compared.from,
    );
  const files = codeFiles(config);
  const texts = new Map<string, string>();
  for (const { next } of changed) {
    const file = files.get(next.name);
    if (file === undefined) throw new Error(`${next.name} is configured and stands in no file`);
    texts.set(file.file, codeFileText(file.text, next));
  }
  if (how.mode === 'real' && texts.size > 0)
    await replaceCodeFiles(config.folder, texts, { at: asked.at, from: compared.from });
  return { ...compared, files: [...texts.keys()].map((file) => `codes/${file}`) };
}

function sourceText(origin: string, { version }: SystemDifference, at: Date): string {
  const said = version.after === null ? '' : `, version ${version.after}`;
  return `${origin}${said}, lu le ${frenchDay(at.toISOString().slice(0, 10))}`;
}

/** `TRE_R344`, `tre-r344` or the nomenclature's address. @throws DataError `CODES_SYSTEM` */
function systemNamed(codes: readonly CodeSystemConfig[], written: string): CodeSystemConfig {
  const short = written.toUpperCase().replaceAll('-', '_');
  const found = codes.find(({ name, system }) => name === short || system === written);
  if (found !== undefined) return found;
  const names = codes.map(({ name }) => name);
  throw new DataError({
    code: 'CODES_SYSTEM',
    message: `« ${written} » n’est pas une nomenclature suivie${didYouMean(short, names)}`,
    place: '--system',
    remedy: `choisissez parmi : ${names.join(', ')}.`,
  });
}

/** At most so many addresses are listed in a message. */
const SHOWN = 5;

function otherSystem(from: string, named: readonly SystemDifference[], others: readonly string[]): DataError {
  const which =
    named.length === 0
      ? 'aucune des nomenclatures suivies'
      : named
          .map(
            ({ name, system, notes }) => `${name} (${system}${notes.map((note) => ` ; ${note}`).join('')})`,
          )
          .join(', ');
  const there =
    others.length === 0
      ? ''
      : ` On y trouve : ${others.slice(0, SHOWN).join(', ')}${others.length > SHOWN ? `, et ${String(others.length - SHOWN)} autres` : ''}.`;
  return new DataError({
    code: 'CODES_OTHER_SYSTEM',
    message: `« ${from} » ne donne pas ${which}.${there}`,
    place: from,
    remedy:
      'donnez la nomenclature dont l’adresse (url) est celle de codes/*.yaml (system), ou un autre lieu ; rien n’a été écrit.',
  });
}
