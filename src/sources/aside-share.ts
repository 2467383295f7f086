import { SourceError } from '../domain/errors.js';
import type { SourceInput } from './contract.js';

/** Rows that one delivery may set aside: what they name is held as it was, hence in memory. */
const MOST_ASIDE = 100_000;
/** From so many rows on, a delivery most of which is set aside is another file, or a broken one. */
const MANY_ROWS = 1_000;

/**
 * Counts the rows of a large flow while it streams, and refuses the file when what is set aside makes no sense. The two
 * answers do not depend on the order of the rows.
 */
export class AsideShare {
  #rows = 0;
  #aside = 0;

  constructor(private readonly input: SourceInput) {}

  /** @throws SourceError `SRC_MOSTLY_ASIDE` */
  add(aside: boolean): void {
    this.#rows++;
    if (!aside) return;
    this.#aside++;
    if (this.#aside > MOST_ASIDE)
      throw this.#fault(
        `Plus de ${String(MOST_ASIDE)} éléments seraient mis de côté : la lecture est arrêtée.`,
      );
  }

  /** At the end of the file. @throws SourceError `SRC_MOSTLY_ASIDE` */
  end(): void {
    if (this.#rows >= MANY_ROWS && this.#aside * 2 > this.#rows)
      throw this.#fault(
        `${String(this.#aside)} éléments sur ${String(this.#rows)} seraient mis de côté, plus de la moitié.`,
      );
  }

  #fault(message: string): SourceError {
    return new SourceError({
      code: 'SRC_MOSTLY_ASIDE',
      message: `${message} Rien n’est pris de ce fichier.`,
      place: this.input.fileName,
      remedy:
        'vérifiez que c’est bien le fichier de cette source, et qu’il est entier ; au terminal, « filror source check NOM --file FICHIER » dit les premiers défauts.',
    });
  }
}
