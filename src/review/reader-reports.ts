import { endReaderReport, readerReport, type ReportEnd } from '../db/reader-reports.js';
import type { Actor } from '../db/people.js';
import { inTransaction, type Db } from '../db/types.js';
import { DataError, RefusalError } from '../domain/errors.js';
import { keptText } from '../domain/plain-words.js';
import { append } from '../journal/append.js';

/**
 * Ends a report of a reader: corrected (declared here, or mended by the hospital), or refused with the reason that the
 * reader is told. @throws DataError `REPORT_UNKNOWN`, `TEXT_EMPTY`, `TEXT_PERSONAL`; RefusalError `REPORT_ENDED`
 */
export async function endReport(
  db: Db,
  given: {
    readonly region: string;
    readonly id: string;
    readonly person: Actor;
    readonly outcome: ReportEnd['outcome'];
    readonly reason: string;
    readonly at: Date;
  },
): Promise<void> {
  const { region, id, person, outcome, at } = given;
  const reason = keptText(given.reason, 'motif', 'ce qui a été fait, ou pourquoi rien ne change');
  await inTransaction(db, async (trx) => {
    const known = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
    const report = known ? await readerReport(trx, region, { id }) : null;
    if (report === null)
      throw new DataError({
        code: 'REPORT_UNKNOWN',
        message: 'Ce signalement n’existe pas dans cette région.',
        remedy: 'revenez à la page « Signalements ».',
      });
    if (!(await endReaderReport(trx, region, report.no, { at, person: person.id, outcome, reason })))
      throw new RefusalError({
        code: 'REPORT_ENDED',
        message: 'Quelqu’un a déjà répondu à ce signalement.',
        remedy: 'rechargez la page « Signalements » pour lire sa réponse.',
      });
    await append(trx, {
      region,
      kind: 'reader.answered',
      subject: `report:${report.no}`,
      actor: person.id,
      body: { report: report.no, outcome, reason },
    });
  });
}
